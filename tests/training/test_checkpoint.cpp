// What a checkpoint holds, and which of them stay.
// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>

#include "core/training/checkpoint.h"
#include "core/training/checkpoint_files.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

RunState state_at(std::int64_t step) {
  RunState state;
  state.settings = tiny_run("simclr");
  state.step = step;
  state.channels = 1;
  state.normalisation = {{0.5}, {0.25}};
  return state;
}

std::vector<TrainedParameter> body_and_head() {
  return {{.name = "body", .tensor = torch::full({2}, 0.5).requires_grad_()},
          {.name = "head", .tensor = torch::full({2}, -0.5).requires_grad_()}};
}

Optimiser adamw_of(const std::vector<TrainedParameter>& parameters) {
  OptimiserOptions options;
  options.name = "adamw";
  return Optimiser(options, parameters);
}

/// The state after three steps of AdamW, in the first two of which the head has no gradient.
NamedTensors thawed_late() {
  const auto parameters = body_and_head();
  Optimiser optimiser = adamw_of(parameters);
  for (int step = 0; step < 3; ++step) {
    parameters[0].tensor.mutable_grad() = torch::full({2}, 0.1);
    if (step == 2) parameters[1].tensor.mutable_grad() = torch::full({2}, 0.1);
    optimiser.step({0.1, 0.01});
  }
  return optimiser.state();
}

/// The steps of AdamW that a fresh optimiser has from a checkpoint, of the body and the head.
std::vector<std::int64_t> steps_from(const std::filesystem::path& file) {
  const NamedTensors state = adamw_of(body_and_head()).state();
  load_checkpoint(file).restore("optimiser.", state);
  std::vector<std::int64_t> out;
  for (const auto& [name, tensor] : state)
    if (name.starts_with("steps.")) out.push_back(tensor.item<std::int64_t>());
  return out;
}

}  // namespace

class TestCheckpoint : public QObject {
  Q_OBJECT

  std::filesystem::path in(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  QTemporaryDir folder_;

 private Q_SLOTS:
  void each_parameters_steps_come_back() {
    const auto info = save_checkpoint(in("steps"), state_at(3), {}, thawed_late(), 1);
    QVERIFY((steps_from(info.file) == std::vector<std::int64_t>{3, 1}));
  }

  void a_single_count_of_steps_is_that_of_all_parameters() {
    const auto info = save_checkpoint(in("single"), state_at(3), {}, thawed_late(), 1);
    TensorFile file = load_tensors(info.file);
    std::erase_if(file.tensors,
                  [](const auto& entry) { return entry.first == "optimiser.steps.head"; });
    for (auto& entry : file.tensors)
      if (entry.first == "optimiser.steps.body") entry.first = "optimiser.steps";
    file.metadata["sha256"] = content_hash(file);
    save_tensors(in("single.safetensors"), file);
    QVERIFY((steps_from(in("single.safetensors")) == std::vector<std::int64_t>{3, 3}));
  }

  void the_spread_so_far_comes_back_and_may_be_missing() {
    RunState state = state_at(5);
    state.spread_sum = 1.5;
    state.spread_steps = 2;
    const auto info = save_checkpoint(in("spread"), state, {}, {}, 1);
    const RunState found = load_checkpoint(info.file).state;
    QCOMPARE(found.spread_sum, 1.5);
    QCOMPARE(found.spread_steps, 2);

    TensorFile file = load_tensors(info.file);
    std::string& text = file.metadata.at("state");
    const std::string spread = "\"spread_sum\":1.5,\"spread_steps\":2,";
    QVERIFY(text.find(spread) != std::string::npos);
    text.erase(text.find(spread), spread.size());
    file.metadata["sha256"] = content_hash(file);
    save_tensors(in("spread.safetensors"), file);
    QCOMPARE(load_checkpoint(in("spread.safetensors")).state.spread_steps, 0);
  }

  void a_later_one_that_a_kill_left_takes_no_place_and_goes_when_it_is_passed() {
    const auto folder = in("left");
    const auto after = [&](std::int64_t step) {
      save_checkpoint(folder, state_at(step), {}, {}, 1);
      std::vector<std::string> names;
      for (const auto& file : checkpoint_files(folder)) names.push_back(file.filename().string());
      return names;
    };
    using Names = std::vector<std::string>;
    QVERIFY(after(20) == Names{checkpoint_name(20)});  // of which nobody was told
    QVERIFY((after(10) == Names{checkpoint_name(20), checkpoint_name(10)}));
    QVERIFY((after(15) == Names{checkpoint_name(20), checkpoint_name(15)}));
    QVERIFY(after(25) == Names{checkpoint_name(25)});
  }
};

SELFSIGHT_SUITE(TestCheckpoint, QCoreApplication);
#include "test_checkpoint.moc"
