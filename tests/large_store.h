// A store as it is after years: 500 runs with 10,000 rows of metrics each.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/history/store.h"
#include "core/training/run_spec.h"

namespace selfsight {

constexpr int large_store_runs = 500;

/// Adds them to the store.
inline void fill_large_store(Store& store) {
  constexpr int steps = 9900, measured = 100;
  const auto dataset = open_dataset("procedural:100");
  Settings settings(run_schema("simclr"));
  for (int run = 0; run < large_store_runs; ++run) {
    settings.set("method.temperature", 0.05 + 0.05 * (run % 10));
    settings.set("optimiser.lr", 0.01 * (1 + run / 10 % 10));
    settings.set("train.seed", std::int64_t{run / 100});
    const auto id = store.create_run("run of a sweep", settings, *dataset);
    std::vector<std::pair<std::string, MetricPoint>> points;
    const auto add = [&](const char* name, int step, double value) {
      points.emplace_back(name, MetricPoint{step, step / 100.0, step * 0.1, 0, value});
    };
    for (int step = 1; step <= steps; ++step)
      add("loss", step, 5 / (1 + step * 1e-3) + 0.1 * std::sin(step * 7.0 + run));
    for (int i = 1; i <= measured; ++i) add("knn", i * steps / measured, 0.8 - 0.6 / i);
    store.add_metrics(id, points);
    store.set_progress(id, steps, steps / 100.0, steps * 0.1);
    store.set_status(id, RunStatus::finished);
  }
}

}  // namespace selfsight
