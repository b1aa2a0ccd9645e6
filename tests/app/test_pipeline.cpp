// What the window and the command line share, where a run has gone wrong.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "app/jobs/pipeline_maps.h"
#include "core/base/error.h"
#include "core/base/tensor_file.h"
#include "core/spec/preset.h"

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
};

QTEST_GUILESS_MAIN(TestPipeline)
#include "test_pipeline.moc"
