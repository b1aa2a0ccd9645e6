// What a run leaves in the store: metrics, checkpoints, evaluations, maps.
#include <SQLiteCpp/SQLiteCpp.h>

#include <cstring>
#include <limits>

#include "core/history/connection.h"
#include "core/history/store.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

template <class Number>
std::vector<Number> from_blob(const SQLite::Column& column) {
  std::vector<Number> out(static_cast<std::size_t>(column.getBytes()) / sizeof(Number));
  if (!out.empty()) std::memcpy(out.data(), column.getBlob(), out.size() * sizeof(Number));
  return out;
}

double number_or_nan(const SQLite::Column& column) {
  // SQLite keeps "not a number" as NULL.
  return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

}  // namespace

void Store::add_metrics(std::int64_t run,
                        const std::vector<std::pair<std::string, MetricPoint>>& points) {
  connection_->write([&](SQLite::Database& db) {
    SQLite::Statement add(db,
                          "INSERT OR IGNORE INTO metric (run, name, step, segment, epoch, seconds, "
                          "value) VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (const auto& [name, p] : points) {
      SQLite::bind(add, run, name, p.step, p.segment, p.epoch, p.seconds, p.value);
      add.exec();
      add.reset();
    }
  });
}

void Store::drop_metrics_after(std::int64_t run, std::int64_t step) {
  connection_->execute("DELETE FROM metric WHERE run = ? AND step > ?", run, step);
}

std::vector<std::string> Store::metric_names(std::int64_t run) const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<std::string> out;
    // Leaps from name to name; DISTINCT would read every point.
    SQLite::Statement rows(
        db,
        "WITH RECURSIVE known(name) AS (SELECT MIN(name) FROM metric WHERE run = ?1 UNION ALL "
        "SELECT (SELECT MIN(name) FROM metric WHERE run = ?1 AND name > known.name) FROM known "
        "WHERE known.name IS NOT NULL) SELECT name FROM known WHERE name IS NOT NULL");
    rows.bind(1, run);
    while (rows.executeStep()) out.push_back(rows.getColumn(0).getString());
    return out;
  });
}

std::vector<MetricPoint> Store::metric(std::int64_t run, const std::string& name) const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<MetricPoint> out;
    SQLite::Statement rows(db,
                           "SELECT step, epoch, seconds, segment, value FROM metric "
                           "WHERE run = ? AND name = ? ORDER BY step, segment");
    SQLite::bind(rows, run, name);
    while (rows.executeStep())
      out.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getDouble(),
                     rows.getColumn(2).getDouble(), rows.getColumn(3).getInt(),
                     number_or_nan(rows.getColumn(4))});
    return out;
  });
}

MetricSummary Store::summary(std::int64_t run, const std::string& name) const {
  return connection_->read([&](SQLite::Database& db) {
    MetricSummary out;
    SQLite::Statement extremes(
        db, "SELECT MIN(value), MAX(value) FROM metric WHERE run = ? AND name = ?");
    SQLite::bind(extremes, run, name);
    if (extremes.executeStep() && !extremes.getColumn(0).isNull()) {
      out.least = extremes.getColumn(0).getDouble();
      out.greatest = extremes.getColumn(1).getDouble();
    }
    SQLite::Statement last(db,
                           "SELECT value FROM metric WHERE run = ? AND name = ? "
                           "ORDER BY step DESC, segment DESC LIMIT 1");
    SQLite::bind(last, run, name);
    if (last.executeStep()) out.last = number_or_nan(last.getColumn(0));
    return out;
  });
}

void Store::add_checkpoint(std::int64_t run, const CheckpointInfo& c) {
  // Relative to the store, so that the folder can be moved.
  const fs::path file = c.file.lexically_proximate(connection_->folder);
  connection_->execute(
      "INSERT OR REPLACE INTO checkpoint (run, file, sha256, step, epoch) VALUES (?, ?, ?, ?, ?)",
      run, file.string(), c.sha256, c.step, c.epoch);
}

std::vector<StoredCheckpoint> Store::checkpoints(std::int64_t run) const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<StoredCheckpoint> out;
    SQLite::Statement rows(db,
                           "SELECT file, sha256, step, epoch, created FROM checkpoint "
                           "WHERE run = ? ORDER BY step, id");
    rows.bind(1, run);
    while (rows.executeStep()) {
      const fs::path file = connection_->folder / rows.getColumn(0).getString();
      if (!fs::exists(file)) continue;
      out.push_back({{file, rows.getColumn(1).getString(), rows.getColumn(2).getInt64(),
                      rows.getColumn(3).getDouble()},
                     rows.getColumn(4).getString()});
    }
    return out;
  });
}

