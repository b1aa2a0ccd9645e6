#include "app/kept_settings.h"

#include <QCoreApplication>
#include <QHash>
#include <QSettings>
#include <QThreadPool>
#include <mutex>
#include <utility>

namespace selfsight {
namespace {

struct Unwritten {
  std::mutex mutex;
  QHash<QString, QVariant> waiting, under_way;
  QThreadPool writer;

  Unwritten() {
    writer.setMaxThreadCount(1);
    qAddPostRoutine(KeptSettings::finish);  // QSettings does not outlive the application
  }
};

Unwritten& unwritten() {
  static Unwritten values;
  return values;
}

/// All that waits by then, at one go.
void write_waiting() {
  Unwritten& values = unwritten();
  QHash<QString, QVariant> now;
  {
    const std::lock_guard lock(values.mutex);
    now = values.under_way = std::exchange(values.waiting, {});
  }
  if (now.isEmpty()) return;
  {
    QSettings file;
    for (auto it = now.cbegin(); it != now.cend(); ++it) file.setValue(it.key(), it.value());
  }
  const std::lock_guard lock(values.mutex);
  values.under_way.clear();
}

}  // namespace

QVariant KeptSettings::value(const QString& key, const QVariant& otherwise) const {
  Unwritten& values = unwritten();
  {
    const std::lock_guard lock(values.mutex);
    for (const auto* set : {&values.waiting, &values.under_way})
      if (const auto found = set->find(key); found != set->end()) return found.value();
  }
  return QSettings().value(key, otherwise);
}

void KeptSettings::setValue(const QString& key, const QVariant& value) {
  Unwritten& values = unwritten();
  {
    const std::lock_guard lock(values.mutex);
    values.waiting.insert(key, value);
  }
  values.writer.start(write_waiting);
}

void KeptSettings::finish() {
  Unwritten& values = unwritten();
  values.writer.waitForDone();
  // The thread sanitizer does not see that wait; what the writer has done is before this for it
  // too.
  const std::lock_guard lock(values.mutex);
}

}  // namespace selfsight
