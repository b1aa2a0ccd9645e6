#include "core/history/schema.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <string>

namespace selfsight {
namespace {

int version_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

/// A copy beside the database, unless another program has migrated it meanwhile.
void back_up(SQLite::Database& database, const std::filesystem::path& folder, int version) {
  const auto backup = folder / ("selfsight.db.bak-v" + std::to_string(version));
  auto aside = backup;
  aside += ".part" + std::to_string(::getpid());
  std::error_code ignored;
  std::filesystem::remove(aside, ignored);
  try {
    SQLite::Statement copy(database, "VACUUM INTO ?");
    copy.bind(1, aside.string());
    copy.exec();
    SQLite::Database copied(aside.string());
    if (version_of(copied) == version) std::filesystem::rename(aside, backup);
  } catch (...) {
    std::filesystem::remove(aside, ignored);
    throw;
  }
  std::filesystem::remove(aside, ignored);  // where it was not taken
}

}  // namespace

const std::vector<const char*>& migrations() {
  static const std::vector<const char*> steps{
      R"sql(
CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  location TEXT NOT NULL
);
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset INTEGER NOT NULL REFERENCES dataset(id),
  name TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  active_seconds REAL NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0,
  epoch REAL NOT NULL DEFAULT 0,
  shape TEXT NOT NULL DEFAULT '{}',
  archived INTEGER NOT NULL DEFAULT 0,
  process TEXT NOT NULL DEFAULT ''
);
CREATE TABLE metric (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  epoch REAL NOT NULL,
  seconds REAL NOT NULL,
  value REAL,
  PRIMARY KEY (run, name, step, segment)
) WITHOUT ROWID;
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  step INTEGER NOT NULL,
  epoch REAL NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  UNIQUE (run, file)
);
CREATE TABLE evaluation (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL,
  protocol TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE map (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  protocol TEXT NOT NULL,
  ids BLOB NOT NULL,
  xy BLOB NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE tag (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE INDEX checkpoint_of_run ON checkpoint(run, step);
CREATE INDEX evaluation_of_run ON evaluation(run);
CREATE INDEX map_of_run ON map(run);
)sql",
      // Queued runs, in the order of their places.
      R"sql(
ALTER TABLE run ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX queue_of_runs ON run(place) WHERE status = 'queued';
)sql",
  };
  return steps;
}

void migrate(SQLite::Database& database, const std::filesystem::path& folder,
             const std::vector<const char*>& steps) {
  const int newest = static_cast<int>(steps.size());
  if (const int before = version_of(database); before > 0 && before < newest)
    back_up(database, folder, before);
  for (int next = version_of(database); next < newest; next = version_of(database)) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Another program may have been faster.
    if (version_of(database) != next) continue;
    database.exec(steps[static_cast<std::size_t>(next)]);
    database.exec("PRAGMA application_id = " + std::to_string(application_id));
    database.exec("PRAGMA user_version = " + std::to_string(next + 1));
    transaction.commit();
  }
}

}  // namespace selfsight
