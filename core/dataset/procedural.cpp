// Pictures made by rule: for tests, for a first look, for machines without a data set.
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/random.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

constexpr int picture_side = 32;

cv::Scalar random_colour(Random& random) {
  return {random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)};
}

/// A colour at least this far from another, so that the shape can be seen.
cv::Scalar contrasting(Random& random, const cv::Scalar& other) {
  cv::Scalar colour;
  do colour = random_colour(random);
  while (cv::norm(colour - other) < 120);
  return colour;
}

void polygon(cv::Mat& image, cv::Point2d centre, double radius, int corners, double inner,
             double turn, const cv::Scalar& colour) {
  std::vector<cv::Point> points;
  const int count = inner < 1 ? 2 * corners : corners;
  for (int i = 0; i < count; ++i) {
    const double r = inner < 1 && i % 2 ? radius * inner : radius;
    const double angle = turn + 2 * CV_PI * i / count;
    points.emplace_back(cvRound(centre.x + r * std::cos(angle)),
                        cvRound(centre.y + r * std::sin(angle)));
  }
  cv::fillPoly(image, std::vector{points}, colour, cv::LINE_AA);
}

void stripes(cv::Mat& image, bool upright, double offset, const cv::Scalar& colour) {
  for (int at = -picture_side; at < 2 * picture_side; at += 8) {
    const int from = at + cvRound(offset);
    const cv::Rect band =
        upright ? cv::Rect(from, 0, 4, picture_side) : cv::Rect(0, from, picture_side, 4);
    cv::rectangle(image, band, colour, cv::FILLED);
  }
}

const std::vector<std::string> shape_names{"disc", "ring",    "square",          "triangle",
                                           "star", "cross",   "upright stripes", "level stripes",
                                           "dots", "chequers"};

void draw(cv::Mat& image, int kind, Random& random, const cv::Scalar& colour) {
  const cv::Point2d centre(random.uniform(12, 20), random.uniform(12, 20));
  const double radius = random.uniform(7, 11), turn = random.uniform(-0.3, 0.3);
  const auto whole = [](double v) { return cvRound(v); };
  switch (kind) {
    case 0:
      cv::circle(image, centre, whole(radius), colour, cv::FILLED, cv::LINE_AA);
      break;
    case 1:
      cv::circle(image, centre, whole(radius), colour, 3, cv::LINE_AA);
      break;
    case 2:
      polygon(image, centre, radius, 4, 1, CV_PI / 4 + turn, colour);
      break;
    case 3:
      polygon(image, centre, radius, 3, 1, -CV_PI / 2 + turn, colour);
      break;
    case 4:
      polygon(image, centre, radius + 2, 5, 0.4, -CV_PI / 2 + turn, colour);
      break;
    case 5:
      polygon(image, centre, radius + 2, 4, 0.25, turn, colour);
      break;
    case 6:
      stripes(image, true, random.uniform(0, 8), colour);
      break;
    case 7:
      stripes(image, false, random.uniform(0, 8), colour);
      break;
    case 8:
      for (int y = 4; y < picture_side; y += 8)
        for (int x = 4; x < picture_side; x += 8)
          cv::circle(image, cv::Point(x, y) + cv::Point(whole(turn * 6), whole(turn * 6)), 2,
                     colour, cv::FILLED, cv::LINE_AA);
      break;
    default:
      for (int y = 0; y < picture_side; y += 8)
        for (int x = (y / 8 % 2) * 8; x < picture_side; x += 16)
          cv::rectangle(image, cv::Rect(x, y, 8, 8), colour, cv::FILLED);
  }
}

class ProceduralDataset : public ListedDataset {
 public:
  explicit ProceduralDataset(std::int64_t count) {
    name_ = "Procedural shapes";
    location_ = "procedural:" + std::to_string(count);
    fingerprint_ = location_ + "/1";
    classes_ = shape_names;
    for (std::int64_t i = 0; i < count; ++i)
      entries_.push_back(
          {static_cast<int>(i % static_cast<std::int64_t>(shape_names.size())), Split::train});
    complete_splits();
  }

  cv::Mat image(std::int64_t index) const override {
    Random random(
        {static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(Stream::procedural)});
    const cv::Scalar ground = random_colour(random);
    cv::Mat image(picture_side, picture_side, CV_8UC3, ground);
    draw(image, entry(index).label, random, contrasting(random, ground));
    for (auto* p = image.datastart; p != image.dataend; ++p) {
      auto& value = *const_cast<std::uint8_t*>(p);
      value = cv::saturate_cast<std::uint8_t>(value + random.uniform(-12, 12));
    }
    return image;
  }

  std::string image_name(std::int64_t index) const override {
    return classes_[static_cast<std::size_t>(entry(index).label)] + " " + std::to_string(index);
  }
};

}  // namespace

std::shared_ptr<const Dataset> open_procedural(std::int64_t count) {
  return std::make_shared<ProceduralDataset>(count);
}

}  // namespace selfsight
