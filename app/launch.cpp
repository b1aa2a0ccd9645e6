// What is called `selfsight`: sets what libraries read while they are loaded, and becomes the
// program. That one could set it too and start itself anew, but loading its libraries takes a third
// of the time until the window is seen.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

int main(int, char** words) {
  // GNU OpenMP lets threads that wait spin 300,000 turns, which is fast for one program alone and
  // very slow for two side by side; docs/performance.md has the figures.
  if (!std::getenv("GOMP_SPINCOUNT") && !std::getenv("OMP_WAIT_POLICY"))
    ::setenv("GOMP_SPINCOUNT", "10000", 1);
  std::error_code unknown;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
  // As built; as installed. It returns only on failure.
  for (const char* place : {"program/selfsight-program", SELFSIGHT_INSTALLED})
    ::execv((here / place).c_str(), words);
  std::fprintf(stderr, "selfsight: its program is missing beside %s; install Selfsight again.\n",
               here.c_str());
  return 1;
}
