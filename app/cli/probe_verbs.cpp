#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// A bar for `progress`, or silence where machines read.
Progress bar_progress(ProgressBar& bar, const Common& common) {
  if (common.json) return {};
  return [&bar](double done) { bar.show(done, -1, ""); };
}

void save_layout(const std::string& path, const std::vector<float>& xy) {
  if (!path.empty()) save_npy(path, {static_cast<std::int64_t>(xy.size() / 2), 2, xy});
}

/// What was measured, and how.
std::string probe_words(const std::string& kind, const Json& protocol) {
  const std::string queries = grouped(protocol.at("query_images").get<std::int64_t>());
  const std::string bank = grouped(protocol.at("bank_images").get<std::int64_t>());
  if (kind == "linear")
    return "Linear probe on " + queries + " test images (logistic regression on " + bank +
           " training images, standardised, L2 of " +
           digits(protocol.at("l2_per_image").get<double>()) +
           " per image chosen on the validation split, clean views, eval mode)";
  if (kind == "retrieval")
    return "Retrieval mAP of " + queries + " test images (cosine, the whole bank of " + bank +
           " training images sorted for each, clean views, eval mode)";
  return "kNN accuracy on " + queries + " test images (k " +
         std::to_string(protocol.at("k").get<std::int64_t>()) + ", T " +
         digits(protocol.at("temperature").get<double>()) +
         (protocol.contains("k_and_temperature") ? ", chosen on the validation split" : "") +
         ", bank of " + bank + " training images, clean views, eval mode)";
}

/// Accuracy of each class by its name, null where none of it was asked about.
Json class_accuracies(const Classification& result, const std::vector<std::string>& names) {
  Json out = Json::object();
  for (std::size_t c = 0; c < result.confusion.size(); ++c) {
    const auto& row = result.confusion[c];
    const auto asked = std::accumulate(row.begin(), row.end(), std::int64_t{0});
    out[names.at(c)] =
        asked == 0 ? Json(nullptr) : Json(static_cast<double>(row[c]) / static_cast<double>(asked));
  }
  return out;
}

int map_of_features(const Common& common, const MapArguments& arguments, Control& control) {
  const NpyMatrix features = load_npy(arguments.features);
  const Matrix rows{
      features.rows, features.columns, {features.values.begin(), features.values.end()}};
  Json line{{"event", "map"}, {"method", arguments.method}, {"points", rows.rows}};
  Matrix layout;
  if (arguments.method == "pca") {
    const Pca result = pca_layout(rows);
    layout = result.scores;
    line["explained_ratio"] = result.explained_ratio;
  } else {
    TsneOptions options;
    options.perplexity = arguments.perplexity;
    options.iterations = arguments.iterations;
    options.seed = arguments.seed;
    ProgressBar bar("t-SNE");
    const auto progress = bar_progress(bar, common);
    const TsneResult result = tsne(rows, options, control, [&](const Matrix&, std::int64_t done) {
      if (progress) progress(static_cast<double>(done) / static_cast<double>(options.iterations));
    });
    layout = result.layout;
    line["kl"] = result.kl;
    line["perplexity"] = options.perplexity;
    line["iterations"] = result.iterations;
  }
  save_layout(arguments.out, {layout.values.begin(), layout.values.end()});
  if (!arguments.out.empty()) line["file"] = arguments.out;
  if (common.json)
    print_json(line);
  else
    std::cout << "Mapped " << rows.rows << " points"
              << (line.contains("kl") ? ", KL " + digits(line["kl"].get<double>()) : "")
              << (arguments.out.empty() ? "" : ", saved to " + arguments.out) << ".\n";
  return 0;
}

}  // namespace

int probe_verb(const Common& common, const ProbeArguments& arguments, const DrawCurve& draw,
               Control& control) {
  const bool trains = arguments.kind == "labels" || arguments.kind == "finetune";
  if (trains && !arguments.of.file.empty())
    throw InputError(
        "Fine-tuning goes on from a run: begin one with --set encoder.weights=FILE, or "
        "probe the encoder by knn, linear or retrieval.");
  if (trains && arguments.of.run.empty()) throw InputError("Name a run.");
  if (trains && arguments.of.step)
    throw InputError("Fine-tuning begins from the newest checkpoint; leave --step out.");
  if (arguments.kind == "labels") return labels_verb(common, arguments, draw, control);
  if (arguments.kind == "finetune") return finetune_verb(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of);
  ProbeReport report;
  {
    ProgressBar bar(arguments.kind == "knn" ? "kNN" : arguments.kind);
    report = evaluate(common.store, subject.source, *subject.dataset,
                      {.kind = arguments.kind,
                       .k = arguments.k,
                       .temperature = arguments.temperature,
                       .choose = arguments.choose,
                       .bank = arguments.bank,
                       .queries = arguments.queries},
                      control, bar_progress(bar, common));
  }
  const Json protocol = Json::parse(report.protocol);
  if (common.json) {
    Json line{{"event", "probe"}};
    line.update(subject.json());
    line.update({{"kind", report.kind},
                 {report.kind == "retrieval" ? "map" : "accuracy", report.trained.top1},
                 {"random_encoder", report.random ? Json(report.random->top1) : Json(nullptr)},
                 {"raw_pixels", report.raw_pixels.value()},
                 {"protocol", protocol}});
    if (!report.trained.confusion.empty()) {
      line["classes"] = class_accuracies(report.trained, subject.dataset->classes());
      line["confusion"] = report.trained.confusion;
    }
    print_json(line);
    return 0;
  }
  std::cout << probe_words(report.kind, protocol) << '\n';
  print_table({{"  trained encoder", percent(report.trained.top1)},
               {"  random encoder", report.random ? percent(report.random->top1) : "none"},
               {"  raw pixels", percent(report.raw_pixels.value())}});
  return 0;
}

int map_verb(const Common& common, const MapArguments& arguments, Control& control) {
  const bool encoder = !arguments.of.run.empty() || !arguments.of.file.empty();
  if (encoder != arguments.features.empty())
    throw InputError(
        "Name either a run or a matrix with --features, or an encoder with --encoder.");
  if (!encoder) return map_of_features(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of);
  MapRequest request{arguments.method, arguments.images, {}};
  request.tsne.perplexity = arguments.perplexity;
  request.tsne.iterations = arguments.iterations;
  request.tsne.seed = arguments.seed;
  MapReport report;
  {
    ProgressBar bar("map");
    report = make_map(common.store, subject.source, *subject.dataset, request, control,
                      bar_progress(bar, common));
  }
  save_layout(arguments.out, report.map.xy);
  Json line{{"event", "map"}};
  line.update(subject.json());
  line.update({{"method", arguments.method},
               {"points", report.map.ids.size()},
               {"protocol", Json::parse(report.map.protocol)}});
  if (!arguments.out.empty()) line["file"] = arguments.out;
  if (common.json)
    print_json(line);
  else
    std::cout << "Mapped " << report.map.ids.size() << " images of " << subject.words() << " "
              << report.map.protocol << (arguments.out.empty() ? "" : ", saved to " + arguments.out)
              << "\n";
  return 0;
}

}  // namespace selfsight
