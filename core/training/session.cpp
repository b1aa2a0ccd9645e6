#include "core/training/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>

#include "core/base/files.h"
#include "core/nets/encoder.h"
#include "core/training/checkpoint.h"
#include "core/training/device.h"
#include "core/training/encode.h"
#include "core/training/features.h"
#include "core/training/loader.h"
#include "core/training/monitor.h"
#include "core/training/schedule.h"

namespace selfsight {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMeasuredImages = 2000;  // for mean and std
constexpr double kRetrySeconds = 60;            // after a checkpoint that failed
constexpr double kFreshSeconds = 15;            // a measured state is kept if the last is older
constexpr double kWriteShare = 0.05;            // of the time, at most, for such checkpoints
constexpr std::size_t kNotedBroken = 20;        // broken images that are named

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Images per second over the last steps.
class Rate {
 public:
  void add(double seconds) {
    last_.push_back(seconds);
    sum_ += seconds;
    while (last_.size() > 1 && (last_.size() > 200 || sum_ - last_.front() > 10)) {
      sum_ -= last_.front();
      last_.pop_front();
    }
  }
  double of(std::int64_t batch) const {
    return sum_ > 0 ? static_cast<double>(batch) * static_cast<double>(last_.size()) / sum_ : 0;
  }

 private:
  std::deque<double> last_;  // seconds of each
  double sum_ = 0;
};

std::vector<std::int64_t> training_images(const Dataset& dataset, const RunSpec& spec) {
  check_dataset_for(method_info(spec.method), dataset);
  auto images = dataset.indices(Split::train);
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  if (spec.data.limit > 0) images = random_sample(std::move(images), spec.data.limit, seed);
  if (static_cast<std::int64_t>(images.size()) < spec.train.batch_size)
    throw InputError(dataset.name() + " has " + grouped(static_cast<long long>(images.size())) +
                     " training images, fewer than one batch of " + grouped(spec.train.batch_size) +
                     ". Make train.batch_size smaller or add images.");
  return images;
}

Normalisation measured_normalisation(const Dataset& dataset, const Control& control) {
  const DatasetStatistics statistics = measure(dataset, kMeasuredImages, control);
  Normalisation out{statistics.mean, statistics.std};
  // A set of one flat colour has no deviation; one level of 255 is the least there can be.
  for (double& deviation : out.std) deviation = std::max(deviation, 1.0 / 255);
  return out;
}

class Session {
 public:
  Session(const TrainRequest& request, Observer& observer, Control& control)
      : request_(request),
        observer_(observer),
        control_(control),
        spec_(run_spec(request.settings)),
        dataset_(*request.dataset),
        images_(training_images(dataset_, spec_)),
        steps_per_epoch_(static_cast<std::int64_t>(images_.size()) / spec_.train.batch_size),
        total_steps_(std::max<std::int64_t>(
            1, static_cast<std::int64_t>(
                   std::ceil(spec_.train.epochs * static_cast<double>(steps_per_epoch_) - 1e-9)))) {
    threads_ = use_threads(spec_.train.threads);
    const torch::Device device = pick_device(spec_.train.device);
    state_.settings = request.settings;
    state_.train_images = static_cast<std::int64_t>(images_.size());
    std::optional<Checkpoint> checkpoint;
    if (request.resume_from) checkpoint = open_checkpoint(*request.resume_from);
    if (!checkpoint) {
      state_.normalisation = measured_normalisation(dataset_, control);
      state_.channels = dataset_.channels();
    }
    input_ = model_input(spec_, state_.normalisation, device);
    const auto seed = static_cast<std::uint64_t>(spec_.train.seed);
    method_ = build_method(spec_, input_, seed);
    NamedTensors parameters;
    for (const auto& item : method_->named_parameters())
      parameters.emplace_back(item.key(), item.value());
    optimiser_.emplace(spec_.optimiser, std::move(parameters));
    if (checkpoint) {
      checkpoint->restore("model.", state_dict(*method_));
      checkpoint->restore("optimiser.", optimiser_->state());
    }
    monitor_.emplace(dataset_, images_, spec_.monitor, seed, request.knn);
    loader_.emplace(dataset_, images_, loader_options());
  }

  TrainResult run() {
    tell_shape();
    method_->train();
    started_ = last_checkpoint_ = Clock::now();
    if (!measure_if_due()) return stopped();
    if (state_.step == 0) checkpoint_or_notice();
    while (state_.step < total_steps_) {
      wait_while_paused();
      if (control_.stop_requested()) return stopped();
      step();
      if (!measure_if_due()) return stopped();
      checkpoint_if_due();
    }
    checkpoint_or_throw();
    return result(TrainResult::End::finished);
  }

