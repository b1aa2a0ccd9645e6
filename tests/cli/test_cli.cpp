// The program itself, as a person or a machine calls it.
#include <sys/mount.h>
#include <QFileInfo>

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QtTest>

namespace {

/// A disk of 64 MB in memory: a run keeps several checkpoints.
class Mounted {
 public:
  explicit Mounted(const QString& folder)
      : folder_(folder.toUtf8()),
        mounted_(::mount("tmpfs", folder_.constData(), "tmpfs", 0, "size=64m") == 0) {}
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  ~Mounted() {
    if (mounted_) ::umount2(folder_.constData(), MNT_DETACH);
  }
  explicit operator bool() const { return mounted_; }

 private:
  QByteArray folder_;
  bool mounted_;
};

}  // namespace

class TestCli : public QObject {
  Q_OBJECT

  struct Answer {
    int status = -1;
    QByteArray out, error;
    QList<QJsonObject> lines() const {
      QList<QJsonObject> objects;
      for (const QByteArray& line : out.split('\n'))
        if (!line.isEmpty()) objects.append(QJsonDocument::fromJson(line).object());
      return objects;
    }
  };

  QTemporaryDir folder_;

  QProcessEnvironment environment() const {
    auto variables = QProcessEnvironment::systemEnvironment();
    variables.insert(QStringLiteral("SELFSIGHT_STORE"), folder_.filePath(QStringLiteral("store")));
    return variables;
  }

  Answer ask(const QStringList& arguments) const {
    QProcess program;
    program.setProcessEnvironment(environment());
    program.start(QStringLiteral(SELFSIGHT_PROGRAM), arguments);
    if (!program.waitForFinished(60000)) return {};
    return {program.exitCode(), program.readAllStandardOutput(), program.readAllStandardError()};
  }

  void features_come_with_ids_and_labels() const {
    const QString file = folder_.filePath(QStringLiteral("f.npy"));
    const Answer features =
        ask({QStringLiteral("features"), QStringLiteral("1"), QStringLiteral("--out"), file,
             QStringLiteral("--split"), QStringLiteral("test"), QStringLiteral("--json")});
    QVERIFY2(features.status == 0, features.error.constData());
    const QJsonObject line = features.lines().first();
    const int rows = line.value(QStringLiteral("rows")).toInt();
    QVERIFY(rows > 10);
    QCOMPARE(line.value(QStringLiteral("labels")).toArray().size(), rows);
    QFile table(folder_.filePath(QStringLiteral("f.csv")));
    QVERIFY(table.open(QIODevice::ReadOnly));
    QCOMPARE(table.readAll().count('\n'), rows + 1);
    QVERIFY(QFileInfo(file).size() >
            qint64{4} * rows * line.value(QStringLiteral("columns")).toInt());
    const Answer map = ask({QStringLiteral("map"), QStringLiteral("--features"), file,
                            QStringLiteral("--method"), QStringLiteral("pca")});
    QCOMPARE(map.status, 0);
  }

