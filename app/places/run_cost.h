// What the next run will cost, told by a trial of a few steps.
#pragma once

#include <QPointer>
#include <optional>

#include "core/spec/settings.h"
#include "core/training/estimate.h"
#include "widgets/card.h"

class QLabel;
class QPushButton;
class QTimer;

namespace selfsight {

class Job;
class Workspace;

/// "About 3 h 20 min (1 min an epoch), 1.2 GiB of memory, 412 images/s".
QString cost_words(const Estimate& estimate);

/// How many epochs fit an hour, where the whole run takes more than three; whole ones, or tenths
/// where one takes longer.
std::optional<double> epochs_in_an_hour(const Estimate& estimate);

/// Fewer epochs; what begins or ends after so many of them keeps its share of the run.
Settings with_epochs(const Settings& settings, double epochs);

/// Measured when the person asks and, if the workspace allows it, by itself when the settings have
/// been still for a second; given up as soon as they change or a run starts.
class RunCost : public Card {
  Q_OBJECT
 public:
  explicit RunCost(Workspace& workspace, QWidget* parent = nullptr);

  /// The settings, or what is in the way of a start, may be others. With an obstacle nothing is
  /// measured.
  void follow(bool obstacle);

  /// Of the settings of the next run; empty until they were measured.
  std::optional<Estimate> known() const;
  /// As its button does.
  bool can_ask() const;
  void ask();

 Q_SIGNALS:
  void known_changed();  // or whether one can ask

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void wait();
  void measure(bool asked);
  void give_up();
  void take(const Estimate& estimate);
  void end(const QString& words);
  void tell(const QString& words);

  Workspace& workspace_;
  QPushButton* button_;
  QLabel* hint_;  // while there are no words
  QLabel* words_;
  QPushButton* fewer_;
  QTimer* still_;
  QPointer<Job> trial_;
  bool asked_ = false;  // for the trial under way, by the person
  bool obstacle_ = true;
  double fewer_epochs_ = 0;
  Settings about_;                    // those that were measured, or that the trial is about
  std::optional<Estimate> estimate_;  // what came of that
};

}  // namespace selfsight
