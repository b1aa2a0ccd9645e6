// probe and map, as a machine calls them.
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include "core/exchange/npy.h"
#include "tests/cli/program.h"

class TestMeasuring : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  selfsight::Answer ask(const QString& words) const {
    return selfsight::ask_program(words, folder_.filePath(QStringLiteral("store")));
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

  void a_curve_refuses_what_it_would_ignore() {
    for (const char* option : {"-k 5", "--choose", "--bank 100", "--queries 100"}) {
      const selfsight::Answer answer =
          ask(QStringLiteral("probe 1 --kind labels %1").arg(QLatin1String(option)));
      QCOMPARE(answer.status, 2);
      QVERIFY2(answer.error.contains("labels.queries"), answer.error.constData());
    }
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

QTEST_GUILESS_MAIN(TestMeasuring)
#include "test_measuring.moc"
