#include "core/exchange/run_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/archive_reader.h"
#include "core/training/run_spec.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* run_format = "selfsight run 2";
constexpr const char* record_name = "run.json";
/// The first format held the newest checkpoint only, under this name.
constexpr const char* first_format = "selfsight run 1";
constexpr const char* lone_checkpoint = "checkpoint.safetensors";
constexpr std::uint64_t largest_record = std::uint64_t(2) << 30;
constexpr std::uint64_t largest_checkpoint = std::uint64_t(16) << 30;

/// What a part of an archive of so many bytes may unpack to, for it is held in memory: numbers as
/// text pack to a tenth, weights hardly at all.
std::uint64_t most_unpacked(std::uint64_t packed, std::uint64_t most) {
  constexpr std::uint64_t always = 64'000'000, best_ratio = 50;
  return std::min(most, std::max(always, std::min(packed, most) * best_ratio));
}

/// Where a run's images were, for a store that has not seen them.
class Absent : public Dataset {
 public:
  explicit Absent(const Json& json)
      : name_(json.at("name")),
        location_(json.at("location")),
        fingerprint_(json.at("fingerprint")) {}
  std::string name() const override { return name_; }
  std::string location() const override { return location_; }
  std::int64_t size() const override { return 0; }
  cv::Mat image(std::int64_t) const override { throw ImageError("is not here"); }
  std::string image_name(std::int64_t) const override { return {}; }
  int label(std::int64_t) const override { return -1; }
  const std::vector<std::string>& classes() const override { return classes_; }
  Split split(std::int64_t) const override { return Split::train; }
  const std::vector<BrokenImage>& broken() const override { return broken_; }
  int channels() const override { return 3; }
  std::string fingerprint() const override { return fingerprint_; }

 private:
  std::string name_, location_, fingerprint_;
  std::vector<std::string> classes_;
  std::vector<BrokenImage> broken_;
};

// ---- Out

Json metrics_of(const Store& store, std::int64_t run) {
  Json out = Json::object();
  for (const std::string& name : store.metric_names(run))
    for (const MetricPoint& p : store.metric(run, name))
      out[name].push_back({p.step, p.epoch, p.seconds, p.segment, p.value});  // nan becomes null
  return out;
}

Json evaluations_of(const Store& store, std::int64_t run) {
  Json out = Json::array();
  for (const Evaluation& e : store.evaluations(run))
    out.push_back(
        {{"kind", e.kind}, {"metric", e.metric}, {"value", e.value}, {"protocol", e.protocol}});
  return out;
}

Json maps_of(const Store& store, std::int64_t run) {
  Json out = Json::array();
  for (const StoredMap& m : store.maps(run))
    out.push_back({{"method", m.method}, {"protocol", m.protocol}, {"ids", m.ids}, {"xy", m.xy}});
  return out;
}

Json checkpoints_of(const std::vector<StoredCheckpoint>& checkpoints) {
  Json out = Json::array();
  for (const StoredCheckpoint& c : checkpoints)
    out.push_back({{"file", c.info.file.filename().string()},
                   {"bytes", std::filesystem::file_size(c.info.file)},
                   {"sha256", sha256_file(c.info.file)},
                   {"step", c.info.step},
                   {"epoch", c.info.epoch}});
  return out;
}

Json record_of(const Store& store, const Run& run,
               const std::vector<StoredCheckpoint>& checkpoints) {
  return {{"format", run_format},
          {"name", run.name},
          {"note", run.note},
          {"tags", run.tags},
          {"status", to_string(run.status)},
          {"reason", run.reason},
          {"created", run.created},
          {"active_seconds", run.active_seconds},
          {"step", run.step},
          {"epoch", run.epoch},
          {"shape",
           {{"steps", run.shape.steps},
            {"steps_per_epoch", run.shape.steps_per_epoch},
            {"train_images", run.shape.train_images},
            {"parameters", run.shape.parameters},
            {"feature_dimensions", run.shape.feature_dimensions},
            {"device", run.shape.device}}},
          {"dataset",
           {{"name", run.dataset_name},
            {"location", run.dataset_location},
            {"fingerprint", run.dataset_fingerprint}}},
          {"settings", to_json(run.settings)},
          {"checkpoints", checkpoints_of(checkpoints)},
          {"metrics", metrics_of(store, run.id)},
          {"evaluations", evaluations_of(store, run.id)},
          {"maps", maps_of(store, run.id)}};
}

class ArchiveWriter {
 public:
  explicit ArchiveWriter(const std::filesystem::path& path)
      : path_(path), archive_(archive_write_new(), archive_write_free) {
    archive_write_set_format_pax_restricted(archive_.get());
    archive_write_add_filter_zstd(archive_.get());
    check(archive_write_open_filename(archive_.get(), path.c_str()));
  }

