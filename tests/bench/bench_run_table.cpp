// A store of 500 runs and 5,000,000 rows of metrics, and how long the table of runs takes to open
// on it: bench_run_table FOLDER. The folder is filled the first time.
#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <cmath>
#include <cstdio>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/training/run_spec.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr int runs = 500, steps = 9900, measured = 100;  // 10,000 rows each
constexpr int openings = 5;

void fill(Store& store) {
  const auto dataset = open_dataset("procedural:100");
  Settings settings(run_schema("simclr"));
  for (int run = 0; run < runs; ++run) {
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

double milliseconds(const QElapsedTimer& clock) {
  return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

bool all_numbers(const RunTable& table) {
  for (const RunRow& row : table.runs()->rows())
    if (!row.loss_last || !row.knn_best) return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "bench_run_table FOLDER\n"), 2;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  const QTemporaryDir folder;
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
  apply_theme(app, Scheme::light);
  {
    Store store(argv[1]);
    if (store.runs().empty()) fill(store);
  }
  for (int i = 0; i < openings; ++i) {
    QElapsedTimer clock;
    clock.start();
    Workspace workspace(argv[1]);
    const double opened = milliseconds(clock);
    MainWindow window(workspace);
    window.resize(1440, 900);
    window.show();
    QCoreApplication::processEvents();
    const double shown = milliseconds(clock);
    clock.restart();
    window.go_to(QStringLiteral("compare"));
    auto* table = window.findChild<RunTable*>();
    QCoreApplication::processEvents();
    window.grab();
    const double seen = milliseconds(clock);
    while (!all_numbers(*table))
      QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 50);
    std::printf(
        "store %.0f ms, window %.0f ms, table seen after %.0f ms, all its numbers %.0f ms\n",
        opened, shown, seen, milliseconds(clock));
  }
  return 0;
}