std::vector<std::int64_t> Store::runs_with_maps() const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<std::int64_t> out;
    SQLite::Statement rows(db, "SELECT DISTINCT run FROM map ORDER BY run");
    while (rows.executeStep()) out.push_back(rows.getColumn(0).getInt64());
    return out;
  });
}

std::vector<std::int64_t> Store::runs_with_checkpoints() const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<std::int64_t> out;
    // The newest first, as that is the likeliest to be there.
    SQLite::Statement rows(db, "SELECT run, file FROM checkpoint ORDER BY run, step DESC");
    while (rows.executeStep()) {
      const std::int64_t run = rows.getColumn(0).getInt64();
      if (!out.empty() && out.back() == run) continue;
      if (fs::exists(connection_->folder / rows.getColumn(1).getString())) out.push_back(run);
    }
    return out;
  });
}

std::int64_t Store::add_evaluation(const Evaluation& e) {
  return connection_->write([&](SQLite::Database& db) {
    SQLite::Statement add(db,
                          "INSERT INTO evaluation (run, kind, metric, value, protocol, created) "
                          "VALUES (?, ?, ?, ?, ?, " +
                              created_or_now + ")");
    SQLite::bind(add, e.run, e.kind, e.metric, e.value, e.protocol, e.created);
    add.exec();
    return static_cast<std::int64_t>(db.getLastInsertRowid());
  });
}

std::vector<Evaluation> Store::evaluations(std::int64_t run) const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<Evaluation> out;
    SQLite::Statement rows(db,
                           "SELECT id, run, kind, metric, value, protocol, created FROM evaluation "
                           "WHERE run = ? ORDER BY id");
    rows.bind(1, run);
    while (rows.executeStep())
      out.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(),
                     rows.getColumn(2).getString(), rows.getColumn(3).getString(),
                     number_or_nan(rows.getColumn(4)), rows.getColumn(5).getString(),
                     rows.getColumn(6).getString()});
    return out;
  });
}

std::int64_t Store::add_map(const StoredMap& map) {
  return connection_->write([&](SQLite::Database& db) {
    SQLite::Statement add(
        db, "INSERT INTO map (run, method, protocol, ids, xy, created) VALUES (?, ?, ?, ?, ?, " +
                created_or_now + ")");
    add.bind(1, map.run);
    add.bind(2, map.method);
    add.bind(3, map.protocol);
    add.bind(4, map.ids.data(), static_cast<int>(map.ids.size() * sizeof(std::int64_t)));
    add.bind(5, map.xy.data(), static_cast<int>(map.xy.size() * sizeof(float)));
    add.bind(6, map.created);
    add.exec();
    return static_cast<std::int64_t>(db.getLastInsertRowid());
  });
}

std::vector<StoredMap> Store::maps(std::int64_t run) const {
  std::vector<StoredMap> out;
  for (const StoredMap& head : map_heads(run)) out.push_back(map(head.id));
  return out;
}

std::vector<StoredMap> Store::map_heads(std::int64_t run) const {
  return connection_->read([&](SQLite::Database& db) {
    std::vector<StoredMap> out;
    SQLite::Statement rows(db, "SELECT id, method, protocol FROM map WHERE run = ? ORDER BY id");
    rows.bind(1, run);
    while (rows.executeStep()) {
      StoredMap& head = out.emplace_back();
      head.id = rows.getColumn(0).getInt64();
      head.run = run;
      head.method = rows.getColumn(1).getString();
      head.protocol = rows.getColumn(2).getString();
    }
    return out;
  });
}

StoredMap Store::map(std::int64_t id) const {
  return connection_->read([&](SQLite::Database& db) -> StoredMap {
    SQLite::Statement row(
        db, "SELECT id, run, method, protocol, ids, xy, created FROM map WHERE id = ?");
    row.bind(1, id);
    if (!row.executeStep()) throw InputError("There is no map " + std::to_string(id) + ".");
    return {row.getColumn(0).getInt64(),
            row.getColumn(1).getInt64(),
            row.getColumn(2).getString(),
            row.getColumn(3).getString(),
            from_blob<std::int64_t>(row.getColumn(4)),
            from_blob<float>(row.getColumn(5)),
            row.getColumn(6).getString()};
  });
}

}  // namespace selfsight
