// A form made from a schema: one row per option, the right editor by type, range and choices.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/spec/settings.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace selfsight {

class FieldRow;

class SpecForm : public QWidget {
  Q_OBJECT
 public:
  /// Which options belong into this form.
  using Wanted = std::function<bool(const Field&)>;
  /// The value at which a slider's switch is off; empty: no switch.
  using OffValue = std::function<std::optional<double>(const Field&)>;

  explicit SpecForm(QWidget* parent = nullptr);

  void set_wanted(Wanted wanted) { wanted_ = std::move(wanted); }
  void set_off_value(OffValue off_value) { off_value_ = std::move(off_value); }

  /// Shows these values; rows are made anew only if the options are others. Says nothing.
  void show_settings(const Settings& settings);

 Q_SIGNALS:
  /// By the person; the value fits its field.
  void value_changed(const QString& key, const selfsight::Value& value);
  /// The row under the mouse or with the focus, for a help card.
  void help_wanted(const QString& title, const QString& help);

 private:
  void rebuild(const Schema& schema);
  FieldRow* make_row(const Field& field, bool switches);

  Wanted wanted_;
  OffValue off_value_;
  QVBoxLayout* rows_layout_;
  QPushButton* more_;
  QWidget* advanced_;
  QVBoxLayout* advanced_layout_;
  QList<FieldRow*> rows_;
};

}  // namespace selfsight
