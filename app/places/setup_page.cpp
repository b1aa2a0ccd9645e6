#include "app/places/setup_page.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <utility>

#include "app/fitting_presets.h"
#include "app/places/method_choice.h"
#include "app/places/run_cost.h"
#include "app/places/run_words.h"
#include "app/places/settings_undo.h"
#include "app/places/sweep_card.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/help_card.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int resumable_shown = 5;

bool offers_resume(const Run& run) {
  return !run.archived && (run.status == RunStatus::stopped ||
                           run.status == RunStatus::interrupted || run.status == RunStatus::failed);
}

/// Data is chosen in Data, and the method above the form.
bool belongs_here(const Field& field) {
  return !field.key.starts_with("data.") && field.key != "method.name";
}

}  // namespace

SetupPage::SetupPage(Workspace& workspace, QWidget* parent)
    : QObject(parent), workspace_(workspace), presets_(all_presets(run_schema)) {
  help_ = new HelpCard(parent);
  main_ = build_main(parent);
  side_ = build_side(parent);
  // Out of sight it waits: a slider in Views changes the settings many times a second.
  const auto while_seen = [this](auto change) {
    return [this, change] {
      if (main_->isVisible()) (this->*change)();
    };
  };
  connect(&workspace, &Workspace::settings_changed, this, while_seen(&SetupPage::show_settings));
  connect(&workspace, &Workspace::dataset_changed, this, while_seen(&SetupPage::refresh));
  connect(&workspace, &Workspace::runs_changed, this, while_seen(&SetupPage::refresh));
  connect(&workspace, &Workspace::training_changed, this, while_seen(&SetupPage::refresh));
  refresh();
}

QWidget* SetupPage::build_main(QWidget* parent) {
  auto* card = new Card(tr("New run"), parent);
  auto* head = new QHBoxLayout;
  preset_ = new QComboBox(card);
  preset_->setObjectName(QStringLiteral("preset"));
  preset_->setAccessibleName(tr("Preset"));
  list_presets();
  preset_->setToolTip(tr("Options that are known to work, with where they are from"));
  guard_value(preset_);
  method_ = new MethodChoice(QStringLiteral("method"), card);
  head->addWidget(label(tr("Begin from"), Voice::soft, card));
  head->addWidget(preset_);
  head->addSpacing(measures::gap);
  head->addWidget(label(tr("Method"), Voice::soft, card));
  head->addWidget(method_);
  head->addStretch(1);
  head->addWidget(new SettingsUndo(workspace_, card, card));
  card->body()->addLayout(head);
  method_help_ = paragraph({}, Voice::soft, card);
  card->body()->addWidget(method_help_);
  auto* scroll = new QScrollArea(card);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  form_ = new SpecForm(scroll);
  form_->setObjectName(QStringLiteral("run_form"));
  form_->set_wanted(belongs_here);
  form_->set_columns(2);
  scroll->setWidget(form_);
  card->body()->addWidget(scroll, 1);
  obstacle_ = paragraph({}, Voice::verdict, card);
  obstacle_->setObjectName(QStringLiteral("run_obstacle"));
  set_mood(obstacle_, Mood::warn);
  card->body()->addWidget(obstacle_);
  connect(preset_, &QComboBox::activated, this, &SetupPage::take_preset);
  connect(method_, &MethodChoice::chosen, this, [this](const QString& name) {
    workspace_.set_settings(with_method(workspace_.settings(), name.toStdString(), run_schema));
  });
  connect(form_, &SpecForm::value_changed, this, &SetupPage::take_value);
  connect(form_, &SpecForm::help_wanted, help_, &HelpCard::explain);
  return card;
}

QWidget* SetupPage::build_side(QWidget* parent) {
  auto* side = new QWidget(parent);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  cost_ = new RunCost(workspace_, side);
  sweep_ = new SweepCard(workspace_, *cost_, side);
  provenance_ = new Card(tr("This preset"), side);
  provenance_words_ = paragraph({}, Voice::soft, provenance_);
  provenance_words_->setObjectName(QStringLiteral("preset_words"));
  provenance_->body()->addWidget(provenance_words_);
  resumable_ = new Card(tr("Go on with"), side);
  column->addWidget(sweep_);
  column->addWidget(cost_);
  column->addWidget(provenance_);
  column->addWidget(resumable_);
  column->addStretch(1);
  return side;
}

/// Those that are made for the open images stand first.
void SetupPage::list_presets() {
  listed_for_ = workspace_.dataset();
  preset_->clear();
  preset_->addItem(tr("Own settings"), -1);
  for (const bool wanted : {true, false}) {
    bool first = true;
    for (std::size_t i = 0; i < presets_.size(); ++i) {
      const bool fits =
          listed_for_ && preset_fits(presets_[i].name, *listed_for_, workspace_.preset_size());
      if (fits != wanted) continue;
      if (std::exchange(first, false)) preset_->insertSeparator(preset_->count());
      preset_->addItem(core_words(presets_[i].title), static_cast<int>(i));
    }
  }
}

