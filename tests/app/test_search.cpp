// Search by likeness, and maps that are stopped and gone on with: with real clicks.
#include <QDoubleSpinBox>
#include <QDropEvent>
#include <QMimeData>
#include <QtTest>

#include "app/jobs/job.h"
#include "app/jobs/pipeline_maps.h"
#include "app/places/map_features.h"
#include "app/places/neighbours_card.h"
#include "tests/app/trained.h"
#include "tests/suite.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"

using namespace selfsight;

class TestSearch : public QObject {
  Q_OBJECT

  Trained person_;
  std::int64_t first_train_ = 0;

  MapPlot* map() { return person_.find<MapPlot>("map_plot"); }
  NeighbourStrip* strip() { return person_.find<NeighbourStrip>("neighbour_strip"); }
  void search_with(const QString& picture) {
    ask().open_files = [picture](QWidget*, const QString&) { return QStringList{picture}; };
    person_.click("search_image");
    person_.wait();
  }
  void drop(const QStringList& paths) {
    QList<QUrl> urls;
    for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
    QMimeData data;
    data.setUrls(urls);
    QDropEvent dropped(QPointF(400, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(&person_.window())->event(&dropped);
  }
  /// Copies of two that are mapped, and between them a file that is no picture.
  QStringList two_pictures_and_another() {
    QFile broken(person_.file("broken.png"));
    if (!broken.open(QIODevice::WriteOnly) || broken.write("no picture") < 0)
      qFatal("no room for a file");
    return {person_.picture_of(map()->points().front().id, "one.png"), broken.fileName(),
            person_.picture_of(map()->points().back().id, "two.png")};
  }
  /// Any reading of features that begins from now on.
  QMetaObject::Connection stop_readings() {
    return connect(&person_.workspace(), &Workspace::jobs_changed, this, [this] {
      for (Job* job : person_.workspace().jobs())
        if (job->title().startsWith(QLatin1String("Features of"))) job->stop();
    });
  }
  std::string newest_protocol() { return person_.store().maps(person_.run()).back().protocol; }

 private Q_SLOTS:
  void initTestCase() {
    person_.open(QStringLiteral("procedural:2000"));
    person_.train();
    first_train_ = person_.dataset().indices(Split::train).front();
    person_.window().go_to(QStringLiteral("explore"));
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() { person_.close(); }

  void a_picture_finds_its_like_in_the_whole_set_without_a_map() {
    QVERIFY(!person_.shown("neighbour_strip"));
    search_with(person_.picture_of(first_train_, "mine.png"));
    QTRY_COMPARE_WITH_TIMEOUT(strip()->pictures().size(), 12, patience);
    QVERIFY(person_.shown("neighbour_strip"));
    QVERIFY(!person_.shown("selected_grid"));
    const NeighbourPicture& found = strip()->pictures().first();
    QCOMPARE(found.id, first_train_);
    QCOMPARE(found.words, QStringLiteral("1.000"));
    const int label = person_.dataset().label(first_train_);
    QCOMPARE(found.label.toStdString(),
             person_.dataset().classes().at(static_cast<std::size_t>(label)));
    QVERIFY(person_.says(QStringLiteral("among 2,000 images")));
  }

  void a_split_is_chosen_to_search_among() {
    person_.choose("search_among", "test");
    person_.wait();
    const auto all_of_test = [&] {
      return !strip()->pictures().isEmpty() &&
             std::ranges::all_of(strip()->pictures(), [&](const NeighbourPicture& picture) {
               return person_.dataset().split(picture.id) == Split::test;
             });
    };
    QTRY_VERIFY_WITH_TIMEOUT(all_of_test(), patience);
  }

  void a_map_is_stopped_and_gone_on_with() {
    person_.click("chip_tsne");
    person_.find<QDoubleSpinBox>("perplexity")->setValue(8);
    auto* start = person_.find<QAbstractButton>("start_map");
    // It may be done before anybody can stop it.
    for (int tries = 0; tries < 50 && start->text() != QLatin1String("Go on"); ++tries) {
      person_.click("start_map");
      Job* job = person_.workspace().jobs().first();
      connect(job, &Job::progress_changed, job, [job, start] {
        if (start->text() == QLatin1String("Stop")) job->pause();
      });
      QTRY_VERIFY_WITH_TIMEOUT(person_.workspace().jobs().isEmpty() || job->paused(), patience);
      if (!person_.workspace().jobs().isEmpty()) person_.click("start_map");
      person_.wait();
    }
    QCOMPARE(start->text(), QStringLiteral("Go on"));
    QVERIFY(!map()->points().empty());
    QVERIFY(newest_protocol().find("of_iterations") != std::string::npos);
    QVERIFY(person_.says(QStringLiteral("stopped after ")));
    QVERIFY(person_.shown("discard_map"));
    person_.click("start_map");
    person_.wait();
    QTRY_COMPARE(start->text(), QStringLiteral("Map"));
    QVERIFY(newest_protocol().find("\"kl\"") != std::string::npos);
    QVERIFY(!person_.shown("discard_map"));
  }

  void a_picture_from_elsewhere_is_marked_on_the_map() {
    const auto near = map()->points().front();
    QVERIFY(map()->marks().empty());
    search_with(person_.picture_of(near.id, "again.png"));
    QTRY_COMPARE_WITH_TIMEOUT(map()->marks().size(), 1U, patience);
    QCOMPARE(map()->marks().front().words, QStringLiteral("again.png"));
    QVERIFY(!map()->marks().front().image.isNull());
    QVERIFY(person_.says(QStringLiteral("again.png is marked where it would stand.")));
    person_.choose("search_among", "mapped");
    person_.wait();
    QTRY_VERIFY_WITH_TIMEOUT(
        !strip()->pictures().isEmpty() && strip()->pictures().first().id == near.id, patience);
    QTest::mouseClick(strip(), Qt::LeftButton, {}, {20, 20});
    QCOMPARE(map()->selection(), QSet<qint64>{near.id});
    QCOMPARE(map()->marks().size(), 1U);  // the image stands there itself
    QTest::keyClick(map(), Qt::Key_Escape);
    QVERIFY(map()->marks().empty());
    QVERIFY(!person_.shown("marks_words"));
  }

  void a_neighbour_that_is_not_mapped_is_marked_instead_of_selected() {
    person_.choose("search_among", "train");
    person_.wait();
    const auto of_train = [&] {
      return !strip()->pictures().isEmpty() &&
             person_.dataset().split(strip()->pictures().first().id) == Split::train;
    };
    QTRY_VERIFY_WITH_TIMEOUT(of_train(), patience);
    const qint64 id = strip()->pictures().first().id;
    QTest::mouseClick(strip(), Qt::LeftButton, {}, {20, 20});
    QVERIFY(map()->selection().isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(map()->marks().size(), 1U, patience);
    QCOMPARE(map()->marks().front().words.toStdString(), person_.dataset().image_name(id));
    QVERIFY(!person_.shown("marks_words"));
  }

  void dropped_pictures_are_marked_and_the_first_is_searched_for() {
    drop(two_pictures_and_another());
    QTRY_COMPARE_WITH_TIMEOUT(map()->marks().size(), 2U, patience);
    QCOMPARE(map()->marks().front().words, QStringLiteral("one.png"));
    QCOMPARE(map()->marks().back().words, QStringLiteral("two.png"));
    QVERIFY(person_.says(QStringLiteral(
        "2 of 3 pictures are marked where they would stand; 1 could not be read and placed.")));
    QVERIFY(person_.says(QStringLiteral("Most like one.png")));
    const QPoint second = map()->position_of(map()->marks().back()).toPoint();
    QTest::mouseClick(map(), Qt::LeftButton, {}, second);
    QVERIFY(person_.says(QStringLiteral("Most like two.png")));
    QCOMPARE(map()->marks().size(), 2U);
    person_.click("clear_marks");
    QVERIFY(map()->marks().empty());
    QVERIFY(!person_.shown("marks_words"));
    person_.wait();
  }

  void without_a_map_dropped_pictures_are_told_to_need_one() {
    const QStringList pictures = two_pictures_and_another();
    drop(pictures);
    QTRY_COMPARE_WITH_TIMEOUT(map()->marks().size(), 2U, patience);
    person_.click("chip_pca");
    QVERIFY(map()->marks().empty());
    drop(pictures);
    QVERIFY(person_.says(QStringLiteral("Pictures are placed on a finished t-SNE map")));
    QVERIFY(person_.says(QStringLiteral("Most like one.png")));
    person_.click("chip_tsne");
    QVERIFY(!person_.shown("marks_words"));
    person_.wait();
  }

  void a_search_that_is_stopped_says_how_to_ask_again() {
    const auto stops = stop_readings();
    person_.choose("search_among", "validation");
    QTRY_VERIFY_WITH_TIMEOUT(person_.says(QStringLiteral("features was stopped. Choose an image")),
                             patience);
    disconnect(stops);
    person_.choose("search_among", "all");
    QTRY_VERIFY_WITH_TIMEOUT(person_.says(QStringLiteral("among 2,000 images")), patience);
    person_.wait();
  }

  void what_is_asked_meanwhile_is_read_after_a_stop() {
    MapFeatures features(person_.workspace(), nullptr);
    std::int64_t rows = 0;
    const auto stops = stop_readings();
    features.with({person_.run(), {0, 1, 2}, true},
                  [&](const MapFeatures::Table&) { QFAIL("It was stopped."); });
    disconnect(stops);
    features.with({person_.run(), {3}},
                  [&](const MapFeatures::Table& table) { rows = table->features.rows; });
    QTRY_COMPARE_WITH_TIMEOUT(rows, std::int64_t{1}, patience);
    person_.wait();
  }

  void one_image_is_called_one() {
    MapFeatures mapped(person_.workspace(), nullptr);
    NeighboursCard card(person_.workspace(), mapped);
    card.set_mapped({0});
    auto* among = card.findChild<QComboBox*>(QStringLiteral("search_among"));
    among->setCurrentIndex(among->findData(QStringLiteral("mapped")));
    card.show_likes({person_.run(), 1, {}});
    const auto* words = card.findChild<QLabel*>(QStringLiteral("neighbour_words"));
    QCOMPARE(words->text(), QStringLiteral("Reading the features of 1 image."));
    QTRY_COMPARE_WITH_TIMEOUT(words->text(), QStringLiteral("By cosine, among 1 image"), patience);
    person_.wait();
  }

  void a_stop_keeps_what_was_reached_and_the_rest_ends_in_the_same_map() {
    MapRequest whole;
    whole.images = 60;
    whole.tsne.perplexity = 5;
    whole.tsne.iterations = 60;
    Control control;
    const auto folder = person_.workspace().store_folder();
    const MapReport straight =
        make_map(folder, person_.run(), person_.dataset(), whole, control, {});
    MapRequest halted = whole;
    halted.descent = std::make_shared<MapDescent>();
    halted.descent->keep = true;
    Control stopped;
    const MapReport half =
        make_map(folder, person_.run(), person_.dataset(), halted, stopped, {},
                 [&](const Features&, const std::vector<float>&, std::int64_t iteration) {
                   if (iteration == 25) stopped.request_stop();
                 });
    QCOMPARE(halted.descent->state.iteration, 25);
    QCOMPARE(half.map.xy.size(), straight.map.xy.size());
    QVERIFY(half.map.xy != straight.map.xy);
    const MapReport rest = make_map(folder, person_.run(), person_.dataset(), halted, control, {});
    QVERIFY(rest.map.xy == straight.map.xy);
  }
};

SELFSIGHT_SUITE(TestSearch, QApplication);
#include "test_search.moc"
