#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_queue.h"
#include "core/base/error.h"
#include "core/spec/sweep.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

void tell_queued(const Common& common, std::int64_t run, const std::string& varied) {
  if (common.json)
    print_json({{"event", "queued"}, {"run", run}, {"varied", varied}});
  else
    std::cout << "Run " << run << " is queued" << (varied.empty() ? "" : ": " + varied) << ".\n";
}

void tell_unqueued(const Common& common, std::int64_t run) {
  if (common.json)
    print_json({{"event", "unqueued"}, {"run", run}});
  else
    std::cout << "Run " << run << " is out of the queue; `selfsight queue add " << run
              << "` puts it back.\n";
}

constexpr char nothing_queued[] =
    "Nothing is queued; `selfsight train --queue` and `selfsight sweep` queue runs.\n";

int list_queue(const Common& common) {
  std::vector<std::vector<std::string>> table{{"run", "name", "note", "step"}};
  for (const Run& run : Store(common.store).queue()) {
    if (common.json)
      print_json({{"run", run.id}, {"name", run.name}, {"note", run.note}, {"step", run.step}});
    table.push_back({std::to_string(run.id), run.name, run.note, std::to_string(run.step)});
  }
  if (common.json) return 0;
  if (table.size() == 1)
    std::cout << nothing_queued;
  else
    print_table(table);
  return 0;
}

/// Trains one run of the queue. Returns an exit status; 1 if it failed, which the store then says.
int train_queued(const Common& common, std::int64_t run, std::shared_ptr<const Dataset>& dataset,
                 Control& control) {
  Store store(common.store);
  try {
    const Run stored = store.run(run);
    // A sweep opens its images once.
    if (!dataset || dataset->fingerprint() != stored.dataset_fingerprint)
      dataset = dataset_of(common.store, stored, {}, control);
    return train_on_terminal(common, run, dataset, control);
  } catch (const Cancelled&) {
    if (store.holds_run(run)) store.set_status(run, RunStatus::stopped);
    throw;
  } catch (const std::exception& error) {
    if (store.holds_run(run)) store.set_status(run, RunStatus::failed, error.what());
    std::cerr << "selfsight: Run " << run << " failed: " << error.what()
              << " The queue goes on with the next." << std::endl;
    return 1;
  }
}

int run_queue(const Common& common, Control& control) {
  int status = 0;
  std::shared_ptr<const Dataset> dataset;
  bool none = true;
  while (const auto run = Store(common.store).take_queued()) {
    none = false;
    const int ended = train_queued(common, *run, dataset, control);
    if (control.stop_requested()) return 130;
    if (ended != 0) status = ended;
  }
  if (none && !common.json) std::cout << nothing_queued;
  return status;
}

}  // namespace

int queue_settings(const Common& common, const std::vector<SweepPoint>& points,
                   const Control& control) {
  std::map<std::string, std::shared_ptr<const Dataset>> datasets;
  const auto dataset_at = [&](const std::string& path) -> const Dataset& {
    auto& dataset = datasets[path];
    if (!dataset) dataset = open_data(common.store, path, control);
    return *dataset;
  };
  Store store(common.store);
  for (const QueuedRun& queued : queue_points(store, points, dataset_at))
    tell_queued(common, queued.run, queued.varied);
  if (!common.json) std::cout << "Train them one after the other with: selfsight queue run\n";
  return 0;
}

int queue_verb(const Common& common, const QueueArguments& arguments, Control& control) {
  const bool of_runs = arguments.action == "add" || arguments.action == "remove";
  if (of_runs == arguments.runs.empty())
    throw InputError(of_runs ? "Name the runs to " + arguments.action + " by their numbers."
                             : "Only `queue add` and `queue remove` take numbers of runs.");
  if (arguments.action == "list") return list_queue(common);
  if (arguments.action == "run") return run_queue(common, control);
  Store store(common.store);
  for (const std::string& word : arguments.runs) {
    const std::int64_t run = find_run(store, word).id;
    if (arguments.action == "remove") {
      store.unqueue_run(run);
      tell_unqueued(common, run);
      continue;
    }
    store.queue_run(run);
    tell_queued(common, run, {});
  }
  return 0;
}

int sweep_verb(const Common& common, const TrainArguments& arguments, Control& control) {
  TrainArguments base = arguments;
  base.set.clear();
  return queue_settings(common, sweep(settings_of(base), arguments.set, run_schema), control);
}

}  // namespace selfsight
