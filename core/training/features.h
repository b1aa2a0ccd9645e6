// Tables of features: how they are drawn from a data set, and how far they spread. No torch.
#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "core/training/session.h"

namespace selfsight {

/// At most `count` of `indices`, the same for the same seed, without a look at labels; in
/// increasing order.
std::vector<std::int64_t> random_sample(std::vector<std::int64_t> indices, std::int64_t count,
                                        std::uint64_t seed);

/// The same, each class in its share where there are labels.
std::vector<std::int64_t> stratified_sample(const Dataset& dataset,
                                            const std::vector<std::int64_t>& indices,
                                            std::int64_t count, std::uint64_t seed);

constexpr std::size_t images_at_once = 256;  // encoded at a time

/// One row of features per image.
using EncodeImages = std::function<Features(const std::vector<cv::Mat>&)>;

/// Features of the images `ids`, with ids and labels; broken images are left out. Other threads
/// decode and prepare the next images while these are encoded. `prepare` makes an image ready
/// (a clean view). Throws Cancelled.
Features features_of(const Dataset& dataset, const std::vector<std::int64_t>& ids,
                     const std::function<cv::Mat(const cv::Mat&)>& prepare,
                     const EncodeImages& encode, const Control& control,
                     const std::function<void(double)>& progress = {});

/// Mean over columns of the unbiased standard deviation of l2-normalised rows; healthy is near
/// 1 / sqrt(columns), collapsed is 0 (Chen and He 2021, section 4.1). 0 for fewer than two rows.
double feature_std(const Features& features);

}  // namespace selfsight
