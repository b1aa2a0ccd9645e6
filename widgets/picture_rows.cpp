#include "widgets/picture_rows.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>
#include <numeric>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double column_gap = 14, row_gap = 12, title_height = 26;
constexpr int blink_milliseconds = 500;
constexpr double smallest_side = 84, text_width = 212;

void draw_boxes(QPainter& painter, const PictureCell& cell, const QRectF& place) {
  for (const PictureBox& box : cell.boxes) {
    const QRectF part(place.left() + box.part.left() * place.width(),
                      place.top() + box.part.top() * place.height(),
                      box.part.width() * place.width(), box.part.height() * place.height());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(series_colour(box.series), 2, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(part.adjusted(1, 1, -1, -1));
  }
}

void draw_cell(QPainter& painter, const PictureCell& cell, const QRectF& room, bool other) {
  if (!cell.image.isNull()) {
    const QImage& shown = other && !cell.other.isNull() ? cell.other : cell.image;
    const QRectF place = fitted(shown.size(), room);
    draw_picture(painter, shown, place, measures::radius_picture);
    draw_boxes(painter, cell, place);
    return;
  }
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().grid);
  painter.drawRoundedRect(room, measures::radius_picture, measures::radius_picture);
  painter.setPen(tokens().soft);
  painter.setFont(soft_font());
  painter.drawText(room.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, cell.note);
}

double line_height(const PictureLine& line, double width) {
  const QFontMetricsF metrics(soft_font());
  const QRectF room =
      metrics.boundingRect(QRectF(0, 0, width, 1000), Qt::AlignLeft | Qt::TextWordWrap, line.text);
  const double before = line.kind == PictureLine::Kind::series ? 4 : 0;
  return room.height() + 3 + before;
}

void draw_line(QPainter& painter, const PictureLine& line, QRectF room) {
  const Tokens& t = tokens();
  QFont font = soft_font();
  if (line.kind == PictureLine::Kind::strong) font.setWeight(QFont::DemiBold);
  painter.setFont(font);
  const bool second = line.kind == PictureLine::Kind::faint || line.kind == PictureLine::Kind::soft;
  painter.setPen(second ? t.soft : t.text);
  if (line.kind == PictureLine::Kind::series) {
    room.setTop(room.top() + 4);
    painter.save();
    painter.setPen(Qt::NoPen);
    painter.setBrush(series_colour(line.series));
    painter.drawEllipse(QPointF(room.left() + 5, room.top() + 8), 4.5, 4.5);
    painter.restore();
    room.setLeft(room.left() + 16);
  }
  painter.drawText(room, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, line.text);
}

}  // namespace

struct PictureRows::Measures {
  double side = 0, width = 0, text_left = 0;
  double row_height() const { return side + row_gap; }
};

struct PictureRows::Hit {
  int row = -1, column = -1;
  QPointF place;  // in [0, 1] x [0, 1] of the picture
};

PictureRows::PictureRows(QWidget* parent)
    : QAbstractScrollArea(parent), blinking_(new QTimer(this)) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  verticalScrollBar()->setSingleStep(24);
  blinking_->setInterval(blink_milliseconds);
  connect(blinking_, &QTimer::timeout, this, [this] {
    other_shown_ = !other_shown_;
    viewport()->update();
  });
}

void PictureRows::set_largest_side(int pixels) {
  largest_side_ = pixels;
  fit_scroll_bar();
  viewport()->update();
}

void PictureRows::set_blink(int column, const QString& title, const QString& other_title) {
  blink_column_ = column;
  blink_titles_ = {title, other_title};
  if (column < 0) {
    blinking_->stop();
    other_shown_ = false;
  } else if (!blinking_->isActive()) {
    blinking_->start();
  }
  viewport()->update();
}

void PictureRows::set_titles(const QStringList& titles) {
  titles_ = titles;
  fit_scroll_bar();
  viewport()->update();
}

void PictureRows::set_rows(const QList<PictureRow>& rows) {
  rows_ = rows;
  const QSize patches = patches_of(patch_.row, patch_.column);
  if (patch_.at.x() >= patches.width() || patch_.at.y() >= patches.height()) patch_ = {};
  QStringList told;
  for (const PictureRow& row : rows_) {
    QStringList lines;
    for (const PictureLine& line : row.lines) lines.append(line.text);
    told.append(lines.join(QStringLiteral(", ")));
  }
  setAccessibleDescription(told.join(QStringLiteral("; ")));
  fit_scroll_bar();
  viewport()->update();
}