 private:
  Checkpoint open_checkpoint(const std::filesystem::path& file) {
    Checkpoint checkpoint = load_checkpoint(file);
    const RunState& found = checkpoint.state;
    if (found.train_images != state_.train_images ||
        found.settings.get<std::int64_t>("train.batch_size") != spec_.train.batch_size)
      throw InputError("The checkpoint was trained on " + grouped(found.train_images) +
                       " images, in batches of " +
                       grouped(found.settings.get<std::int64_t>("train.batch_size")) +
                       "; with other numbers it cannot go on exactly. Start a new run.");
    const Settings settings = state_.settings;
    state_ = found;
    state_.settings = settings;
    ++state_.segment;
    checkpointed_step_ = state_.step;
    checkpointed_monitor_ = state_.monitored_step;
    return checkpoint;
  }

  LoaderOptions loader_options() const {
    const int workers = spec_.train.workers > 0 ? static_cast<int>(spec_.train.workers)
                                                : std::clamp(threads_, 1, 16);
    return {.input = spec_.input,
            .labels = method_info(spec_.method).needs_labels,
            .channels = state_.channels,
            .normalisation = state_.normalisation,
            .seed = static_cast<std::uint64_t>(spec_.train.seed),
            .batch_size = spec_.train.batch_size,
            .first_step = state_.step,
            .end_step = total_steps_,
            .workers = workers};
  }

  void tell_shape() {
    RunShape shape;
    shape.steps = total_steps_;
    shape.steps_per_epoch = steps_per_epoch_;
    shape.train_images = state_.train_images;
    for (const torch::Tensor& parameter : method_->parameters())
      if (parameter.requires_grad()) shape.parameters += parameter.numel();
    shape.feature_dimensions = method_->feature_dimensions();
    shape.device = device_words(input_.device, threads_);
    observer_.on_shape(shape);
  }

  double epoch_of(std::int64_t step) const {
    return static_cast<double>(step) / static_cast<double>(steps_per_epoch_);
  }

  double active_seconds() const {
    return state_.active_seconds + seconds_since(started_) - paused_seconds_;
  }

  Batch batch_of(LoadedBatch& loaded) const {
    Batch batch;
    const auto n = spec_.train.batch_size;
    for (LoadedViews& views : loaded.views)
      batch.views.push_back(planar_to_tensor(views.values, {n, views.side}, input_));
    for (LoadedMasks& masks : loaded.masks)
      batch.masks.push_back(torch::from_blob(masks.hidden.data(), {n, masks.cells}, torch::kByte)
                                .to(torch::TensorOptions(input_.device).dtype(torch::kBool)));
    const auto column = [&](std::vector<std::int64_t>& values) {
      return torch::from_blob(values.data(), {n}, torch::kLong).to(input_.device);
    };
    if (!loaded.targets.empty()) batch.targets = column(loaded.targets);
    if (!loaded.labels.empty()) batch.labels = column(loaded.labels);
    return batch;
  }

  void step() {
    const auto start = Clock::now();
    const double length = static_cast<double>(steps_per_epoch_);
    const double lr =
        warmup_cosine({spec_.optimiser.lr, spec_.optimiser.final_lr,
                       spec_.optimiser.warmup_epochs * length, static_cast<double>(total_steps_)},
                      static_cast<double>(state_.step));
    const Position position{state_.step, total_steps_, steps_per_epoch_};
    const Batch batch = batch_of(loader_->next());
    optimiser_->zero_grad();
    const StepOutput output = method_->step(batch, position);
    const double loss = output.loss.item<double>();
    if (!std::isfinite(loss)) throw diverged(lr);
    output.loss.backward();
    method_->before_update(position);
    optimiser_->step(lr);
    method_->after_update(position);
    ++state_.step;
    state_.epoch = epoch_of(state_.step);
    state_.last_loss = loss;
    rate_.add(seconds_since(start));
    StepMetrics metrics;
    metrics.step = state_.step;
    metrics.epoch = state_.epoch;
    metrics.loss = loss;
    metrics.lr = lr;
    metrics.images_per_second = rate_.of(spec_.train.batch_size);
    metrics.active_seconds = active_seconds();
    metrics.segment = state_.segment;
    for (const auto& [name, value] : output.extra)
      metrics.extra.emplace_back(name, value.item<double>());
    observer_.on_step(metrics);
    tell_broken();
  }

  Error diverged(double lr) const {
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.3g", lr);
    return Error("The loss is no longer a number at step " + grouped(state_.step + 1) +
                 " (learning rate " + rate + "). " + kept() +
                 " Make optimiser.lr smaller or optimiser.warmup_epochs longer, and start again.");
  }

