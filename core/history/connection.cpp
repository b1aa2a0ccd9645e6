#include "core/history/connection.h"

#include <sqlite3.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <thread>

#include "core/history/process.h"
#include "core/history/schema.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr int busy_milliseconds = 5000;

fs::path made(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem || !fs::is_directory(folder))
    throw InputError("Could not make the store " + folder.string() + ": " +
                     (problem ? problem.message() : "there is a file of that name") +
                     ". Name another with --store.");
  return fs::absolute(folder).lexically_normal();
}

SQLite::Database opened(const fs::path& folder) {
  const fs::path file = folder / "selfsight.db";
  try {
    return {file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_milliseconds};
  } catch (const SQLite::Exception&) {
    throw InputError("Could not open " + file.string() +
                     "; check that the folder can be written, or name another with --store.");
  }
}

/// Whether other machines may have the database open: the log keeps its index in memory that they
/// do not share.
bool is_shared(const fs::path& folder) {
  constexpr std::uint32_t nfs = 0x6969, smb = 0x517B, cifs = 0xFF534D42, smb2 = 0xFE534D42,
                          plan9 = 0x01021997, fuse = 0x65735546, ceph = 0x00C36400;
  struct statfs system {};
  if (::statfs(folder.c_str(), &system) != 0) return false;
  const auto kind = static_cast<std::uint32_t>(system.f_type);
  return std::ranges::count(std::array{nfs, smb, cifs, smb2, plan9, fuse, ceph}, kind) > 0;
}

/// Not every file system can; then SQLite stays with its rollback journal, which is slower. Going
/// over to the log takes the database for a moment, and SQLite does not wait for its turn there.
bool use_write_ahead_log(SQLite::Database& database, const fs::path& folder) {
  const std::string wanted = is_shared(folder) ? "DELETE" : "WAL";
  for (int attempt = 0;; ++attempt) {
    try {
      return database.execAndGet("PRAGMA journal_mode = " + wanted).getString() == "wal";
    } catch (const SQLite::Exception& error) {
      if (error.getErrorCode() != SQLITE_BUSY) return false;
      if (attempt == busy_milliseconds / 10) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace

fs::path default_store() {
  if (const char* store = std::getenv("SELFSIGHT_STORE"); store && *store) return store;
  const char* home = std::getenv("HOME");
  return fs::path(home && *home ? home : ".") / "Selfsight";
}

Store::Connection::Connection(const fs::path& store_folder)
    : folder(made(store_folder)), database(opened(folder)) {
  try {
    check_identity();
    database.exec(use_write_ahead_log(database, folder) ? "PRAGMA synchronous = NORMAL"
                                                        : "PRAGMA synchronous = FULL");
    database.exec("PRAGMA foreign_keys = ON");
    migrate(database, folder, migrations());
    mark_interrupted();
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    const std::string file = (folder / "selfsight.db").string();
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
      throw InputError(file +
                       " is not a Selfsight store, or is damaged; it was left as it is. Name "
                       "another with --store.");
    if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN)
      throw InputError(file +
                       " cannot be written; check its permissions, or name another store "
                       "with --store.");
    throw_in_words(error);
  } catch (const fs::filesystem_error& error) {
    throw Error("The store " + folder.string() +
                " could not be copied before it is brought up to " +
                "date, so it was left as it is: " + error.code().message() + ".");
  }
}

void Store::Connection::check_identity() {
  // In this order: another program may be making the database, tables and mark in one transaction.
  const int tables = database.execAndGet("SELECT COUNT(*) FROM sqlite_master").getInt();
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  if (tables > 0 && id != application_id)
    throw InputError((folder / "selfsight.db").string() +
                     " is a database of another program; it was left as it is. Name another store "
                     "with --store.");
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > static_cast<int>(migrations().size()))
    throw InputError(
        "The store " + folder.string() + " was made by a newer Selfsight (version " +
        std::to_string(version) + ", this one knows " + std::to_string(migrations().size()) +
        "); it was left as it is. Update Selfsight, or name another store with --store.");
}

void Store::Connection::mark_interrupted() {
  std::vector<std::pair<std::int64_t, std::string>> dead;
  SQLite::Statement running(database, "SELECT id, process FROM run WHERE status = 'running'");
  while (running.executeStep())
    if (const std::string process = running.getColumn(1).getString(); !lives(process, folder))
      dead.emplace_back(running.getColumn(0).getInt64(), process);
  running.reset();
  for (const auto& [run, process] : dead) {
    // Another program may have claimed it since.
    SQLite::Statement mark(database,
                           "UPDATE run SET status = 'interrupted' "
                           "WHERE id = ? AND status = 'running' AND process = ?");
    SQLite::bind(mark, run, process);
    mark.exec();
  }
}

std::vector<std::string> Store::Connection::tags(std::int64_t run) {
  std::vector<std::string> out;
  SQLite::Statement rows(database, "SELECT name FROM tag WHERE run = ? ORDER BY name");
  rows.bind(1, run);
  while (rows.executeStep()) out.push_back(rows.getColumn(0).getString());
  return out;
}

void Store::Connection::throw_in_words(const SQLite::Exception& error) const {
  const std::string where = "the store " + folder.string();
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      throw Error("The disk is full, so " + where +
                  " cannot grow; what it holds is safe. Free some "
                  "space and go on.");
    case SQLITE_IOERR:
      throw Error("The disk could not be written at " + where + "; what it holds is safe.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error("Another program is holding " + where + "; close it and try again.");
    case SQLITE_READONLY:
      throw Error("It is not allowed to write to " + where + ".");
    default:
      throw Error("SQLite could not use " + where + ": " + error.what() + ".");
  }
}

}  // namespace selfsight
