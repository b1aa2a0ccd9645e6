// What a person is told whose run has left the numbers.
#include <QTest>
#include <limits>

#include "core/training/divergence.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

using In = Divergence::In;

QString words(const Divergence& divergence) {
  return QString::fromStdString(divergence_words(divergence));
}

/// In the middle of a run whose loss was falling.
Divergence falling(In in) {
  return {.in = in, .method = "MAE", .step = 1200, .lr = 0.05, .least_loss = 2, .last_loss = 2.1};
}

}  // namespace

class TestDivergence : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void what_happened_and_where_is_said() {
    QVERIFY(words(falling(In::loss))
                .startsWith("MAE's loss is no longer a number at step 1,200 (learning rate 0.05)"));
    QVERIFY(words(falling(In::gradients))
                .startsWith("The gradients of MAE's loss are no longer numbers at step 1,200"));
    QVERIFY(words(falling(In::weights))
                .startsWith("The weights are no longer numbers after step 1,200 of MAE"));
    QVERIFY(words(falling(In::optimiser))
                .startsWith("The means that the optimiser keeps are no longer numbers after step "
                            "1,200 of MAE"));
  }

  void before_the_first_update_the_learning_rate_is_not_blamed() {
    for (const In in : {In::loss, In::gradients}) {
      Divergence divergence = falling(in);
      divergence.step = 1;
      QVERIFY(words(divergence).contains("No weight was changed yet"));
      QVERIFY(words(divergence).contains("a temperature"));
    }
    for (const In in : {In::weights, In::optimiser}) {
      Divergence divergence = falling(in);
      divergence.step = 1;
      QVERIFY(words(divergence).contains("make optimiser.lr smaller"));
    }
  }

  void a_resumed_run_has_changed_its_weights_long_ago() {
    Divergence divergence = falling(In::loss);
    divergence.least_loss = std::numeric_limits<double>::infinity();
    QVERIFY(!words(divergence).contains("No weight was changed"));
    QVERIFY(!words(divergence).contains("inf"));
    QVERIFY(words(divergence).contains("The likeliest cause is a learning rate"));
  }

  void a_rising_loss_is_the_learning_rates() {
    for (const In in : {In::loss, In::gradients, In::weights}) {
      Divergence divergence = falling(in);
      divergence.last_loss = 3.5;
      QVERIFY(words(divergence).contains("The loss had risen from 2 to 3.5 before"));
      QVERIFY(words(divergence).contains("optimiser.clip_grad"));
    }
    Divergence below_zero = falling(In::loss);
    below_zero.least_loss = -1;
    below_zero.last_loss = -0.4;
    QVERIFY(words(below_zero).contains("The loss had risen from -1 to -0.4"));
  }

  void gradients_of_a_sound_loss_point_at_features_all_alike() {
    QVERIFY(words(falling(In::gradients)).contains("The loss itself is still a number"));
    QVERIFY(words(falling(In::gradients)).contains("the same for every image"));
    QVERIFY(words(falling(In::loss)).contains("The likeliest cause is a learning rate"));
  }
};

SELFSIGHT_SUITE(TestDivergence, QCoreApplication);
#include "test_divergence.moc"
