#include "widgets/controls.h"

#include <QAbstractItemView>
#include <QButtonGroup>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QStyle>
#include <QToolTip>
#include <QVBoxLayout>

#include "widgets/theme.h"

namespace selfsight {
namespace {

void repolish(QWidget* widget) {
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
}

constexpr int empty_text_width = 420;  // of an empty state

class WheelGuard : public QObject {
 public:
  using QObject::QObject;
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() != QEvent::Wheel) return false;
    event->ignore();  // the page behind it scrolls
    return true;
  }
};

/// Claims letters before shortcuts do; they come as key presses then.
class LettersGuard : public QObject {
 public:
  explicit LettersGuard(QComboBox* list) : QObject(list), list_(list) {}
  bool eventFilter(QObject*, QEvent* event) override {
    // Its popup is costly to make, and wanted by none that is not focused.
    if (event->type() == QEvent::FocusIn) list_->view()->installEventFilter(this);
    if (event->type() != QEvent::ShortcutOverride) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool letter = !key->text().isEmpty() && key->text().at(0).isLetterOrNumber() &&
                        !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    event->setAccepted(letter);
    return letter;
  }

 private:
  QComboBox* list_;
};

}  // namespace

void set_voice(QWidget* widget, Voice voice) {
  static constexpr const char* words[] = {"body",  "title", "heading", "soft",
                                          "faint", "tag",   "verdict"};
  widget->setProperty("voice", QString::fromLatin1(words[static_cast<int>(voice)]));
  repolish(widget);
}

QLabel* label(const QString& text, Voice voice, QWidget* parent) {
  auto* made = new QLabel(text, parent);
  made->setTextFormat(Qt::PlainText);
  set_voice(made, voice);
  return made;
}

QLabel* paragraph(const QString& text, Voice voice, QWidget* parent) {
  auto* made = label(text, voice, parent);
  made->setWordWrap(true);
  return made;
}

void set_mood(QLabel* verdict, Mood mood) {
  static constexpr const char* words[] = {"good", "warn", "bad", "plain"};
  const QString word = QString::fromLatin1(words[static_cast<int>(mood)]);
  if (verdict->property("mood") == word) return;  // its style is worked out from the whole sheet
  verdict->setProperty("mood", word);
  repolish(verdict);
}

QPushButton* button(const QString& text, const QString& name, ButtonKind kind, QWidget* parent) {
  static constexpr const char* words[] = {"plain", "primary", "chip", "link"};
  auto* made = new QPushButton(text, parent);
  made->setObjectName(name);
  made->setProperty("kind", QString::fromLatin1(words[static_cast<int>(kind)]));
  made->setCursor(Qt::PointingHandCursor);
  repolish(made);
  return made;
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QLabel(text, parent) {
  setTextFormat(Qt::PlainText);
}

QSize ElidedLabel::minimumSizeHint() const {
  return {fontMetrics().horizontalAdvance(QLatin1Char('m')) * 2,
          QLabel::minimumSizeHint().height()};
}

bool ElidedLabel::cut() const {
  return fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool ElidedLabel::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !toolTip().isEmpty()) return QLabel::event(event);
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), cut() ? text() : QString(),
                     this);
  return true;
}

void ElidedLabel::paintEvent(QPaintEvent*) {
  if (cut() && contentsRect().width() < least_room_) return;
  QPainter painter(this);
  painter.setPen(
      palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, foregroundRole()));
  const QRect rect = contentsRect();
  painter.drawText(rect, static_cast<int>(alignment()) | Qt::TextSingleLine,
                   fontMetrics().elidedText(text(), Qt::ElideRight, rect.width()));
}

QValidator::State NumberBox::validate(QString& input, int& position) const {
  input.replace(QLatin1Char(','), QLatin1Char('.'));
  return QDoubleSpinBox::validate(input, position);
}

Switch::Switch(QWidget* parent) : QAbstractButton(parent) {
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize Switch::sizeHint() const {
  return {28, 24};
}

bool Switch::hitButton(const QPoint& position) const {
  return rect().contains(position);
}

void Switch::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = tokens();
  const QRectF track(0.5, height() / 2.0 - 8, 27, 16);
  painter.setPen(hasFocus() ? QPen(t.text, 1) : Qt::NoPen);
  painter.setBrush(!isEnabled() ? t.line : isChecked() ? t.accent : t.faint);
  painter.drawRoundedRect(track, 8, 8);
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.surface);
  painter.drawEllipse(
      QPointF(isChecked() ? track.right() - 8 : track.left() + 8, track.center().y()), 6, 6);
}

