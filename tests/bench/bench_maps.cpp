// How long a t-SNE map of Fashion-MNIST's test images takes, and how good it is.
// Usage: bench_maps [images] [iterations] [theta]
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/dataset/dataset.h"
#include "core/maps/maps.h"
#include "core/maps/tsne_parts.h"

using namespace selfsight;

namespace {

double seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Matrix pixels(std::int64_t count) {
  const auto dataset = open_dataset("fashion-mnist");
  auto indices = dataset->indices(Split::test);
  const auto more = dataset->indices(Split::train);
  indices.insert(indices.end(), more.begin(), more.end());
  indices.resize(std::min(indices.size(), static_cast<std::size_t>(count)));
  Matrix out{static_cast<std::int64_t>(indices.size()), 0, {}};
  for (const std::int64_t index : indices) {
    const cv::Mat image = dataset->image(index);
    out.columns = static_cast<std::int64_t>(image.total());
    for (const auto value : cv::Mat_<std::uint8_t>(image)) out.values.push_back(value / 255.0);
  }
  return out;
}

}  // namespace

int main(int count, char** words) {
  const Matrix images = pixels(count > 1 ? std::atoll(words[1]) : 10'000);
  TsneOptions options;
  options.iterations = count > 2 ? std::atoll(words[2]) : 1000;
  options.theta = count > 3 ? std::atof(words[3]) : options.theta;
  Control control;
  double last = seconds();
  const Matrix rows = pca(images, options.pca_components).scores;
  std::printf("pca %.2f s\n", seconds() - last);
  last = seconds();
  const auto p = joint_probabilities(rows, options.perplexity,
                                     static_cast<std::int64_t>(3 * options.perplexity), control);
  std::printf("affinities %.2f s, %zu entries\n", seconds() - last, p.values.size());
  last = seconds();
  const TsneResult result = tsne(rows, options, control);
  std::printf("t-SNE of %lld x %lld, %lld iterations: %.2f s, KL %.4f\n",
              static_cast<long long>(rows.rows), static_cast<long long>(rows.columns),
              static_cast<long long>(result.iterations), seconds() - last, result.kl);
}
