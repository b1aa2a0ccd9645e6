// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/error.h"
#include "core/base/tensor_file.h"
#include "core/training/checkpoint.h"
#include "core/training/checkpoint_files.h"
#include "tests/full_disk.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

constexpr std::int64_t kImages = 90, kHeldOut = 20;  // 70 to train on: 4 steps an epoch

std::shared_ptr<const Dataset> squares(std::set<std::int64_t> broken = {}) {
  return std::make_shared<Squares>(kImages, kHeldOut, std::move(broken));
}

class Black : public Squares {
 public:
  using Squares::Squares;
  cv::Mat image(std::int64_t) const override { return cv::Mat::zeros(8, 8, CV_8U); }
};

/// A kNN that gets better each time.
KnnScore rising() {
  return [score = 0.0](const Features&, const Features&) mutable { return score += 0.01; };
}

std::string message_of(auto&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The names of tensors that are not the same, bit for bit.
std::vector<std::string> differing(const std::filesystem::path& a, const std::filesystem::path& b) {
  const TensorFile first = load_tensors(a), second = load_tensors(b);
  std::vector<std::string> out;
  if (first.tensors.size() != second.tensors.size()) return {"their number"};
  for (const auto& [name, tensor] : first.tensors) {
    const StoredTensor* other = second.find(name);
    if (!other || other->bytes != tensor.bytes) out.push_back(name);
  }
  return out;
}

bool all_numbers(const TensorFile& file) {
  for (const auto& [name, tensor] : file.tensors) {
    if (tensor.dtype != "F32") continue;
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
      return false;
  }
  return true;
}

}  // namespace

class TestSession : public QObject {
  Q_OBJECT

  std::filesystem::path in(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  QTemporaryDir folder_;

 private Q_SLOTS:
  void a_resumed_run_equals_one_that_never_stopped_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("optimiser");
    for (const auto& [method, optimiser] :
         {std::pair{"simclr", "sgd"}, std::pair{"simclr", "lars"}, std::pair{"simclr", "adamw"},
          std::pair{"mae", "adamw"}, std::pair{"mocov2", "sgd"}, std::pair{"nnclr", "sgd"},
          std::pair{"byol", "sgd"}})
      QTest::addRow("%s with %s", method, optimiser) << method << optimiser;
  }

  void a_resumed_run_equals_one_that_never_stopped() {
    QFETCH(QString, method);
    QFETCH(QString, optimiser);
    Settings settings = tiny_run(method.toStdString(), optimiser.toStdString());
    const std::string name = QTest::currentDataTag();
    Listener whole;
    const TrainResult result =
        train({settings, squares(), in(name + " whole"), {}, {}}, whole, whole.control);
    QVERIFY(result.end == TrainResult::End::finished);
    QCOMPARE(result.step, 8);

    settings.set("train.workers", std::int64_t{3});
    Listener first, second;
    first.stop_at = 5;
    const auto folder = in(name + " parts");
    const TrainResult stopped = train({settings, squares(), folder, {}, {}}, first, first.control);
    QVERIFY(stopped.end == TrainResult::End::stopped);
    QCOMPARE(stopped.step, 5);
    QCOMPARE(first.checkpoints.back().step, 5);
    train({settings, squares(), folder, first.checkpoints.back().file, {}}, second, second.control);

    QCOMPARE(second.steps.size(), std::size_t{3});
    QCOMPARE(second.steps[0].segment, 1);
    QVERIFY(second.steps[0].active_seconds > first.steps.back().active_seconds);
    for (std::size_t i = 0; i < 3; ++i) {
      QCOMPARE(second.steps[i].loss, whole.steps[5 + i].loss);
      QCOMPARE(second.steps[i].lr, whole.steps[5 + i].lr);
    }
    QVERIFY(differing(whole.checkpoints.back().file, second.checkpoints.back().file).empty());
    QVERIFY(!differing(first.checkpoints.back().file, second.checkpoints.back().file).empty());
    QCOMPARE(first.epochs.size() + second.epochs.size(), whole.epochs.size());
    QCOMPARE(second.epochs.back().feature_std, whole.epochs.back().feature_std);
    // That of step 6 is a mean over steps before and after the stop.
    QCOMPARE(whole.epochs[3].output_spread.has_value(), method != QStringLiteral("mae"));
    QVERIFY(second.epochs[0].output_spread == whole.epochs[3].output_spread);
  }