ChoiceChips::ChoiceChips(QWidget* parent) : QWidget(parent) {
  new FlowLayout(this, 8);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

ChoiceChips::ChoiceChips(const Choices& choices, QWidget* parent) : ChoiceChips(parent) {
  set_choices(choices);
}

void ChoiceChips::set_choices(const Choices& choices) {
  for (const auto& chip : chips_) delete chip.second;
  chips_.clear();
  for (const auto& [word, shown] : choices) {
    auto* chip = button(shown, QStringLiteral("chip_") + word, ButtonKind::chip, this);
    chip->setCheckable(true);
    chip->setAutoExclusive(true);
    connect(chip, &QPushButton::clicked, this, [this, word = word] { Q_EMIT chosen(word); });
    layout()->addWidget(chip);
    chips_.append({word, chip});
  }
}

QString ChoiceChips::current() const {
  for (const auto& [word, chip] : chips_)
    if (chip->isChecked()) return word;
  return {};
}

void ChoiceChips::set_current(const QString& choice) {
  for (const auto& [word, chip] : chips_)
    if (word == choice) chip->setChecked(true);
}

void ChoiceChips::set_obstacle(const QString& choice, const QString& reason) {
  for (const auto& [word, chip] : chips_) {
    if (word != choice) continue;
    chip->setEnabled(reason.isEmpty());
    chip->setToolTip(reason);
  }
}

FlowLayout::FlowLayout(QWidget* parent, int spacing) : QLayout(parent) {
  setSpacing(spacing);
  setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout() {
  qDeleteAll(items_);
}
void FlowLayout::addItem(QLayoutItem* item) {
  items_.append(item);
}
int FlowLayout::count() const {
  return static_cast<int>(items_.size());
}
QLayoutItem* FlowLayout::itemAt(int index) const {
  return items_.value(index);
}
QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
}
int FlowLayout::heightForWidth(int width) const {
  return arrange({0, 0, width, 0}, false);
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const QLayoutItem* item : items_) size = size.expandedTo(item->minimumSize());
  const QMargins margins = contentsMargins();
  return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

QSize FlowLayout::sizeHint() const {
  int width = 0;
  for (const QLayoutItem* item : items_)
    if (!item->isEmpty()) width += item->sizeHint().width() + (width > 0 ? spacing() : 0);
  return QSize(width, 0).expandedTo(minimumSize());
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  arrange(rect, true);
}

int FlowLayout::arrange(const QRect& rect, bool place) const {
  const QMargins margins = contentsMargins();
  const QRect room = rect.marginsRemoved(margins);
  int x = room.x(), y = room.y(), line = 0;
  for (QLayoutItem* item : items_) {
    if (item->isEmpty()) continue;
    const QSize size = item->sizeHint();
    if (x > room.x() && x + size.width() > room.right() + 1) {
      x = room.x();
      y += line + spacing();
      line = 0;
    }
    if (place) item->setGeometry({QPoint(x, y), size});
    x += size.width() + spacing();
    line = qMax(line, size.height());
  }
  return y + line - rect.y() + margins.bottom();
}

EmptyState::EmptyState(const QString& headline, const QString& text, const QString& action,
                       QWidget* parent)
    : QWidget(parent),
      headline_(label({}, Voice::title, this)),
      text_(paragraph({}, Voice::soft, this)),
      action_(button({}, QStringLiteral("empty_action"), ButtonKind::primary, this)) {
  auto* column = new QVBoxLayout(this);
  column->setSpacing(8);
  column->addStretch(2);
  column->addWidget(headline_, 0, Qt::AlignHCenter);
  text_->setAlignment(Qt::AlignCenter);
  text_->setFixedWidth(empty_text_width);
  column->addWidget(text_, 0, Qt::AlignHCenter);
  column->addSpacing(8);
  column->addWidget(action_, 0, Qt::AlignHCenter);
  column->addStretch(3);
  connect(action_, &QPushButton::clicked, this, &EmptyState::action_wanted);
  set_text(headline, text, action);
}

void EmptyState::set_text(const QString& headline, const QString& text, const QString& action) {
  headline_->setText(headline);
  text_->setText(text);
  text_->setFixedHeight(qMax(0, text_->heightForWidth(empty_text_width)));
  action_->setText(action);
  action_->setVisible(!action.isEmpty());
}

QScrollArea* bare_scroll_area(QWidget* parent) {
  auto* area = new QScrollArea(parent);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->viewport()->setAutoFillBackground(false);
  area->setFocusPolicy(Qt::NoFocus);
  return area;
}

void guard_value(QWidget* control) {
  control->setFocusPolicy(Qt::StrongFocus);
  control->installEventFilter(new WheelGuard(control));
  if (auto* list = qobject_cast<QComboBox*>(control))
    list->installEventFilter(new LettersGuard(list));
}

}  // namespace selfsight
