#include "app/jobs/pipeline_placing.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>

#include "core/base/error.h"
#include "core/maps/sequence.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t fewest_mapped = 4;

Json protocol_of(const StoredMap& map) {
  auto protocol = Json::parse(map.protocol, nullptr, false);
  return protocol.is_object() ? protocol : Json::object();
}

StoredMap map_to_place_into(const Store& store, std::int64_t run, const Dataset& mapped) {
  const std::string number = std::to_string(run);
  auto map = newest_map(store, run, "tsne", mapped.fingerprint());
  if (!map)
    throw InputError("Run " + number + " has no t-SNE map of " + mapped.name() +
                     " yet; lay one out first, with `selfsight map " + number + "` or in Explore.");
  if (!kept_step(store, *map))
    throw InputError("The checkpoint that the newest t-SNE map of run " + number +
                     " was made with is not kept any more; lay a new map out first, with "
                     "`selfsight map " +
                     number + "` or in Explore.");
  return std::move(*map);
}

Features all_features(const FeatureCache& cache, FrozenModel& model, const Dataset& dataset,
                      Control& control, const Progress& progress) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(dataset.size()));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  return extract(cache, model, dataset, ids, control, progress);
}

}  // namespace

std::vector<StoredMap> map_heads_of(const Store& store, std::int64_t run,
                                    const std::string& fingerprint) {
  auto heads = store.map_heads(run);
  if (heads.empty()) return heads;
  const Run known = store.run(run);
  std::erase_if(heads,
                [&](const StoredMap& head) { return images_of_map(head, known) != fingerprint; });
  return heads;
}

std::optional<StoredMap> newest_map(const Store& store, std::int64_t run, const std::string& method,
                                    const std::string& fingerprint) {
  const auto heads = map_heads_of(store, run, fingerprint);
  const auto newest = std::find_if(heads.rbegin(), heads.rend(),
                                   [&](const StoredMap& head) { return head.method == method; });
  if (newest == heads.rend()) return std::nullopt;
  return store.map(newest->id);
}

std::optional<std::int64_t> kept_step(const Store& store, const StoredMap& map) {
  const auto step = protocol_of(map).value("checkpoint_step", std::int64_t{-1});
  for (const StoredCheckpoint& checkpoint : store.checkpoints(map.run))
    if (checkpoint.info.step == step) return step;
  return std::nullopt;
}

Features finite_rows(const Features& features) {
  Features out{0, features.columns, {}, {}, {}};
  for (std::int64_t row = 0; row < features.rows; ++row) {
    const auto begin = features.values.begin() + row * features.columns;
    const auto end = begin + features.columns;
    if (!std::all_of(begin, end, [](float value) { return std::isfinite(value); })) continue;
    out.values.insert(out.values.end(), begin, end);
    out.ids.push_back(features.ids[static_cast<std::size_t>(row)]);
    out.labels.push_back(features.labels[static_cast<std::size_t>(row)]);
    ++out.rows;
  }
  return out;
}

std::vector<float> places_on_map(const Features& fresh, const Features& known,
                                 const std::vector<std::int64_t>& ids, const std::vector<float>& xy,
                                 double perplexity, const Control& control) {
  std::unordered_map<std::int64_t, std::size_t> mapped;
  for (std::size_t i = 0; i < ids.size(); ++i) mapped.emplace(ids[i], i);
  Matrix rows{0, known.columns, {}}, layout{0, 2, {}};
  for (std::int64_t row = 0; row < known.rows; ++row) {
    const auto at = mapped.find(known.ids[static_cast<std::size_t>(row)]);
    if (at == mapped.end()) continue;
    const auto begin = known.values.begin() + row * known.columns;
    rows.values.insert(rows.values.end(), begin, begin + known.columns);
    layout.values.insert(layout.values.end(), {xy[2 * at->second], xy[2 * at->second + 1]});
    ++rows.rows;
    ++layout.rows;
  }
  if (rows.rows < fewest_mapped) return {};
  const Matrix own{fresh.rows, fresh.columns, {fresh.values.begin(), fresh.values.end()}};
  const double most = static_cast<double>(rows.rows) / 3;
  const Matrix places = placed(own, rows, layout, std::min(perplexity, most), control);
  return {places.values.begin(), places.values.end()};
}

PlacingReport place_images(const std::filesystem::path& store_folder, std::int64_t run,
                           const Dataset& mapped, const Dataset& fresh, Control& control,
                           const Progress& progress) {
  const Store store(store_folder);
  PlacingReport report;
  report.map = map_to_place_into(store, run, mapped);
  report.perplexity = protocol_of(report.map).value("perplexity", TsneOptions{}.perplexity);
  const auto model = open_model_at(store, run, kept_step(store, report.map).value());
  report.checkpoint = model->checkpoint();
  const FeatureCache cache = feature_cache(store);
  const Features known =
      extract(cache, *model, mapped, report.map.ids, control, part_of(progress, 0, 0.3));
  const Features own =
      finite_rows(all_features(cache, *model, fresh, control, part_of(progress, 0.3, 0.9)));
  report.left_out = static_cast<std::int64_t>(fresh.broken().size()) + fresh.size() - own.rows;
  if (own.rows == 0)
    throw InputError("None of the images of " + fresh.name() +
                     " can be placed: they could not be read, or their features hold values that "
                     "are no numbers.");
  report.ids = own.ids;
  report.xy = places_on_map(own, known, report.map.ids, report.map.xy, report.perplexity, control);
  if (report.xy.empty())
    throw InputError("The newest t-SNE map of run " + std::to_string(run) +
                     " has fewer than four images, which is too few to place others among; lay a "
                     "larger one out first.");
  if (progress) progress(1);
  return report;
}

}  // namespace selfsight
