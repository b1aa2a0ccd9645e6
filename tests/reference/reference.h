// Checks files of known-good numbers (the golden schema) against this program's own functions.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/maps/maps.h"

namespace selfsight::reference {

using Json = nlohmann::json;

/// The generator's random bits: entry `k` of the stream `seed`.
std::uint64_t bits(std::uint64_t seed, std::uint64_t k);
std::uint64_t fnv1a64(const std::string& text);
/// Entry `k` of the generator `name`, in double precision; `d` has what else it asks for.
double drawn(const Json& d, const std::string& name, std::uint64_t seed, std::uint64_t k);
/// The generator image_u8: RGB, row by row.
cv::Mat picture(const Json& description);

/// The numbers of an input, row-major: drawn from its seed, rounded to single precision, widened.
/// Throws InputError for a generator that is not known.
std::vector<double> input(const Json& description);
Matrix matrix(const Json& description);

/// What a case gave that it should not have.
class Findings {
 public:
  /// |got - wanted| <= absolute + relative * |wanted|
  void near(const std::string& what, double got, double wanted, double relative,
            double absolute = 0);
  void at_most(const std::string& what, double got, double limit);
  void same(const std::string& what, bool equal);
  /// Sum, Euclidean length and first entries of a tensor, each against its length.
  void checksum(const std::string& what, std::span<const double> got, const Json& wanted,
                double relative);

  int checks() const { return checks_; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void take(bool right, const std::string& sentence);

  int checks_ = 0;
  std::vector<std::string> failures_;
};

/// Thrown by a family for a case that nothing here computes; it is skipped.
struct NotComputed {};

/// Checks one case.
using Family = void (*)(const Json& golden_case, Findings& findings);
using Families = std::map<std::string, Family>;

void add_cluster_loss_families(Families& families);
void add_generator_families(Families& families);
void add_loss_families(Families& families);
void add_metric_families(Families& families);
void add_model_families(Families& families);
void add_optim_families(Families& families);
void add_pair_loss_families(Families& families);
void add_tsne_families(Families& families);
void add_view_families(Families& families);

}  // namespace selfsight::reference
