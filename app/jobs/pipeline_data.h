// Which images a word means. No Qt, no torch.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/control.h"
#include "core/dataset/catalogue.h"
#include "core/dataset/dataset.h"

namespace selfsight {

/// open_dataset(), and besides it the names of the catalogue: what was fetched is under the store.
/// Throws InputError, which says how to fetch one that was not.
std::shared_ptr<const Dataset> open_data(const std::filesystem::path& store,
                                         const std::string& word, const Control& control = {});

/// Where the entry's data set is, once it was fetched into this folder; empty before.
std::filesystem::path fetched_data_set(const CatalogueEntry& entry,
                                       const std::filesystem::path& folder);

}  // namespace selfsight