PictureRows::Measures PictureRows::measures(int width) const {
  const double columns = qMax(qsizetype(1), titles_.size() - 1);
  const double room = width - text_width - columns * column_gap;
  Measures m;
  m.side = std::floor(qBound(smallest_side, room / columns, double(largest_side_)));
  m.width = width - 8;  // clear of the scroll bar
  m.text_left = columns * (m.side + column_gap);
  return m;
}

void PictureRows::draw_titles(QPainter& painter, const Measures& m) const {
  painter.setFont(soft_font());
  painter.setPen(tokens().soft);
  for (qsizetype i = 0; i < titles_.size(); ++i) {
    const double left = static_cast<double>(i) * (m.side + column_gap);
    const double width = i + 1 < titles_.size() ? m.side + column_gap - 4 : m.width - left;
    const QString& title = i == blink_column_ ? blink_titles_[other_shown_ ? 1 : 0] : titles_[i];
    painter.drawText(
        QRectF(left, 0, width, 18), Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(title, Qt::ElideRight, static_cast<int>(width)));
  }
}

void PictureRows::draw_row(QPainter& painter, const Measures& m, const PictureRow& row,
                           double top) const {
  double left = 0;
  for (qsizetype column = 0; column < row.cells.size(); ++column) {
    draw_cell(painter, row.cells[column], {left, top, m.side, m.side},
              column == blink_column_ && other_shown_);
    left += m.side + column_gap;
  }
  const double width = m.width - m.text_left;
  QList<double> heights;  // breaking lines takes longer than drawing them
  for (const PictureLine& line : row.lines) heights.append(line_height(line, width));
  const double height = std::accumulate(heights.begin(), heights.end(), 0.0);
  double y = top + qMax(0.0, (m.side - height) / 2);
  for (qsizetype i = 0; i < row.lines.size(); ++i) {
    draw_line(painter, row.lines[i], {m.text_left, y, width, top + m.side - y});
    y += heights[i];
  }
}

void PictureRows::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  const Measures m = measures(viewport()->width());
  painter.translate(0, -verticalScrollBar()->value());
  draw_titles(painter, m);
  const double top = verticalScrollBar()->value(), bottom = top + viewport()->height();
  double y = title_height;
  for (const PictureRow& row : rows_) {
    if (y + m.side > top && y < bottom) draw_row(painter, m, row, y);
    y += m.row_height();
  }
  painter.resetTransform();
  if (hasFocus() && patch_.row >= 0) draw_patch(painter);
}

QSize PictureRows::patches_of(int row, int column) const {
  if (row < 0 || row >= rows_.size() || column < 0 || column >= rows_[row].cells.size()) return {};
  return rows_[row].cells[column].patches;
}

PictureRows::Patch PictureRows::first_patch(int row, int step) const {
  for (; row >= 0 && row < rows_.size(); row += step)
    for (int column = 0; column < rows_[row].cells.size(); ++column)
      if (!patches_of(row, column).isEmpty()) return {row, column, {}};
  return {};
}

QPointF PictureRows::middle_of(const Patch& patch) const {
  const QSize patches = patches_of(patch.row, patch.column);
  return {(patch.at.x() + 0.5) / patches.width(), (patch.at.y() + 0.5) / patches.height()};
}

void PictureRows::draw_patch(QPainter& painter) const {
  const QRectF place = picture_place(patch_.row, patch_.column);
  const QSize patches = patches_of(patch_.row, patch_.column);
  const QSizeF size(place.width() / patches.width(), place.height() / patches.height());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(tokens().accent, 2));
  painter.drawRect(
      QRectF(place.topLeft() + QPointF(patch_.at.x() * size.width(), patch_.at.y() * size.height()),
             size));
}

