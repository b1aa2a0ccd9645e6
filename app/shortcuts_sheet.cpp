#include "app/shortcuts_sheet.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QList>
#include <QVBoxLayout>
#include <array>

#include "widgets/controls.h"

namespace selfsight {
namespace {

struct Line {
  QString keys, does;
};

struct Group {
  QString where;
  QList<Line> lines;
  int column;
};

struct ShortcutWords {
  Q_DECLARE_TR_FUNCTIONS(ShortcutsSheet)
 public:
  static QList<Group> groups();
};

QList<Group> ShortcutWords::groups() {
  return {
      {tr("Everywhere"),
       {{tr("Ctrl 1 to Ctrl 6"), tr("Data, Views, Pretrain, Explore, Evaluate, Compare")},
        {tr("Ctrl O"), tr("Open a data set")},
        {tr("Arrow keys"), tr("From image to image; move a slider")},
        {tr("Tab"), tr("To the next control")},
        {QStringLiteral("F1"), tr("This sheet")},
        {tr("Ctrl Q"), tr("Quit; a run in training is asked about first")}},
       0},
      {tr("Data"), {{tr("Ctrl F"), tr("Filter the images")}}, 0},
      {tr("Views"),
       {{QStringLiteral("R"), tr("Draw other views")},
        {QStringLiteral("B"), tr("Show A and B in turn")},
        {QStringLiteral("D"), tr("Show how far A and B are apart")},
        {tr("Arrow keys, Space"), tr("From patch to patch; hide or show it")}},
       0},
      {tr("Pretrain"),
       {{tr("Ctrl P"), tr("Pause the run or go on")}, {tr("Escape"), tr("Put the sweep away")}},
       0},
      {tr("Views and Pretrain"),
       {{tr("Ctrl Z"), tr("Take the last change of an option back")},
        {tr("Ctrl Shift Z"), tr("Make it again")}},
       0},
      {tr("Curves"),
       {{tr("Home"), tr("Show all")},
        {tr("Left, right"), tr("Along the curve")},
        {tr("Shift and left, right"), tr("The values at a place, of all runs")},
        {QStringLiteral("+, −"), tr("Closer, further away")}},
       0},
      {tr("Explore"),
       {{tr("Ctrl F"), tr("Search with a picture")},
        {QStringLiteral("L"), tr("Lasso on or off")},
        {tr("Shift, Ctrl with the lasso"), tr("Add to what is selected, take from it (or Alt)")},
        {tr("Arrow keys"), tr("From image to image on the map")},
        {tr("Return, Space"), tr("Select it; Ctrl adds it or takes it away")},
        {tr("Shift and arrow keys"), tr("Move the map")},
        {tr("Escape"), tr("Select nothing, take the marks off")},
        {tr("Home"), tr("Show the whole map")},
        {QStringLiteral("+, −"), tr("Closer, further away")},
        {tr("Space"), tr("Over epochs: play them or stop")},
        {tr("Comma, full stop"), tr("One epoch back, one on")}},
       1},
      {tr("Legend"), {{tr("Space, Return"), tr("Hide or show a class; only this one")}}, 1},
      {tr("Evaluate"),
       {{tr("Arrow keys"), tr("From point to point, from cell to cell")},
        {tr("Return"), tr("Open its protocol")}},
       0},
      {tr("Compare"),
       {{tr("Ctrl or Shift and a click"), tr("Choose several runs")},
        {QStringLiteral("F2"), tr("Rename a run")},
        {tr("Delete"), tr("Archive the chosen runs")},
        {tr("Shift Delete"), tr("Delete them")},
        {tr("Menu"), tr("All that can be done with them; columns and order")},
        {QStringLiteral("L"), tr("Lasso on the maps, on or off")},
        {tr("Ctrl Z"), tr("Take the last change back")}},
       1},
      {tr("Sweep"),
       {{tr("Arrow keys"), tr("From run to run")}, {tr("Return"), tr("Choose this run")}},
       1},
  };
}

}  // namespace

ShortcutsSheet::ShortcutsSheet(QWidget* parent) : Popover(parent) {
  setObjectName(QStringLiteral("shortcuts_sheet"));
  setAccessibleName(tr("Keys"));
  body()->addWidget(label(tr("Keys"), Voice::heading, this));
  auto* halves = new QHBoxLayout;
  halves->setSpacing(32);
  body()->addLayout(halves);
  std::array<QGridLayout*, 2> grids;
  for (QGridLayout*& grid : grids) {
    grid = new QGridLayout;
    grid->setHorizontalSpacing(20);
    grid->setVerticalSpacing(4);
    halves->addLayout(grid);
  }
  for (const Group& group : ShortcutWords::groups()) {
    QGridLayout* grid = grids[static_cast<std::size_t>(group.column)];
    grid->addWidget(label(group.where, Voice::soft, this), grid->rowCount(), 0, 1, 2);
    for (const Line& line : group.lines) {
      const int row = grid->rowCount();
      grid->addWidget(label(line.keys, Voice::tag, this), row, 0, Qt::AlignLeft);
      grid->addWidget(label(line.does, Voice::body, this), row, 1);
    }
  }
  for (QGridLayout* grid : grids) grid->setRowStretch(grid->rowCount(), 1);
}

void ShortcutsSheet::show_in_middle() {
  adjustSize();
  move(parentWidget()->window()->geometry().center() - rect().center());
  show();
}

}  // namespace selfsight
