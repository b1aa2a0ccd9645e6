// What a run's spread is called, in words.
#include <QTemporaryDir>
#include <QTest>

#include "core/probes/knn.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

class TestVerdict : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void collapse_is_named() {
    QVERIFY(spread_verdict(0.0005, 0.088).starts_with("Collapsed"));
    QVERIFY(spread_verdict(0.079, 0.088).starts_with("Features are spread"));
    QVERIFY(spread_verdict(0.02, 0.088).starts_with("Features are narrow"));
    QVERIFY(spread_verdict(0.079, 0.088, 0.9).starts_with("Features are spread"));
    QVERIFY(spread_verdict(0.079, 0.088, 0.2).starts_with("Collapsed: the projector"));
  }

  void simsiams_answers_draw_together_without_its_stop_gradient() {
    const auto output_spread = [&](bool stop_gradient) {
      Settings settings = tiny_run("simsiam");
      settings.set("method.stop_gradient", stop_gradient);
      settings.set("train.epochs", 30.0);
      settings.set("train.batch_size", std::int64_t{64});
      settings.set("views.crop_min", 0.5);
      settings.set("monitor.every_epochs", 10.0);
      settings.set("optimiser.lr", 0.1);
      settings.set("train.precision", std::string("float32"));
      const QTemporaryDir folder;
      Listener listener;
      train({settings, std::make_shared<Squares>(336, 16), folder.path().toStdString(), {}, {}},
            listener, listener.control);
      if (listener.epochs.front().output_spread) throw Error("It has answered nothing yet.");
      return listener.epochs.back().output_spread.value();
    };
    const double flowing = output_spread(false), stopped = output_spread(true);
    QVERIFY2(flowing < 0.6 * stopped, qPrintable(QString("%1 of %2").arg(flowing).arg(stopped)));
  }
};

SELFSIGHT_SUITE(TestVerdict, QCoreApplication);
#include "test_verdict.moc"
