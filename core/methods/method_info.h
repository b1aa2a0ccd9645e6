// What a method says of itself. Plain values, so that the window and the command line can read it;
// the methods themselves stand in method.h, which knows torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/nets/encoder_options.h"
#include "core/spec/settings.h"
#include "core/views/inputs.h"

namespace selfsight {

struct MethodInfo {
  std::string name;    // "simclr"
  std::string title;   // "SimCLR"
  std::string family;  // "contrastive", "masked"
  std::string paper;   // "Chen et al. 2020, arXiv:2002.05709"
  std::string help;    // one paragraph: what it asks of the encoder, and when to choose it
  InputKind input = InputKind::two_views;
  Schema options;  // keys without prefix, e.g. "temperature"
  bool needs_transformer = false;
  bool needs_labels = false;
  bool has_prototypes = false;  // among which its head sorts views: Method::assignments()
  /// A loss worth a line in the plot: {6.236, "chance ln(2N−1)"}.
  struct Reference {
    double value = 0;
    std::string label;
  };
  using ReferenceOf = std::optional<Reference> (*)(const Settings& options,
                                                   std::int64_t batch_size);
  /// The loss of an encoder that knows nothing, and of one that gives the same answer to
  /// everything. Null or empty where there is none.
  ReferenceOf chance = nullptr;
  ReferenceOf collapse = nullptr;
  /// Where the chance loss depends on the images: the diagnostic of each step that measures it, and
  /// what to call it.
  struct MeasuredReference {
    std::string metric;
    std::string label;
  };
  std::optional<MeasuredReference> measured_chance;
  /// What each step tells beside the loss; diagnostic_help() says what a name means.
  std::vector<std::string> diagnostics;
  /// Throws InputError where the options contradict each other or the batch size. Null where any
  /// do.
  void (*check)(const Settings& options, std::int64_t batch_size) = nullptr;
};

/// The register: every method, in the order in which it is shown.
const std::vector<MethodInfo>& method_infos();

/// Throws InputError naming the nearest method. An empty name gives the first.
const MethodInfo& method_info(const std::string& name);

/// One sentence about a diagnostic that methods log; empty for a name that none has.
std::string diagnostic_help(const std::string& name);

/// Throws InputError if the method cannot work with this encoder on views of this size.
void check_encoder_for(const MethodInfo& info, const EncoderOptions& encoder,
                       std::int64_t view_size);

}  // namespace selfsight
