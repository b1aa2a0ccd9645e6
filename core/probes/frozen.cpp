#include "core/probes/frozen.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/base/json_text.h"
#include "core/nets/encoder.h"
#include "core/nets/vision_transformer.h"
#include "core/training/checkpoint.h"
#include "core/training/device.h"
#include "core/training/encode.h"
#include "core/training/features.h"

namespace selfsight {
namespace {

constexpr std::size_t kBatch = 256;  // images through the network at a time

class Frozen : public FrozenModel {
 public:
  Frozen(Settings settings, CheckpointInfo info, const Normalisation& normalisation,
         std::uint64_t seed)
      : settings_(std::move(settings)),
        info_(std::move(info)),
        seed_(seed),
        spec_(run_spec(settings_)) {
    const bool gpu = spec_.train.device != "cpu" && torch::cuda::is_available();
    input_ = model_input(spec_, normalisation, gpu ? torch::kCUDA : torch::kCPU);
    method_ = build_method(spec_, input_, seed);
    method_->eval();
  }

  void restore(const Checkpoint& checkpoint) { checkpoint.restore("model.", state_dict(*method_)); }

  const Settings& settings() const override { return settings_; }
  std::int64_t dimensions() const override { return method_->feature_dimensions(); }
  int channels() const override { return input_.channels; }
  CheckpointInfo checkpoint() const override { return info_; }
  bool reconstructs() const override { return method_->reconstructs(); }

  std::shared_ptr<const Method> method() const override { return method_; }
  Normalisation normalisation() const override { return input_.normalisation; }

  std::string identity() const override {
    if (!info_.sha256.empty()) return info_.sha256;
    nlohmann::ordered_json json{{"untrained", to_json(settings_)},
                                {"seed", seed_},
                                {"mean", input_.normalisation.mean},
                                {"std", input_.normalisation.std}};
    const std::string text = json_text(json);
    return sha256(std::as_bytes(std::span(text)));
  }

  std::shared_ptr<FrozenModel> untrained(std::uint64_t seed) const override {
    return std::make_shared<Frozen>(settings_, CheckpointInfo{}, input_.normalisation, seed);
  }

  Features features(const std::vector<cv::Mat>& images) override {
    const std::lock_guard lock(mutex_);
    Features out;
    out.columns = dimensions();
    in_plain_words([&] {
      use_threads(spec_.train.threads);
      for (std::size_t begin = 0; begin < images.size(); begin += kBatch) {
        const auto end = std::min(begin + kBatch, images.size());
        const Features part = encode(*method_,
                                     {images.begin() + static_cast<std::ptrdiff_t>(begin),
                                      images.begin() + static_cast<std::ptrdiff_t>(end)},
                                     input_);
        out.rows += part.rows;
        out.values.insert(out.values.end(), part.values.begin(), part.values.end());
      }
    });
    return out;
  }

  std::vector<cv::Mat> reconstruct(const std::vector<cv::Mat>& views,
                                   const std::vector<Mask>& masks) override {
    check_masked(views, masks);
    const std::lock_guard lock(mutex_);
    std::vector<cv::Mat> out;
    in_plain_words([&] {
      use_threads(spec_.train.threads);
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < views.size(); ++i) out.push_back(rebuild(views[i], masks[i]));
    });
    return out;
  }

  std::vector<cv::Mat> attention(const std::vector<cv::Mat>& views) override {
    const auto encoder = std::dynamic_pointer_cast<VisionTransformer>(method_->measured_encoder());
    if (!encoder || views.empty()) return {};
    const std::lock_guard lock(mutex_);
    std::vector<cv::Mat> out;
    in_plain_words([&] {
      use_threads(spec_.train.threads);
      const torch::NoGradGuard no_grad;
      const torch::Tensor heat = encoder->class_attention(views_to_tensor(views, input_))
                                     .mean(1)
                                     .to(torch::kCPU, torch::kFloat32)
                                     .contiguous();
      const auto side = static_cast<int>(heat.size(1));
      for (std::int64_t i = 0; i < heat.size(0); ++i)
        out.push_back(cv::Mat(side, side, CV_32F, heat[i].data_ptr<float>()).clone());
    });
    return out;
  }

  std::vector<Assignment> assignments(const std::vector<cv::Mat>& views) override {
    if (views.empty()) return {};
    const std::lock_guard lock(mutex_);
    std::vector<Assignment> out;
    in_plain_words([&] {
      use_threads(spec_.train.threads);
      const torch::NoGradGuard no_grad;
      const torch::Tensor shares = method_->assignments(views_to_tensor(views, input_));
      if (!shares.defined()) return;
      const auto [most, which] = shares.to(torch::kCPU, torch::kDouble).max(1);
      for (std::int64_t i = 0; i < shares.size(0); ++i)
        out.push_back({which[i].item<std::int64_t>(), most[i].item<double>()});
    });
    return out;
  }

