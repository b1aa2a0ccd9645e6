// Colours, several pixels at a time, with the very roundings of Pillow: each step is computed in
// the precision in which Pillow does it, without fused multiplications (see CMakeLists.txt).
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/clones.h"
#include "core/views/planes.h"

namespace selfsight {
namespace {

constexpr std::size_t pixels_at_once = 256;  // their intermediate values stay in the nearest cache

inline int luma(int r, int g, int b) {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

/// Pillow's ImagingBlend of one value: single precision, truncated, clipped outside [0, 1].
inline std::uint8_t blend(float degenerate, float value, float factor) {
  float mixed = degenerate + factor * (value - degenerate);
  mixed = mixed < 0 ? 0 : mixed;
  mixed = mixed > 255 ? 255 : mixed;
  return static_cast<std::uint8_t>(static_cast<int>(mixed));
}

SELFSIGHT_CLONES void blend_with(std::uint8_t* p, std::size_t n, float degenerate, float factor) {
  for (std::size_t i = 0; i < n; ++i) p[i] = blend(degenerate, p[i], factor);
}

SELFSIGHT_CLONES std::uint32_t sum_of(const std::uint8_t* p, std::size_t n) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += p[i];
  return sum;
}

SELFSIGHT_CLONES std::uint32_t sum_of_luma(const std::uint8_t* r, const std::uint8_t* g,
                                           const std::uint8_t* b, std::size_t n) {
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += luma(r[i], g[i], b[i]);
  return static_cast<std::uint32_t>(sum);
}

SELFSIGHT_CLONES void saturate(std::uint8_t* __restrict r, std::uint8_t* __restrict g,
                               std::uint8_t* __restrict b, std::size_t n, float factor) {
  for (std::size_t i = 0; i < n; ++i) {
    const float grey = static_cast<float>(luma(r[i], g[i], b[i]));
    r[i] = blend(grey, r[i], factor);
    g[i] = blend(grey, g[i], factor);
    b[i] = blend(grey, b[i], factor);
  }
}

SELFSIGHT_CLONES void to_grey(std::uint8_t* __restrict r, std::uint8_t* __restrict g,
                              std::uint8_t* __restrict b, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    r[i] = g[i] = b[i] = static_cast<std::uint8_t>(luma(r[i], g[i], b[i]));
}

SELFSIGHT_CLONES void invert_from(std::uint8_t* p, std::size_t n, int threshold) {
  for (std::size_t i = 0; i < n; ++i)
    p[i] = static_cast<std::uint8_t>(p[i] < threshold ? p[i] : 255 - p[i]);
}

using Values = std::array<int, pixels_at_once>;

struct Hsv {
  Values h, s, v;
};

/// Pillow's Convert.c, rgb2hsv_row. Where all are equal, hue and saturation come out as 0.
SELFSIGHT_CLONES void to_hsv(const std::uint8_t* red, const std::uint8_t* green,
                             const std::uint8_t* blue, std::size_t n, Hsv& out) {
  for (std::size_t i = 0; i < n; ++i) {
    const int r = red[i], g = green[i], b = blue[i];
    const int most = std::max(std::max(r, g), b), least = std::min(std::min(r, g), b);
    const float span = static_cast<float>(std::max(most - least, 1));
    const float s = static_cast<float>(most - least) / static_cast<float>(std::max(most, 1));
    const float rc = static_cast<float>(most - r) / span, gc = static_cast<float>(most - g) / span,
                bc = static_cast<float>(most - b) / span;
    const float of_red = bc - gc;
    const float of_green = static_cast<float>(2.0 + static_cast<double>(rc) - bc);
    const float of_blue = static_cast<float>(4.0 + static_cast<double>(gc) - rc);
    const float sixths = r == most ? of_red : g == most ? of_green : of_blue;
    const double turns = sixths / 6.0 + 1.0;
    const float h = static_cast<float>(turns >= 1.0 ? turns - 1.0 : turns);
    out.h[i] = static_cast<int>(h * 255.0);
    out.s[i] = static_cast<int>(s * 255.0);
    out.v[i] = most;
  }
}

/// Pillow's Convert.c, hsv2rgb.
SELFSIGHT_CLONES void to_rgb(const Hsv& in, int turn, std::size_t n, std::uint8_t* __restrict r,
                             std::uint8_t* __restrict g, std::uint8_t* __restrict b) {
  for (std::size_t i = 0; i < n; ++i) {
    const double h = static_cast<double>((in.h[i] + turn) & 255) * 6.0 / 255.0;
    const int sector = static_cast<int>(h);
    const float f = static_cast<float>(h - sector);
    const float fs = static_cast<float>(in.s[i] / 255.0);
    const double v = in.v[i];
    const int most = in.v[i];
    const int low = static_cast<int>(v * (1.0 - fs) + 0.5);
    const int down = static_cast<int>(v * (1.0 - static_cast<double>(fs * f)) + 0.5);
    const int up = static_cast<int>(v * (1.0 - fs * (1.0 - f)) + 0.5);
    // The sixth sector is the first again.
    r[i] = static_cast<std::uint8_t>(sector == 1                  ? down
                                     : sector == 2 || sector == 3 ? low
                                     : sector == 4                ? up
                                                                  : most);
    g[i] = static_cast<std::uint8_t>(sector == 1 || sector == 2   ? most
                                     : sector == 3                ? down
                                     : sector == 4 || sector == 5 ? low
                                                                  : up);
    b[i] = static_cast<std::uint8_t>(sector == 2                  ? up
                                     : sector == 3 || sector == 4 ? most
                                     : sector == 5                ? down
                                                                  : low);
  }
}

int mean_grey(const Planes& planes) {
  const std::size_t n = planes.pixels();
  const std::uint32_t sum = planes.channels() == 1
                                ? sum_of(planes.plane(0), n)
                                : sum_of_luma(planes.plane(0), planes.plane(1), planes.plane(2), n);
  return static_cast<int>(static_cast<double>(sum) / static_cast<double>(n) + 0.5);
}

}  // namespace

void adjust_brightness(Planes& planes, double factor) {
  blend_with(planes.plane(0), planes.values(), 0, static_cast<float>(factor));
}

void adjust_contrast(Planes& planes, double factor) {
  blend_with(planes.plane(0), planes.values(), static_cast<float>(mean_grey(planes)),
             static_cast<float>(factor));
}

void adjust_saturation(Planes& planes, double factor) {
  if (planes.channels() != 3) return;
  saturate(planes.plane(0), planes.plane(1), planes.plane(2), planes.pixels(),
           static_cast<float>(factor));
}

void adjust_hue(Planes& planes, double factor) {
  if (planes.channels() != 3) return;
  // torchvision adds uint8(factor * 255), which wraps around.
  const int turn = static_cast<std::uint8_t>(static_cast<int>(factor * 255));
  Hsv hsv;
  for (std::size_t at = 0; at < planes.pixels(); at += pixels_at_once) {
    const std::size_t n = std::min(pixels_at_once, planes.pixels() - at);
    std::uint8_t *r = planes.plane(0) + at, *g = planes.plane(1) + at, *b = planes.plane(2) + at;
    to_hsv(r, g, b, n, hsv);
    to_rgb(hsv, turn, n, r, g, b);
  }
}

void greyscale(Planes& planes) {
  if (planes.channels() != 3) return;
  to_grey(planes.plane(0), planes.plane(1), planes.plane(2), planes.pixels());
}

void solarize(Planes& planes, double threshold) {
  // Values are whole: at or above the threshold is at or above the next whole number.
  const int from = static_cast<int>(std::ceil(std::clamp(threshold, 0.0, 256.0)));
  invert_from(planes.plane(0), planes.values(), from);
}

}  // namespace selfsight
