#include "app/places/evaluate_place.h"

#include <QComboBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "app/places/label_page.h"
#include "app/places/numbers_card.h"
#include "app/places/run_choice.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/confusion_view.h"
#include "widgets/controls.h"
#include "widgets/fact_table.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString protocol_words(const std::string& kind, const std::string& text) {
  const auto p = nlohmann::json::parse(text, nullptr, false);
  if (!p.is_object()) return {};
  const QString queries = grouped_number(p.value("query_images", std::int64_t{0}));
  const QString bank = grouped_number(p.value("bank_images", std::int64_t{0}));
  if (kind == "finetune")
    return EvaluatePlace::tr(
               "the whole network trains on %1 images, %2 steps of %3, a fixed schedule · %4 test "
               "images · clean views, eval mode · epoch %5")
        .arg(bank, grouped_number(p.value("steps", std::int64_t{0})),
             grouped_number(p.value("images_per_step", std::int64_t{0})), queries)
        .arg(p.value("checkpoint_epoch", 0.0), 0, 'g', 4);
  const QString classifier =
      kind == "linear"
          ? EvaluatePlace::tr(
                "logistic regression on %1 standardised training images · %2 test "
                "images · L2 %3 per image, chosen on the validation split")
                .arg(bank, queries)
                .arg(p.value("l2_per_image", 0.0), 0, 'g', 3)
          : EvaluatePlace::tr("k %1 · T %2 · %3 test images against %4 training images · cosine")
                .arg(p.value("k", 0))
                .arg(p.value("temperature", 0.0))
                .arg(queries, bank);
  return EvaluatePlace::tr("%1 · clean views, eval mode · epoch %2")
      .arg(classifier)
      .arg(p.value("checkpoint_epoch", 0.0), 0, 'g', 4);
}

QString kind_words(const std::string& kind) {
  if (kind == "linear") return EvaluatePlace::tr("linear probe");
  if (kind == "finetune") return EvaluatePlace::tr("fine-tune");
  if (kind == "labels") return EvaluatePlace::tr("label efficiency");
  return EvaluatePlace::tr("kNN");
}

QString empty_words(const std::string& kind) {
  if (kind == "linear")
    return EvaluatePlace::tr(
        "A linear probe learns one weight per feature and class from the labelled training "
        "images, and leaves the encoder as it is.");
  if (kind == "finetune")
    return EvaluatePlace::tr(
        "Fine-tuning trains the whole encoder on the labelled images, beside the same network "
        "from scratch.");
  if (kind == "labels")
    return EvaluatePlace::tr(
        "Here you will see how accuracy grows with the number of labels, beside the same network "
        "from scratch, a random encoder and raw pixels.");
  return EvaluatePlace::tr(
      "kNN classifies each test image by the training images nearest to it in feature space. "
      "Nothing is trained on the labels.");
}

struct Row {
  const char* metric;
  QString name;
};

std::vector<Row> rows() {
  return {{"accuracy", EvaluatePlace::tr("Trained encoder")},
          {"accuracy_from_scratch", EvaluatePlace::tr("From scratch")},
          {"accuracy_random_encoder", EvaluatePlace::tr("Random encoder")},
          {"accuracy_raw_pixels", EvaluatePlace::tr("Raw pixels")}};
}

QString verdict_words(const std::map<std::string, double>& values) {
  const auto trained = values.find("accuracy");
  const auto random = values.find("accuracy_random_encoder");
  const auto pixels = values.find("accuracy_raw_pixels");
  const auto scratch = values.find("accuracy_from_scratch");
  if (trained == values.end()) return {};
  QString words = EvaluatePlace::tr("The trained encoder is right %1 of the time")
                      .arg(percent_words(trained->second, 1));
  if (scratch != values.end())
    return words + EvaluatePlace::tr("; the same network from scratch %1.")
                       .arg(percent_words(scratch->second, 1));
  if (random == values.end() || pixels == values.end()) return words + QLatin1Char('.');
  words += EvaluatePlace::tr("; the same network with random weights %1, raw pixels %2.")
               .arg(percent_words(random->second, 1), percent_words(pixels->second, 1));
  if (trained->second <= random->second)
    words += EvaluatePlace::tr(" Training has not made it better yet.");
  else if (trained->second <= pixels->second)
    words += EvaluatePlace::tr(" It has learnt, but the pixels alone do as well or better.");
  return words;
}

/// Better than what costs nothing.
bool worth_having(const std::map<std::string, double>& values) {
  const auto at = [&](const char* key) {
    const auto found = values.find(key);
    return found == values.end() ? 0 : found->second;
  };
  return at("accuracy") > std::max({at("accuracy_random_encoder"), at("accuracy_raw_pixels"),
                                    at("accuracy_from_scratch")});
}

}  // namespace

