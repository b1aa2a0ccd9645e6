#include "widgets/field_row.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/spec/value_words.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/icons.h"
#include "widgets/slider_row.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

bool on_grid(double value, double step) {
  return std::abs(value / step - std::round(value / step)) < 1e-6;
}

/// The step of a slider for this field, or 0 if a slider would be a poor editor: an unbounded or
/// wide range, or values finer than its steps.
double slider_step(const Field& field) {
  const double span = field.max - field.min;
  if (!std::isfinite(span)) return 0;
  const double step = span <= 2 ? 0.01 : span >= 90 && span <= 360 ? 1 : 0;
  if (step == 0 || !on_grid(field.max, step) || !on_grid(field.min, step)) return 0;
  return on_grid(std::get<double>(field.fallback), step) ? step : 0;
}

constexpr int switch_room = 36;

bool fits_spin_box(const Field& field) {
  return field.min >= std::numeric_limits<int>::min() &&
         field.max <= std::numeric_limits<int>::max();
}

/// Text that is being typed has an undo of its own; once it has become the option's value, undo is
/// for who holds all options.
bool leaves_undo(QObject* editor, QEvent* event) {
  if (event->type() != QEvent::ShortcutOverride) return false;
  const auto* key = static_cast<const QKeyEvent*>(event);
  if (key->key() != Qt::Key_Z || !(key->modifiers() & Qt::ControlModifier)) return false;
  auto* text = qobject_cast<QLineEdit*>(editor);
  if (!text) text = editor->findChild<QLineEdit*>();
  return text && !text->isModified();
}

}  // namespace

FieldRow::FieldRow(const Field& field, std::optional<double> off, bool indented, QWidget* parent)
    : QWidget(parent),
      field_(field),
      value_(field.fallback),
      row_(new QHBoxLayout),
      label_(label(field_label(field.key), Voice::body, this)),
      wrong_(paragraph({}, Voice::soft, this)),
      reset_(new QToolButton(this)) {
  const QString name = QString::fromStdString(field.key);
  setToolTip(field_tooltip(field));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(row_);
  column->addWidget(wrong_);
  wrong_->setObjectName(name + QStringLiteral("_wrong"));
  wrong_->hide();
  row_->setSpacing(8);
  if (indented && !off) row_->addSpacing(switch_room);
  row_->addWidget(label_);
  label_->setMinimumWidth(104);

  if (std::holds_alternative<bool>(field.fallback))
    add_switch();
  else if (!field.choices.empty())
    add_choice();
  else if (std::holds_alternative<std::int64_t>(field.fallback) && fits_spin_box(field))
    add_spin_box();
  else if (std::holds_alternative<double>(field.fallback) && slider_step(field) > 0)
    add_slider(off);
  else
    add_text();

  reset_->setObjectName(name + QStringLiteral("_reset"));
  reset_->setAccessibleName(tr("Back to the default of %1").arg(label_->text()));
  reset_->setIcon(icon(QStringLiteral("reset")));
  reset_->setIconSize({14, 14});
  reset_->setAutoRaise(true);
  reset_->setFixedSize(20, 24);
  reset_->setToolTip(tr("Back to the default, %1").arg(value_text(field.fallback)));
  QSizePolicy kept = reset_->sizePolicy();
  kept.setRetainSizeWhenHidden(true);  // values stay in one column
  reset_->setSizePolicy(kept);
  row_->addWidget(reset_);
  connect(reset_, &QToolButton::clicked, this, [this] {
    show_value_(field_.fallback);
    take(field_.fallback);
  });
  set_value(field.fallback);
}

void FieldRow::put(QWidget* editor) {
  editor_ = editor;
  const QString name = QString::fromStdString(field_.key);
  if (editor->objectName().isEmpty()) editor->setObjectName(name);
  if (editor->accessibleName().isEmpty()) editor->setAccessibleName(label_->text());
  editor->installEventFilter(this);
  for (QWidget* part : editor->findChildren<QWidget*>()) part->installEventFilter(this);
  QList<QLineEdit*> texts = editor->findChildren<QLineEdit*>();
  if (auto* text = qobject_cast<QLineEdit*>(editor)) texts.append(text);
  for (QLineEdit* text : texts)
    connect(text, &QLineEdit::editingFinished, this, [text] { text->setModified(false); });
}

void FieldRow::add_switch() {
  auto* control = new Switch(this);
  put(control);
  row_->addStretch(1);
  row_->addWidget(control);
  connect(control, &Switch::clicked, this, [this](bool on) { take(on); });
  show_value_ = [control](const Value& value) { control->setChecked(std::get<bool>(value)); };
}

