#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

/// Squares of which only every third has a label, in the training split, the validation split or
/// both.
class PartlyLabelled : public Squares {
 public:
  PartlyLabelled(bool train, bool validation, std::int64_t held_out = 20)
      : Squares(90, held_out), train_(train), validation_(validation) {}
  int label(std::int64_t index) const override {
    const bool may = split(index) == Split::train ? train_ : validation_;
    return may && index % 3 == 0 ? Squares::label(index) : -1;
  }

 private:
  bool train_, validation_;
};

struct Heard {
  std::vector<EpochMetrics> epochs;
  Features bank, queries;
};

Heard trained_on(const PartlyLabelled& set) {
  const QTemporaryDir folder;
  Settings settings = tiny_run("simclr");
  settings.set("train.epochs", 1.0);
  settings.set("monitor.every_epochs", 1.0);
  Heard out;
  const KnnScore score = [&out](const Features& bank, const Features& queries) {
    out.bank = bank;
    out.queries = queries;
    return 0.5;
  };
  Listener listener;
  train({settings, std::make_shared<PartlyLabelled>(set), folder.path().toStdString(), {}, score},
        listener, listener.control);
  out.epochs = listener.epochs;
  return out;
}

bool all_labelled(const Features& rows) {
  return std::all_of(rows.labels.begin(), rows.labels.end(), [](int label) { return label >= 0; });
}

}  // namespace

class TestMonitor : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void only_images_with_a_label_are_asked_and_vote() {
    const Heard heard = trained_on({true, true});
    QCOMPARE(heard.bank.rows, 24);    // of the 70 for training
    QCOMPARE(heard.queries.rows, 6);  // of the other 20
    QVERIFY(all_labelled(heard.bank) && all_labelled(heard.queries));
    QCOMPARE(heard.epochs.size(), std::size_t{2});
    for (const EpochMetrics& epoch : heard.epochs) QCOMPARE(*epoch.knn, 0.5);
  }

  void one_validation_image_is_no_collapse() {
    for (const bool labels : {false, true})
      for (const EpochMetrics& epoch : trained_on({labels, labels, labels ? 3 : 1}).epochs)
        QVERIFY(epoch.feature_std > 0);
  }

  void without_labels_on_either_side_there_is_no_accuracy() {
    for (const PartlyLabelled& set :
         {PartlyLabelled(true, false), PartlyLabelled(false, true), PartlyLabelled(false, false)}) {
      QVERIFY(set.labelled());
      const Heard heard = trained_on(set);
      QCOMPARE(heard.bank.rows, 0);
      QCOMPARE(heard.epochs.size(), std::size_t{2});
      for (const EpochMetrics& epoch : heard.epochs) QVERIFY(!epoch.knn && epoch.feature_std > 0);
    }
  }
};

SELFSIGHT_SUITE(TestMonitor, QCoreApplication);
#include "test_monitor.moc"
