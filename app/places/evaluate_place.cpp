#include "app/places/evaluate_place.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/jobs/pipeline_maps.h"
#include "app/places/evaluation_words.h"
#include "app/places/health_page.h"
#include "app/places/kept_controls.h"
#include "app/places/label_page.h"
#include "app/places/numbers_card.h"
#include "app/places/run_choice.h"
#include "app/places/run_exports.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/confusion_view.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/fact_table.h"
#include "widgets/help_card.h"
#include "widgets/label_curve.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

/// Whether it was measured on these images. Numbers of before fingerprints were kept are of the
/// run's own.
bool measured_on(const Evaluation& e, const std::string& fingerprint, const std::string& home) {
  const auto protocol = nlohmann::json::parse(e.protocol, nullptr, false);
  return (protocol.is_object() ? protocol.value("dataset_fingerprint", home) : home) == fingerprint;
}

/// Those of everything that is measured with options.
Settings all_options() {
  Schema schema = label_settings().schema();
  const Schema linear = schema_of<LinearOptions>("linear.");
  schema.insert(schema.end(), linear.begin(), linear.end());
  return Settings(schema);
}

/// Those of one kind; the curve has its own beside those of each fine-tuning.
Settings options_of(const std::string& kind, const Settings& all) {
  Settings out = kind == "labels"   ? label_settings()
                 : kind == "linear" ? Settings(schema_of<LinearOptions>("linear."))
                                    : Settings(schema_of<FineTuneOptions>("finetune."));
  out.take_from(all);
  return out;
}

}  // namespace

EvaluatePlace::EvaluatePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Evaluate"), workspace, parent), options_(all_options()) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  set_help(help_);
  connect(&workspace, &Workspace::runs_changed, this, &EvaluatePlace::list_runs);
  connect(&workspace, &Workspace::dataset_changed, this, [this] {
    show_stored();
    show_state();
  });
  connect(&workspace, &Workspace::current_run_changed, this, &EvaluatePlace::list_runs);
  list_runs();
}

