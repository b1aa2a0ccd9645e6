#include "core/dataset/byte_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <utility>

#include "core/base/error.h"

namespace selfsight {
namespace {

FileState state_from(const struct stat& status) {
  return {std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace

FileState file_state(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? state_from(status) : FileState();
}

class ByteFile::Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  void read_in_any_order() const { ::posix_fadvise(number, 0, 0, POSIX_FADV_RANDOM); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  const int number;
};

/// Those that were read last, of all sets. Who reads holds on to what he reads from.
class ByteFile::Recent {
 public:
  std::shared_ptr<const Descriptor> find(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(files_, number, &Known::number);
    if (found == files_.end()) return nullptr;
    files_.splice(files_.begin(), files_, found);
    return found->file;
  }
  void keep(std::uint64_t number, std::shared_ptr<const Descriptor> file) {
    const std::lock_guard lock(mutex_);
    files_.push_front({number, std::move(file)});
    while (files_.size() > most()) files_.pop_back();
  }
  void forget(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    files_.remove_if([&](const Known& known) { return known.number == number; });
  }

 private:
  struct Known {
    std::uint64_t number;
    std::shared_ptr<const Descriptor> file;
  };

  /// A share of what the process may have; more makes little faster.
  static std::size_t most() {
    constexpr rlim_t always = 4, enough = 128;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return always;
    return std::clamp<rlim_t>(limit.rlim_cur / 4, always, enough);
  }

  std::mutex mutex_;
  std::list<Known> files_;
};

namespace {

std::atomic<std::uint64_t> last_number{0};

}  // namespace

ByteFile::ByteFile(const std::filesystem::path& path, Keep keep) : path_(path) {
  auto file = std::make_shared<const Descriptor>(path);
  struct stat status {};
  if (file->number < 0 || ::fstat(file->number, &status) != 0)
    throw InputError("Could not read " + path.string() + ": " + std::strerror(errno) + ".");
  size_ = static_cast<std::uint64_t>(status.st_size);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  if (keep == Keep::open) {
    kept_ = std::move(file);
    return;
  }
  number_ = ++last_number;
  recent().keep(number_, std::move(file));
}

ByteFile::ByteFile(ByteFile&& other) noexcept
    : path_(std::move(other.path_)),
      size_(other.size_),
      device_(other.device_),
      inode_(other.inode_),
      kept_(std::move(other.kept_)),
      number_(std::exchange(other.number_, 0)),
      any_order_(other.any_order_) {}

ByteFile::~ByteFile() {
  if (number_ > 0) recent().forget(number_);
}

ByteFile::Recent& ByteFile::recent() {
  static Recent files;
  return files;
}

std::shared_ptr<const ByteFile::Descriptor> ByteFile::descriptor() const {
  if (number_ == 0) return kept_;
  if (auto file = recent().find(number_)) return file;
  auto file = std::make_shared<const Descriptor>(path_);
  struct stat status {};
  if (file->number < 0 || ::fstat(file->number, &status) != 0) return nullptr;
  // One that was put in its place has other bytes where ours were.
  if (status.st_dev != device_ || status.st_ino != inode_ ||
      static_cast<std::uint64_t>(status.st_size) != size_)
    return nullptr;
  if (any_order_) file->read_in_any_order();
  recent().keep(number_, file);
  return file;
}

FileState ByteFile::state() const {
  const auto file = descriptor();
  struct stat status {};
  return file && ::fstat(file->number, &status) == 0 ? state_from(status) : FileState();
}

void ByteFile::read_in_any_order() {
  any_order_ = true;
  if (const auto file = descriptor()) file->read_in_any_order();
}

bool ByteFile::read(std::uint64_t offset, std::span<std::uint8_t> to) const {
  if (to.empty()) return true;
  const auto file = descriptor();
  if (!file) return false;
  while (!to.empty()) {
    const ssize_t got = ::pread(file->number, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace selfsight
