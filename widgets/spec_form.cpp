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

QVBoxLayout* tight_column(QWidget* parent) {
  auto* column = new QVBoxLayout(parent);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  return column;
}

}  // namespace

SpecForm::SpecForm(QWidget* parent)
    : QWidget(parent),
      wanted_([](const Field&) { return true; }),
      off_value_([](const Field&) { return std::optional<double>(); }),
      rows_layout_(nullptr),
      more_(button(tr("More options"), QStringLiteral("more_options"), ButtonKind::link, this)),
      advanced_(new QWidget(this)),
      advanced_layout_(tight_column(advanced_)) {
  QVBoxLayout* column = tight_column(this);
  rows_layout_ = tight_column(nullptr);
  column->addLayout(rows_layout_);
  column->addWidget(more_, 0, Qt::AlignLeft);
  column->addWidget(advanced_);
  more_->setCheckable(true);
  advanced_->hide();
  connect(more_, &QPushButton::toggled, this, [this](bool open) {
    advanced_->setVisible(open);
    more_->setText(open ? tr("Fewer options") : tr("More options"));
  });
}

void SpecForm::show_settings(const Settings& settings) {
  Schema schema;
  for (const Field& field : settings.schema())
    if (wanted_(field)) schema.push_back(field);
  if (!same_fields(rows_, schema)) rebuild(schema);
  for (FieldRow* row : rows_) row->set_value(settings.value(row->field().key));
}

void SpecForm::rebuild(const Schema& schema) {
  for (FieldRow* row : rows_) {
    row->hide();
    row->deleteLater();  // it may be the one that asked for this
  }
  rows_.clear();
  bool any_advanced = false;
  const bool switches = std::ranges::any_of(
      schema, [this](const Field& field) { return off_value_(field).has_value(); });
  for (const Field& field : schema) {
    FieldRow* row = make_row(field, switches);
    (field.advanced ? advanced_layout_ : rows_layout_)->addWidget(row);
    any_advanced |= field.advanced;
    rows_.append(row);
  }
  more_->setVisible(any_advanced);
}

FieldRow* SpecForm::make_row(const Field& field, bool switches) {
  auto* row = new FieldRow(field, off_value_(field), switches, field.advanced ? advanced_ : this);
  connect(row, &FieldRow::value_changed, this, [this, row](const Value& value) {
    Q_EMIT value_changed(QString::fromStdString(row->field().key), value);
  });
  connect(row, &FieldRow::help_wanted, this, [this, row] {
    Q_EMIT help_wanted(field_label(row->field().key), QString::fromStdString(row->field().help));
  });
  return row;
}

}  // namespace selfsight
