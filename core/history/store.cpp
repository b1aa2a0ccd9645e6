#include "core/history/store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/history/connection.h"
#include "core/history/process.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::pair<RunStatus, const char*> status_names[] = {
    {RunStatus::running, "running"}, {RunStatus::finished, "finished"},
    {RunStatus::stopped, "stopped"}, {RunStatus::interrupted, "interrupted"},
    {RunStatus::failed, "failed"},   {RunStatus::queued, "queued"}};

RunStatus status_named(const std::string& name) {
  for (const auto& [status, text] : status_names)
    if (name == text) return status;
  return RunStatus::interrupted;
}

/// What is no JSON is no object. Nor is what is nested without end: it may be a stranger's.
Json stored_json(const std::string& text) {
  return too_deep(text) ? Json() : Json::parse(text, nullptr, false);
}

Json shape_json(const RunShape& s) {
  return {{"steps", s.steps},
          {"steps_per_epoch", s.steps_per_epoch},
          {"train_images", s.train_images},
          {"parameters", s.parameters},
          {"feature_dimensions", s.feature_dimensions},
          {"device", s.device}};
}

RunShape shape_from(const std::string& text) {
  const Json json = stored_json(text);
  RunShape s;
  if (!json.is_object()) return s;
  const auto count = [&](const char* key) {
    const Json value = json.value(key, Json());
    return value.is_number() ? value.get<std::int64_t>() : 0;
  };
  s.steps = count("steps");
  s.steps_per_epoch = count("steps_per_epoch");
  s.train_images = count("train_images");
  s.parameters = count("parameters");
  s.feature_dimensions = count("feature_dimensions");
  if (json.contains("device") && json["device"].is_string()) s.device = json["device"];
  return s;
}

std::string method_of(const Json& json) {
  const auto section = json.is_object() ? json.value("method", Json()) : Json();
  const auto name = section.is_object() ? section.value("name", Json()) : Json();
  return name.is_string() ? name.get<std::string>() : std::string();
}

/// The options of a method; for one that this version does not know, those that all have, and its
/// name, so that the run is listed under it.
Schema schema_near(const std::string& method) {
  try {
    return run_schema(method);
  } catch (const InputError&) {
    Schema schema = run_schema("");
    std::erase_if(schema, [](const Field& field) {
      return field.key.starts_with("method.") && field.key != "method.name";
    });
    for (Field& field : schema)
      if (field.key == "method.name") field.choices.push_back(method);
    return schema;
  }
}

std::string as_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  const std::string text = value.dump();
  return value.is_array() ? text.substr(1, text.size() - 2) : text;
}

/// Takes each option that fits and leaves the others at their default.
Settings lenient_settings(const Json& json) {
  const std::string method = method_of(json);
  Settings settings(schema_near(method));
  if (!json.is_object()) return settings;
  for (const auto& [section, options] : json.items()) {
    if (!options.is_object()) continue;
    for (const auto& [key, value] : options.items()) {
      try {
        settings.set_text(section + "." + key, as_text(value));
      } catch (const InputError&) {
        // An option that this version does not know, or bounds otherwise.
      }
    }
  }
  return settings;
}

/// An option that another version renamed must not hide the run.
Settings settings_from(const std::string& text) {
  const Json json = stored_json(text);
  try {
    return settings_from_json(json, run_schema);
  } catch (const InputError&) {
    return lenient_settings(json);
  }
}

/// Behind all that are queued.
const std::string next_place = "(SELECT COALESCE(MAX(place), 0) + 1 FROM run)";

constexpr char run_columns[] =
    "SELECT run.id, run.name, run.note, run.status, run.reason, run.settings, dataset.name, "
    "run.created, run.active_seconds, run.step, run.epoch, run.shape, run.archived, "
    "dataset.location, dataset.fingerprint FROM run JOIN dataset ON dataset.id = run.dataset ";

Run read_run(SQLite::Statement& row) {
  Run run;
  run.id = row.getColumn(0).getInt64();
  run.name = row.getColumn(1).getString();
  run.note = row.getColumn(2).getString();
  run.status = status_named(row.getColumn(3).getString());
  run.reason = row.getColumn(4).getString();
  run.settings = settings_from(row.getColumn(5).getString());
  run.dataset_name = row.getColumn(6).getString();
  run.created = row.getColumn(7).getString();
  run.active_seconds = row.getColumn(8).getDouble();
  run.step = row.getColumn(9).getInt64();
  run.epoch = row.getColumn(10).getDouble();
  run.shape = shape_from(row.getColumn(11).getString());
  run.steps = run.shape.steps;
  run.archived = row.getColumn(12).getInt() != 0;
  run.dataset_location = row.getColumn(13).getString();
  run.dataset_fingerprint = row.getColumn(14).getString();
  return run;
}