  std::string kept() const {
    if (checkpointed_step_ < 0) return "No checkpoint was written yet.";
    return "The checkpoint of step " + grouped(checkpointed_step_) + " is kept.";
  }

  void tell_broken() {
    for (const BrokenImage& image : loader_->take_broken()) {
      if (++broken_ > kNotedBroken) continue;
      observer_.on_notice(image.name + " " + image.reason + "; another image takes its place." +
                          (broken_ == kNotedBroken ? " Further ones are not named." : ""));
    }
  }

  void wait_while_paused() {
    if (!control_.paused()) return;
    checkpoint_or_notice();
    paused_seconds_ += control_.wait_while_paused();
  }

  /// At the start, after every monitor.every_epochs, and at the end; once per step. False if
  /// stopped meanwhile.
  bool measure_if_due() {
    if (state_.monitored_step == state_.step) return true;
    const auto mark = [&](std::int64_t step) {
      return std::floor(epoch_of(step) / spec_.monitor.every_epochs + 1e-9);
    };
    const bool due = state_.step == 0 || state_.step == total_steps_ ||
                     mark(state_.step) > mark(state_.step - 1);
    if (!due) return true;
    try {
      EpochMetrics metrics = monitor_->measure(*method_, input_, control_);
      metrics.step = state_.step;
      metrics.epoch = state_.epoch;
      metrics.segment = state_.segment;
      metrics.active_seconds = active_seconds();
      state_.monitored_step = state_.step;
      observer_.on_epoch(metrics);
    } catch (const Cancelled&) {
      return false;
    }
    // What was just measured is worth keeping, so that it can be looked at while training goes on.
    const double apart = std::max(kFreshSeconds, write_seconds_ / kWriteShare);
    if (state_.step > 0 && seconds_since(last_checkpoint_) > apart) checkpoint_or_notice();
    return true;
  }

  void checkpoint() {
    if (checkpointed_step_ == state_.step && checkpointed_monitor_ == state_.monitored_step) return;
    const auto start = Clock::now();
    RunState now = state_;
    now.active_seconds = active_seconds();
    const CheckpointInfo info = save_checkpoint(request_.folder, now, state_dict(*method_),
                                                optimiser_->state(), spec_.train.keep_checkpoints);
    checkpointed_step_ = state_.step;
    checkpointed_monitor_ = state_.monitored_step;
    last_checkpoint_ = Clock::now();
    write_seconds_ = seconds_since(start);
    observer_.on_checkpoint(info);
  }

  /// While training goes on, a full disk is no reason to lose it.
  void checkpoint_or_notice() {
    try {
      checkpoint();
      retry_after_ = spec_.train.checkpoint_minutes * 60;
    } catch (const InputError&) {
      throw;
    } catch (const Error& error) {
      last_checkpoint_ = Clock::now();
      retry_after_ = std::min(kRetrySeconds, spec_.train.checkpoint_minutes * 60);
      observer_.on_notice(std::string(error.what()) + " " + kept() +
                          " Training goes on and tries again in a minute.");
    }
  }

  void checkpoint_or_throw() {
    try {
      checkpoint();
    } catch (const Error& error) {
      throw Error(std::string(error.what()) + " " + kept() + " Make room, then resume the run.");
    }
  }

  void checkpoint_if_due() {
    if (seconds_since(last_checkpoint_) >= retry_after_) checkpoint_or_notice();
  }

  TrainResult stopped() {
    checkpoint_or_throw();
    return result(TrainResult::End::stopped);
  }

  TrainResult result(TrainResult::End end) const {
    return {end, state_.step, state_.epoch, active_seconds(), state_.last_loss};
  }

  const TrainRequest& request_;
  Observer& observer_;
  Control& control_;
  const RunSpec spec_;
  const Dataset& dataset_;
  const std::vector<std::int64_t> images_;
  const std::int64_t steps_per_epoch_, total_steps_;
  int threads_ = 1;

  RunState state_;  // active_seconds is what it was at the start of this segment
  ModelInput input_;
  std::shared_ptr<Method> method_;
  std::optional<Optimiser> optimiser_;
  std::optional<Monitor> monitor_;
  std::optional<Loader> loader_;

  Clock::time_point started_, last_checkpoint_;
  double paused_seconds_ = 0;
  double write_seconds_ = 0;  // of the last checkpoint
  double retry_after_ = spec_.train.checkpoint_minutes * 60;
  std::int64_t checkpointed_step_ = -1, checkpointed_monitor_ = -1;
  std::size_t broken_ = 0;
  Rate rate_;
};

}  // namespace

TrainResult train(const TrainRequest& request, Observer& observer, Control& control) {
  const KeptMemory kept;
  TrainResult result;
  in_plain_words([&] { result = Session(request, observer, control).run(); });
  return result;
}

}  // namespace selfsight
