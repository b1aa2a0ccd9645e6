// Options that were changed are taken back and made again, by keys and by buttons.
#include <QSpinBox>
#include <QtTest>

#include "app/settings_history.h"
#include "tests/app/clicks.h"
#include "tests/app/trained.h"
#include "tests/suite.h"

using namespace selfsight;

class TestSettingsUndo : public QObject {
  Q_OBJECT

  Trained person_;

  template <class T>
  T option(const char* key) {
    return person_.workspace().settings().get<T>(key);
  }
  QWidget* focus() { return person_.window().focusWidget(); }
  void type_into(const char* name, const QString& text) {
    auto* box = person_.find<QSpinBox>(name);
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, text);
    QTest::keyClick(box, Qt::Key_Return);
  }

 private Q_SLOTS:
  void initTestCase() { person_.open(QStringLiteral("procedural:300")); }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() { person_.close(); }

  void what_follows_on_one_option_within_a_second_is_one_change() {
    using std::chrono::milliseconds;
    Settings a(run_schema("simclr")), b = a, c = a, d = a;
    b.set("views.crop_min", 0.1);
    c.set("views.crop_min", 0.2);
    d.set("views.crop_min", 0.3);
    SettingsHistory history;
    const SettingsHistory::Time begin;
    history.keep(a, b, begin);
    history.keep(b, c, begin + milliseconds(900));
    history.keep(c, d, begin + milliseconds(2500));
    QVERIFY(history.undo(d) == c);
    QVERIFY(history.undo(c) == a);
    QVERIFY(!history.earlier());
    QVERIFY(history.redo(a) == c);
    QVERIFY(history.redo(c) == d);
    QVERIFY(!history.later());
    history.undo(d);
    history.keep(c, a, begin + milliseconds(9000));
    QVERIFY2(!history.later(), "a new change is another way on");
  }

  void keys_take_an_option_back_and_make_it_again() {
    person_.window().go_to(QStringLiteral("pretrain"));
    const auto batch = option<std::int64_t>("train.batch_size");
    const auto seed = option<std::int64_t>("train.seed");
    type_into("train.batch_size", QStringLiteral("48"));
    type_into("monitor.k", QStringLiteral("7"));
    QCOMPARE(option<std::int64_t>("train.batch_size"), 48);
    // The focus is in the box that was typed into.
    QTest::keyClick(focus(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(option<std::int64_t>("monitor.k") != 7);
    QTest::keyClick(focus(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(option<std::int64_t>("train.batch_size"), batch);
    QCOMPARE(person_.find<QSpinBox>("train.batch_size")->value(), static_cast<int>(batch));
    QTest::keyClick(focus(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(option<std::int64_t>("train.batch_size"), 48);
    QCOMPARE(option<std::int64_t>("train.seed"), seed);
  }

  void text_that_is_being_typed_has_an_undo_of_its_own() {
    auto* box = person_.find<QSpinBox>("train.batch_size");
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, QStringLiteral("99"));
    QTest::keyClick(box, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(option<std::int64_t>("train.batch_size"), 48);
    QCOMPARE(box->value(), 48);
    QTest::keyClick(box, Qt::Key_Return);
  }

  void buttons_say_what_they_take_back() {
    auto* undo = person_.find<QAbstractButton>("undo_option");
    QVERIFY(undo->toolTip().contains(QStringLiteral("Batch size")));
    person_.click("undo_option");
    QVERIFY(!undo->isEnabled());
    person_.click("redo_option");
    QCOMPARE(option<std::int64_t>("train.batch_size"), 48);
  }

  void views_takes_back_what_pretrain_changed() {
    person_.window().go_to(QStringLiteral("views"));
    person_.click("undo_option");
    QVERIFY(option<std::int64_t>("train.batch_size") != 48);
  }

  void other_images_begin_anew() {
    person_.click("redo_option");
    person_.workspace().open_dataset_at(QStringLiteral("procedural:200"));
    QTRY_COMPARE(person_.dataset().size(), 200);
    QVERIFY(!person_.find<QAbstractButton>("undo_option")->isEnabled());
    QCOMPARE(option<std::int64_t>("train.batch_size"), 48);
  }
};

SELFSIGHT_SUITE(TestSettingsUndo, QApplication);
#include "test_settings_undo.moc"