/// `if_known` says what becomes of the data set's row where there is one.
std::int64_t insert_run(SQLite::Database& db, const Run& run, RunStatus status,
                        const std::string& if_known) {
  SQLite::Statement dataset(db,
                            "INSERT INTO dataset (fingerprint, name, location) VALUES (?, ?, ?) "
                            "ON CONFLICT (fingerprint) DO UPDATE SET " +
                                if_known + " RETURNING id");
  SQLite::bind(dataset, run.dataset_fingerprint, run.dataset_name, run.dataset_location);
  dataset.executeStep();
  const std::int64_t id = dataset.getColumn(0).getInt64();
  dataset.reset();
  SQLite::Statement row(db,
                        "INSERT INTO run (dataset, name, status, settings, process, created, "
                        "place) VALUES (?, ?, ?, ?, ?, " +
                            created_or_now + ", " + next_place + ")");
  SQLite::bind(row, id, run.name, to_string(status), json_text(to_json(run.settings)),
               this_process(), run.created);
  row.exec();
  return static_cast<std::int64_t>(db.getLastInsertRowid());
}

}  // namespace

std::string to_string(RunStatus status) {
  for (const auto& [known, text] : status_names)
    if (known == status) return text;
  return {};
}

std::string images_of_map(const StoredMap& map, const Run& run) {
  const Json protocol = stored_json(map.protocol);
  if (!protocol.is_object()) return run.dataset_fingerprint;
  const auto told = protocol.find("dataset_fingerprint");
  return told != protocol.end() && told->is_string() ? told->get<std::string>()
                                                     : run.dataset_fingerprint;
}

std::string short_protocol(const Evaluation& evaluation) {
  if (too_deep(evaluation.protocol)) return "{}";
  Json json = Json::parse(evaluation.protocol, nullptr, false);
  if (!json.is_object()) return evaluation.protocol;
  json.erase("confusion");
  json.erase("class_names");
  json.erase("picture");
  return json.dump();
}

Store::Store(const fs::path& folder) : connection_(std::make_unique<Connection>(folder)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const fs::path& Store::folder() const {
  return connection_->folder;
}

fs::path Store::run_folder(std::int64_t run) const {
  const fs::path folder = connection_->folder / "runs" / std::to_string(run);
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw Error("Could not make the folder " + folder.string() + ": " + problem.message() + ".");
  return folder;
}

std::int64_t Store::create_run(const std::string& name, const Settings& settings,
                               const Dataset& dataset, RunStatus status) {
  Run run;
  run.name = name;
  run.settings = settings;
  run.dataset_name = dataset.name();
  run.dataset_location = dataset.location();
  run.dataset_fingerprint = dataset.fingerprint();
  show_life(connection_->folder);
  return connection_->write([&](SQLite::Database& db) {
    return insert_run(db, run, status, "name = excluded.name, location = excluded.location");
  });
}

std::int64_t Store::adopt_run(const Run& run) {
  show_life(connection_->folder);
  return connection_->write([&](SQLite::Database& db) {
    return insert_run(db, run, RunStatus::running, "fingerprint = fingerprint");
  });
}

void Store::claim_run(std::int64_t run) {
  show_life(connection_->folder);
  connection_->write([&](SQLite::Database& db) {
    SQLite::Statement holder(db, "SELECT process FROM run WHERE id = ? AND status = 'running'");
    holder.bind(1, run);
    if (holder.executeStep()) {
      const std::string process = holder.getColumn(0).getString();
      if (process != this_process() && lives(process, connection_->folder))
        throw InputError("Run " + std::to_string(run) +
                         " is being trained by another Selfsight; stop it there first.");
    }
    holder.reset();
    SQLite::Statement claim(
        db, "UPDATE run SET status = 'running', reason = '', process = ? WHERE id = ?");
    SQLite::bind(claim, this_process(), run);
    if (claim.exec() == 0) throw InputError("There is no run " + std::to_string(run) + ".");
  });
}

bool Store::holds_run(std::int64_t run) const {
  return connection_->read([&](SQLite::Database& db) {
    SQLite::Statement held(db,
                           "SELECT 1 FROM run WHERE id = ? AND status = 'running' AND process = ?");
    SQLite::bind(held, run, this_process());
    return held.executeStep();
  });
}

void Store::queue_run(std::int64_t run) {
  connection_->write([&](SQLite::Database& db) {
    SQLite::Statement queue(
        db, "UPDATE run SET status = 'queued', reason = '', archived = 0, place = " + next_place +
                " WHERE id = ? AND (status IN ('stopped', 'interrupted', 'failed') OR "
                "(status = 'queued' AND archived))");
    queue.bind(1, run);
    if (queue.exec() > 0) return;
    SQLite::Statement waits(db, "SELECT 1 FROM run WHERE id = ? AND status = 'queued'");
    waits.bind(1, run);
    throw InputError("Run " + std::to_string(run) + " cannot be queued: " +
                     (waits.executeStep() ? "it is queued already."
                                          : "only a stopped, interrupted or failed run can."));
  });
}

void Store::unqueue_run(std::int64_t run) {
  connection_->write([&](SQLite::Database& db) {
    SQLite::Statement take_out(db,
                               "UPDATE run SET status = 'stopped', archived = (archived OR "
                               "shape = '{}') WHERE id = ? AND status = 'queued'");
    take_out.bind(1, run);
    if (take_out.exec() == 0)
      throw InputError("Run " + std::to_string(run) +
                       " is not queued; `selfsight queue` lists those that are.");
  });
}

std::vector<Run> Store::queue() const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<Run> out;
    SQLite::Statement rows(
        db, std::string(run_columns) +
                "WHERE run.status = 'queued' AND run.archived = 0 ORDER BY run.place, run.id");
    while (rows.executeStep()) out.push_back(read_run(rows));
    for (Run& run : out) run.tags = connection_->tags(run.id);
    return out;
  });
}

