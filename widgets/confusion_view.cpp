#include "widgets/confusion_view.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "widgets/blended.h"
#include "widgets/exports.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr double widest_name = 100, name_gap = 8;
constexpr double foot_height = 22, narrowest_column = 44;  // for the names below
constexpr double percent_room = 26, percent_height = 16;   // a smaller cell shows no number
constexpr std::size_t most_named = 40;  // more classes than this have no room for names

std::int64_t sum_of(const std::vector<std::int64_t>& row) {
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

}  // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("confusion"));
  setAccessibleName(tr("Confusion matrix; arrow keys go through its cells"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(220, 220);
}

void ConfusionView::set_matrix(const QStringList& names,
                               const std::vector<std::vector<std::int64_t>>& counts) {
  names_ = names;
  counts_ = counts;
  margin_ = 0;
  const QFontMetrics metrics(soft_font());
  if (counts_.size() <= most_named)
    for (const QString& name : names_)
      margin_ =
          std::max(margin_, std::min(widest_name, metrics.horizontalAdvance(name) + name_gap));
  mark(std::max(marked_.row, marked_.column) < counts_.size() ? marked_ : Cell());
}

void ConfusionView::mark(const Cell& one) {
  marked_ = one;
  setAccessibleDescription(counts_.empty() ? QString() : words_of(marked_));
  update();
}

double ConfusionView::foot() const {
  const double wide =
      (width() - margin_) / std::max<double>(1, static_cast<double>(counts_.size()));
  return margin_ > 0 && wide >= narrowest_column ? foot_height : 0;
}

QRectF ConfusionView::cell(std::size_t row, std::size_t column) const {
  const auto n = static_cast<double>(counts_.size());
  const double wide = (width() - margin_) / n, high = (height() - foot()) / n;
  const double gap = std::min(wide, high) > 8 ? 1 : 0;
  return {margin_ + wide * static_cast<double>(column), high * static_cast<double>(row), wide - gap,
          high - gap};
}

void ConfusionView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
  if (!hasFocus() || counts_.empty()) return;
  // Two rings, as one of them is seen on any colour; outside, as a cell may be a few pixels.
  const QRectF ring = cell(marked_.row, marked_.column)
                          .adjusted(-1, -1, 1, 1)
                          .intersected(QRectF(rect()).adjusted(2, 2, -2, -2));
  painter.setBrush(Qt::NoBrush);
  for (const auto& [colour, wide] : {std::pair(tokens().surface, 4), std::pair(tokens().text, 2)}) {
    painter.setPen(QPen(colour, wide));
    painter.drawRect(ring);
  }
}

void ConfusionView::paint(QPainter& painter) const {
  painter.setFont(soft_font());
  for (std::size_t row = 0; row < counts_.size(); ++row) paint_row(painter, row);
  if (margin_ > 0) paint_names(painter);
}

void ConfusionView::paint_row(QPainter& painter, std::size_t row) const {
  const auto total = static_cast<double>(std::max<std::int64_t>(1, sum_of(counts_[row])));
  for (std::size_t column = 0; column < counts_.size(); ++column) {
    const QRectF box = cell(row, column);
    const double part = static_cast<double>(counts_[row][column]) / total;
    const QColor colour = blended(tokens().accent, tokens().well, part);
    painter.fillRect(box, colour);
    if (box.width() < percent_room || box.height() < percent_height || part < 0.005) continue;
    const bool rare = part <= 0.25 && contrast_ratio(tokens().soft, colour) >= legible;
    painter.setPen(rare ? tokens().soft : readable_on(colour));
    painter.drawText(box, Qt::AlignCenter, QString::number(std::lround(100 * part)));
  }
}

void ConfusionView::paint_names(QPainter& painter) const {
  const QFontMetrics metrics(soft_font());
  const auto name = [&](std::size_t index, const QRectF& room, Qt::Alignment align) {
    const QString text = names_.value(static_cast<int>(index));
    painter.drawText(room, static_cast<int>(align) | Qt::TextDontClip,
                     metrics.elidedText(text, Qt::ElideRight, static_cast<int>(room.width())));
  };
  painter.setPen(tokens().soft);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const QRectF left = cell(i, 0), below = cell(counts_.size() - 1, i);
    name(i, {0, left.top(), margin_ - name_gap, left.height()}, Qt::AlignRight | Qt::AlignVCenter);
    if (foot() > 0)
      name(i, {below.left(), height() - foot(), below.width() - 2, foot()},
           Qt::AlignHCenter | Qt::AlignBottom);
  }
}

std::optional<ConfusionView::Cell> ConfusionView::cell_at(const QPointF& at) const {
  for (std::size_t row = 0; row < counts_.size(); ++row)
    for (std::size_t column = 0; column < counts_.size(); ++column)
      if (cell(row, column).contains(at)) return Cell{row, column};
  return std::nullopt;
}

QString ConfusionView::words_of(const Cell& one) const {
  const QString truth = names_.value(static_cast<int>(one.row));
  const auto& row = counts_[one.row];
  const QString count =
      tr("%1 of %2").arg(grouped_number(row[one.column]), grouped_number(sum_of(row)));
  if (one.row == one.column) return tr("%1 recognised: %2").arg(truth, count);
  return tr("%1 taken for %2: %3").arg(truth, names_.value(static_cast<int>(one.column)), count);
}

QString ConfusionView::words_at(const QPointF& at) const {
  const auto found = cell_at(at);
  return found ? words_of(*found) : QString();
}

QByteArray ConfusionView::as_csv() const {
  QString text = csv_text(tr("true class"));
  for (const QString& name : names_) text += QLatin1Char(',') + csv_text(name);
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    text += QLatin1Char('\n') + csv_text(names_.value(static_cast<int>(row)));
    for (const std::int64_t count : counts_[row]) text += QStringLiteral(",%1").arg(count);
  }
  return (text + QLatin1Char('\n')).toUtf8();
}

QByteArray ConfusionView::rendered(const QString& format) const {
  if (format == QLatin1String("csv")) return as_csv();
  return painted_file(size(), format, [this](QPainter& painter) { paint(painter); });
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
  if (const auto found = cell_at(event->position())) mark(*found);
  QWidget::mousePressEvent(event);
}

void ConfusionView::keyPressEvent(QKeyEvent* event) {
  if (counts_.empty()) return QWidget::keyPressEvent(event);
  const std::size_t last = counts_.size() - 1;
  Cell to = marked_;
  switch (event->key()) {
    case Qt::Key_Left:
      if (to.column > 0) --to.column;
      break;
    case Qt::Key_Right:
      to.column = std::min(last, to.column + 1);
      break;
    case Qt::Key_Up:
      if (to.row > 0) --to.row;
      break;
    case Qt::Key_Down:
      to.row = std::min(last, to.row + 1);
      break;
    default:
      return QWidget::keyPressEvent(event);
  }
  mark(to);
  const QPoint middle = cell(to.row, to.column).center().toPoint();
  QToolTip::showText(mapToGlobal(middle), words_of(to), this);
}

bool ConfusionView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), words_at(help->pos()), this);
  return true;
}

}  // namespace selfsight
