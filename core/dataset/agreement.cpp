// What the images of one set have in common: channels, and how deep values become 8 bits.
#include <algorithm>
#include <map>

#include "core/base/files.h"
#include "core/dataset/image_header.h"
#include "core/dataset/pixels.h"
#include "core/dataset/sets.h"
#include "core/dataset/tiff_file.h"

namespace selfsight {
namespace {

constexpr std::int64_t looked_at = 16;
constexpr std::int64_t most_band_bytes = 300'000'000;

std::string bands_words(int channels) {
  return channels == 1 ? "one grey band" : std::to_string(channels) + " bands";
}

}  // namespace

std::vector<std::byte> ListedDataset::file_bytes(std::int64_t index) const {
  throw ImageError("is no file of its own: " + image_name(index));
}

cv::Mat ListedDataset::outside_image(const std::filesystem::path& file) const {
  return as_agreed(load_image(file, 0, most_pixels, window_));
}

cv::Mat ListedDataset::as_agreed(cv::Mat image) const {
  const int has = image.channels();
  if (agreed_ && has != channels_ && (is_bands(has) || is_bands(channels_)))
    throw ImageError("has " + bands_words(has) + ", and this data set " + bands_words(channels_));
  return image;
}

/// The bands of some images as they lie in their files; those of other images are left out.
std::vector<cv::Mat> ListedDataset::some_bands() const {
  std::vector<cv::Mat> out;
  for (std::int64_t i = 0; i < size(); i += std::max<std::int64_t>(1, size() / looked_at)) {
    try {
      cv::Mat bands = tiff_bands(file_bytes(i), most_pixels, most_band_bytes);
      if (bands.channels() != channels_) continue;
      if (!out.empty() && bands.depth() != out.front().depth()) bands.convertTo(bands, CV_32F);
      out.push_back(std::move(bands));
    } catch (const ImageError&) {
      // measure() and the loader report it.
    }
  }
  return out;
}

void ListedDataset::agree_on_values(const ValueWindow& asked) {
  window_ = asked;
  if (!asked.low.empty()) {
    OpenOptions told;
    told.window = asked;
    location_ += told.text();
    const std::string identity = fingerprint_ + told.text();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }
  std::map<int, int> found;  // images of so many channels; 1 and 3 go together
  bool colours = false;
  for (std::int64_t i = 0; i < size(); i += std::max<std::int64_t>(1, size() / looked_at)) {
    try {
      const int channels = reduced_image(i, 1).channels();
      colours = colours || channels == 3;
      ++found[is_bands(channels) ? channels : 3];
      deep_ = deep_ || has_deep_values(file_bytes(i));
    } catch (const ImageError&) {
      // measure() and the loader report it.
    }
  }
  const auto most = std::max_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.second < b.second || (a.second == b.second && a.first < b.first);
  });
  channels_ = found.empty() ? 3 : most->first == 3 && !colours ? 1 : most->first;
  if (deep_ && channels_ > 1 && asked.low.empty())
    // Of three channels all must be bands: the window is that of every deep image.
    if (const auto bands = some_bands();
        !bands.empty() && bands.front().depth() != CV_8U &&
        (is_bands(channels_) || static_cast<int>(bands.size()) == most->second))
      window_ = window_of(bands);
  agreed_ = true;
}

}  // namespace selfsight
