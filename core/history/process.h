// Which process holds a run. Private to this room.
#pragma once

#include <string>

namespace selfsight {

/// This process, told apart from any other, also after its number is used again and after a
/// restart: "boot id/number/start time".
std::string this_process();

/// Whether the process so named lives.
bool lives(const std::string& process);

}  // namespace selfsight
