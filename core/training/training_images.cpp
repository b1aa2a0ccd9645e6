#include "core/training/training_images.h"

#include "core/training/features.h"

namespace selfsight {

std::vector<std::int64_t> training_images(const Dataset& dataset, const RunSpec& spec) {
  check_trainable(spec, dataset);
  auto images = dataset.indices(Split::train);
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  if (spec.data.limit > 0) images = random_sample(std::move(images), spec.data.limit, seed);
  return images;
}

}  // namespace selfsight
