#include "app/shortcuts_sheet.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "widgets/controls.h"

namespace selfsight {
namespace {

struct Line {
  const char *keys, *does;
};

constexpr Line lines[] = {
    {"Ctrl 1 to Ctrl 6",
     QT_TRANSLATE_NOOP("ShortcutsSheet", "Data, Views, Pretrain, Explore, Evaluate, Compare")},
    {"Ctrl O", QT_TRANSLATE_NOOP("ShortcutsSheet", "Open a data set")},
    {"Ctrl F", QT_TRANSLATE_NOOP("ShortcutsSheet", "Filter the images, in Data")},
    {"R", QT_TRANSLATE_NOOP("ShortcutsSheet", "Draw other views, in Views")},
    {"Arrow keys", QT_TRANSLATE_NOOP("ShortcutsSheet", "From image to image; move a slider")},
    {"Tab", QT_TRANSLATE_NOOP("ShortcutsSheet", "To the next control")},
    {"F1", QT_TRANSLATE_NOOP("ShortcutsSheet", "This sheet")},
    {"Ctrl Q", QT_TRANSLATE_NOOP("ShortcutsSheet", "Quit; a run in training is asked about first")},
};

}  // namespace

ShortcutsSheet::ShortcutsSheet(QWidget* parent) : Popover(parent) {
  setObjectName(QStringLiteral("shortcuts_sheet"));
  setAccessibleName(tr("Keys"));
  body()->addWidget(label(tr("Keys"), Voice::heading, this));
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(20);
  grid->setVerticalSpacing(6);
  int row = 0;
  for (const Line& line : lines) {
    grid->addWidget(label(tr(line.keys), Voice::tag, this), row, 0, Qt::AlignLeft);
    grid->addWidget(
        label(QCoreApplication::translate("ShortcutsSheet", line.does), Voice::body, this), row, 1);
    ++row;
  }
  body()->addLayout(grid);
}

void ShortcutsSheet::show_in_middle() {
  adjustSize();
  move(parentWidget()->window()->geometry().center() - rect().center());
  show();
}

}  // namespace selfsight
