// Stores to look into, and what they refuse.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <QObject>
#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/history/store.h"
#include "core/training/run_spec.h"

namespace selfsight {

inline std::string refusal(auto&& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A database made by SQL alone, as another version or another program would.
inline void make_database(const std::filesystem::path& folder, const std::string& sql) {
  std::filesystem::create_directories(folder);
  SQLite::Database(folder / "selfsight.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
}

inline std::string version_1() {
  return read_text(std::filesystem::path(SELFSIGHT_SOURCE) / "tests/history/version_1.sql");
}

/// What a suite of stores makes.
class StoreTest : public QObject {
 protected:
  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> squares_ = open_dataset("procedural:12");
  int made_ = 0;

  std::filesystem::path fresh() {
    return std::filesystem::path(folder_.path().toStdString()) /
           ("Läufe äöü " + std::to_string(made_++));
  }
  std::int64_t a_run(Store& store, RunStatus status = RunStatus::running) const {
    return store.create_run("a run", Settings(run_schema("simclr")), *squares_, status);
  }
};

}  // namespace selfsight
