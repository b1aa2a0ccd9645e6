// Tiny runs for tests.
#pragma once

#include <functional>

#include "core/base/files.h"
#include "core/training/session.h"
#include "tests/training/sets.h"

namespace selfsight {

/// 8 px, batches of 16, two epochs, one thread.
inline Settings tiny_run(const std::string& method, const std::string& optimiser = "sgd") {
  Settings settings(run_schema(method));
  settings.set("encoder.name", std::string(method == "mae" ? "vit_tiny" : "resnet20"));
  settings.set("encoder.patch_size", std::int64_t{4});
  settings.set("encoder.depth", std::int64_t{2});
  settings.set("views.size", std::int64_t{8});
  for (const char* width :
       {"method.projector_hidden", "method.predictor_hidden", "method.queue_size"})
    if (settings.has(width)) settings.set(width, std::int64_t{32});
  settings.set("optimiser.name", optimiser);
  settings.set("optimiser.lr", optimiser == "sgd" ? 0.05 : 0.001);
  settings.set("optimiser.warmup_epochs", 0.5);
  settings.set("train.epochs", 2.0);
  settings.set("train.batch_size", std::int64_t{16});
  settings.set("train.threads", std::int64_t{1});
  settings.set("monitor.every_epochs", 0.5);
  return settings;
}

/// Remembers all it hears, and stops or pauses where it is told to.
struct Listener : Observer {
  RunShape shape;
  std::vector<StepMetrics> steps;
  std::vector<EpochMetrics> epochs;
  std::vector<CheckpointInfo> checkpoints;
  std::vector<std::string> notices;
  Control control;
  std::int64_t stop_at = -1, pause_at = -1;
  std::string trouble;
  std::function<void(const StepMetrics&)> stepped = [](const StepMetrics&) {};
  std::function<void()> noticed = [] {};

  void on_shape(const RunShape& s) override { shape = s; }
  void on_step(const StepMetrics& m) override {
    steps.push_back(m);
    if (m.step == stop_at) control.request_stop();
    if (m.step == pause_at) control.pause();
    stepped(m);
  }
  void on_epoch(const EpochMetrics& m) override { epochs.push_back(m); }
  void on_checkpoint(const CheckpointInfo& c) override {
    checkpoints.push_back(c);
    if (c.step == pause_at) control.resume();
  }
  void on_notice(const std::string& sentence) override {
    notices.push_back(sentence);
    noticed();
  }
  std::string problem() const override { return trouble; }
};

}  // namespace selfsight
