// Which process holds a run. Private to this room.
#pragma once

#include <filesystem>
#include <string>

namespace selfsight {

/// This process, told apart from any other, also after its number is used again and after a
/// restart: "boot id/number/start time".
std::string this_process();

/// Holds a lock in this store for as long as this process lives, by which those can tell who do not
/// see it: another container, another machine. Does nothing where there are no locks.
void show_life(const std::filesystem::path& store);

/// Whether the process so named lives, here or where it shows its life in this store.
bool lives(const std::string& process, const std::filesystem::path& store);

}  // namespace selfsight
