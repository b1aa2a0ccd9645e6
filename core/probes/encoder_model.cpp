// Encoders that come by themselves, not as the checkpoint of a run.
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_text.h"
#include "core/base/tensor_file.h"
#include "core/nets/encoder_weights.h"
#include "core/probes/encoder_model.h"
#include "core/probes/graph_file.h"
#include "core/training/checkpoint.h"
#include "core/training/device.h"
#include "core/training/encode.h"

namespace selfsight {
namespace {

constexpr std::size_t batch_images = 256;  // through the network at a time, as for checkpoints

/// An encoder without a pretext.
class EncoderAlone : public Method {
 public:
  EncoderAlone(std::shared_ptr<Encoder> encoder, Pooling pooling)
      : encoder_(register_module("encoder", std::move(encoder))), pooling_(pooling) {}

  StepOutput step(const Batch&, const Position&) override {
    throw Error("An encoder by itself has nothing to learn from; start a run with it.");
  }
  torch::Tensor features(const torch::Tensor& images) override {
    return pooled(*encoder_, images, pooling_);
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

 private:
  std::shared_ptr<Encoder> encoder_;
  Pooling pooling_;
};

/// The settings of a run that would show its encoder the same views.
Settings settings_of(const EncoderOptions* encoder, std::int64_t size,
                     const std::string& interpolation) {
  Settings settings(run_schema("simclr"));
  if (encoder) settings.write("encoder.", *encoder);
  settings.set("views.size", size);
  settings.set("views.interpolation", interpolation);
  return settings;
}

class FrozenFile : public FrozenModel {
 public:
  using Untrained = std::function<std::shared_ptr<FrozenModel>(std::uint64_t)>;

  /// `info` is of the file; `weights` tells which ones: its hash, or of an untrained twin the
  /// pooling and the seed.
  FrozenFile(CheckpointInfo info, Settings settings, ModelInput input,
             std::shared_ptr<Method> method, Untrained untrained, std::string weights)
      : settings_(std::move(settings)),
        info_(std::move(info)),
        input_(std::move(input)),
        method_(std::move(method)),
        untrained_(std::move(untrained)),
        weights_(std::move(weights)) {
    method_->eval();
  }

  const Settings& settings() const override { return settings_; }
  std::int64_t dimensions() const override { return method_->feature_dimensions(); }
  int channels() const override { return input_.channels; }
  CheckpointInfo checkpoint() const override { return info_; }
  bool has_untrained() const override { return untrained_ != nullptr; }
  std::string identity() const override {
    const nlohmann::ordered_json json{{"weights", weights_},
                                      {"settings", to_json(settings_)},
                                      {"mean", input_.normalisation.mean},
                                      {"std", input_.normalisation.std}};
    const std::string text = json_text(json);
    return sha256(std::as_bytes(std::span(text)));
  }
  std::shared_ptr<FrozenModel> untrained(std::uint64_t seed) const override {
    if (untrained_) return untrained_(seed);
    throw InputError(info_.file.string() +
                     " came as a graph, of which there is no untrained twin; leave the random "
                     "encoder out.");
  }
  bool reconstructs() const override { return false; }
  std::vector<cv::Mat> reconstruct(const std::vector<cv::Mat>&, const std::vector<Mask>&) override {
    throw Error("An encoder by itself does not rebuild pixels.");
  }

  Features features(const std::vector<cv::Mat>& images) override {
    const std::lock_guard lock(mutex_);
    Features out;
    out.columns = dimensions();
    in_plain_words([&] {
      use_threads(0);
      for (std::size_t begin = 0; begin < images.size(); begin += batch_images) {
        const auto end = std::min(begin + batch_images, images.size());
        const Features part = encode(*method_,
                                     {images.begin() + static_cast<std::ptrdiff_t>(begin),
                                      images.begin() + static_cast<std::ptrdiff_t>(end)},
                                     input_);
        out.columns = part.columns;
        out.rows += part.rows;
        out.values.insert(out.values.end(), part.values.begin(), part.values.end());
      }
    });
    return out;
  }

