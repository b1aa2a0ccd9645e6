#include <QTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/probes/labels.h"
#include "tests/suite.h"
#include "tests/training/sets.h"

using namespace selfsight;

namespace {

/// Class 0: 200 images, class 1: 50, class 2: 3, and 7 without a label.
std::vector<int> labels() {
  std::vector<int> out(200, 0);
  out.insert(out.end(), 50, 1);
  out.insert(out.end(), 3, 2);
  out.insert(out.end(), 7, -1);
  return out;
}

std::map<int, int> counts(const std::vector<std::size_t>& positions) {
  const auto all = labels();
  std::map<int, int> out;
  for (const std::size_t position : positions) ++out[all.at(position)];
  return out;
}

LabelPoint point(const char* line, std::int64_t count, std::int64_t seed, double accuracy) {
  return {line, std::to_string(count), count, seed, accuracy, "{}"};
}

/// Squares whose labels are as told.
class Labelled : public Squares {
 public:
  explicit Labelled(std::vector<int> all)
      : Squares(static_cast<std::int64_t>(all.size()), 0), all_(std::move(all)) {}
  int label(std::int64_t index) const override { return all_.at(static_cast<std::size_t>(index)); }

 private:
  std::vector<int> all_;
};

}  // namespace

class TestLabels : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void each_class_gives_its_part_and_at_least_one() {
    QCOMPARE(counts(draw_labelled(labels(), {10, 0}, 0)),
             (std::map<int, int>{{0, 20}, {1, 5}, {2, 1}}));
    QCOMPARE(counts(draw_labelled(labels(), {1, 0}, 0)),
             (std::map<int, int>{{0, 2}, {1, 1}, {2, 1}}));
    QCOMPARE(counts(draw_labelled(labels(), {100, 0}, 0)),
             (std::map<int, int>{{0, 200}, {1, 50}, {2, 3}}));
    QCOMPARE(counts(draw_labelled(labels(), {0, 4}, 0)),
             (std::map<int, int>{{0, 4}, {1, 4}, {2, 3}}));
  }

  void draws_are_increasing_nested_and_differ_by_seed() {
    const auto few = draw_labelled(labels(), {5, 0}, 3), many = draw_labelled(labels(), {50, 0}, 3);
    QVERIFY(std::is_sorted(few.begin(), few.end()));
    QVERIFY(std::includes(many.begin(), many.end(), few.begin(), few.end()));
    QCOMPARE(std::set<std::size_t>(many.begin(), many.end()).size(), many.size());
    QVERIFY(draw_labelled(labels(), {5, 0}, 4) != few);
    QVERIFY(draw_labelled(labels(), {5, 0}, 3) == few);
    QVERIFY(draw_labelled({-1, -1}, {50, 0}, 0).empty());
  }

  void a_draw_of_at_most_so_many_never_exceeds_it() {
    QCOMPARE(draw_at_most(labels(), 26, 0), draw_labelled(labels(), {10, 0}, 0));
    // One of each class would be four, and three.
    QCOMPARE(counts(draw_at_most(labels(), 3, 0)), (std::map<int, int>{{0, 1}, {1, 1}, {2, 1}}));
    const auto two = draw_at_most(labels(), 2, 0);
    QVERIFY(two.size() == 2 && two[0] < two[1] && counts(two).size() == 2);
    QVERIFY(draw_at_most(labels(), 2, 0) == two);
    QCOMPARE(draw_at_most(labels(), 1000, 0).size(), std::size_t{253});
    QVERIFY(draw_at_most(labels(), 0, 0).empty());
    QVERIFY(draw_at_most({}, 3, 0).empty());
  }

  void the_band_is_students_interval_of_the_mean() {
    const auto curve = label_curve({point("pixels", 60, 0, 0.5), point("linear", 600, 0, 0.8),
                                    point("linear", 60, 0, 0.60), point("linear", 60, 1, 0.62),
                                    point("linear", 60, 2, 0.67)});
    QCOMPARE(curve.size(), std::size_t{2});
    QCOMPARE(curve[0].line, std::string("linear"));
    QCOMPARE(curve[0].means.size(), std::size_t{2});
    const LabelMean& mean = curve[0].means[0];
    QCOMPARE(mean.labels, 60);
    QCOMPARE(mean.seeds, 3);
    QVERIFY(std::abs(mean.mean - 0.63) < 1e-12);
    // Standard deviation sqrt(0.0026 / 2), t of two degrees of freedom 4.3027.
    QVERIFY(std::abs(mean.band - 4.3027 * std::sqrt(0.0026 / 2 / 3)) < 1e-9);
    QCOMPARE(curve[0].means[1].band, 0.0);  // one seed has no band
    QVERIFY(label_curve({}).empty());
  }

  void quantiles_of_students_t() {
    // scipy.stats.t.ppf(0.975, df)
    QVERIFY(std::isinf(t_quantile(0)));
    for (const auto& [df, value] : std::map<std::int64_t, double>{
             {1, 12.7062}, {2, 4.3027}, {4, 2.7764}, {30, 2.0423}, {31, 2.0395}, {99, 1.9842}})
      QVERIFY2(std::abs(t_quantile(df) - value) < 1.5e-3, std::to_string(df).c_str());
  }

  void the_verdict_compares_with_what_needs_no_pretraining() {
    QVERIFY(label_verdict({}).empty());
    QVERIFY(label_verdict(label_curve({point("linear", 60, 0, 0.6)})).empty());
    const auto says = [](std::vector<LabelPoint> points) {
      return QString::fromStdString(label_verdict(label_curve(points)));
    };
    const QString better = says({point("linear", 60, 0, 0.6), point("finetune", 60, 0, 0.5),
                                 point("pixels", 60, 0, 0.3), point("scratch", 60, 0, 0.4)});
    QVERIFY2(better.contains(QStringLiteral("60.0 %")) && better.contains(QStringLiteral("40.0 %")),
             qPrintable(better));
    QVERIFY(!better.contains(QStringLiteral("overlap")));
    const QString unclear = says(
        {point("linear", 60, 0, 0.6), point("linear", 60, 1, 0.5), point("pixels", 60, 0, 0.5)});
    QVERIFY2(unclear.contains(QStringLiteral("overlap")), qPrintable(unclear));
    const QString both = says({point("linear", 60, 0, 0.6), point("pixels", 60, 0, 0.3),
                               point("linear", 6000, 0, 0.7), point("pixels", 6000, 0, 0.8)});
    QVERIFY(both.contains(QStringLiteral("6,000 labels")));
  }

  void a_pretraining_with_labels_is_told() {
    LabelPoint ours = point("linear", 60, 0, 0.6);
    const auto told = [&] {
      return QString::fromStdString(label_verdict(label_curve({ours, point("pixels", 60, 0, 0.3)})))
          .endsWith(QStringLiteral("pretrained with the labels of all its training images."));
    };
    QVERIFY(!told());
    ours.with_labels = true;
    QVERIFY(told());
  }

  void a_training_cut_short_says_so() {
    LabelPoint few = point("scratch", 60, 0, 0.3), many = point("scratch", 6000, 0, 0.4);
    many.cut_to = 4000;
    const auto curve =
        label_curve({few, many, point("linear", 60, 0, 0.5), point("linear", 6000, 0, 0.6)});
    const auto line = std::ranges::find(curve, "scratch", &LabelLine::line);
    QCOMPARE(line_title(*line), std::string("same network from scratch, within 4,000 steps"));
    const QString words = QString::fromStdString(label_verdict(curve));
    QVERIFY(words.contains(QStringLiteral("(same network from scratch) 30.0 %")));
    QVERIFY(
        words.contains(QStringLiteral("(same network from scratch, within 4,000 steps) 40.0 %")));
  }

  void lines_and_sizes_follow_the_options() {
    LabelOptions options;
    options.lines = "pixels, linear,pixels";
    QCOMPARE(label_lines(options), (std::vector<std::string>{"pixels", "linear"}));
    options.lines = "liner";
    QVERIFY_EXCEPTION_THROWN(label_lines(options), InputError);
    options.lines = " ,";
    QVERIFY_EXCEPTION_THROWN(label_lines(options), InputError);
    QCOMPARE(label_sizes(options, "linear").size(), std::size_t{10});
    QCOMPARE(label_sizes(options, "scratch").size(), std::size_t{7});
    options.trained_percent = {1, 100};
    QCOMPARE(label_sizes(options, "scratch").size(), std::size_t{2});
    QCOMPARE(to_text(LabelSize{2.5, 0}), std::string("2.5 %"));
    QCOMPARE(to_text(LabelSize{0, 16}), std::string("16 per class"));
  }

  void images_that_cannot_teach_are_refused() {
    const Labelled one({0, 0, -1, 0}), none({-1, -1}), two({0, 1, -1});
    QVERIFY_EXCEPTION_THROWN(check_labelled(one, {0, 1, 2, 3}, Split::train), InputError);
    check_labelled(one, {0, 1, 2, 3}, Split::test);  // one class is enough to be asked about
    QVERIFY_EXCEPTION_THROWN(check_labelled(none, {0, 1}, Split::test), InputError);
    QVERIFY_EXCEPTION_THROWN(check_labelled(two, {}, Split::validation), InputError);
    check_labelled(two, {0, 1, 2}, Split::train);
    QVERIFY_EXCEPTION_THROWN(labelled_sample(none, Split::train, 9, 0), InputError);
    QVERIFY_EXCEPTION_THROWN(labelled_sample(two, Split::test, 9, 0), InputError);
    QVERIFY_EXCEPTION_THROWN(labelled_sample(two, Split::train, 1, 0), InputError);
  }

  void a_sample_has_only_images_with_a_label() {
    const Labelled set(labels());
    for (const std::int64_t count : {100, 253, 1000}) {
      const auto images = labelled_sample(set, Split::train, count, 3);
      QCOMPARE(images.size(), static_cast<std::size_t>(std::min<std::int64_t>(count, 253)));
      for (const std::int64_t image : images) QVERIFY(set.label(image) >= 0);
    }
    QVERIFY(labelled_sample(set, Split::train, 100, 3) ==
            labelled_sample(set, Split::train, 100, 3));
  }
};

SELFSIGHT_SUITE(TestLabels, QCoreApplication);
#include "test_labels.moc"
