// One row of a form: an option's word, its editor, and a way back to the default.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/spec/field.h"

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace selfsight {

class FieldRow : public QWidget {
  Q_OBJECT
 public:
  /// `off`: see SliderRow::Range. `indented` rows leave the room of other rows' switches.
  FieldRow(const Field& field, std::optional<double> off, bool indented, QWidget* parent);

  const Field& field() const { return field_; }
  void set_value(const Value& value);  // says nothing

 Q_SIGNALS:
  void value_changed(const selfsight::Value& value);
  void help_wanted();

 protected:
  void enterEvent(QEnterEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void add_switch();
  void add_choice();
  void add_spin_box();
  void add_slider(std::optional<double> off);
  void add_text();
  void put(QWidget* editor);
  void take(const Value& value);
  void take_text(const QString& text);
  void show_reset();
  void show_unit();

  Field field_;
  Value value_;
  QHBoxLayout* row_;
  QLabel* label_;
  QLabel* wrong_;
  QToolButton* reset_;
  QWidget* editor_ = nullptr;
  std::function<void(const Value&)> show_value_;
  std::function<void(const QString&)> put_unit_;  // of those that have one
};

}  // namespace selfsight