 private:
  void check_masked(const std::vector<cv::Mat>& views, const std::vector<Mask>& masks) const {
    if (!reconstructs())
      throw Error("This method does not rebuild pixels; choose a masked one, such as MAE.");
    if (views.size() != masks.size()) throw Error("Each view needs one mask.");
    const std::int64_t size = spec_.input.views.size;
    const std::vector<std::int64_t> grids = input_shape(spec_.input).grids;
    const std::int64_t grid = grids.empty() ? spec_.input.grid() : grids.front();
    for (const cv::Mat& view : views)
      if (view.rows != size || view.cols != size)
        throw Error("This encoder takes views of " + std::to_string(size) + " px.");
    for (const Mask& mask : masks)
      if (mask.rows != grid || mask.columns != grid)
        throw Error("This encoder takes masks of " + std::to_string(grid) + " x " +
                    std::to_string(grid) + " patches.");
  }

  /// One by one, because masks of a batch would have to hide equally many patches.
  cv::Mat rebuild(const cv::Mat& view, const Mask& mask) {
    auto cells = torch::empty({1, static_cast<std::int64_t>(mask.hidden.size())}, torch::kByte);
    std::copy(mask.hidden.begin(), mask.hidden.end(), cells.data_ptr<std::uint8_t>());
    const torch::Tensor hidden = cells.to(torch::TensorOptions(input_.device).dtype(torch::kBool));
    const torch::Tensor images = method_->reconstruct(views_to_tensor({view}, input_), hidden);
    const torch::Tensor planar = images[0].to(torch::kCPU).contiguous();
    const int size = view.rows;
    return from_planar({planar.data_ptr<float>(), static_cast<std::size_t>(planar.numel())},
                       input_.normalisation, input_.channels, size, size);
  }

  const Settings settings_;
  const CheckpointInfo info_;  // of no file where the network is untrained
  const std::uint64_t seed_;
  const RunSpec spec_;
  ModelInput input_;
  std::shared_ptr<Method> method_;
  std::mutex mutex_;
};

/// Grey and colour become each other; bands are what they are.
void check_channels(const FrozenModel& model, const Dataset& dataset) {
  const int wanted = model.channels(), given = dataset.channels();
  if (wanted == given || std::max(wanted, given) <= 3) return;
  throw InputError("The encoder takes images of " + std::to_string(wanted) +
                   (wanted == 1 ? " channel" : " channels") + ", and " + dataset.name() + " has " +
                   std::to_string(given) + "; choose another encoder or other images.");
}

}  // namespace

Progress part_of(const Progress& whole, double begin, double end) {
  if (!whole) return {};
  return [whole, begin, end](double done) { whole(begin + (end - begin) * done); };
}

std::shared_ptr<FrozenModel> FrozenModel::from_checkpoint(const std::filesystem::path& file) {
  const Checkpoint checkpoint = load_checkpoint(file);
  CheckpointInfo info = checkpoint.info;
  info.sha256 = sha256_file(file);
  std::shared_ptr<Frozen> model;
  in_plain_words([&] {
    const RunState& state = checkpoint.state;
    model = std::make_shared<Frozen>(state.settings, info, state.normalisation, 0);
    model->restore(checkpoint);
  });
  return model;
}

Features extract(FrozenModel& model, const Dataset& dataset,
                 const std::vector<std::int64_t>& indices, Control& control,
                 const Progress& progress) {
  check_channels(model, dataset);
  const auto spec = run_spec(model.settings());
  const auto prepare = [&](const cv::Mat& image) {
    return clean_view(image, spec.input.views.clean_size(), spec.input.views.interpolation);
  };
  const auto encode = [&](const std::vector<cv::Mat>& views) { return model.features(views); };
  Features out = features_of(dataset, indices, prepare, encode, control, progress);
  out.columns = model.dimensions();
  return out;
}

namespace {

std::int64_t raw_pixel_side(const Dataset& dataset, std::int64_t size) {
  constexpr double most_values = 3072;
  return std::min(size, static_cast<std::int64_t>(std::sqrt(most_values / dataset.channels())));
}

}  // namespace

std::int64_t raw_pixel_columns(const Dataset& dataset, std::int64_t size) {
  const std::int64_t side = raw_pixel_side(dataset, size);
  return dataset.channels() * side * side;
}

Features raw_pixels(const Dataset& dataset, const std::vector<std::int64_t>& indices,
                    std::int64_t size, Control& control, const Progress& progress) {
  const auto planes = static_cast<std::size_t>(dataset.channels());
  size = raw_pixel_side(dataset, size);
  const Normalisation unit{std::vector<double>(planes, 0.0), std::vector<double>(planes, 1.0)};
  const auto columns = planes * static_cast<std::size_t>(size * size);
  const auto prepare = [&](const cv::Mat& image) { return clean_view(image, size, "bilinear"); };
  const auto flatten = [&](const std::vector<cv::Mat>& views) {
    Features rows;
    rows.rows = static_cast<std::int64_t>(views.size());
    rows.columns = static_cast<std::int64_t>(columns);
    rows.values.resize(views.size() * columns);
    for (std::size_t i = 0; i < views.size(); ++i)
      to_planar(views[i], unit, dataset.channels(),
                std::span(rows.values).subspan(i * columns, columns));
    return rows;
  };
  Features out = features_of(dataset, indices, prepare, flatten, control, progress);
  out.columns = static_cast<std::int64_t>(columns);
  return out;
}

std::vector<std::int64_t> sample_of(const Dataset& dataset,
                                    const std::vector<std::int64_t>& indices, std::int64_t count,
                                    std::uint64_t seed) {
  return stratified_sample(dataset, indices, count, seed);
}

}  // namespace selfsight
