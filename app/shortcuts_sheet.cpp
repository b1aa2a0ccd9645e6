#include "app/shortcuts_sheet.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <array>
#include <initializer_list>

#include "widgets/controls.h"

namespace selfsight {
namespace {

struct Line {
  const char *keys, *does;
};

struct Group {
  const char* where;
  std::initializer_list<Line> lines;
  int column;
};

#define WORDS(text) QT_TRANSLATE_NOOP("ShortcutsSheet", text)

const Group groups[] = {
    {WORDS("Everywhere"),
     {{WORDS("Ctrl 1 to Ctrl 6"), WORDS("Data, Views, Pretrain, Explore, Evaluate, Compare")},
      {"Ctrl O", WORDS("Open a data set")},
      {WORDS("Arrow keys"), WORDS("From image to image; move a slider")},
      {"Tab", WORDS("To the next control")},
      {"F1", WORDS("This sheet")},
      {"Ctrl Q", WORDS("Quit; a run in training is asked about first")}},
     0},
    {WORDS("Data"), {{"Ctrl F", WORDS("Filter the images")}}, 0},
    {WORDS("Views"),
     {{"R", WORDS("Draw other views")},
      {"B", WORDS("Show A and B in turn")},
      {"D", WORDS("Show how far A and B are apart")}},
     0},
    {WORDS("Pretrain"), {{"Ctrl P", WORDS("Pause the run or go on")}}, 0},
    {WORDS("Curves"),
     {{"Home", WORDS("Show all")},
      {WORDS("Left, right"), WORDS("Along the curve")},
      {"+, −", WORDS("Closer, further away")}},
     0},
    {WORDS("Explore"),
     {{"Ctrl F", WORDS("Search with a picture")},
      {"L", WORDS("Lasso on or off")},
      {WORDS("Shift, Alt with the lasso"), WORDS("Add to what is selected, take from it")},
      {"Escape", WORDS("Select nothing")},
      {"Home", WORDS("Show the whole map")},
      {"+, −", WORDS("Closer, further away")},
      {"Space", WORDS("Play the epochs or stop")},
      {WORDS("Comma, full stop"), WORDS("One epoch back, one on")}},
     1},
    {WORDS("Compare"),
     {{WORDS("Ctrl or Shift and a click"), WORDS("Choose several runs")},
      {"F2", WORDS("Rename a run")},
      {"Delete", WORDS("Archive the chosen runs")},
      {"Shift Delete", WORDS("Delete them")},
      {"Ctrl Z", WORDS("Take the last change back")}},
     1},
    {WORDS("Sweep"),
     {{WORDS("Arrow keys"), WORDS("From run to run")}, {"Return", WORDS("Choose this run")}},
     1},
};

#undef WORDS

QString translated(const char* text) {
  return QCoreApplication::translate("ShortcutsSheet", text);
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
  for (const Group& group : groups) {
    QGridLayout* grid = grids[static_cast<std::size_t>(group.column)];
    grid->addWidget(label(translated(group.where), Voice::soft, this), grid->rowCount(), 0, 1, 2);
    for (const Line& line : group.lines) {
      const int row = grid->rowCount();
      grid->addWidget(label(translated(line.keys), Voice::tag, this), row, 0, Qt::AlignLeft);
      grid->addWidget(label(translated(line.does), Voice::body, this), row, 1);
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
