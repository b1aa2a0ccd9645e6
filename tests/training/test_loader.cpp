#include <QTest>
#include <algorithm>
#include <atomic>
#include <numeric>
#include <set>

#include "core/training/features.h"
#include "core/training/loader.h"
#include "tests/suite.h"
#include "tests/training/sets.h"

using namespace selfsight;

namespace {

LoaderOptions small_options() {
  LoaderOptions options;
  options.input.views.size = 8;
  options.channels = 1;
  options.normalisation = {{0.5}, {0.25}};
  options.seed = 7;
  options.batch_size = 20;
  options.end_step = 6;
  options.input.mask.ratio = 0.5;
  options.input.patch_size = 2;
  return options;
}

std::vector<std::int64_t> first(std::int64_t count) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

std::vector<LoadedBatch> all_batches(const Dataset& dataset, const LoaderOptions& options) {
  Loader loader(dataset, first(dataset.size()), options);
  std::vector<LoadedBatch> out;
  for (auto step = options.first_step; step < options.end_step; ++step)
    out.push_back(loader.next());
  return out;
}

bool equal(const LoadedBatch& a, const LoadedBatch& b) {
  const auto same = [](const auto& x, const auto& y, auto member) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [&](const auto& p, const auto& q) { return p.*member == q.*member; });
  };
  return a.step == b.step && a.samples == b.samples && a.targets == b.targets &&
         a.labels == b.labels && same(a.views, b.views, &LoadedViews::values) &&
         same(a.masks, b.masks, &LoadedMasks::hidden);
}

/// Tells how often an image was decoded.
class Counted : public Squares {
 public:
  using Squares::Squares;
  cv::Mat image(std::int64_t index) const override {
    ++decoded;
    return Squares::image(index);
  }
  mutable std::atomic<std::size_t> decoded = 0;
};

constexpr InputKind every_kind[] = {InputKind::two_views,      InputKind::multi_crop,
                                    InputKind::masked_view,    InputKind::masked_views,
                                    InputKind::multi_block,    InputKind::rotated,
                                    InputKind::tiles,          InputKind::patch_pair,
                                    InputKind::grey_to_colour, InputKind::hidden_region};

}  // namespace

