#include "app/places/run_choice.h"

#include <QSignalBlocker>
#include <algorithm>

#include "app/places/run_words.h"
#include "app/workspace.h"
#include "widgets/controls.h"

namespace selfsight {

RunChoice::RunChoice(const QString& name, Workspace& workspace, QWidget* parent)
    : QComboBox(parent), workspace_(workspace) {
  setObjectName(name);
  setAccessibleName(tr("Run"));
  setSizeAdjustPolicy(QComboBox::AdjustToContents);
  setMaximumWidth(320);
  ignore_wheel(this);
  connect(this, &QComboBox::activated, this,
          [this](int index) { workspace_.set_current_run(itemData(index).toLongLong()); });
}

std::int64_t RunChoice::list() {
  const QSignalBlocker quiet(this);
  clear();
  const auto runs = workspace_.store().runs();
  const auto encoders = workspace_.store().runs_with_checkpoints();
  std::int64_t wanted = 0;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->archived || !std::ranges::binary_search(encoders, run->id)) continue;
    addItem(QStringLiteral("%1 · %2").arg(run->id).arg(run_label(*run)),
            static_cast<qlonglong>(run->id));
    if (wanted == 0 || run->id == workspace_.current_run()) wanted = run->id;
  }
  setVisible(count() > 0);
  return wanted;
}

void RunChoice::show_run(std::int64_t run) {
  const QSignalBlocker quiet(this);
  setCurrentIndex(findData(static_cast<qlonglong>(run)));
}

}  // namespace selfsight
