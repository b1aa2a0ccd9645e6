// probe and map, as a machine calls them.
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include "core/exchange/npy.h"
#include "tests/cli/program.h"
#include "tests/suite.h"

class TestMeasuring : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  selfsight::Answer ask(const QString& words) const {
    return selfsight::ask_verb(selfsight::words_of(words),
                               folder_.filePath(QStringLiteral("store")));
  }

 private Q_SLOTS:
  void initTestCase() {
    const selfsight::Answer answer = ask(QStringLiteral(
        "train --preset simclr-fashion-quick --data procedural:300 --set train.batch_size=32 "
        "--set views.size=16 --set train.epochs=1 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
  }

  void every_class_has_its_accuracy() {
    const selfsight::Answer answer = ask(QStringLiteral("probe 1 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonObject probe = answer.object();
    const QJsonObject classes = probe[QStringLiteral("classes")].toObject();
    const QJsonArray confusion = probe[QStringLiteral("confusion")].toArray();
    QVERIFY(classes.size() > 1);
    QCOMPARE(confusion.size(), classes.size());
    int right = 0, asked = 0;
    for (int i = 0; i < confusion.size(); ++i)
      for (int j = 0; j < confusion.size(); ++j) {
        const int count = confusion[i].toArray()[j].toInt();
        asked += count;
        right += i == j ? count : 0;
      }
    QVERIFY(asked > 0);
    QCOMPARE(probe[QStringLiteral("accuracy")].toDouble(), double(right) / asked);
    for (const auto& accuracy : classes)
      QVERIFY(accuracy.isNull() || (accuracy.toDouble() >= 0 && accuracy.toDouble() <= 1));
  }

  void the_linear_probe_can_take_steps() {
    const selfsight::Answer answer = ask(QStringLiteral(
        "probe 1 --kind linear --solver sgd --set linear.epochs=30 --no-pixels --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const auto protocol = answer.object()[QStringLiteral("protocol")].toObject();
    QCOMPARE(protocol[QStringLiteral("solver")].toString(), QStringLiteral("sgd"));
    QCOMPARE(protocol[QStringLiteral("epochs")].toDouble(), 30.0);
    QVERIFY(protocol[QStringLiteral("lr")].toDouble() > 0);
    const selfsight::Answer exact =
        ask(QStringLiteral("probe 1 --kind linear --no-baselines --json"));
    QCOMPARE(exact.object()[QStringLiteral("protocol")][QStringLiteral("solver")].toString(),
             QStringLiteral("lbfgs"));
    QVERIFY(ask(QStringLiteral("probe 1 --kind linear --solver sgd --no-baselines"))
                .out.contains("learning rate of"));
    for (const char* wrong : {"--kind knn --solver sgd", "--kind labels --solver sgd",
                              "--kind linear --set linear.epoch=3"})
      QCOMPARE(ask(QStringLiteral("probe 1 %1").arg(QLatin1String(wrong))).status, 2);
  }

  void baselines_may_be_left_out() {
    const selfsight::Answer alone = ask(QStringLiteral("probe 1 --no-baselines --json"));
    QVERIFY2(alone.status == 0, alone.error.constData());
    QVERIFY(alone.object()[QStringLiteral("random_encoder")].isNull());
    QVERIFY(alone.object()[QStringLiteral("raw_pixels")].isNull());
    const selfsight::Answer most = ask(QStringLiteral("probe 1 --no-pixels --json"));
    QVERIFY2(most.status == 0, most.error.constData());
    QVERIFY(most.object()[QStringLiteral("random_encoder")].isDouble());
    QVERIFY(most.object()[QStringLiteral("raw_pixels")].isNull());
    QVERIFY(!ask(QStringLiteral("probe 1 --no-pixels")).out.contains("raw pixels"));
    QCOMPARE(ask(QStringLiteral("probe 1 --kind labels --no-pixels")).status, 2);
  }

  void the_confusion_is_kept_with_the_number() {
    const selfsight::Answer probe = ask(QStringLiteral("probe 1 --json"));
    QVERIFY2(probe.status == 0, probe.error.constData());
    const QJsonArray all =
        ask(QStringLiteral("show 1 --json")).object()[QStringLiteral("evaluations")].toArray();
    QJsonObject newest;
    for (const auto& one : all)
      if (one[QStringLiteral("metric")] == QStringLiteral("accuracy"))
        newest = one[QStringLiteral("protocol")].toObject();
    QCOMPARE(newest[QStringLiteral("confusion")].toArray(),
             probe.object()[QStringLiteral("confusion")].toArray());
    QCOMPARE(newest[QStringLiteral("class_names")].toArray().size(),
             newest[QStringLiteral("confusion")].toArray().size());
    QVERIFY(!ask(QStringLiteral("show 1")).out.contains("confusion"));
  }

  void any_checkpoint_that_is_kept_can_be_asked() {
    const selfsight::Answer first = ask(QStringLiteral("probe 1 --step 0 --json"));
    QVERIFY2(first.status == 0, first.error.constData());
    QCOMPARE(first.object()[QStringLiteral("accuracy")],
             first.object()[QStringLiteral("random_encoder")]);
    const selfsight::Answer lost = ask(QStringLiteral("probe 1 --step 12345"));
    QCOMPARE(lost.status, 2);
    QVERIFY2(lost.error.contains("it has those of steps 0, "), lost.error.constData());
    QCOMPARE(ask(QStringLiteral("probe 1 --kind labels --step 0")).status, 2);
  }

  void k_and_temperature_are_chosen_unless_one_is_given() {
    const auto protocol = [&](const char* options) {
      return ask(QStringLiteral("probe 1 --no-baselines --json %1").arg(QLatin1String(options)))
          .object()[QStringLiteral("protocol")]
          .toObject();
    };
    const QJsonObject chosen = protocol(""), given = protocol("--temperature 0.2 --bank 50");
    QVERIFY(chosen.contains(QStringLiteral("k_and_temperature")));
    QVERIFY(chosen[QStringLiteral("bank_images")].toInt() > 50);
    QVERIFY(!given.contains(QStringLiteral("k_and_temperature")));
    QCOMPARE(given[QStringLiteral("k")].toInt(), 20);
    QCOMPARE(given[QStringLiteral("temperature")].toDouble(), 0.2);
    QCOMPARE(given[QStringLiteral("bank_images")].toInt(), 50);
    QCOMPARE(protocol("-k 3")[QStringLiteral("temperature")].toDouble(), 0.1);
    QCOMPARE(ask(QStringLiteral("probe 1 --choose -k 3")).status, 2);
  }

  void a_curve_refuses_what_it_would_ignore() {
    for (const char* option : {"-k 5", "--choose", "--bank 100", "--queries 100"}) {
      const selfsight::Answer answer =
          ask(QStringLiteral("probe 1 --kind labels %1").arg(QLatin1String(option)));
      QCOMPARE(answer.status, 2);
      QVERIFY2(answer.error.contains("labels.queries"), answer.error.constData());
    }
  }

  void many_raw_pixels_are_turned_onto_few_axes() {
    const selfsight::Answer larger = ask(QStringLiteral(
        "train --preset simclr-fashion-quick --data procedural:300 --set train.batch_size=32 "
        "--set views.size=24 --set train.epochs=0.1 --json"));
    QVERIFY2(larger.status == 0, larger.error.constData());
    const auto protocol = [&](const char* run) {
      const selfsight::Answer answer =
          ask(QStringLiteral("probe %1 --kind labels --set labels.lines=pixels --set "
                             "labels.percent=50 --set labels.per_class=2 --set labels.seeds=1 "
                             "--json")
                  .arg(QLatin1String(run)));
      const QByteArray first = answer.out.left(answer.out.indexOf('\n'));
      return QJsonDocument::fromJson(first)[QStringLiteral("protocol")].toObject();
    };
    const QJsonObject few = protocol("1"), many = protocol("last");
    QCOMPARE(few[QStringLiteral("columns")].toInt(), 3 * 16 * 16);
    QVERIFY(few[QStringLiteral("features")].toString().startsWith(QStringLiteral("standardised")));
    QCOMPARE(many[QStringLiteral("columns")].toInt(), 256);
    QVERIFY(many[QStringLiteral("features")].toString().contains(
        QStringLiteral("256 leading principal components")));
  }

  void a_matrix_of_one_column_is_mapped_along_a_line() {
    const QString in = folder_.filePath(QStringLiteral("column.npy"));
    const QString out = folder_.filePath(QStringLiteral("layout.npy"));
    selfsight::save_npy(in.toStdString(), {5, 1, {1, 2, 3, 4, 10}});
    const selfsight::Answer answer =
        ask(QStringLiteral("map --method pca --features %1 --out %2").arg(in, out));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const selfsight::NpyMatrix layout = selfsight::load_npy(out.toStdString());
    QCOMPARE(layout.rows, 5);
    QCOMPARE(layout.columns, 2);
    QCOMPARE(layout.values, (std::vector<float>{-3, 0, -2, 0, -1, 0, 0, 0, 6, 0}));
  }
};

SELFSIGHT_SUITE(TestMeasuring, QCoreApplication);
#include "test_measuring.moc"
