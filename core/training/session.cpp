#include "core/training/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>

#include "core/base/files.h"
#include "core/dataset/statistics.h"
#include "core/nets/encoder.h"
#include "core/nets/encoder_weights.h"
#include "core/nets/precision.h"
#include "core/training/checkpoint.h"
#include "core/training/checkpoint_files.h"
#include "core/training/device.h"
#include "core/training/divergence.h"
#include "core/training/encode.h"
#include "core/training/features.h"
#include "core/training/loader.h"
#include "core/training/monitor.h"
#include "core/training/training_images.h"
#include "core/training/updater.h"

namespace selfsight {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMeasuredImages = 2000;  // for mean and std
constexpr double kRetrySeconds = 2;             // on a full disk, at least
constexpr double kRetryShare = 0.1;             // of the time, at most, goes into such tries
constexpr double kFreshSeconds = 15;            // a measured state is kept if the last is older
constexpr double kWriteShare = 0.05;            // of the time, at most, for such checkpoints
constexpr std::size_t kNotedBroken = 20;        // broken images that are named
constexpr std::string_view kOutputSpread = "output_spread";  // as the methods call it

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

bool all_finite(const NamedTensors& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const auto& entry) {
    return !entry.second.is_floating_point() || entry.second.isfinite().all().template item<bool>();
  });
}

