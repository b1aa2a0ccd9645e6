#include "core/training/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_text.h"
#include "core/training/checkpoint_files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "selfsight checkpoint 1";

const std::vector<std::pair<std::string, torch::Dtype>> kTypes{
    {"F32", torch::kFloat}, {"F64", torch::kDouble}, {"I64", torch::kLong},
    {"I32", torch::kInt},   {"U8", torch::kByte},    {"BOOL", torch::kBool}};

StoredTensor stored(const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU).contiguous();
  const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& entry) {
    return entry.second == plain.scalar_type();
  });
  if (type == kTypes.end()) throw Error("Cannot store " + name + ": its number type is unusual.");
  StoredTensor out{type->first, plain.sizes().vec(), {}};
  out.bytes.resize(plain.nbytes());
  if (!out.bytes.empty()) std::memcpy(out.bytes.data(), plain.data_ptr(), out.bytes.size());
  return out;
}

Json to_json(const RunState& state) {
  return {{"step", state.step},
          {"epoch", state.epoch},
          {"active_seconds", state.active_seconds},
          {"last_loss", state.last_loss},
          {"segment", state.segment},
          {"monitored_step", state.monitored_step},
          {"loss_sum", state.loss_sum},
          {"loss_steps", state.loss_steps},
          {"spread_sum", state.spread_sum},
          {"spread_steps", state.spread_steps},
          {"best_step", state.best_step},
          {"best_score", state.best_score},
          {"train_images", state.train_images},
          {"channels", state.channels},
          {"mean", state.normalisation.mean},
          {"std", state.normalisation.std}};
}

Json description_from(const std::string& text) {
  if (too_deep(text)) throw InputError("its description cannot be read.");
  return Json::parse(text);
}

RunState state_from(const Json& json, Settings settings) {
  RunState state;
  state.settings = std::move(settings);
  json.at("step").get_to(state.step);
  json.at("epoch").get_to(state.epoch);
  json.at("active_seconds").get_to(state.active_seconds);
  json.at("last_loss").get_to(state.last_loss);
  json.at("segment").get_to(state.segment);
  json.at("monitored_step").get_to(state.monitored_step);
  state.loss_sum = json.value("loss_sum", 0.0);
  state.loss_steps = json.value("loss_steps", std::int64_t{0});
  state.spread_sum = json.value("spread_sum", 0.0);
  state.spread_steps = json.value("spread_steps", std::int64_t{0});
  state.best_step = json.value("best_step", std::int64_t{-1});
  state.best_score = json.value("best_score", 0.0);
  json.at("train_images").get_to(state.train_images);
  json.at("channels").get_to(state.channels);
  json.at("mean").get_to(state.normalisation.mean);
  json.at("std").get_to(state.normalisation.std);
  const auto channels = static_cast<std::size_t>(state.channels);
  if (state.channels < 1 || state.channels > most_bands || state.step < 0 ||
      state.normalisation.mean.size() != channels || state.normalisation.std.size() != channels)
    throw InputError("its description contradicts itself");
  for (const double deviation : state.normalisation.std)
    if (!(deviation > 0)) throw InputError("its normalisation divides by zero");
  return state;
}

}  // namespace

CheckpointInfo save_checkpoint(const std::filesystem::path& folder, const RunState& state,
                               const NamedTensors& model, const NamedTensors& optimiser,
                               std::int64_t keep) {
  TensorFile file;
  file.metadata = {{"format", kFormat},
                   {"settings", json_text(to_json(state.settings))},
                   {"state", json_text(to_json(state))}};
  for (const auto& [name, tensor] : model)
    file.tensors.emplace_back("model." + name, stored(name, tensor));
  for (const auto& [name, tensor] : optimiser)
    file.tensors.emplace_back("optimiser." + name, stored(name, tensor));
  file.metadata["sha256"] = content_hash(file);
  CheckpointInfo info{folder / checkpoint_name(state.step), "", state.step, state.epoch};
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem)
    throw Error("Could not make the folder " + folder.string() + ": " + problem.message() + ".");
  save_tensors(info.file, file);
  info.sha256 = sha256_file(info.file);
  prune_checkpoints(folder, state.step, keep, state.best_step);
  return info;
}

void Checkpoint::restore(const std::string& prefix, const NamedTensors& into) const {
  const torch::NoGradGuard no_grad;
  const auto refuse = [&](const std::string& name, const std::string& why) {
    return InputError(info.file.string() + " does not fit this run: " + name + " " + why + ".");
  };
  for (const auto& [name, tensor] : into) {
    const StoredTensor* found = tensors.find(prefix + name);
    // Where one count of AdamW's steps is stored for all parameters, it is each one's.
    if (!found && name.starts_with("steps.")) found = tensors.find(prefix + "steps");
    if (!found) throw refuse(name, "is missing");
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const auto& entry) { return entry.first == found->dtype; });
    if (type == kTypes.end() || type->second != tensor.scalar_type())
      throw refuse(name, "has another number type");
    if (found->shape != tensor.sizes().vec()) throw refuse(name, "has another shape");
    torch::Tensor plain = torch::empty(found->shape, torch::TensorOptions(type->second));
    if (!found->bytes.empty())
      std::memcpy(plain.data_ptr(), found->bytes.data(), found->bytes.size());
    torch::Tensor target = tensor;
    target.copy_(plain);
  }
}

Checkpoint load_checkpoint(const std::filesystem::path& file) {
  Checkpoint checkpoint;
  checkpoint.tensors = load_whole(file);
  const auto& metadata = checkpoint.tensors.metadata;
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kFormat)
    throw InputError(file.string() + " is not a checkpoint of this version of Selfsight.");
  try {
    checkpoint.state =
        state_from(description_from(metadata.at("state")),
                   settings_from_json(description_from(metadata.at("settings")), run_schema));
  } catch (const InputError& error) {
    throw InputError(file.string() + " cannot be used: " + error.what());
  } catch (const std::exception&) {
    throw InputError(file.string() + " cannot be used: its description cannot be read.");
  }
  checkpoint.info = {file, "", checkpoint.state.step, checkpoint.state.epoch};
  return checkpoint;
}

}  // namespace selfsight
