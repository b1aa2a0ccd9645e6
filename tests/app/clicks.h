// A person before the window.
#pragma once

#include <QAbstractButton>
#include <QAction>
#include <QMenu>
#include <QPushButton>
#include <QtTest>
#include <memory>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/gui.h"

namespace selfsight {

constexpr int patience = 60'000;  // for work that takes a second or two on an idle machine

/// Places may use the same names: the one in view is meant first.
template <class W>
W* find_in(MainWindow& window, const char* name) {
  const QString wanted = QString::fromLatin1(name);
  if (W* here = window.place(window.current_place())->findChild<W*>(wanted)) return here;
  return window.findChild<W*>(wanted);
}

inline void click_in(MainWindow& window, const char* name) {
  auto* button = find_in<QAbstractButton>(window, name);
  QVERIFY2(button && button->isVisible() && button->isEnabled(), name);
  QTest::mouseClick(button, Qt::LeftButton);
}

/// A network so small that it is trained in a second, and what is to be otherwise.
inline std::vector<std::string> smallest_run(const std::vector<std::string>& changes = {}) {
  std::vector<std::string> options{
      "views.size=16",       "encoder.name=resnet8",   "encoder.stem=half",
      "train.batch_size=32", "train.epochs=1",         "train.threads=1",
      "train.workers=1",     "monitor.every_epochs=1", "optimiser.warmup_epochs=0"};
  options.insert(options.end(), changes.begin(), changes.end());
  return options;
}

inline void set_options(Workspace& workspace, const std::vector<std::string>& changes) {
  Settings settings = workspace.settings();
  apply_assignments(settings, changes, run_schema);
  workspace.set_settings(settings);
}

/// What a suite of one window holds.
class WindowTest : public QObject {
 protected:
  template <class W>
  W* find(const char* name) {
    return find_in<W>(*window_, name);
  }
  void click(const char* name) { click_in(*window_, name); }
  void set(const std::vector<std::string>& changes) { set_options(*workspace_, changes); }
  QList<qint64> queued() {
    QList<qint64> runs;
    for (const Run& run : workspace_->store().queue()) runs.append(run.id);
    return runs;
  }
  /// Of Pretrain, wherever the window is.
  QPushButton* button(const char* name) {
    return window_->place(QStringLiteral("pretrain"))
        ->findChild<QPushButton*>(QString::fromLatin1(name));
  }

  const OwnSettings own_settings_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;
};

/// The window at Pretrain, over these images, about to train a network that takes seconds.
inline void open_at_pretrain(MainWindow& window, Workspace& workspace, const QString& images) {
  window.resize(1440, 900);
  window.show();
  QVERIFY(QTest::qWaitForWindowActive(&window));
  window.go_to(QStringLiteral("pretrain"));
  // Settings that nobody touched would follow the data set.
  set_options(workspace, {"train.workers=1"});
  workspace.open_dataset_at(images);
  QTRY_VERIFY(workspace.statistics().has_value());
  set_options(workspace,
              {"views.size=16", "encoder.name=resnet20", "encoder.stem=half", "train.threads=1",
               "monitor.every_epochs=100", "optimiser.warmup_epochs=0"});
}

/// Through the Export button of the top strip.
inline void choose_export_in(MainWindow& window, const char* words) {
  click_in(window, "export_button");
  QMenu* menu = nullptr;  // an earlier one may not be gone yet
  const auto opened = [&] {
    for (auto* found : window.findChildren<QMenu*>(QStringLiteral("export_menu")))
      if (found->isVisible()) menu = found;
    return menu != nullptr;
  };
  QTRY_VERIFY(opened());
  for (QAction* action : menu->actions()) {
    if (!action->text().startsWith(QString::fromLatin1(words))) continue;
    menu->setActiveAction(action);
    QTest::keyClick(menu, Qt::Key_Return);
    // The offscreen platform makes a menu the active window and, without a window manager, does
    // not give the window back what the menu took.
    QTRY_VERIFY(!menu->isVisible());
    window.activateWindow();
    return;
  }
  QFAIL(words);
}

}  // namespace selfsight
