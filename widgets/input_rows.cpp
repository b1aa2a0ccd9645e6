#include "widgets/input_rows.h"

#include <QCoreApplication>
#include <QPainter>
#include <cmath>

#include "widgets/mask_preview.h"
#include "widgets/picture.h"
#include "widgets/view_pairs.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

using LineKind = PictureLine::Kind;
struct InputWords {
  Q_DECLARE_TR_FUNCTIONS(input_rows)
};

PictureCell cell_of(const cv::Mat& picture, const QList<PictureBox>& boxes = {}) {
  return {to_thumbnail(picture, cell_pixels), boxes, {}};
}

PictureCell cell_of(const QImage& picture) {
  return {picture, {}, {}};
}

/// The original with these boxes, and what the image is called.
PictureRow row_of(const ShownInput& shown, const QList<PictureBox>& boxes) {
  PictureRow row;
  row.cells = {cell_of(shown.original, boxes)};
  const QString name = InputWords::tr("image %1").arg(shown.id);
  row.lines = {
      {LineKind::faint, shown.label.isEmpty() ? name : name + QStringLiteral(" · ") + shown.label}};
  return row;
}

PictureBox crop_of(const ShownInput& shown, const View& view, int series) {
  return crop_box(view.crop, shown.original.size(), series);
}

void tell_view(PictureRow& row, const ShownInput& shown, const View& view) {
  row.lines.append({LineKind::soft, drawn_words(view, shown.original.size())});
}

/// Before what was drawn, whose end may find no room beside the pictures.
void tell_first(PictureRow& row, const QString& words) {
  row.lines.insert(1, {LineKind::soft, words});
}

/// The small views behind the two global ones, in their colours.
void add_local_crops(PictureRow& row, const ShownInput& shown) {
  QList<QImage> small;
  for (std::size_t i = 2; i < shown.input.views.size(); ++i)
    small.append(to_image(shown.input.views[i].image));
  if (small.isEmpty()) {
    row.cells.append({{}, {}, InputWords::tr("No local crops; the number is 0.")});
    return;
  }
  row.cells.append(cell_of(mosaic(small, std::ceil(std::sqrt(small.size())))));
  const QString count =
      count_words(small.size(), InputWords::tr("local crop"), InputWords::tr("local crops"));
  tell_first(row, InputWords::tr("%1 of %2 px").arg(count).arg(small.first().width()));
}

PictureRow pair(const ShownInput& shown) {
  const View &a = shown.input.views[0], &b = shown.input.views[1];
  return pair_row(shown.id, shown.label, shown.original, a, b);
}

PictureRow crops(const ShownInput& shown) {
  PictureRow row = pair(shown);
  for (std::size_t i = 2; i < shown.input.views.size(); ++i)
    row.cells[0].boxes.append(crop_of(shown, shown.input.views[i], 4));
  add_local_crops(row, shown);
  return row;
}

PictureRow masked_crops(const ShownInput& shown) {
  PictureRow row = crops(shown);
  QStringList hidden;
  for (qsizetype view = 0; view < 2; ++view) {
    const Mask& mask = shown.input.masks[static_cast<std::size_t>(view)];
    const cv::Mat& picture = shown.input.views[static_cast<std::size_t>(view)].image;
    row.cells[view + 1] = cell_of(masked_picture(picture, mask, shown.cover));
    hidden << InputWords::tr("%1 %").arg(
        std::round(100.0 * mask.count() / (mask.rows * mask.columns)));
  }
  tell_first(row, InputWords::tr("hidden: A %1, B %2").arg(hidden[0], hidden[1]));
  return row;
}

PictureRow masked(const ShownInput& shown) {
  return mask_row(shown.id, shown.label, shown.original, shown.input.views[0], shown.input.masks[0],
                  shown.cover, shown.rebuilt, shown.note);
}

PictureRow region(const ShownInput& shown) {
  PictureRow row = masked(shown);
  const Mask& mask = shown.input.masks[0];
  const double part = static_cast<double>(mask.count()) / (mask.rows * mask.columns);
  row.lines.last().text = InputWords::tr("%1 % of the view is hidden").arg(std::round(100 * part));
  return row;
}

