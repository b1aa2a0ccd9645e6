#include "widgets/view_pairs.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>

#include "widgets/picture.h"

namespace selfsight {
namespace {

struct PairWords {
  Q_DECLARE_TR_FUNCTIONS(view_pairs)
};

std::optional<double> drawn_value(const Drawn& drawn, const char* name) {
  for (const auto& [key, value] : drawn.values)
    if (key == name) return value;
  return std::nullopt;
}

/// As core calls them, and as they are told.
constexpr std::pair<const char*, const char*> operation_names[] = {
    {"flip", QT_TRANSLATE_NOOP("view_pairs", "flip")},
    {"upside down", QT_TRANSLATE_NOOP("view_pairs", "upside down")},
    {"jitter", QT_TRANSLATE_NOOP("view_pairs", "jitter")},
    {"grey", QT_TRANSLATE_NOOP("view_pairs", "grey")},
    {"blur", QT_TRANSLATE_NOOP("view_pairs", "blur")},
    {"solarize", QT_TRANSLATE_NOOP("view_pairs", "solarize")},
    {"posterize", QT_TRANSLATE_NOOP("view_pairs", "posterize")},
    {"equalize", QT_TRANSLATE_NOOP("view_pairs", "equalize")},
    {"autocontrast", QT_TRANSLATE_NOOP("view_pairs", "autocontrast")},
    {"sharpness", QT_TRANSLATE_NOOP("view_pairs", "sharpness")},
    {"invert", QT_TRANSLATE_NOOP("view_pairs", "invert")},
    {"brightness", QT_TRANSLATE_NOOP("view_pairs", "brightness")},
    {"contrast", QT_TRANSLATE_NOOP("view_pairs", "contrast")},
    {"saturation", QT_TRANSLATE_NOOP("view_pairs", "saturation")},
    {"hue", QT_TRANSLATE_NOOP("view_pairs", "hue")}};

QString name_in_words(const std::string& name) {
  for (const auto& [ours, told] : operation_names)
    if (name == ours) return PairWords::tr(told);
  return QString::fromStdString(name);
}

/// "jitter: brightness 1.21, hue -0.03", in the order in which they were applied.
QString jitter_words(const Drawn& drawn) {
  QStringList values;
  for (const auto& [name, value] : drawn.values) {
    const double shown = std::round(value * 100) / 100 + 0.0;  // not -0.00
    values << QStringLiteral("%1 %2").arg(name_in_words(name)).arg(shown, 0, 'f', 2);
  }
  return name_in_words(drawn.operation) + QStringLiteral(": ") + values.join(QStringLiteral(", "));
}

QString operation_words(const Drawn& drawn) {
  if (drawn.operation == "blur")
    if (const auto sigma = drawn_value(drawn, "sigma"))
      return PairWords::tr("blur σ %1").arg(*sigma, 0, 'f', 1);
  if (drawn.operation == "rotation")
    if (const auto degrees = drawn_value(drawn, "degrees"))
      return PairWords::tr("turned %1°").arg(std::round(*degrees));
  if (drawn.operation == "jitter" && !drawn.values.empty()) return jitter_words(drawn);
  return name_in_words(drawn.operation);
}

}  // namespace

PictureBox crop_box(const cv::Rect& crop, const cv::Size& original, int series) {
  const double w = original.width, h = original.height;
  return {{crop.x / w, crop.y / h, crop.width / w, crop.height / h}, series};
}

QString drawn_words(const View& view, const cv::Size& original) {
  const double part = static_cast<double>(view.crop.area()) / original.area();
  QStringList told{PairWords::tr("crop %1 × %2 at %3, %4 (%5 %)")
                       .arg(view.crop.width)
                       .arg(view.crop.height)
                       .arg(view.crop.x)
                       .arg(view.crop.y)
                       .arg(std::round(part * 100))};
  for (const Drawn& drawn : view.drawn)
    if (drawn.operation != "crop") told.append(operation_words(drawn));
  return told.join(QStringLiteral(" · "));
}

QImage difference_picture(const QImage& a, const QImage& b) {
  const QImage left = a.convertToFormat(QImage::Format_RGB888);
  const QImage right = b.convertToFormat(QImage::Format_RGB888);
  QImage out(left.size(), QImage::Format_RGB888);
  for (int y = 0; y < out.height() && y < right.height(); ++y) {
    const uchar *from = left.constScanLine(y), *other = right.constScanLine(y);
    uchar* to = out.scanLine(y);
    for (int x = 0; x < 3 * std::min(out.width(), right.width()); ++x)
      to[x] = static_cast<uchar>(std::abs(from[x] - other[x]));
  }
  return out;
}

double mean_of(const QImage& difference) {
  double sum = 0;
  for (int y = 0; y < difference.height(); ++y) {
    const uchar* row = difference.constScanLine(y);
    sum = std::accumulate(row, row + 3 * difference.width(), sum);
  }
  return sum / (255.0 * 3 * difference.width() * difference.height());
}

PictureRow pair_row(std::int64_t id, const QString& label, const cv::Mat& original, const View& a,
                    const View& b) {
  const cv::Size size = original.size();
  PictureRow row;
  row.cells = {{to_thumbnail(original, cell_pixels),
                {crop_box(a.crop, size, 0), crop_box(b.crop, size, 1)},
                {}},
               {to_thumbnail(a.image, cell_pixels), {}, {}},
               {to_thumbnail(b.image, cell_pixels), {}, {}}};
  using Kind = PictureLine::Kind;
  const QString name = PairWords::tr("image %1").arg(id);
  row.lines = {{Kind::faint, label.isEmpty() ? name : name + QStringLiteral(" · ") + label},
               {Kind::series, PairWords::tr("A"), 0},
               {Kind::soft, drawn_words(a, size)},
               {Kind::series, PairWords::tr("B"), 1},
               {Kind::soft, drawn_words(b, size)}};
  return row;
}

}  // namespace selfsight
