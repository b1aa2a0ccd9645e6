#include <QTest>
#include <algorithm>
#include <numeric>

#include "core/training/features.h"
#include "core/training/loader.h"
#include "tests/training/sets.h"

using namespace selfsight;

namespace {

LoaderOptions small_options() {
  LoaderOptions options;
  options.views.size = 8;
  options.channels = 1;
  options.normalisation = {{0.5}, {0.25}};
  options.seed = 7;
  options.batch_size = 20;
  options.end_step = 6;
  options.mask.ratio = 0.5;
  options.patch_size = 2;
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
  return a.step == b.step && a.samples == b.samples && a.views == b.views && a.hidden == b.hidden;
}

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
    for (const InputKind input : {InputKind::two_views, InputKind::masked_view}) {
      LoaderOptions options = small_options();
      options.input = input;
      const auto alone = all_batches(squares, options);
      options.workers = 4;
      options.cache_bytes = 1000;
      const auto together = all_batches(squares, options);
      for (std::size_t i = 0; i < alone.size(); ++i) QVERIFY(equal(alone[i], together[i]));
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
    LoaderOptions options = small_options();
    options.input = InputKind::masked_view;
    const auto masked = all_batches(squares, options);
    options.input = InputKind::two_views;
    const auto pairs = all_batches(squares, options);
    const std::size_t step = 3, row = 11;  // two steps an epoch: epoch 1
    const std::int64_t sample = pairs[step].samples[row];
    QCOMPARE(sample, epoch_order(first(53), 7, 1)[20 + row]);
    std::vector<float> expected(64);
    for (std::uint64_t v = 0; v < 2; ++v) {
      const ViewKey key{7, 1, static_cast<std::uint64_t>(sample), v};
      const View view = make_view(squares.image(sample), options.views, key);
      to_planar(view.image, options.normalisation, 1, expected);
      QVERIFY(std::equal(expected.begin(), expected.end(),
                         pairs[step].views[v].begin() + static_cast<std::ptrdiff_t>(row * 64)));
    }
    QCOMPARE(masked[step].views.size(), std::size_t{1});
    const Mask mask = make_mask(options.mask, 4, 4, {7, 1, static_cast<std::uint64_t>(sample), 0});
    QVERIFY(std::equal(mask.hidden.begin(), mask.hidden.end(),
                       masked[step].hidden.begin() + static_cast<std::ptrdiff_t>(row * 16)));
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

QTEST_GUILESS_MAIN(TestLoader)
#include "test_loader.moc"
