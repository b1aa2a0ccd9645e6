#include <QTest>
#include <map>
#include <set>

#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;

class TestProcedural : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void images_are_a_function_of_their_index() {
    const auto one = open_dataset("procedural:200"), two = open_dataset("procedural:500");
    QCOMPARE(one->size(), 200);
    std::set<std::string> seen;
    for (std::int64_t i = 0; i < one->size(); ++i) {
      const cv::Mat image = one->image(i);
      QCOMPARE(image.type(), CV_8UC3);
      QCOMPARE(image.size(), cv::Size(32, 32));
      QCOMPARE(cv::norm(image, two->image(i), cv::NORM_INF), 0.0);
      seen.insert(std::string(image.datastart, image.dataend));
    }
    QCOMPARE(seen.size(), 200u);
    QVERIFY(one->fingerprint() != two->fingerprint());
  }

  void classes_are_balanced_and_named() {
    const auto set = open_dataset("procedural:1000");
    QCOMPARE(set->classes().size(), 10u);
    std::map<int, int> count;
    for (std::int64_t i = 0; i < set->size(); ++i) ++count[set->label(i)];
    for (const auto& [label, images] : count) QCOMPARE(images, 100);
  }

  void splits_are_fixed_and_apart() {
    const auto set = open_dataset("procedural");
    const auto train = set->indices(Split::train), validation = set->indices(Split::validation),
               test = set->indices(Split::test);
    QCOMPARE(train.size() + validation.size() + test.size(), static_cast<std::size_t>(set->size()));
    QVERIFY(test.size() > 500 && test.size() < 700);
    QVERIFY(validation.size() > 440 && validation.size() < 640);
    QCOMPARE(open_dataset("procedural")->indices(Split::test), test);
    // Too few to split: all are for training.
    QCOMPARE(open_dataset("procedural:10")->indices(Split::train).size(), 10u);
  }

  void shapes_stand_out_from_their_ground() {
    // What a class shows must not drown: a corner (ground) and the picture's spread differ.
    const auto set = open_dataset("procedural:100");
    for (std::int64_t i = 0; i < set->size(); ++i) {
      cv::Scalar mean, deviation;
      cv::meanStdDev(set->image(i), mean, deviation);
      QVERIFY2(cv::norm(deviation) > 20, set->image_name(i).c_str());
    }
  }

  void wrong_numbers_are_refused() {
    for (const char* word : {"procedural:0", "procedural:-5", "procedural:ten", "procedural:10x",
                             "procedural:99999999999999999999"})
      QVERIFY(
          contains(message_of<InputError>([&] { open_dataset(word); }), "is no number of images"));
  }

  void beyond_the_end_there_is_nothing() {
    const auto set = open_dataset("procedural:10");
    QVERIFY_THROWS_EXCEPTION(std::out_of_range, set->image(10));
    QVERIFY_THROWS_EXCEPTION(std::out_of_range, set->label(-1));
  }

  void measuring_stops_when_asked() {
    Control control;
    control.request_stop();
    const auto set = open_dataset("procedural:10");
    QVERIFY_THROWS_EXCEPTION(Cancelled, measure(*set, 10, control));
  }

  void a_sample_is_spread_over_the_set() {
    const auto set = open_dataset("procedural:5000");
    const Control control;
    const DatasetStatistics part = measure(*set, 1000, control),
                            again = measure(*set, 1000, control);
    QCOMPARE(part.measured, 1000);
    QCOMPARE(again.mean, part.mean);
    const DatasetStatistics all = measure(*set, 1'000'000, control);
    QCOMPARE(all.measured, 5000);
    for (std::size_t c = 0; c < 3; ++c) QVERIFY(std::abs(all.mean[c] - part.mean[c]) < 0.02);
  }
};

SELFSIGHT_SUITE(TestProcedural, QCoreApplication);
#include "test_procedural.moc"
