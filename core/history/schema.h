// The tables, as an ordered list of migrations. Private to this room.
#pragma once

#include <filesystem>
#include <vector>

namespace SQLite {
class Database;
}

namespace selfsight {

/// Element i takes a database from version i to i + 1. Append; never change one that has shipped.
const std::vector<const char*>& migrations();

/// Takes the database to the newest of `steps`, each in a transaction with its version. One that
/// holds something is first copied to `folder`/selfsight.db.bak-vN, N being its version. A step
/// that fails leaves the version before it. Throws SQLite::Exception.
void migrate(SQLite::Database& database, const std::filesystem::path& folder,
             const std::vector<const char*>& steps);

/// "Sfst" as a number: marks the file as ours.
inline constexpr int application_id = 0x53667374;

}  // namespace selfsight
