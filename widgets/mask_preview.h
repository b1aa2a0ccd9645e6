// Original | the view | its visible patches | what the model rebuilds.
#pragma once

#include "core/views/masks.h"
#include "core/views/views.h"
#include "widgets/picture_rows.h"

namespace selfsight {

/// The view with its hidden patches covered in `cover`.
QImage masked_picture(const cv::Mat& view, const Mask& mask, const QColor& cover);

/// `rebuilt` may be empty; `note` then says why. Pictures are copied; may be made on any thread.
PictureRow mask_row(std::int64_t id, const QString& label, const cv::Mat& original,
                    const View& view, const Mask& mask, const QColor& cover, const cv::Mat& rebuilt,
                    const QString& note);

}  // namespace selfsight
