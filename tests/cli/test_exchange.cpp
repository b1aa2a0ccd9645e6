// export and import, and encoders from files, as a person or a machine calls them.
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include "tests/cli/program.h"
#include "tests/suite.h"

class TestExchange : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }
  selfsight::Answer ask(const QString& words, const char* store = "store") const {
    return selfsight::ask_verb(selfsight::words_of(words), path(store));
  }
  QByteArray exported(const QString& format, const char* name) const {
    const bool card = format == QStringLiteral("card");
    const selfsight::Answer answer =
        ask(QStringLiteral("export 1 --format %1 --out %2").arg(format, path(name)) +
            QLatin1String(card ? " --license MIT" : ""));
    QFile file(path(name));
    return answer.status == 0 && file.open(QIODevice::ReadOnly) ? file.readAll() : answer.error;
  }
  QString of_file() const {
    return QStringLiteral(" --json --data procedural:300 --encoder ") + path("e.safetensors");
  }

 private Q_SLOTS:
  void initTestCase() {
    const selfsight::Answer answer = ask(QStringLiteral(
        "train --preset simclr-fashion-quick --data procedural:300 --set train.batch_size=32 "
        "--set views.size=16 --set train.epochs=1 --set train.keep_checkpoints=5 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    QVERIFY(exported(QStringLiteral("safetensors"), "e.safetensors").size() > 100000);
  }

  void metrics_and_the_card_leave() {
    QVERIFY(exported(QStringLiteral("csv"), "m.csv")
                .startsWith("metric,step,epoch,seconds,segment,value\n"));
    const selfsight::Answer events =
        ask(QStringLiteral("export 1 --json --format tensorboard --out %1").arg(path("events")));
    QVERIFY2(events.status == 0, events.error.constData());
    QCOMPARE(events.object()[QStringLiteral("file")].toString(), path("events"));
    QCOMPARE(QDir(path("events")).entryList(QDir::Files),
             QStringList{QStringLiteral("events.out.tfevents.0.run-1")});
    QVERIFY(exported(QStringLiteral("card"), "card.md").contains("license: MIT"));
    const auto card = QJsonDocument::fromJson(exported(QStringLiteral("card"), "card.json"));
    QCOMPARE(card[QStringLiteral("license")].toString(), QStringLiteral("MIT"));
    const selfsight::Answer told =
        ask(QStringLiteral("export 1 --format csv --out ") + path("told.csv"));
    QVERIFY2(told.out.startsWith("The metrics of run 1 are in "), told.out.constData());
    QCOMPARE(ask(QStringLiteral("export 7 --format csv --out %1").arg(path("no.csv"))).status, 2);
  }

  void a_run_measures_the_same_where_it_arrives() {
    QVERIFY(exported(QStringLiteral("run"), "run.tar.zst").size() > 100000);
    const selfsight::Answer import =
        ask(QStringLiteral("import --json ") + path("run.tar.zst"), "other");
    QVERIFY2(import.status == 0, import.error.constData());
    QCOMPARE(import.object()[QStringLiteral("run")].toInt(), 1);
    QCOMPARE(ask(QStringLiteral("runs --json"), "other").object()[QStringLiteral("name")],
             ask(QStringLiteral("runs --json")).object()[QStringLiteral("name")]);
    const auto kept = [&](const char* store) {
      QStringList hashes;
      for (const auto& one : ask(QStringLiteral("show 1 --json"), store)
                                 .object()[QStringLiteral("checkpoints")]
                                 .toArray())
        hashes << one[QStringLiteral("sha256")].toString();
      return hashes;
    };
    QVERIFY(kept("store").size() > 1);
    QCOMPARE(kept("other"), kept("store"));
    const QString newest = path("newest.tar.zst");
    QCOMPARE(
        ask(QStringLiteral("export 1 --format run --checkpoints newest --out ") + newest).status,
        0);
    QCOMPARE(ask(QStringLiteral("import ") + newest, "third").status, 0);
    QCOMPARE(kept("third"), QStringList(kept("store").last()));
    const auto probe = [&](const char* store) {
      const selfsight::Answer answer =
          ask(QStringLiteral("probe 1 --kind knn --no-baselines --json"), store);
      // Every digit of it.
      const auto begin = answer.out.indexOf("\"accuracy\":");
      return answer.out.mid(begin, answer.out.indexOf(',', begin) - begin);
    };
    QVERIFY(probe("other").startsWith("\"accuracy\":0"));
    QCOMPARE(probe("other"), probe("store"));
  }

  void an_encoder_leaves_as_it_was_at_a_step() {
    const auto kept =
        ask(QStringLiteral("show 1 --json")).object()[QStringLiteral("checkpoints")].toArray();
    const auto of_step = [&](const QString& step, const char* name) {
      return ask(QStringLiteral("export 1 --json --step %1 --out %2").arg(step, path(name)));
    };
    const auto bytes = [&](const char* name) {
      QFile file(path(name));
      return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const int first = kept.first()[QStringLiteral("step")].toInt();
    QCOMPARE(of_step(QString::number(first), "first").object()[QStringLiteral("step")].toInt(),
             first);
    QVERIFY(bytes("first").size() > 100000 && bytes("first") != bytes("e.safetensors"));
    const selfsight::Answer best = of_step(QStringLiteral("best"), "best");
    QVERIFY2(best.status == 0, best.error.constData());
    const int step = best.object()[QStringLiteral("step")].toInt();
    QCOMPARE(of_step(QString::number(step), "same").status, 0);
    QCOMPARE(bytes("best"), bytes("same"));
    QCOMPARE(of_step(QStringLiteral("best --format card"), "best.json").status, 0);
    const auto card = QJsonDocument::fromJson(bytes("best.json"));
    QCOMPARE(card[QStringLiteral("training")][QStringLiteral("checkpoint_step")].toInt(), step);
    for (const char* refused : {"123456", "first", "best --format csv"})
      QCOMPARE(of_step(QLatin1String(refused), "none").status, 2);
    QVERIFY(!QFileInfo::exists(path("none")));
  }

  void what_is_no_run_is_refused() {
    const selfsight::Answer answer =
        ask(QStringLiteral("import ") + path("e.safetensors"), "untouched");
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains("cannot be imported"), answer.error.constData());
    QVERIFY(ask(QStringLiteral("runs --json"), "untouched").out.isEmpty());
  }

  void an_encoder_from_a_file_has_health_and_clusters() {
    const selfsight::Answer health =
        ask(QStringLiteral("health --images 40 --views 2") + of_file());
    QVERIFY2(health.status == 0, health.error.constData());
    QCOMPARE(health.object()[QStringLiteral("encoder")].toString(), path("e.safetensors"));
    QVERIFY(health.object()[QStringLiteral("rank_me")].toDouble() > 0);
    const selfsight::Answer clusters = ask(QStringLiteral("clusters") + of_file());
    QVERIFY2(clusters.status == 0, clusters.error.constData());
    // The same as the run itself gives.
    QCOMPARE(clusters.object()[QStringLiteral("nmi")],
             ask(QStringLiteral("clusters 1 --json")).object()[QStringLiteral("nmi")]);
    for (const char* verb : {"health", "clusters"}) QCOMPARE(ask(QLatin1String(verb)).status, 2);
  }
};

SELFSIGHT_SUITE(TestExchange, QCoreApplication);
#include "test_exchange.moc"
