#include "core/exchange/run_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_text.h"
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
/// As text, which takes many times as much memory once it is read.
constexpr std::uint64_t largest_record = 256'000'000;
constexpr std::uint64_t largest_checkpoint = std::uint64_t(16) << 30;

/// What a checkpoint in an archive of so many bytes may unpack to, for it is held in memory:
/// weights hardly pack at all.
std::uint64_t most_unpacked(std::uint64_t packed, std::uint64_t most) {
  constexpr std::uint64_t always = 64'000'000, best_ratio = 50;
  return std::min(most, std::max(always, std::min(packed, most) * best_ratio));
}

std::string entry_of(const std::string& file) {
  return "checkpoints/" + file;
}

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
    out.push_back({{"kind", e.kind},
                   {"metric", e.metric},
                   {"value", e.value},
                   {"protocol", e.protocol},
                   {"created", e.created}});
  return out;
}

Json maps_of(const Store& store, std::int64_t run) {
  Json out = Json::array();
  for (const StoredMap& m : store.maps(run))
    out.push_back({{"method", m.method},
                   {"protocol", m.protocol},
                   {"ids", m.ids},
                   {"xy", m.xy},
                   {"created", m.created}});
  return out;
}

Json record_of(const Store& store, const Run& run, Json checkpoints) {
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
          {"checkpoints", std::move(checkpoints)},
          {"metrics", metrics_of(store, run.id)},
          {"evaluations", evaluations_of(store, run.id)},
          {"maps", maps_of(store, run.id)}};
}

/// A file beside `path`: put() syncs it and gives it that name; without, it goes away.
class AsideFile {
 public:
  explicit AsideFile(const std::filesystem::path& path)
      : path_(path.string()),
        aside_(path_ + ".part" + std::to_string(::getpid())),
        descriptor_(::open(aside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) throw failure(std::strerror(errno));
  }
  AsideFile(const AsideFile&) = delete;
  AsideFile& operator=(const AsideFile&) = delete;
  ~AsideFile() {
    ::close(descriptor_);
    if (!put_) ::unlink(aside_.c_str());
  }

  int descriptor() const { return descriptor_; }
  void put() {
    put_ = ::fsync(descriptor_) == 0 && std::rename(aside_.c_str(), path_.c_str()) == 0;
    if (!put_) throw failure(std::strerror(errno));
  }
  Error failure(const std::string& why) const {
    return Error("Could not write " + path_ + ": " + why + "; what was there before is kept.");
  }

 private:
  std::string path_, aside_;
  int descriptor_;
  bool put_ = false;
};

class ArchiveWriter {
 public:
  explicit ArchiveWriter(const std::filesystem::path& path)
      : file_(path), archive_(archive_write_new(), archive_write_free) {
    archive_write_set_format_pax_restricted(archive_.get());
    archive_write_add_filter_zstd(archive_.get());
    check(archive_write_open_fd(archive_.get(), file_.descriptor()));
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

  /// Only now there is a file, or another than before.
  void close() {
    check(archive_write_close(archive_.get()));
    file_.put();
  }

 private:
  void check(int status) const {
    if (status == ARCHIVE_OK) return;
    const char* why = archive_error_string(archive_.get());
    throw file_.failure(why ? why : "it could not be packed");
  }

  AsideFile file_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;  // after the file: it writes to its end
};

/// Writes it, and returns what the record tells of it. Read once and from one file: a run that
/// trains may take it away meanwhile, or put another in its place.
Json added(ArchiveWriter& writer, const CheckpointInfo& checkpoint) {
  std::vector<std::uint8_t> bytes;
  try {
    const ByteFile file(checkpoint.file);
    bytes.resize(file.size());
    if (!file.read(0, bytes)) throw InputError("Could not read " + checkpoint.file.string() + ".");
  } catch (const InputError& error) {
    throw Error(std::string(error.what()) + " Nothing was written; export the run again.");
  }
  const auto content = std::as_bytes(std::span(bytes));
  const std::string name = checkpoint.file.filename().string();
  writer.add(entry_of(name), content);
  return {{"file", name},
          {"bytes", content.size()},
          {"sha256", sha256(content)},
          {"step", checkpoint.step},
          {"epoch", checkpoint.epoch}};
}

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
    const auto bytes = reader.bytes(largest_record);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (too_deep(text)) throw InputError("describes its run in a way that cannot be read");
    record = Json::parse(text.begin(), text.end(), nullptr, false);
    break;
  }
  const std::string known = record.is_object() ? record.value("format", "") : "";
  if (known != run_format && known != first_format)
    throw InputError("is no run of this version of Selfsight");
  return record;
}

