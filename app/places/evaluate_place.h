#pragma once

#include <any>
#include <map>
#include <memory>

#include "app/jobs/pipeline.h"
#include "app/places/place.h"
#include "core/dataset/dataset.h"
#include "core/spec/settings.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace selfsight {

class Card;
class ConfusionView;
class EmptyState;
class FactTable;
class HealthPage;
class HelpCard;
class Job;
class LabelPage;
class NumbersCard;
class RunChoice;
class SpecForm;

/// How good an encoder is, beside the same network untrained and the pixels themselves.
class EvaluatePlace : public Place {
  Q_OBJECT
 public:
  explicit EvaluatePlace(Workspace& workspace, QWidget* parent = nullptr);

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;

 private:
  void build_head();
  QWidget* build_main();
  QWidget* build_side();
  QWidget* build_bank();
  void list_runs();
  void catch_up();
  void show_state();
  void show_stored();
  void start();
  void start_probe();
  /// Runs it where the measurements are shown to go on.
  void run(Job* job);
  /// `measured` is the fingerprint of the images.
  void take_result(const std::any& result, const std::string& measured);
  void show_confusion(const std::string& protocol);
  void save_confusion(const QString& format);
  /// Unless what was just measured is seen already, whole.
  void show_kept_health(const std::string& protocol);
  /// The fingerprint of the images that numbers are shown of: of those that are open, else of the
  /// run's own.
  std::string images() const;
  std::vector<Evaluation> evaluations() const;
  bool shows_health() const;
  void show_page();
  void show_results(const std::map<std::string, double>& newest, const std::string& protocol,
                    int looks);
  void show_empty();
  bool busy() const;
  std::string kind() const;  // "knn", "linear", "finetune", "labels", "retrieval" or "health"
  /// Why nothing can be measured now; empty if it can.
  QString obstacle() const;

  Job* job_ = nullptr;
  EncoderSource source_;
  std::vector<Evaluation> outside_;  // of an encoder from a file, which no store keeps
  bool has_numbers_ = false;         // of this encoder, kind and data set
  EncoderSource health_source_;      // whose health is shown
  std::string health_images_;        // and on which images

  RunChoice* runs_ = nullptr;
  QComboBox* kind_ = nullptr;
  QSpinBox* k_ = nullptr;
  QDoubleSpinBox* temperature_ = nullptr;
  QPushButton* choose_ = nullptr;
  QWidget* bank_row_ = nullptr;
  QSpinBox* bank_ = nullptr;
  QPushButton* start_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  EmptyState* waiting_ = nullptr;  // while nothing is measured yet
  ConfusionView* confusion_ = nullptr;
  Card* confusion_card_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* verdict_ = nullptr;
  LabelPage* labels_ = nullptr;
  HealthPage* health_ = nullptr;
  Settings options_;  // labels.*, finetune.* and linear.*
  SpecForm* form_ = nullptr;
  Card* options_card_ = nullptr;
  HelpCard* help_ = nullptr;
  NumbersCard* numbers_ = nullptr;
  Card* results_card_ = nullptr;
  FactTable* results_ = nullptr;
  QLabel* protocol_ = nullptr;
  Card* classes_card_ = nullptr;
  FactTable* classes_ = nullptr;
};

}  // namespace selfsight
