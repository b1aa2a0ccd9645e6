// Features on disk, so that what has been computed once is not computed again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/probes/frozen.h"

namespace selfsight {

/// All that a table of features depends on.
struct FeatureKey {
  std::string encoder;  // FrozenModel::identity(), or "pixels"
  std::string dataset;  // Dataset::fingerprint()
  std::vector<std::int64_t> indices;
  std::int64_t view_size = 0;
  std::string interpolation;
  std::string stamp{};  // Dataset::stamp() of these images

  /// SHA-256 of the content above.
  std::string hash() const;
};

/// One file of safetensors per table in a folder, named by the hash of its key. Calls are safe from
/// any thread and any program: a file is whole or not there.
class FeatureCache {
 public:
  /// The folder is made when something is stored. Beyond `limit` bytes the tables that have been
  /// idle longest go.
  explicit FeatureCache(std::filesystem::path folder, std::uintmax_t limit = std::uintmax_t(4)
                                                                             << 30);

  /// The stored table, or what `make` gives, which is then stored unless it is empty. A file that
  /// cannot be read is made anew, and so is a table that `holds`, where it is given, says no to;
  /// one that cannot be written is done without.
  Features get(const FeatureKey& key, const std::function<Features()>& make,
               const std::function<bool(const Features&)>& holds = {}) const;

 private:
  void trim() const;

  std::filesystem::path folder_;
  std::uintmax_t limit_;
};

/// extract() and raw_pixels() through the cache. An encoder without an identity is not cached. A
/// table that lacks an image which can be opened now is made anew.
Features extract(const FeatureCache& cache, FrozenModel& model, const Dataset& dataset,
                 const std::vector<std::int64_t>& indices, Control& control,
                 const Progress& progress = {});
Features raw_pixels(const FeatureCache& cache, const Dataset& dataset,
                    const std::vector<std::int64_t>& indices, std::int64_t size, Control& control,
                    const Progress& progress = {});

}  // namespace selfsight
