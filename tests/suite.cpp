#include "tests/suite.h"

#include <cstdio>
#include <filesystem>

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  for (const selfsight::Suite& suite : selfsight::suites()) {
    if (std::filesystem::path(suite.file).stem() != "test_" + wanted) continue;
    argv[1] = argv[0];
    return suite.run(argc - 1, argv + 1);
  }
  std::fprintf(stderr, "Name one of these suites:\n");
  for (const selfsight::Suite& suite : selfsight::suites())
    std::fprintf(stderr, "  %s\n",
                 std::filesystem::path(suite.file).stem().string().substr(5).c_str());
  return 2;
}
