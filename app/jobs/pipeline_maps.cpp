#include "app/jobs/pipeline_maps.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/jobs/pipeline_exchange.h"
#include "app/jobs/pipeline_placing.h"
#include "app/jobs/protocol.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/maps/sequence.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// Rows of length one; a row of zeros stays as it is.
Matrix normalised(Matrix rows) {
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const auto begin = rows.values.begin() + i * rows.columns, end = begin + rows.columns;
    const double squares = std::inner_product(begin, end, begin, 0.0);
    const double scale = 1 / std::max(std::sqrt(squares), 1e-12);
    std::transform(begin, end, begin, [&](double value) { return value * scale; });
  }
  return rows;
}

/// At most `count` of them, evenly apart, with the first and the last.
std::vector<StoredCheckpoint> evenly(const std::vector<StoredCheckpoint>& all, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(all.size());
  if (size <= count) return all;
  if (count < 2) return {all.back()};
  std::vector<StoredCheckpoint> out;
  for (std::int64_t i = 0; i < count; ++i)
    out.push_back(all[static_cast<std::size_t>(i * (size - 1) / (count - 1))]);
  return out;
}

bool finite(const Features& features) {
  return std::all_of(features.values.begin(), features.values.end(),
                     [](float value) { return std::isfinite(value); });
}

StoredMap frame_map(std::int64_t run, const Dataset& dataset, const Features& features,
                    const TsneResult& result, const SequenceRequest& request,
                    const CheckpointInfo& checkpoint) {
  StoredMap map;
  map.run = run;
  map.method = sequence_method;
  map.ids = features.ids;
  map.xy.assign(result.layout.values.begin(), result.layout.values.end());
  Json protocol{{"images", features.rows},
                {"splits", splits_words(request.split)},
                {"dataset_fingerprint", dataset.fingerprint()},
                {"checkpoint_step", checkpoint.step},
                {"checkpoint_epoch", checkpoint.epoch},
                {"perplexity", request.tsne.perplexity},
                {"iterations", result.iterations},
                {"kl", result.kl}};
  protocol.update(tsne_words(request.tsne));
  map.protocol = json_text(protocol);
  return map;
}

}  // namespace

void check_enough(std::size_t images, std::size_t candidates, const std::string& split,
                  const TsneOptions& tsne) {
  const auto count = static_cast<std::int64_t>(images);
  const std::int64_t least = fewest_tsne_rows(tsne.perplexity);
  if (count >= least) return;
  const std::int64_t highest = (count - 2) / 3;
  std::string cure = candidates > images ? "Lay out more of them"
                     : split == "all"    ? "Open more images"
                                         : "Map all images";
  if (highest >= 2) cure += ", or take a perplexity of " + grouped(highest) + " or less";
  throw InputError("A t-SNE map of perplexity " + grouped(static_cast<int>(tsne.perplexity)) +
                   " needs at least " + grouped(least) + " images, and there are " +
                   grouped(count) + (split == "all" ? "" : " of these splits") + ". " + cure + ".");
}

Matrix to_matrix(const Features& features) {
  return {features.rows, features.columns, {features.values.begin(), features.values.end()}};
}

std::vector<StoredMap> make_map_sequence(const std::filesystem::path& store_folder,
                                         std::int64_t run, const Dataset& dataset,
                                         const SequenceRequest& request, Control& control,
                                         const Progress& progress,
                                         const std::function<void(const StoredMap&)>& each) {
  Store store(store_folder);
  const auto checkpoints = evenly(store.checkpoints(run), request.frames);
  if (checkpoints.empty())
    throw InputError("Run " + std::to_string(store.run(run).id) +
                     " has no checkpoint yet; train it first.");
  const auto candidates = images_of(dataset, request.split);
  const auto ids =
      sample_of(dataset, candidates, request.images, static_cast<std::uint64_t>(request.tsne.seed));
  check_enough(ids.size(), candidates.size(), request.split, request.tsne);
  MapSequence sequence(request.tsne);
  std::vector<StoredMap> maps;
  Json diverged = Json::array();  // epochs
  std::size_t gone = 0;           // a run in training deletes its older ones meanwhile
  const auto frames = static_cast<double>(checkpoints.size());
  for (const StoredCheckpoint& checkpoint : checkpoints) {
    const double begin = static_cast<double>(maps.size() + diverged.size() + gone) / frames;
    const double end = begin + 1 / frames;
    const double middle = begin + 0.4 * (end - begin);
    std::shared_ptr<FrozenModel> model;
    try {
      model = FrozenModel::from_checkpoint(checkpoint.info.file);
    } catch (const InputError&) {
      if (std::filesystem::exists(checkpoint.info.file)) throw;
      ++gone;
      continue;
    }
    const Features features = extract(feature_cache(store), *model, dataset, ids, control,
                                      part_of(progress, begin, middle));
    if (!finite(features)) {
      diverged.push_back(checkpoint.info.epoch);
      continue;
    }
    const TsneResult result = sequence.next(to_matrix(features), control);
    maps.push_back(frame_map(run, dataset, features, result, request, checkpoint.info));
    if (each) each(maps.back());
    if (progress) progress(end);
  }
  if (maps.empty() && diverged.empty())
    throw InputError("The checkpoints of run " + std::to_string(run) +
                     " were deleted before they could be mapped; map it again.");
  if (maps.empty())
    throw InputError("The encoder of run " + std::to_string(run) +
                     " has diverged: at every checkpoint its features hold values that are no "
                     "numbers, so there is nothing to map.");
  for (std::size_t i = 0; i < maps.size(); ++i) {
    Json protocol = Json::parse(maps[i].protocol);
    protocol["frame"] = i;
    protocol["frames"] = maps.size();
    if (!diverged.empty()) protocol["left_out_epochs"] = diverged;
    maps[i].protocol = json_text(protocol);
    maps[i].id = store.add_map(maps[i]);
  }
  return maps;
}

