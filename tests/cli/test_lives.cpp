// The program as a process: stopped, killed, beside another, on a full disk, with a damaged file.
#include <sys/mount.h>

#include <QDir>
#include <QJsonArray>
#include <QtTest>

#include "tests/cli/program.h"
#include "tests/suite.h"

using namespace selfsight;

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

constexpr char step[] = "\"event\":\"step\"", checkpoint[] = "\"event\":\"checkpoint\"";

/// Until there is no room for more.
void fill(QFile& file) {
  for (const qsizetype size : {1 << 20, 1 << 12}) {
    const QByteArray block(size, 'x');
    while (file.write(block) == size) {
    }
  }
}

/// One thread each: they run beside one another, and beside other tests. Written often, so that
/// there is something to go on from.
QStringList slim_run(const QString& set) {
  return tiny_run(
      QStringLiteral("train.threads=1 train.workers=1 train.checkpoint_minutes=0.001 ") + set);
}
QStringList long_run() {
  return slim_run(QStringLiteral("train.epochs=500"));
}

/// The program while it lives.
struct Life {
  Life(const QStringList& words, const QString& store) {
    program.setProcessEnvironment(environment_with(store));
    program.start(QStringLiteral(SELFSIGHT_PROGRAM), words);
  }
  /// Whether it says anything more.
  bool goes_on() {
    if (!program.waitForReadyRead(30000)) return false;
    seen += program.readAllStandardOutput();
    return true;
  }
  bool reaches(const QByteArray& words, int times = 1) {
    while (seen.count(words) < times && goes_on()) {
    }
    return seen.count(words) >= times;
  }
  /// Asked to stop, or killed. Returns the exit status.
  int end(bool kill) {
    kill ? program.kill() : program.terminate();
    return program.waitForFinished(30000) ? program.exitCode() : -1;
  }
  QString run() const {
    const QByteArray line = seen.left(seen.indexOf('\n'));
    return QString::number(
        QJsonDocument::fromJson(line).object().value(QStringLiteral("run")).toInt());
  }

  QProcess program;
  QByteArray seen;
};

}  // namespace

