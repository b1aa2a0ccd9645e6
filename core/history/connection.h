// One SQLite connection with its rules. Private to this room.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/error.h"
#include "core/history/store.h"

namespace selfsight {

/// In SQL: of a row that says when it was made, as one that comes from another store does; now for
/// others.
inline const std::string created_or_now =
    "COALESCE(NULLIF(?, ''), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))";

struct Store::Connection {
  /// Opens or makes the database, migrates it, and marks the runs of dead processes.
  explicit Connection(const std::filesystem::path& store_folder);

  /// Runs `work(db)` inside one immediate transaction: all of it happens, or nothing.
  template <class Work>
  auto write(Work&& work) {
    return translated([&] {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      if constexpr (std::is_void_v<decltype(work(database))>) {
        work(database);
        transaction.commit();
      } else {
        auto result = work(database);
        transaction.commit();
        return result;
      }
    });
  }

  template <class Work>
  auto read(Work&& work) {
    return translated([&] { return work(database); });
  }

  template <class... Values>
  void execute(const char* sql, const Values&... values) {
    translated([&] {
      SQLite::Statement statement(database, sql);
      SQLite::bind(statement, values...);
      statement.exec();
    });
  }

  /// The same for a run; throws InputError if there is no such run. The last value is its number.
  template <class... Values>
  void update(const char* sql, const Values&... values) {
    translated([&] {
      SQLite::Statement statement(database, sql);
      SQLite::bind(statement, values...);
      if (statement.exec() == 0)
        throw InputError("There is no such run in " + folder.string() + ".");
    });
  }

  std::vector<std::string> tags(std::int64_t run);

  std::filesystem::path folder;
  SQLite::Database database;

 private:
  /// SQLite's errors in words a person can act on.
  template <class Work>
  auto translated(Work&& work) {
    try {
      return work();
    } catch (const SQLite::Exception& error) {
      throw_in_words(error);
    }
  }
  [[noreturn]] void throw_in_words(const SQLite::Exception& error) const;
  void check_identity();
  void mark_interrupted();
};

}  // namespace selfsight
