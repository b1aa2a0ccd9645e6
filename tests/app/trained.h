// A person before the window, with a tiny run that is trained already.
#pragma once

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <algorithm>
#include <memory>

#include "app/ask.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {

class Trained {
 public:
  void open(const QString& images) {
    apply_theme(*qApp, Scheme::light);
    workspace_ = std::make_unique<Workspace>(file("store").toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    QObject::connect(workspace_.get(), &Workspace::problem,
                     [](const QString& message) { QFAIL(qPrintable(message)); });
    workspace_->open_dataset_at(images);
    QTRY_VERIFY(workspace_->statistics().has_value());
  }

  void train() {
    Settings settings = workspace_->settings();
    apply_assignments(settings, smallest_run(), run_schema);
    run_ = prepare_run(workspace_->store(), settings, *workspace_->dataset());
    Control control;
    run_training(workspace_->store_folder(), run_, workspace_->dataset(), nullptr, control);
    Q_EMIT workspace_->runs_changed();
    workspace_->set_current_run(run_);
  }

  void close() {
    window_.reset();
    workspace_.reset();
  }

  MainWindow& window() { return *window_; }
  Workspace& workspace() { return *workspace_; }
  Store& store() { return workspace_->store(); }
  const Dataset& dataset() { return *workspace_->dataset(); }
  std::int64_t run() const { return run_; }
  QString file(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }

  template <class W>
  W* find(const char* name) {
    return find_in<W>(*window_, name);
  }
  void click(const char* name) { click_in(*window_, name); }
  bool shown(const char* name) { return find<QWidget>(name)->isVisible(); }
  void wait() { QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience); }
  bool says(const QString& words) {
    return std::ranges::any_of(
        window_->place(window_->current_place())->findChildren<QLabel*>(),
        [&](const QLabel* label) { return label->isVisible() && label->text().contains(words); });
  }

  /// By keys, as a person would.
  void choose(const char* box_name, const char* data) {
    auto* box = find<QComboBox>(box_name);
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    while (box->currentData().toString() != QLatin1String(data) &&
           box->currentIndex() + 1 < box->count())
      QTest::keyClick(box, Qt::Key_Down);
    QCOMPARE(box->currentData().toString(), QString::fromLatin1(data));
  }

  /// "Encoder from a file…" is the last choice.
  void choose_encoder_file(const char* box_name, const QString& encoder) {
    ask().open_file = [encoder](QWidget*, const QString&) { return encoder; };
    auto* box = find<QComboBox>(box_name);
    box->setFocus();
    QTest::keyClick(box, Qt::Key_End);
    QCOMPARE(box->currentText(), QFileInfo(encoder).fileName());
  }

  /// A copy of one of the set's images, as a file.
  QString picture_of(std::int64_t id, const char* name) {
    if (!to_image(dataset().image(id)).save(file(name))) qFatal("no room for a picture");
    return file(name);
  }

 private:
  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;
  std::int64_t run_ = 0;
};

}  // namespace selfsight
