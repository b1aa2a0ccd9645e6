#include "app/places/open_menu.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QMenu>
#include <algorithm>

#include "app/ask.h"
#include "app/catalogue_dialog.h"
#include "app/workspace.h"
#include "core/dataset/sets.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

struct MenuWords {
  Q_DECLARE_TR_FUNCTIONS(open_menu)
};

const QString fashion = QStringLiteral("fashion-mnist");
const QString procedural = QStringLiteral("procedural");

bool built_in(const QString& location) {
  return location == fashion || location.startsWith(procedural);
}

bool part_there(const QString& location) {
  if (built_in(location) || location.contains(QLatin1Char('{')) || QFileInfo::exists(location))
    return true;
  return QFileInfo::exists(location.left(location.lastIndexOf(QLatin1Char('?'))));
}

}  // namespace

bool still_there(const QString& location) {
  if (QFileInfo::exists(location)) return true;  // a semicolon may be of its name
  const QStringList parts = location.split(QLatin1Char(';'), Qt::SkipEmptyParts);
  return !parts.isEmpty() && std::ranges::all_of(parts, part_there);
}

bool fashion_installed() {
  return QFileInfo::exists(QString::fromLatin1(fashion_mnist_folder));
}

SampleImages sample_images(bool fashion_installed) {
  if (fashion_installed)
    return {fashion, MenuWords::tr("Fashion\u2011MNIST, 70,000 small pictures, is there to try."),
            MenuWords::tr("Open Fashion-MNIST")};
  return {procedural, MenuWords::tr("A sample of drawn pictures is there to try."),
          MenuWords::tr("Open the sample")};
}

void popup_open_menu(Workspace& workspace, QWidget* anchor) {
  auto* menu = new QMenu(anchor);
  menu->setObjectName(QStringLiteral("open_menu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setToolTipsVisible(true);
  const auto open = [&workspace](const QString& path) {
    if (!path.isEmpty()) workspace.open_dataset_at(path);
  };
  menu->addAction(MenuWords::tr("Open folder…"), &workspace,
                  [anchor, open] {
                    open(ask().open_folder(anchor, MenuWords::tr("Open a folder of images")));
                  })
      ->setObjectName(QStringLiteral("open_folder"));
  menu->addAction(
          MenuWords::tr("Open file…"), &workspace,
          [anchor, open] {
            open(ask().open_file(
                anchor, MenuWords::tr(
                            "Open an archive, a list, a video, or an IDX, CIFAR or STL-10 file")));
          })
      ->setObjectName(QStringLiteral("open_file"));
  menu->addSeparator();
  QAction* fashion_action = menu->addAction(MenuWords::tr("Fashion-MNIST, 70,000 images"),
                                            &workspace, [open] { open(fashion); });
  fashion_action->setObjectName(QStringLiteral("open_fashion"));
  fashion_action->setEnabled(fashion_installed());
  if (!fashion_action->isEnabled())
    fashion_action->setToolTip(
        MenuWords::tr("It is not installed; the package dataset-fashion-mnist brings it."));
  menu->addAction(MenuWords::tr("Procedural sample"), &workspace, [open] { open(procedural); })
      ->setObjectName(QStringLiteral("open_procedural"));
  menu->addAction(MenuWords::tr("Public data sets…"), &workspace,
                  [&workspace, anchor] {
                    auto* dialog = new CatalogueDialog(workspace, anchor->window());
                    dialog->setAttribute(Qt::WA_DeleteOnClose);
                    dialog->show();
                  })
      ->setObjectName(QStringLiteral("open_catalogue"));
  bool separated = false;
  for (const QString& recent : workspace.recent_datasets()) {
    if (built_in(recent)) continue;
    if (!separated) menu->addSeparator();
    separated = true;
    QAction* action =
        menu->addAction(path_words(recent), &workspace, [open, recent] { open(recent); });
    action->setEnabled(still_there(recent));
    if (!action->isEnabled()) action->setToolTip(MenuWords::tr("It is no longer there."));
  }
  menu->popup(anchor->mapToGlobal(
      QPoint(anchor->width() - menu->sizeHint().width(), anchor->height() + 4)));
}

}  // namespace selfsight