void EvaluatePlace::build_head() {
  runs_ = new RunChoice(QStringLiteral("evaluate_run"), workspace(), this);
  runs_->setMinimumWidth(160);  // else a long name would widen the window
  runs_->offer_files();
  connect(runs_, &RunChoice::source_changed, this, &EvaluatePlace::list_runs);
  add_about_widget(runs_);
  add_about_widget(runs_->input_field());
  kind_ = new QComboBox(this);
  kind_->setObjectName(QStringLiteral("probe_kind"));
  kind_->setAccessibleName(tr("What is measured"));
  const auto add = [this](const char* kind, const QString& tip) {
    kind_->addItem(kind_words(kind), QString::fromLatin1(kind));
    kind_->setItemData(kind_->count() - 1, tip, Qt::ToolTipRole);
  };
  add("knn", tr("The nearest training images vote; nothing is trained on labels"));
  add("linear", tr("Logistic regression on the frozen features, to its optimum"));
  add("finetune", tr("The whole encoder trains on the labels"));
  add("labels", tr("Accuracy by the number of labels, over several draws of them"));
  add("retrieval", tr("How early the training images of the same class come, sorted by likeness"));
  add("health", tr("How the features spread; needs no labels"));
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
  choose_ = button(tr("Choose k, T"), QStringLiteral("knn_choose"), ButtonKind::plain, this);
  choose_->setCheckable(true);
  choose_->setChecked(true);
  choose_->setToolTip(tr("Try several k and T on the validation split, and measure the best"));
  add_action_widget(choose_);
  connect(choose_, &QPushButton::toggled, this, &EvaluatePlace::show_state);
  for (QWidget* box : std::initializer_list<QWidget*>{kind_, k_, temperature_}) {
    guard_value(box);
    add_action_widget(box);
  }
  start_ = button(tr("Measure"), QStringLiteral("start_knn"), ButtonKind::primary, this);
  add_action_widget(start_);
  keep_choice(kind_);
  connect(kind_, &QComboBox::currentIndexChanged, this, [this] {
    help_->clear();  // the option it was about may be gone
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
  offer_files(confusion_, workspace(), QStringLiteral("confusion"), all_formats(),
              [this](const QString& format) { return confusion_->rendered(format); });
  verdict_ = paragraph({}, Voice::verdict, page);
  verdict_->setObjectName(QStringLiteral("knn_verdict"));
  waiting_ = new EmptyState({}, {}, {}, page);
  column->addWidget(progress_);
  column->addWidget(waiting_, 1);
  column->addWidget(confusion_, 1);
  column->addWidget(verdict_);
  column->addStretch();  // where there is no matrix
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  labels_ = new LabelPage(workspace(), stack_);
  stack_->addWidget(labels_);
  health_ = new HealthPage(workspace(), stack_);
  stack_->addWidget(health_);
  connect(labels_, &LabelPage::ended, this, [this] {
    set_status({});
    catch_up();
  });
  confusion_card_->body()->addWidget(stack_, 1);
  connect(empty_, &EmptyState::action_wanted, this, [this] {
    if (source_.none()) return Q_EMIT go_to(QStringLiteral("pretrain"));
    if (workspace().dataset() && obstacle().isEmpty()) return start();
    if (!source_.is_run()) return Q_EMIT go_to(QStringLiteral("data"));
    workspace().open_dataset_at(
        QString::fromStdString(workspace().store().run(source_.run).dataset_location));
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
  offer_files(results_, workspace(), QStringLiteral("results"), {QStringLiteral("csv")},
              [this](const QString&) { return results_->as_csv(); });
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
  offer_files(classes_, workspace(), QStringLiteral("classes"), {QStringLiteral("csv")},
              [this](const QString&) { return classes_->as_csv(); });
  classes_card_->body()->addWidget(classes_);
  column->addWidget(classes_card_);
  numbers_ = new NumbersCard(side);
  numbers_->offer(workspace());
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
    form_->show_settings(options_of(kind(), options_));
    if (kind() == "labels") show_stored();  // the curve that was measured so
    show_state();
  });
  options_card_->body()->addWidget(build_bank());
  options_card_->body()->addWidget(form_);
  column->addWidget(options_card_);
  help_ = new HelpCard(this);
  connect(form_, &SpecForm::help_wanted, help_, &HelpCard::explain);
  column->addStretch(1);
  return side;
}

QWidget* EvaluatePlace::build_bank() {
  bank_row_ = new QWidget(options_card_);
  auto* row = new QHBoxLayout(bank_row_);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(label(tr("Training images"), Voice::body, bank_row_), 1);
  bank_ = new QSpinBox(bank_row_);
  bank_->setObjectName(QStringLiteral("probe_bank"));
  bank_->setAccessibleName(tr("Training images that are used"));
  bank_->setToolTip(
      tr("Neighbours are looked for among so many, and classifiers learn from them. "
         "Of very many, as far as their features fit into memory."));
  bank_->setRange(0, 100'000'000);
  bank_->setSpecialValueText(tr("all"));
  bank_->setGroupSeparatorShown(true);
  bank_->setSingleStep(1000);
  guard_value(bank_);
  row->addWidget(bank_);
  return bank_row_;
}

std::string EvaluatePlace::kind() const {
  return kind_->currentData().toString().toStdString();
}

void EvaluatePlace::enter() {
  list_runs();
}

QList<QPair<QString, std::function<void()>>> EvaluatePlace::exports() {
  auto out = run_exports(workspace(), source_.is_run() ? source_.run : 0, this,
                         [this](const QString& words) { set_status(words); });
  const bool curve = kind() == "labels" && labels_->has_points();
  const bool matrix = kind() != "labels" && kind() != "health" && confusion_->has_matrix();
  for (const QString& format : all_formats()) {
    if (curve)
      out.append({tr("Label curve as %1…").arg(format.toUpper()),
                  [this, format] { Q_EMIT labels_->curve()->export_wanted(format); }});
    if (matrix)
      out.append({tr("Confusion as %1…").arg(format.toUpper()),
                  [this, format] { save_confusion(format); }});
  }
  return out;
}

void EvaluatePlace::save_confusion(const QString& format) {
  const QString problem =
      save_bytes(confusion_, QStringLiteral("confusion"), format, confusion_->rendered(format));
  if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
}

void EvaluatePlace::list_runs() {
  const EncoderSource wanted = runs_->list_sources();
  if (!busy() && wanted != source_) {
    source_ = wanted;
    outside_.clear();
  }
  runs_->show_source(source_);
  show_stored();
  show_state();
}

/// With what was chosen while it measured; but an encoder from a file stays until its numbers,
/// which nobody keeps, are seen.
void EvaluatePlace::catch_up() {
  if (source_.is_run()) return list_runs();
  show_stored();
  show_state();
}

QString EvaluatePlace::obstacle() const {
  if (source_.none()) return tr("There is no trained encoder yet.");
  const auto dataset = workspace().dataset();
  if (!dataset) return tr("No data set is open.");
  if (!source_.is_run() && (kind() == "finetune" || kind() == "labels"))
    return tr(
        "Fine-tuning goes on from a run. Start one with this file as its first weights, or choose "
        "another measurement.");
  if (kind() != "health" && !dataset->labelled())
    return tr(
        "These images have no labels, so accuracy cannot be measured. Put them into one "
        "folder per class, or open a labelled set that the encoder never saw. Health needs no "
        "labels; choose it above.");
  return {};
}

bool EvaluatePlace::busy() const {
  return job_ || labels_->running();
}

bool EvaluatePlace::shows_health() const {
  return kind() == "health" && !health_images_.empty() && health_images_ == images() &&
         health_source_ == source_;
}

void EvaluatePlace::show_page() {
  const bool labels = kind() == "labels", health = kind() == "health";
  const bool curve = labels && (labels_->running() || labels_->has_points());
  const bool measured = !labels && (job_ || (health ? shows_health() : has_numbers_));
  stack_->setCurrentIndex(curve ? 2 : !measured ? 0 : health && !job_ ? 3 : 1);
  const bool matrix = !labels && !health && confusion_->has_matrix();
  confusion_->setVisible(matrix);
  waiting_->setVisible(job_ && !matrix);
  waiting_->set_text(tr("Measuring…"), empty_words(kind()), {});
  progress_->setVisible(job_);
  classes_card_->setVisible(measured && !job_ && matrix);
  confusion_card_->set_title(labels                  ? tr("What a label is worth")
                             : health                ? tr("Spectrum and correlation")
                             : kind() == "retrieval" ? kind_words(kind())
                                                     : tr("Confusion"));
  confusion_card_->set_subtitle(
      labels   ? tr("test accuracy by number of labels, mean of the seeds and its 95 % band")
      : health ? tr("singular values of the features, largest first")
      : kind() == "retrieval" ? tr("how early the images of the same class come")
      : has_numbers_ && !matrix && !job_
          ? tr("measured without a matrix, or of more classes than one can show")
          : tr("true class down, predicted across, percent of the true"));
}

void EvaluatePlace::show_state() {
  const QString reason = obstacle();
  const bool labels = kind() == "labels", knn = kind() == "knn";
  show_page();
  runs_->setEnabled(!busy());
  kind_->setEnabled(!busy());
  form_->setEnabled(!busy());
  bank_row_->setEnabled(!busy());
  choose_->setVisible(knn);
  k_->setVisible(knn && !choose_->isChecked());
  temperature_->setVisible(knn && !choose_->isChecked());
  start_->setText(busy()                            ? tr("Cancel")
                  : labels && labels_->has_points() ? tr("Go on")
                                                    : tr("Measure"));
  start_->setEnabled(busy() || reason.isEmpty());
  start_->setToolTip(!reason.isEmpty()    ? reason
                     : kind() == "health" ? tr("Look at the features of held-out images")
                                          : tr("Classify the test split by the features"));
  results_card_->setVisible(!labels);
  const bool tunes = labels || kind() == "finetune" || kind() == "linear";
  options_card_->setVisible(kind() != "health");
  bank_row_->setVisible(!labels && kind() != "health");
  form_->setVisible(tunes);
  help_->setVisible(tunes);
  if (tunes) form_->show_settings(options_of(kind(), options_));
  show_empty();
}

void EvaluatePlace::show_empty() {
  const QString reason = obstacle();
  if (source_.none())
    empty_->set_text(tr("No encoder yet"),
                     tr("Here you will read how good an encoder is, beside the same network with "
                        "random weights and the pixels themselves."),
                     tr("Go to Pretrain"));
  else if (!workspace().dataset() && source_.is_run())
    empty_->set_text(tr("No images are open"), tr("Open the data set of this run to measure it."),
                     tr("Open it"));
  else if (!workspace().dataset())
    empty_->set_text(tr("No images are open"),
                     tr("Open the images that this encoder is to be measured on."),
                     tr("Go to Data"));
  else if (!reason.isEmpty())
    empty_->set_text(workspace().dataset()->labelled() ? tr("Not for a file") : tr("No labels"),
                     reason, {});
  else
    empty_->set_text(kind() == "labels"      ? tr("What a label is worth")
                     : kind() == "health"    ? tr("Whether the features are in good health")
                     : kind() == "retrieval" ? tr("What is found by likeness")
                                             : tr("Which class is taken for which"),
                     empty_words(kind()), tr("Measure"));
}

std::vector<Evaluation> EvaluatePlace::evaluations() const {
  if (source_.none()) return {};
  return source_.is_run() ? workspace().store().evaluations(source_.run) : outside_;
}

std::string EvaluatePlace::images() const {
  if (const auto dataset = workspace().dataset()) return dataset->fingerprint();
  const bool run = source_.is_run() && !source_.none();
  return run ? workspace().store().run(source_.run).dataset_fingerprint : std::string();
}

void EvaluatePlace::show_stored() {
  std::map<std::string, double> newest;
  std::string protocol, picture;
  int looks = 0;
  const bool run = source_.is_run() && !source_.none();
  labels_->show_run(run ? source_.run : 0, options_of("labels", options_));
  const auto dataset = workspace().dataset();
  const std::string home = run       ? workspace().store().run(source_.run).dataset_fingerprint
                           : dataset ? dataset->fingerprint()
                                     : std::string();
  const std::string here = images();
  const auto all = evaluations();
  for (const Evaluation& e : all) {
    if (e.kind != kind() || !measured_on(e, here, home)) continue;
    newest[e.metric] = e.value;
    const bool trained = e.metric == measure_of(kind());
    if (protocol.empty() || trained || kind() == "health") protocol = e.protocol;
    if (e.metric == "effective_rank") picture = e.protocol;
    looks += trained;
  }
  numbers_->show_numbers(all, run       ? workspace().store().run(source_.run).dataset_name
                              : dataset ? dataset->name()
                                        : std::string());
  numbers_->setVisible(!all.empty());
  has_numbers_ = !newest.empty();
  show_confusion(protocol);
  show_kept_health(picture);
  show_results(newest, protocol, looks);
}

void EvaluatePlace::show_results(const std::map<std::string, double>& newest,
                                 const std::string& protocol, int looks) {
  const bool health = kind() == "health";
  results_card_->set_subtitle(health ? tr("of the features; no labels")
                              : kind() == "retrieval"
                                  ? tr("%1, test split").arg(kind_words(kind()))
                                  : tr("%1 accuracy, test split").arg(kind_words(kind())));
  const auto facts = evaluation_facts(kind(), newest);
  results_->set_facts(facts);
  results_->setVisible(!facts.isEmpty());
  const QString how = protocol_words(kind(), protocol);
  const QString times = looks == 1 ? tr("once") : tr("%1 times").arg(looks);
  const QString kept =
      source_.is_run() ? QString()
                       : QStringLiteral("\n\n") + tr("The encoder came from a file, so its numbers "
                                                     "are shown and not stored.");
  protocol_->setText(facts.isEmpty()
                         ? tr("Nothing measured yet for %1.")
                               .arg(source_.is_run() ? tr("this run") : tr("this encoder"))
                     : health || !source_.is_run()
                         ? how + QLatin1Char('.') + kept
                         : tr("%1.\n\nThe test split was used %2 for this run.").arg(how, times));
  verdict_->setText(verdict_words(kind(), newest));
  set_mood(verdict_, worth_having(kind(), newest) ? Mood::good : Mood::warn);
  verdict_->setVisible(!verdict_->text().isEmpty());
}

void EvaluatePlace::start() {
  if (busy() || !obstacle().isEmpty()) return;
  if (kind() == "labels") {
    labels_->start(source_.run, options_of("labels", options_));
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
  request.choose = choose_->isChecked();
  request.bank = bank_->value();
  request.linear = options_.read<LinearOptions>("linear.");
  const auto tuning = options_.read<FineTuneOptions>("finetune.");
  run(new Job(
      tr("%1 of %2").arg(kind_words(kind()), source_words(source_)),
      [request, tuning, source = source_, store = workspace().store_folder(),
       dataset = workspace().dataset()](Control& control, const Job::Progress& progress) {
        if (request.kind == "health")
          return std::any(measure_health(store, source, *dataset, {}, control, progress));
        if (request.kind == "finetune")
          return std::any(measure_finetuning(store, source.run, *dataset, request.bank,
                                             request.queries, tuning, control, progress));
        return std::any(evaluate(store, source, *dataset, request, control, progress));
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
  };
  connect(job_, &Job::progress_changed, this,
          [this](double part) { progress_->setValue(static_cast<int>(1000 * part)); });
  connect(job_, &Job::finished, this, [this, over, measured = images()](const std::any& result) {
    over();
    take_result(result, measured);
    catch_up();
  });
  connect(job_, &Job::failed, this, [this, over](const QString& message) {
    over();
    catch_up();
    Q_EMIT workspace().problem(message);
  });
  connect(job_, &Job::cancelled, this, [this, over] {
    over();
    catch_up();
  });
  workspace().announce(job_);
  job_->start();
  set_status(tr("measuring"));
  show_state();
}

void EvaluatePlace::take_result(const std::any& result, const std::string& measured) {
  const auto keep = [this](const std::vector<Evaluation>& evaluations) {
    if (!source_.is_run()) outside_.insert(outside_.end(), evaluations.begin(), evaluations.end());
  };
  if (const auto* report = std::any_cast<HealthReport>(&result)) {
    health_source_ = source_;
    health_images_ = measured;
    health_->show_health(report->health);
    keep(report->evaluations);
  } else if (const auto* probe = std::any_cast<ProbeReport>(&result)) {
    keep(probe->evaluations);
  }
}

void EvaluatePlace::show_kept_health(const std::string& protocol) {
  if (shows_health()) return;
  const HealthPicture kept = kept_health(protocol);
  if (kept.spectrum.empty()) return;
  health_source_ = source_;
  health_images_ = images();
  health_->show_kept(kept);
}

/// As it was kept with the number.
void EvaluatePlace::show_confusion(const std::string& protocol) {
  const Confusion confusion = kept_confusion(protocol);
  QList<QPair<QString, QString>> classes;
  for (std::size_t i = 0; i < confusion.counts.size(); ++i) {
    const auto& row = confusion.counts[i];
    const auto sum = std::accumulate(row.begin(), row.end(), std::int64_t{0});
    if (sum > 0)
      classes.append({confusion.names.value(static_cast<int>(i)),
                      percent_words(static_cast<double>(row[i]) / static_cast<double>(sum), 1)});
  }
  confusion_->set_matrix(confusion.names, confusion.counts);
  classes_->set_facts(classes);
}

}  // namespace selfsight
