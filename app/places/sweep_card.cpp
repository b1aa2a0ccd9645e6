#include "app/places/sweep_card.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QShortcut>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "app/jobs/pipeline_queue.h"
#include "app/places/run_cost.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

/// More are checked when they are queued, off the window's thread.
constexpr std::size_t checked_at_once = 50;

/// The images are those that are open.
bool may_vary(const Settings& settings, const Field& field) {
  return field.key != "data.path" && settings.applies(field);
}

bool is_list(const Field& field) {
  return std::holds_alternative<std::vector<double>>(field.fallback);
}

QString examples(const Field& field, const Value& value) {
  QStringList choices;
  for (const std::string& choice : field.choices) choices << choice_label(choice);
  if (std::holds_alternative<bool>(field.fallback)) choices = {"true", "false"};
  if (!choices.isEmpty()) return choices.join(QStringLiteral(", "));
  const QString now = value_text(value);
  if (now.isEmpty()) return SweepCard::tr("values with commas between them");
  return is_list(field) ? SweepCard::tr("such as %1; with semicolons between them").arg(now)
                        : SweepCard::tr("such as %1; with commas between them").arg(now);
}

/// All of them, or after a stop none but those that train by then.
void queue_or_none(Store& store, const std::vector<SweepPoint>& points, const Dataset& images,
                   const Control& control) {
  for (const SweepPoint& point : points) {
    control.check();
    check_trainable(run_spec(point.settings), images);
  }
  const DatasetAt at = [&](const std::string&) -> const Dataset& { return images; };
  std::vector<std::int64_t> queued;
  try {
    for (const SweepPoint& point : points) {
      control.check();
      queued.push_back(queue_points(store, {point}, at).front().run);
    }
  } catch (const Cancelled&) {
    for (const std::int64_t run : queued) {
      try {
        store.delete_run(run);
      } catch (const InputError&) {
        // It trains, and can be stopped as any other.
      }
    }
    throw;
  }
}

}  // namespace

std::string sweep_values(const Field& field, const QString& typed) {
  const QChar separator = QLatin1Char(is_list(field) ? ';' : ',');
  QStringList values;
  for (const QString& part : typed.split(separator)) {
    QString value = part.trimmed();
    if (value.isEmpty()) continue;
    for (const std::string& choice : field.choices)
      if (value.compare(choice_label(choice), Qt::CaseInsensitive) == 0)
        value = QString::fromStdString(choice);
    values << value;
  }
  return values.join(separator).toStdString();
}

double sweep_seconds(const Estimate& estimate, const Settings& measured,
                     const std::vector<SweepPoint>& points) {
  double epochs = 0;
  for (const SweepPoint& point : points) epochs += point.settings.get<double>("train.epochs");
  return estimate.total_seconds * epochs / measured.get<double>("train.epochs");
}

SweepCard::SweepCard(Workspace& workspace, RunCost& cost, QWidget* parent)
    : Card(tr("Sweep"), parent),
      workspace_(workspace),
      cost_(cost),
      time_(paragraph({}, Voice::soft, this)),
      estimate_(button(tr("Estimate the time"), QStringLiteral("sweep_estimate"), ButtonKind::link,
                       this)),
      wrong_(paragraph({}, Voice::verdict, this)),
      queue_(button({}, QStringLiteral("sweep_queue"), ButtonKind::primary, this)) {
  setObjectName(QStringLiteral("sweep_card"));
  body()->addWidget(paragraph(tr("Each combination of these values becomes a run of its own, with "
                                 "all other options as they are."),
                              Voice::soft, this));
  rows_ = {add_row(QStringLiteral("sweep_1"), tr("Choose an option"), tr("Option to vary"),
                   tr("Its values")),
           add_row(QStringLiteral("sweep_2"), tr("No second option"), tr("Second option to vary"),
                   tr("Values of the second option"))};
  body()->addWidget(time_);
  body()->addWidget(estimate_, 0, Qt::AlignLeft);
  body()->addWidget(wrong_);
  auto* foot = new QHBoxLayout;
  auto* close = button(tr("Close"), QStringLiteral("sweep_close"), ButtonKind::plain, this);
  foot->addWidget(queue_);
  foot->addWidget(close);
  foot->addStretch(1);
  body()->addLayout(foot);
  time_->setObjectName(QStringLiteral("sweep_time"));
  wrong_->setObjectName(QStringLiteral("sweep_wrong"));
  set_mood(wrong_, Mood::warn);
  hide();
  connect(queue_, &QPushButton::clicked, this, &SweepCard::queue);
  connect(close, &QPushButton::clicked, this, &QWidget::hide);
  connect(new QShortcut(QKeySequence(Qt::Key_Escape), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &QWidget::hide);
  connect(estimate_, &QPushButton::clicked, &cost, &RunCost::ask);
  connect(&cost, &RunCost::known_changed, this, &SweepCard::follow);
}

SweepCard::Row SweepCard::add_row(const QString& name, const QString& nothing,
                                  const QString& option_name, const QString& values_name) {
  const Row row{new QComboBox(this), new QLineEdit(this)};
  row.option->setObjectName(name + QStringLiteral("_option"));
  row.option->setAccessibleName(option_name);
  row.option->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  row.option->setMinimumContentsLength(20);
  row.option->addItem(nothing, QString());
  guard_value(row.option);
  row.values->setObjectName(name + QStringLiteral("_values"));
  row.values->setAccessibleName(values_name);
  body()->addWidget(row.option);
  body()->addWidget(row.values);
  connect(row.option, &QComboBox::currentIndexChanged, this, &SweepCard::follow);
  connect(row.values, &QLineEdit::textChanged, this, &SweepCard::follow);
  connect(row.values, &QLineEdit::returnPressed, queue_, &QPushButton::click);
  return row;
}

void SweepCard::open() {
  show();
  rows_[0].option->setFocus();
}

void SweepCard::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  follow();
}

