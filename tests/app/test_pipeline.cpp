// What the window and the command line share, where a run has gone wrong.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "app/jobs/pipeline_exchange.h"
#include "app/jobs/pipeline_maps.h"
#include "app/jobs/pipeline_placing.h"
#include "core/base/error.h"
#include "core/base/tensor_file.h"
#include "core/spec/preset.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// As a run whose loss ran away leaves it.
void make_diverged(const std::filesystem::path& checkpoint) {
  TensorFile file = load_tensors(checkpoint);
  file.metadata.erase("sha256");
  for (auto& [name, tensor] : file.tensors)
    if (name.starts_with("model.") && tensor.dtype == "F32")
      std::fill(tensor.bytes.begin(), tensor.bytes.end(), std::byte{0xFF});  // not a number
  save_tensors(checkpoint, file);
}

/// A grid of 10 columns and 6 rows one apart, row by row, and its map: the same, ten times as wide.
Features grid_features() {
  Features grid{60, 2, {}, {}, {}};
  for (int i = 0; i < 60; ++i) {
    grid.values.insert(grid.values.end(), {static_cast<float>(i % 10), static_cast<float>(i / 10)});
    grid.ids.push_back(100 + i);
    grid.labels.push_back(-1);
  }
  return grid;
}

std::vector<float> grid_map() {
  std::vector<float> xy = grid_features().values;
  for (float& value : xy) value *= 10;
  return xy;
}

}  // namespace

