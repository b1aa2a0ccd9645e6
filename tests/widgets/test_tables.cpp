#include <QAbstractItemModelTester>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QtTest>
#include <cmath>
#include <limits>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/diff_table.h"
#include "widgets/exports.h"
#include "widgets/fact_table.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Fatal;

RunRow run(std::int64_t id, const char* name, std::optional<double> loss,
           std::optional<double> knn = {}) {
  RunRow row;
  row.id = id;
  row.name = QString::fromLatin1(name);
  row.status = QStringLiteral("finished");
  row.method = QStringLiteral("SimCLR");
  row.loss_last = row.loss_best = loss;
  row.knn_last = row.knn_best = knn;
  row.epochs = static_cast<double>(id);
  row.seconds = 60;
  return row;
}

std::vector<RunRow> some_runs() {
  return {run(1, "apple", 9.5), run(2, "pear", 10.5, 0.4), run(3, "plum", {}, 0.9),
          run(4, "apple pie", std::numeric_limits<double>::quiet_NaN())};
}

}  // namespace

class TestTables : public QObject {
  Q_OBJECT

  std::unique_ptr<RunTable> table_;

  QList<int> order() {
    QList<int> ids;
    for (int row = 0; row < table_->model()->rowCount(); ++row)
      ids << table_->model()->index(row, 0).data(RunModel::id_role).toInt();
    return ids;
  }
  QPoint middle(int row, int column) {
    return table_->visualRect(table_->model()->index(row, column)).center();
  }
  void sort(int column, Qt::SortOrder order) { table_->sortByColumn(column, order); }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    table_ = std::make_unique<RunTable>();
    table_->resize(1000, 300);
    table_->runs()->set_rows(some_runs());
    table_->show();
    QVERIFY(QTest::qWaitForWindowActive(table_.get()));
  }
  void cleanup() { table_.reset(); }

  void the_model_of_runs_keeps_the_rules_of_models() {
    RunModel model;
    const QAbstractItemModelTester tester(&model, fatal);
    model.set_rows(some_runs());
    model.set_rows(some_runs());
    model.set_rows({run(7, "other", 1.0)});
    model.set_rows({});
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.headerData(RunModel::knn_best, Qt::Horizontal, Qt::DisplayRole).toString(),
             QStringLiteral("kNN, best"));
  }

  void only_rows_that_differ_are_renewed() {
    // Without it the numbers of a run in training would take away what is typed into another row.
    const std::vector<RunRow> rows{run(1, "apple", 1.0), run(2, "pear", 2.0), run(3, "plum", 3.0)};
    RunModel model;
    model.set_rows(rows);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.set_rows(rows);
    QCOMPARE(changed.size(), 0);
    auto newer = rows;
    newer[1].loss_last = 1.5;
    model.set_rows(newer);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.last().at(0).toModelIndex().row(), 1);
    QCOMPARE(changed.last().at(1).toModelIndex().row(), 1);
    model.set_baseline(2);
    model.set_rows(rows);  // against which the others are told
    QCOMPARE(changed.last().at(0).toModelIndex().row(), 0);
    QCOMPARE(changed.last().at(1).toModelIndex().row(), 2);
  }

  void the_model_of_differences_keeps_the_rules_of_models() {
    DiffModel model;
    const QAbstractItemModelTester tester(&model, fatal);
    model.set_differences({QStringLiteral("run 1"), QStringLiteral("run 2")},
                          {{"method.temperature", {"0.5", "0.1"}}, {"mask.ratio", {"", "0.75"}}});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.columnCount(), 3);
    const auto words = [&](int row, int column) {
      return model.index(row, column).data().toString();
    };
    QCOMPARE(words(0, 0), QStringLiteral("method.temperature"));
    QCOMPARE(words(0, 2), QStringLiteral("0.1"));
    QCOMPARE(words(1, 1), QStringLiteral("–"));
    QVERIFY(model.index(0, 2).data(Qt::FontRole).value<QFont>().bold());
    QVERIFY(!model.index(0, 1).data(Qt::FontRole).isValid());
    QCOMPARE(model.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(),
             QStringLiteral("run 2"));
    model.set_differences({}, {});
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.columnCount(), 1);
  }

  void numbers_sort_as_numbers_and_what_is_absent_comes_last() {
    QCOMPARE(order(), (QList<int>{4, 3, 2, 1}));  // the newest first
    sort(RunModel::loss_last, Qt::AscendingOrder);
    QCOMPARE(order().mid(0, 2), (QList<int>{1, 2}));  // 9.5 before 10.5
    sort(RunModel::knn_best, Qt::DescendingOrder);
    QCOMPARE(order().mid(0, 2), (QList<int>{3, 2}));
    sort(RunModel::name, Qt::AscendingOrder);
    QCOMPARE(order(), (QList<int>{1, 4, 2, 3}));
  }

  void a_click_on_a_header_sorts() {
    auto* header = table_->horizontalHeader();
    const int x = header->sectionViewportPosition(RunModel::epochs) + 10;
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(x, header->height() / 2));
    QCOMPARE(header->sortIndicatorSection(), static_cast<int>(RunModel::epochs));
    const QList<int> once = order();
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(x, header->height() / 2));
    QList<int> twice = order();
    std::reverse(twice.begin(), twice.end());
    QCOMPARE(once, twice);
  }

  void words_filter_in_any_column_and_case() {
    table_->set_filter(QStringLiteral("APPLE"));
    QCOMPARE(order(), (QList<int>{4, 1}));
    table_->set_filter(QStringLiteral("90.0"));
    QCOMPARE(order(), (QList<int>{3}));
    table_->set_filter(QStringLiteral("a.*"));  // words, not a pattern
    QCOMPARE(order(), QList<int>());
    table_->set_filter({});
    QCOMPARE(order().size(), 4);
  }

  void what_is_chosen_stays_so_when_sorted_and_renewed() {
    QSignalSpy changed(table_.get(), &RunTable::chosen_changed);
    QTest::mouseClick(table_->viewport(), Qt::LeftButton, {}, middle(1, 0));
    QTest::mouseClick(table_->viewport(), Qt::LeftButton, Qt::ControlModifier, middle(3, 0));
    QVERIFY(changed.size() >= 2);
    QCOMPARE(table_->chosen(), (std::vector<std::int64_t>{3, 1}));
    sort(RunModel::number, Qt::AscendingOrder);
    QCOMPARE(table_->chosen(), (std::vector<std::int64_t>{1, 3}));
    auto rows = some_runs();
    rows[0].loss_last = 1;
    table_->runs()->set_rows(rows);
    QCOMPARE(table_->chosen(), (std::vector<std::int64_t>{1, 3}));
    table_->choose({2, 99});
    QCOMPARE(table_->chosen(), (std::vector<std::int64_t>{2}));
  }

  void f2_renames_a_run() {
    QSignalSpy renamed(table_->runs(), &RunModel::renamed);
    QTest::mouseClick(table_->viewport(), Qt::LeftButton, {}, middle(0, 0));
    QTest::keyClick(table_.get(), Qt::Key_F2);
    auto* editor = table_->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, QStringLiteral(" best so far "));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(renamed.size(), 1);
    QCOMPARE(renamed.first().first().toLongLong(), 4);
    QCOMPARE(renamed.first().last().toString(), QStringLiteral("best so far"));
  }

  void an_empty_name_and_other_columns_are_not_taken() {
    RunModel* model = table_->runs();
    QSignalSpy renamed(model, &RunModel::renamed);
    QVERIFY(!model->setData(model->index(0, RunModel::name), QStringLiteral("  "), Qt::EditRole));
    QVERIFY(!model->setData(model->index(0, RunModel::method), QStringLiteral("x"), Qt::EditRole));
    QVERIFY(!(model->flags(model->index(0, RunModel::method)) & Qt::ItemIsEditable));
    QCOMPARE(renamed.size(), 0);
  }

  void delete_asks_to_archive_the_chosen_runs() {
    std::vector<std::int64_t> wanted;
    connect(table_.get(), &RunTable::archive_wanted, this,
            [&](const std::vector<std::int64_t>& runs) { wanted = runs; });
    table_->clearSelection();
    QTest::keyClick(table_.get(), Qt::Key_Delete);
    QVERIFY(wanted.empty());
    QTest::mouseClick(table_->viewport(), Qt::LeftButton, {}, middle(1, 0));
    QTest::keyClick(table_.get(), Qt::Key_Delete);
    QCOMPARE(wanted, (std::vector<std::int64_t>{3}));
  }

  void numbers_tell_how_far_they_are_from_the_baseline() {
    table_->runs()->set_baseline(2);
    const auto cell = [&](int row, int column) {
      return table_->runs()->index(row, column).data().toString();
    };
    QCOMPARE(cell(2, RunModel::knn_best), QStringLiteral("90.0 %  +50.0"));
    QCOMPARE(cell(0, RunModel::loss_last), QStringLiteral("9.5  −1"));
    QCOMPARE(cell(1, RunModel::loss_last), QStringLiteral("10.5"));
    QCOMPARE(cell(3, RunModel::loss_last), QStringLiteral("–"));  // not a number
    table_->runs()->set_baseline(0);
    QCOMPARE(cell(2, RunModel::knn_best), QStringLiteral("90.0 %"));
  }

  void tables_are_saved_as_numbers() {
    table_->set_filter(QStringLiteral("p"));
    table_->runs()->set_baseline(2);  // how far numbers are from it is not saved
    const QList<QByteArray> lines = table_->as_csv().trimmed().split('\n');
    QCOMPARE(lines.size(), 5);
    QVERIFY(lines[0].startsWith("\"Run\",\"no.\",\"status\""));
    QCOMPARE(lines[2], QByteArray("\"plum\",3,\"finished\",\"SimCLR\",,,0.9,0.9,3,60,\"\",\"\""));
    DiffModel model;
    model.set_differences({QStringLiteral("run \"1\""), QStringLiteral("run 2")},
                          {{"method.temperature", {"0.5", "0.1"}}});
    QCOMPARE(model_as_csv(model), QByteArray("\"Option\",\"run \"\"1\"\"\",\"run 2\"\n"
                                             "\"method.temperature\",\"0.5\",\"0.1\"\n"));
    FactTable facts;
    facts.set_facts({{QStringLiteral("speed"), QStringLiteral("1,200 images a second")}});
    QCOMPARE(facts.as_csv(), QByteArray("name,value\n\"speed\",\"1,200 images a second\"\n"));
  }

  void any_widget_can_offer_to_save() {
    QStringList chosen;
    offer_exports(table_.get(), {QStringLiteral("csv")},
                  [&](const QString& format) { chosen << format; });
    Q_EMIT table_->customContextMenuRequested({10, 10});
    auto* menu = table_->findChild<QMenu*>(QStringLiteral("export_menu"));
    QVERIFY(menu);
    QCOMPARE(menu->actions().size(), 1);
    QCOMPARE(menu->actions().first()->text(), QStringLiteral("Save as CSV…"));
    menu->actions().first()->trigger();
    menu->close();
    QCOMPARE(chosen, QStringList{QStringLiteral("csv")});
  }

  void facts_are_reached_by_keys_and_so_is_their_menu() {
    FactTable facts;
    QCOMPARE(facts.focusPolicy(), Qt::NoFocus);
    facts.set_facts({{QStringLiteral("speed"), QStringLiteral("1,200 images a second")}});
    QCOMPARE(facts.focusPolicy(), Qt::TabFocus);
    offer_exports(&facts, {QStringLiteral("csv")}, [](const QString&) {});
    facts.show();
    facts.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&facts));
    facts.clearFocus();
    const QImage before = facts.grab().toImage();
    facts.setFocus();
    QVERIFY(facts.grab().toImage() != before);
    const QPoint middle = facts.rect().center();
    QContextMenuEvent asked(QContextMenuEvent::Keyboard, middle, facts.mapToGlobal(middle));
    QCoreApplication::sendEvent(&facts, &asked);
    auto* menu = facts.findChild<QMenu*>(QStringLiteral("export_menu"));
    QVERIFY(menu && menu->isVisible());
    menu->close();
    facts.set_facts({});
    QCOMPARE(facts.focusPolicy(), Qt::NoFocus);
  }

  void notes_and_tags_are_written_in_place() {
    auto* model = table_->runs();
    QSignalSpy noted(model, &RunModel::noted), tagged(model, &RunModel::tagged);
    QVERIFY(model->setData(model->index(0, RunModel::note), QStringLiteral("best so far"),
                           Qt::EditRole));
    QVERIFY(model->setData(model->index(0, RunModel::tags), QStringLiteral("paper, , keep "),
                           Qt::EditRole));
    QCOMPARE(noted.size(), 1);
    QCOMPARE(noted[0][1].toString(), QStringLiteral("best so far"));
    QCOMPARE(tagged[0][1].toStringList(),
             (QStringList{QStringLiteral("paper"), QStringLiteral("keep")}));
    QVERIFY(
        !model->setData(model->index(0, RunModel::loss_last), QStringLiteral("1"), Qt::EditRole));
  }

  void shift_and_delete_ask_for_more_than_delete() {
    QSignalSpy archived(table_.get(), &RunTable::archive_wanted);
    QSignalSpy deleted(table_.get(), &RunTable::delete_wanted);
    table_->choose({3});
    QTest::keyClick(table_.get(), Qt::Key_Delete);
    QTest::keyClick(table_.get(), Qt::Key_Delete, Qt::ShiftModifier);
    QCOMPARE(archived.size(), 1);
    QCOMPARE(deleted.size(), 1);
  }
};

SELFSIGHT_SUITE(TestTables, QApplication);
#include "test_tables.moc"