 private:
  const Settings settings_;
  const CheckpointInfo info_;
  const ModelInput input_;
  std::shared_ptr<Method> method_;
  const Untrained untrained_;
  const std::string weights_;
  std::mutex mutex_;
};

Normalisation normalisation_of(const EncoderInput& shown, const std::filesystem::path& file) {
  check_normalisation(shown, file);
  return {shown.mean, shown.std};
}

/// What is asked for before what the file says, and that before what is usual.
EncoderInput settled(const EncoderInput& asked, const EncoderInput& said) {
  const EncoderFile usual;
  const auto first = [](const std::vector<double>& a, const std::vector<double>& b,
                        const std::vector<double>& c) {
    return !a.empty() ? a : !b.empty() ? b : c;
  };
  return {asked.size  ? asked.size
          : said.size ? said.size
                      : usual.view_size,
          first(asked.mean, said.mean, usual.mean), first(asked.std, said.std, usual.std)};
}

std::shared_ptr<FrozenModel> from_weights(const EncoderFile& encoder,
                                          const std::filesystem::path& file,
                                          const EncoderInput& asked, std::uint64_t seed,
                                          bool trained) {
  EncoderInput shown = settled(asked, {encoder.view_size, encoder.mean, encoder.std});
  if (is_transformer(encoder.options) && shown.size != encoder.view_size) {
    if (asked.size)
      throw InputError(file.string() + " has positions learned for images of " +
                       std::to_string(encoder.view_size) + " px, and can be shown no other size.");
    shown.size = encoder.view_size;
  }
  const Normalisation normalisation = normalisation_of(shown, file);
  if (static_cast<int>(normalisation.mean.size()) != encoder.channels)
    throw InputError(file.string() + " takes images of " + std::to_string(encoder.channels) +
                     " channels.");
  auto network = make_encoder(encoder.options, encoder.channels, shown.size, seed);
  if (trained) load_weights(encoder, *network, file.string());
  const auto method = std::make_shared<EncoderAlone>(network, encoder.pooling);
  const bool last = !is_transformer(encoder.options);
  if (last) to_channels_last(*method);
  const auto twin = [encoder, file, asked](std::uint64_t other) {
    return from_weights(encoder, file, asked, other, false);
  };
  const std::string hash = trained ? sha256_file(file) : "";
  const char* pooling = encoder.pooling == Pooling::avg ? "avg" : "token";
  return std::make_shared<FrozenFile>(
      CheckpointInfo{file, hash}, settings_of(&encoder.options, shown.size, encoder.interpolation),
      ModelInput{shown.size, encoder.interpolation, encoder.channels, normalisation, torch::kCPU,
                 last},
      method, twin,
      trained ? hash
              : encoder.options.name + " untrained, " + pooling + ", " + std::to_string(seed));
}

std::shared_ptr<FrozenModel> from_graph(const GraphFile& graph, const std::filesystem::path& file,
                                        const EncoderInput& asked) {
  const EncoderInput shown = settled(asked, graph.shown);
  const Normalisation normalisation = normalisation_of(shown, file);
  const std::string hash = sha256_file(file);
  const auto model = std::make_shared<FrozenFile>(
      CheckpointInfo{file, hash}, settings_of(nullptr, shown.size, graph.interpolation),
      ModelInput{shown.size, graph.interpolation, static_cast<int>(normalisation.mean.size()),
                 normalisation, torch::kCPU, false},
      graph.method, nullptr, hash);
  try {  // and so learn how many dimensions it gives
    const int size = static_cast<int>(shown.size), channels = model->channels();
    model->features({cv::Mat(size, size * channels, CV_8U, cv::Scalar(128)).reshape(channels)});
  } catch (const std::exception& error) {
    throw InputError(file.string() + ", " + graph.kind + ", does not answer to views of " +
                     std::to_string(shown.size) + " px with " +
                     std::to_string(normalisation.mean.size()) + " channels; say what it takes (" +
                     error.what() + ")");
  }
  return model;
}

std::shared_ptr<FrozenModel> from_checkpoint(const std::filesystem::path& file,
                                             const EncoderInput& asked) {
  if (asked.size || !asked.mean.empty() || !asked.std.empty())
    throw InputError(file.string() +
                     " is the checkpoint of a run and is shown what the run was; the size, mean "
                     "and deviation of its images cannot be others.");
  return FrozenModel::from_checkpoint(file);
}

/// By what it says of itself, so that of a damaged one the damage is told.
bool is_checkpoint(const std::filesystem::path& file) {
  try {
    return load_metadata(file)["format"].starts_with("selfsight checkpoint");
  } catch (const InputError&) {
    return false;  // no safetensors, as load_encoder_file() then says
  }
}

}  // namespace

std::shared_ptr<FrozenModel> model_from_file(const std::filesystem::path& file,
                                             const EncoderInput& shown) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(file, problem))
    throw InputError("There is no file " + file.string() + " to take an encoder from.");
  std::shared_ptr<FrozenModel> model;
  in_plain_words([&] {
    if (is_torch_script(file))
      model = from_graph(open_torch_script(file), file, shown);
    else if (is_onnx(file))
      model = from_graph(open_onnx(file), file, shown);
    else if (is_checkpoint(file))
      model = from_checkpoint(file, shown);
    else
      model = from_weights(load_encoder_file(file), file, shown, 0, true);
  });
  return model;
}

EncoderInput told_input(const std::filesystem::path& file) {
  EncoderInput told;
  in_plain_words([&] {
    if (is_torch_script(file)) {
      told = open_torch_script(file).shown;
    } else if (is_onnx(file)) {
      told = open_onnx(file).shown;
    } else if (is_checkpoint(file)) {
      const RunState state = load_checkpoint(file).state;
      told = {run_spec(state.settings).input.views.clean_size(), state.normalisation.mean,
              state.normalisation.std};
    } else {
      const EncoderFile encoder = load_encoder_file(file);
      // Learned positions tell the size.
      if (encoder.described || is_transformer(encoder.options)) told.size = encoder.view_size;
      if (encoder.described) {
        told.mean = encoder.mean;
        told.std = encoder.std;
      }
    }
  });
  return told;
}

}  // namespace selfsight
