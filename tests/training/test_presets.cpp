// The recipes that are offered: one for each method and size of images, and one to try it quickly.
#include <QTest>
#include <map>

#include "core/methods/method_info.h"
#include "core/spec/preset.h"
#include "core/training/run_spec.h"
#include "tests/suite.h"

using namespace selfsight;

class TestPresets : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void each_method_has_a_recipe_for_each_size_data() {
    QTest::addColumn<QString>("preset");
    QTest::addColumn<int>("size");
    for (const MethodInfo& method : method_infos()) {
      const QString name = QString::fromStdString(method.name);
      for (const int size : {28, 32, 64, 224}) {
        const QString preset = QStringLiteral("%1-%2").arg(name).arg(size);
        QTest::newRow(qPrintable(preset)) << preset << size;
      }
      QTest::newRow(qPrintable(name + QStringLiteral("-64 at 96")))
          << name + QStringLiteral("-64") << 96;
    }
  }
  void each_method_has_a_recipe_for_each_size() {
    QFETCH(QString, preset);
    QFETCH(int, size);
    Settings settings = find_preset(preset.toStdString(), run_schema).settings;
    if (size == 96) settings.set("views.size", std::int64_t{96});
    const RunSpec spec = run_spec(settings);
    QVERIFY(preset.startsWith(QString::fromStdString(spec.method) + QLatin1Char('-')));
    QCOMPARE(spec.input.views.size, std::int64_t{size});
  }

  void each_method_has_one_quick_recipe() {
    std::map<std::string, int> quick;
    for (const Preset& preset : all_presets(run_schema)) {
      const RunSpec spec = run_spec(preset.settings);
      QVERIFY2(spec.optimiser.final_lr <= spec.optimiser.lr, preset.name.c_str());
      QVERIFY2(spec.optimiser.warmup_start_lr <= spec.optimiser.lr, preset.name.c_str());
      if (preset.name.ends_with("-quick")) ++quick[spec.method];
    }
    for (const MethodInfo& method : method_infos())
      QVERIFY2(quick[method.name] == 1, method.name.c_str());
  }
};

SELFSIGHT_SUITE(TestPresets, QCoreApplication);
#include "test_presets.moc"