EvaluatePlace::EvaluatePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Evaluate"), workspace, parent), options_(label_settings()) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  connect(&workspace, &Workspace::runs_changed, this, &EvaluatePlace::list_runs);
  connect(&workspace, &Workspace::dataset_changed, this, &EvaluatePlace::show_state);
  connect(&workspace, &Workspace::current_run_changed, this, &EvaluatePlace::list_runs);
  list_runs();
}

void EvaluatePlace::build_head() {
  runs_ = new RunChoice(QStringLiteral("evaluate_run"), workspace(), this);
  add_about_widget(runs_);
  kind_ = new QComboBox(this);
  kind_->setObjectName(QStringLiteral("probe_kind"));
  kind_->setAccessibleName(tr("What classifies"));
  kind_->addItem(tr("kNN"), QStringLiteral("knn"));
  kind_->addItem(tr("Linear probe"), QStringLiteral("linear"));
  kind_->addItem(tr("Fine-tune"), QStringLiteral("finetune"));
  kind_->addItem(tr("Label efficiency"), QStringLiteral("labels"));
  kind_->setItemData(0, tr("The nearest training images vote; nothing is trained on labels"),
                     Qt::ToolTipRole);
  kind_->setItemData(1, tr("Logistic regression on the frozen features, to its optimum"),
                     Qt::ToolTipRole);
  kind_->setItemData(2, tr("The whole encoder trains on the labels"), Qt::ToolTipRole);
  kind_->setItemData(3, tr("Accuracy by the number of labels, over several draws of them"),
                     Qt::ToolTipRole);
  k_ = new QSpinBox(this);
  k_->setObjectName(QStringLiteral("knn_k"));
  k_->setAccessibleName(tr("Neighbours that vote"));
  k_->setToolTip(tr("How many neighbours vote. Wu et al. 2018 use 200 on ImageNet, DINO 20."));
  k_->setPrefix(tr("k "));
  k_->setRange(1, 10000);
  k_->setValue(20);
  temperature_ = new NumberBox(this);
  temperature_->setObjectName(QStringLiteral("knn_temperature"));
  temperature_->setAccessibleName(tr("Temperature of the votes"));
  temperature_->setToolTip(tr("Votes weigh exp(cosine / T)"));
  temperature_->setPrefix(tr("T "));
  temperature_->setRange(0.01, 10);
  temperature_->setSingleStep(0.01);
  temperature_->setValue(0.1);
  for (QWidget* box : std::initializer_list<QWidget*>{kind_, k_, temperature_}) {
    ignore_wheel_without_focus(box);
    add_action_widget(box);
  }
  start_ = button(tr("Measure"), QStringLiteral("start_knn"), ButtonKind::primary, this);
  add_action_widget(start_);
  connect(kind_, &QComboBox::currentIndexChanged, this, [this] {
    show_stored();
    show_state();
  });
  connect(start_, &QPushButton::clicked, this, [this] {
    if (job_) return job_->stop();
    if (labels_->running()) return labels_->stop();
    start();
  });
}

