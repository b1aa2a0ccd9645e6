// A method added as CONTRIBUTING says: toy.cpp is its one new file, and the one line stands in the
// register that this program is built with. Nothing else knows of it.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/error.h"
#include "tests/training/runs.h"

using namespace selfsight;

class TestToy : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void the_register_has_it_beside_all_others() {
    QCOMPARE(method_info("toy").title, std::string("Toy"));
    QCOMPARE(method_info("").name, std::string("simclr"));
    QVERIFY(method_infos().size() > 2);
  }

  void its_options_are_options_of_a_run() {
    const Settings settings(run_schema("toy"));
    QCOMPARE(settings.get<double>("method.strength"), 1.0);
    Settings other(run_schema("simclr"));
    const auto& names = other.field("method.name").choices;
    QVERIFY(std::find(names.begin(), names.end(), "toy") != names.end());
    apply_assignments(other, {"method.name=toy", "method.strength=2"}, run_schema);
    QCOMPARE(other.get<double>("method.strength"), 2.0);
    QVERIFY_EXCEPTION_THROWN(apply_assignments(other, {"method.strength=11"}, run_schema),
                             InputError);
  }

  void it_trains() {
    const QTemporaryDir folder;
    Listener listener;
    TrainRequest request;
    request.settings = tiny_run("toy", "adamw");
    request.settings.set("train.epochs", 6.0);
    request.dataset = std::make_shared<Squares>(64, 0);
    request.folder = folder.path().toStdString();
    const TrainResult result = train(request, listener, listener.control);
    QCOMPARE(result.end, TrainResult::End::finished);
    QVERIFY(listener.steps.back().loss < listener.steps.front().loss);
    QVERIFY(!listener.checkpoints.empty());
  }
};

QTEST_GUILESS_MAIN(TestToy)
#include "test_toy.moc"
