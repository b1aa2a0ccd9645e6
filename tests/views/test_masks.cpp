#include <QtTest>

#include "core/views/masks.h"
#include "tests/suite.h"

using namespace selfsight;

class TestMasks : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void the_count_is_maes_for_any_grid_and_ratio() {
    for (const char* kind : {"random", "block"})
      for (const auto& [rows, columns] : {std::pair{2, 2}, {7, 7}, {8, 8}, {14, 14}, {3, 9}})
        for (const double ratio : {0.05, 0.4, 0.6, 0.75, 0.95})
          for (std::uint64_t i = 0; i < 20; ++i) {
            const Mask mask = make_mask({kind, ratio, 1}, rows, columns, {1, 0, i, 0});
            const int patches = rows * columns;
            const int keep = std::clamp(static_cast<int>(patches * (1 - ratio)), 1, patches - 1);
            QCOMPARE(mask.count(), patches - keep);
            QCOMPARE(mask.hidden.size(), static_cast<std::size_t>(patches));
          }
  }

  void a_mask_is_a_function_of_its_key() {
    const MaskOptions options;
    const auto of = [&](std::uint64_t sample) {
      return make_mask(options, 8, 8, {4, 2, sample, 0}).hidden;
    };
    QVERIFY(of(3) == of(3));
    QVERIFY(of(3) != of(4));
  }

  void every_patch_is_hidden_as_often_as_any_other() {
    constexpr int n = 4000;
    std::vector<int> counts(64);
    for (std::uint64_t i = 0; i < n; ++i) {
      const Mask mask = make_mask({"random", 0.75, 1}, 8, 8, {6, 0, i, 0});
      for (std::size_t p = 0; p < 64; ++p) counts[p] += mask.hidden[p];
    }
    for (const int count : counts)
      QVERIFY(std::abs(count - 0.75 * n) < 5 * std::sqrt(n * 0.75 * 0.25));
  }

  void blocks_hold_together_better_than_chance() {
    const auto joints = [](const Mask& mask) {
      int both = 0;
      for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x + 1 < mask.columns; ++x) {
          const auto at = static_cast<std::size_t>(y * mask.columns + x);
          both += mask.hidden[at] && mask.hidden[at + 1];
        }
      return both;
    };
    int random = 0, block = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
      random += joints(make_mask({"random", 0.4, 1}, 14, 14, {7, 0, i, 0}));
      block += joints(make_mask({"block", 0.4, 1}, 14, 14, {7, 0, i, 0}));
    }
    QVERIFY2(block > 1.4 * random, qPrintable(QStringLiteral("%1 %2").arg(block).arg(random)));
  }
};

SELFSIGHT_SUITE(TestMasks, QCoreApplication);
#include "test_masks.moc"
