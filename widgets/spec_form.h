// A form made from a schema: one row per option, the right editor by type, range and choices.
// Options of one prefix stand together, under a heading if there is more than one prefix; those
// that do not matter, given the others, are hidden.
#pragma once

#include <QSet>
#include <QWidget>
#include <functional>
#include <optional>

#include "core/spec/settings.h"

class QHBoxLayout;
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
  /// Groups are dealt to so many columns, each to the shortest; 1 unless told.
  void set_columns(int columns);

  /// Shows these values; rows are made anew only if the options are others. Says nothing.
  void show_settings(const Settings& settings);

 Q_SIGNALS:
  /// By the person; the value fits its field.
  void value_changed(const QString& key, const selfsight::Value& value);
  /// The row under the mouse or with the focus, for a help card; see field_help().
  void help_wanted(const QString& title, const QString& help);

 private:
  void rebuild(const Schema& schema);
  QWidget* make_group(const std::string& prefix, const Schema& fields, bool headed, bool switches);
  FieldRow* make_row(const Field& field, bool switches, QWidget* parent);
  void show_rows();

  Wanted wanted_;
  OffValue off_value_;
  QHBoxLayout* columns_layout_;
  QList<QVBoxLayout*> columns_;
  QPushButton* more_;
  QList<QWidget*> groups_;
  QList<FieldRow*> rows_;
  QSet<FieldRow*> idle_;  // options that do not matter, given the others
};

}  // namespace selfsight