class TestLoader : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void an_epoch_is_a_permutation() {
    const auto images = first(50);
    auto order = epoch_order(images, 3, 0);
    QVERIFY(order != images);
    QVERIFY(order == epoch_order(images, 3, 0));
    QVERIFY(order != epoch_order(images, 3, 1));
    QVERIFY(order != epoch_order(images, 4, 0));
    std::sort(order.begin(), order.end());
    QVERIFY(order == images);
  }

  void workers_do_not_matter() {
    const Squares squares(53, 0);
    for (const InputKind kind : every_kind) {
      LoaderOptions options = small_options();
      options.input.kind = kind;
      options.labels = true;
      const auto alone = all_batches(squares, options);
      options.workers = 4;
      options.cache_bytes = 1000;
      const auto together = all_batches(squares, options);
      for (std::size_t i = 0; i < alone.size(); ++i) QVERIFY(equal(alone[i], together[i]));
    }
  }

  void no_more_images_are_kept_than_memory_is_given() {
    constexpr std::size_t image_bytes = 64;
    for (const std::size_t kept : {std::size_t{0}, std::size_t{15}, std::size_t{1000}}) {
      const Counted squares(53, 0);
      LoaderOptions options = small_options();
      options.cache_bytes = kept * image_bytes + image_bytes / 2;
      std::size_t decoded = 0;
      std::set<std::int64_t> known;
      for (const LoadedBatch& batch : all_batches(squares, options))
        for (const std::int64_t id : batch.samples) {
          if (known.contains(id)) continue;
          ++decoded;
          if (known.size() < kept) known.insert(id);
        }
      QCOMPARE(squares.decoded.load(), decoded);
    }
  }

  void starting_later_does_not_matter() {
    const Squares squares(53, 0);
    LoaderOptions options = small_options();
    const auto whole = all_batches(squares, options);
    options.first_step = 3;  // in the middle of the second epoch
    const auto rest = all_batches(squares, options);
    QCOMPARE(rest.size(), std::size_t{3});
    for (std::size_t i = 0; i < rest.size(); ++i) QVERIFY(equal(whole[i + 3], rest[i]));
  }

  void batches_hold_what_the_views_place_replays() {
    const Squares squares(53, 0);
    const std::size_t step = 3, row = 11;  // two steps an epoch: the second of epoch 1
    const auto at = [](const auto& values, std::size_t length) {
      return values.begin() + static_cast<std::ptrdiff_t>(row * length);
    };
    for (const InputKind kind : every_kind) {
      LoaderOptions options = small_options();
      options.input.kind = kind;
      const LoadedBatch batch = all_batches(squares, options)[step];
      const std::int64_t sample = batch.samples[row];
      const auto order = epoch_order(first(53), 7, 1);
      QCOMPARE(sample, order[20 + row]);
      QCOMPARE(batch_of(order, sample, 20), 1);
      const Input input = make_input(squares.image(sample), options.input,
                                     {7, 1, static_cast<std::uint64_t>(sample), 1});
      QCOMPARE(batch.views.size(), input.views.size());
      for (std::size_t v = 0; v < input.views.size(); ++v) {
        const auto side = static_cast<std::size_t>(batch.views[v].side);
        std::vector<float> expected(side * side);
        to_planar(input.views[v].image, options.normalisation, 1, expected);
        QVERIFY(
            std::equal(expected.begin(), expected.end(), at(batch.views[v].values, side * side)));
      }
      QCOMPARE(batch.masks.size(), input.masks.size());
      for (std::size_t m = 0; m < input.masks.size(); ++m) {
        const std::vector<std::uint8_t>& hidden = input.masks[m].hidden;
        QVERIFY(std::equal(hidden.begin(), hidden.end(), at(batch.masks[m].hidden, hidden.size())));
      }
      QCOMPARE(batch.targets.empty(), input.target < 0);
      if (input.target >= 0) QCOMPARE(batch.targets[row], input.target);
      QVERIFY(batch.labels.empty());
    }
  }

  void labels_come_where_they_are_asked_for() {
    const Squares squares(53, 0);
    LoaderOptions options = small_options();
    options.labels = true;
    for (const LoadedBatch& batch : all_batches(squares, options))
      for (std::size_t i = 0; i < 20; ++i)
        QCOMPARE(batch.labels[i], std::int64_t{squares.label(batch.samples[i])});
  }

  void an_image_that_fills_no_batch_is_in_none() {
    const std::vector<std::int64_t> order{5, 3, 8, 1, 2};
    QCOMPARE(batch_of(order, 8, 2), 1);
    QCOMPARE(batch_of(order, 2, 2), 0);
    QCOMPARE(batch_of(order, 77, 2), 0);
  }

  void broken_images_are_replaced_and_named_once() {
    const std::set<std::int64_t> broken{4, 17, 30};
    const Squares squares(53, 0, broken);
    LoaderOptions options = small_options();
    options.end_step = 10;
    options.workers = 3;
    Loader loader(squares, first(53), options);
    std::vector<BrokenImage> named;
    for (int step = 0; step < 10; ++step) {
      const LoadedBatch& batch = loader.next();
      for (const std::int64_t sample : batch.samples) QVERIFY(!broken.contains(sample));
      for (BrokenImage& image : loader.take_broken()) named.push_back(image);
    }
    QCOMPARE(named.size(), broken.size());
    QCOMPARE(named[0].reason, std::string("is cut off"));
    options.workers = 1;
    const auto again = all_batches(squares, options);
    QVERIFY(equal(again[9], all_batches(squares, options)[9]));
  }

  void a_set_of_broken_images_is_an_error() {
    std::set<std::int64_t> all;
    for (std::int64_t i = 0; i < 40; ++i) all.insert(i);
    const Squares squares(40, 0, all);
    Loader loader(squares, first(40), small_options());
    QVERIFY_EXCEPTION_THROWN(loader.next(), Error);
  }

  void a_loader_can_be_left_at_any_time() {
    const Squares squares(53, 0);
    LoaderOptions options = small_options();
    options.end_step = 1000;
    options.workers = 4;
    { const Loader unused(squares, first(53), options); }
    Loader loader(squares, first(53), options);
    QCOMPARE(loader.next().step, 0);
  }

  void samples_keep_the_share_of_each_class() {
    const Squares squares(100, 0);
    auto indices = first(100);
    indices.erase(
        std::remove_if(indices.begin(), indices.end(), [](auto i) { return i % 2 == 1 && i > 50; }),
        indices.end());  // 50 even, 25 odd
    const auto sample = stratified_sample(squares, indices, 30, 1);
    QCOMPARE(sample.size(), std::size_t{30});
    QCOMPARE(std::count_if(sample.begin(), sample.end(), [](auto i) { return i % 2 == 0; }), 20);
    QVERIFY(std::is_sorted(sample.begin(), sample.end()));
    QVERIFY(sample == stratified_sample(squares, indices, 30, 1));
    QVERIFY(sample != stratified_sample(squares, indices, 30, 2));
    QVERIFY(stratified_sample(squares, indices, 500, 1) == indices);
    QVERIFY(stratified_sample(squares, {}, 5, 1).empty());
    QCOMPARE(random_sample(indices, 10, 1).size(), std::size_t{10});
  }

  void spread_of_known_rows() {
    Features rows;
    rows.rows = 2;
    rows.columns = 2;
    rows.values = {2, 0, 0, 5};  // normalised: the two unit vectors; each column {1, 0}
    QVERIFY(std::abs(feature_std(rows) - std::sqrt(0.5)) < 1e-12);
    rows.values = {1, 2, 2, 4};
    QVERIFY(feature_std(rows) < 1e-7);
  }
};

SELFSIGHT_SUITE(TestLoader, QCoreApplication);
#include "test_loader.moc"
