// Sixteen floats at a time, in whatever registers the processor has: the compiler's vectors, which
// it splits where they are too wide. What loops over tokens is written with them because it sums
// along rows, which compilers may not reorder by themselves. Private to this room.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace selfsight {

constexpr std::int64_t lanes = 16;

using Floats = float __attribute__((vector_size(64)));
using Integers = std::int32_t __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
using HalfWords = std::uint16_t __attribute__((vector_size(32)));
using Half = std::uint16_t;  // a bfloat16: the upper half of a float

#define SELFSIGHT_LANES [[gnu::always_inline]] inline

SELFSIGHT_LANES Floats load(const float* from) {
  Floats out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

SELFSIGHT_LANES Floats load(const Half* from) {
  HalfWords halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}

SELFSIGHT_LANES void store(float* to, Floats values) {
  std::memcpy(to, &values, sizeof values);
}

/// To the nearest, ties to even; what is no number stays none.
SELFSIGHT_LANES void store(Half* to, Floats values) {
  const Words bits = std::bit_cast<Words>(values);
  const Words rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const Words kept = (bits & 0x7fffffffu) > 0x7f800000u ? Words{} + 0x7fc0u : rounded;
  const HalfWords halves = __builtin_convertvector(kept, HalfWords);
  std::memcpy(to, &halves, sizeof halves);
}

/// The first `count` of them, zeros behind.
template <class T>
SELFSIGHT_LANES Floats load(const T* from, std::int64_t count) {
  if (count >= lanes) return load(from);
  T whole[lanes] = {};
  std::memcpy(whole, from, static_cast<std::size_t>(count) * sizeof(T));
  return load(whole);
}

template <class T>
SELFSIGHT_LANES void store(T* to, Floats values, std::int64_t count) {
  if (count >= lanes) return store(to, values);
  T whole[lanes];
  store(whole, values);
  std::memcpy(to, whole, static_cast<std::size_t>(count) * sizeof(T));
}

/// `values` in the first `count` lanes, `other` behind.
SELFSIGHT_LANES Floats first(Floats values, std::int64_t count, float other) {
  const Integers index{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return index < static_cast<std::int32_t>(count) ? values : Floats{} + other;
}

SELFSIGHT_LANES float sum(Floats values) {
  using Eight = float __attribute__((vector_size(32)));
  using Four = float __attribute__((vector_size(16)));
  Eight eight[2];
  std::memcpy(eight, &values, sizeof values);
  const Eight added = eight[0] + eight[1];
  Four four[2];
  std::memcpy(four, &added, sizeof added);
  const Four last = four[0] + four[1];
  return (last[0] + last[2]) + (last[1] + last[3]);
}

SELFSIGHT_LANES Floats larger(Floats a, Floats b) {
  return a > b ? a : b;
}

SELFSIGHT_LANES float largest(Floats values) {
  using Eight = float __attribute__((vector_size(32)));
  Eight eight[2];
  std::memcpy(eight, &values, sizeof values);
  const Eight most = eight[0] > eight[1] ? eight[0] : eight[1];
  float out = most[0];
  for (int i = 1; i < 8; ++i) out = most[i] > out ? most[i] : out;
  return out;
}

/// e^x to within a few units of the last place (Cephes' polynomial), for x from -87 to 0; beyond
/// these, that of the nearer one. What is no number stays none.
SELFSIGHT_LANES Floats exponential(Floats x) {
  x = x < -87.0f ? Floats{} - 87.0f : x;
  x = x > 0.0f ? Floats{} : x;
  const Integers power = __builtin_convertvector(x * 1.44269504f - 0.5f, Integers);
  const Floats n = __builtin_convertvector(power, Floats);
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * std::bit_cast<Floats>((power + 127) << 23);
}

}  // namespace selfsight
