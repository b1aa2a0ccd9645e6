// Numbers as they are shown, and what the colours and options of a map mean: nothing is trained.
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSpinBox>
#include <QTableWidget>
#include <QtTest>
#include <limits>

#include "app/places/epoch_frames.h"
#include "app/places/evaluation_words.h"
#include "app/places/health_page.h"
#include "app/places/map_colours.h"
#include "app/places/map_options.h"
#include "app/places/map_words.h"
#include "app/places/map_work.h"
#include "app/places/numbers_card.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/exchange/report.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/correlation_view.h"
#include "widgets/curve_plot.h"
#include "widgets/fact_table.h"
#include "widgets/spec_form.h"

using namespace selfsight;

namespace {

/// Of images all much alike, the first two with a label.
Features like_features() {
  return {.rows = 5,
          .columns = 2,
          .values = {1, 0, 1, 0.01F, 1, 0.02F, 1, 0.03F, 1, 0.04F},
          .ids = {0, 1, 2, 3, 4},
          .labels = {0, 0, -1, -1, -1}};
}

std::vector<Evaluation> health_and_clusters() {
  const std::string protocol = R"({"images":40})";
  return {{0, 1, "health", "lidar", 35, protocol, {}},
          {0, 1, "health", "rank_me", 21.5, protocol, {}},
          {0, 1, "clusters", "purity", 0.5, protocol, {}},
          {0, 1, "clusters", "nmi", 0.25, protocol, {}},
          {0, 1, "knn", "accuracy", 0.75, protocol, {}}};
}

constexpr char picture[] =
    R"({"images":40,"picture":{"verdict":"Healthy.","dimensions":4,"spectrum":[3.5,1.25],)"
    R"("correlation":[[1.0,-0.5],[0.25,1.0]]}})";

}  // namespace

