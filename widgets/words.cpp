#include "widgets/words.h"

#include <QCoreApplication>
#include <QDir>
#include <cmath>

#include "core/base/files.h"

namespace selfsight {
namespace {

struct NumberWords {
  Q_DECLARE_TR_FUNCTIONS(words)
};

}  // namespace

QString grouped_number(std::int64_t number) {
  return QString::fromStdString(grouped(number));
}

QString core_words(const std::string& text) {
  return QCoreApplication::translate("core", text.c_str());
}

QString duration_words(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 60) return NumberWords::tr("%1 s").arg(whole);
  const std::int64_t minutes = (whole + 30) / 60;
  if (minutes < 60) return NumberWords::tr("%1 min").arg(minutes);
  return NumberWords::tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

QString number_words(double number) {
  return QString::number(number, 'g', 4);
}

QString with_point(const QString& typed) {
  QString text = typed.trimmed();
  if (text.count(QLatin1Char(',')) != 1 || text.contains(QLatin1Char('.'))) return typed;
  text.replace(QLatin1Char(','), QLatin1Char('.'));
  bool number = false;
  text.toDouble(&number);
  return number ? text : typed;
}

QString percent_words(double part, int decimals) {
  return NumberWords::tr("%1 %").arg(part * 100, 0, 'f', decimals);
}

QString path_words(const QString& path) {
  const QString home = QDir::homePath();
  if (path == home || path.startsWith(home + QLatin1Char('/')))
    return QLatin1Char('~') + path.mid(home.size());
  return path;
}

QString count_words(std::int64_t number, const QString& one, const QString& many) {
  return grouped_number(number) + QLatin1Char(' ') + (number == 1 ? one : many);
}

}  // namespace selfsight