std::optional<std::int64_t> Store::take_queued() {
  show_life(connection_->folder);
  return connection_->write([&](SQLite::Database& db) -> std::optional<std::int64_t> {
    SQLite::Statement take(
        db,
        "UPDATE run SET status = 'running', reason = '', process = ? WHERE id = "
        "(SELECT id FROM run WHERE status = 'queued' AND archived = 0 ORDER BY place, id LIMIT 1) "
        "RETURNING id");
    take.bind(1, this_process());
    if (!take.executeStep()) return std::nullopt;
    const std::int64_t run = take.getColumn(0).getInt64();
    take.reset();
    return run;
  });
}

void Store::set_shape(std::int64_t run, const RunShape& shape) {
  connection_->update("UPDATE run SET shape = ? WHERE id = ?", shape_json(shape).dump(), run);
}

void Store::set_status(std::int64_t run, RunStatus status, const std::string& reason) {
  connection_->update("UPDATE run SET status = ?, reason = ? WHERE id = ?", to_string(status),
                      reason, run);
}

void Store::set_progress(std::int64_t run, std::int64_t step, double epoch, double active_seconds) {
  connection_->update("UPDATE run SET step = ?, epoch = ?, active_seconds = ? WHERE id = ?", step,
                      epoch, active_seconds, run);
}

void Store::rename_run(std::int64_t run, const std::string& name) {
  connection_->update("UPDATE run SET name = ? WHERE id = ?", name, run);
}

void Store::set_note(std::int64_t run, const std::string& note) {
  connection_->update("UPDATE run SET note = ? WHERE id = ?", note, run);
}

void Store::set_archived(std::int64_t run, bool archived) {
  connection_->update("UPDATE run SET archived = ? WHERE id = ?", archived ? 1 : 0, run);
}

void Store::set_tags(std::int64_t run, const std::vector<std::string>& tags) {
  connection_->write([&](SQLite::Database& db) {
    SQLite::Statement clear(db, "DELETE FROM tag WHERE run = ?");
    clear.bind(1, run);
    clear.exec();
    for (const std::string& tag : tags) {
      SQLite::Statement add(db, "INSERT OR IGNORE INTO tag (run, name) VALUES (?, ?)");
      SQLite::bind(add, run, tag);
      add.exec();
    }
  });
}

std::vector<Run> Store::runs() const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<Run> out;
    SQLite::Statement rows(db, std::string(run_columns) + "ORDER BY run.id");
    while (rows.executeStep()) out.push_back(read_run(rows));
    for (Run& run : out) run.tags = connection_->tags(run.id);
    return out;
  });
}

Run Store::run(std::int64_t id) const {
  return connection_->read([&](SQLite::Database& db) {
    SQLite::Statement row(db, std::string(run_columns) + "WHERE run.id = ?");
    row.bind(1, id);
    if (!row.executeStep())
      throw InputError("There is no run " + std::to_string(id) + "; `selfsight runs` lists them.");
    Run run = read_run(row);
    run.tags = connection_->tags(id);
    return run;
  });
}

void Store::delete_run(std::int64_t id) {
  const bool deleted = connection_->write([&](SQLite::Database& db) {
    SQLite::Statement row(db, "DELETE FROM run WHERE id = ? AND status <> 'running'");
    row.bind(1, id);
    return row.exec() > 0;  // looked at and deleted in one: another program may claim it
  });
  if (!deleted) {
    run(id);  // throws if there is none
    throw InputError("Run " + std::to_string(id) + " is training; stop it before it is deleted.");
  }
  std::error_code failed;  // files that stay behind are in nobody's way
  fs::remove_all(connection_->folder / "runs" / std::to_string(id), failed);
}

}  // namespace selfsight
