#include "core/history/process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace selfsight {
namespace {

namespace fs = std::filesystem;

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

fs::path sign_of(const std::string& process, const fs::path& store) {
  std::string name = process;
  std::ranges::replace(name, '/', '-');
  return store / "processes" / name;
}

bool same_file(int descriptor, const fs::path& path) {
  struct stat open {};
  struct stat there {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

/// A lock on the file, as a descriptor; -1 where there is none to be had.
int hold(const fs::path& sign) {
  constexpr int attempts = 20;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const int descriptor = ::open(sign.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return -1;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && same_file(descriptor, sign))
      return descriptor;
    ::close(descriptor);
    // Somebody is looking whether it is held, or took it away because it was not.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return -1;
}

/// Whether somebody holds it, who may be another user. What nobody holds is taken away.
bool is_held(const fs::path& sign) {
  const int descriptor = ::open(sign.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  const bool held = !free && errno == EWOULDBLOCK;
  if (free && same_file(descriptor, sign)) ::unlink(sign.c_str());
  ::close(descriptor);
  return held;
}

/// The signs that this process holds; they go with it.
class Signs {
 public:
  ~Signs() {
    for (const auto& [sign, descriptor] : held_)
      if (sign.filename() == sign_of(this_process(), {}).filename())  // a fork's are its parent's
        ::unlink(sign.c_str());
  }
  void show(const fs::path& store) {
    const std::lock_guard lock(mutex_);
    const fs::path sign = sign_of(this_process(), store);
    const auto known = held_.find(sign);
    if (known != held_.end() && same_file(known->second, sign)) return;
    if (known != held_.end()) ::close(known->second);  // somebody emptied the folder
    held_.erase(sign);
    std::error_code problem;
    fs::create_directories(sign.parent_path(), problem);
    if (const int descriptor = hold(sign); descriptor >= 0) held_.emplace(sign, descriptor);
  }

 private:
  std::mutex mutex_;
  std::map<fs::path, int> held_;
};

}  // namespace

std::string this_process() {
  return name_of(std::to_string(::getpid()));
}

void show_life(const fs::path& store) {
  static Signs signs;
  signs.show(store);
}

bool lives(const std::string& process, const fs::path& store) {
  const auto first = process.find('/'), last = process.rfind('/');
  if (first == std::string::npos || last == first) return false;
  const std::string number = process.substr(first + 1, last - first - 1);
  if (!start_time(number).empty() && name_of(number) == process) return true;
  return is_held(sign_of(process, store));
}

}  // namespace selfsight