/// False where the key is none of the arrows, or there is no picture with patches.
bool PictureRows::move_patch(int key) {
  const bool sideways = key == Qt::Key_Left || key == Qt::Key_Right;
  const bool on = key == Qt::Key_Right || key == Qt::Key_Down;
  if (!sideways && key != Qt::Key_Up && key != Qt::Key_Down) return false;
  if (patch_.row < 0) {
    patch_ = first_patch(0, 1);
  } else {
    const QSize patches = patches_of(patch_.row, patch_.column);
    QPoint to = patch_.at + (sideways ? QPoint(on ? 1 : -1, 0) : QPoint(0, on ? 1 : -1));
    to.setX(qBound(0, to.x(), patches.width() - 1));
    if (to.y() >= 0 && to.y() < patches.height()) {
      patch_.at = to;
    } else if (Patch next = first_patch(patch_.row + (on ? 1 : -1), on ? 1 : -1); next.row >= 0) {
      const QSize others = patches_of(next.row, next.column);
      next.at = {qMin(to.x(), others.width() - 1), on ? 0 : others.height() - 1};
      patch_ = next;
    }
  }
  if (patch_.row < 0) return false;
  const QRectF place = picture_place(patch_.row, patch_.column);
  const double y = place.top() + middle_of(patch_).y() * place.height(), room = row_gap;
  QScrollBar* bar = verticalScrollBar();
  if (y < room) bar->setValue(bar->value() + static_cast<int>(y - room));
  if (y > viewport()->height() - room)
    bar->setValue(bar->value() + static_cast<int>(y - viewport()->height() + room));
  viewport()->update();
  return true;
}

QImage PictureRows::contact_sheet(int width) const {
  const Paper paper;
  const Measures m = measures(width - 2 * measures::margin);
  const double height = title_height + m.row_height() * static_cast<double>(rows_.size()) - row_gap;
  QImage sheet(QSize(width, static_cast<int>(height) + 2 * measures::margin) * 2,
               QImage::Format_RGB32);
  sheet.setDevicePixelRatio(2);
  sheet.fill(tokens().surface);
  QPainter painter(&sheet);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(measures::margin, measures::margin);
  draw_titles(painter, m);
  double y = title_height;
  for (const PictureRow& row : rows_) {
    draw_row(painter, m, row, y);
    y += m.row_height();
  }
  return sheet;
}

QRectF PictureRows::picture_place(int row, int column) const {
  const Measures m = measures(viewport()->width());
  const QRectF room(column * (m.side + column_gap),
                    title_height + row * m.row_height() - verticalScrollBar()->value(), m.side,
                    m.side);
  return fitted(rows_[row].cells[column].image.size(), room);
}

PictureRows::Hit PictureRows::hit(const QPointF& at) const {
  const Measures m = measures(viewport()->width());
  const int row =
      static_cast<int>((at.y() + verticalScrollBar()->value() - title_height) / m.row_height());
  const int column = static_cast<int>(at.x() / (m.side + column_gap));
  if (at.y() + verticalScrollBar()->value() < title_height || row >= rows_.size()) return {};
  if (column >= rows_[row].cells.size() || rows_[row].cells[column].image.isNull()) return {};
  const QRectF place = picture_place(row, column);
  if (!place.contains(at)) return {};
  return {row,
          column,
          {(at.x() - place.left()) / place.width(), (at.y() - place.top()) / place.height()}};
}

void PictureRows::mousePressEvent(QMouseEvent* event) {
  const Hit found = hit(event->position());
  if (event->button() == Qt::LeftButton && found.row >= 0)
    Q_EMIT picture_pressed(found.row, found.column, found.place);
}

void PictureRows::mouseMoveEvent(QMouseEvent* event) {
  const Hit found = hit(event->position());
  if (event->buttons() & Qt::LeftButton && found.row >= 0)
    Q_EMIT picture_dragged(found.row, found.column, found.place);
}

void PictureRows::fit_scroll_bar() {
  const Measures m = measures(viewport()->width());
  const double height = title_height + m.row_height() * static_cast<double>(rows_.size()) - row_gap;
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setRange(0, qMax(0, static_cast<int>(height) - viewport()->height()));
}

void PictureRows::resizeEvent(QResizeEvent*) {
  fit_scroll_bar();
}

void PictureRows::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) viewport()->update();
}

void PictureRows::keyPressEvent(QKeyEvent* event) {
  QScrollBar* bar = verticalScrollBar();
  if (event->key() == Qt::Key_Space && patch_.row >= 0)
    Q_EMIT picture_pressed(patch_.row, patch_.column, middle_of(patch_));
  else if (move_patch(event->key()))
    event->accept();
  else if (event->key() == Qt::Key_Home)
    bar->setValue(0);
  else if (event->key() == Qt::Key_End)
    bar->setValue(bar->maximum());
  else
    QAbstractScrollArea::keyPressEvent(event);
}

}  // namespace selfsight
