#include "core/maps/sequence.h"

#include <QTest>

#include "core/base/error.h"
#include "core/maps/quality.h"
#include "tests/maps/tables.h"
#include "tests/suite.h"

using namespace selfsight;
using namespace selfsight::tests;

namespace {

constexpr std::int64_t row_count = 600, blob_count = 6;

TsneOptions quick_sequence() {
  TsneOptions options;
  options.perplexity = 15;
  options.iterations = 500;
  options.exaggeration_iterations = 150;
  return options;
}

/// As an encoder learns: one row in four wanders from its blob towards the next one, a little in
/// every frame; the others stay as they are.
bool wanders(std::int64_t row) {
  return row % 4 == 0;
}
Matrix frame(int number, int frames) {
  Matrix rows = blobs(row_count, 12, blob_count);
  const double part = static_cast<double>(number) / frames;
  const Matrix still = rows;
  for (std::int64_t i = 0; i + 1 < rows.rows; ++i)
    for (std::int64_t c = 0; c < rows.columns && wanders(i); ++c) {
      const auto at = static_cast<std::size_t>(i * rows.columns + c);
      rows.values[at] += part * (still.values[at + 12] - still.values[at]);
    }
  return rows;
}

/// Mean distance between two places of the rows that did not wander, in widths of the map.
double displacement(const Matrix& a, const Matrix& b) {
  double sum = 0, count = 0;
  for (std::int64_t i = 0; i < a.rows; ++i) {
    if (wanders(i)) continue;
    const auto at = static_cast<std::size_t>(2 * i);
    sum += std::hypot(a.values[at] - b.values[at], a.values[at + 1] - b.values[at + 1]);
    ++count;
  }
  return sum / count / width_of(b);
}

}  // namespace

class TestSequence : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_turned_and_mirrored_layout_is_laid_back() {
    const Matrix layout{50, 2, scattered(100, 3)};
    for (const double flip : {1.0, -1.0}) {
      Matrix moved = layout;
      for (std::size_t i = 0; i < moved.values.size(); i += 2) {
        const double x = layout.values[i], y = flip * layout.values[i + 1];
        moved.values[i] = 0.6 * x - 0.8 * y + 5;
        moved.values[i + 1] = 0.8 * x + 0.6 * y - 2;
      }
      QVERIFY(difference(aligned(moved, layout).values, layout.values) < 1e-12);
    }
    QVERIFY_EXCEPTION_THROWN(aligned(layout, Matrix{2, 2, {1, 2, 3, 4}}), InputError);
  }

  void twenty_frames_scrub_without_a_jump() {
    MapSequence sequence(quick_sequence());
    Control control;
    Matrix before;
    for (int number = 0; number < 20; ++number) {
      const Matrix rows = frame(number, 20);
      const TsneResult result = sequence.next(rows, control);
      if (number > 0) {
        const double moved = displacement(before, result.layout);
        QVERIFY2(moved < 0.01, qPrintable(QStringLiteral("%1: %2").arg(number).arg(moved)));
      }
      // Standing still is easy: it must also remain a map of what it shows.
      QVERIFY(trustworthiness(rows, result.layout, 10) > 0.9);
      before = result.layout;
    }
  }

  void what_has_wandered_is_among_its_new_neighbours() {
    MapSequence sequence(quick_sequence());
    Control control;
    TsneResult result;
    for (int number = 0; number <= 10; ++number) result = sequence.next(frame(number, 10), control);
    std::vector<int> labels = blob_labels(row_count, blob_count);
    for (std::int64_t i = 0; i + 1 < row_count; ++i)
      if (wanders(i)) labels[static_cast<std::size_t>(i)] = labels[static_cast<std::size_t>(i + 1)];
    QVERIFY(label_purity(result.layout, labels, 5) > 0.95);
  }

  void other_images_are_refused() {
    MapSequence sequence(quick_sequence());
    Control control;
    sequence.next(blobs(200, 5, 4), control);
    QVERIFY_EXCEPTION_THROWN(sequence.next(blobs(201, 5, 4), control), InputError);
  }

  void new_rows_are_placed_among_their_like() {
    const Matrix mapped = blobs(row_count, 12, blob_count);
    Control control;
    const Matrix layout = tsne(mapped, quick_sequence(), control).layout;
    const Matrix fresh = blobs(60, 12, blob_count, 77);
    const Matrix places = placed(fresh, mapped, layout, 15, control);
    // All together: the new ones' neighbours are of their own blob.
    Matrix all = layout;
    all.rows += places.rows;
    all.values.insert(all.values.end(), places.values.begin(), places.values.end());
    QVERIFY(label_purity(all, blob_labels(all.rows, blob_count), 5) > 0.99);
    // Each by itself: alone it goes to the same place.
    const Matrix one{1, 12, {fresh.values.begin(), fresh.values.begin() + 12}};
    const Matrix alone = placed(one, mapped, layout, 15, control);
    QCOMPARE(alone.values[0], places.values[0]);
    QCOMPARE(alone.values[1], places.values[1]);
  }

  void the_lowest_perplexity_places_by_the_nearest() {
    const Matrix mapped = blobs(60, 5, 2), layout{60, 2, scattered(120, 1)};
    const Matrix one{1, 5, {mapped.values.begin(), mapped.values.begin() + 5}};
    const Matrix place = placed(one, mapped, layout, 0.2, Control());
    QVERIFY(std::isfinite(place.values[0]) && std::isfinite(place.values[1]));
  }

  void what_cannot_be_placed_is_refused() {
    const Matrix mapped = blobs(60, 5, 2), layout{60, 2, scattered(120, 1)};
    const Control control;
    QVERIFY_EXCEPTION_THROWN(placed(blobs(3, 4, 1), mapped, layout, 10, control), InputError);
    QVERIFY_EXCEPTION_THROWN(placed(blobs(3, 5, 1), mapped, layout, 30, control), InputError);
    Matrix broken = blobs(3, 5, 1);
    broken.values[4] = std::nan("");
    QVERIFY_EXCEPTION_THROWN(placed(broken, mapped, layout, 10, control), InputError);
  }
};

SELFSIGHT_SUITE(TestSequence, QCoreApplication);
#include "test_sequence.moc"