class TestNumbers : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;

 private Q_SLOTS:
  void init() { fail_on_warnings(); }

  void a_frame_is_called_by_its_epoch() {
    StoredMap map;
    map.protocol = R"({"checkpoint_epoch":0.3017,"perplexity":30})";
    EpochFrames frames;
    frames.set({map});
    QCOMPARE(frames.names(), QStringList{QStringLiteral("epoch 0.3")});
    QVERIFY(frames.words(0).startsWith(QLatin1String("epoch 0.3 ")));
  }

  void each_metric_of_health_and_clusters_has_a_row_of_its_own() {
    NumbersCard card;
    card.show_numbers(health_and_clusters(), "home");
    const auto* table = card.findChild<QTableWidget*>(QStringLiteral("numbers"));
    QStringList rows;
    for (int row = 0; row < table->rowCount(); ++row)
      rows << table->item(row, 0)->text() + QLatin1Char(' ') + table->item(row, 1)->text();
    QCOMPARE(rows,
             (QStringList{QStringLiteral("Health, LiDAR 35"), QStringLiteral("Health, RankMe 21.5"),
                          QStringLiteral("Clusters, purity 50.0 %"),
                          QStringLiteral("Clusters, NMI 25.0 %"), QStringLiteral("kNN 75.0 %")}));
  }

  void an_open_protocol_follows_the_run_that_is_shown() {
    NumbersCard card;
    const auto* title = card.findChild<QLabel*>(QStringLiteral("opened_protocol"));
    const auto* facts = card.findChild<FactTable*>(QStringLiteral("protocol_facts"));
    auto* table = card.findChild<QTableWidget*>(QStringLiteral("numbers"));
    card.show_numbers({{0, 1, "knn", "accuracy", 0.75, R"({"k":5})", {}}}, "D");
    table->setCurrentCell(0, 0);
    QCOMPARE(title->text(), QStringLiteral("kNN: 75.0 %"));
    std::vector<Evaluation> others = health_and_clusters();
    others.back().value = 0.5;
    others.back().protocol = R"({"k":7})";
    card.show_numbers(others, "D");
    QCOMPARE(title->text(), QStringLiteral("kNN: 50.0 %"));
    QCOMPARE(facts->value(QStringLiteral("k")), QStringLiteral("7"));
    QCOMPARE(table->currentRow(), 4);
    others.pop_back();
    card.show_numbers(others, "D");
    QVERIFY(title->isHidden() && facts->isHidden());
    QVERIFY(table->selectedItems().isEmpty());
  }

  void a_point_stays_open_only_beside_its_own_numbers() {
    NumbersCard card;
    const auto* title = card.findChild<QLabel*>(QStringLiteral("opened_protocol"));
    const Evaluation point{0, 1, "labels", "accuracy", 0.5, R"({"labels":10})", {}};
    card.open_protocol(QStringLiteral("Linear, 10"), QString::fromStdString(point.protocol));
    card.show_numbers({point}, "D");
    QCOMPARE(title->text(), QStringLiteral("Linear, 10"));
    QVERIFY(!title->isHidden());
    card.show_numbers(health_and_clusters(), "D");
    QVERIFY(title->isHidden());
  }

  void the_current_number_is_opened_again_by_a_click_and_by_return() {
    NumbersCard card;
    card.resize(400, 300);
    card.show_numbers(health_and_clusters(), "D");
    card.show();
    const auto* title = card.findChild<QLabel*>(QStringLiteral("opened_protocol"));
    auto* table = card.findChild<QTableWidget*>(QStringLiteral("numbers"));
    table->setCurrentCell(1, 0);
    const QString number = title->text();
    card.open_protocol(QStringLiteral("a point"), QStringLiteral("{}"));
    const QPoint at = table->visualItemRect(table->item(1, 0)).center();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(title->text(), number);
    card.open_protocol(QStringLiteral("a point"), QStringLiteral("{}"));
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(title->text(), number);
  }

  void health_is_seen_again_as_it_was_kept() {
    const QTemporaryDir folder;
    Workspace workspace(folder.path().toStdString());
    HealthPage page(workspace);
    page.resize(800, 400);
    page.show_kept(kept_health(picture));
    page.show();
    QCOMPARE(page.findChild<QLabel*>(QStringLiteral("health_verdict"))->text(),
             QStringLiteral("Healthy."));
    const auto& curve = page.findChild<CurvePlot*>()->curves().front();
    QCOMPARE(curve.points.size(), std::size_t{2});
    QCOMPARE(curve.points.back().value, 1.25);
    const auto* correlation = page.findChild<CorrelationView*>();
    QVERIFY(correlation->isVisible());
    QVERIFY(correlation->words_at({2, 2}).startsWith(QStringLiteral("features 1 to 2 and 1 to 2")));

    QByteArray without(picture);
    page.show_kept(kept_health(without.replace("[[1.0,-0.5],[0.25,1.0]]", "[]").toStdString()));
    QVERIFY(!correlation->isVisible());
  }

  void a_picture_that_cannot_be_shown_is_none() {
    for (const char* protocol : {"", "[]", R"({"images":40})", R"({"picture":7})",
                                 R"({"picture":{"verdict":"","dimensions":1,"spectrum":[1.0],
                                     "correlation":[[1.0],[1.0]]}})"})
      QVERIFY2(kept_health(protocol).spectrum.empty(), protocol);
  }

  void a_picture_is_no_fact_of_a_protocol() {
    NumbersCard card;
    card.open_protocol(QStringLiteral("Health"), QString::fromLatin1(picture));
    QCOMPARE(card.findChild<FactTable*>(QStringLiteral("protocol_facts"))->as_csv(),
             QByteArray("name,value\n\"images\",\"40\"\n"));
  }

  void every_number_leaves_with_its_protocol() {
    NumbersCard card;
    card.show_numbers({{0, 1, "knn", "accuracy", 0.75, R"({"dataset":"D","k":5})", {}}}, "D");
    QCOMPARE(card.as_csv(), QByteArray("number,value,protocol\n\"kNN\",\"75.0 %\","
                                       "\"{\"\"dataset\"\":\"\"D\"\",\"\"k\"\":5}\"\n"));
  }

  void a_report_has_health_in_plain_digits() {
    const QTemporaryDir folder;
    Store store(folder.path().toStdString());
    const auto dataset = open_dataset("procedural:40");
    const auto run = store.create_run("run", Settings(run_schema("simclr")), *dataset);
    for (Evaluation e : health_and_clusters()) {
      e.run = run;
      if (e.metric == "rank_me") e.protocol = picture;
      store.add_evaluation(e);
    }
    const auto report = QString::fromStdString(report_html(store, {run}));
    QVERIFY(!report.contains(QStringLiteral("3500 %")));
    QVERIFY(report.contains(QStringLiteral(">35<")));
    QVERIFY(!report.contains(QStringLiteral("spectrum")));
    QVERIFY(report.contains(QStringLiteral("75 %")));
  }

  void a_protocol_names_its_data_set() {
    const QString words = protocol_words(
        "knn", R"({"k":5,"temperature":0.1,"k_and_temperature":"chosen on the validation split",
                   "dataset":"Flowers","checkpoint_epoch":0.3017})");
    QVERIFY(words.startsWith(QStringLiteral("Flowers · k 5")));
    QVERIFY(words.contains(QStringLiteral("chosen on the validation split")));
    QVERIFY(words.endsWith(QStringLiteral("epoch 0.3")));
  }

  void retrieval_is_told_by_its_own_measure() {
    const std::map<std::string, double> values{
        {"map", 0.5}, {"map_random_encoder", 0.25}, {"map_raw_pixels", 0.2}};
    QCOMPARE(evaluation_facts("retrieval", values).size(), 3);
    QVERIFY(verdict_words("retrieval", values).contains(QStringLiteral("precision is 50.0 %")));
    QVERIFY(worth_having("retrieval", values));
    QVERIFY(evaluation_facts("knn", values).isEmpty());
  }

  void a_neighbour_without_a_label_has_no_vote() {
    const auto dataset = open_dataset("procedural:40");
    const Control control;
    QCOMPARE(colouring_of(QStringLiteral("vote"), *dataset, like_features(), control).groups,
             (std::vector<int>{0, 0, -1, -1, -1}));
    QCOMPARE(colouring_of(QStringLiteral("same_label"), *dataset, like_features(), control).groups,
             (std::vector<int>{4, 4, -1, -1, -1}));
  }

  void clusters_are_told_how_they_agree_with_labels() {
    const auto dataset = open_dataset("procedural:40");
    Features features{.rows = 4,
                      .columns = 2,
                      .values = {1, 0, 1, 0.01F, -1, 0, -1, 0.01F},
                      .ids = {0, 1, 2, 3},
                      .labels = {0, 0, 1, 1}};
    const QString key = QStringLiteral("cluster");
    const Colouring two = colouring_of(key, *dataset, features, Control(), 2);
    QCOMPARE(two.names.size(), 2);
    QCOMPARE(two.words,
             QStringLiteral("Clusters against the labels (k 2): purity 100.0 %, NMI 1.000"));
    const Colouring one = colouring_of(key, *dataset, features, Control(), 1);
    QVERIFY(one.words.endsWith(QStringLiteral("(k 1): purity 50.0 %, NMI 0.000")));
    features.labels.assign(4, -1);
    QVERIFY(colouring_of(key, *dataset, features, Control(), 2).words.isEmpty());
  }

  void principal_components_tell_what_they_explain() {
    StoredMap map;
    map.method = "pca";
    map.protocol = R"({"explained_ratio":[0.5,0.125],"checkpoint_epoch":2})";
    QCOMPARE(map_words(map), QStringLiteral("variance explained 50.0 % + 12.5 % · epoch 2"));
  }

  void norms_that_are_no_numbers_are_told() {
    Features features = like_features();
    features.values[3] = std::numeric_limits<float>::quiet_NaN();
    const auto dataset = open_dataset("procedural:40");
    QVERIFY_THROWS_EXCEPTION(InputError,
                             colouring_of(QStringLiteral("norm"), *dataset, features, Control()));
  }

  void a_map_may_have_many_images_and_each_method_keeps_its_own() {
    MapOptions options;
    options.show_method(QStringLiteral("tsne"));
    QCOMPARE(options.images(), 5000);
    options.findChild<QSpinBox*>(QStringLiteral("map_images"))->setValue(100000);
    QCOMPARE(options.images(), 100000);
    options.show_method(QStringLiteral("epochs"));
    QCOMPARE(options.images(), 2000);
    options.show_method(QStringLiteral("pca"));
    QCOMPARE(options.images(), 100000);
    QVERIFY(options.findChild<QDoubleSpinBox*>(QStringLiteral("perplexity"))->isHidden());
  }

  void every_option_of_tsne_is_in_its_form() {
    MapOptions options;
    auto* form = options.findChild<SpecForm*>(QStringLiteral("tsne_options"));
    for (const Field& field : schema_of<TsneOptions>("")) {
      if (field.key == "perplexity") continue;
      const QString name = QStringLiteral("tsne.") + QString::fromStdString(field.key);
      const auto* editor = form->findChild<QWidget*>(name);
      QVERIFY2(editor && editor->isVisibleTo(form), qPrintable(name));
    }
    QCOMPARE(options.tsne().early_exaggeration, TsneOptions().early_exaggeration);
    Q_EMIT form->value_changed(QStringLiteral("tsne.early_exaggeration"), Value(4.0));
    Q_EMIT form->value_changed(QStringLiteral("tsne.pca_components"), Value(std::int64_t{0}));
    options.findChild<QDoubleSpinBox*>(QStringLiteral("perplexity"))->setValue(12);
    QCOMPARE(options.tsne().early_exaggeration, 4.0);
    QCOMPARE(options.tsne().pca_components, 0);
    QCOMPARE(options.tsne().perplexity, 12.0);
    options.show_method(QStringLiteral("pca"));
    QVERIFY(form->isHidden());
  }

  void nothing_chosen_has_no_words() {
    QVERIFY(selection_words(*open_dataset("procedural:40"), {}).isEmpty());
  }
};

SELFSIGHT_SUITE(TestNumbers, QApplication);
#include "test_numbers.moc"
