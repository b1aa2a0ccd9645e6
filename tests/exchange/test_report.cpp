#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/exchange/card.h"
#include "core/exchange/report.h"
#include "core/exchange/report_plot.h"
#include "tests/suite.h"

using namespace selfsight;

class TestReport : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  static Settings settings(double temperature) {
    Settings made(run_schema("simclr"));
    made.set("method.name", std::string("simclr"));
    made.set("method.temperature", temperature);
    return made;
  }

  /// Two runs with curves, the first with a note, an evaluation and a map.
  Store store_of_two() {
    Store store(folder_.filePath(QString::number(made_++)).toStdString());
    const auto dataset = open_dataset("procedural:40");
    for (const double temperature : {0.5, 0.125}) {
      const auto run = store.create_run("<SimCLR> & co", settings(temperature), *dataset);
      std::vector<std::pair<std::string, MetricPoint>> points;
      for (int i = 1; i <= 5000; ++i)
        points.push_back({"loss", {i, i / 100.0, i / 10.0, i > 2500, 5.0 + 1.0 / i}});
      points.push_back({"knn", {1, 0, 0, 0, 0.25}});
      points.push_back({"knn", {5000, 50, 500, 0, 0.75}});
      store.add_metrics(run, points);
      store.set_status(run, RunStatus::finished);
    }
    store.set_note(1, "the <first>");
    store.add_evaluation({0, 1, "knn", "accuracy", 0.8125, R"({"split":"test","k":20})", {}});
    store.add_map({0, 1, "pca", R"({"images":3})", {1, 2, 3}, {0, 0, 1, 2, 2, 1}, {}});
    return store;
  }
  int made_ = 0;

  static qsizetype count(const std::string& text, const char* what) {
    return QByteArray::fromStdString(text).count(what);
  }

 private Q_SLOTS:
  void it_holds_numbers_options_protocols_and_plots() {
    const Store store = store_of_two();
    const std::string html = report_html(store, {1, 2});
    for (const char* wanted : {"2 runs compared", "25 %", "75 %", "81.25 %", "method.temperature",
                               "0.125", "&quot;split&quot;:&quot;test&quot;", "ln(2N",
                               "the &lt;first&gt;", "&lt;SimCLR&gt; &amp; co"})
      QVERIFY2(html.find(wanted) != std::string::npos, wanted);
    QCOMPARE(count(html, "<circle"), 3);
    QCOMPARE(count(html, "<svg"), count(html, "</svg>"));
    QCOMPARE(count(html, "<section>"), count(html, "</section>"));
  }

  void it_needs_nothing_else() {
    const std::string html = report_html(store_of_two(), {1, 2});
    for (const char* reference : {"<script", "<link", "src=", "href=", "url(", "@import", "http"})
      QVERIFY2(html.find(reference) == std::string::npos, reference);
  }

  void the_map_is_of_the_images_that_it_was_trained_on_where_there_is_one() {
    Store store = store_of_two();
    const StoredMap others{
        0, 1, "tsne", R"({"dataset_fingerprint":"others"})", {1, 2}, {0, 0, 1, 2}, {}};
    store.add_map(others);
    QVERIFY(report_html(store, {1}).find("pca of 3 images<") != std::string::npos);
    StoredMap only = others;
    only.run = 2;
    store.add_map(only);
    QVERIFY(report_html(store, {2}).find("tsne of 2 other images than it was trained on<") !=
            std::string::npos);
  }

  void one_run_has_no_differences() {
    const std::string html = report_html(store_of_two(), {2});
    QVERIFY(html.find("Options that differ") == std::string::npos);
    QVERIFY(html.find("temperature = 0.125") != std::string::npos);
    QCOMPARE(count(html, "<circle"), 0);
  }

  void a_resume_is_a_gap_and_long_curves_keep_their_spikes() {
    ReportPlot plot{.curves = {{"red", false, {}}}, .lines = {}, .x_label = "step"};
    for (int i = 0; i < 20000; ++i)
      plot.curves[0].points.push_back({static_cast<double>(i), i == 777 ? 100.0 : 1.0, i >= 9000});
    const std::string svg = svg_of(plot);
    QVERIFY(svg.size() < 60000);
    std::string path = svg.substr(svg.find(" d='") + 4);
    path.resize(path.find("'/>"));
    QCOMPARE(count(path, "M"), 2);
    // The spike touches the top of the frame, which is at its value and a little headroom.
    double least = 1000;
    for (const QByteArray& at : QByteArray::fromStdString(path).split('L'))
      if (const auto parts = at.split(' '); parts.size() == 2)
        least = std::min(least, parts[1].toDouble());
    QVERIFY(least < 30);
  }

  void a_method_of_another_version_hides_nothing() {
    Store store = store_of_two();
    Schema schema = run_schema("simclr");
    for (Field& field : schema)
      if (field.key == "method.name") field.choices.push_back("telepathy");
    Settings settings(schema);
    settings.set("method.name", std::string("telepathy"));
    const auto run = store.create_run("Unknown", settings, *open_dataset("procedural:40"));
    store.add_metrics(run, {{"loss", {1, 0.1, 1, 0, 2.5}}, {"loss", {2, 0.2, 2, 0, 1.5}}});
    const std::string html = report_html(store, {1, run});
    for (const char* wanted : {"telepathy", "ln(2N", "Loss, smoothed"})
      QVERIFY2(html.find(wanted) != std::string::npos, wanted);
    QVERIFY(report_html(store, {run}).find("Loss, smoothed") != std::string::npos);
    QVERIFY(card_markdown(model_card(store, run, ""))
                .find("by telepathy (not known to this version)") != std::string::npos);
  }

  void what_is_missing_is_an_input_error() {
    const Store store = store_of_two();
    QVERIFY_EXCEPTION_THROWN(report_html(store, {}), InputError);
    QVERIFY_EXCEPTION_THROWN(report_html(store, {9}), InputError);
  }
};

SELFSIGHT_SUITE(TestReport, QCoreApplication);
#include "test_report.moc"
