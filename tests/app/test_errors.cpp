// A store that cannot be written, and whatever else goes wrong in a slot: the window stays.
#include <QLabel>
#include <QPushButton>
#include <QtTest>

#include "app/application.h"
#include "app/main_window.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "tests/app/clicks.h"
#include "tests/full_disk.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

/// Throws in its event, as a slot would.
class Clumsy : public QObject {
 public:
  explicit Clumsy(std::function<void()> act) : act_(std::move(act)) {}
  bool event(QEvent* event) override {
    act_();
    return QObject::event(event);
  }

 private:
  std::function<void()> act_;
};

}  // namespace

class TestErrors : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;

  RunTable* table() { return find_in<RunTable>(*window_, "run_table"); }
  QAbstractItemModel* model() { return table()->model(); }
  QString message() {
    const auto* bar = find_in<QWidget>(*window_, "message_bar");
    return bar->isVisible() ? find_in<QLabel>(*window_, "message_text")->text() : QString();
  }
  QString name_shown() { return model()->index(0, RunModel::name).data(Qt::EditRole).toString(); }
  bool undo_offered() { return find_in<QPushButton>(*window_, "undo_archive")->isVisible(); }
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    table()->setFocus();
    table()->choose({1});
    QTest::keyClick(table(), key, modifiers);
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    connect(static_cast<Application*>(qApp), &Application::went_wrong, workspace_.get(),
            &Workspace::problem);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    Store& store = workspace_->store();
    const auto images = open_dataset("procedural:40");
    store.set_status(store.create_run("first", workspace_->settings(), *images),
                     RunStatus::finished);
    Q_EMIT workspace_->runs_changed();
    window_->go_to(QStringLiteral("compare"));
  }
  void init() {
    fail_on_warnings();
    find_in<QWidget>(*window_, "message_bar")->hide();
  }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void a_name_that_cannot_be_stored_is_taken_back_from_the_table() {
    const QString before = name_shown();
    {
      const FullDisk full(0);
      QVERIFY(model()->setData(model()->index(0, RunModel::name), QStringLiteral("another")));
    }
    QVERIFY2(message().contains(QStringLiteral("what it holds is safe")), qPrintable(message()));
    QCOMPARE(name_shown(), before);
    QCOMPARE(workspace_->store().run(1).name, std::string("first"));
    QVERIFY(!undo_offered());
    // There is room again.
    model()->setData(model()->index(0, RunModel::name), QStringLiteral("another"));
    QCOMPARE(name_shown(), QStringLiteral("another"));
    QCOMPARE(workspace_->store().run(1).name, std::string("another"));
  }

  void what_could_not_be_taken_back_can_be_later() {
    QVERIFY(undo_offered());
    {
      const FullDisk full(0);
      press(Qt::Key_Z, Qt::ControlModifier);
    }
    QVERIFY(!message().isEmpty());
    QVERIFY(undo_offered());
    press(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(workspace_->store().run(1).name, std::string("first"));
    QVERIFY(!undo_offered());
  }

  void a_run_that_cannot_be_archived_stays() {
    {
      const FullDisk full(0);
      press(Qt::Key_Delete);
    }
    QVERIFY(!message().isEmpty());
    QCOMPARE(model()->rowCount(), 1);
    QVERIFY(!workspace_->store().run(1).archived);
    QVERIFY(!undo_offered());
  }

  void what_any_event_throws_is_told_and_the_next_one_comes() {
    QEvent event(QEvent::User);
    Clumsy careless([] { throw InputError("The shelf is full; all books are kept."); });
    QVERIFY(QCoreApplication::sendEvent(&careless, &event));
    QCOMPARE(message(), QStringLiteral("The shelf is full; all books are kept."));
    Clumsy foreign([] { throw std::runtime_error("no such page"); });
    QVERIFY(QCoreApplication::sendEvent(&foreign, &event));
    QVERIFY(message().contains(QStringLiteral("no such page")));
    QVERIFY(window_->isVisible());
    QTest::keyClick(window_.get(), Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(window_->current_place(), QStringLiteral("data"));
  }

  void images_that_cannot_be_opened_end_a_queued_run_even_if_that_cannot_be_noted() {
    Store& store = workspace_->store();
    const QString gone = folder_.filePath(QStringLiteral("gone"));
    QDir().mkpath(gone);
    for (int i = 0; i < 40; ++i) {
      QImage image(24, 24, QImage::Format_RGB888);
      image.fill(QColor::fromHsv(i * 8, 200, 200));
      QVERIFY(image.save(QStringLiteral("%1/%2.png").arg(gone).arg(i)));
    }
    const auto images = open_dataset(gone.toStdString());
    const auto run = store.create_run("queued", workspace_->settings(), *images, RunStatus::queued);
    QVERIFY(QDir(gone).removeRecursively());
    workspace_->start_queue();
    {
      const FullDisk full(0);
      QTRY_VERIFY(!message().isEmpty());
    }
    QVERIFY(window_->isVisible());
    QVERIFY(!workspace_->training());
    store.set_status(run, RunStatus::failed);
  }
};

SELFSIGHT_SUITE(TestErrors, Application);

#include "test_errors.moc"
