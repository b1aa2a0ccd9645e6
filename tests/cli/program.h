// The program, asked as a person or a machine asks it.
#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

namespace selfsight {

struct Answer {
  int status = -1;
  QByteArray out, error;
  QJsonObject object() const { return QJsonDocument::fromJson(out).object(); }
};

inline Answer ask_program(const QString& words, const QString& store) {
  auto variables = QProcessEnvironment::systemEnvironment();
  variables.insert(QStringLiteral("SELFSIGHT_STORE"), store);
  QProcess program;
  program.setProcessEnvironment(variables);
  program.start(QStringLiteral(SELFSIGHT_PROGRAM),
                words.split(QLatin1Char(' '), Qt::SkipEmptyParts));
  if (!program.waitForFinished(60000)) return {};
  return {program.exitCode(), program.readAllStandardOutput(), program.readAllStandardError()};
}

}  // namespace selfsight