  void measuring_changes_nothing() {
    Settings settings = tiny_run("simclr");
    Listener often, never;
    settings.set("monitor.every_epochs", 0.25);
    train({settings, squares(), in("often"), {}, {}}, often, often.control);
    settings.set("monitor.every_epochs", 100.0);
    train({settings, squares(), in("never"), {}, {}}, never, never.control);
    QCOMPARE(often.epochs.size(), std::size_t{9});
    QCOMPARE(never.epochs.size(), std::size_t{2});  // fresh and finished
    QVERIFY(differing(often.checkpoints.back().file, never.checkpoints.back().file).empty());
  }

  void what_is_measured() {
    Listener listener;
    Settings settings = tiny_run("simclr");
    settings.set("train.precision", std::string("float32"));
    std::int64_t bank = 0, queries = 0;
    const KnnScore score = [&](const Features& b, const Features& q) {
      bank = b.rows;
      queries = q.rows;
      return 0.25;
    };
    train({settings, squares(), in("measured"), {}, score}, listener, listener.control);
    QCOMPARE(bank, kImages - kHeldOut);
    QCOMPARE(queries, kHeldOut);
    QCOMPARE(listener.shape.steps, 8);
    QCOMPARE(listener.shape.steps_per_epoch, 4);
    QCOMPARE(listener.shape.train_images, 70);
    QCOMPARE(listener.shape.feature_dimensions, 64);
    QCOMPARE(listener.shape.device, std::string("CPU, 1 thread"));
    const std::vector<double> expected{0, 0.5, 1, 1.5, 2};
    QCOMPARE(listener.epochs.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      QCOMPARE(listener.epochs[i].epoch, expected[i]);
      QCOMPARE(*listener.epochs[i].knn, 0.25);
      QVERIFY(listener.epochs[i].feature_std > 0);
      QCOMPARE(listener.epochs[i].feature_std_healthy, 0.125);
    }
    QCOMPARE(listener.steps.size(), std::size_t{8});
    QCOMPARE(listener.steps[0].lr, 0.0);
    QCOMPARE(listener.steps[7].epoch, 2.0);
    QVERIFY(listener.steps[7].images_per_second > 0);
    QCOMPARE(listener.steps[0].extra.size(), std::size_t{3});
    QCOMPARE(listener.steps[0].extra[2].first, std::string("gradient_norm"));
    QVERIFY(listener.steps[0].extra[2].second > 0);
  }

  void loss_falls() {
    Settings settings = tiny_run("mae", "adamw");
    settings.set("train.epochs", 12.0);
    settings.set("method.norm_pix_loss", false);
    settings.set("monitor.every_epochs", 100.0);
    Listener listener;
    train({settings, squares(), in("falls"), {}, {}}, listener, listener.control);
    QVERIFY(listener.steps.back().loss < 0.9 * listener.steps.front().loss);
  }

  void a_pause_writes_a_checkpoint() {
    Listener listener;
    listener.pause_at = 3;
    Settings settings = tiny_run("simclr");
    settings.set("monitor.every_epochs", 100.0);
    train({settings, squares(), in("paused"), {}, {}}, listener, listener.control);
    std::vector<std::int64_t> at;
    for (const CheckpointInfo& info : listener.checkpoints) at.push_back(info.step);
    QVERIFY((at == std::vector<std::int64_t>{0, 3, 8}));
    for (const CheckpointInfo& info : listener.checkpoints)
      QCOMPARE(info.sha256, sha256_file(info.file));
  }

