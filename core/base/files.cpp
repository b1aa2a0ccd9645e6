#include "core/base/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <numeric>

#include "core/base/error.h"

namespace selfsight {
namespace {

std::string reason() {
  return std::strerror(errno);
}

/// Closes on every way out.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

void write_all(int descriptor, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Error("Could not write " + path + ": " + reason() + ".");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

}  // namespace

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::add(const void* data, std::size_t size) {
  EVP_DigestUpdate(context_->digest.get(), data, size);
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->digest.get(), raw.data(), &size);
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[raw[i] >> 4];
    out += digits[raw[i] & 15];
  }
  return out;
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::error_code problem;
  const auto there = std::filesystem::status(path, problem);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
    throw InputError(path.string() + " is a folder or a device, no file; name another.");
  static std::atomic<std::uint64_t> count{0};  // two threads may write the same file
  std::filesystem::path aside = path;
  aside += ".part" + std::to_string(::getpid()) + '-' + std::to_string(count++);
  try {
    Descriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.number < 0) throw Error("Could not write " + path.string() + ": " + reason() + ".");
    write_all(file.number, bytes, path.string());
    if (::fsync(file.number) != 0)
      throw Error("Could not write " + path.string() + ": " + reason() + ".");
    if (::rename(aside.c_str(), path.c_str()) != 0)
      throw Error("Could not put " + path.string() + " in place: " + reason() + ".");
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
  // The rename itself must survive a power cut.
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.number >= 0) ::fsync(directory.number);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::vector<std::byte> read_file(const std::filesystem::path& path, std::uintmax_t limit) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  if (problem) throw InputError("Could not read " + path.string() + ": " + problem.message() + ".");
  if (size > limit)
    throw InputError(path.string() + " is larger than expected (" +
                     grouped(static_cast<long long>(size)) + " bytes).");
  std::ifstream in(path, std::ios::binary);
  std::vector<std::byte> bytes(size);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    throw InputError("Could not read " + path.string() + ".");
  return bytes;
}

std::string read_text(const std::filesystem::path& path, std::uintmax_t limit) {
  const auto bytes = read_file(path, limit);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.add(bytes.data(), bytes.size());
  return digest.hex();
}

std::string sha256_file(const std::filesystem::path& path, const Control& control) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError("Could not read " + path.string() + ".");
  Sha256 digest;
  std::vector<char> buffer(1 << 20);
  while (in) {
    control.check();
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.add(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw InputError("Could not read " + path.string() + ".");
  return digest.hex();
}

std::string grouped(long long number) {
  std::string out = std::to_string(number < 0 ? -number : number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), 1, ',');
  return number < 0 ? "-" + out : out;
}

namespace {

struct EditDistances {
  std::size_t whole = 0;   // of the word to the candidate
  std::size_t prefix = 0;  // of the word to the beginning of the candidate that is nearest to it
};

/// Levenshtein's, row by row.
EditDistances edit_distances(std::string_view word, std::string_view candidate) {
  std::vector<std::size_t> row(candidate.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= word.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= candidate.size(); ++j) {
      const std::size_t substituted = diagonal + (word[i - 1] != candidate[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return {row.back(), *std::min_element(row.begin(), row.end())};
}

/// What stands behind the group: temperature of method.temperature.
std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(3, word.size() / 2);
  const auto take = [&](const std::string& candidate, std::size_t distance) {
    if (distance < least) least = distance, best = candidate;
  };
  for (const std::string& candidate : known) take(candidate, edit_distances(word, candidate).whole);
  if (!best.empty()) return best;
  // A word that was not finished, or a key without its group; here less is forgiven.
  least = std::max<std::size_t>(2, word.size() / 4);
  for (const std::string& candidate : known) {
    take(candidate, edit_distances(word, candidate).prefix);
    take(candidate, edit_distances(word, last_part(candidate)).whole);
  }
  return best;
}

}  // namespace selfsight
