#include "app/jobs/pipeline_data.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/history/store.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

/// " --store DIR" for another than the usual one.
std::string store_option(const fs::path& store) {
  const auto whole = [](const fs::path& path) { return fs::absolute(path).lexically_normal(); };
  return whole(store) == whole(default_store()) ? "" : " --store " + store.string();
}

}  // namespace

fs::path fetched_data_set(const CatalogueEntry& entry, const fs::path& folder) {
  std::error_code unknown;
  if (entry.unpack) {
    const fs::path content = folder / "content";
    return fs::is_directory(content, unknown) ? inner_folder(content) : fs::path();
  }
  const bool whole = std::all_of(
      entry.files.begin(), entry.files.end(),
      [&](const CatalogueFile& file) { return fs::exists(folder / file.name(), unknown); });
  return whole ? folder : fs::path();
}

std::shared_ptr<const Dataset> open_data(const fs::path& store, const std::string& word,
                                         const Control& control) {
  const auto& all = catalogue();
  const auto entry = std::find_if(all.begin(), all.end(),
                                  [&](const CatalogueEntry& one) { return one.name == word; });
  std::error_code unknown;
  if (entry == all.end() || fs::exists(word, unknown)) return open_dataset(word, control);
  const fs::path fetched = fetched_data_set(*entry, store / "datasets" / word);
  if (fetched.empty())
    throw InputError("The data set " + word + " is not in the store; `selfsight data fetch " +
                     word + store_option(store) + "` downloads it.");
  return open_dataset(fetched.string(), control);
}

}  // namespace selfsight
