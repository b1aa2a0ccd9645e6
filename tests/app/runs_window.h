// A window over a store of its own, and the runs in Compare.
#pragma once

#include <iterator>
#include <vector>

#include "tests/app/clicks.h"
#include "widgets/curve_plot.h"
#include "widgets/run_table.h"

namespace selfsight {

using Runs = std::vector<std::int64_t>;

class RunsWindowTest : public WindowTest {
 protected:
  void open_window() {
    workspace_ =
        std::make_unique<Workspace>(folder_->filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }
  void close_window() {
    window_.reset();
    workspace_.reset();
  }
  void add_runs(int count) {
    const auto images = open_dataset("procedural:40");
    for (int i = 0; i < count; ++i) {
      const auto run = workspace_->store().create_run("a run", workspace_->settings(), *images);
      workspace_->store().set_status(run, RunStatus::finished);
    }
    Q_EMIT workspace_->runs_changed();
    window_->go_to(QStringLiteral("compare"));
  }
  /// Of this run's curve in Compare; -1 if there is none.
  qsizetype points_shown(std::int64_t run) {
    for (const Curve& curve : find<CurvePlot>("compare_plot")->curves())
      if (curve.id == run) return std::ssize(curve.points);
    return -1;
  }
  RunTable* table() { return find<RunTable>("run_table"); }
  void press(const Runs& runs, Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    table()->setFocus();
    if (!runs.empty()) table()->choose(runs);
    QTest::keyClick(table(), key, modifiers);
  }
  void take_back() { press({}, Qt::Key_Z, Qt::ControlModifier); }

  std::unique_ptr<QTemporaryDir> folder_;
};

}  // namespace selfsight