class TestPipeline : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

 private Q_SLOTS:
  void a_diverged_checkpoint_is_left_out_of_a_sequence_and_named() {
    Settings settings = find_preset("simclr-fashion-quick", run_schema).settings;
    const std::shared_ptr<const Dataset> dataset = open_dataset("procedural:200");
    settings.set("views.size", std::int64_t{8});
    settings.set("train.batch_size", std::int64_t{32});
    settings.set("train.epochs", 2.0);
    settings.set("train.keep_checkpoints", std::int64_t{10});
    settings.set("monitor.every_epochs", 1.0);
    const std::filesystem::path folder = folder_.path().toStdString();
    Store store(folder);
    Control control;
    const std::int64_t run = prepare_run(store, settings, *dataset);
    run_training(folder, run, dataset, nullptr, control);
    const auto checkpoints = store.checkpoints(run);
    QVERIFY(checkpoints.size() >= 2);

    SequenceRequest request;
    request.tsne.perplexity = 5;
    request.tsne.iterations = 30;
    const auto others = open_dataset("procedural:250");
    const auto own = make_map_sequence(folder, run, *dataset, request, control);
    const auto foreign = make_map_sequence(folder, run, *others, request, control);
    const auto newest = [&](const std::string& fingerprint) {
      const auto frames = stored_sequence(store, run, fingerprint);
      return frames.empty() ? 0 : frames.back().id;
    };
    QCOMPARE(newest({}), own.back().id);
    QCOMPARE(newest(dataset->fingerprint()), own.back().id);
    QCOMPARE(newest(others->fingerprint()), foreign.back().id);
    QCOMPARE(newest("another"), 0);

    make_diverged(checkpoints.back().info.file);
    const auto maps = make_map_sequence(folder, run, *dataset, request, control);
    QCOMPARE(maps.size(), checkpoints.size() - 1);
    QCOMPARE(stored_sequence(store, run).size(), maps.size());
    const std::string words = left_out_words(maps);
    QVERIFY2(words.ends_with("the checkpoints of epoch 2."), words.c_str());

    for (const StoredCheckpoint& checkpoint : checkpoints) make_diverged(checkpoint.info.file);
    QVERIFY_EXCEPTION_THROWN(make_map_sequence(folder, run, *dataset, request, control),
                             InputError);
  }

  void a_map_of_other_images_is_not_taken_for_one_of_the_runs_own() {
    Store store(folder_.filePath(QStringLiteral("maps")).toStdString());
    const auto dataset = open_dataset("procedural:60");
    const std::int64_t run =
        store.create_run("run", find_preset("simclr-fashion-quick", run_schema).settings, *dataset);
    StoredMap map;
    map.run = run;
    map.method = "pca";
    map.ids = {0};
    map.xy = {0, 0};
    const auto add = [&](const std::string& protocol) {
      map.protocol = protocol;
      return store.add_map(map);
    };
    const std::int64_t old = add("{}"), broken = add("{\"dataset_fingerprint\":3}");
    const std::int64_t other = add("{\"dataset_fingerprint\":\"other\"}");
    const std::int64_t own = add("{\"dataset_fingerprint\":\"" + dataset->fingerprint() + "\"}");
    const auto ids = [&](const std::string& fingerprint) {
      std::vector<std::int64_t> out;
      for (const StoredMap& one : map_heads_of(store, run, fingerprint)) out.push_back(one.id);
      return out;
    };
    QCOMPARE(ids(dataset->fingerprint()), (std::vector<std::int64_t>{old, broken, own}));
    QCOMPARE(ids("other"), (std::vector<std::int64_t>{other}));
  }

  void a_queued_run_that_fails_before_its_first_step_has_failed() {
    const QTemporaryDir folder;
    Store store(folder.path().toStdString());
    const auto dataset = open_dataset("procedural:60"), other = open_dataset("procedural:61");
    Settings settings = find_preset("simclr-fashion-quick", run_schema).settings;
    settings.set("train.batch_size", std::int64_t{16});
    const std::int64_t run = prepare_run(store, settings, *dataset, RunStatus::queued);
    QCOMPARE(store.take_queued().value_or(0), run);
    QVERIFY(store.holds_run(run));
    Control control;
    QVERIFY_EXCEPTION_THROWN(run_training(store.folder(), run, other, nullptr, control),
                             InputError);
    QCOMPARE(to_string(store.run(run).status), std::string("failed"));
    QVERIFY(store.run(run).reason.find("have changed") != std::string::npos);
    QVERIFY(!store.holds_run(run));

    // One that waits is no worse for the images that were tried, and one that failed can wait
    // again.
    store.queue_run(run);
    QVERIFY_EXCEPTION_THROWN(run_training(store.folder(), run, other, nullptr, control),
                             InputError);
    QCOMPARE(to_string(store.run(run).status), std::string("queued"));

    // No folder for its files: a file is in the way.
    QFile in_the_way(folder.filePath(QStringLiteral("runs")));
    QVERIFY(in_the_way.open(QIODevice::WriteOnly));
    QCOMPARE(store.take_queued().value_or(0), run);
    QVERIFY_EXCEPTION_THROWN(run_training(store.folder(), run, dataset, nullptr, control), Error);
    QCOMPARE(to_string(store.run(run).status), std::string("failed"));
    QVERIFY(in_the_way.remove());
    store.delete_run(run);
    QVERIFY(store.runs().empty());
  }

  void a_copy_of_a_mapped_row_is_placed_beside_its_twin() {
    Features known = grid_features();
    std::vector<std::int64_t> ids = known.ids;
    std::vector<float> xy = grid_map();
    ids.push_back(7);  // without features
    xy.insert(xy.end(), {-500, -500});
    known.values.insert(known.values.end(), {3, 2});  // not on the map
    known.ids.push_back(8);
    known.labels.push_back(-1);
    ++known.rows;
    const Features fresh{2, 2, {3, 2, 6, 3}, {0, 1}, {-1, -1}};
    const auto places = places_on_map(fresh, known, ids, xy, 3, Control());
    QCOMPARE(places.size(), 4U);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const float off = std::abs(places[i] - 10 * fresh.values[i]);
      QVERIFY2(off < 5, qPrintable(QString::number(off)));
    }
  }

  void too_few_images_for_a_map_are_told_with_what_helps() {
    const auto said = [](std::size_t images, std::size_t candidates, const char* split) {
      try {
        check_enough(images, candidates, split, {});
      } catch (const InputError& error) {
        return QString::fromUtf8(error.what());
      }
      return QString();
    };
    QVERIFY(said(92, 92, "held-out").isEmpty());
    QVERIFY(said(57, 57, "held-out")
                .endsWith("there are 57 of these splits. Map all images, or take a perplexity of "
                          "18 or less."));
    QVERIFY(said(91, 5000, "held-out").contains("Lay out more of them, or take"));
    QVERIFY(said(5, 5, "all").endsWith("and there are 5. Open more images."));
  }

  void few_mapped_rows_lower_the_perplexity_and_too_few_have_no_place() {
    const Features known = grid_features();
    const Features fresh{1, 2, {3, 2}, {0}, {-1}};
    const std::vector<float> xy = grid_map();
    const auto on_map_of = [&](std::ptrdiff_t count) {
      return places_on_map(fresh, known, {known.ids.begin(), known.ids.begin() + count}, xy, 30,
                           Control());
    };
    const auto places = on_map_of(6);
    QCOMPARE(places.size(), 2U);
    QVERIFY(std::isfinite(places[0]) && std::isfinite(places[1]));
    QVERIFY(on_map_of(3).empty());
  }

  void a_table_does_not_take_the_place_of_its_matrix() {
    QCOMPARE(table_beside("features.npy").string(), std::string("features.csv"));
    QVERIFY_EXCEPTION_THROWN(table_beside("features.csv"), InputError);
  }

  void rows_that_are_no_numbers_are_dropped() {
    const Features whole =
        finite_rows({3, 2, {1, 2, 3, std::nanf(""), 5, 6}, {10, 11, 12}, {0, 1, 2}});
    QCOMPARE(whole.rows, 2);
    QCOMPARE(whole.values, (std::vector<float>{1, 2, 5, 6}));
    QCOMPARE(whole.ids, (std::vector<std::int64_t>{10, 12}));
    QCOMPARE(whole.labels, (std::vector<int>{0, 2}));
  }
};

SELFSIGHT_SUITE(TestPipeline, QCoreApplication);
#include "test_pipeline.moc"