void SweepCard::list_options() {
  const Settings& settings = workspace_.settings();
  std::vector<std::string> keys;
  for (const Field& field : settings.schema())
    if (may_vary(settings, field)) keys.push_back(field.key);
  if (keys == listed_) return;
  listed_ = std::move(keys);
  for (const Row& row : rows_) {
    const QSignalBlocker quiet(row.option);
    const QString chosen = row.option->currentData().toString();
    while (row.option->count() > 1) row.option->removeItem(1);
    for (const std::string& key : listed_)
      row.option->addItem(
          tr("%1 · %2").arg(field_label(key), group_label(key.substr(0, key.find('.')))),
          QString::fromStdString(key));
    row.option->setCurrentIndex(std::max(0, row.option->findData(chosen)));
  }
}

void SweepCard::show_hint(const Row& row) {
  const std::string key = row.option->currentData().toString().toStdString();
  row.values->setVisible(!key.empty());
  if (key.empty()) return row.option->setToolTip({});
  const Settings& settings = workspace_.settings();
  row.option->setToolTip(field_tooltip(settings.field(key)));
  row.values->setPlaceholderText(examples(settings.field(key), settings.value(key)));
}

std::vector<std::string> SweepCard::assignments() const {
  std::vector<std::string> out;
  for (const Row& row : rows_) {
    const std::string key = row.option->currentData().toString().toStdString();
    if (key.empty()) continue;
    const std::string values = sweep_values(workspace_.settings().field(key), row.values->text());
    if (!values.empty()) out.push_back(key + "=" + values);
  }
  return out;
}

std::vector<SweepPoint> SweepCard::checked_points() const {
  const auto varied = assignments();
  if (varied.empty()) return {};
  auto points = sweep(workspace_.settings(), varied, run_schema);
  if (!workspace_.dataset()) throw InputError("No data set is open; open one in Data first.");
  for (std::size_t i = 0; i < std::min(points.size(), checked_at_once); ++i)
    check_trainable(run_spec(points[i].settings), *workspace_.dataset());
  return points;
}

void SweepCard::follow() {
  if (!isVisible()) return;
  list_options();
  for (const Row& row : rows_) show_hint(row);
  points_.clear();
  QString wrong;
  try {
    points_ = checked_points();
  } catch (const Error& error) {
    wrong = with_labels(core_words(error.what()), workspace_.settings().schema());
  }
  wrong_->setText(wrong);
  wrong_->setVisible(!wrong.isEmpty());
  const auto count = static_cast<std::int64_t>(points_.size());
  queue_->setText(count == 0 ? tr("Queue runs")
                             : tr("Queue %1").arg(count_words(count, tr("run"), tr("runs"))));
  queue_->setEnabled(count > 0 && !queueing_);
  show_time();
}

void SweepCard::show_time() {
  const auto known = cost_.known();
  estimate_->setVisible(!points_.empty() && !known && cost_.can_ask());
  time_->setVisible(!points_.empty() && known);
  if (!known) return;
  time_->setText(tr("About %1 in all, if each epoch takes as long as with the options as they are.")
                     .arg(duration_words(sweep_seconds(*known, workspace_.settings(), points_))));
}

void SweepCard::queue() {
  auto* job = new Job(
      tr("Queueing %1")
          .arg(count_words(static_cast<std::int64_t>(points_.size()), tr("run"), tr("runs"))),
      [points = points_, dataset = workspace_.dataset(), folder = workspace_.store_folder()](
          Control& control, const Job::Progress&) -> std::any {
        Store store(folder);
        queue_or_none(store, points, *dataset, control);
        return {};
      },
      this);
  const auto over = [this, job] {
    job->deleteLater();
    queueing_ = false;
    Q_EMIT workspace_.runs_changed();
  };
  connect(job, &Job::finished, this, [this, over] {
    over();
    hide();
  });
  connect(job, &Job::cancelled, this, [this, over] {
    over();
    follow();
  });
  connect(job, &Job::failed, this, [this, over](const QString& message) {
    over();
    follow();
    wrong_->setText(with_labels(message, workspace_.settings().schema()));
    wrong_->show();
  });
  queueing_ = true;
  queue_->setEnabled(false);
  workspace_.announce(job);
  job->start();
}

}  // namespace selfsight
