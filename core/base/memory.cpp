#include "core/base/memory.h"

#include <fstream>
#include <string>

namespace selfsight {

std::int64_t peak_memory() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    if (word != "VmHWM:") continue;
    std::int64_t kibibytes = 0;
    in >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

void reset_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace selfsight