/// Where the mask is 1, as a part of the view.
QRectF bounds_of(const Mask& mask) {
  int left = mask.columns, right = 0, top = mask.rows, bottom = 0;
  for (int i = 0; i < mask.rows * mask.columns; ++i) {
    if (!mask.hidden[static_cast<std::size_t>(i)]) continue;
    const int row = i / mask.columns, column = i % mask.columns;
    left = std::min(left, column);
    right = std::max(right, column + 1);
    top = std::min(top, row);
    bottom = std::max(bottom, row + 1);
  }
  const double w = mask.columns, h = mask.rows;
  return {QPointF(left / w, top / h), QPointF(right / w, bottom / h)};
}

PictureRow blocks(const ShownInput& shown) {
  const View& view = shown.input.views[0];
  const Mask& context = shown.input.masks[0];
  PictureRow row = row_of(shown, {crop_of(shown, view, 0)});
  Mask elsewhere = context;  // all but the targets
  elsewhere.hidden.assign(context.hidden.size(), 1);
  QList<PictureBox> boxes;
  for (std::size_t target = 1; target < shown.input.masks.size(); ++target) {
    const Mask& mask = shown.input.masks[target];
    for (std::size_t i = 0; i < mask.hidden.size(); ++i)
      if (mask.hidden[i]) elsewhere.hidden[i] = 0;
    boxes.append({bounds_of(mask), static_cast<int>(target) - 1});
  }
  PictureCell targets = cell_of(masked_picture(view.image, elsewhere, shown.cover));
  targets.boxes = boxes;
  row.cells << cell_of(view.image) << cell_of(masked_picture(view.image, context, shown.cover))
            << targets;
  tell_view(row, shown, view);
  const int patches = context.rows * context.columns;
  row.lines.append(
      {LineKind::soft,
       InputWords::tr("context: %1 of %2 patches").arg(patches - context.count()).arg(patches)});
  row.lines.append({LineKind::soft, count_words(boxes.size(), InputWords::tr("target block"),
                                                InputWords::tr("target blocks"))});
  return row;
}

PictureRow turned(const ShownInput& shown) {
  PictureRow row = row_of(shown, {crop_of(shown, shown.input.views[0], 0)});
  for (const View& view : shown.input.views) row.cells.append(cell_of(view.image));
  tell_view(row, shown, shown.input.views[0]);
  row.lines.append({LineKind::strong, InputWords::tr("asked: by how much it is turned")});
  return row;
}

/// The view that tiles were cut from, the tiles' places drawn in.
PictureCell cut_cell(const ShownInput& shown) {
  const View& whole = *shown.input.whole;
  QList<PictureBox> boxes;
  for (std::size_t i = 0; i < shown.input.views.size(); ++i)
    boxes.append(crop_box(shown.input.views[i].crop, whole.image.size(), i == 0 ? 0 : 1));
  return cell_of(whole.image, boxes);
}

PictureRow tiles(const ShownInput& shown) {
  const View& whole = *shown.input.whole;
  PictureRow row = row_of(shown, {crop_of(shown, whole, 0)});
  QList<QImage> shuffled;
  for (const View& tile : shown.input.views) shuffled.append(to_image(tile.image));
  row.cells << cut_cell(shown) << cell_of(mosaic(shuffled, 3));
  tell_view(row, shown, whole);
  QStringList order;
  for (const std::uint8_t tile : jigsaw_permutation(shown.input.target))
    order << QString::number(tile + 1);
  row.lines.append({LineKind::soft, InputWords::tr("order %1").arg(order.join(QLatin1Char(' ')))});
  row.lines.append({LineKind::strong,
                    InputWords::tr("asked: which order; here number %1").arg(shown.input.target)});
  return row;
}