void FieldRow::add_choice() {
  auto* control = new QComboBox(this);
  for (const std::string& choice : field_.choices)
    control->addItem(choice_label(choice), QString::fromStdString(choice));
  put(control);
  guard_value(control);
  control->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  row_->addStretch(1);
  row_->addWidget(control);
  connect(control, &QComboBox::activated, this,
          [this, control] { take(control->currentData().toString().toStdString()); });
  show_value_ = [control](const Value& value) {
    control->setCurrentIndex(
        control->findData(QString::fromStdString(std::get<std::string>(value))));
  };
}

void FieldRow::add_spin_box() {
  auto* control = new QSpinBox(this);
  control->setRange(static_cast<int>(field_.min), static_cast<int>(field_.max));
  control->setKeyboardTracking(false);
  control->setAlignment(Qt::AlignRight);
  control->setGroupSeparatorShown(true);
  control->setMinimumWidth(108);
  put(control);
  guard_value(control);
  put_unit_ = [control](const QString& unit) { control->setSuffix(QStringLiteral(" ") + unit); };
  row_->addStretch(1);
  row_->addWidget(control);
  connect(control, &QSpinBox::valueChanged, this, [this](int n) { take(std::int64_t(n)); });
  show_value_ = [control](const Value& value) {
    const QSignalBlocker quiet(control);
    control->setValue(static_cast<int>(std::get<std::int64_t>(value)));
  };
}

void FieldRow::add_slider(std::optional<double> off) {
  const double fallback = std::get<double>(field_.fallback);
  SliderRow::Range range{.min = field_.min, .max = field_.max, .step = slider_step(field_)};
  range.off = off;
  if (off) range.on = fallback != *off ? fallback : field_.min + 0.2 * (field_.max - field_.min);
  auto* control = new SliderRow(label_->text(), QString::fromStdString(field_.key), range, this);
  label_->hide();  // the slider's row has its own
  put(control);
  row_->addWidget(control, 1);
  connect(control, &SliderRow::value_changed, this, [this](double value) { take(value); });
  show_value_ = [control](const Value& value) { control->set_value(std::get<double>(value)); };
}

void FieldRow::add_text() {
  auto* control = new QLineEdit(this);
  put(control);
  const bool number = std::holds_alternative<double>(field_.fallback) ||
                      std::holds_alternative<std::int64_t>(field_.fallback);
  if (number) {
    control->setAlignment(Qt::AlignRight);
    control->setFixedWidth(108);
    row_->addStretch(1);
  }
  row_->addWidget(control, number ? 0 : 1);
  if (!field_.unit.empty()) {
    QLabel* unit_label = label({}, Voice::soft, this);
    row_->addWidget(unit_label);
    put_unit_ = [unit_label](const QString& unit) { unit_label->setText(unit); };
  }
  connect(control, &QLineEdit::editingFinished, this,
          [this, control] { take_text(control->text()); });
  show_value_ = [this, control](const Value& value) {
    control->setText(value_text(value));
    if (!control->hasFocus()) control->setCursorPosition(0);  // long ones from their beginning
    wrong_->hide();
  };
}

void FieldRow::take_text(const QString& text) {
  try {
    const bool number = std::holds_alternative<double>(field_.fallback);
    take(parse_value(field_, (number ? with_point(text) : text).toStdString()));
    wrong_->hide();
  } catch (const InputError& error) {
    wrong_->setText(with_labels(core_words(error.what()), {field_}));
    wrong_->show();
  }
}

void FieldRow::set_value(const Value& value) {
  value_ = value;
  show_value_(value);
  show_unit();
  show_reset();
}

void FieldRow::take(const Value& value) {
  if (value == value_) return;
  value_ = value;
  show_unit();
  show_reset();
  Q_EMIT value_changed(value_);
}

/// "1 epoch", "2 epochs".
void FieldRow::show_unit() {
  if (!put_unit_ || field_.unit.empty()) return;
  const auto* whole = std::get_if<std::int64_t>(&value_);
  const auto* real = std::get_if<double>(&value_);
  const double number = whole ? static_cast<double>(*whole) : real ? *real : 0;
  put_unit_(core_words(unit_of(number, field_.unit)));
}

void FieldRow::show_reset() {
  reset_->setVisible(value_ != field_.fallback);
}

void FieldRow::enterEvent(QEnterEvent* event) {
  QWidget::enterEvent(event);
  Q_EMIT help_wanted();
}

bool FieldRow::eventFilter(QObject* object, QEvent* event) {
  if (event->type() == QEvent::FocusIn) Q_EMIT help_wanted();
  if (leaves_undo(object, event)) {
    event->ignore();
    return true;
  }
  return QWidget::eventFilter(object, event);
}

}  // namespace selfsight