std::vector<StoredMap> stored_sequence(const Store& store, std::int64_t run,
                                       std::string fingerprint) {
  if (fingerprint.empty()) fingerprint = store.run(run).dataset_fingerprint;
  std::vector<std::int64_t> sequence;
  std::size_t frames = 0;
  for (const StoredMap& head : map_heads_of(store, run, fingerprint)) {
    if (head.method != sequence_method) continue;
    const auto protocol = Json::parse(head.protocol, nullptr, false);
    if (!protocol.is_object()) continue;
    if (protocol.value("frame", -1) == 0) {
      sequence.clear();
      frames = protocol.value("frames", std::size_t{0});
    }
    sequence.push_back(head.id);
  }
  std::vector<StoredMap> out;
  if (sequence.size() == frames)
    for (const std::int64_t id : sequence) out.push_back(store.map(id));
  return out;
}

std::string left_out_words(const std::vector<StoredMap>& sequence) {
  if (sequence.empty()) return {};
  const auto protocol = Json::parse(sequence.front().protocol, nullptr, false);
  if (!protocol.is_object()) return {};
  std::string epochs;
  for (const Json& epoch : protocol.value("left_out_epochs", Json::array())) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", epoch.get<double>());
    epochs += (epochs.empty() ? "" : ", ") + std::string(text);
  }
  if (epochs.empty()) return {};
  return "Left out, as their features hold values that are no numbers: the checkpoints of epoch " +
         epochs + ".";
}

std::int64_t cluster_count(const Dataset& dataset) {
  return dataset.labelled() ? static_cast<std::int64_t>(dataset.classes().size()) : 10;
}

std::vector<int> clusters_of(const Features& features, std::int64_t k, std::int64_t seed,
                             const Control& control) {
  return k_means(normalised(to_matrix(features)), k, seed, control).group;
}

ClusterReport cluster_images(const std::filesystem::path& store_folder, const EncoderSource& source,
                             const Dataset& dataset, const ClusterRequest& request,
                             Control& control, const Progress& progress) {
  Store store(store_folder);
  const auto model = open_model(store, source);
  const auto ids = sample_of(dataset, images_of(dataset, request.split), request.images,
                             static_cast<std::uint64_t>(request.seed));
  const Features features =
      extract(feature_cache(store), *model, dataset, ids, control, part_of(progress, 0, 0.9));
  ClusterReport report;
  report.k = request.k == 0 ? cluster_count(dataset) : request.k;
  report.ids = features.ids;
  report.group = clusters_of(features, report.k, request.seed, control);
  report.agreement = agreement(features.labels, report.group);
  Json protocol{{"images", features.rows},
                {"labelled", report.agreement.rows},
                {"splits", splits_words(request.split)},
                {"method", "k-means, the best of three starts, on normalised features"},
                {"k", report.k},
                {"seed", request.seed},
                {"dataset_fingerprint", dataset.fingerprint()}};
  protocol.update(encoder_words(source, *model));
  report.protocol = json_text(protocol);
  if (source.is_run() && report.agreement.rows > 0) {
    store.add_evaluation(
        {0, source.run, "clusters", "purity", report.agreement.purity, report.protocol, ""});
    store.add_evaluation(
        {0, source.run, "clusters", "nmi", report.agreement.nmi, report.protocol, ""});
  }
  if (progress) progress(1);
  return report;
}

}  // namespace selfsight
