// Where a network looks, over the picture that it looks at.
#pragma once

#include <QImage>
#include <opencv2/core.hpp>

namespace selfsight {

/// The picture under a veil coloured by `weights` (CV_32F, a grid over the picture), from the least
/// of them to the most. May be made on any thread.
QImage heat_picture(const QImage& picture, const cv::Mat& weights);

}  // namespace selfsight