class TestLives : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }
  Answer ask(const QString& words, const char* store = "store") const {
    return ask_verb(words_of(words), path(store));
  }
  QJsonObject shown(const QString& run, const char* store = "store") const {
    return ask(QStringLiteral("show --json ") + run, store).object();
  }
  QString status_of(const QString& run) const {
    return shown(run).value(QStringLiteral("status")).toString();
  }

 private Q_SLOTS:
  void an_interrupt_saves_and_a_kill_can_be_resumed_data() {
    QTest::addColumn<bool>("kill");
    QTest::newRow("interrupt") << false;
    QTest::newRow("kill -9") << true;
  }
  void an_interrupt_saves_and_a_kill_can_be_resumed() {
    QFETCH(bool, kill);
    Life life(long_run(), path("store"));
    QVERIFY(life.reaches(checkpoint, 2));  // that of step 0 is the first
    QVERIFY(life.reaches("\"step\":12,"));
    const int status = life.end(kill);
    if (!kill) QCOMPARE(status, 130);
    QCOMPARE(status_of(QStringLiteral("last")),
             kill ? QStringLiteral("interrupted") : QStringLiteral("stopped"));

    Life again(words_of(QStringLiteral("resume last --json")), path("store"));
    QVERIFY(again.reaches(step, 3));
    QVERIFY(!again.seen.contains("\"step\":1,"));  // it went on, not back to the start
    if (!kill) QVERIFY(!again.seen.contains("\"step\":12,"));
    QCOMPARE(again.end(false), 130);
  }

  void two_programs_share_a_store() {
    Life first(long_run(), path("store"));
    QVERIFY(first.reaches("\"step\":5,"));
    const QString run = first.run();
    // It is the other's while that lives.
    const Answer refused = ask(QStringLiteral("resume ") + run);
    QCOMPARE(refused.status, 2);
    QVERIFY(refused.error.contains("being trained by another Selfsight"));
    const Answer second = ask_program(slim_run(QStringLiteral("train.epochs=1")), path("store"));
    QCOMPARE(second.status, 0);
    QVERIFY(second.lines().last().value(QStringLiteral("run")).toInt() != run.toInt());
    QCOMPARE(status_of(run), QStringLiteral("running"));
    QVERIFY(first.reaches("\"step\":40,"));
    first.end(true);
    QCOMPARE(status_of(run), QStringLiteral("interrupted"));
  }

  void a_full_disk_pauses_and_room_lets_it_go_on() {
    QVERIFY(QDir().mkpath(path("disk")));
    const Mounted mounted(path("disk"));
    if (!mounted)
      QSKIP(
          "Mounting a disk small enough to fill needs root; the tests of the session fill one "
          "without.");
    Life life(slim_run(QStringLiteral("train.epochs=25")), path("disk"));
    QVERIFY(life.reaches("\"step\":20,"));
    QFile filler(path("disk/filler"));
    QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    // Again where an old checkpoint made room meanwhile.
    do fill(filler);
    while (!life.seen.contains("Training is paused") && life.goes_on());
    QVERIFY(life.seen.contains("Training is paused"));
    QVERIFY(filler.remove());
    QVERIFY(life.reaches("training goes on"));
    QVERIFY(life.reaches("\"event\":\"done\""));
    QVERIFY(life.program.waitForFinished(30000));
    QCOMPARE(life.program.exitCode(), 0);
    // Every step is in the store, though there was no room for some of them.
    const QJsonObject run = shown(QStringLiteral("1"), "disk");
    QCOMPARE(run.value(QStringLiteral("status")).toString(), QStringLiteral("finished"));
    QCOMPARE(run.value(QStringLiteral("step")), run.value(QStringLiteral("steps")));
  }

  void a_damaged_checkpoint_is_told_of_and_passed_over() {
    Life life(long_run(), path("store"));
    QVERIFY(life.reaches("\"step\":9,"));
    QCOMPARE(life.end(false), 130);
    const QString newest = shown(life.run())
                               .value(QStringLiteral("checkpoints"))
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
    Life again(words_of(QStringLiteral("resume --json ") + life.run()), path("store"));
    QVERIFY(again.reaches("is damaged: its content does not fit its hash"));
    QVERIFY(again.reaches(step));
    QCOMPARE(again.end(false), 130);
  }

  void a_queue_survives_a_kill_and_a_run_that_fails() {
    const auto queue = [&](const char* epochs, const QString& data) {
      QStringList words = slim_run(QStringLiteral("train.epochs=") + QLatin1String(epochs))
                          << QStringLiteral("--queue");
      words.replace(words.indexOf(QStringLiteral("procedural:300")), data);
      return ask_verb(words, path("a queue")).status;
    };
    QVERIFY(QDir().mkpath(path("moving")));
    for (int i = 0; i < 60; ++i) {
      QFile file(path("moving") + QStringLiteral("/%1.ppm").arg(i));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write("P6\n2 2\n255\n" + QByteArray(12, static_cast<char>(4 * i)));
    }
    QCOMPARE(queue("500", QStringLiteral("procedural:300")), 0);
    QCOMPARE(queue("1", path("moving")), 0);
    QCOMPARE(queue("0.3", QStringLiteral("procedural:300")), 0);
    QVERIFY(QDir(path("moving")).removeRecursively());
    Life first(words_of(QStringLiteral("queue run --json")), path("a queue"));
    QVERIFY(first.reaches("\"step\":5,"));
    first.end(true);
    QCOMPARE(ask(QStringLiteral("queue --json"), "a queue").lines().size(), 2);
    const Answer rest = ask(QStringLiteral("queue run --json"), "a queue");
    QCOMPARE(rest.status, 1);  // one of them failed
    QVERIFY(rest.error.contains("Run 2 failed"));
    QStringList states;
    for (const QJsonObject& run : ask(QStringLiteral("runs --json"), "a queue").lines())
      states.append(run.value(QStringLiteral("status")).toString());
    QCOMPARE(states, (QStringList{QStringLiteral("interrupted"), QStringLiteral("failed"),
                                  QStringLiteral("finished")}));
  }
};

SELFSIGHT_SUITE(TestLives, QCoreApplication);
#include "test_lives.moc"
