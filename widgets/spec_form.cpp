#include "widgets/spec_form.h"

#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/controls.h"
#include "widgets/field_row.h"
#include "widgets/field_words.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

bool same_fields(const QList<FieldRow*>& rows, const Schema& schema) {
  if (rows.size() != static_cast<qsizetype>(schema.size())) return false;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const Field& shown = rows[static_cast<qsizetype>(i)]->field();
    if (shown.key != schema[i].key || shown.fallback != schema[i].fallback) return false;
  }
  return true;
}

std::string prefix_of(const Field& field) {
  return field.key.substr(0, field.key.find('.'));
}

/// The rows that a group shows at once; what is advanced takes room only when asked for.
int height_of(const Schema& fields) {
  return 2 + static_cast<int>(std::ranges::count(fields, false, &Field::advanced));
}

}  // namespace

SpecForm::SpecForm(QWidget* parent)
    : QWidget(parent),
      wanted_([](const Field&) { return true; }),
      off_value_([](const Field&) { return std::optional<double>(); }),
      columns_layout_(new QHBoxLayout),
      more_(button(tr("More options"), QStringLiteral("more_options"), ButtonKind::link, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  columns_layout_->setSpacing(2 * measures::gap);
  column->addLayout(columns_layout_);
  column->addWidget(more_, 0, Qt::AlignLeft);
  column->addStretch(1);
  set_columns(1);
  more_->setCheckable(true);
  connect(more_, &QPushButton::toggled, this, &SpecForm::show_rows);
}

void SpecForm::set_columns(int columns) {
  while (columns_.size() < columns) {
    columns_.append(new QVBoxLayout);
    columns_.last()->setSpacing(measures::gap);
    columns_.last()->setAlignment(Qt::AlignTop);
    columns_layout_->addLayout(columns_.last(), 1);
  }
}

void SpecForm::show_settings(const Settings& settings) {
  Schema schema;
  for (const Field& field : settings.schema())
    if (wanted_(field)) schema.push_back(field);
  if (!same_fields(rows_, schema)) rebuild(schema);
  idle_.clear();
  for (FieldRow* row : rows_) {
    row->set_value(settings.value(row->field().key));
    if (!settings.applies(row->field())) idle_.insert(row);
  }
  show_rows();
}

void SpecForm::rebuild(const Schema& schema) {
  for (QWidget* group : groups_) {
    group->hide();
    group->deleteLater();  // a row of it may be the one that asked for this
  }
  groups_.clear();
  rows_.clear();
  std::vector<std::pair<std::string, Schema>> parts;
  for (const Field& field : schema) {
    if (parts.empty() || parts.back().first != prefix_of(field))
      parts.emplace_back(prefix_of(field), Schema{});
    parts.back().second.push_back(field);
  }
  const bool switches = std::ranges::any_of(
      schema, [this](const Field& field) { return off_value_(field).has_value(); });
  std::vector<int> heights(static_cast<std::size_t>(columns_.size()), 0);
  for (const auto& [prefix, fields] : parts) {
    const auto shortest = std::ranges::min_element(heights);
    QWidget* group = make_group(prefix, fields, parts.size() > 1, switches);
    columns_[shortest - heights.begin()]->addWidget(group);
    *shortest += height_of(fields);
    groups_.append(group);
  }
  more_->setVisible(std::ranges::any_of(schema, &Field::advanced));
}

QWidget* SpecForm::make_group(const std::string& prefix, const Schema& fields, bool headed,
                              bool switches) {
  auto* group = new QWidget(this);
  auto* column = new QVBoxLayout(group);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  if (headed) column->addWidget(label(group_label(prefix), Voice::heading, group));
  for (const Field& field : fields) {
    FieldRow* row = make_row(field, switches, group);
    column->addWidget(row);
    rows_.append(row);
  }
  return group;
}

FieldRow* SpecForm::make_row(const Field& field, bool switches, QWidget* parent) {
  auto* row = new FieldRow(field, off_value_(field), switches, parent);
  connect(row, &FieldRow::value_changed, this, [this, row](const Value& value) {
    Q_EMIT value_changed(QString::fromStdString(row->field().key), value);
  });
  connect(row, &FieldRow::help_wanted, this, [this, row] {
    Q_EMIT help_wanted(field_label(row->field().key), field_help(row->field()));
  });
  return row;
}

void SpecForm::show_rows() {
  const bool open = more_->isChecked();
  more_->setText(open ? tr("Fewer options") : tr("More options"));
  const auto shown = [&](FieldRow* row) {
    return (open || !row->field().advanced) && !idle_.contains(row);
  };
  for (FieldRow* row : rows_) row->setVisible(shown(row));
  for (QWidget* group : groups_)
    group->setVisible(
        std::ranges::any_of(group->findChildren<FieldRow*>(Qt::FindDirectChildrenOnly), shown));
}

}  // namespace selfsight
