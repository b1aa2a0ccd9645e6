#include <cstdint>

#include "core/base/error.h"
#include "tests/reference/reference.h"

namespace selfsight::reference {

std::uint64_t bits(std::uint64_t seed, std::uint64_t k) {
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = seed * golden_ratio + k + golden_ratio;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t fnv1a64(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

namespace {

double u01(std::uint64_t seed, std::uint64_t k) {
  return static_cast<double>(bits(seed, k) >> 11) * 0x1.0p-53;
}

double sym(std::uint64_t seed, std::uint64_t k) {
  return 2 * u01(seed, k) - 1;
}

double gauss4(std::uint64_t seed, std::uint64_t k) {
  return ((sym(seed, 4 * k) + sym(seed, 4 * k + 1)) +
          (sym(seed, 4 * k + 2) + sym(seed, 4 * k + 3))) *
         0.8660254037844386;
}

double clusters(const Json& d, std::uint64_t seed, std::uint64_t k) {
  const auto columns = d.at("shape").at(1).get<std::uint64_t>();
  const std::uint64_t row = k / columns, column = k % columns;
  const auto label =
      row / d.value("block", std::uint64_t{1}) % d.at("clusters").get<std::uint64_t>();
  const double value = gauss4(seed, label * columns + column) * d.at("center_scale").get<double>() +
                       gauss4(seed + 1, k) * d.at("noise_scale").get<double>();
  return d.value("col_decay", 0) == 1 ? value * (1 / static_cast<double>(column + 1)) : value;
}

}  // namespace

double drawn(const Json& d, const std::string& name, std::uint64_t seed, std::uint64_t k) {
  if (name == "u01") return u01(seed, k);
  if (name == "sym") return sym(seed, k);
  if (name == "gauss4") return gauss4(seed, k);
  if (name == "bern") return u01(seed, k) < d.at("p").get<double>() ? 1 : 0;
  if (name == "int") return static_cast<double>(bits(seed, k) % d.at("mod").get<std::uint64_t>());
  if (name == "byte") return static_cast<double>(bits(seed, k) >> 56);
  if (name == "zeros") return 0;
  if (name == "clusters") return clusters(d, seed, k);
  throw InputError("The golden file asks for a generator that is not known: " + name + ".");
}

std::vector<double> input(const Json& d) {
  const auto name = d.at("gen").get<std::string>();
  const auto seed = d.value("seed", std::uint64_t{0});
  std::uint64_t count = 1;
  for (const Json& size : d.at("shape")) count *= size.get<std::uint64_t>();
  const double scale = d.value("scale", 1.0), shift = d.value("shift", 0.0);
  std::vector<double> out(count);
  for (std::uint64_t k = 0; k < count; ++k)
    out[k] = static_cast<float>(drawn(d, name, seed, k) * scale + shift);
  return out;
}

Matrix matrix(const Json& d) {
  return {d.at("shape").at(0).get<std::int64_t>(), d.at("shape").at(1).get<std::int64_t>(),
          input(d)};
}

}  // namespace selfsight::reference
