// The program in which nothing that goes wrong in a slot takes the window with it.
#pragma once

#include <QApplication>

namespace selfsight {

/// Qt lets an exception from a slot end the program. Here what an event throws is told, and the
/// next event comes: a store that cannot be written costs a sentence and not the day's work.
class Application : public QApplication {
  Q_OBJECT
 public:
  using QApplication::QApplication;
  bool notify(QObject* receiver, QEvent* event) override;

 Q_SIGNALS:
  void went_wrong(const QString& sentence);  // unheard, the exception goes on

 private:
  void tell(const QString& sentence);
};

}  // namespace selfsight
