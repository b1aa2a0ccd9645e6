// The program killed at 20 random moments and resumed, against the same run never stopped. Another
// number of kills comes from SELFSIGHT_KILLS (the target `soak` asks for 100), other moments from
// SELFSIGHT_SEED.
//
// Each life is a process of its own, killed with SIGKILL, but a fork of this one: to start the
// program takes half a second, nearly all of it for loading LibTorch, and there are 80 lives.
// test_lives.cpp kills some that began as a person begins them.
#include <sys/wait.h>

#include <QtTest>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>

#include "core/base/random.h"
#include "core/base/tensor_file.h"
#include "core/history/store.h"
#include "tests/cli/program.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

int number_from(const char* variable, int otherwise) {
  const int number = qEnvironmentVariableIntValue(variable);
  return number > 0 ? number : otherwise;
}

const int kills = number_from("SELFSIGHT_KILLS", 20);
constexpr int life = 20;  // steps, at most
const int steps = life * (kills + 1);
constexpr unsigned limit = 120;  // seconds, for one life

/// What is small about a run of each family; a method that is not registered has no row.
struct Family {
  const char* begins;  // the method's name
  QStringList set;
};

const Family families[] = {
    {"simclr",
     {QStringLiteral("encoder.name=resnet8"), QStringLiteral("method.projector_hidden=32")}},
    {"mae",
     {QStringLiteral("encoder.name=vit_tiny"), QStringLiteral("encoder.depth=2"),
      QStringLiteral("method.decoder_dim=32"), QStringLiteral("method.decoder_depth=1"),
      QStringLiteral("method.decoder_heads=2"), QStringLiteral("optimiser.name=adamw"),
      QStringLiteral("optimiser.lr=0.001")}},
    {"mocov2",
     {QStringLiteral("encoder.name=resnet8"), QStringLiteral("method.projector_hidden=32"),
      QStringLiteral("method.projector_out=16"), QStringLiteral("method.queue_size=100")}},
    {"dino",
     {QStringLiteral("encoder.name=resnet8"), QStringLiteral("method.out_dim=64"),
      QStringLiteral("method.hidden_dim=32"), QStringLiteral("method.bottleneck_dim=16"),
      QStringLiteral("crops.number=2"), QStringLiteral("crops.size=8")}},
};

/// A life of the program: the losses it told of, by step.
using Losses = std::map<int, double>;

/// What main() does with these words, in a process that writes its output to `out`.
[[noreturn]] void be_the_program(const QString& store, const QStringList& words, int out) {
  std::signal(SIGPIPE, SIG_DFL);  // Qt Test listens to it, and would report
  ::alarm(limit);
  ::dup2(out, STDOUT_FILENO);
  ::close(out);
  ::setenv("SELFSIGHT_STORE", QFile::encodeName(store).constData(), 1);
  std::vector<std::string> arguments;
  for (const QString& word : words) arguments.push_back(word.toStdString());
  const int status = run_cli(std::move(arguments));
  std::cout.flush();
  std::fflush(nullptr);
  ::_exit(status);
}

QString folder_name(const QString& method, const char* what) {
  return method + QLatin1Char('-') + QLatin1String(what);
}

}  // namespace

