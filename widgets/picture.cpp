#include "widgets/picture.h"

#include <QPainter>
#include <QPainterPath>
#include <map>
#include <mutex>
#include <opencv2/imgproc.hpp>

namespace selfsight {

namespace {

constexpr int fewest_with_coastal_band = 8;  // as Landsat 8, Sentinel-2 and WorldView-2 have it

/// Chosen by the person, by the number of bands.
struct Choice {
  std::mutex mutex;
  std::map<int, std::array<int, 3>> bands;
};

Choice& choice() {
  static Choice chosen;
  return chosen;
}

bool is_bands(const cv::Mat& picture) {
  return picture.channels() != 1 && picture.channels() != 3;
}

cv::Mat three_of(const cv::Mat& picture) {
  const std::array<int, 3> bands = shown_bands(picture.channels());
  cv::Mat out(picture.size(), CV_8UC3);
  const int pairs[] = {bands[0], 0, bands[1], 1, bands[2], 2};
  cv::mixChannels(&picture, 1, &out, 1, pairs, 3);
  return out;
}

// Qt fills what is clipped or transformed in pieces, by threads that the window's then waits for
// while a run has all the cores. So pictures get their size and their corners before they are
// drawn.

QImage resized(const QImage& picture, const QSize& size, bool keep_pixels) {
  const QImage from = picture.convertToFormat(QImage::Format_ARGB32_Premultiplied);
  if (size == from.size()) return from;
  const bool much_smaller = 2 * size.width() < from.width();
  QImage to(size, QImage::Format_ARGB32_Premultiplied);
  const cv::Mat source(from.height(), from.width(), CV_8UC4, const_cast<uchar*>(from.constBits()),
                       static_cast<std::size_t>(from.bytesPerLine()));
  cv::Mat target(to.height(), to.width(), CV_8UC4, to.bits(),
                 static_cast<std::size_t>(to.bytesPerLine()));
  cv::resize(source, target, target.size(), 0, 0,
             keep_pixels    ? cv::INTER_NEAREST
             : much_smaller ? cv::INTER_AREA
                            : cv::INTER_LINEAR);
  return to;
}

void cut_corners(QImage& picture, double radius) {
  QPainterPath corners;
  corners.addRect(picture.rect());
  corners.addRoundedRect(picture.rect(), radius, radius);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setCompositionMode(QPainter::CompositionMode_DestinationOut);
  painter.fillPath(corners, Qt::black);
}

}  // namespace

std::array<int, 3> shown_bands(int channels) {
  const std::lock_guard lock(choice().mutex);
  const auto found = choice().bands.find(channels);
  if (found != choice().bands.end()) return found->second;
  if (channels == 2) return {0, 1, 1};
  // Bands go from short waves to long ones.
  return channels >= fewest_with_coastal_band ? std::array{3, 2, 1} : std::array{2, 1, 0};
}

void show_bands(int channels, const std::array<int, 3>& bands) {
  for (const int band : bands)
    if (band < 0 || band >= channels) return;
  const std::lock_guard lock(choice().mutex);
  choice().bands[channels] = bands;
}

QImage to_image(const cv::Mat& picture) {
  if (picture.empty()) return {};
  if (is_bands(picture)) return to_image(three_of(picture));
  const auto format = picture.channels() == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888;
  return QImage(picture.data, picture.cols, picture.rows, static_cast<qsizetype>(picture.step[0]),
                format)
      .copy();
}

QImage to_thumbnail(const cv::Mat& picture, int pixels) {
  const int longer = std::max(picture.cols, picture.rows);
  if (longer <= pixels) return to_image(picture);
  if (is_bands(picture)) return to_thumbnail(three_of(picture), pixels);
  const double scale = static_cast<double>(pixels) / longer;
  const cv::Size size(std::max(1, cvRound(picture.cols * scale)),
                      std::max(1, cvRound(picture.rows * scale)));
  cv::Mat small;
  cv::resize(picture, small, size, 0, 0, cv::INTER_AREA);
  return to_image(small);
}

void draw_picture(QPainter& painter, const QImage& picture, const QRectF& rect, double radius) {
  if (picture.isNull()) return;
  const double scale = painter.device()->devicePixelRatioF();
  const QSize pixels = (rect.size() * scale).toSize().expandedTo({1, 1});
  const bool enlarged = rect.width() >= 3 * picture.width();
  QImage drawn = resized(picture, pixels, enlarged);
  cut_corners(drawn, radius * scale);
  drawn.setDevicePixelRatio(scale);
  painter.save();
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform, false);
  painter.drawImage(rect.topLeft(), drawn);
  painter.restore();
}

QRectF fitted(const QSizeF& picture, const QRectF& room) {
  const QSizeF size = picture.scaled(room.size(), Qt::KeepAspectRatio);
  return {QPointF(room.left(), room.top() + (room.height() - size.height()) / 2), size};
}

}  // namespace selfsight
