// Opens every file under the folders and files it is given with load_image(), each in a process of
// its own, and prints how it ended, how long it took and how much memory it needed.
// Leaves with 1 if one crashed, took more than 2 s or more than 1 GiB.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr double most_seconds = 2;
constexpr double most_mebibytes = 1024;

std::vector<fs::path> files_under(const std::vector<fs::path>& roots) {
  std::vector<fs::path> files;
  for (const fs::path& root : roots) {
    if (!fs::is_directory(root)) {
      files.push_back(root);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// "32x32x3", or why not.
std::string open_one(const fs::path& path) {
  try {
    const cv::Mat image = load_image(path);
    return std::to_string(image.cols) + "x" + std::to_string(image.rows) + "x" +
           std::to_string(image.channels());
  } catch (const ImageError& error) {
    return error.what();
  }
}

struct Outcome {
  std::string text;
  double seconds = 0, mebibytes = 0;
  bool crashed = false;
};

/// In a child, so that a crash is told of and memory is counted for this file alone.
Outcome watch(const fs::path& path) {
  int ends[2];
  if (pipe(ends) != 0) throw Error("No pipe could be had.");
  std::fflush(nullptr);  // or the child would print it again
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) throw Error("No process could be had.");
  if (child == 0) {
    close(ends[0]);
    const std::string text = open_one(path);
    const bool written = write(ends[1], text.data(), text.size()) >= 0;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Outcome outcome;
  char buffer[512];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    outcome.text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  outcome.mebibytes = static_cast<double>(used.ru_maxrss) / 1024;
  outcome.crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (outcome.crashed) outcome.text = "CRASHED";
  return outcome;
}

int open_all(const std::vector<fs::path>& roots) {
  int opened = 0, refused = 0, bad = 0;
  for (const fs::path& path : files_under(roots)) {
    const Outcome o = watch(path);
    const bool over = o.crashed || o.seconds > most_seconds || o.mebibytes > most_mebibytes;
    std::printf("%s%s: %s (%.2f s, %.0f MiB)\n", over ? "BAD " : "", path.c_str(), o.text.c_str(),
                o.seconds, o.mebibytes);
    bad += over;
    if (!o.crashed) ++(o.text.find(' ') == std::string::npos ? opened : refused);
  }
  std::printf("%d opened, %d refused, %d bad\n", opened, refused, bad);
  return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace selfsight

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "Name the folders or files to open.\n");
    return 2;
  }
  return selfsight::open_all({words + 1, words + count});
}
