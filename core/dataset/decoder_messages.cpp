#include "core/dataset/decoder_messages.h"

#include <unistd.h>
#include <ext/stdio_sync_filebuf.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <opencv2/core/utils/logger.hpp>

namespace selfsight {
namespace {

constexpr std::size_t most_heard = 4096;  // a broken file can complain without end

thread_local std::string* listener = nullptr;

ssize_t hear(void*, const char* text, std::size_t size) {
  if (!listener) return ::write(STDERR_FILENO, text, size);
  listener->append(text, std::min(size, most_heard - std::min(most_heard, listener->size())));
  return static_cast<ssize_t>(size);
}

/// glibc lets a program choose its stderr; the descriptor stays as it is.
bool stand_before_stderr() {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  std::FILE* file = ::fopencookie(nullptr, "w", {nullptr, hear, nullptr, nullptr});
  if (!file) return false;
  std::setvbuf(file, nullptr, _IONBF, 0);
  // Never deleted: std::cerr is used until the very end.
  static auto* const stream = new __gnu_cxx::stdio_sync_filebuf<char>(file);
  std::cerr.rdbuf(stream);
  stderr = file;
  return true;
}

}  // namespace

DecoderMessages::DecoderMessages() {
  [[maybe_unused]] static const bool ready = stand_before_stderr();
  listener = &text_;
}

DecoderMessages::~DecoderMessages() {
  listener = nullptr;
}

}  // namespace selfsight