  void an_encoder_from_a_file_is_measured_like_its_run() const {
    const QString encoder = folder_.filePath(QStringLiteral("safetensors"));
    const QString data = QStringLiteral("procedural:300");
    const auto bytes = [&](const QStringList& whose, const QString& name) {
      const QString file = folder_.filePath(name);
      const Answer answer = ask(QStringList{QStringLiteral("features"), QStringLiteral("--out"),
                                            file, QStringLiteral("--json")} +
                                whose);
      QFile matrix(file);
      return answer.status == 0 && matrix.open(QIODevice::ReadOnly) ? matrix.readAll()
                                                                    : answer.error;
    };
    const QStringList outside{QStringLiteral("--encoder"), encoder, QStringLiteral("--data"), data};
    const QByteArray wanted = bytes({QStringLiteral("1")}, QStringLiteral("run.npy"));
    QVERIFY2(wanted.startsWith("\x93NUMPY"), wanted.constData());
    QVERIFY(bytes(outside, QStringLiteral("file.npy")) == wanted);
    const auto accuracy = [&](const QStringList& whose) {
      const Answer answer =
          ask(QStringList{QStringLiteral("probe"), QStringLiteral("--json")} + whose);
      return answer.status == 0
                 ? answer.lines().first().value(QStringLiteral("accuracy")).toDouble()
                 : -1;
    };
    QCOMPARE(accuracy(outside), accuracy({QStringLiteral("1")}));
    const Answer graph = ask({QStringLiteral("probe"), QStringLiteral("--encoder"),
                              folder_.filePath(QStringLiteral("onnx")), QStringLiteral("--data"),
                              data, QStringLiteral("--json")});
    QVERIFY2(graph.status == 0, graph.error.constData());
    QVERIFY(graph.lines().first().value(QStringLiteral("random_encoder")).isNull());
    const Answer map = ask(QStringList{QStringLiteral("map"), QStringLiteral("--method"),
                                       QStringLiteral("pca"), QStringLiteral("--json")} +
                           outside);
    QVERIFY2(map.status == 0, map.error.constData());
    QCOMPARE(map.lines().first().value(QStringLiteral("encoder")).toString(), encoder);
  }

  void a_label_curve_goes_on_where_it_was() const {
    const auto curve = [&](const QStringList& more) {
      return ask(QStringList{QStringLiteral("probe"), QStringLiteral("1"), QStringLiteral("--kind"),
                             QStringLiteral("labels"), QStringLiteral("--set"),
                             QStringLiteral("labels.percent=50"), QStringLiteral("--set"),
                             QStringLiteral("labels.per_class=1"), QStringLiteral("--json")} +
                 more);
    };
    const QStringList frozen{QStringLiteral("--set"), QStringLiteral("labels.lines=linear,pixels")};
    const Answer first = curve(frozen);
    QVERIFY2(first.status == 0, first.error.constData());
    const auto points = [](const Answer& answer) {
      QStringList out;
      for (const QJsonObject& line : answer.lines())
        if (line.value(QStringLiteral("event")) == QStringLiteral("point"))
          out << line.value(QStringLiteral("protocol"))
                     .toObject()
                     .value(QStringLiteral("point"))
                     .toString();
      return out;
    };
    QCOMPARE(points(first).size(), 12);  // two lines, two sizes, three seeds
    QCOMPARE(points(curve(frozen)), points(first));
    const QString picture = folder_.filePath(QStringLiteral("curve.svg"));
    const Answer more = curve(
        {QStringLiteral("--set"), QStringLiteral("labels.lines=finetune,scratch"),
         QStringLiteral("--set"), QStringLiteral("labels.trained_percent=50"),
         QStringLiteral("--set"), QStringLiteral("finetune.max_steps=3"), QStringLiteral("--set"),
         QStringLiteral("finetune.min_steps=3"), QStringLiteral("--plot"), picture});
    QVERIFY2(more.status == 0, more.error.constData());
    QCOMPARE(points(more).size(), 18);
    QVERIFY(!more.lines().last().value(QStringLiteral("verdict")).toString().isEmpty());
    QFile drawn(picture);
    QVERIFY(drawn.open(QIODevice::ReadOnly));
    QVERIFY(drawn.readAll().contains("<svg"));
  }

  /// The program while it trains.
  struct Live {
    Live(const TestCli& test, const QStringList& words, bool as_they_are = false) {
      program.setProcessEnvironment(test.environment());
      program.start(QStringLiteral(SELFSIGHT_PROGRAM), as_they_are ? words : tiny_run(words));
    }
    bool reaches(const QByteArray& words) {
      while (!seen.contains(words) && program.waitForReadyRead(30000))
        seen += program.readAllStandardOutput();
      return seen.contains(words);
    }
    QString run() const {
      const QByteArray line = seen.left(seen.indexOf('\n'));
      return QString::number(
          QJsonDocument::fromJson(line).object().value(QStringLiteral("run")).toInt());
    }

    QProcess program;
    QByteArray seen;
  };

