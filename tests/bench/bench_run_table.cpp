// A store of 500 runs and 5,000,000 rows of metrics, and how long the table of runs takes to open
// on it: bench_run_table FOLDER. The folder is filled the first time.
#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <cstdio>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/large_store.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr int openings = 5;

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
    if (store.runs().empty()) fill_large_store(store);
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
