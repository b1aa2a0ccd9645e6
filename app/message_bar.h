// A sentence about what went wrong, or what was done, in place, until it is dismissed.
#pragma once

#include <QFrame>
#include <functional>

#include "widgets/controls.h"

class QHBoxLayout;
class QLabel;

namespace selfsight {

class MessageBar : public QFrame {
  Q_OBJECT
 public:
  explicit MessageBar(QWidget* parent = nullptr);

  struct Action {
    QString text, name;
    std::function<void()> act;  // the bar closes by itself
  };
  void tell(const QString& message, const QList<Action>& actions = {}, Mood mood = Mood::bad);
  QString message() const;

 private:
  QLabel* text_;
  QHBoxLayout* actions_;
};

}  // namespace selfsight
