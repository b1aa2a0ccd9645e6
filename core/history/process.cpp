#include "core/history/process.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace selfsight {
namespace {

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

/// Field 22 of /proc/PID/stat, in clock ticks since the boot; empty if there is no such process,
/// or one that has ended and whose parent has not looked yet.
std::string start_time(const std::string& number) {
  std::ifstream in("/proc/" + number + "/stat");
  std::string text;
  std::getline(in, text);
  // The name in field 2 may hold anything, parentheses too: count from the last one.
  const auto end = text.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(text.substr(end + 1));
  std::string field;
  rest >> field;
  if (field == "Z" || field == "X") return {};
  for (int i = 4; i <= 22; ++i) rest >> field;
  return field;
}

std::string name_of(const std::string& number) {
  return boot_id() + "/" + number + "/" + start_time(number);
}

}  // namespace

std::string this_process() {
  return name_of(std::to_string(::getpid()));
}

bool lives(const std::string& process) {
  const auto first = process.find('/'), last = process.rfind('/');
  if (first == std::string::npos || last == first) return false;
  const std::string number = process.substr(first + 1, last - first - 1);
  return !start_time(number).empty() && name_of(number) == process;
}

}  // namespace selfsight
