#include "widgets/view_pairs.h"

#include <QCoreApplication>
#include <cmath>

#include "widgets/picture.h"

namespace selfsight {
namespace {

constexpr int shown_pixels = 480;  // enough for a cell on a dense screen

QString words(const char* text) {
  return QCoreApplication::translate("view_pairs", text);
}

std::optional<double> drawn_value(const Drawn& drawn, const char* name) {
  for (const auto& [key, value] : drawn.values)
    if (key == name) return value;
  return std::nullopt;
}

QString operation_words(const Drawn& drawn) {
  if (drawn.operation == "blur")
    if (const auto sigma = drawn_value(drawn, "sigma"))
      return words("blur σ %1").arg(*sigma, 0, 'f', 1);
  if (drawn.operation == "rotation")
    if (const auto degrees = drawn_value(drawn, "degrees"))
      return words("turned %1°").arg(std::round(*degrees));
  return QString::fromStdString(drawn.operation);
}

}  // namespace

PictureBox crop_box(const cv::Rect& crop, const cv::Size& original, int series) {
  const double w = original.width, h = original.height;
  return {{crop.x / w, crop.y / h, crop.width / w, crop.height / h}, series};
}

QString drawn_words(const View& view, const cv::Size& original) {
  const double part = static_cast<double>(view.crop.area()) / original.area();
  QStringList told{words("crop %1 %").arg(std::round(part * 100))};
  for (const Drawn& drawn : view.drawn)
    if (drawn.operation != "crop") told.append(operation_words(drawn));
  return told.join(QStringLiteral(" · "));
}

PictureRow pair_row(std::int64_t id, const QString& label, const cv::Mat& original, const View& a,
                    const View& b) {
  const cv::Size size = original.size();
  PictureRow row;
  row.cells = {{to_thumbnail(original, shown_pixels),
                {crop_box(a.crop, size, 0), crop_box(b.crop, size, 1)},
                {}},
               {to_thumbnail(a.image, shown_pixels), {}, {}},
               {to_thumbnail(b.image, shown_pixels), {}, {}}};
  using Kind = PictureLine::Kind;
  const QString name = words("image %1").arg(id);
  row.lines = {{Kind::faint, label.isEmpty() ? name : name + QStringLiteral(" · ") + label},
               {Kind::series, words("A"), 0},
               {Kind::soft, drawn_words(a, size)},
               {Kind::series, words("B"), 1},
               {Kind::soft, drawn_words(b, size)}};
  return row;
}

}  // namespace selfsight