class TestKill : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  quint64 seed_ = static_cast<quint64>(number_from("SELFSIGHT_SEED", 1));

  QString in(const QString& name) const { return folder_.filePath(name); }

  QStringList beginning(const QString& method, int workers) const {
    QStringList words{QStringLiteral("train"), QStringLiteral("--preset"),
                      QStringLiteral("simclr-fashion-quick"), QStringLiteral("--data"),
                      QStringLiteral("procedural:120")};
    QStringList set{QStringLiteral("method.name=") + method,
                    QStringLiteral("views.size=16"),
                    QStringLiteral("encoder.patch_size=4"),
                    QStringLiteral("train.batch_size=8"),
                    QStringLiteral("train.epochs=%1").arg(steps / 12.0, 0, 'g', 17),
                    QStringLiteral("train.threads=1"),
                    QStringLiteral("train.workers=%1").arg(workers),
                    QStringLiteral("train.checkpoint_minutes=0.001"),  // every few steps
                    QStringLiteral("monitor.every_epochs=2")};
    for (const Family& family : families)
      if (method.startsWith(QLatin1String(family.begins))) set += family.set;
    for (const QString& assignment : set) words << QStringLiteral("--set") << assignment;
    return words << QStringLiteral("--json");
  }

  /// Runs the program in a store; kills it after so many lines of steps, or never if that is -1.
  /// Returns whether it came to its end.
  bool live(const QString& store, const QStringList& words, int until, Losses& losses) {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    std::cout.flush();
    std::fflush(nullptr);
    const pid_t program = ::fork();
    if (program == 0) {
      ::close(ends[0]);
      be_the_program(in(store), words, ends[1]);
    }
    ::close(ends[1]);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::fdopen(ends[0], "r"), std::fclose);
    bool done = false;
    QByteArray text(1 << 16, '\0');
    for (int seen = 0;
         seen != until && std::fgets(text.data(), static_cast<int>(text.size()), out.get());) {
      const QJsonObject line = QJsonDocument::fromJson(QByteArray(text.constData())).object();
      const QString event = line.value(QStringLiteral("event")).toString();
      done |= event == QLatin1String("done");
      if (event != QLatin1String("step")) continue;
      ++seen;
      losses[line.value(QStringLiteral("step")).toInt()] =
          line.value(QStringLiteral("loss")).toDouble();
    }
    if (until >= 0) ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
    return done;
  }

  static void compare_losses(const Losses& some, const Losses& whole) {
    for (const auto& [step, loss] : some)
      QVERIFY2(whole.contains(step) && whole.at(step) == loss,
               qPrintable(QStringLiteral("step %1: %2, not %3")
                              .arg(step)
                              .arg(loss, 0, 'g', 17)
                              .arg(whole.contains(step) ? whole.at(step) : 0, 0, 'g', 17)));
  }

  void compare_runs(const QString& killed, const QString& whole) const {
    const Store a(in(killed).toStdString()), b(in(whole).toStdString());
    const auto last = [](const Store& store) { return store.checkpoints(1).back().info; };
    QCOMPARE(last(a).step, steps);
    const TensorFile one = load_tensors(last(a).file), other = load_tensors(last(b).file);
    QCOMPARE(one.tensors.size(), other.tensors.size());
    QVERIFY(one.tensors.size() > 20);
    for (const auto& [name, tensor] : one.tensors) {
      const StoredTensor* same = other.find(name);
      QVERIFY2(same && same->bytes == tensor.bytes, name.c_str());
    }
    for (const char* metric : {"loss", "feature_std", "knn"}) {
      const auto points = a.metric(1, metric), expected = b.metric(1, metric);
      QCOMPARE(points.size(), expected.size());
      for (std::size_t i = 0; i < points.size(); ++i) {
        QCOMPARE(points[i].step, expected[i].step);
        QCOMPARE(points[i].value, expected[i].value);
      }
    }
    for (const auto& file : fs::directory_iterator(a.run_folder(1)))
      QVERIFY2(file.path().extension() == ".safetensors", file.path().c_str());
  }

 private Q_SLOTS:
  void a_killed_run_comes_to_the_same_numbers_data() {
    QTest::addColumn<QString>("method");
    for (const QJsonObject& line :
         ask_verb(words_of(QStringLiteral("methods --json")), in(QStringLiteral("none"))).lines()) {
      const QString name = line.value(QStringLiteral("name")).toString();
      for (const Family& family : families)
        if (name.startsWith(QLatin1String(family.begins))) QTest::newRow(qPrintable(name)) << name;
    }
  }

  void a_killed_run_comes_to_the_same_numbers() {
    QFETCH(QString, method);
    const QString whole = folder_name(method, "whole"), killed = folder_name(method, "killed");
    Losses all;
    QVERIFY(live(whole, beginning(method, 1), -1, all));
    QCOMPARE(all.size(), std::size_t(steps));

    // Four loader threads instead of one: that must not matter either.
    Random random{seed_};
    QStringList words = beginning(method, 4);
    for (int i = 0; i < kills; ++i) {
      Losses some;
      QVERIFY(!live(killed, words, static_cast<int>(random.below(life)), some));
      compare_losses(some, all);
      const Store store(in(killed).toStdString());
      // Killed before the run was there: then it begins again.
      if (store.runs().empty()) continue;
      QCOMPARE(to_string(store.run(1).status), std::string("interrupted"));
      words = words_of(QStringLiteral("resume 1 --json"));
    }
    Losses rest;
    QVERIFY(live(killed, words, -1, rest));
    compare_losses(rest, all);
    compare_runs(killed, whole);
  }
};

SELFSIGHT_SUITE(TestKill, QCoreApplication);
#include "test_kill.moc"
