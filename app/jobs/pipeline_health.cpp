#include <chrono>
#include <nlohmann/json.hpp>

#include "app/jobs/pipeline_maps.h"
#include "app/jobs/protocol.h"
#include "core/base/error.h"
#include "core/training/features.h"
#include "core/views/inputs.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// Validation images, or test images where there are none.
std::pair<std::string, std::vector<std::int64_t>> looked_at(const Dataset& dataset) {
  auto validation = dataset.indices(Split::validation);
  if (!validation.empty()) return {"validation", std::move(validation)};
  return {"test", dataset.indices(Split::test)};
}

/// `count` augmented views of each image, as training makes them, one after another: the first and
/// the second of its two in turn.
Features features_of_views(FrozenModel& model, const Dataset& dataset,
                           const std::vector<std::int64_t>& ids, std::int64_t count,
                           const Control& control, const Progress& progress) {
  const RunSpec spec = run_spec(model.settings());
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  constexpr std::size_t together = 64;  // images
  Features out;
  std::vector<cv::Mat> views;
  const ViewOptions first = spec.input.views, second = second_view(spec.input);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const cv::Mat image = dataset.image(ids[i]);
    for (std::int64_t view = 0; view < count; ++view) {
      const ViewKey key{seed, 0, static_cast<std::uint64_t>(ids[i]),
                        static_cast<std::uint64_t>(view)};
      views.push_back(make_view(image, view % 2 == 0 ? first : second, key).image);
    }
    if ((i + 1) % together != 0 && i + 1 != ids.size()) continue;
    control.check();
    const Features rows = model.features(views);
    views.clear();
    out.columns = rows.columns;
    out.rows += rows.rows;
    out.values.insert(out.values.end(), rows.values.begin(), rows.values.end());
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(ids.size()));
  }
  return out;
}

/// The protocol of the effective rank holds the spectrum that it is of, and what else is seen.
std::vector<Evaluation> evaluations_of(std::int64_t run, const Health& h, const Json& protocol) {
  std::vector<Evaluation> out;
  const auto add = [&](const char* metric, double value) {
    out.push_back({0, run, "health", metric, value, json_text(protocol), ""});
  };
  add("feature_std", h.feature_std);
  add("rank_me", h.rank_me);
  add("effective_rank", h.effective_rank);
  Json whole = protocol;
  whole["picture"] = picture_words(h);
  out.back().protocol = json_text(whole);
  add("uniformity", h.uniformity);
  if (h.power_law) add("alpha_req", h.power_law->alpha);
  if (h.alignment) add("alignment", *h.alignment);
  if (h.lidar) add("lidar", *h.lidar);
  return out;
}

Json health_protocol(const Health& h, const std::string& split, const Dataset& dataset) {
  return {{"split", split},
          {"images", h.images},
          {"left_out", h.left_out},
          {"tensor", "encoder features, not the projector's"},
          {"batch_norm", "eval"},
          {"rank_me", "uncentred, epsilon 1e-7"},
          {"effective_rank", "centred singular values, no epsilon"},
          {"alpha_req", "variances 10 to 99, weights 1 / rank"},
          {"lidar", "delta 1e-4"},
          {"uniformity_t", 2},
          {"alignment_power", 2},
          {"dataset", dataset.name()},
          {"dataset_fingerprint", dataset.fingerprint()}};
}

}  // namespace

HealthReport measure_health(const std::filesystem::path& store_folder, const EncoderSource& source,
                            const Dataset& dataset, const HealthRequest& request, Control& control,
                            const Progress& progress) {
  Store store(store_folder);
  const auto model = open_model(store, source);
  const RunSpec spec = run_spec(model->settings());
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  const auto [split, all] = looked_at(dataset);
  const auto ids = sample_of(dataset, all, request.images, seed);
  if (ids.size() < 2)
    throw InputError(dataset.name() +
                     " has fewer than two images outside the training split; the "
                     "health of an encoder is measured on those.");
  const double share = request.views > 0 ? 1.0 / static_cast<double>(1 + request.views) : 1;
  const Features clean = extract(feature_cache(store), *model, dataset, ids, control,
                                 part_of(progress, 0, 0.9 * share));
  Features views;
  if (request.views > 0)
    views = features_of_views(*model, dataset, clean.ids, request.views, control,
                              part_of(progress, 0.9 * share, 0.9));
  HealthReport report;
  report.health = health(clean, views, request.views, control);
  Json protocol = health_protocol(report.health, split, dataset);
  protocol["views"] = request.views;
  if (spec.input.second_view.own && request.views > 1)
    protocol["second_view"] = "with its own chances of blur and solarize, as in training";
  protocol.update(encoder_words(source, *model));
  if (!source.is_run() && request.views > 0)
    protocol["augmentations"] = "SimCLR's, at their defaults";
  report.protocol = json_text(protocol);
  report.evaluations = evaluations_of(source.run, report.health, protocol);
  if (source.is_run())
    for (const Evaluation& evaluation : report.evaluations) store.add_evaluation(evaluation);
  if (progress) progress(1);
  return report;
}

SearchReport search_images(const Store& store, const EncoderSource& source, const Dataset& dataset,
                           const cv::Mat& image, const SearchRequest& request, Control& control,
                           const Progress& progress) {
  const auto model = open_model(store, source);
  const RunSpec spec = run_spec(model->settings());
  std::vector<std::int64_t> all(static_cast<std::size_t>(dataset.size()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  const auto ids =
      sample_of(dataset, all, request.images, static_cast<std::uint64_t>(spec.train.seed));
  const Features features =
      extract(feature_cache(store), *model, dataset, ids, control, part_of(progress, 0, 0.95));
  if (features.rows == 0) throw InputError(dataset.name() + " has no images to search among.");
  const SearchIndex index(features.values, features.columns, control);
  const Features query = model->features(
      {clean_view(image, spec.input.views.clean_size(), spec.input.views.interpolation)});
  SearchReport report;
  const auto begin = std::chrono::steady_clock::now();
  report.found = index.nearest(query.values, request.k);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report.ids = features.ids;
  report.exact = index.exact();
  report.recall = index.recall();
  report.left_out = index.left_out();
  Json protocol{{"images", features.rows - report.left_out},
                {"left_out", report.left_out},
                {"distance", "cosine"},
                {"exact", report.exact},
                {"recall_at_10", report.recall},
                {"dataset", dataset.name()},
                {"dataset_fingerprint", dataset.fingerprint()}};
  protocol.update(encoder_words(source, *model));
  report.protocol = json_text(protocol);
  if (progress) progress(1);
  return report;
}

}  // namespace selfsight
