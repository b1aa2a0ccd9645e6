#include "widgets/image_grid.h"

#include <QGuiApplication>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTimer>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int cell_gap = 2;
constexpr int asked_at_once = 96;  // so that pictures come in while the rest are being decoded

/// The middle of the picture, square.
QImage squared(const QImage& image) {
  const int side = qMin(image.width(), image.height());
  if (image.width() == image.height()) return image;
  return image.copy((image.width() - side) / 2, (image.height() - side) / 2, side, side);
}

class Delegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return static_cast<const QListView*>(parent())->gridSize();
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Tokens& t = tokens();
    const QRectF cell =
        QRectF(option.rect)
            .adjusted(cell_gap / 2.0, cell_gap / 2.0, -cell_gap / 2.0, -cell_gap / 2.0);
    const double radius = cell.width() >= 40 ? measures::radius_picture : 2;
    const QImage image = index.data(ImageModel::thumbnail_role).value<QImage>();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (image.isNull()) {
      painter->setPen(Qt::NoPen);
      painter->setBrush(t.grid);
      painter->drawRoundedRect(cell, radius, radius);
      if (index.data(ImageModel::broken_role).toBool()) {
        painter->setPen(QPen(t.bad, 1.5));
        const QPointF c = cell.center();
        const double r = qMin(8.0, cell.width() / 5);
        painter->drawLine(c - QPointF(r, r), c + QPointF(r, r));
        painter->drawLine(c - QPointF(r, -r), c + QPointF(r, -r));
      }
    } else {
      draw_picture(*painter, squared(image), cell, radius);
    }
    const bool chosen = option.state & QStyle::State_Selected;
    if (chosen || option.state & QStyle::State_MouseOver) {
      painter->setBrush(Qt::NoBrush);
      painter->setPen(QPen(chosen ? t.accent : t.faint, 2));
      painter->drawRoundedRect(cell.adjusted(1, 1, -1, -1), radius, radius);
    }
    painter->restore();
  }
};

}  // namespace

ImageGrid::ImageGrid(QWidget* parent)
    : QListView(parent), model_(new ImageModel(this)), asking_(new QTimer(this)) {
  setModel(model_);
  setItemDelegate(new Delegate(this));
  setAccessibleName(tr("Images"));
  setFlow(QListView::LeftToRight);
  setWrapping(true);
  setResizeMode(QListView::Adjust);
  setUniformItemSizes(true);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
  setFrameShape(QFrame::NoFrame);
  setMouseTracking(true);
  verticalScrollBar()->setSingleStep(24);
  asking_->setSingleShot(true);
  asking_->setInterval(0);
  connect(asking_, &QTimer::timeout, this, &ImageGrid::ask);
  const auto moved = [this] {
    asking_->start();
    Q_EMIT view_moved();
  };
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, moved);
  connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, moved);
  connect(model_, &ImageModel::modelReset, this, moved);
  const auto id_of = [](const QModelIndex& index) {
    return index.data(ImageModel::id_role).toLongLong();
  };
  connect(this, &QListView::clicked, this,
          [this, id_of](const QModelIndex& index) { Q_EMIT image_clicked(id_of(index)); });
  connect(
      selectionModel(), &QItemSelectionModel::currentChanged, this,
      [this, id_of](const QModelIndex& index) {
        // Arrow keys walk through the pictures; a click is told by clicked().
        if (index.isValid() && hasFocus() && !(QGuiApplication::mouseButtons() & Qt::LeftButton))
          Q_EMIT image_clicked(id_of(index));
      });
  connect(this, &QListView::entered, this,
          [this, id_of](const QModelIndex& index) { Q_EMIT image_hovered(id_of(index)); });
}

void ImageGrid::set_images(std::vector<std::int64_t> ids) {
  model_->set_ids(std::move(ids));
  scrollToTop();
}

void ImageGrid::set_captions(std::function<QString(std::int64_t)> captions) {
  model_->set_captions(std::move(captions));
}

void ImageGrid::set_thumbnails(const QList<Thumbnail>& thumbnails) {
  model_->set_thumbnails(thumbnails);
  asking_->start();
}

void ImageGrid::fetch_anew() {
  model_->forget_thumbnails();
  viewport()->update();
  asking_->start();
}

void ImageGrid::set_cell(int pixels) {
  cell_ = pixels;
  fit_cells();
}

void ImageGrid::resizeEvent(QResizeEvent* event) {
  fit_cells();
  QListView::resizeEvent(event);
  asking_->start();
}

void ImageGrid::fit_cells() {
  const int room = viewport()->width() - 1;
  const int columns = qMax(1, room / (cell_ + cell_gap));
  const int side = qMax(16, room / columns);
  setGridSize({side, side});
  const int needed = static_cast<int>(side * devicePixelRatioF());
  const int level = needed <= 96 ? 96 : needed <= 192 ? 192 : 384;
  if (level != pixels_) model_->forget_thumbnails();
  pixels_ = level;
  asking_->start();
}

QPair<int, int> ImageGrid::rows_in_view() const {
  const int count = model_->rowCount();
  const int side = gridSize().height();
  if (count == 0 || side <= 0 || viewport()->height() <= 0) return {-1, -1};
  const int columns = qMax(1, viewport()->width() / gridSize().width());
  const int top = verticalOffset();
  const int first = top / side * columns;
  const int last = (top + viewport()->height() - 1) / side * columns + columns - 1;
  return {qBound(0, first, count - 1), qBound(0, last, count - 1)};
}

void ImageGrid::ask() {
  if (!isVisible()) return;
  const auto [first, last] = rows_in_view();
  if (first < 0) return;
  QList<qint64> wanted;
  for (int row = first; row <= last && wanted.size() < asked_at_once; ++row)
    if (model_->missing(row)) wanted.append(model_->ids()[static_cast<std::size_t>(row)]);
  if (!wanted.isEmpty()) Q_EMIT thumbnails_wanted(wanted, pixels_);
}

}  // namespace selfsight
