#include "core/probes/finetune.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/methods/momentum_encoder.h"
#include "core/training/device.h"
#include "core/training/encode.h"
#include "core/training/features.h"
#include "core/training/layer_decay.h"
#include "core/training/loader.h"
#include "core/training/optimiser.h"
#include "core/training/schedule.h"

namespace selfsight {
namespace {

constexpr double kTrainingPart = 0.8;  // of the progress; the rest is the test
constexpr double kWarmupPart = 0.1;    // of the steps

/// Beta(a, a) for a up to 1 (Jöhnk 1964).
double beta_number(double a, Random& random) {
  for (;;) {
    const double x = std::pow(random.uniform(), 1 / a), y = std::pow(random.uniform(), 1 / a);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

/// The names without the dotted beginning that they all share.
std::vector<std::string> inner_names(const std::vector<std::string>& names) {
  std::string shared = names.empty() ? "" : names.front();
  for (const std::string& name : names) {
    const auto differ = std::mismatch(shared.begin(), shared.end(), name.begin(), name.end());
    shared.erase(differ.first, shared.end());
  }
  const auto dot = shared.rfind('.');
  const std::size_t length = dot == std::string::npos ? 0 : dot + 1;
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(name.substr(length));
  return out;
}

class Tuning {
 public:
  Tuning(const FineTuneRequest& request, const Dataset& dataset, Control& control)
      : request_(request),
        options_(request.options),
        dataset_(dataset),
        control_(control),
        spec_(run_spec(request.model->settings())) {
    const auto trained = request.model->method();
    if (!trained)
      throw InputError("This encoder came as a file; only those of runs can be fine-tuned.");
    threads_ = use_threads(spec_.train.threads);
    input_ = model_input(spec_, request.model->normalisation(), pick_device(spec_.train.device));
    method_ = build_method(spec_, input_, request.seed);
    if (request.pretrained) start_as_copy(*method_, *trained);
    const auto classes = static_cast<std::int64_t>(dataset.classes().size());
    head_ = torch::nn::Linear(method_->feature_dimensions(), classes);
    torch::nn::init::zeros_(head_->weight);
    torch::nn::init::zeros_(head_->bias);
    head_->to(input_.device);
    plan();
  }

  FineTuneResult run(const Progress& progress) {
    train(part_of(progress, 0, kTrainingPart));
    result_.test = measured(part_of(progress, kTrainingPart, 1));
    return result_;
  }

 private:
  void plan() {
    const auto images = static_cast<std::int64_t>(request_.train.size());
    if (images < 2) throw InputError("Fine-tuning needs two labelled images at least.");
    result_.batch_size = std::min(options_.batch_size, images);
    const double wanted =
        options_.epochs * static_cast<double>(images) / static_cast<double>(result_.batch_size);
    result_.steps =
        std::min(std::max(static_cast<std::int64_t>(std::ceil(wanted)), options_.min_steps),
                 options_.max_steps);
  }

  torch::Tensor logits(const torch::Tensor& images) {
    return head_->forward(method_->features(images));
  }

  /// Those on which the features depend: a method may hold more, such as a projector or a second
  /// network.
  std::vector<TrainedParameter> parameters() {
    method_->eval();  // so that the question leaves no trace
    for (torch::Tensor& parameter : method_->parameters()) parameter.requires_grad_(true);
    torch::Tensor blank =
        torch::zeros({1, input_.channels, input_.size, input_.size}).to(input_.device);
    method_->features(blank).sum().backward();
    std::vector<TrainedParameter> out;
    std::vector<std::string> names;
    for (const auto& item : method_->named_parameters()) {
      if (!item.value().grad().defined()) continue;
      names.push_back(item.key());
      out.push_back({.name = item.key(), .tensor = item.value(), .plain = item.value().dim() <= 1});
    }
    const double decay = request_.pretrained ? options_.layer_decay : 1;
    const auto rates = layer_decay(inner_names(names), decay);
    for (std::size_t i = 0; i < out.size(); ++i) out[i].lr_scale = rates[i].scale;
    out.push_back({.name = "head.weight", .tensor = head_->weight});
    out.push_back({.name = "head.bias", .tensor = head_->bias, .plain = true});
    return out;
  }

  LoaderOptions loader_options() const {
    InputOptions input = spec_.input;
    input.kind = InputKind::two_views;  // of which the first is used
    input.second_view.own = false;
    ViewOptions& views = input.views;
    views.crop_min = options_.crop_min;
    views.crop_max = 1;
    views.rotation = views.jitter = views.greyscale = views.blur = views.solarize = 0;
    views.posterize = views.equalize = views.autocontrast = views.sharpness = views.invert = 0;
    return {.input = input,
            .labels = true,
            .channels = input_.channels,
            .normalisation = input_.normalisation,
            .seed = request_.seed,
            .batch_size = result_.batch_size,
            .end_step = result_.steps,
            .workers = std::clamp(threads_, 1, 16)};
  }

  Pace pace_at(std::int64_t step) const {
    const auto total = static_cast<double>(result_.steps);
    return {warmup_cosine({.peak = options_.lr, .warmup = kWarmupPart * total, .total = total},
                          static_cast<double>(step)),
            options_.weight_decay};
  }

  void train(const Progress& progress) {
    OptimiserOptions adamw;
    adamw.name = "adamw";
    adamw.beta2 = 0.999;
    Optimiser optimiser(adamw, parameters());
    Loader loader(dataset_, request_.train, loader_options());
    method_->train();
    for (std::int64_t step = 0; step < result_.steps; ++step) {
      control_.check();
      optimiser.zero_grad();
      const torch::Tensor loss = loss_of(loader.next(), step);
      result_.last_loss = loss.item<double>();
      if (!std::isfinite(result_.last_loss))
        throw Error("Fine-tuning left the numbers at step " + std::to_string(step + 1) +
                    "; nothing was stored, set a lower finetune.lr.");
      loss.backward();
      optimiser.step(pace_at(step));
      if (progress) progress(static_cast<double>(step + 1) / static_cast<double>(result_.steps));
    }
    result_.left_out = static_cast<std::int64_t>(loader.take_broken().size());
  }

  torch::Tensor loss_of(LoadedBatch& batch, std::int64_t step) {
    const PlanarShape shape{result_.batch_size, batch.views.front().side};
    const torch::Tensor images = planar_to_tensor(batch.views.front().values, shape, input_);
    const torch::Tensor labels =
        torch::from_blob(batch.labels.data(), {result_.batch_size}, torch::kLong).to(input_.device);
    if (options_.mixup <= 0) return torch::cross_entropy_loss(logits(images), labels);
    Random random{request_.seed, static_cast<std::uint64_t>(step),
                  static_cast<std::uint64_t>(Stream::sampling)};
    const double share = beta_number(options_.mixup, random);
    const torch::Tensor out = logits(share * images + (1 - share) * images.flip(0));
    return share * torch::cross_entropy_loss(out, labels) +
           (1 - share) * torch::cross_entropy_loss(out, labels.flip(0));
  }

  Classification measured(const Progress& progress) {
    const torch::NoGradGuard no_grad;
    method_->eval();
    const auto prepare = [&](const cv::Mat& image) {
      return clean_view(image, input_.size, input_.interpolation);
    };
    const auto answer = [&](const std::vector<cv::Mat>& views) {
      const torch::Tensor rows =
          logits(views_to_tensor(views, input_)).to(torch::kCPU, torch::kFloat).contiguous();
      const float* data = rows.data_ptr<float>();
      return Features{rows.size(0), rows.size(1), {data, data + rows.numel()}, {}, {}};
    };
    const Features rows = features_of(dataset_, request_.test, prepare, answer, control_, progress);
    check_finite(rows);
    std::vector<int> predictions;
    for (auto row = rows.values.begin(); row != rows.values.end(); row += rows.columns)
      predictions.push_back(static_cast<int>(std::max_element(row, row + rows.columns) - row));
    return classification(std::move(predictions), rows.labels, static_cast<int>(rows.columns));
  }

  const FineTuneRequest& request_;
  const FineTuneOptions options_;
  const Dataset& dataset_;
  Control& control_;
  const RunSpec spec_;
  int threads_ = 1;
  ModelInput input_;
  std::shared_ptr<Method> method_;
  torch::nn::Linear head_{nullptr};
  FineTuneResult result_;
};

}  // namespace

FineTuneResult fine_tune(const FineTuneRequest& request, const Dataset& dataset, Control& control,
                         const Progress& progress) {
  FineTuneResult result;
  in_plain_words([&] {
    const KeptMemory kept;
    result = Tuning(request, dataset, control).run(progress);
  });
  return result;
}

}  // namespace selfsight
