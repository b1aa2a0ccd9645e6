// The program, asked as a person or a machine asks it: as a process of its own, or verb by verb in
// this one. A start takes half a second, nearly all of it for loading LibTorch, so a process is
// started where it is the process that is asked about: it trains beside another, or is killed.
#pragma once

#include <unistd.h>

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <cstdio>

#include "app/cli/cli.h"

namespace selfsight {

struct Answer {
  int status = -1;
  QByteArray out, error;

  QJsonObject object() const { return QJsonDocument::fromJson(out).object(); }
  QList<QJsonObject> lines() const {
    QList<QJsonObject> objects;
    for (const QByteArray& line : out.split('\n'))
      if (!line.isEmpty()) objects.append(QJsonDocument::fromJson(line).object());
    return objects;
  }
};

inline QStringList words_of(const QString& words) {
  return words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

/// That of this process, with a store. Threads that wait do not spin: two programs at once would
/// keep each other from the cores, and the program need not start itself again to have it so.
inline QProcessEnvironment environment_with(const QString& store) {
  auto variables = QProcessEnvironment::systemEnvironment();
  variables.insert(QStringLiteral("SELFSIGHT_STORE"), store);
  variables.insert(QStringLiteral("OMP_WAIT_POLICY"), QStringLiteral("passive"));
  return variables;
}

inline Answer ask_program(const QStringList& words, const QString& store) {
  QProcess program;
  program.setProcessEnvironment(environment_with(store));
  program.start(QStringLiteral(SELFSIGHT_PROGRAM), words);
  if (!program.waitForFinished(60000)) return {};
  return {program.exitCode(), program.readAllStandardOutput(), program.readAllStandardError()};
}

/// While it lives, what is written to a descriptor of this process goes into a file instead.
class Diverted {
 public:
  explicit Diverted(int descriptor) : descriptor_(descriptor), file_(std::tmpfile()) {
    if (!file_) qFatal("There is no room for a temporary file.");
    std::fflush(nullptr);
    before_ = ::dup(descriptor_);
    ::dup2(::fileno(file_), descriptor_);
  }
  Diverted(const Diverted&) = delete;
  Diverted& operator=(const Diverted&) = delete;
  ~Diverted() {
    put_back();
    std::fclose(file_);
  }
  /// All of it; the descriptor is as it was then.
  QByteArray taken() {
    put_back();
    std::rewind(file_);
    QByteArray text;
    for (char part[4096]; const auto size = std::fread(part, 1, sizeof part, file_);)
      text.append(part, static_cast<qsizetype>(size));
    return text;
  }

 private:
  void put_back() {
    if (before_ < 0) return;
    std::fflush(nullptr);
    ::dup2(before_, descriptor_);
    ::close(before_);
    before_ = -1;
  }

  int descriptor_, before_ = -1;
  std::FILE* file_;
};

/// What main() does with these words, but for curves, which only the program draws.
inline Answer ask_verb(const QStringList& words, const QString& store) {
  qputenv("SELFSIGHT_STORE", QFile::encodeName(store));
  std::vector<std::string> arguments;
  for (const QString& word : words) arguments.push_back(word.toStdString());
  Diverted out(STDOUT_FILENO), error(STDERR_FILENO);
  const int status = run_cli(std::move(arguments));
  return {status, out.taken(), error.taken()};
}

/// Words that train SimCLR at 16 px, seven steps an epoch, measured at both ends; `set` has further
/// options, as "train.epochs=1 train.threads=1".
inline QStringList tiny_run(const QString& set) {
  QStringList words =
      words_of(QStringLiteral("train --preset simclr-fashion-quick --data procedural:300 --json"));
  for (const QString& option : words_of(
           QStringLiteral("train.batch_size=32 views.size=16 monitor.every_epochs=1000 ") + set))
    words << QStringLiteral("--set") << option;
  return words;
}

}  // namespace selfsight
