#include "app/places/compare_sweep.h"

#include <QComboBox>
#include <algorithm>
#include <array>
#include <limits>

#include "app/places/run_words.h"
#include "widgets/controls.h"
#include "widgets/parallel_plot.h"
#include "widgets/run_table.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr std::size_t most_options = 8;  // more axes cannot be told apart

struct Measure {
  const char* words;
  std::optional<double> RunRow::*value;
};
constexpr std::array<Measure, 4> measures_of_runs{
    {{QT_TRANSLATE_NOOP("selfsight::CompareSweep", "kNN, best"), &RunRow::knn_best},
     {QT_TRANSLATE_NOOP("selfsight::CompareSweep", "kNN, last"), &RunRow::knn_last},
     {QT_TRANSLATE_NOOP("selfsight::CompareSweep", "loss, best"), &RunRow::loss_best},
     {QT_TRANSLATE_NOOP("selfsight::CompareSweep", "loss, last"), &RunRow::loss_last}}};

}  // namespace

CompareSweep::CompareSweep(QWidget* parent)
    : Card(tr("Sweep"), parent),
      metric_(new QComboBox(this)),
      plot_(new ParallelPlot(this)),
      words_(paragraph({}, Voice::soft, this)) {
  metric_->setObjectName(QStringLiteral("sweep_metric"));
  metric_->setAccessibleName(tr("What the last axis shows"));
  for (const Measure& measure : measures_of_runs) metric_->addItem(tr(measure.words));
  guard_value(metric_);
  add_to_head(metric_);
  body()->addWidget(words_);
  body()->addWidget(plot_, 1);
  connect(metric_, &QComboBox::activated, this, &CompareSweep::refresh);
  connect(plot_, &ParallelPlot::clicked, this, &CompareSweep::run_clicked);
}

void CompareSweep::show_runs(std::vector<Run> runs, const std::vector<RunRow>& numbers) {
  runs_ = std::move(runs);
  numbers_ = numbers;
  stale_ = true;
  if (isVisible()) refresh();
}

void CompareSweep::show_chosen(const std::vector<std::int64_t>& runs) {
  plot_->set_chosen({runs.begin(), runs.end()});
}

void CompareSweep::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  if (stale_) refresh();
}

void CompareSweep::refresh() {
  stale_ = false;
  std::vector<Settings> settings;
  for (const Run& run : runs_) settings.push_back(run.settings);
  auto options = differences(settings);
  const std::size_t all = options.size();
  options.resize(std::min(all, most_options));
  std::vector<ParallelAxis> axes;
  std::vector<ParallelRun> lines;
  for (const Run& run : runs_)
    lines.push_back(
        {run.id, QStringLiteral("%1 · %2").arg(tr("run %1").arg(run.id), run_label(run)), {}});
  for (const Difference& option : options) {
    auto [axis, values] = parallel_axis(QString::fromStdString(option.key), option.values);
    axes.push_back(std::move(axis));
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].values.push_back(values[i]);
  }
  const Measure& measure = measures_of_runs[static_cast<std::size_t>(metric_->currentIndex())];
  axes.push_back(
      {.name = tr(measure.words),
       .share = measure.value == &RunRow::knn_best || measure.value == &RunRow::knn_last});
  for (ParallelRun& line : lines) {
    const auto row = std::ranges::find(numbers_, line.id, &RunRow::id);
    line.values.push_back(
        row == numbers_.end()
            ? std::numeric_limits<double>::quiet_NaN()
            : ((*row).*measure.value).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  const QString runs = count_words(static_cast<std::int64_t>(runs_.size()), tr("run"), tr("runs"));
  set_subtitle(
      all > most_options
          ? tr("%1 · the first %2 of %3 options that differ").arg(runs).arg(most_options).arg(all)
          : tr("%1 · point at a line, click it to choose the run").arg(runs));
  words_->setText(all == 0 ? tr("The runs in the table have the same options: nothing was varied.")
                           : QString());
  words_->setVisible(all == 0);
  plot_->setVisible(all > 0);
  plot_->set_runs(std::move(axes), std::move(lines));
}

}  // namespace selfsight
