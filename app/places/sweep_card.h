// A sweep: the values that one or two options take in turn, and the runs that come of them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/spec/sweep.h"
#include "widgets/card.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace selfsight {

struct Estimate;
class RunCost;
class Workspace;

/// What a person typed as values of this option, as sweep() reads them: choices may be written as
/// the form shows them, and a separator too many is none.
std::string sweep_values(const Field& field, const QString& typed);

/// All runs together, in seconds: each takes as long as the measured one, epoch for epoch.
double sweep_seconds(const Estimate& estimate, const Settings& measured,
                     const std::vector<SweepPoint>& points);

/// Varies the settings of the next run and queues a run for each combination.
class SweepCard : public Card {
  Q_OBJECT
 public:
  SweepCard(Workspace& workspace, RunCost& cost, QWidget* parent = nullptr);

  void open();
  /// The settings, the images or the cost may be others.
  void follow();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Row {
    QComboBox* option;
    QLineEdit* values;
  };
  Row add_row(const QString& name, const QString& nothing, const QString& option_name,
              const QString& values_name);
  void list_options();
  void show_hint(const Row& row);
  std::vector<std::string> assignments() const;
  /// Throws InputError for values that are refused.
  std::vector<SweepPoint> checked_points() const;
  void show_time();
  void queue();

  Workspace& workspace_;
  RunCost& cost_;
  std::array<Row, 2> rows_{};
  QLabel* time_;
  QPushButton* estimate_;
  QLabel* wrong_;
  QPushButton* queue_;
  std::vector<std::string> listed_;  // the keys of the options that are offered
  std::vector<SweepPoint> points_;   // that the rows ask for; none while one is refused
  bool queueing_ = false;
};

}  // namespace selfsight
