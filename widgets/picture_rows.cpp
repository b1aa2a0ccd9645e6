#include "widgets/picture_rows.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double column_gap = 14, row_gap = 12, head = 26;
constexpr double smallest_side = 84, largest_side = 240, text_width = 212;

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

void draw_cell(QPainter& painter, const PictureCell& cell, const QRectF& room) {
  if (!cell.image.isNull()) {
    const QRectF place = fitted(cell.image.size(), room);
    draw_picture(painter, cell.image, place, measures::radius_picture);
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

double draw_line(QPainter& painter, const PictureLine& line, QRectF room) {
  const Tokens& t = tokens();
  const double height = line_height(line, room.width());
  QFont font = soft_font();
  if (line.kind == PictureLine::Kind::strong) font.setWeight(QFont::DemiBold);
  painter.setFont(font);
  painter.setPen(line.kind == PictureLine::Kind::faint  ? t.faint
                 : line.kind == PictureLine::Kind::soft ? t.soft
                                                        : t.text);
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
  return height;
}

}  // namespace

struct PictureRows::Measures {
  double side = 0, width = 0, text_left = 0;
  double row_height() const { return side + row_gap; }
};

PictureRows::PictureRows(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setAutoFillBackground(false);
  verticalScrollBar()->setSingleStep(24);
}

void PictureRows::set_titles(const QStringList& titles) {
  titles_ = titles;
  fit_scroll_bar();
  viewport()->update();
}

void PictureRows::set_rows(const QList<PictureRow>& rows) {
  rows_ = rows;
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
  m.side = std::floor(qBound(smallest_side, room / columns, largest_side));
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
    painter.drawText(
        QRectF(left, 0, width, 18), Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(titles_[i], Qt::ElideRight, static_cast<int>(width)));
  }
}

void PictureRows::draw_row(QPainter& painter, const Measures& m, const PictureRow& row,
                           double top) const {
  double left = 0;
  for (const PictureCell& cell : row.cells) {
    draw_cell(painter, cell, {left, top, m.side, m.side});
    left += m.side + column_gap;
  }
  const double width = m.width - m.text_left;
  double height = 0;
  for (const PictureLine& line : row.lines) height += line_height(line, width);
  double y = top + qMax(0.0, (m.side - height) / 2);
  for (const PictureLine& line : row.lines)
    y += draw_line(painter, line, {m.text_left, y, width, top + m.side - y});
}

void PictureRows::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  const Measures m = measures(viewport()->width());
  painter.translate(0, -verticalScrollBar()->value());
  draw_titles(painter, m);
  const double top = verticalScrollBar()->value(), bottom = top + viewport()->height();
  double y = head;
  for (const PictureRow& row : rows_) {
    if (y + m.side > top && y < bottom) draw_row(painter, m, row, y);
    y += m.row_height();
  }
}

QImage PictureRows::contact_sheet(int width) const {
  const Measures m = measures(width - 2 * measures::margin);
  const double height = head + m.row_height() * static_cast<double>(rows_.size()) - row_gap;
  QImage sheet(QSize(width, static_cast<int>(height) + 2 * measures::margin) * 2,
               QImage::Format_RGB32);
  sheet.setDevicePixelRatio(2);
  sheet.fill(tokens().surface);
  QPainter painter(&sheet);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(measures::margin, measures::margin);
  draw_titles(painter, m);
  double y = head;
  for (const PictureRow& row : rows_) {
    draw_row(painter, m, row, y);
    y += m.row_height();
  }
  return sheet;
}

void PictureRows::fit_scroll_bar() {
  const Measures m = measures(viewport()->width());
  const double height = head + m.row_height() * static_cast<double>(rows_.size()) - row_gap;
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
  if (event->key() == Qt::Key_Home)
    bar->setValue(0);
  else if (event->key() == Qt::Key_End)
    bar->setValue(bar->maximum());
  else
    QAbstractScrollArea::keyPressEvent(event);
}

}  // namespace selfsight
