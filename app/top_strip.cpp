#include "app/top_strip.h"

#include <QHBoxLayout>
#include <QLabel>

#include "app/jobs_popover.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString sides_words(const DatasetStatistics& s) {
  const QString smallest = QStringLiteral("%1×%2").arg(s.min_width).arg(s.min_height);
  if (s.min_width == s.max_width && s.min_height == s.max_height) return smallest;
  return QStringLiteral("%1 to %2×%3").arg(smallest).arg(s.max_width).arg(s.max_height);
}

}  // namespace

QString dataset_line(const Workspace& workspace) {
  const auto dataset = workspace.dataset();
  if (!dataset) return {};
  QStringList parts{count_words(dataset->size(), TopStrip::tr("image"), TopStrip::tr("images"))};
  const int channels = dataset->channels();
  const QString kind = channels == 1   ? TopStrip::tr("grey")
                       : channels == 3 ? TopStrip::tr("colour")
                                       : TopStrip::tr("in %1 bands").arg(channels);
  const auto& statistics = workspace.statistics();
  parts << (statistics && statistics->measured > 0
                ? sides_words(*statistics) + QLatin1Char(' ') + kind
                : kind);
  parts << (dataset->labelled() ? TopStrip::tr("labels used only to evaluate")
                                : TopStrip::tr("no labels"));
  return parts.join(QStringLiteral(" · "));
}

TopStrip::TopStrip(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      workspace_(workspace),
      name_(label({}, Voice::heading, this)),
      line_(new ElidedLabel({}, this)),
      jobs_(button(tr("Jobs"), QStringLiteral("jobs_button"), ButtonKind::chip, this)),
      export_(button(tr("Export ▾"), QStringLiteral("export_button"), ButtonKind::chip, this)),
      popover_(new JobsPopover(workspace, this)) {
  setObjectName(QStringLiteral("top_strip"));
  setAttribute(Qt::WA_StyledBackground);
  setFixedHeight(measures::top_strip);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(measures::margin, 0, measures::margin, 0);
  row->setSpacing(12);
  name_->setObjectName(QStringLiteral("dataset_name"));
  line_->setObjectName(QStringLiteral("dataset_line"));
  set_voice(line_, Voice::soft);
  row->addWidget(name_);
  row->addWidget(line_, 1);
  row->addWidget(jobs_);
  row->addWidget(export_);
  export_->setAccessibleName(tr("Export"));
  connect(jobs_, &QPushButton::clicked, this, [this] { popover_->show_at(jobs_); });
  connect(export_, &QPushButton::clicked, this, [this] { Q_EMIT export_wanted(export_); });
  connect(&workspace, &Workspace::dataset_changed, this, &TopStrip::show_dataset);
  connect(&workspace, &Workspace::statistics_changed, this, &TopStrip::show_dataset);
  connect(&workspace, &Workspace::opening_changed, this, &TopStrip::show_dataset);
  connect(&workspace, &Workspace::jobs_changed, this, &TopStrip::show_jobs);
  connect(&workspace, &Workspace::training_changed, this, &TopStrip::show_jobs);
  show_dataset();
  show_jobs();
}

void TopStrip::show_dataset() {
  const auto dataset = workspace_.dataset();
  name_->setText(dataset ? QString::fromStdString(dataset->name()) : tr("No data set"));
  line_->setText(workspace_.opening() ? tr("Opening…") : dataset_line(workspace_));
}

void TopStrip::show_jobs() {
  const qsizetype count =
      workspace_.jobs().size() + workspace_.downloads().size() + (workspace_.training() ? 1 : 0);
  jobs_->setText(count ? tr("Jobs %1").arg(count) : tr("Jobs"));
}

}  // namespace selfsight
