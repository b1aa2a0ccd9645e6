// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/probes/linear.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Three classes around three centres, in columns of very different scales, the last one constant.
Features clouds(std::int64_t rows, std::uint64_t seed, double noise = 0.5) {
  Random random{seed};
  Features out{rows, 4, {}, {}, {}};
  for (std::int64_t i = 0; i < rows; ++i) {
    const int label = static_cast<int>(i % 3);
    out.labels.push_back(label);
    for (int j = 0; j < 3; ++j) {
      const double value = (j == label ? 1 : 0) + noise * random.normal();
      out.values.push_back(static_cast<float>(value * std::pow(1000, j)));
    }
    out.values.push_back(7);
  }
  return out;
}

/// Twelve columns that are three, each four times with a little noise; standardised.
Features alike(std::int64_t rows, std::uint64_t seed) {
  const Features three = clouds(rows, seed, 1.0);
  Random random{seed + 100};
  Features out{rows, 12, {}, {}, three.labels};
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < 12; ++j)
      out.values.push_back(static_cast<float>(
          three.values[static_cast<std::size_t>(4 * i + j % 3)] / std::pow(1000, j % 3) +
          0.01 * random.normal()));
  for (std::int64_t j = 0; j < 12; ++j) {
    double sum = 0, squares = 0;
    const auto at = [&](std::int64_t i) -> float& {
      return out.values[static_cast<std::size_t>(12 * i + j)];
    };
    for (std::int64_t i = 0; i < rows; ++i) sum += at(i), squares += double(at(i)) * at(i);
    const double n = static_cast<double>(rows), mean = sum / n;
    const double deviation = std::sqrt(squares / n - mean * mean);
    for (std::int64_t i = 0; i < rows; ++i) at(i) = static_cast<float>((at(i) - mean) / deviation);
  }
  return out;
}

double accuracy(const SoftmaxFit& fit, const Features& features) {
  std::int64_t right = 0;
  const auto columns = static_cast<std::size_t>(features.columns);
  for (std::size_t i = 0; i < features.labels.size(); ++i) {
    std::vector<double> scores = fit.bias;
    for (std::size_t c = 0; c < scores.size(); ++c)
      for (std::size_t j = 0; j < columns; ++j)
        scores[c] += fit.weights[c * columns + j] * double(features.values[i * columns + j]);
    right += std::max_element(scores.begin(), scores.end()) - scores.begin() == features.labels[i];
  }
  return static_cast<double>(right) / static_cast<double>(features.rows);
}

}  // namespace

class TestLinear : public QObject {
  Q_OBJECT

  Control control_;

