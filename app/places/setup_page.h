// The next run: a preset to begin from, a method, every option, and what is in the way of a start.
#pragma once

#include <QWidget>
#include <memory>

#include "core/spec/preset.h"

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace selfsight {

class Card;
class Dataset;
class HelpCard;
class MethodChoice;
class RunCost;
class SpecForm;
class SweepCard;
class Workspace;

class SetupPage : public QObject {
  Q_OBJECT
 public:
  SetupPage(Workspace& workspace, QWidget* parent);

  QWidget* main() const { return main_; }
  QWidget* side() const { return side_; }
  HelpCard* help() const { return help_; }
  /// Why a run cannot start now; empty if it can.
  QString obstacle() const;
  /// Why a run of these settings can never start; empty if it can.
  QString flaw() const;
  QString doubt() const;  // about settings that a run could be started with
  void refresh();
  void open_sweep();

 Q_SIGNALS:
  void resume_wanted(std::int64_t run);

 private:
  QWidget* build_main(QWidget* parent);
  QWidget* build_side(QWidget* parent);
  void list_presets();
  void take_preset(int index);
  void take_value(const QString& key, const Value& value);
  void show_settings();
  void show_resumable();

  Workspace& workspace_;
  std::vector<Preset> presets_;
  std::shared_ptr<const Dataset> listed_for_;  // whose presets stand first
  QWidget* main_;
  QWidget* side_;
  QComboBox* preset_ = nullptr;
  QLabel* method_help_ = nullptr;
  MethodChoice* method_ = nullptr;
  SpecForm* form_ = nullptr;
  QLabel* obstacle_ = nullptr;
  SweepCard* sweep_ = nullptr;
  RunCost* cost_ = nullptr;
  Card* provenance_ = nullptr;
  QLabel* provenance_words_ = nullptr;
  HelpCard* help_ = nullptr;
  Card* resumable_ = nullptr;
  QWidget* resumable_list_ = nullptr;
};

}  // namespace selfsight