  void only_the_newest_checkpoints_stay() {
    RunState state;
    state.settings = tiny_run("simclr");
    state.channels = 1;
    state.normalisation = {{0.5}, {0.25}};
    const NamedTensors tensors{{"a", torch::ones({2})}};
    for (state.step = 8; state.step < 12; ++state.step)
      save_checkpoint(in("newest"), state, tensors, tensors, 2);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(in("newest")))
      names.insert(entry.path().filename().string());
    QVERIFY((names ==
             std::set<std::string>{"step-000000010.safetensors", "step-000000011.safetensors"}));
  }

  void fewer_images_than_a_batch_are_refused() {
    Settings settings = tiny_run("simclr");
    settings.set("train.batch_size", std::int64_t{71});
    Listener listener;
    const std::string message = message_of([&] {
      train({settings, squares(), in("few"), {}, {}}, listener, listener.control);
    });
    QVERIFY(contains(message, "70") && contains(message, "71") &&
            contains(message, "train.batch_size"));
    QVERIFY(listener.steps.empty());
    settings.set("train.batch_size", std::int64_t{40});
    settings.set("data.limit", std::int64_t{39});
    QVERIFY_EXCEPTION_THROWN(
        train({settings, squares(), in("few"), {}, {}}, listener, listener.control), InputError);
  }

  void broken_images_are_noted() {
    Listener listener;
    train({tiny_run("simclr"), squares({3, 80}), in("broken"), {}, {}}, listener, listener.control);
    QCOMPARE(listener.notices.size(), std::size_t{1});
    QVERIFY(contains(listener.notices[0], "square 3 is cut off"));
    QCOMPARE(listener.steps.size(), std::size_t{8});
  }

  void a_loss_that_is_no_number_ends_the_run() {
    Settings settings = tiny_run("mae", "sgd");
    settings.set("optimiser.lr", 100.0);
    settings.set("optimiser.warmup_epochs", 0.0);
    settings.set("method.norm_pix_loss", false);
    settings.set("train.epochs", 50.0);
    settings.set("monitor.every_epochs", 100.0);  // it would find weights that have overflown first
    Listener listener;
    listener.pause_at = 2;  // for a checkpoint on the way
    const std::string message = message_of([&] {
      train({settings, squares(), in("nan"), {}, {}}, listener, listener.control);
    });
    QVERIFY(contains(message, "MAE's loss is no longer a number at step " +
                                  std::to_string(listener.steps.size() + 1)));
    QVERIFY(contains(message, "The loss had risen"));
    QVERIFY(contains(message, "optimiser.lr"));
    QVERIFY(contains(message, "is kept"));
    QVERIFY(all_numbers(load_checkpoint(listener.checkpoints.back().file).tensors));
  }

  void weights_that_are_no_numbers_are_never_kept() {
    // No light, no gradient of the first layer: without eps, AdamW divides zero by zero there. The
    // loss would tell of it one step later, but there is none.
    Settings settings = tiny_run("simclr", "adamw");
    settings.set("optimiser.eps", 0.0);
    settings.set("train.epochs", 0.25);
    Listener listener;
    const KnnScore score = [](const Features&, const Features& queries) {
      if (!std::isfinite(queries.values.front())) throw InputError("Take an earlier checkpoint.");
      return 0.5;
    };
    const std::string message = message_of([&] {
      train({settings, std::make_shared<Black>(kImages, kHeldOut), in("black"), {}, score},
            listener, listener.control);
    });
    QCOMPARE(listener.steps.size(), std::size_t{1});
    QCOMPARE(listener.epochs.size(), std::size_t{1});  // such weights are not measured
    QVERIFY(contains(message, "The weights are no longer numbers after step 1 of SimCLR"));
    QVERIFY(contains(message, "The checkpoint of step 0 is kept"));
    QCOMPARE(listener.checkpoints.size(), std::size_t{1});
  }

  void an_optimiser_that_keeps_no_numbers_is_never_kept() {
    // An infinite mean square: its weight never moves again, and no loss tells of it.
    const Settings settings = tiny_run("simclr", "adamw");
    Listener first, second;
    first.stop_at = 3;
    train({settings, squares(), in("overflown"), {}, {}}, first, first.control);
    TensorFile file = load_tensors(first.checkpoints.back().file);
    const float infinite = std::numeric_limits<float>::infinity();
    for (auto& [name, tensor] : file.tensors)
      if (name == "optimiser.square.encoder.conv1.weight")
        std::memcpy(tensor.bytes.data(), &infinite, sizeof infinite);
    file.metadata["sha256"] = content_hash(file);
    save_tensors(in("infinite.safetensors"), file);
    const std::string message = message_of([&] {
      train({settings, squares(), in("overflown"), in("infinite.safetensors"), {}}, second,
            second.control);
    });
    QVERIFY(contains(message, "The means that the optimiser keeps are no longer numbers"));
    QVERIFY(contains(message, "The checkpoint of step 3 is kept"));
    QVERIFY(second.checkpoints.empty());
  }

  void a_method_that_cannot_go_on_says_where() {
    // Images that are all one cannot be whitened.
    Settings settings = tiny_run("wmse");
    settings.set("method.whitening_size", std::int64_t{12});
    settings.set("method.projector_out", std::int64_t{8});
    Listener listener;
    const std::string message = message_of([&] {
      train({settings, std::make_shared<Black>(kImages, kHeldOut), in("white"), {}, {}}, listener,
            listener.control);
    });
    QVERIFY(contains(message, "cannot be whitened"));
    QVERIFY(contains(message, "This was at step 1 of W-MSE. The checkpoint of step 0 is kept."));
  }

  void accumulated_batches_make_one_step() {
    Settings settings = tiny_run("simclr");
    settings.set("optimiser.accumulate_grad_batches", std::int64_t{2});
    settings.set("train.epochs", 3.0);
    Listener whole, first, second;
    train({settings, squares(), in("accumulated"), {}, {}}, whole, whole.control);
    QCOMPARE(whole.shape.steps_per_epoch, 2);  // 70 images, 2 x 16 a step
    QCOMPARE(whole.steps.size(), std::size_t{6});
    const auto folder = in("accumulated parts");
    first.stop_at = 3;
    train({settings, squares(), folder, {}, {}}, first, first.control);
    train({settings, squares(), folder, first.checkpoints.back().file, {}}, second, second.control);
    QVERIFY(differing(whole.checkpoints.back().file, second.checkpoints.back().file).empty());

    settings.set("optimiser.accumulate_grad_batches", std::int64_t{1});
    Listener other;
    const std::string message = message_of([&] {
      train({settings, squares(), folder, second.checkpoints.back().file, {}}, other,
            other.control);
    });
    QVERIFY(contains(message, "in batches of 2 x 16"));
  }

  void the_learning_rate_is_not_scaled_by_the_batch() {
    for (const std::int64_t batch : {8, 32}) {
      Settings settings = tiny_run("simclr");
      settings.set("train.batch_size", batch);
      settings.set("train.epochs", 1.0);
      settings.set("optimiser.warmup_epochs", 0.0);
      Listener listener;
      train({settings, squares(), in("unscaled"), {}, {}}, listener, listener.control);
      QCOMPARE(listener.steps[0].lr, 0.05);
    }
  }

  void a_folder_that_cannot_be_written_pauses_the_run_and_fails_on_a_stop() {
    write_file(in("file"), std::string_view("not a folder"));
    Listener listener;
    listener.noticed = [&] {
      QVERIFY(listener.control.paused());
      listener.control.request_stop();
    };
    const std::string message = message_of([&] {
      train({tiny_run("simclr"), squares(), in("file"), {}, {}}, listener, listener.control);
    });
    QVERIFY(contains(message, "resume"));
    QCOMPARE(listener.notices.size(), std::size_t{1});
    QVERIFY(listener.steps.empty());
  }

  void a_full_disk_pauses_the_run_and_loses_nothing() {
    const Settings settings = tiny_run("simclr");
    Listener whole, full;
    train({settings, squares(), in("roomy"), {}, rising()}, whole, whole.control);
    std::optional<FullDisk> disk;
    full.stepped = [&](const StepMetrics& m) {
      if (m.step == 3 || m.step == 7) disk.emplace(1000);
    };
    full.noticed = [&] {
      if (!disk) return;
      QVERIFY(full.control.paused());
      disk.reset();
      full.control.resume();  // have it tried at once
    };
    const TrainResult result =
        train({settings, squares(), in("full"), {}, rising()}, full, full.control);
    QVERIFY(result.end == TrainResult::End::finished);
    QCOMPARE(full.notices.size(), std::size_t{4});
    QVERIFY(contains(full.notices[0], "Could not write"));
    QVERIFY(contains(full.notices[0], "The checkpoint of step 2 is kept. Training is paused"));
    QVERIFY(contains(full.notices[1], "goes on"));
    QVERIFY(contains(full.notices[2], "The checkpoint of step 6 is kept."));
    QVERIFY(!full.control.paused());
    QCOMPARE(full.steps.size(), whole.steps.size());
    for (std::size_t i = 0; i < whole.steps.size(); ++i)
      QCOMPARE(full.steps[i].loss, whole.steps[i].loss);
    QVERIFY(differing(whole.checkpoints.back().file, full.checkpoints.back().file).empty());
  }

  void a_pause_on_a_full_disk_ends_when_the_person_ends_it() {
    std::optional<FullDisk> disk;
    Listener full;
    full.stepped = [&](const StepMetrics& m) {
      if (m.step != 3 && m.step != 5) return;
      full.control.pause();
      disk.emplace(1000);
    };
    std::vector<bool> paused;
    full.noticed = [&] {
      paused.push_back(full.control.paused());
      const std::size_t notices = full.notices.size();
      if (notices == 2 || notices == 4) disk.reset();           // room, of which nobody tells
      if (notices != 2 && notices != 4) full.control.resume();  // the first time in vain
    };
    Settings settings = tiny_run("simclr");
    settings.set("monitor.every_epochs", 100.0);
    train({settings, squares(), in("paused and full"), {}, {}}, full, full.control);
    QCOMPARE(full.notices.size(), std::size_t{5});
    QVERIFY(contains(full.notices[0], "The run stays paused"));
    QVERIFY(contains(full.notices[1], "Training is paused and goes on by itself"));
    QVERIFY(contains(full.notices[2], "training goes on"));
    QVERIFY(!paused[2]);
    QVERIFY(contains(full.notices[4], "the run stays paused, as it was"));
    QVERIFY(paused[4]);
    QCOMPARE(full.steps.size(), std::size_t{8});
  }

  void an_observer_that_cannot_keep_up_pauses_the_run() {
    Listener listener;
    listener.stepped = [&](const StepMetrics& m) {
      if (m.step == 3) listener.trouble = "The disk is full.";
    };
    listener.noticed = [&] {
      if (listener.trouble.empty()) return;  // the second notice: it goes on
      QVERIFY(listener.control.paused());
      listener.trouble.clear();
      listener.control.resume();
    };
    train({tiny_run("simclr"), squares(), in("observed"), {}, {}}, listener, listener.control);
    QCOMPARE(listener.notices.size(), std::size_t{2});
    QVERIFY(contains(listener.notices[0], "The disk is full. The checkpoint of step 3 is kept."));
    QCOMPARE(listener.steps.size(), std::size_t{8});
  }

  void the_best_checkpoint_is_kept_besides_the_newest_data() {
    QTest::addColumn<bool>("labels");
    QTest::newRow("by kNN") << true;
    QTest::newRow("by loss") << false;
  }
  void the_best_checkpoint_is_kept_besides_the_newest() {
    QFETCH(bool, labels);
    Settings settings = tiny_run("simclr");
    settings.set("train.keep_checkpoints", std::int64_t{1});
    const auto folder = in(labels ? "best by knn" : "best by loss");
    Listener listener;
    KnnScore score;
    if (labels) score = [](const Features&, const Features&) { return 0.5; };
    train({settings, squares(), folder, {}, score}, listener, listener.control);
    std::int64_t best = 0;  // equal scores: the first, that of the fresh encoder
    if (!labels) {
      const auto mean = [&](std::int64_t end) {
        return listener.steps[static_cast<std::size_t>(end - 2)].loss +
               listener.steps[static_cast<std::size_t>(end - 1)].loss;
      };
      best = 2;
      for (const std::int64_t end : {4, 6, 8})
        if (mean(end) < mean(best)) best = end;
    }
    std::vector<std::filesystem::path> expected{folder / checkpoint_name(8)};
    if (best != 8) expected.push_back(folder / checkpoint_name(best));
    QVERIFY(checkpoint_files(folder) == expected);
    QCOMPARE(best_step_of(folder / checkpoint_name(8)), best);
    QCOMPARE(best_step_of(folder / "gone.safetensors"), std::int64_t(-1));
  }

  void a_measurement_that_a_stop_cut_short_is_made_once() {
    const Settings settings = tiny_run("simclr");
    const auto folder = in("cut short");
    Listener first, second, third;
    const KnnScore stopped = [&](const Features&, const Features&) {
      if (first.steps.size() == 4) first.control.request_stop();
      first.control.check();
      return 0.5;
    };
    const KnnScore steady = [](const Features&, const Features&) { return 0.5; };
    train({settings, squares(), folder, {}, stopped}, first, first.control);
    QCOMPARE(first.epochs.back().step, 2);
    const auto file = first.checkpoints.back().file;
    QCOMPARE(load_checkpoint(file).state.monitored_step, 2);

    second.stepped = [](const StepMetrics&) { throw Error("killed"); };
    const std::string message = message_of([&] {
      train({settings, squares(), folder, file, steady}, second, second.control);
    });
    QCOMPARE(message, std::string("killed"));
    QCOMPARE(second.epochs.size(), std::size_t{1});
    QCOMPARE(second.epochs[0].step, 4);
    QCOMPARE(second.checkpoints.size(), std::size_t{1});
    QVERIFY(checkpoint_files(folder).front() == file);
    QCOMPARE(load_checkpoint(file).state.monitored_step, 4);
    QCOMPARE(load_checkpoint(file).state.best_step, 0);

    train({settings, squares(), folder, file, steady}, third, third.control);
    QCOMPARE(third.epochs[0].step, 6);
  }

  void a_damaged_checkpoint_is_put_aside_for_the_one_before() {
    const Settings settings = tiny_run("simclr");
    Listener whole, first, second;
    train({settings, squares(), in("undamaged"), {}, {}}, whole, whole.control);
    first.stop_at = 5;
    const auto folder = in("damaged");
    train({settings, squares(), folder, {}, {}}, first, first.control);
    const auto newest = folder / checkpoint_name(5);
    auto bytes = read_file(newest);
    bytes[bytes.size() - 9] ^= std::byte{1};  // one bit of the last tensor
    write_file(newest, bytes);
    write_file(folder / "step-000000007.safetensors.part99", std::string_view("killed"));

    const WholeCheckpoint found = first_whole(checkpoint_files(folder));
    QVERIFY(found.checkpoint);
    QVERIFY(found.checkpoint->step < 5);
    QCOMPARE(found.checkpoint->sha256, sha256_file(found.checkpoint->file));
    QCOMPARE(found.sentences.size(), std::size_t{1});
    QVERIFY(contains(found.sentences[0], "does not fit its hash"));
    QVERIFY(contains(found.sentences[0],
                     "goes on from step " + std::to_string(found.checkpoint->step)));
    QVERIFY(!std::filesystem::exists(newest));
    train({settings, squares(), folder, found.checkpoint->file, {}}, second, second.control);
    QVERIFY(differing(whole.checkpoints.back().file, second.checkpoints.back().file).empty());
    QVERIFY(!std::filesystem::exists(folder / "step-000000007.safetensors.part99"));
  }

  void a_checkpoint_that_cannot_be_read_is_not_taken_for_damaged() {
    const auto folder = in("unreadable");
    const auto newest = folder / checkpoint_name(9), older = folder / checkpoint_name(5);
    std::filesystem::create_directories(older);  // as a file it cannot be read
    write_file(newest, std::string_view("damaged"));
    const std::string message = message_of([&] { first_whole(checkpoint_files(folder)); });
    QVERIFY2(contains(message, "Could not read " + older.string()), message.c_str());
    QVERIFY(contains(message, "Nothing was changed"));
    QVERIFY(checkpoint_files(folder) == (std::vector<std::filesystem::path>{newest, older}));
  }

  void checkpoints_that_do_not_fit_are_refused() {
    Listener listener;
    const Settings settings = tiny_run("simclr");
    train({settings, squares(), in("fit"), {}, {}}, listener, listener.control);
    const auto file = listener.checkpoints.back().file;
    const auto resumed = [&](const Settings& other, const std::filesystem::path& from) {
      Listener again;
      return message_of([&] {
        train({other, squares(), in("fit"), from, {}}, again, again.control);
      });
    };
    QCOMPARE(resumed(settings, file), std::string());  // finished already: nothing to do
    Settings other = settings;
    other.set("train.batch_size", std::int64_t{8});
    QVERIFY(contains(resumed(other, file), "in batches of 16"));
    other = settings;
    other.set("encoder.name", std::string("resnet18"));
    QVERIFY(contains(resumed(other, file), "does not fit"));
    other = settings;
    other.set("optimiser.name", std::string("adamw"));
    QVERIFY(contains(resumed(other, file), "does not fit"));

    auto bytes = read_file(file);
    bytes.resize(bytes.size() - 100);
    write_file(in("short.safetensors"), bytes);
    QVERIFY(contains(resumed(settings, in("short.safetensors")), "not a whole"));
    TensorFile strange = load_tensors(file);
    strange.metadata["state"] = "{}";
    strange.metadata["sha256"] = content_hash(strange);
    save_tensors(in("strange.safetensors"), strange);
    QVERIFY(contains(resumed(settings, in("strange.safetensors")), "cannot be used"));
  }
};

SELFSIGHT_SUITE(TestSession, QCoreApplication);
#include "test_session.moc"
