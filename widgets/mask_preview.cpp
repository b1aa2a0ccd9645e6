#include "widgets/mask_preview.h"

#include <QCoreApplication>
#include <QPainter>

#include "widgets/picture.h"
#include "widgets/view_pairs.h"

namespace selfsight {
namespace {

struct MaskWords {
  Q_DECLARE_TR_FUNCTIONS(mask_preview)
};

}  // namespace

QImage masked_picture(const cv::Mat& view, const Mask& mask, const QColor& cover) {
  QImage picture = to_image(view).convertToFormat(QImage::Format_RGB888);
  QPainter painter(&picture);
  const auto edge = [](int i, int parts, int length) { return i * length / parts; };
  for (int row = 0; row < mask.rows; ++row) {
    const int top = edge(row, mask.rows, picture.height());
    const int bottom = edge(row + 1, mask.rows, picture.height());
    for (int column = 0; column < mask.columns; ++column) {
      if (!mask.hidden[static_cast<std::size_t>(row * mask.columns + column)]) continue;
      const int left = edge(column, mask.columns, picture.width());
      const int right = edge(column + 1, mask.columns, picture.width());
      painter.fillRect(left, top, right - left, bottom - top, cover);
    }
  }
  return picture;
}

PictureRow mask_row(std::int64_t id, const QString& label, const cv::Mat& original,
                    const View& view, const Mask& mask, const QColor& cover, const cv::Mat& rebuilt,
                    const QString& note) {
  const double w = original.cols, h = original.rows;
  const QRectF crop(view.crop.x / w, view.crop.y / h, view.crop.width / w, view.crop.height / h);
  PictureRow row;
  row.cells = {{to_thumbnail(original, cell_pixels), {{crop, 0}}, {}},
               {to_thumbnail(view.image, cell_pixels), {}, {}},
               {.image = masked_picture(view.image, mask, cover),
                .boxes = {},
                .note = {},
                .patches = {mask.columns, mask.rows}},
               {to_thumbnail(rebuilt, cell_pixels), {}, note}};
  using Kind = PictureLine::Kind;
  const QString name = MaskWords::tr("image %1").arg(id);
  const int patches = mask.rows * mask.columns;
  row.lines = {{Kind::faint, label.isEmpty() ? name : name + QStringLiteral(" · ") + label},
               {Kind::soft, drawn_words(view, original.size())},
               {Kind::soft,
                MaskWords::tr("%1 of %2 patches shown").arg(patches - mask.count()).arg(patches)}};
  return row;
}

}  // namespace selfsight
