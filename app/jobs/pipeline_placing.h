// Where further images stand on a map that is laid out: what the window and the command line both
// do. No Qt, no torch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"

namespace selfsight {

/// The heads of the run's maps of the images of one data set, oldest first: another's have the same
/// numbers.
std::vector<StoredMap> map_heads_of(const Store& store, std::int64_t run,
                                    const std::string& fingerprint);

/// The newest whole one of the images of one data set.
std::optional<StoredMap> newest_map(const Store& store, std::int64_t run, const std::string& method,
                                    const std::string& fingerprint);

/// Of which checkpoint a stored map is; empty, which means the newest, once that is gone.
std::optional<std::int64_t> kept_step(const Store& store, const StoredMap& map);

/// Those rows that are numbers throughout.
Features finite_rows(const Features& features);

/// Where the rows of `fresh` stand on a t-SNE map, [fresh.rows, 2]. `ids` and `xy` ([n, 2]) are the
/// map's, `known` the features of its images in any order; those without features are passed over.
/// Empty where fewer than four are left. Throws as placed() does.
std::vector<float> places_on_map(const Features& fresh, const Features& known,
                                 const std::vector<std::int64_t>& ids, const std::vector<float>& xy,
                                 double perplexity, const Control& control);

struct PlacingReport {
  StoredMap map;  // into which they are placed
  double perplexity = 0;
  CheckpointInfo checkpoint;
  std::vector<std::int64_t> ids;  // of the images that have a place, in increasing order
  std::vector<float> xy;          // [ids.size(), 2]
  std::int64_t left_out = 0;      // that could not be read, or whose features are no numbers
};

/// All images of `fresh` on the run's newest t-SNE map of images of `mapped`, as the checkpoint
/// sees them that was mapped. Nothing is stored but features in the cache. Throws InputError: there
/// is no such map, its checkpoint is gone, or none of the images can be placed. Throws Cancelled.
PlacingReport place_images(const std::filesystem::path& store, std::int64_t run,
                           const Dataset& mapped, const Dataset& fresh, Control& control,
                           const Progress& progress = {});

}  // namespace selfsight