/// Hands out the bytes of each, in the order of the archive, once they are known to be right.
void each_checkpoint(const std::filesystem::path& path, const std::vector<Arriving>& wanted,
                     const Control& control,
                     const std::function<void(const Arriving&, std::span<const std::byte>)>& take) {
  const ByteFile file(path);
  ArchiveReader reader(file);
  std::set<std::string> seen;
  while (const auto entry = reader.next()) {
    control.check();
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

/// JSON has no "not a number".
double number_in(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::vector<std::pair<std::string, MetricPoint>> points_in(const Json& metrics) {
  std::vector<std::pair<std::string, MetricPoint>> out;
  for (const auto& [name, points] : metrics.items())
    for (const Json& p : points)
      out.push_back({name,
                     {p.at(0).get<std::int64_t>(), p.at(1).get<double>(), p.at(2).get<double>(),
                      p.at(3).get<int>(), number_in(p.at(4))}});
  return out;
}

/// When it was made; nothing where that is not said, or not as the store says it.
std::string created_in(const Json& json) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  const std::string told = json.value("created", std::string());
  const bool fits = std::ranges::equal(told, form, [](char is, char wanted) {
    return wanted == '0' ? is >= '0' && is <= '9' : is == wanted;
  });
  return fits ? told : std::string();
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

Run run_in(const Json& r) {
  Run run;
  run.settings = settings_from_json(r.at("settings"), run_schema);
  run.shape = shape_in(r.at("shape"));
  run.status = status_in(r.at("status"));
  run.created = created_in(r);
  r.at("name").get_to(run.name);
  r.at("note").get_to(run.note);
  r.at("reason").get_to(run.reason);
  r.at("tags").get_to(run.tags);
  r.at("step").get_to(run.step);
  r.at("epoch").get_to(run.epoch);
  r.at("active_seconds").get_to(run.active_seconds);
  const Json& images = r.at("dataset");
  images.at("name").get_to(run.dataset_name);
  images.at("location").get_to(run.dataset_location);
  images.at("fingerprint").get_to(run.dataset_fingerprint);
  return run;
}

/// JSON itself, which is read wherever what was measured is shown.
std::string protocol_in(const Json& measured) {
  std::string protocol = measured.at("protocol").get<std::string>();
  if (too_deep(protocol)) throw InputError("holds a protocol that cannot be read");
  return protocol;
}

/// Everything that may be wrong with the record shows before the store is touched.
struct Incoming {
  explicit Incoming(const Json& r)
      : run(run_in(r)), metrics(points_in(r.at("metrics"))), checkpoints(checkpoints_in(r)) {
    for (const Json& e : r.at("evaluations"))
      evaluations.push_back({0, 0, e.at("kind"), e.at("metric"), number_in(e.at("value")),
                             protocol_in(e), created_in(e)});
    for (const Json& m : r.at("maps"))
      maps.push_back({0, 0, m.at("method"), protocol_in(m),
                      m.at("ids").get<std::vector<std::int64_t>>(),
                      m.at("xy").get<std::vector<float>>(), created_in(m)});
    check_maps();
  }

  Run run;
  std::vector<std::pair<std::string, MetricPoint>> metrics;
  std::vector<Arriving> checkpoints;
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

std::int64_t add(Store& store, const std::filesystem::path& path, Incoming in,
                 const Control& control) {
  const std::int64_t run = store.adopt_run(in.run);
  try {
    each_checkpoint(path, in.checkpoints, control,
                    [&](Arriving one, std::span<const std::byte> bytes) {
                      one.info.file = store.run_folder(run) / one.info.file;
                      write_file(one.info.file, bytes);
                      store.add_checkpoint(run, one.info);
                    });
    store.set_shape(run, in.run.shape);
    store.add_metrics(run, in.metrics);
    for (Evaluation& e : in.evaluations) e.run = run, store.add_evaluation(e);
    for (StoredMap& m : in.maps) m.run = run, store.add_map(m);
    store.set_tags(run, in.run.tags);
    store.set_note(run, in.run.note);
    store.set_progress(run, in.run.step, in.run.epoch, in.run.active_seconds);
    store.set_status(run, in.run.status, in.run.reason);
  } catch (...) {
    try {
      store.set_status(run, RunStatus::stopped);  // none that is running is deleted
      store.delete_run(run);
    } catch (const std::exception&) {
      // What went wrong first is told.
    }
    throw;
  }
  return run;
}

}  // namespace

void save_run(const std::filesystem::path& path, const Store& store, std::int64_t id,
              KeptCheckpoints which, const Control& control) {
  const Run run = store.run(id);
  auto checkpoints = store.checkpoints(id);
  if (checkpoints.empty())
    throw InputError("Run " + std::to_string(id) + " has no checkpoint yet; train it first.");
  if (which == KeptCheckpoints::newest)
    checkpoints.erase(checkpoints.begin(), checkpoints.end() - 1);
  ArchiveWriter writer(path);
  Json kept = Json::array();
  for (const StoredCheckpoint& checkpoint : checkpoints) {
    control.check();
    kept.push_back(added(writer, checkpoint.info));
  }
  const std::string record = json_text(record_of(store, run, std::move(kept)));
  if (record.size() > largest_record)
    throw InputError("The numbers and maps of run " + std::to_string(id) + " take more than " +
                     std::to_string(largest_record / 1'000'000) +
                     " MB as text, the most that is read again; nothing was written. Save its "
                     "encoder and its metrics instead.");
  writer.add(record_name, std::as_bytes(std::span(record)));
  control.check();
  writer.close();
}

std::int64_t load_run(const std::filesystem::path& path, Store& store, const Control& control) {
  const auto refuse = [&](const std::string& why) {
    return InputError(path.string() + " cannot be imported: it " + why +
                      (why.ends_with('.') ? "" : ".") + " Nothing was changed.");
  };
  control.check();
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem))
    throw InputError("There is no file " + path.string() + " to import; see its name.");
  std::optional<Incoming> incoming;
  try {
    incoming.emplace(record_in(path));
    each_checkpoint(path, incoming->checkpoints, control, [](const Arriving&, auto) {});
  } catch (const nlohmann::json::exception&) {
    throw refuse("describes its run in a way that cannot be read");
  } catch (const Error& error) {
    throw refuse(error.what());
  }
  return add(store, path, std::move(*incoming), control);
}

}  // namespace selfsight
