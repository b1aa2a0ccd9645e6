// The inputs of all other cases: if these are wrong, nothing else can be right.
#include <cmath>
#include <cstdio>

#include "tests/reference/reference.h"

namespace selfsight::reference {
namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

/// The first entries, and mean and spread of many.
void stream(const Json& params, const std::string& name, const Json& wanted, Findings& found) {
  const auto seed = wanted.at("seed").get<std::uint64_t>();
  for (const char* list : {"first6", "first16"})
    if (const auto first = wanted.find(list); first != wanted.end())
      for (std::size_t k = 0; k < first->size(); ++k)
        found.same("entry " + std::to_string(k),
                   drawn(params, name, seed, k) == first->at(k).get<double>());
  if (!wanted.contains("sum_1000")) return;
  double thousand = 0, sum = 0, squares = 0;
  constexpr int many = 100000;
  for (int k = 0; k < many; ++k) {
    const double value = drawn(params, name, seed, static_cast<std::uint64_t>(k));
    if (k < 1000) thousand += value;
    sum += value, squares += value * value;
  }
  const double mean = sum / many;
  found.near("the sum of 1000", thousand, wanted.at("sum_1000").get<double>(), 1e-12, 1e-10);
  found.near("the mean", mean, wanted.at("mean_100000").get<double>(), 1e-9, 1e-12);
  found.near("the spread", std::sqrt(squares / many - mean * mean),
             wanted.at("std_100000").get<double>(), 1e-4);
}

void one(const std::string& id, const Json& params, const Json& wanted, Findings& found) {
  if (id == "bits") {
    const Json& first = wanted.at("first_k_hex");
    for (std::size_t k = 0; k < first.size(); ++k)
      found.same("entry " + std::to_string(k),
                 hexadecimal(bits(wanted.at("seed").get<std::uint64_t>(), k)) == first[k]);
  } else if (id == "fnv1a64") {
    const std::uint64_t hash = fnv1a64(wanted.at("text").get<std::string>());
    found.same("the hash", hexadecimal(hash) == wanted.at("hash_hex"));
    const Json& first = wanted.at("sym_first3");
    for (std::size_t k = 0; k < first.size(); ++k)
      found.same("entry " + std::to_string(k),
                 drawn(params, "sym", hash, k) == first[k].get<double>());
  } else if (id == "clusters") {
    found.same("the values",
               input(wanted.at("input")) == wanted.at("values_float32").get<std::vector<double>>());
  } else if (id == "image_u8") {
    const cv::Mat image = picture(wanted);
    found.same("the pixels", std::vector<int>(image.data, image.data + 3 * image.total()) ==
                                 wanted.at("values").get<std::vector<int>>());
  } else {
    stream(params, id, wanted, found);
  }
}

void generator(const Json& c, Findings& found) {
  for (const Json& wanted : c.at("expected"))
    one(c.at("id").get<std::string>(), c.at("params"), wanted, found);
}

}  // namespace

void add_generator_families(Families& families) {
  families["generator"] = generator;
}

}  // namespace selfsight::reference
