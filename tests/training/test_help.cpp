// Every option says what it does in words, and where it is from.
#include <QRegularExpression>
#include <QTest>
#include <algorithm>

#include "core/maps/maps.h"
#include "core/probes/finetune.h"
#include "core/probes/labels.h"
#include "core/probes/linear.h"
#include "core/training/run_spec.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Without the full stops of numbers and of "et al.".
QStringList sentences(const std::string& text) {
  static const QRegularExpression stop(QStringLiteral("(?<!et al)[.](?:\\s+|$)"));
  return QString::fromStdString(text).split(stop, Qt::SkipEmptyParts);
}

bool names_a_source(const QString& sentence) {
  static const QRegularExpression source(QStringLiteral(
      "\\b(19|20)\\d\\d\\b|Selfsight|torchvision|timm|PyTorch|lightly|scikit-learn"));
  return source.match(sentence).hasMatch();
}

bool short_sentences(const QStringList& said) {
  return std::all_of(said.begin(), said.end(), [](const QString& sentence) {
    return sentence.split(QLatin1Char(' ')).size() <= 26;
  });
}

/// Every option there is, those of all methods included.
Schema every_option() {
  Schema out = schema_of<LabelOptions>("labels.");
  const auto add = [&](const Schema& more) { out.insert(out.end(), more.begin(), more.end()); };
  add(schema_of<FineTuneOptions>("finetune."));
  add(schema_of<TsneOptions>("tsne."));
  add(schema_of<LinearOptions>("linear."));
  for (const MethodInfo& method : method_infos()) add(run_schema(method.name));
  return out;
}

}  // namespace

class TestHelp : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void every_option_is_explained_in_three_sentences_and_names_its_source() {
    for (const Field& field : every_option()) {
      const QStringList said = sentences(field.help);
      const std::string blame = field.key + ": " + field.help;
      QVERIFY2(said.size() >= 4, blame.c_str());
      QVERIFY2(names_a_source(said.back()), blame.c_str());
      QVERIFY2(short_sentences(said), blame.c_str());
    }
  }

  void every_method_is_explained_in_three_sentences_and_names_its_paper() {
    for (const MethodInfo& method : method_infos()) {
      const QStringList said = sentences(method.help);
      QVERIFY2(said.size() >= 3 && short_sentences(said), method.help.c_str());
      QVERIFY2(names_a_source(QString::fromStdString(method.paper)), method.name.c_str());
    }
  }
};

SELFSIGHT_SUITE(TestHelp, QCoreApplication);
#include "test_help.moc"
