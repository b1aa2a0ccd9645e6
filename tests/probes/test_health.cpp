#include "core/probes/health.h"

#include <QTest>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Every direction alike, up to `used` of them.
Features gaussian(std::int64_t rows, std::int64_t columns, std::int64_t used,
                  std::uint64_t seed = 1) {
  Features out;
  out.rows = rows;
  out.columns = columns;
  Random random{seed};
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      out.values.push_back(j < used ? static_cast<float>(random.normal()) : 0.0F);
  return out;
}

/// Each row twice, the second time with some noise.
Features with_noise(const Features& clean, double noise) {
  Features out;
  out.rows = 2 * clean.rows;
  out.columns = clean.columns;
  Random random{9};
  for (std::int64_t i = 0; i < clean.rows; ++i)
    for (int view = 0; view < 2; ++view)
      for (std::int64_t j = 0; j < clean.columns; ++j)
        out.values.push_back(clean.values[static_cast<std::size_t>(i * clean.columns + j)] +
                             static_cast<float>(view * noise * random.normal()));
  return out;
}

}  // namespace

class TestHealth : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void features_of_every_direction_are_healthy() {
    const Health h = health(gaussian(500, 16, 16), {}, 0, Control());
    QVERIFY(h.effective_rank > 15 && h.effective_rank <= 16);
    QVERIFY(h.rank_me > 15 && h.rank_me <= 16.01);
    QVERIFY(std::abs(h.feature_std / h.feature_std_healthy - 1) < 0.05);
    QVERIFY(h.uniformity < -3);
    QVERIFY(!h.alignment && !h.lidar && h.correlation.empty());
    QVERIFY2(h.verdict.starts_with("Healthy"), h.verdict.c_str());
    QCOMPARE(h.spectrum.size(), std::size_t(16));
  }

  void constant_features_are_collapsed() {
    Features constant = gaussian(100, 8, 8);
    constant.values.assign(800, 0.3F);
    const Health h = health(constant, {}, 0, Control());
    QCOMPARE(h.feature_std, 0.0);
    QCOMPARE(h.effective_rank, 0.0);
    QCOMPARE(h.uniformity, 0.0);
    QVERIFY(std::isfinite(h.rank_me) && !h.power_law);
    QVERIFY2(h.verdict.starts_with("Collapsed"), h.verdict.c_str());
  }

  void constant_features_have_no_lidar() {
    Features constant = gaussian(40, 8, 8);
    constant.values.assign(320, 0.3F);
    const Health h = health(constant, with_noise(constant, 0), 2, Control());
    QVERIFY2(h.verdict.starts_with("Collapsed"), h.verdict.c_str());
    QVERIFY(!h.lidar);
    const Features clean = gaussian(40, 8, 8);
    QVERIFY(*health(clean, with_noise(clean, 0.1), 2, Control()).lidar > 4);
  }

  void a_few_images_say_nothing() {
    for (const std::int64_t images : {2, 9}) {
      const Health h = health(gaussian(images, 16, 16), {}, 0, Control());
      QVERIFY2(h.verdict.find("too few images") != std::string::npos, h.verdict.c_str());
    }
    // Ten images have nine directions between them, and these use them all.
    const Health ten = health(gaussian(10, 400, 400), {}, 0, Control());
    QVERIFY2(ten.verdict.find("of 9 directions") != std::string::npos, ten.verdict.c_str());
    QVERIFY2(ten.verdict.starts_with("Healthy"), ten.verdict.c_str());
  }

  void few_directions_are_told_from_many() {
    const Health h = health(gaussian(500, 64, 4), {}, 0, Control());
    QVERIFY(h.effective_rank > 3.9 && h.effective_rank <= 4.001);
    QVERIFY2(h.verdict.starts_with("Dimensional collapse"), h.verdict.c_str());
    const Health narrow = health(gaussian(500, 64, 14), {}, 0, Control());
    QVERIFY2(narrow.verdict.starts_with("Narrow"), narrow.verdict.c_str());
  }

  void views_that_coincide_are_aligned() {
    const Features clean = gaussian(200, 8, 8);
    const Health same = health(clean, with_noise(clean, 0), 2, Control());
    QVERIFY(std::abs(*same.alignment) < 1e-12);
    QVERIFY(std::abs(same.correlation_diagonal - 1) < 1e-6);
    QVERIFY(same.correlation_rest < 0.2);
    const Health apart = health(clean, with_noise(clean, 50), 2, Control());
    QVERIFY(*apart.alignment > 1.5);
    QVERIFY(apart.correlation_diagonal < 0.3);
    QVERIFY(apart.verdict.find("far apart") != std::string::npos);
    QVERIFY(std::isfinite(*apart.lidar) && *apart.lidar <= 8.001);
  }

  void a_power_law_is_found_again() {
    std::vector<double> variances;
    for (int j = 1; j <= 200; ++j) variances.push_back(3 * std::pow(j, -1.5));
    const auto law = power_law(variances, 10, 100);
    QVERIFY(law && std::abs(law->alpha - 1.5) < 1e-9 && std::abs(law->r2.value() - 1) < 1e-9);
    QCOMPARE(law->ranks, std::int64_t{90});
    QVERIFY(std::abs(law->log_scale - std::log(3)) < 1e-9);
    const auto few = power_law(std::span(variances).first(13), 10, 100);
    QVERIFY(few && !few->r2);  // there are none beyond the noise that it leaves out
    QCOMPARE(few->ranks, std::int64_t{3});
    QVERIFY(!power_law(variances, 10, 11));
    QVERIFY(!power_law(std::vector<double>{1, 0, 0}, 0, 3));
  }

  void rows_that_are_no_numbers_are_left_out() {
    Features some = gaussian(50, 4, 4);
    some.values[9] = std::nanf("");
    const Health h = health(some, {}, 0, Control());
    QCOMPARE(h.images, 49);
    QCOMPARE(h.left_out, 1);
    QVERIFY2(h.verdict.find("Of 50 images 1 are left out") != std::string::npos, h.verdict.c_str());
    QCOMPARE(health(gaussian(50, 4, 4), {}, 0, Control()).left_out, 0);
    some.values.assign(some.values.size(), std::nanf(""));
    QVERIFY_EXCEPTION_THROWN(health(some, {}, 0, Control()), InputError);
    QVERIFY_EXCEPTION_THROWN(health(gaussian(1, 4, 4), {}, 0, Control()), InputError);
    QVERIFY_EXCEPTION_THROWN(health(gaussian(9, 4, 4), gaussian(9, 4, 4), 2, Control()),
                             InputError);
  }

  void too_few_views_are_refused() {
    QVERIFY_EXCEPTION_THROWN(lidar({4, 2, std::vector<double>(8)}, 1), InputError);
    QVERIFY_EXCEPTION_THROWN(lidar({2, 2, std::vector<double>(4)}, 2), InputError);
  }
};

SELFSIGHT_SUITE(TestHealth, QCoreApplication);
#include "test_health.moc"
