// Original with crops drawn in | view A | view B | what was drawn.
#pragma once

#include <optional>

#include "core/views/views.h"
#include "widgets/picture_rows.h"

namespace selfsight {

/// What was drawn, in words: "crop 20 × 16 at 3, 8 (31 %) · flip · jitter: hue -0.03 · blur σ 1.3";
/// a crop in pixels of the original, its corner counted from the upper left.
QString drawn_words(const View& view, const cv::Size& original);

/// Pictures are copied; may be made on any thread.
PictureRow pair_row(std::int64_t id, const QString& label, const cv::Mat& original, const View& a,
                    const View& b);

/// Of two pictures of one size, pixel by pixel and channel by channel: how far they are apart.
QImage difference_picture(const QImage& a, const QImage& b);
/// The mean of it, in [0, 1].
double mean_of(const QImage& difference);

/// A crop as a part of the picture it was taken from.
PictureBox crop_box(const cv::Rect& crop, const cv::Size& original, int series);

}  // namespace selfsight
