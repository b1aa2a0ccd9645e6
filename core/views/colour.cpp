#include <algorithm>
#include <array>
#include <cmath>

#include "core/views/operations.h"

namespace selfsight {
namespace {

using Table = std::array<std::uint8_t, 256>;

std::uint8_t luma(const std::uint8_t* p) {
  return static_cast<std::uint8_t>((p[0] * 19595 + p[1] * 38470 + p[2] * 7471 + 0x8000) >> 16);
}

/// Pillow's ImagingBlend of one value: single precision, truncated, clipped outside [0, 1].
std::uint8_t blend(int degenerate, int value, float factor) {
  const float mixed =
      static_cast<float>(degenerate) + factor * static_cast<float>(value - degenerate);
  if (mixed <= 0) return 0;
  if (mixed >= 255) return 255;
  return static_cast<std::uint8_t>(mixed);
}

void look_up(cv::Mat& image, const Table& table) {
  auto* p = image.ptr<std::uint8_t>();
  for (auto* const end = p + image.total() * image.elemSize(); p != end; ++p) *p = table[*p];
}

void blend_with(cv::Mat& image, int degenerate, double factor) {
  Table table;
  for (int v = 0; v < 256; ++v)
    table[static_cast<std::size_t>(v)] = blend(degenerate, v, static_cast<float>(factor));
  look_up(image, table);
}

int mean_grey(const cv::Mat& image) {
  const auto* p = image.ptr<std::uint8_t>();
  const std::size_t pixels = image.total();
  std::uint64_t sum = 0;
  if (image.channels() == 1)
    for (std::size_t i = 0; i < pixels; ++i) sum += p[i];
  else
    for (std::size_t i = 0; i < pixels; ++i, p += 3) sum += luma(p);
  return static_cast<int>(static_cast<double>(sum) / static_cast<double>(pixels) + 0.5);
}

struct Hsv {
  std::uint8_t h, s, v;
};

std::uint8_t clip8(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

/// Pillow's Convert.c, rgb2hsv_row.
Hsv to_hsv(const std::uint8_t* p) {
  const std::uint8_t r = p[0], g = p[1], b = p[2];
  const std::uint8_t most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least) return {0, 0, most};
  const float span = static_cast<float>(most - least);
  const float s = span / static_cast<float>(most);
  const float rc = static_cast<float>(most - r) / span, gc = static_cast<float>(most - g) / span,
              bc = static_cast<float>(most - b) / span;
  float h = 0;
  if (r == most)
    h = bc - gc;
  else if (g == most)
    h = static_cast<float>(2.0 + rc - bc);
  else
    h = static_cast<float>(4.0 + gc - rc);
  h = static_cast<float>(std::fmod(h / 6.0 + 1.0, 1.0));
  return {clip8(static_cast<int>(h * 255.0)), clip8(static_cast<int>(s * 255.0)), most};
}

/// Pillow's Convert.c, hsv2rgb.
void to_rgb(const Hsv& in, std::uint8_t* p) {
  if (in.s == 0) {
    p[0] = p[1] = p[2] = in.v;
    return;
  }
  const double h = static_cast<float>(in.h) * 6.0 / 255.0;
  const int sector = static_cast<int>(std::floor(h));
  const float f = static_cast<float>(h - static_cast<float>(sector));
  const float fs = static_cast<float>(static_cast<float>(in.s) / 255.0);
  const float v = in.v;
  const auto value = [&](double part) { return clip8(static_cast<int>(std::round(v * part))); };
  const std::uint8_t low = value(1.0 - fs), down = value(1.0 - fs * f),
                     up = value(1.0 - fs * (1.0 - f));
  const std::array<std::array<std::uint8_t, 3>, 6> sectors{{{in.v, up, low},
                                                            {down, in.v, low},
                                                            {low, in.v, up},
                                                            {low, down, in.v},
                                                            {up, low, in.v},
                                                            {in.v, low, down}}};
  std::ranges::copy(sectors[static_cast<std::size_t>(sector % 6)], p);
}

}  // namespace

void adjust_brightness_in_place(cv::Mat& image, double factor) {
  blend_with(image, 0, factor);
}

void adjust_contrast_in_place(cv::Mat& image, double factor) {
  blend_with(image, mean_grey(image), factor);
}

void adjust_saturation_in_place(cv::Mat& image, double factor) {
  if (image.channels() != 3) return;
  auto* p = image.ptr<std::uint8_t>();
  for (auto* const end = p + image.total() * 3; p != end; p += 3) {
    const int grey = luma(p);
    for (int c = 0; c < 3; ++c) p[c] = blend(grey, p[c], static_cast<float>(factor));
  }
}

void adjust_hue_in_place(cv::Mat& image, double factor) {
  if (image.channels() != 3) return;
  // torchvision adds uint8(factor * 255), which wraps around.
  const auto turn = static_cast<std::uint8_t>(static_cast<int>(factor * 255));
  auto* p = image.ptr<std::uint8_t>();
  for (auto* const end = p + image.total() * 3; p != end; p += 3) {
    Hsv hsv = to_hsv(p);
    hsv.h = static_cast<std::uint8_t>(hsv.h + turn);
    to_rgb(hsv, p);
  }
}

void greyscale_in_place(cv::Mat& image) {
  if (image.channels() != 3) return;
  auto* p = image.ptr<std::uint8_t>();
  for (auto* const end = p + image.total() * 3; p != end; p += 3) p[0] = p[1] = p[2] = luma(p);
}

void solarize_in_place(cv::Mat& image, double threshold) {
  Table table;
  for (int v = 0; v < 256; ++v)
    table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(v < threshold ? v : 255 - v);
  look_up(image, table);
}

}  // namespace selfsight
