#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/exchange/npy.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

double now() {
  using namespace std::chrono;
  return std::chrono::duration<double>(steady_clock::now().time_since_epoch()).count();
}

/// Peak memory of this process.
double peak_gib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

/// The images of Fashion-MNIST, those of the test split first, as rows of pixels in [0, 1].
Matrix pixels(std::int64_t count, const Control& control) {
  const auto dataset = open_dataset("fashion-mnist");
  auto indices = dataset->indices(Split::test);
  for (const Split split : {Split::train, Split::validation}) {
    const auto more = dataset->indices(split);
    indices.insert(indices.end(), more.begin(), more.end());
  }
  indices.resize(std::min(indices.size(), static_cast<std::size_t>(count)));
  Matrix out{static_cast<std::int64_t>(indices.size()), 0, {}};
  for (const std::int64_t index : indices) {
    control.check();
    const cv::Mat image = dataset->image(index);
    out.columns = static_cast<std::int64_t>(image.total());
    out.values.reserve(indices.size() * image.total());
    for (const auto value : cv::Mat_<std::uint8_t>(image)) out.values.push_back(value / 255.0);
  }
  return out;
}

Matrix features_of(const BenchMapArguments& arguments, const Control& control) {
  if (!arguments.features.empty()) {
    const NpyMatrix given = load_npy(arguments.features);
    return {given.rows, given.columns, {given.values.begin(), given.values.end()}};
  }
  return pca(pixels(arguments.images, control), 50).scores;
}

}  // namespace

int bench_map_verb(const Common& common, const BenchMapArguments& arguments, Control& control) {
  check_out(arguments.save_features);
  const Matrix rows = features_of(arguments, control);
  if (!arguments.save_features.empty())
    save_npy(arguments.save_features,
             {rows.rows, rows.columns, {rows.values.begin(), rows.values.end()}});
  TsneOptions options;
  options.iterations = arguments.iterations;
  options.repulsion = arguments.repulsion;
  options.pca_components = 0;  // as they are
  double begin = now();
  joint_probabilities(rows, options.perplexity, static_cast<std::int64_t>(3 * options.perplexity),
                      control);
  const double neighbours = now() - begin;
  double first = 0;
  begin = now();
  const TsneResult result =
      tsne(rows, options, control, [&](const Matrix&, std::int64_t iteration) {
        if (iteration > 0 && first == 0) first = now() - begin;
      });
  const double seconds = now() - begin;
  Json line{{"event", "bench"},
            {"what", "map"},
            {"points", rows.rows},
            {"dimensions", rows.columns},
            {"perplexity", options.perplexity},
            {"iterations", result.iterations},
            {"repulsion", options.repulsion},
            {"seconds", seconds},
            {"seconds_neighbours", neighbours},
            {"seconds_first_layout_after_neighbours", first - neighbours},
            {"kl", result.kl},
            {"peak_gib", peak_gib()}};
  if (arguments.trustworthiness)
    line["trustworthiness_k10"] = trustworthiness(rows, result.layout, 10);
  if (common.json) {
    print_json(line);
    return 0;
  }
  std::cout << "t-SNE of " << grouped(rows.rows) << " points of " << rows.columns << " dimensions, "
            << result.iterations << " iterations: " << digits(seconds) << " s, of which neighbours "
            << digits(neighbours) << " s; first layout " << digits(first - neighbours)
            << " s after them; KL " << digits(result.kl) << "; peak memory " << digits(peak_gib())
            << " GiB"
            << (arguments.trustworthiness ? "; trustworthiness (k 10) " +
                                                digits(line["trustworthiness_k10"].get<double>())
                                          : "")
            << ".\n";
  return 0;
}

}  // namespace selfsight