QWidget* EvaluatePlace::build_main() {
  confusion_card_ = new Card(tr("Confusion"), this);
  stack_ = new QStackedWidget(confusion_card_);
  empty_ = new EmptyState({}, {}, {}, stack_);
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::padding);
  progress_ = new QProgressBar(page);
  progress_->setObjectName(QStringLiteral("knn_progress"));
  progress_->setAccessibleName(tr("Progress of the measurement"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  confusion_ = new ConfusionView(page);
  verdict_ = paragraph({}, Voice::verdict, page);
  verdict_->setObjectName(QStringLiteral("knn_verdict"));
  column->addWidget(progress_);
  column->addWidget(confusion_, 1);
  column->addWidget(verdict_);
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  labels_ = new LabelPage(workspace(), stack_);
  stack_->addWidget(labels_);
  connect(labels_, &LabelPage::ended, this, [this] {
    set_status({});
    show_state();
  });
  confusion_card_->body()->addWidget(stack_, 1);
  connect(empty_, &EmptyState::action_wanted, this, [this] {
    if (run_ == 0) return Q_EMIT go_to(QStringLiteral("pretrain"));
    if (workspace().dataset() && obstacle().isEmpty()) return start();
    workspace().open_dataset_at(
        QString::fromStdString(workspace().store().run(run_).dataset_location));
  });
  return confusion_card_;
}

QWidget* EvaluatePlace::build_side() {
  auto* side = new QWidget(this);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  auto* card = results_card_ = new Card(tr("Results"), side);
  results_ = new FactTable(card);
  results_->setObjectName(QStringLiteral("knn_results"));
  results_->setAccessibleName(tr("Accuracy"));
  protocol_ = paragraph({}, Voice::soft, card);
  protocol_->setObjectName(QStringLiteral("knn_protocol"));
  card->body()->addWidget(results_);
  card->body()->addWidget(protocol_);
  column->addWidget(card);
  classes_card_ = new Card(tr("Right, by class"), side);
  classes_ = new FactTable(classes_card_);
  classes_->setObjectName(QStringLiteral("knn_classes"));
  classes_->setAccessibleName(tr("Accuracy of each class"));
  classes_card_->body()->addWidget(classes_);
  column->addWidget(classes_card_);
  numbers_ = new NumbersCard(side);
  column->addWidget(numbers_);
  connect(labels_, &LabelPage::point_clicked, numbers_,
          [this](const QString& title, const QString& size, const QString& protocol) {
            numbers_->open_protocol(tr("%1, %2").arg(title, size), protocol);
          });
  options_card_ = new Card(tr("How it is measured"), side);
  form_ = new SpecForm(options_card_);
  form_->setObjectName(QStringLiteral("probe_options"));
  connect(form_, &SpecForm::value_changed, this, [this](const QString& key, const Value& value) {
    options_.set(key.toStdString(), value);
    show_options(kind() == "labels");
  });
  options_card_->body()->addWidget(form_);
  column->addWidget(options_card_);
  column->addStretch(1);
  return side;
}

std::string EvaluatePlace::kind() const {
  return kind_->currentData().toString().toStdString();
}

void EvaluatePlace::enter() {
  list_runs();
}

void EvaluatePlace::list_runs() {
  const std::int64_t wanted = runs_->list();
  if (!busy()) run_ = wanted;
  runs_->show_run(run_);
  show_stored();
  show_state();
}

QString EvaluatePlace::obstacle() const {
  if (run_ == 0) return tr("There is no trained encoder yet.");
  const auto dataset = workspace().dataset();
  if (!dataset) return tr("No data set is open.");
  if (!dataset->labelled())
    return tr(
        "These images have no labels, so accuracy cannot be measured. Put them into one "
        "folder per class, or open a labelled set that the encoder never saw.");
  return {};
}

bool EvaluatePlace::busy() const {
  return job_ || labels_->running();
}

void EvaluatePlace::show_state() {
  const QString reason = obstacle();
  const bool labels = kind() == "labels";
  const bool confusion =
      !labels && (job_ || (measured_run_ != 0 && measured_run_ == run_ && measured_ == kind()));
  const bool curve = labels && (labels_->running() || labels_->has_points());
  stack_->setCurrentIndex(confusion ? 1 : curve ? 2 : 0);
  confusion_card_->set_title(labels ? tr("What a label is worth") : tr("Confusion"));
  confusion_card_->set_subtitle(
      labels ? tr("test accuracy by number of labels, mean of the seeds and its 95 % band")
             : tr("true class down, predicted across, percent of the true"));
  progress_->setVisible(job_);
  runs_->setEnabled(!busy());
  kind_->setEnabled(!busy());
  form_->setEnabled(!busy());
  k_->setVisible(kind() == "knn");
  temperature_->setVisible(kind() == "knn");
  start_->setText(busy() ? tr("Cancel") : curve ? tr("Go on") : tr("Measure"));
  start_->setEnabled(busy() || reason.isEmpty());
  start_->setToolTip(reason.isEmpty() ? tr("Classify the test split by the features") : reason);
  classes_card_->setVisible(confusion && !job_);
  results_card_->setVisible(!labels);
  const bool tunes = labels || kind() == "finetune";
  options_card_->setVisible(tunes);
  if (tunes) show_options(labels);
  show_empty();
}

/// The curve has options of its own beside those of each fine-tuning.
void EvaluatePlace::show_options(bool labels) {
  Settings shown(schema_of<FineTuneOptions>("finetune."));
  shown.take_from(options_);
  form_->show_settings(labels ? options_ : shown);
}

void EvaluatePlace::show_empty() {
  const QString reason = obstacle();
  if (run_ == 0)
    empty_->set_text(tr("No encoder yet"),
                     tr("Here you will read how good an encoder is, beside the same network with "
                        "random weights and the pixels themselves."),
                     tr("Go to Pretrain"));
  else if (!workspace().dataset())
    empty_->set_text(tr("No images are open"), tr("Open the data set of this run to measure it."),
                     tr("Open it"));
  else if (!reason.isEmpty())
    empty_->set_text(tr("No labels"), reason, {});
  else
    empty_->set_text(
        kind() == "labels" ? tr("What a label is worth") : tr("Which class is taken for which"),
        empty_words(kind()), tr("Measure"));
}

void EvaluatePlace::show_stored() {
  std::map<std::string, double> newest;
  std::string protocol;
  int looks = 0;
  labels_->show_run(run_);
  std::vector<Evaluation> all;
  if (run_ != 0) {
    all = workspace().store().evaluations(run_);
    numbers_->show_numbers(all, workspace().store().run(run_).dataset_name);
  }
  numbers_->setVisible(!all.empty());
  if (run_ != 0)
    for (const Evaluation& e : all) {
      if (e.kind != kind()) continue;
      newest[e.metric] = e.value;
      if (protocol.empty() || e.metric == "accuracy") protocol = e.protocol;
      looks += e.metric == "accuracy";
    }
  results_card_->set_subtitle(tr("%1 accuracy, test split").arg(kind_words(kind())));
  QList<QPair<QString, QString>> facts;
  for (const Row& row : rows())
    if (const auto value = newest.find(row.metric); value != newest.end())
      facts.append({row.name, percent_words(value->second, 1)});
  results_->set_facts(facts);
  results_->setVisible(!facts.isEmpty());
  protocol_->setText(facts.isEmpty()
                         ? tr("Nothing measured yet for this run.")
                         : tr("%1.\n\nThe test split was used %2 for this run.")
                               .arg(protocol_words(kind(), protocol),
                                    looks == 1 ? tr("once") : tr("%1 times").arg(looks)));
  verdict_->setText(verdict_words(newest));
  set_mood(verdict_, worth_having(newest) ? Mood::good : Mood::warn);
  verdict_->setVisible(!facts.isEmpty());
}

void EvaluatePlace::start() {
  if (busy() || !obstacle().isEmpty()) return;
  if (kind() == "labels") {
    labels_->start(run_, options_);
    set_status(tr("measuring"));
    return show_state();
  }
  start_probe();
}

void EvaluatePlace::start_probe() {
  ProbeRequest request;
  request.kind = kind();
  request.k = k_->value();
  request.temperature = temperature_->value();
  const auto tuning = options_.read<FineTuneOptions>("finetune.");
  run(new Job(
      tr("%1 of run %2").arg(kind_words(kind())).arg(run_),
      [request, tuning, run = run_, store = workspace().store_folder(),
       dataset = workspace().dataset()](Control& control, const Job::Progress& progress) {
        if (request.kind == "finetune")
          return std::any(measure_finetuning(store, run, *dataset, request.bank, request.queries,
                                             tuning, control, progress));
        return std::any(evaluate(store, run, *dataset, request, control, progress));
      },
      this));
}

void EvaluatePlace::run(Job* job) {
  job_ = job;
  progress_->setValue(0);
  const auto over = [this] {
    job_->deleteLater();
    job_ = nullptr;
    set_status({});
    show_state();
  };
  connect(job_, &Job::progress_changed, this,
          [this](double part) { progress_->setValue(static_cast<int>(1000 * part)); });
  connect(job_, &Job::finished, this, [this, over](const std::any& result) {
    over();
    take_result(result);
  });
  connect(job_, &Job::failed, this, [this, over](const QString& message) {
    over();
    Q_EMIT workspace().problem(message);
  });
  connect(job_, &Job::cancelled, this, over);
  workspace().announce(job_);
  job_->start();
  set_status(tr("measuring"));
  show_state();
}

void EvaluatePlace::take_result(const std::any& result) {
  if (const auto* tuned = std::any_cast<TuningReport>(&result))
    return show_confusion(tuned->pretrained, "finetune");
  const auto& report = std::any_cast<const ProbeReport&>(result);
  show_confusion(report.trained, report.kind);
}

void EvaluatePlace::show_confusion(const Classification& classified, const std::string& kind) {
  QStringList names;
  QList<QPair<QString, QString>> classes;
  for (const std::string& name : workspace().dataset()->classes())
    names.append(QString::fromStdString(name));
  const auto& confusion = classified.confusion;
  for (std::size_t i = 0; i < confusion.size(); ++i) {
    std::int64_t sum = 0;
    for (const std::int64_t count : confusion[i]) sum += count;
    if (sum > 0)
      classes.append(
          {names.value(static_cast<int>(i)),
           percent_words(static_cast<double>(confusion[i][i]) / static_cast<double>(sum), 1)});
  }
  confusion_->set_matrix(names, confusion);
  classes_->set_facts(classes);
  measured_run_ = run_;
  measured_ = kind;
  show_stored();
  show_state();
}

}  // namespace selfsight
