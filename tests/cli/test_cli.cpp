// The verbs, as a person or a machine calls them.
#include <sys/fsuid.h>

#include <QDir>
#include <QFileInfo>
#include <QImage>
#include <QJsonArray>
#include <QtTest>
#include <filesystem>

#include "tests/cli/program.h"
#include "tests/suite.h"

using namespace selfsight;

class TestCli : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  Answer trained_;  // by the program itself

  QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }
  Answer ask(const QStringList& words) const { return ask_verb(words, path("store")); }
  Answer ask(const QString& words) const { return ask(words_of(words)); }
  Answer ask_of_nothing(const QString& words) const {
    return ask_verb(words_of(words), path("empty"));
  }

 private Q_SLOTS:
  void initTestCase() {
    trained_ = ask_program(tiny_run(QStringLiteral("train.epochs=1")), path("store"));
    QVERIFY2(trained_.status == 0, trained_.error.constData());
  }

  void wrong_input_is_one_sentence_and_status_2_data() {
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* name, const QString& arguments, const char* says) {
      QTest::newRow(name) << arguments << QByteArray(says);
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
    row("not fetched", QStringLiteral("data stl10"), "`selfsight data fetch stl10` downloads it");
    row("bench", QStringLiteral("bench foo"), "There is no verb bench foo.");
    row("option", QStringLiteral("runs --bogus"), "--bogus. See `selfsight runs --help`.");
    row("table", QStringLiteral("features --encoder e.onnx --data procedural --out f.csv"),
        "ending in .npy");
    row("no folder", QStringLiteral("features --encoder e.onnx --data procedural --out /no/f.npy"),
        "The folder /no is not there");
    row("a folder", QStringLiteral("report 1 --out /tmp"), "/tmp is a folder");
    row("plot of no curve", QStringLiteral("probe 1 --plot c.svg"), "--kind labels");
    row("ending of a plot", QStringLiteral("probe 1 --kind labels --plot c.txt"), "not as c.txt");
    row("votes", QStringLiteral("probe 1 --kind linear -k 5"), "--kind knn");
    row("set", QStringLiteral("probe 1 --set linear.epochs=3"), "--set is for");
    row("frames", QStringLiteral("map 1 --frames 3"), "--method epochs");
    row("layout", QStringLiteral("map 1 --out m.csv"), ".npy");
    row("licence", QStringLiteral("export 1 --license MIT --out e"), "--format card");
    row("checkpoints", QStringLiteral("export 1 --format onnx --checkpoints all --out e"),
        "--format run");
    row("input", QStringLiteral("export 1 --input pixels --out e"), "--format onnx");
    row("store",
        QStringLiteral("sweep --preset simclr-fashion-quick --data procedural:400 --set "
                       "train.seed=1,2 --store /proc/no/store"),
        "Could not make the store");
    row("no store", QStringLiteral("runs --store /no/store"), "There is no store in /no/store");
    row("unset variable", QStringLiteral("train --preset simclr-fashion-quick --data="), "--data");
    row("no place", QStringLiteral("export 1 --out="), "--out");
    row("step in hex", QStringLiteral("export 1 --step 0x5 --out e"), "0x5 is no whole number");
    row("step beyond all", QStringLiteral("export 1 --step 99999999999999999999 --out e"),
        "99999999999999999999 is too large");
    row("a probe's step in hex", QStringLiteral("probe 1 --step 0x5"), "0x5 is no whole number");
    row("row below 0", QStringLiteral("search --features f.npy --row -1"),
        "-1 is no whole number from 0 on");
    row("images of a searched matrix",
        QStringLiteral("search --features f.npy --row 3 --images 20"), "excludes");
    row("data of a grouped matrix", QStringLiteral("clusters --features f.npy --data procedural"),
        "excludes");
    row("seed of components", QStringLiteral("map --features f.npy --method pca --seed 1"),
        "--seed changes nothing");
    row("fetch as JSON", QStringLiteral("data --json fetch"), "leave --json out");
    row("seed below 0", QStringLiteral("map 1 --seed -1"), "-1 is no whole number from 0 on");
    row("images of a matrix", QStringLiteral("map --features f.npy --images 20"), "excludes");
    row("data of a matrix", QStringLiteral("health --features f.npy --data procedural"),
        "excludes");
    row("of a curve", QStringLiteral("probe 1 --kind finetune --set labels.seeds=7"),
        "--kind labels");
    row("events into a file", QStringLiteral("export 1 --format tensorboard --out /etc/hostname"),
        "is a file; name a folder");
    row("large numbers",
        QStringLiteral("train --preset simclr-fashion-quick --set train.batch_size=1000000"),
        "train.batch_size is 1000000; it must be between");
  }
  void wrong_input_is_one_sentence_and_status_2() {
    QFETCH(QString, arguments);
    QFETCH(QByteArray, says);
    const Answer answer = ask_of_nothing(arguments);
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains(says), answer.error.constData());
    QCOMPARE(answer.error.count('\n'), 1);
    QVERIFY(answer.out.isEmpty());
  }

  void what_an_unset_variable_leaves_is_refused() {
    for (const char* words :
         {"train --preset simclr-fashion-quick --data", "probe 1 --data", "export 1 --out",
          "report 1 --out", "map 1 --place", "runs --store"}) {
      const Answer answer = ask_verb(words_of(QLatin1String(words)) << QString(), path("empty"));
      QCOMPARE(answer.status, 2);
      QVERIFY2(answer.error.contains("it is empty"), answer.error.constData());
    }
  }

  void verbs_that_need_a_run_make_no_store() {
    for (const char* verb : {"runs", "show 1", "probe 1", "health 1", "queue"}) {
      const Answer answer =
          ask(QLatin1String(verb) + QStringLiteral(" --store ") + path("mistyped"));
      QCOMPARE(answer.status, 2);
      QVERIFY2(answer.error.contains("There is no store in "), answer.error.constData());
    }
    QVERIFY(!QFileInfo::exists(path("mistyped")));
    const QByteArray none = ask_of_nothing(QStringLiteral("runs")).out;
    QVERIFY2(none.startsWith("No runs yet in " + path("empty").toUtf8()), none.constData());
  }

  void leading_noughts_change_no_number() {
    const QByteArray told = ask(QStringLiteral("probe 1 --step 010")).error;
    QVERIFY2(told.contains("its checkpoint of step 10;"), told.constData());
  }

  void the_program_ends_as_its_verbs_do_data() {
    QTest::addColumn<QString>("words");
    QTest::newRow("a wrong verb") << QStringLiteral("trian");
    QTest::newRow("wrong input") << QStringLiteral("probe 7");
    QTest::newRow("all is well") << QStringLiteral("show 1 --json");
  }
  void the_program_ends_as_its_verbs_do() {
    QFETCH(QString, words);
    const Answer program = ask_program(words_of(words), path("store")), verb = ask(words);
    QCOMPARE(program.status, verb.status);
    QCOMPARE(program.out, verb.out);
    QCOMPARE(program.error, verb.error);
  }

  void without_a_verb_the_window_opens_on_the_store_that_is_named() {
    std::string opened;
    Outside outside;
    outside.window = [&](const std::filesystem::path& store) {
      opened = store.string();
      return 7;
    };
    QCOMPARE(run_cli({"--store", "somewhere"}, outside), 7);
    QCOMPARE(opened, std::string("somewhere"));
  }

  void what_the_window_does_begins_only_with_words_it_takes() {
    int begun = 0;
    Outside outside;
    outside.bench_ui = [&](bool json) { return ++begun, json ? 8 : 9; };
    outside.tour = [&](const std::filesystem::path& out) { return ++begun, out == "x" ? 8 : 9; };
    outside.fetch = [&](const std::filesystem::path& store, const std::string& name) {
      return ++begun, store == "s" && name == "n" ? 8 : 9;
    };
    {
      Diverted out(STDOUT_FILENO), error(STDERR_FILENO);
      QCOMPARE(run_cli({"bench", "ui", "--help"}, outside), 0);
      QCOMPARE(run_cli({"bench", "ui", "--bogus"}, outside), 2);
      QCOMPARE(run_cli({"tour"}, outside), 2);
      QCOMPARE(run_cli({"data", "fetch", "--help"}, outside), 0);
      QCOMPARE(run_cli({"data", "fetch", "--bogus"}, outside), 2);
    }
    QCOMPARE(begun, 0);
    QCOMPARE(run_cli({"bench", "ui", "--json"}, outside), 8);
    QCOMPARE(run_cli({"tour", "--out=x"}, outside), 8);
    QCOMPARE(run_cli({"data", "fetch", "n", "--store", "s"}, outside), 8);
    QCOMPARE(begun, 3);
  }

  void help_and_the_version_are_told() {
    QVERIFY(ask(QStringLiteral("--version")).out.startsWith("Selfsight "));
    const Answer help = ask(QStringLiteral("help"));
    QCOMPARE(help.status, 0);
    QCOMPARE(help.out, ask(QStringLiteral("--help")).out);
    const QByteArray of_probe = ask(QStringLiteral("help probe")).out;
    QVERIFY2(of_probe.contains("--solver") && of_probe.contains("$SELFSIGHT_STORE"),
             of_probe.constData());
  }

  void a_store_that_cannot_be_written_to_fetches_nothing() {
    const Answer answer = ask_program(
        words_of(QStringLiteral("data fetch cifar10 --store /proc/no/store")), path("store"));
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains("another store with --store"), answer.error.constData());
  }

  void what_was_fetched_is_opened_by_its_name() {
    const QString folder = path("store") + QStringLiteral("/datasets/cifar10/content/pictures");
    QVERIFY(QDir().mkpath(folder));
    QImage image(20, 30, QImage::Format_RGB888);
    image.fill(Qt::gray);
    QVERIFY(image.save(folder + QStringLiteral("/a.png")));
    const Answer answer = ask(QStringLiteral("data cifar10 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    QCOMPARE(answer.object()[QStringLiteral("location")].toString(), folder);
  }

  void a_folder_that_may_not_be_read_is_named() {
    namespace fs = std::filesystem;
    const QString inner = path("hidden") + QStringLiteral("/inner");
    QVERIFY(QDir().mkpath(inner));
    const fs::path hidden = path("hidden").toStdString();
    fs::permissions(folder_.path().toStdString(), fs::perms(0755));
    fs::permissions(hidden, fs::perms::none);
    ::setfsuid(65534);  // of root; others have no permission anyhow
    const Answer outer = ask(QStringLiteral("data ") + path("hidden"));
    const Answer within = ask(QStringLiteral("data ") + inner);
    ::setfsuid(::geteuid());
    fs::permissions(hidden, fs::perms(0755));
    QCOMPARE(outer.status, 2);
    QVERIFY2(outer.error.contains("hidden cannot be read; check its permissions."),
             outer.error.constData());
    QCOMPARE(within.status, 2);
    QVERIFY2(within.error.contains("inner cannot be read; check the permissions of its folder."),
             within.error.constData());
  }

  void a_file_of_options_is_named_with_what_is_wrong_in_it() {
    QFile file(path("wrong.toml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(file.write("[train]\nepochs = \"x\"\n") > 0);
    file.close();
    const Answer answer = ask_of_nothing(QStringLiteral("train --spec ") + path("wrong.toml"));
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains("wrong.toml: train.epochs is "), answer.error.constData());
  }

  void training_says_on_which_images() {
    QStringList words = tiny_run(QStringLiteral("train.epochs=0.3"));
    words.removeAll(QStringLiteral("--json"));
    const Answer answer = ask_verb(words, path("told"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    QVERIFY2(answer.error.contains("Training on Procedural shapes, "), answer.error.constData());
  }

  void methods_and_presets_tell_machines_everything() {
    for (const QJsonObject& method : ask(QStringLiteral("methods --json")).lines()) {
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
    const auto presets = ask(QStringLiteral("presets --json")).lines();
    QVERIFY(presets.size() >= 2);
    for (const QJsonObject& preset : presets) {
      QVERIFY(!preset.value(QStringLiteral("provenance")).toString().isEmpty());
      QVERIFY(!preset.value(QStringLiteral("expect")).toString().isEmpty());
    }
  }

  void a_run_tells_of_every_step() {
    QStringList events;
    int steps = 0;
    for (const QJsonObject& line : trained_.lines()) {
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
    QVERIFY(trained_.lines().last().value(QStringLiteral("seconds")).toDouble() > 0);
  }

  void a_run_is_probed_beside_what_costs_nothing() {
    for (const char* kind : {"knn", "linear"}) {
      const Answer probe = ask(QStringLiteral("probe last --json --kind ") + QLatin1String(kind));
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
  }

  void features_come_with_ids_and_labels() {
    const QString file = path("f.npy");
    const Answer features = ask(QStringLiteral("features 1 --split test --json --out ") + file);
    QVERIFY2(features.status == 0, features.error.constData());
    const QJsonObject line = features.lines().first();
    const int rows = line.value(QStringLiteral("rows")).toInt();
    QVERIFY(rows > 10);
    QCOMPARE(line.value(QStringLiteral("labels")).toArray().size(), rows);
    QFile table(path("f.csv"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    QCOMPARE(table.readAll().count('\n'), rows + 1);
    QVERIFY(QFileInfo(file).size() >
            qint64{4} * rows * line.value(QStringLiteral("columns")).toInt());
    const Answer map = ask(QStringLiteral("map --method pca --features ") + file);
    QCOMPARE(map.status, 0);
  }

  void a_label_curve_goes_on_where_it_was() {
    const QString curve = QStringLiteral(
        "probe 1 --kind labels --json --set labels.percent=50 --set "
        "labels.per_class=1 --set ");
    const QString frozen = curve + QStringLiteral("labels.lines=linear,pixels");
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
    const Answer first = ask(frozen);
    QVERIFY2(first.status == 0, first.error.constData());
    QCOMPARE(points(first).size(), 12);  // two lines, two sizes, three seeds
    QCOMPARE(points(ask(frozen)), points(first));
    // Of other test images it is another curve; the first is still there for who asks again.
    const QStringList fewer = points(ask(frozen + QStringLiteral(" --set labels.queries=10")));
    QCOMPARE(fewer.size(), 12);
    for (const QString& point : fewer) QVERIFY(!points(first).contains(point));
    QCOMPARE(points(ask(frozen)), points(first));
    const QString trained =
        curve + QStringLiteral(
                    "labels.lines=finetune,scratch --set labels.trained_percent=50 "
                    "--set finetune.max_steps=3 --set finetune.min_steps=3 --plot ");
    const Answer more = ask_program(words_of(trained + path("curve.svg")), path("store"));
    QVERIFY2(more.status == 0, more.error.constData());
    QCOMPARE(points(more).size(), 18);
    for (const QJsonObject& line : more.lines()) {
      if (line.value(QStringLiteral("event")) != QStringLiteral("mean")) continue;
      const QString which = line.value(QStringLiteral("line")).toString();
      const bool trains = which == QStringLiteral("finetune") || which == QStringLiteral("scratch");
      QCOMPARE(line.value(QStringLiteral("cut_to_steps")).toInt(), trains ? 3 : 0);
    }
    QVERIFY(!more.lines().last().value(QStringLiteral("verdict")).toString().isEmpty());
    QFile drawn(path("curve.svg"));
    QVERIFY(drawn.open(QIODevice::ReadOnly));
    QVERIFY(drawn.readAll().contains("<svg"));
  }

  void runs_are_compared() {
    QCOMPARE(ask(tiny_run(QStringLiteral("train.epochs=0.3 method.temperature=0.9"))).status, 0);
    const QJsonObject differences = ask(QStringLiteral("compare 1 2 --json"))
                                        .lines()
                                        .first()
                                        .value(QStringLiteral("differences"))
                                        .toObject();
    QVERIFY(differences.contains(QStringLiteral("method.temperature")));
    QCOMPARE(differences.size(), 2);
    QCOMPARE(ask(QStringLiteral("runs --json")).lines().size(), 2);
    const QJsonObject shown = ask(QStringLiteral("show 1 --json")).lines().first();
    QCOMPARE(shown.value(QStringLiteral("status")).toString(), QStringLiteral("finished"));
    QVERIFY(!shown.value(QStringLiteral("evaluations")).toArray().isEmpty());
    QCOMPARE(ask(QStringLiteral("resume 1")).status, 2);
  }

  void an_encoder_leaves_as_a_file() {
    for (const char* format : {"safetensors", "onnx"}) {
      const Answer gone = ask(QStringLiteral("export 1 --json --format %1 --out %2")
                                  .arg(QLatin1String(format), path(format)));
      QCOMPARE(gone.status, 0);
      QCOMPARE(gone.lines().first().value(QStringLiteral("view_size")).toInt(), 16);
      QVERIFY(QFileInfo(path(format)).size() > 100000);
    }
  }

  void an_encoder_from_a_file_is_measured_like_its_run() {
    const QString data = QStringLiteral(" --data procedural:300"),
                  outside = QStringLiteral(" --encoder ") + path("safetensors") + data,
                  inside = QStringLiteral(" 1");
    const auto bytes = [&](const QString& whose, const char* name) {
      const Answer answer = ask(QStringLiteral("features --json --out ") + path(name) + whose);
      QFile matrix(path(name));
      return answer.status == 0 && matrix.open(QIODevice::ReadOnly) ? matrix.readAll()
                                                                    : answer.error;
    };
    const QByteArray wanted = bytes(inside, "run.npy");
    QVERIFY2(wanted.startsWith("\x93NUMPY"), wanted.constData());
    QVERIFY(bytes(outside, "file.npy") == wanted);
    const auto accuracy = [&](const QString& whose) {
      const Answer answer = ask(QStringLiteral("probe --json") + whose);
      return answer.status == 0
                 ? answer.lines().first().value(QStringLiteral("accuracy")).toDouble()
                 : -1;
    };
    QCOMPARE(accuracy(outside), accuracy(inside));
    const Answer graph = ask(QStringLiteral("probe --json --encoder ") + path("onnx") + data);
    QVERIFY2(graph.status == 0, graph.error.constData());
    QVERIFY(graph.lines().first().value(QStringLiteral("random_encoder")).isNull());
    const Answer map = ask(QStringLiteral("map --method pca --json") + outside);
    QVERIFY2(map.status == 0, map.error.constData());
    QCOMPARE(map.lines().first().value(QStringLiteral("encoder")).toString(), path("safetensors"));
  }

  void the_table_of_methods_says_what_was_not_run() {
    const Answer answer =
        ask_of_nothing(QStringLiteral("bench methods --table-only --out ") + path("methods.md"));
    QCOMPARE(answer.status, 0);
    QFile table(path("methods.md"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    const QByteArray text = table.readAll();
    QVERIFY(text.contains("| SimCLR | simclr-fashion-quick | not run |"));
    QCOMPARE(text, answer.out);
    QCOMPARE(ask(QStringLiteral("bench methods --only simclrr")).status, 2);
  }

  void a_sweep_is_queued_and_trained_run_after_run() {
    const auto in_store = [&](const QString& words) {
      return ask_verb(words_of(words + QStringLiteral(" --json")), path("queue"));
    };
    QStringList sweep = tiny_run(
        QStringLiteral("train.epochs=0.3 method.temperature=0.1,0.2 optimiser.lr=0.1,0.2"));
    sweep.replace(0, QStringLiteral("sweep"));
    const auto queued = ask_verb(sweep, path("queue")).lines();
    QCOMPARE(queued.size(), 4);
    QCOMPARE(queued[1].value(QStringLiteral("varied")).toString(),
             QStringLiteral("method.temperature=0.1, optimiser.lr=0.2"));
    QCOMPARE(in_store(QStringLiteral("queue remove 2")).status, 0);
    QCOMPARE(in_store(QStringLiteral("queue")).lines().size(), 3);
    QCOMPARE(in_store(QStringLiteral("queue add 2")).status, 0);
    const Answer again = in_store(QStringLiteral("queue add 2"));
    QCOMPARE(again.status, 2);
    QVERIFY2(again.error.contains("it is queued already"), again.error.constData());
    const QByteArray removed =
        ask_verb(words_of(QStringLiteral("queue remove 2")), path("queue")).out;
    QVERIFY2(removed.contains("`selfsight queue add 2` puts it back"), removed.constData());

    const Answer trained = in_store(QStringLiteral("queue run"));
    QCOMPARE(trained.status, 0);
    QList<int> done;
    for (const QJsonObject& line : trained.lines())
      if (line.value(QStringLiteral("event")).toString() == QLatin1String("done"))
        done.append(line.value(QStringLiteral("run")).toInt());
    QCOMPARE(done, (QList<int>{1, 3, 4}));
    QVERIFY(in_store(QStringLiteral("queue")).lines().isEmpty());
    const QByteArray idle = ask_verb(words_of(QStringLiteral("queue run")), path("queue")).out;
    QVERIFY2(idle.startsWith("Nothing is queued"), idle.constData());
    for (const QJsonObject& run : in_store(QStringLiteral("runs")).lines())
      QCOMPARE(run.value(QStringLiteral("status")).toString(),
               run.value(QStringLiteral("run")).toInt() == 2 ? QStringLiteral("stopped")
                                                             : QStringLiteral("finished"));
  }
};

SELFSIGHT_SUITE(TestCli, QCoreApplication);
#include "test_cli.moc"
