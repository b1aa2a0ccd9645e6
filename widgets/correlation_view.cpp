#include "widgets/correlation_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/blended.h"
#include "widgets/exports.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double scale_width = 12, scale_gap = 12, words_width = 28;

/// From the colour of -1 over the ground at 0 to that of 1.
QColor correlation_colour(double value) {
  const QColor& end = value < 0 ? tokens().bad : tokens().accent;
  return blended(end, tokens().well, std::min(std::abs(value), 1.0));
}

}  // namespace

CorrelationView::CorrelationView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("correlation"));
  setAccessibleName(tr("Correlation of the features between two views"));
  setMinimumSize(180, 160);
  setFocusPolicy(Qt::TabFocus);  // for its menu, which saves the values
}

void CorrelationView::set_matrix(const std::vector<float>& values, std::int64_t columns) {
  const std::int64_t known = values.empty() ? 0 : columns;
  set_blocks(block_means(values, known, most_rows), known);
}

void CorrelationView::set_blocks(std::vector<float> means, std::int64_t columns) {
  rows_ = std::lround(std::sqrt(static_cast<double>(means.size())));
  columns_ = rows_ == 0 ? 0 : columns;
  shown_ = std::move(means);
  update();
}

QRectF CorrelationView::square() const {
  const double side = std::min(width() - scale_gap - scale_width - words_width, height() * 1.0);
  return {0, 0, side, side};
}

QImage CorrelationView::picture() const {
  QImage image(static_cast<int>(rows_), static_cast<int>(rows_), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      image.setPixelColor(x, y,
                          correlation_colour(static_cast<double>(
                              shown_[static_cast<std::size_t>(y) * static_cast<std::size_t>(rows_) +
                                     static_cast<std::size_t>(x)])));
  return image;
}

void CorrelationView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
  if (!hasFocus()) return;
  painter.setPen(QPen(tokens().text, 2));
  painter.drawRect(square().adjusted(1, 1, -1, -1));
}

void CorrelationView::paint(QPainter& painter) const {
  if (rows_ == 0) return;
  const QRectF room = square();
  painter.drawImage(room, picture());
  const QRectF scale(room.right() + scale_gap, room.top(), scale_width, room.height());
  QLinearGradient gradient(scale.topLeft(), scale.bottomLeft());
  for (const double value : {1.0, 0.0, -1.0})
    gradient.setColorAt((1 - value) / 2, correlation_colour(value));
  painter.fillRect(scale, gradient);
  painter.setFont(soft_font());
  painter.setPen(tokens().faint);
  const QRectF words(scale.right() + 4, scale.top(), words_width, scale.height());
  painter.drawText(words, Qt::AlignTop, QStringLiteral("1"));
  painter.drawText(words, Qt::AlignVCenter, QStringLiteral("0"));
  painter.drawText(words, Qt::AlignBottom, QStringLiteral("-1"));
}

/// "3", or "5 to 8".
QString CorrelationView::features_words(std::int64_t row) const {
  const auto first = first_of_block(row, rows_, columns_),
             last = first_of_block(row + 1, rows_, columns_) - 1;
  return first == last ? QString::number(first + 1) : tr("%1 to %2").arg(first + 1).arg(last + 1);
}

QString CorrelationView::words_at(const QPointF& at) const {
  const QRectF room = square();
  if (rows_ == 0 || !room.contains(at)) return {};
  const auto index = [&](double offset) {
    const auto found =
        static_cast<std::int64_t>(offset / room.width() * static_cast<double>(rows_));
    return std::clamp<std::int64_t>(found, 0, rows_ - 1);
  };
  const std::int64_t row = index(at.y()), column = index(at.x());
  const float value = shown_[static_cast<std::size_t>(row * rows_ + column)];
  return (rows_ == columns_ ? tr("features %1 and %2: %3") : tr("features %1 and %2: mean %3"))
      .arg(features_words(row), features_words(column))
      .arg(static_cast<double>(value), 0, 'f', 2);
}

QByteArray CorrelationView::rendered(const QString& format) const {
  if (format != QLatin1String("csv"))
    return painted_file(size(), format, [this](QPainter& painter) { paint(painter); });
  QString text;
  for (std::int64_t row = 0; row < rows_; ++row)
    for (std::int64_t column = 0; column < rows_; ++column)
      text +=
          QString::number(
              static_cast<double>(shown_[static_cast<std::size_t>(row * rows_ + column)]), 'g', 6) +
          (column + 1 == rows_ ? QLatin1Char('\n') : QLatin1Char(','));
  return text.toUtf8();
}

void CorrelationView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) update();
  QWidget::changeEvent(event);
}

bool CorrelationView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), words_at(help->pos()), this);
  return true;
}

}  // namespace selfsight
