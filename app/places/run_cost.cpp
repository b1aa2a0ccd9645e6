#include "app/places/run_cost.h"

#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int still_milliseconds = 1000;
constexpr double hour = 3600, long_run = 3 * hour;  // seconds

/// Two digits are all that such a share is worth.
double rounded(double value) {
  return QString::number(value, 'g', 2).toDouble();
}

}  // namespace

QString cost_words(const Estimate& estimate) {
  constexpr double gibibyte = 1 << 30;
  return RunCost::tr("About %1 (%2 an epoch), %3 GiB of memory, %4 images/s")
      .arg(duration_words(estimate.total_seconds), duration_words(estimate.epoch_seconds))
      .arg(static_cast<double>(estimate.peak_bytes) / gibibyte, 0, 'f', 1)
      .arg(estimate.images_per_second, 0, 'f', 0);
}

std::optional<double> epochs_in_an_hour(const Estimate& estimate) {
  if (!(estimate.total_seconds > long_run) || !(estimate.epoch_seconds > 0)) return std::nullopt;
  const double epochs = hour / estimate.epoch_seconds;
  return epochs >= 1 ? std::floor(epochs) : std::max(0.1, std::floor(10 * epochs) / 10);
}

Settings with_epochs(const Settings& settings, double epochs) {
  Settings out = settings;
  const double share = epochs / settings.get<double>("train.epochs");
  for (const Field& field : settings.schema()) {
    if (field.unit != "epochs" || field.key.starts_with("monitor.")) continue;
    const Value& value = settings.value(field.key);
    if (const auto* number = std::get_if<double>(&value))
      out.set(field.key, std::clamp(rounded(*number * share), field.min, field.max));
    else if (const auto* whole = std::get_if<std::int64_t>(&value))
      out.set(field.key, std::max(static_cast<std::int64_t>(std::ceil(field.min)),
                                  std::int64_t{std::llround(static_cast<double>(*whole) * share)}));
  }
  out.set("train.epochs", epochs);
  return out;
}

RunCost::RunCost(Workspace& workspace, QWidget* parent)
    : Card(tr("What it will cost"), parent),
      workspace_(workspace),
      button_(button(tr("Estimate"), QStringLiteral("estimate_run"), ButtonKind::plain, this)),
      hint_(paragraph(tr("A few steps of training tell the time and the memory it takes."),
                      Voice::soft, this)),
      words_(paragraph({}, Voice::soft, this)),
      fewer_(button({}, QStringLiteral("fewer_epochs"), ButtonKind::link, this)),
      still_(new QTimer(this)) {
  body()->addWidget(hint_);
  body()->addWidget(words_);
  body()->addWidget(fewer_, 0, Qt::AlignLeft);
  body()->addWidget(button_, 0, Qt::AlignLeft);
  button_->setToolTip(tr("Train a few steps and tell the time and memory it will take"));
  words_->setObjectName(QStringLiteral("run_estimate"));
  fewer_->setToolTip(tr("Train for fewer epochs, with a warm-up that is shorter by as much"));
  tell({});
  still_->setSingleShot(true);
  still_->setInterval(still_milliseconds);
  connect(button_, &QPushButton::clicked, this, [this] { measure(true); });
  connect(fewer_, &QPushButton::clicked, this,
          [this] { workspace_.set_settings(with_epochs(workspace_.settings(), fewer_epochs_)); });
  connect(still_, &QTimer::timeout, this, [this] {
    // Beside other work everything would look slower than it is.
    if (trial_ || workspace_.opening() || !workspace_.jobs().isEmpty()) return still_->start();
    measure(false);
  });
}

void RunCost::follow(bool obstacle) {
  obstacle_ = obstacle;
  const bool known = about_ == workspace_.settings();
  if (trial_ && (obstacle || !known)) give_up();
  if (!trial_ && !known) tell({});
  button_->setEnabled(!obstacle && !trial_);
  wait();
}

std::optional<Estimate> RunCost::known() const {
  return about_ == workspace_.settings() ? estimate_ : std::nullopt;
}

bool RunCost::can_ask() const {
  return button_->isEnabled();
}

void RunCost::ask() {
  button_->click();
}

void RunCost::wait() {
  if (workspace_.estimates() && isVisible() && !obstacle_ && !(about_ == workspace_.settings()))
    still_->start();
  else
    still_->stop();
}

void RunCost::measure(bool asked) {
  asked_ = asked;
  about_ = workspace_.settings();
  estimate_.reset();
  trial_ = new Job(
      tr("Estimating the next run"),
      [settings = about_, dataset = workspace_.dataset()](Control& control, const Job::Progress&) {
        return std::any(estimate_run(settings, dataset, control));
      },
      this);
  connect(trial_, &Job::finished, this,
          [this](const std::any& result) { take(std::any_cast<const Estimate&>(result)); });
  connect(trial_, &Job::failed, this,
          [this](const QString& message) { end(with_labels(message, about_.schema())); });
  connect(trial_, &Job::cancelled, this, [this] {
    if (!asked_) about_ = {};  // it gave way to a run
    end({});
  });
  if (asked) workspace_.announce(trial_);
  workspace_.set_trial(trial_);
  trial_->start();
  still_->stop();
  button_->setEnabled(false);
  tell(tr("Training a few steps to see"));
  Q_EMIT known_changed();
}

/// What comes of it is about nothing that is shown; with the same settings it is measured anew.
void RunCost::give_up() {
  trial_->stop();
  about_ = {};
}

void RunCost::take(const Estimate& estimate) {
  const bool known = about_ == workspace_.settings();
  estimate_ = estimate;
  end(cost_words(estimate));
  const auto epochs = epochs_in_an_hour(estimate);
  if (!known || !epochs) return;
  fewer_epochs_ = *epochs;
  fewer_->setText(tr("Fewer epochs: %1 in an hour").arg(number_words(*epochs)));
  fewer_->show();
}

void RunCost::end(const QString& words) {
  trial_->deleteLater();
  trial_ = nullptr;
  tell(about_ == workspace_.settings() ? words : QString());
  follow(obstacle_);
  Q_EMIT known_changed();
}

void RunCost::tell(const QString& words) {
  words_->setText(words);
  words_->setVisible(!words.isEmpty());
  hint_->setVisible(words.isEmpty());
  fewer_->hide();
}

void RunCost::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  wait();
}

void RunCost::hideEvent(QHideEvent* event) {
  Card::hideEvent(event);
  still_->stop();
  if (trial_ && !asked_) give_up();
}

}  // namespace selfsight
