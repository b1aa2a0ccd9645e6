#include "core/history/process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>

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

/// Locks the file for the rest of this process, which never closes it.
bool hold(const fs::path& sign) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const int descriptor = ::open(sign.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return false;
    if (::flock(descriptor, LOCK_EX) == 0 && same_file(descriptor, sign)) return true;
    ::close(descriptor);  // somebody who asked before it was locked took it away
  }
  return false;
}

/// Whether somebody holds it. What nobody holds is taken away.
bool is_held(const fs::path& sign) {
  const int descriptor = ::open(sign.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  const bool held = !free && errno == EWOULDBLOCK;
  if (free) ::unlink(sign.c_str());
  ::close(descriptor);
  return held;
}

/// The signs that this process holds; they go with it.
class Signs {
 public:
  ~Signs() {
    for (const auto& [process, sign] : held_)
      if (process == this_process()) ::unlink(sign.c_str());  // a fork's are its parent's
  }
  void show(const fs::path& store) {
    const std::lock_guard lock(mutex_);
    const std::string process = this_process();
    const fs::path sign = sign_of(process, store);
    if (held_.contains({process, sign})) return;
    std::error_code problem;
    fs::create_directories(sign.parent_path(), problem);
    if (hold(sign)) held_.insert({process, sign});
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, fs::path>> held_;
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