PictureRow neighbours(const ShownInput& shown) {
  static const char* const places[] = {"above left", "above",      "above right", "left",
                                       "right",      "below left", "below",       "below right"};
  const View& whole = *shown.input.whole;
  PictureRow row = row_of(shown, {crop_of(shown, whole, 0)});
  row.cells << cut_cell(shown) << cell_of(shown.input.views[0].image)
            << cell_of(shown.input.views[1].image);
  tell_view(row, shown, whole);
  row.lines.append({LineKind::strong, InputWords::tr("asked: where the second lies; here %1")
                                          .arg(InputWords::tr(places[shown.input.target]))});
  return row;
}

PictureRow colours(const ShownInput& shown) {
  PictureRow row = row_of(shown, {crop_of(shown, shown.input.views[1], 0)});
  for (const View& view : shown.input.views) row.cells.append(cell_of(view.image));
  tell_view(row, shown, shown.input.views[1]);
  return row;
}

struct Look {
  PictureRow (*row)(const ShownInput&);
  QStringList titles;  // of the pictures after the original
};

Look look_of(InputKind kind, const QString& rebuilt) {
  switch (kind) {
    case InputKind::two_views:
      return {pair, {InputWords::tr("View A"), InputWords::tr("View B")}};
    case InputKind::multi_crop:
      return {crops,
              {InputWords::tr("View A"), InputWords::tr("View B"), InputWords::tr("Local crops")}};
    case InputKind::masked_views:
      return {masked_crops,
              {InputWords::tr("View A"), InputWords::tr("View B"), InputWords::tr("Local crops")}};
    case InputKind::masked_view:
      return {masked, {InputWords::tr("View"), InputWords::tr("What is shown"), rebuilt}};
    case InputKind::hidden_region:
      return {region, {InputWords::tr("View"), InputWords::tr("What is shown"), rebuilt}};
    case InputKind::multi_block:
      return {blocks,
              {InputWords::tr("View"), InputWords::tr("Context: shown"),
               InputWords::tr("Targets: predicted")}};
    case InputKind::rotated:
      return {turned,
              {InputWords::tr("0°"), InputWords::tr("90°"), InputWords::tr("180°"),
               InputWords::tr("270°")}};
    case InputKind::tiles:
      return {tiles, {InputWords::tr("View, tiles drawn in"), InputWords::tr("Tiles as shown")}};
    case InputKind::patch_pair:
      return {neighbours,
              {InputWords::tr("View, patches drawn in"), InputWords::tr("The centre"),
               InputWords::tr("A neighbour")}};
    case InputKind::grey_to_colour:
      return {colours, {InputWords::tr("Grey: shown"), InputWords::tr("Colour: to be guessed")}};
  }
  return {pair, {}};
}

}  // namespace

PictureRow input_row(const ShownInput& shown) {
  return look_of(shown.kind, {}).row(shown);
}

QStringList input_titles(InputKind kind, const QString& rebuilt) {
  const bool several = has_pair(kind);
  return QStringList{several ? InputWords::tr("Original, crops drawn in")
                             : InputWords::tr("Original, crop drawn in")} +
         look_of(kind, rebuilt).titles + QStringList{InputWords::tr("What was drawn")};
}

bool is_rebuilt(InputKind kind) {
  return kind == InputKind::masked_view || kind == InputKind::hidden_region;
}

bool has_pair(InputKind kind) {
  return kind == InputKind::two_views || kind == InputKind::multi_crop ||
         kind == InputKind::masked_views;
}

QImage mosaic(const QList<QImage>& pictures, int columns) {
  QSize cell;
  for (const QImage& picture : pictures) cell = cell.expandedTo(picture.size());
  const int gap = std::max(1, cell.width() / 12);
  const int rows = static_cast<int>((pictures.size() + columns - 1) / columns);
  QImage whole(columns * (cell.width() + gap) - gap, rows * (cell.height() + gap) - gap,
               QImage::Format_ARGB32_Premultiplied);
  whole.fill(Qt::transparent);
  QPainter painter(&whole);
  for (int i = 0; i < pictures.size(); ++i)
    painter.drawImage(i % columns * (cell.width() + gap), i / columns * (cell.height() + gap),
                      pictures[i]);
  return whole;
}

}  // namespace selfsight