  void add(const std::string& name, std::span<const std::byte> bytes) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    check(archive_write_header(archive_.get(), entry.get()));
    if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) < 0) check(ARCHIVE_FATAL);
  }

  void close() { check(archive_write_close(archive_.get())); }

 private:
  void check(int status) const {
    if (status != ARCHIVE_OK)
      throw Error("Could not write " + path_.string() + ": " +
                  archive_error_string(archive_.get()) + "; what was there before is kept.");
  }

  std::filesystem::path path_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

// ---- In

/// A checkpoint that the record tells of.
struct Arriving {
  std::string entry;  // its name in the archive
  CheckpointInfo info;
  std::uint64_t bytes = largest_checkpoint;  // at most
};

Arriving arriving(const Json& c, std::string entry) {
  Arriving out{std::move(entry),
               {c.at("file").get<std::string>(), c.at("sha256"), c.at("step"), c.at("epoch")}};
  if (out.info.file != out.info.file.filename() || !out.info.file.string().starts_with("step-"))
    throw InputError("names a checkpoint that is none");
  return out;
}

std::string entry_of(const std::string& file) {
  return "checkpoints/" + file;
}

std::vector<Arriving> checkpoints_in(const Json& record) {
  if (record.at("format") == first_format)
    return {arriving(record.at("checkpoint"), lone_checkpoint)};
  std::vector<Arriving> out;
  std::set<std::string> files;
  for (const Json& c : record.at("checkpoints")) {
    out.push_back(arriving(c, entry_of(c.at("file"))));
    out.back().bytes = std::min(largest_checkpoint, c.at("bytes").get<std::uint64_t>());
    if (!files.insert(out.back().entry).second)
      throw InputError("names a checkpoint more than once");
  }
  if (out.empty()) throw InputError("has no checkpoint");
  return out;
}

Json record_in(const std::filesystem::path& path) {
  const ByteFile file(path);
  ArchiveReader reader(file);
  Json record;
  while (const auto entry = reader.next()) {
    if (entry->name != record_name) continue;
    const auto bytes = reader.bytes(most_unpacked(file.size(), largest_record));
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    record = Json::parse(text, text + bytes.size(), nullptr, false);
    break;
  }
  const std::string known = record.is_object() ? record.value("format", "") : "";
  if (known != run_format && known != first_format)
    throw InputError("is no run of this version of Selfsight");
  return record;
}

/// Hands out the bytes of each, in the order of the archive, once they are known to be right.
void each_checkpoint(const std::filesystem::path& path, const std::vector<Arriving>& wanted,
                     const std::function<void(const Arriving&, std::span<const std::byte>)>& take) {
  const ByteFile file(path);
  ArchiveReader reader(file);
  std::set<std::string> seen;
  while (const auto entry = reader.next()) {
    const auto found = std::find_if(wanted.begin(), wanted.end(),
                                    [&](const Arriving& a) { return a.entry == entry->name; });
    if (found == wanted.end() || !seen.insert(entry->name).second) continue;
    const auto bytes = reader.bytes(most_unpacked(file.size(), found->bytes));
    if (sha256(bytes) != found->info.sha256)
      throw InputError("holds a checkpoint that is not the one it describes");
    take(*found, bytes);
  }
  if (seen.size() != wanted.size()) throw InputError("lacks a checkpoint that it describes");
}

std::vector<std::pair<std::string, MetricPoint>> points_in(const Json& metrics) {
  std::vector<std::pair<std::string, MetricPoint>> out;
  for (const auto& [name, points] : metrics.items())
    for (const Json& p : points)
      out.push_back(
          {name,
           {p.at(0).get<std::int64_t>(), p.at(1).get<double>(), p.at(2).get<double>(),
            p.at(3).get<int>(),
            p.at(4).is_null() ? std::numeric_limits<double>::quiet_NaN() : p.at(4).get<double>()}});
  return out;
}

RunShape shape_in(const Json& json) {
  RunShape shape;
  json.at("steps").get_to(shape.steps);
  json.at("steps_per_epoch").get_to(shape.steps_per_epoch);
  json.at("train_images").get_to(shape.train_images);
  json.at("parameters").get_to(shape.parameters);
  json.at("feature_dimensions").get_to(shape.feature_dimensions);
  json.at("device").get_to(shape.device);
  return shape;
}

RunStatus status_in(const std::string& word) {
  for (const RunStatus status : {RunStatus::finished, RunStatus::failed, RunStatus::interrupted})
    if (to_string(status) == word) return status;
  return RunStatus::stopped;  // a run that was going on elsewhere stands still here
}