  QString status_of(const QString& run) const {
    return ask({QStringLiteral("show"), run, QStringLiteral("--json")})
        .lines()
        .first()
        .value(QStringLiteral("status"))
        .toString();
  }

  static QStringList tiny_run(const QStringList& more = {}) {
    return QStringList{QStringLiteral("train"),
                       QStringLiteral("--preset"),
                       QStringLiteral("simclr-fashion-quick"),
                       QStringLiteral("--data"),
                       QStringLiteral("procedural:300"),
                       QStringLiteral("--set"),
                       QStringLiteral("train.batch_size=32"),
                       QStringLiteral("--set"),
                       QStringLiteral("views.size=16"),
                       QStringLiteral("--set"),
                       QStringLiteral("monitor.every_epochs=1"),
                       QStringLiteral("--json")} +
           more;
  }

 private Q_SLOTS:
  void wrong_input_is_one_sentence_and_status_2_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* name, const QString& arguments, const char* says) {
      QTest::newRow(name) << arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts)
                          << QByteArray(says);
    };
    row("verb", QStringLiteral("trian"), "Did you mean train?");
    row("no preset", QStringLiteral("train"), "Name a preset");
    row("preset", QStringLiteral("train --preset simclr-fashon-quick"),
        "Did you mean simclr-fashion-quick?");
    row("key", QStringLiteral("train --preset simclr-fashion-quick --set views.siz=32"),
        "Did you mean views.size?");
    row("range", QStringLiteral("train --preset simclr-fashion-quick --set views.size=3"),
        "between 8 and 1024 px");
    row("data", QStringLiteral("data /no/such/folder"), "neither a folder or file");
    row("run", QStringLiteral("show 7"), "There is no run 7");
    row("run word", QStringLiteral("show seven"), "by its number");
    row("last", QStringLiteral("resume last"), "There is no run yet");
    row("batch", QStringLiteral("train --preset simclr-fashion-quick --data procedural:50"),
        "fewer than one batch");
    row("patches",
        QStringLiteral("train --preset mae-fashion-quick --data procedural --set views.size=30"),
        "cannot be cut into patches");
    row("kind", QStringLiteral("probe 1 --kind magic"), "--kind");
    row("line", QStringLiteral("probe 1 --kind labels --set labels.seed=4"), "Did you mean");
    row("map", QStringLiteral("map"), "Name either a run or a matrix");
    row("encoder and run", QStringLiteral("probe 1 --encoder e.onnx"), "excludes");
    row("neither", QStringLiteral("probe"), "Name either a run or an encoder");
    row("no images", QStringLiteral("features --encoder e.onnx --out f.npy"), "with --data");
    row("no encoder", QStringLiteral("features --encoder /no.onnx --data procedural --out f.npy"),
        "There is no file /no.onnx");
    row("tuning", QStringLiteral("probe --encoder e.onnx --kind finetune"), "encoder.weights");
    row("weights",
        QStringLiteral("train --preset simclr-fashion-quick --data procedural --set "
                       "encoder.weights=/no.safetensors"),
        "/no.safetensors");
    row("spec", QStringLiteral("train --spec /no/such.toml"), "Could not read");
    row("store", QStringLiteral("runs --store /proc/no/store"), "Could not make the store");
  }
  void wrong_input_is_one_sentence_and_status_2() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const Answer answer = ask(arguments);
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains(says), answer.error.constData());
    QCOMPARE(answer.error.count('\n'), 1);
    QVERIFY(answer.out.isEmpty());
  }

  void methods_and_presets_tell_machines_everything() {
    for (const QJsonObject& method :
         ask({QStringLiteral("methods"), QStringLiteral("--json")}).lines()) {
      QVERIFY(!method.value(QStringLiteral("paper")).toString().isEmpty());
      QVERIFY(!method.value(QStringLiteral("help")).toString().isEmpty());
      QVERIFY(!method.value(QStringLiteral("family")).toString().isEmpty());
      QVERIFY(method.value(QStringLiteral("options")).isArray());  // puzzles may have none
      for (const char* reference : {"chance", "collapse"})
        QVERIFY2(method.contains(QLatin1String(reference)), reference);
      const QJsonObject diagnostics = method.value(QStringLiteral("diagnostics")).toObject();
      QVERIFY(!diagnostics.isEmpty());
      for (const QJsonValue& help : diagnostics) QVERIFY(!help.toString().isEmpty());
      if (method.value(QStringLiteral("name")) == QLatin1String("simsiam")) {
        const auto value = [&](const char* reference) {
          return method.value(QLatin1String(reference))[QStringLiteral("loss")].toDouble(9);
        };
        QCOMPARE(value("chance"), 0.0);
        QCOMPARE(value("collapse"), -1.0);
      }
    }
    const auto presets = ask({QStringLiteral("presets"), QStringLiteral("--json")}).lines();
    QVERIFY(presets.size() >= 2);
    for (const QJsonObject& preset : presets) {
      QVERIFY(!preset.value(QStringLiteral("provenance")).toString().isEmpty());
      QVERIFY(!preset.value(QStringLiteral("expect")).toString().isEmpty());
    }
  }

  void a_run_goes_from_start_to_compare() {
    const Answer first = ask(tiny_run({QStringLiteral("--set"), QStringLiteral("train.epochs=1")}));
    QCOMPARE(first.status, 0);
    QStringList events;
    int steps = 0;
    for (const QJsonObject& line : first.lines()) {
      const QString event = line.value(QStringLiteral("event")).toString();
      if (!events.contains(event)) events.append(event);
      if (event != QLatin1String("step")) continue;
      ++steps;
      QCOMPARE(line.value(QStringLiteral("step")).toInt(), steps);
      for (const char* key : {"run", "epoch", "loss", "lr", "images_per_second"})
        QVERIFY(line.value(QLatin1String(key)).isDouble());
    }
    QVERIFY(steps >= 7);
    for (const char* event : {"start", "step", "epoch", "checkpoint", "done"})
      QVERIFY2(events.contains(QLatin1String(event)), event);
    QVERIFY(first.lines().last().value(QStringLiteral("seconds")).toDouble() > 0);

    for (const char* kind : {"knn", "linear"}) {
      const Answer probe =
          ask({QStringLiteral("probe"), QStringLiteral("last"), QStringLiteral("--kind"),
               QLatin1String(kind), QStringLiteral("--json")});
      QCOMPARE(probe.status, 0);
      const QJsonObject result = probe.lines().first();
      for (const char* key : {"accuracy", "random_encoder", "raw_pixels"}) {
        const double part = result.value(QLatin1String(key)).toDouble(-1);
        QVERIFY(part >= 0 && part <= 1);
      }
      const QJsonObject protocol = result.value(QStringLiteral("protocol")).toObject();
      QCOMPARE(protocol.value(QStringLiteral("split")).toString(), QStringLiteral("test"));
      QCOMPARE(protocol.contains(QStringLiteral("l2_per_image")),
               QLatin1String(kind) == QLatin1String("linear"));
    }

    features_come_with_ids_and_labels();
    a_label_curve_goes_on_where_it_was();

    QCOMPARE(ask(tiny_run({QStringLiteral("--set"), QStringLiteral("train.epochs=0.3"),
                           QStringLiteral("--set"), QStringLiteral("method.temperature=0.9")}))
                 .status,
             0);
    const Answer compare = ask({QStringLiteral("compare"), QStringLiteral("1"), QStringLiteral("2"),
                                QStringLiteral("--json")});
    const QJsonObject differences =
        compare.lines().first().value(QStringLiteral("differences")).toObject();
    QVERIFY(differences.contains(QStringLiteral("method.temperature")));
    QCOMPARE(differences.size(), 2);
    QCOMPARE(ask({QStringLiteral("runs"), QStringLiteral("--json")}).lines().size(), 2);
    const QJsonObject shown =
        ask({QStringLiteral("show"), QStringLiteral("1"), QStringLiteral("--json")})
            .lines()
            .first();
    QCOMPARE(shown.value(QStringLiteral("status")).toString(), QStringLiteral("finished"));
    QVERIFY(!shown.value(QStringLiteral("evaluations")).toArray().isEmpty());
    QCOMPARE(ask({QStringLiteral("resume"), QStringLiteral("1")}).status, 2);
    for (const char* format : {"safetensors", "onnx"}) {
      const QString file = folder_.filePath(QLatin1String(format));
      const Answer gone =
          ask({QStringLiteral("export"), QStringLiteral("1"), QStringLiteral("--format"),
               QLatin1String(format), QStringLiteral("--out"), file, QStringLiteral("--json")});
      QCOMPARE(gone.status, 0);
      QCOMPARE(gone.lines().first().value(QStringLiteral("view_size")).toInt(), 16);
      QVERIFY(QFileInfo(file).size() > 100000);
    }
    an_encoder_from_a_file_is_measured_like_its_run();
  }

  void an_interrupt_saves_and_a_kill_can_be_resumed_data() {
    QTest::addColumn<bool>("kill");
    QTest::newRow("interrupt") << false;
    QTest::newRow("kill -9") << true;
  }
  void an_interrupt_saves_and_a_kill_can_be_resumed() {
    QFETCH(bool, kill);
    QProcess program;
    program.setProcessEnvironment(environment());
    program.start(QStringLiteral(SELFSIGHT_PROGRAM),
                  tiny_run({QStringLiteral("--set"), QStringLiteral("train.epochs=500")}));
    QByteArray seen;
    while (!seen.contains("\"step\":12,") && program.waitForReadyRead(30000))
      seen += program.readAllStandardOutput();
    QVERIFY(seen.contains("\"step\":12,"));
    kill ? program.kill() : program.terminate();
    QVERIFY(program.waitForFinished(30000));
    if (!kill) QCOMPARE(program.exitCode(), 130);
    const QJsonObject run =
        ask({QStringLiteral("show"), QStringLiteral("last"), QStringLiteral("--json")})
            .lines()
            .first();
    QCOMPARE(run.value(QStringLiteral("status")).toString(),
             kill ? QStringLiteral("interrupted") : QStringLiteral("stopped"));

    QProcess again;
    again.setProcessEnvironment(environment());
    again.start(QStringLiteral(SELFSIGHT_PROGRAM),
                {QStringLiteral("resume"), QStringLiteral("last"), QStringLiteral("--json")});
    seen.clear();
    while (seen.count("\"event\":\"step\"") < 3 && again.waitForReadyRead(30000))
      seen += again.readAllStandardOutput();
    QVERIFY(seen.count("\"event\":\"step\"") >= 3);
    if (!kill) QVERIFY(!seen.contains("\"step\":12,"));  // it went on, not back to the start
    again.terminate();
    QVERIFY(again.waitForFinished(30000));
    QCOMPARE(again.exitCode(), 130);
  }

  void the_table_of_methods_says_what_was_not_run() {
    const QString file = folder_.filePath(QStringLiteral("methods.md"));
    const Answer answer =
        ask({QStringLiteral("bench"), QStringLiteral("methods"), QStringLiteral("--table-only"),
             QStringLiteral("--store"), folder_.filePath(QStringLiteral("empty")),
             QStringLiteral("--out"), file});
    QCOMPARE(answer.status, 0);
    QFile table(file);
    QVERIFY(table.open(QIODevice::ReadOnly));
    const QByteArray text = table.readAll();
    QVERIFY(text.contains("| SimCLR | simclr-fashion-quick | not run |"));
    QCOMPARE(text, answer.out);
    QCOMPARE(ask({QStringLiteral("bench"), QStringLiteral("methods"), QStringLiteral("--only"),
                  QStringLiteral("simclrr")})
                 .status,
             2);
  }

  void two_programs_share_a_store() {
    Live first(*this, {QStringLiteral("--set"), QStringLiteral("train.epochs=500")});
    QVERIFY(first.reaches("\"step\":5,"));
    const QString run = first.run();
    // It is the other's while that lives.
    const Answer refused = ask({QStringLiteral("resume"), run});
    QCOMPARE(refused.status, 2);
    QVERIFY(refused.error.contains("being trained by another Selfsight"));
    const Answer second =
        ask(tiny_run({QStringLiteral("--set"), QStringLiteral("train.epochs=1")}));
    QCOMPARE(second.status, 0);
    QVERIFY(second.lines().last().value(QStringLiteral("run")).toInt() != run.toInt());
    QCOMPARE(status_of(run), QStringLiteral("running"));
    QVERIFY(first.reaches("\"step\":40,"));
    first.program.kill();
    QVERIFY(first.program.waitForFinished(30000));
    QCOMPARE(status_of(run), QStringLiteral("interrupted"));
  }

  void a_full_disk_pauses_and_room_lets_it_go_on() {
    const QString disk = folder_.filePath(QStringLiteral("disk"));
    QVERIFY(QDir().mkpath(disk));
    const Mounted mounted(disk);
    if (!mounted)
      QSKIP(
          "Mounting a disk small enough to fill needs root; the tests of the session fill one "
          "without.");
    Live run(*this,
             {QStringLiteral("--set"), QStringLiteral("train.epochs=40"), QStringLiteral("--set"),
              QStringLiteral("train.checkpoint_minutes=0.001"), QStringLiteral("--store"), disk});
    QVERIFY(run.reaches("\"step\":20,"));
    QFile filler(disk + QStringLiteral("/filler"));
    QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    while (filler.write(QByteArray(4096, 'x')) == 4096) {
    }
    QVERIFY(run.reaches("Training is paused"));
    QVERIFY(filler.remove());
    QVERIFY(run.reaches("training goes on"));
    QVERIFY(run.reaches("\"event\":\"done\""));
    QVERIFY(run.program.waitForFinished(30000));
    QCOMPARE(run.program.exitCode(), 0);
    // Every step is in the store, though there was no room for some of them.
    const QJsonObject shown = ask({QStringLiteral("show"), QStringLiteral("1"),
                                   QStringLiteral("--json"), QStringLiteral("--store"), disk})
                                  .lines()
                                  .first();
    QCOMPARE(shown.value(QStringLiteral("status")).toString(), QStringLiteral("finished"));
    QCOMPARE(shown.value(QStringLiteral("step")), shown.value(QStringLiteral("steps")));
  }

  void a_damaged_checkpoint_is_told_of_and_passed_over() {
    Live run(*this, {QStringLiteral("--set"), QStringLiteral("train.epochs=500")});
    QVERIFY(run.reaches("\"step\":9,"));
    run.program.terminate();
    QVERIFY(run.program.waitForFinished(30000));
    const QJsonObject shown =
        ask({QStringLiteral("show"), run.run(), QStringLiteral("--json")}).lines().first();
    const QString newest = shown.value(QStringLiteral("checkpoints"))
                               .toArray()
                               .last()
                               .toObject()
                               .value(QStringLiteral("file"))
                               .toString();
    QFile file(newest);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() - 100));
    char byte = 0;
    QVERIFY(file.peek(&byte, 1) == 1);
    byte = static_cast<char>(byte ^ 1);
    QVERIFY(file.write(&byte, 1) == 1);
    file.close();
    Live again(*this, {QStringLiteral("resume"), run.run(), QStringLiteral("--json")}, true);
    QVERIFY(again.reaches("is damaged: its content does not fit its hash"));
    QVERIFY(again.reaches("\"event\":\"step\""));
    again.program.terminate();
    QVERIFY(again.program.waitForFinished(30000));
    QCOMPARE(again.program.exitCode(), 130);
  }

  void a_sweep_is_queued_and_trained_run_after_run() {
    const QString store = folder_.filePath(QStringLiteral("queue"));
    const auto in_store = [&](const QStringList& words) {
      return ask(words + QStringList{QStringLiteral("--store"), store, QStringLiteral("--json")});
    };
    QStringList sweep = tiny_run(
        {QStringLiteral("--set"), QStringLiteral("train.epochs=0.3"), QStringLiteral("--set"),
         QStringLiteral("method.temperature=0.1,0.2"), QStringLiteral("--set"),
         QStringLiteral("optimiser.lr=0.1,0.2"), QStringLiteral("--store"), store});
    sweep.replace(0, QStringLiteral("sweep"));
    const auto queued = ask(sweep).lines();
    QCOMPARE(queued.size(), 4);
    QCOMPARE(queued[1].value(QStringLiteral("varied")).toString(),
             QStringLiteral("method.temperature=0.1, optimiser.lr=0.2"));
    QCOMPARE(
        in_store({QStringLiteral("queue"), QStringLiteral("remove"), QStringLiteral("2")}).status,
        0);
    QCOMPARE(in_store({QStringLiteral("queue")}).lines().size(), 3);

    const Answer trained = in_store({QStringLiteral("queue"), QStringLiteral("run")});
    QCOMPARE(trained.status, 0);
    QList<int> done;
    for (const QJsonObject& line : trained.lines())
      if (line.value(QStringLiteral("event")).toString() == QLatin1String("done"))
        done.append(line.value(QStringLiteral("run")).toInt());
    QCOMPARE(done, (QList<int>{1, 3, 4}));
    QVERIFY(in_store({QStringLiteral("queue")}).lines().isEmpty());
    for (const QJsonObject& run : in_store({QStringLiteral("runs")}).lines())
      QCOMPARE(run.value(QStringLiteral("status")).toString(),
               run.value(QStringLiteral("run")).toInt() == 2 ? QStringLiteral("stopped")
                                                             : QStringLiteral("finished"));
  }

  void a_queue_survives_a_kill_and_a_run_that_fails() {
    const QString store = folder_.filePath(QStringLiteral("queue killed"));
    const QString moving = folder_.filePath(QStringLiteral("moving"));
    const auto in_store = [&](const QStringList& words) {
      return ask(words + QStringList{QStringLiteral("--store"), store, QStringLiteral("--json")});
    };
    const auto queue = [&](const QString& epochs, const QString& data) {
      QStringList words = tiny_run({QStringLiteral("--queue"), QStringLiteral("--set"),
                                    QStringLiteral("train.epochs=") + epochs});
      words.replace(words.indexOf(QStringLiteral("procedural:300")), data);
      return in_store(words).status;
    };
    QVERIFY(QDir().mkpath(moving));
    for (int i = 0; i < 60; ++i) {
      QFile file(moving + QStringLiteral("/%1.ppm").arg(i));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write("P6\n2 2\n255\n" + QByteArray(12, static_cast<char>(4 * i)));
    }
    QCOMPARE(queue(QStringLiteral("500"), QStringLiteral("procedural:300")), 0);
    QCOMPARE(queue(QStringLiteral("1"), moving), 0);
    QCOMPARE(queue(QStringLiteral("0.3"), QStringLiteral("procedural:300")), 0);
    QVERIFY(QDir(moving).removeRecursively());
    Live first(*this,
               {QStringLiteral("queue"), QStringLiteral("run"), QStringLiteral("--json"),
                QStringLiteral("--store"), store},
               true);
    QVERIFY(first.reaches("\"step\":5,"));
    first.program.kill();
    QVERIFY(first.program.waitForFinished(30000));
    QCOMPARE(in_store({QStringLiteral("queue")}).lines().size(), 2);
    const Answer rest = in_store({QStringLiteral("queue"), QStringLiteral("run")});
    QCOMPARE(rest.status, 1);  // one of them failed
    QVERIFY(rest.error.contains("Run 2 failed"));
    QStringList states;
    for (const QJsonObject& run : in_store({QStringLiteral("runs")}).lines())
      states.append(run.value(QStringLiteral("status")).toString());
    QCOMPARE(states, (QStringList{QStringLiteral("interrupted"), QStringLiteral("failed"),
                                  QStringLiteral("finished")}));
  }
};

QTEST_GUILESS_MAIN(TestCli)
#include "test_cli.moc"
