#include "core/training/checkpoint_files.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHash = "sha256";
constexpr const char* kDamaged = ".damaged";

/// Throws DamagedFile if the file is not whole, InputError if it cannot be read.
CheckpointInfo info_of(const fs::path& path) {
  const TensorFile file = load_whole(path);
  const auto state = file.metadata.find("state");
  const auto json = state == file.metadata.end()
                        ? nlohmann::json()
                        : nlohmann::json::parse(state->second, nullptr, false);
  if (!json.is_object() || !json.contains("step"))
    throw DamagedFile(path.string() + " does not say of which step it is.");
  return {path, sha256_file(path), json.value("step", std::int64_t{0}), json.value("epoch", 0.0)};
}

}  // namespace

std::string checkpoint_name(std::int64_t step) {
  char name[48];
  std::snprintf(name, sizeof name, "step-%09lld.safetensors", static_cast<long long>(step));
  return name;
}

std::vector<fs::path> checkpoint_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) out.push_back(entry.path());
  }
  // The names hold the step with leading zeros.
  std::sort(out.rbegin(), out.rend());
  return out;
}

void prune_checkpoints(const fs::path& folder, std::int64_t written, std::int64_t keep,
                       std::int64_t best) {
  const std::string newest = checkpoint_name(written), spared = checkpoint_name(best);
  std::error_code ignored;
  for (const fs::path& file : checkpoint_files(folder)) {
    const std::string name = file.filename().string();
    if (name > newest) continue;
    if (--keep < 0 && name != spared) fs::remove(file, ignored);
  }
}

void remove_unfinished(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.find(".safetensors.part") != std::string::npos)
      fs::remove(entry.path(), ignored);
  }
}

std::string content_hash(const TensorFile& file) {
  Sha256 hash;
  const auto add = [&](const std::string& text) { hash.add(text.c_str(), text.size() + 1); };
  for (const auto& [key, value] : file.metadata) {
    if (key == kHash) continue;
    add(key);
    add(value);
  }
  for (const auto& [name, tensor] : file.tensors) {
    add(name);
    add(tensor.dtype);
    for (const std::int64_t extent : tensor.shape) hash.add(&extent, sizeof extent);
    hash.add(tensor.bytes.data(), tensor.bytes.size());
  }
  return hash.hex();
}

TensorFile load_whole(const fs::path& path) {
  TensorFile file = load_tensors(path);
  const auto hash = file.metadata.find(kHash);
  if (hash != file.metadata.end() && hash->second != content_hash(file))
    throw DamagedFile(path.string() + " is damaged: its content does not fit its hash.");
  return file;
}

std::int64_t best_step_of(const fs::path& checkpoint) {
  try {
    const auto state = nlohmann::json::parse(load_metadata(checkpoint).at("state"));
    return state.value("best_step", std::int64_t{-1});
  } catch (const std::exception&) {
    return -1;  // who opens the file is told what is wrong with it
  }
}

WholeCheckpoint first_whole(const std::vector<fs::path>& files) {
  WholeCheckpoint out;
  std::vector<fs::path> damaged;
  for (const fs::path& file : files) {
    try {
      out.checkpoint = info_of(file);
      break;
    } catch (const DamagedFile& error) {
      damaged.push_back(file);
      out.sentences.push_back(std::string(error.what()) + " It was put aside as " +
                              file.filename().string() + kDamaged + "; ");
    } catch (const InputError& error) {
      // It may be whole: no earlier one is taken for it, and nothing is begun again.
      throw InputError(std::string(error.what()) +
                       " Nothing was changed; see that the file can be read, then resume the run.");
    }
  }
  for (const fs::path& file : damaged) {
    fs::path aside = file;
    aside += kDamaged;
    std::error_code ignored;
    fs::rename(file, aside, ignored);
  }
  const std::string instead = out.checkpoint
                                  ? "the run goes on from step " + grouped(out.checkpoint->step) +
                                        " and comes to the same numbers."
                                  : "there is none before it, so the run begins again.";
  for (std::string& sentence : out.sentences) sentence += instead;
  return out;
}

}  // namespace selfsight
