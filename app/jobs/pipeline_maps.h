// Maps over a run's checkpoints, the health of its encoder, and search among its images: what the
// window and the command line both do with them. No Qt, no torch.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/maps/quality.h"
#include "core/maps/search.h"
#include "core/probes/health.h"

namespace selfsight {

/// Rows as the maps take them.
Matrix to_matrix(const Features& features);

/// Before features are computed for nothing. Throws InputError if a t-SNE map needs more images
/// than these, drawn from the `candidates` of `split` as images_of() takes it.
void check_enough(std::size_t images, std::size_t candidates, const std::string& split,
                  const TsneOptions& tsne);

/// The method under which the maps of a sequence are stored.
inline constexpr const char* sequence_method = "tsne-sequence";

struct SequenceRequest {
  std::int64_t images = 2000;  // a stratified sample of the split, always the same
  std::int64_t frames = 20;    // at most: the checkpoints evenly apart, the first and last included
  TsneOptions tsne;
  std::string split = "held-out";  // as images_of() takes it
};

/// One map for each of the run's checkpoints whose file is still there, oldest first, each laid
/// over the one before so that an image stays where it was unless its features changed. All are
/// stored at the end, with checkpoint_step, checkpoint_epoch, frame and frames in their protocols.
/// Checkpoints whose features are no numbers are left out, and the protocols name their epochs in
/// left_out_epochs. `each` hears of every finished map. Throws InputError if the run has no
/// checkpoint that can be mapped, Cancelled (and then stores nothing).
std::vector<StoredMap> make_map_sequence(const std::filesystem::path& store, std::int64_t run,
                                         const Dataset& dataset, const SequenceRequest& request,
                                         Control& control, const Progress& progress = {},
                                         const std::function<void(const StoredMap&)>& each = {});

/// The newest whole sequence of the run over the images of this data set, or without a word over
/// its own, in order; empty if there is none.
std::vector<StoredMap> stored_sequence(const Store& store, std::int64_t run,
                                       std::string fingerprint = {});

/// Which checkpoints a sequence left out, as a sentence; empty if none.
std::string left_out_words(const std::vector<StoredMap>& sequence);

struct HealthRequest {
  std::int64_t images = 2000;
  std::int64_t views = 4;  // augmented views of each image, as training makes them; 0: none
};
struct HealthReport {
  Health health;
  std::string protocol;  // JSON
  /// The numbers, as they are stored of a run; the effective rank's protocol holds the spectrum and
  /// the correlation too, made small.
  std::vector<Evaluation> evaluations;
};

/// Of the encoder, on validation images (or, where there are none, on test images). The numbers of
/// a run are stored as evaluations of kind "health". One that came as a file is shown SimCLR's
/// augmentations at their defaults.
HealthReport measure_health(const std::filesystem::path& store, const EncoderSource& source,
                            const Dataset& dataset, const HealthRequest& request, Control& control,
                            const Progress& progress = {});

struct ClusterRequest {
  std::int64_t images = 5000;  // a stratified sample of the split
  std::int64_t k = 0;          // groups; 0: cluster_count()
  std::int64_t seed = 0;
  std::string split = "held-out";  // as images_of() takes it
};
struct ClusterReport {
  std::vector<std::int64_t> ids;
  std::vector<int> group;  // of each id
  std::int64_t k = 0;
  Agreement agreement;  // with the labels; its rows are 0 where there are none
  std::string protocol;
};

/// As many groups as there are classes, or 10.
std::int64_t cluster_count(const Dataset& dataset);
/// The group of each row, by k-means on the normalised features.
std::vector<int> clusters_of(const Features& features, std::int64_t k, std::int64_t seed,
                             const Control& control);

/// The encoder's features, normalised, parted by k-means. A run's agreement with the labels is
/// stored as evaluations of kind "clusters".
ClusterReport cluster_images(const std::filesystem::path& store, const EncoderSource& source,
                             const Dataset& dataset, const ClusterRequest& request,
                             Control& control, const Progress& progress = {});

struct SearchRequest {
  std::int64_t images = 100000;  // searched among: a stratified sample of all, or all
  std::int64_t k = 10;
};
struct SearchReport {
  std::vector<Found> found;  // nearest first; rows are those of `ids`
  std::vector<std::int64_t> ids;
  bool exact = true;
  double recall = 1;          // of the index, measured on these features
  std::int64_t left_out = 0;  // images whose features are no numbers
  double seconds = 0;         // of the search itself
  std::string protocol;       // JSON
};

/// The images of the data set that the encoder finds most like `image` (as a Dataset gives them:
/// 8-bit).
SearchReport search_images(const Store& store, const EncoderSource& source, const Dataset& dataset,
                           const cv::Mat& image, const SearchRequest& request, Control& control,
                           const Progress& progress = {});

}  // namespace selfsight