Normalisation measured_normalisation(const Dataset& dataset, const Control& control) {
  const DatasetStatistics statistics = measure(dataset, kMeasuredImages, control);
  require_decodable(statistics, dataset);
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
        steps_per_epoch_(static_cast<std::int64_t>(images_.size()) / images_per_step(spec_)),
        total_steps_(std::max<std::int64_t>(
            1, static_cast<std::int64_t>(
                   std::ceil(spec_.train.epochs * static_cast<double>(steps_per_epoch_) - 1e-9)))) {
    control_.check_stops_only();  // it pauses between two steps, with a checkpoint
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
    staging_ = staging_memory(device);
    bfloat16_ = takes_bfloat16(spec_.train.precision, device);
    const auto seed = static_cast<std::uint64_t>(spec_.train.seed);
    method_ = build_method(spec_, input_, seed);
    updater_.emplace(*method_, spec_.optimiser, RunLength{total_steps_, steps_per_epoch_});
    if (checkpoint) {
      checkpoint->restore("model.", state_dict(*method_));
      checkpoint->restore("optimiser.", updater_->state());
    } else if (!spec_.encoder.weights.empty()) {
      begin_from_weights(spec_.encoder, input_.channels, spec_.input.views.size, *method_);
    }
    monitor_.emplace(dataset_, images_, spec_.monitor, seed, request.knn);
    loader_.emplace(dataset_, images_, loader_options());
  }

  TrainResult run() {
    tell_shape();
    remove_unfinished(request_.folder);
    method_->train();
    started_ = last_checkpoint_ = Clock::now();
    if (!measure_if_due()) return stopped();
    if (state_.step == 0 && !checkpoint_or_wait()) return stopped();
    while (state_.step < total_steps_) {
      wait_while_paused();
      wait_for_observer();
      if (control_.stop_requested()) return stopped();
      step();
      if (!measure_if_due()) return stopped();
      checkpoint_if_due();
    }
    return checkpoint_or_wait() ? result(TrainResult::End::finished) : stopped();
  }

 private:
  Checkpoint open_checkpoint(const std::filesystem::path& file) {
    Checkpoint checkpoint = load_checkpoint(file);
    const RunState& found = checkpoint.state;
    const auto batches = [](const Settings& settings) {
      const auto spec = run_spec(settings);
      const auto accumulated = spec.optimiser.accumulate_grad_batches;
      return (accumulated > 1 ? grouped(accumulated) + " x " : "") + grouped(spec.train.batch_size);
    };
    if (found.train_images != state_.train_images ||
        batches(found.settings) != batches(state_.settings))
      throw InputError("The checkpoint was trained on " + grouped(found.train_images) +
                       " images, in batches of " + batches(found.settings) +
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
    const std::int64_t accumulated = spec_.optimiser.accumulate_grad_batches;
    return {.input = spec_.input,
            .labels = method_info(spec_.method).needs_labels,
            .channels = state_.channels,
            .normalisation = state_.normalisation,
            .seed = static_cast<std::uint64_t>(spec_.train.seed),
            .batch_size = spec_.train.batch_size,
            .whole_batches = accumulated,
            .first_step = state_.step * accumulated,
            .end_step = total_steps_ * accumulated,
            .same_batch = request_.same_batch,
            .workers = workers,
            .memory = staging_.get()};
  }

  void tell_shape() {
    RunShape shape;
    shape.steps = total_steps_;
    shape.steps_per_epoch = steps_per_epoch_;
    shape.train_images = state_.train_images;
    for (const torch::Tensor& parameter : method_->parameters())
      if (parameter.requires_grad()) shape.parameters += parameter.numel();
    shape.feature_dimensions = method_->feature_dimensions();
    shape.device = device_words(input_.device, threads_, bfloat16_);
    observer_.on_shape(shape);
    if (colours_left_out(spec_.input.views, state_.channels))
      observer_.on_notice("Colour jitter, greyscale and solarize are left out: these images have " +
                          std::to_string(state_.channels) + " bands, not red, green and blue.");
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
    // What torch draws is a function of the step, too: so a resume is exact.
    const std::uint64_t seed =
        Random({static_cast<std::uint64_t>(spec_.train.seed),
                static_cast<std::uint64_t>(state_.step), static_cast<std::uint64_t>(Stream::step)})
            .bits();
    seed_generator(seed);
    const Updater::Outcome outcome = updated();
    last_lr_ = outcome.pace.lr;
    if (!std::isfinite(outcome.loss)) throw diverged(Divergence::In::loss, state_.step + 1);
    if (!std::isfinite(outcome.gradient_norm))
      throw diverged(Divergence::In::gradients, state_.step + 1);
    ++state_.step;
    state_.epoch = epoch_of(state_.step);
    state_.last_loss = outcome.loss;
    state_.loss_sum += outcome.loss;
    ++state_.loss_steps;
    least_loss_ = std::min(least_loss_, outcome.loss);
    rate_.add(seconds_since(start));
    for (const auto& [name, value] : outcome.extra)
      if (name == kOutputSpread && std::isfinite(value)) {  // a single row has none
        state_.spread_sum += value;
        ++state_.spread_steps;
      }
    tell_step(outcome);
    tell_broken();
  }

  /// A batch that cannot be had or a method that cannot go on says so; where, and what is kept, is
  /// known here.
  Updater::Outcome updated() {
    const Bfloat16 bfloat16(bfloat16_);
    try {
      return updater_->step(state_.step, [this] { return batch_of(loader_->next()); });
    } catch (const InputError&) {
      throw;
    } catch (const Error& error) {
      throw Error(std::string(error.what()) + " This was at step " + grouped(state_.step + 1) +
                  " of " + method_info(spec_.method).title + ". " + kept());
    }
  }

  void tell_step(const Updater::Outcome& outcome) {
    StepMetrics metrics;
    metrics.step = state_.step;
    metrics.epoch = state_.epoch;
    metrics.loss = outcome.loss;
    metrics.lr = outcome.pace.lr;
    metrics.images_per_second = rate_.of(images_per_step(spec_));
    metrics.active_seconds = active_seconds();
    metrics.segment = state_.segment;
    metrics.extra = outcome.extra;
    metrics.extra.emplace_back("gradient_norm", outcome.gradient_norm);
    observer_.on_step(metrics);
  }

  Error diverged(Divergence::In in, std::int64_t step) const {
    Divergence divergence;
    divergence.in = in;
    divergence.method = method_info(spec_.method).title;
    divergence.step = step;
    divergence.lr = last_lr_;
    divergence.least_loss = least_loss_;
    divergence.last_loss = state_.last_loss;
    return Error(divergence_words(divergence) + " " + kept());
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
    checkpoint_or_wait();
    paused_seconds_ += control_.wait_while_paused();
  }

  /// Does `work`; where it throws Error (a full disk) the run is paused, which shows, and it is
  /// tried again: now and then, and at once when somebody resumes. False if stopped before. A pause
  /// that a person asked for lasts until a person ends it.
  template <class Work>
  bool or_wait(const Work& work) {
    bool was_paused = control_.paused();
    for (bool failed = false, told = false;; told = control_.paused()) {
      const auto start = Clock::now();
      try {
        work();
        if (!failed) return true;
        was_paused = was_paused && control_.paused();
        if (!was_paused) control_.resume();
        observer_.on_notice(
            was_paused ? "Writing works again; the run stays paused, as it was. Nothing is lost."
                       : "Writing works again, so training goes on; nothing is lost.");
        return true;
      } catch (const InputError&) {
        throw;
      } catch (const Error& error) {
        if (control_.stop_requested()) return false;
        failed = true;
        was_paused = was_paused && control_.paused();
        control_.pause();
        if (!told)
          observer_.on_notice(
              std::string(error.what()) + " " + kept() +
              (was_paused ? " The run stays paused, and writing is tried again by itself."
                          : " Training is paused and goes on by itself once writing works."));
      }
      control_.wait_while_paused(std::max(kRetrySeconds, seconds_since(start) / kRetryShare));
      paused_seconds_ += seconds_since(start);
    }
  }

  void wait_for_observer() {
    if (observer_.problem().empty()) return;
    checkpoint_or_wait();
    or_wait([&] {
      if (const std::string problem = observer_.problem(); !problem.empty()) throw Error(problem);
    });
  }

  /// The mean since the last measurement, which starts anew.
  std::optional<double> take_output_spread() {
    const auto steps = std::exchange(state_.spread_steps, 0);
    const double sum = std::exchange(state_.spread_sum, 0);
    return steps > 0 ? std::optional(sum / static_cast<double>(steps)) : std::nullopt;
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
    // Features of weights that are no numbers cannot be measured. Those of step 0 come from no
    // step that could have overflown.
    if (state_.step > 0) check_weights();
    bool best = false;
    try {
      EpochMetrics metrics = monitor_->measure(*method_, input_, control_);
      metrics.step = state_.step;
      metrics.epoch = state_.epoch;
      metrics.segment = state_.segment;
      metrics.active_seconds = active_seconds();
      metrics.output_spread = take_output_spread();
      state_.monitored_step = state_.step;
      best = note_best(metrics);
      observer_.on_epoch(metrics);
    } catch (const Cancelled&) {
      return false;
    }
    // What was just measured is worth keeping, so that it can be looked at while training goes on.
    // Where a stop has cut the measurement short, there is a checkpoint of this very step: it must
    // tell of the measurement, or whoever goes on from it again measures again.
    const bool untold = checkpointed_step_ == state_.step;
    const double apart = std::max(kFreshSeconds, write_seconds_ / kWriteShare);
    if (state_.step > 0 && (best || untold || seconds_since(last_checkpoint_) > apart))
      return checkpoint_or_wait();
    return true;
  }

  /// Whether the state is the best so far: by kNN where there are labels, else by the mean loss
  /// since the last measurement.
  bool note_best(const EpochMetrics& metrics) {
    const double score =
        metrics.knn ? *metrics.knn : -state_.loss_sum / static_cast<double>(state_.loss_steps);
    state_.loss_sum = 0;
    state_.loss_steps = 0;
    // The fresh encoder has no loss.
    if (!std::isfinite(score) || (state_.best_step >= 0 && score <= state_.best_score))
      return false;
    state_.best_step = state_.step;
    state_.best_score = score;
    return true;
  }

  /// A step can overflow the weights, of which the next one's loss would tell: too late, if such a
  /// state has pushed out the good ones. An infinite mean in the optimiser stops weights for good,
  /// and no loss tells of it.
  void check_weights() const {
    if (checkpointed_step_ == state_.step) return;
    if (!all_finite(state_dict(*method_))) throw diverged(Divergence::In::weights, state_.step);
    if (!all_finite(updater_->state())) throw diverged(Divergence::In::optimiser, state_.step);
  }

  void checkpoint() {
    if (checkpointed_step_ == state_.step && checkpointed_monitor_ == state_.monitored_step) return;
    const auto start = Clock::now();
    RunState now = state_;
    now.active_seconds = active_seconds();
    const CheckpointInfo info = save_checkpoint(request_.folder, now, state_dict(*method_),
                                                updater_->state(), spec_.train.keep_checkpoints);
    checkpointed_step_ = state_.step;
    checkpointed_monitor_ = state_.monitored_step;
    last_checkpoint_ = Clock::now();
    write_seconds_ = seconds_since(start);
    observer_.on_checkpoint(info);
  }

  /// A full disk is no reason to lose what was trained. False if stopped before there was room.
  bool checkpoint_or_wait() {
    check_weights();
    return or_wait([this] { checkpoint(); });
  }

  void checkpoint_or_throw() {
    check_weights();
    try {
      checkpoint();
    } catch (const InputError&) {
      throw;  // room would not help
    } catch (const Error& error) {
      throw Error(std::string(error.what()) + " " + kept() + " Make room, then resume the run.");
    }
  }

  void checkpoint_if_due() {
    if (seconds_since(last_checkpoint_) >= spec_.train.checkpoint_minutes * 60)
      checkpoint_or_wait();
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
  bool bfloat16_ = false;

  RunState state_;  // active_seconds is what it was at the start of this segment
  ModelInput input_;
  std::shared_ptr<Method> method_;
  std::optional<Updater> updater_;
  std::optional<Monitor> monitor_;
  std::shared_ptr<std::pmr::memory_resource> staging_;
  std::optional<Loader> loader_;

  Clock::time_point started_, last_checkpoint_;
  double paused_seconds_ = 0;
  double write_seconds_ = 0;  // of the last checkpoint
  std::int64_t checkpointed_step_ = -1, checkpointed_monitor_ = -1;
  std::size_t broken_ = 0;
  double least_loss_ = std::numeric_limits<double>::infinity();  // in this segment
  double last_lr_ = 0;
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