/// Everything that may be wrong with the record shows before the store is touched.
struct Incoming {
  explicit Incoming(const Json& r)
      : settings(settings_from_json(r.at("settings"), run_schema)),
        dataset(r.at("dataset")),
        shape(shape_in(r.at("shape"))),
        metrics(points_in(r.at("metrics"))),
        tags(r.at("tags").get<std::vector<std::string>>()),
        checkpoints(checkpoints_in(r)),
        name(r.at("name")),
        note(r.at("note")),
        reason(r.at("reason")),
        status(status_in(r.at("status"))),
        step(r.at("step")),
        epoch(r.at("epoch")),
        active_seconds(r.at("active_seconds")) {
    for (const Json& e : r.at("evaluations"))
      evaluations.push_back(
          {0, 0, e.at("kind"), e.at("metric"), e.at("value"), e.at("protocol"), {}});
    for (const Json& m : r.at("maps"))
      maps.push_back({0,
                      0,
                      m.at("method"),
                      m.at("protocol"),
                      m.at("ids").get<std::vector<std::int64_t>>(),
                      m.at("xy").get<std::vector<float>>(),
                      {}});
    check_maps();
  }

  Settings settings;
  Absent dataset;
  RunShape shape;
  std::vector<std::pair<std::string, MetricPoint>> metrics;
  std::vector<std::string> tags;
  std::vector<Arriving> checkpoints;
  std::string name, note, reason;
  RunStatus status;
  std::int64_t step;
  double epoch, active_seconds;
  std::vector<Evaluation> evaluations;
  std::vector<StoredMap> maps;

 private:
  void check_maps() const {
    for (const StoredMap& map : maps)
      if (map.xy.size() != 2 * map.ids.size() ||
          std::any_of(map.ids.begin(), map.ids.end(), [](std::int64_t id) { return id < 0; }))
        throw InputError("holds a map whose points are not those of its images");
  }
};

std::int64_t add(Store& store, const std::filesystem::path& path, Incoming in) {
  const std::int64_t run = store.create_run(in.name, in.settings, in.dataset);
  try {
    each_checkpoint(path, in.checkpoints, [&](Arriving one, std::span<const std::byte> bytes) {
      one.info.file = store.run_folder(run) / one.info.file;
      write_file(one.info.file, bytes);
      store.add_checkpoint(run, one.info);
    });
    store.set_shape(run, in.shape);
    store.add_metrics(run, in.metrics);
    for (Evaluation& e : in.evaluations) e.run = run, store.add_evaluation(e);
    for (StoredMap& m : in.maps) m.run = run, store.add_map(m);
    store.set_tags(run, in.tags);
    store.set_note(run, in.note);
    store.set_progress(run, in.step, in.epoch, in.active_seconds);
    store.set_status(run, in.status, in.reason);
  } catch (const std::exception& error) {
    store.set_status(run, RunStatus::failed, error.what());
    throw;
  }
  return run;
}

}  // namespace

void save_run(const std::filesystem::path& path, const Store& store, std::int64_t id,
              KeptCheckpoints which) {
  const Run run = store.run(id);
  auto checkpoints = store.checkpoints(id);
  if (checkpoints.empty())
    throw InputError("Run " + std::to_string(id) + " has no checkpoint yet; train it first.");
  if (which == KeptCheckpoints::newest)
    checkpoints.erase(checkpoints.begin(), checkpoints.end() - 1);
  const std::string record = record_of(store, run, checkpoints).dump();
  const std::filesystem::path aside = path.string() + ".part";
  ArchiveWriter writer(aside);
  writer.add(record_name, std::as_bytes(std::span(record)));
  for (const StoredCheckpoint& checkpoint : checkpoints)
    writer.add(entry_of(checkpoint.info.file.filename().string()), read_file(checkpoint.info.file));
  writer.close();
  std::error_code problem;
  std::filesystem::rename(aside, path, problem);
  if (problem) throw Error("Could not write " + path.string() + ": " + problem.message() + ".");
}

std::int64_t load_run(const std::filesystem::path& path, Store& store) {
  const auto refuse = [&](const std::string& why) {
    return InputError(path.string() + " cannot be imported: it " + why +
                      (why.ends_with('.') ? "" : ".") + " Nothing was changed.");
  };
  std::optional<Incoming> incoming;
  try {
    incoming.emplace(record_in(path));
    each_checkpoint(path, incoming->checkpoints, [](const Arriving&, auto) {});
  } catch (const nlohmann::json::exception&) {
    throw refuse("describes its run in a way that cannot be read");
  } catch (const Error& error) {
    throw refuse(error.what());
  }
  return add(store, path, std::move(*incoming));
}

}  // namespace selfsight
