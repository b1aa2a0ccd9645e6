#include "widgets/confusion_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <numeric>

#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr double widest_name = 100, name_gap = 8;
constexpr std::size_t most_named = 40;  // more classes than this have no room for names

std::int64_t sum_of(const std::vector<std::int64_t>& row) {
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

}  // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("confusion"));
  setAccessibleName(tr("Confusion matrix"));
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
  update();
}

QRectF ConfusionView::cell(std::size_t row, std::size_t column) const {
  const auto n = static_cast<double>(counts_.size());
  const double side = std::min((width() - margin_) / n, height() / n);
  const double gap = side > 8 ? 1 : 0;
  return {margin_ + side * static_cast<double>(column), side * static_cast<double>(row), side - gap,
          side - gap};
}

void ConfusionView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setFont(soft_font());
  const QFontMetrics metrics(soft_font());
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    const auto total = static_cast<double>(std::max<std::int64_t>(1, sum_of(counts_[row])));
    for (std::size_t column = 0; column < counts_.size(); ++column) {
      QColor colour = tokens().accent;
      colour.setAlphaF(static_cast<float>(static_cast<double>(counts_[row][column]) / total));
      painter.fillRect(cell(row, column), tokens().well);
      painter.fillRect(cell(row, column), colour);
    }
    if (margin_ <= 0) continue;
    painter.setPen(tokens().soft);
    const QRectF first = cell(row, 0);
    const QRectF room(0, first.top(), margin_ - name_gap, first.height());
    const QString name = names_.value(static_cast<int>(row));
    painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip,
                     metrics.elidedText(name, Qt::ElideRight, static_cast<int>(room.width())));
  }
}

QString ConfusionView::words_at(const QPointF& at) const {
  for (std::size_t row = 0; row < counts_.size(); ++row)
    for (std::size_t column = 0; column < counts_.size(); ++column) {
      if (!cell(row, column).contains(at)) continue;
      const QString truth = names_.value(static_cast<int>(row));
      const QString count =
          tr("%1 of %2")
              .arg(grouped_number(counts_[row][column]), grouped_number(sum_of(counts_[row])));
      if (row == column) return tr("%1 recognised: %2").arg(truth, count);
      return tr("%1 taken for %2: %3").arg(truth, names_.value(static_cast<int>(column)), count);
    }
  return {};
}

bool ConfusionView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), words_at(help->pos()), this);
  return true;
}

}  // namespace selfsight