 private Q_SLOTS:
  void the_optimum_has_no_slope() {
    const Features features = clouds(60, 1);
    Features small = features;
    for (std::int64_t i = 0; i < small.rows; ++i)
      for (int j = 0; j < 3; ++j)
        small.values[static_cast<std::size_t>(4 * i + j)] /= static_cast<float>(std::pow(1000, j));
    const double l2 = 0.5;
    const SoftmaxFit fit = fit_softmax(small, l2, control_);
    // Of every weight: sum over images of (p - truth) * feature + l2 * weight = 0.
    std::vector<double> slope(12);
    for (std::int64_t i = 0; i < small.rows; ++i) {
      const float* x = small.values.data() + 4 * i;
      double p[3], sum = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        p[c] = fit.bias[c];
        for (std::size_t j = 0; j < 4; ++j) p[c] += fit.weights[4 * c + j] * double(x[j]);
        sum += p[c] = std::exp(p[c]);
      }
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t j = 0; j < 4; ++j)
          slope[4 * c + j] +=
              (p[c] / sum - (small.labels[static_cast<std::size_t>(i)] == static_cast<int>(c))) *
              double(x[j]);
    }
    for (std::size_t i = 0; i < slope.size(); ++i)
      QVERIFY(std::abs(slope[i] + l2 * fit.weights[i]) < 1e-4);
  }

  void each_penalty_of_the_path_is_fitted_to_its_optimum() {
    const Features train = alike(300, 21), test = alike(300, 22);
    const LinearResult result = linear_probe(train, train, test, control_);
    QVERIFY(result.path.size() > 3);
    for (const PathPoint& point : result.path) {
      const SoftmaxFit exact = fit_softmax(train, point.l2 * 300, control_);
      QVERIFY(std::abs(point.accuracy - accuracy(exact, train)) <= 1.0 / 300);
    }
  }

  void scales_do_not_matter() {
    const LinearResult result =
        linear_probe(clouds(600, 2), clouds(300, 3), clouds(300, 4), control_);
    QVERIFY(result.test.top1 > 0.85);
    QCOMPARE(result.test.predictions.size(), std::size_t{300});
    QCOMPARE(result.test.confusion.size(), std::size_t{3});
  }

  void the_penalty_is_chosen_on_the_validation_images() {
    const Features train = clouds(60, 5, 2.0), validation = clouds(300, 6, 2.0);
    const Features test = clouds(300, 7, 2.0);
    const LinearResult result = linear_probe(train, validation, test, control_);
    double best = 0, first_best = 0;
    for (const PathPoint& point : result.path)
      if (point.accuracy > best) best = point.accuracy, first_best = point.l2;
    QCOMPARE(result.l2, first_best);
    QCOMPARE(result.path.front().l2, 10.0);
    // Labels of the test images have no part in it.
    Features blind = test;
    for (int& label : blind.labels) label = 0;
    QVERIFY(linear_probe(train, validation, blind, control_).test.predictions ==
            result.test.predictions);
  }

  void rows_without_a_label_are_left_out() {
    Features train = clouds(90, 8), more = train;
    more.rows += 1;
    more.labels.push_back(-1);
    for (int j = 0; j < 4; ++j) more.values.push_back(1e6F);
    const Features validation = clouds(60, 9), test = clouds(60, 10);
    QVERIFY(linear_probe(more, validation, test, control_).test.predictions ==
            linear_probe(train, validation, test, control_).test.predictions);
    for (int& label : train.labels) label = -1;
    QVERIFY_EXCEPTION_THROWN(linear_probe(train, validation, test, control_), InputError);
  }

  void one_class_and_values_that_are_no_numbers_are_told() {
    Features train = clouds(90, 8);
    const Features validation = clouds(60, 9), test = clouds(60, 10);
    Features broken = test;
    broken.values[2] = std::nanf("");
    QVERIFY_EXCEPTION_THROWN(linear_probe(train, validation, broken, control_), InputError);
    for (int& label : train.labels) label = 1;
    QVERIFY_EXCEPTION_THROWN(linear_probe(train, validation, test, control_), InputError);
  }

  void constant_features_give_the_most_frequent_class() {
    Features train{9, 2, std::vector<float>(18, 0.1f), {}, {0, 1, 1, 1, 1, 2, 1, 0, 1}};
    const LinearResult result = linear_probe(train, train, train, control_);
    QCOMPARE(result.test.predictions, std::vector<int>(9, 1));
  }

  void steps_come_as_far_as_the_optimum() {
    const Features train = clouds(600, 2, 0.3), validation = clouds(300, 3, 0.3);
    const Features test = clouds(300, 4, 0.3);
    const LinearResult exact = linear_probe(train, validation, test, control_);
    const LinearResult stepped = linear_probe(train, validation, test, control_, {"sgd"}, 5);
    QVERIFY(exact.test.top1 > 0.95);
    QVERIFY(std::abs(stepped.test.top1 - exact.test.top1) <= 0.01);
    QCOMPARE(stepped.steps, std::int64_t{90 * 3});  // batches of 256 out of 600, the last smaller
    QVERIFY(stepped.path.empty() && exact.rates.empty());
    // By the seed, and only by it.
    const auto predicted = [&](std::uint64_t seed) {
      return linear_probe(train, validation, test, control_, {"sgd", 2, 16}, seed);
    };
    QVERIFY(predicted(7).test.predictions == predicted(7).test.predictions);
    bool differs = false;
    for (std::size_t i = 0; i < predicted(7).rates.size(); ++i)
      differs |= predicted(7).rates[i].accuracy != predicted(8).rates[i].accuracy;
    QVERIFY(differs);
  }

  void the_rate_of_the_steps_is_chosen_on_the_validation_images() {
    const Features train = clouds(60, 5, 2.0), validation = clouds(300, 6, 2.0);
    const Features test = clouds(300, 7, 2.0);
    const LinearResult result = linear_probe(train, validation, test, control_, {"sgd"});
    double best = -1, first_best = 0;
    for (const RatePoint& point : result.rates)
      if (point.accuracy > best) best = point.accuracy, first_best = point.rate;
    QCOMPARE(result.rate, first_best);
    // Neither the labels nor the features of the test images have a part in it.
    Features other = clouds(300, 99, 9.0);
    const LinearResult same = linear_probe(train, validation, other, control_, {"sgd"});
    for (std::size_t i = 0; i < result.rates.size(); ++i)
      QCOMPARE(same.rates[i].accuracy, result.rates[i].accuracy);
    Features blind = test;
    for (int& label : blind.labels) label = 0;
    QVERIFY(linear_probe(train, validation, blind, control_, {"sgd"}).test.predictions ==
            result.test.predictions);
  }

  void a_solver_that_is_none_is_told() {
    const Features few = clouds(30, 1);
    QVERIFY_EXCEPTION_THROWN(linear_probe(few, few, few, control_, {"sdg"}), InputError);
    QVERIFY_EXCEPTION_THROWN(linear_probe(few, few, few, control_, {"sgd", 0}), InputError);
  }

  void a_stop_is_heard() {
    Control stopped;
    stopped.request_stop();
    for (const char* solver : {"lbfgs", "sgd"})
      QVERIFY_EXCEPTION_THROWN(
          linear_probe(clouds(90, 1), clouds(60, 2), clouds(60, 3), stopped, {solver}), Cancelled);
  }
};

SELFSIGHT_SUITE(TestLinear, QCoreApplication);
#include "test_linear.moc"