void SetupPage::take_preset(int index) {
  const int chosen = preset_->itemData(index).toInt();
  if (chosen < 0) return;
  const Preset& preset = presets_[static_cast<std::size_t>(chosen)];
  Settings settings = preset.settings;
  // The images stay those that are open.
  if (workspace_.dataset()) settings.set("data.path", workspace_.dataset()->location());
  workspace_.set_settings(settings);
}

void SetupPage::take_value(const QString& key, const Value& value) {
  Settings settings = workspace_.settings();
  settings.set(key.toStdString(), value);
  workspace_.set_settings(settings);
}

QString SetupPage::obstacle() const {
  if (workspace_.training()) return tr("A run is training; add this one to the queue behind it.");
  if (workspace_.opening_next())
    return tr("The next run of the queue is about to begin; add this one to the queue behind it.");
  return flaw();
}

QString SetupPage::doubt() const {
  const double warmup = workspace_.settings().get<double>("optimiser.warmup_epochs");
  if (warmup <= 0 || warmup < workspace_.settings().get<double>("train.epochs")) return {};
  return tr(
      "The warm-up lasts as long as the run, so the learning rate never reaches its peak. "
      "Shorten Warm-up, or train for more epochs.");
}

QString SetupPage::flaw() const {
  if (!workspace_.dataset()) return tr("No data set is open; open one in Data first.");
  try {
    check_trainable(run_spec(workspace_.settings()), *workspace_.dataset());
  } catch (const Error& error) {
    return with_labels(core_words(error.what()), workspace_.settings().schema());
  }
  return {};
}

void SetupPage::refresh() {
  if (listed_for_ != workspace_.dataset()) list_presets();
  show_settings();
  show_resumable();
}

void SetupPage::show_settings() {
  const Settings& settings = workspace_.settings();
  form_->show_settings(settings);
  const std::string& method = settings.get<std::string>("method.name");
  method_->set_current(QString::fromStdString(method));
  const MethodInfo& info = method_info(method);
  method_help_->setText(
      QStringLiteral("%1 (%2)").arg(core_words(info.help), QString::fromStdString(info.paper)));
  int shown = 0;
  for (std::size_t i = 0; i < presets_.size(); ++i) {
    Settings preset = presets_[i].settings;
    preset.set("data.path", settings.get<std::string>("data.path"));
    if (preset == settings) shown = preset_->findData(static_cast<int>(i));
  }
  preset_->setCurrentIndex(shown);
  provenance_->setVisible(shown > 0);
  if (shown > 0) {
    const Preset& preset = presets_[static_cast<std::size_t>(preset_->itemData(shown).toInt())];
    provenance_words_->setText(
        tr("From: %1\n\nExpect: %2").arg(core_words(preset.provenance), core_words(preset.expect)));
  }
  const QString reason = obstacle();
  obstacle_->setText(reason.isEmpty() ? doubt() : reason);
  obstacle_->setVisible(!obstacle_->text().isEmpty());
  cost_->follow(!reason.isEmpty());
  sweep_->follow();
}

void SetupPage::open_sweep() {
  sweep_->open();
}

void SetupPage::show_resumable() {
  // One of its buttons may be what was just clicked: it is deleted later. Hidden first, or a list
  // that its layout has yet to show would come up as a window of its own.
  if (resumable_list_) {
    resumable_list_->hide();
    resumable_list_->setParent(nullptr);
    resumable_list_->deleteLater();
  }
  resumable_list_ = new QWidget(resumable_);
  auto* rows = new QVBoxLayout(resumable_list_);
  rows->setContentsMargins(0, 0, 0, 0);
  const auto runs = workspace_.store().runs();
  int shown = 0;
  for (auto run = runs.rbegin(); run != runs.rend() && shown < resumable_shown; ++run) {
    if (!offers_resume(*run)) continue;
    ++shown;
    auto* row = new QHBoxLayout;
    auto* words = new ElidedLabel(tr("run %1 · %2 · epoch %3")
                                      .arg(run->id)
                                      .arg(status_words(run->status))
                                      .arg(run->epoch, 0, 'f', 1),
                                  resumable_list_);
    words->setToolTip(run_title(*run));
    auto* go = button(tr("Resume"), QStringLiteral("resume_%1").arg(run->id), ButtonKind::plain,
                      resumable_list_);
    go->setEnabled(!workspace_.training() && !workspace_.opening_next());
    row->addWidget(words, 1);
    row->addWidget(go);
    rows->addLayout(row);
    connect(go, &QPushButton::clicked, this, [this, id = run->id] { Q_EMIT resume_wanted(id); });
  }
  resumable_->body()->addWidget(resumable_list_);
  resumable_->setVisible(shown > 0);
}

}  // namespace selfsight
