// Which method: a list under the headings of their families.
#pragma once

#include <QComboBox>

namespace selfsight {

class MethodChoice : public QComboBox {
  Q_OBJECT
 public:
  explicit MethodChoice(const QString& name, QWidget* parent = nullptr);
  QString current() const { return currentData().toString(); }
  void set_current(const QString& method);  // says nothing

 Q_SIGNALS:
  void chosen(const QString& method);  // by the person
};

}  // namespace selfsight
