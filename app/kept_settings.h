// What the window remembers, in QSettings.
#pragma once

#include <QString>
#include <QVariant>

namespace selfsight {

/// QSettings waits for the disk at every write, and the window with it. Here a thread of its own
/// writes; what was set is read back at once. For the window's thread.
class KeptSettings {
 public:
  QVariant value(const QString& key, const QVariant& otherwise = {}) const;
  void setValue(const QString& key, const QVariant& value);
  /// Waits until all is written, as the application itself does at its end.
  static void finish();
};

}  // namespace selfsight
