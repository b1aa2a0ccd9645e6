#include "app/places/method_choice.h"

#include <QStandardItemModel>

#include "core/methods/method_info.h"
#include "widgets/controls.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QStringList families() {
  QStringList names;
  for (const MethodInfo& info : method_infos())
    if (const QString name = core_words(info.family); !names.contains(name)) names.append(name);
  return names;
}

void add_heading(QStandardItemModel& model, const QString& family) {
  auto* heading = new QStandardItem(family.left(1).toUpper() + family.mid(1));
  heading->setFlags(Qt::NoItemFlags);
  heading->setFont(soft_font());
  model.appendRow(heading);
}

void add_method(QStandardItemModel& model, const MethodInfo& info) {
  auto* item = new QStandardItem(core_words(info.title));
  item->setData(QString::fromStdString(info.name), Qt::UserRole);
  item->setToolTip(QStringLiteral("<p>%1</p><p>%2</p>")
                       .arg(core_words(info.help).toHtmlEscaped(),
                            QString::fromStdString(info.paper).toHtmlEscaped()));
  model.appendRow(item);
}

}  // namespace

MethodChoice::MethodChoice(const QString& name, QWidget* parent) : QComboBox(parent) {
  setObjectName(name);
  setAccessibleName(tr("Method"));
  setSizeAdjustPolicy(AdjustToContents);
  setMaxVisibleItems(32);
  guard_value(this);
  auto* model = new QStandardItemModel(this);
  for (const QString& family : families()) {
    add_heading(*model, family);
    for (const MethodInfo& info : method_infos())
      if (core_words(info.family) == family) add_method(*model, info);
  }
  setModel(model);
  connect(this, &QComboBox::activated, this, [this] { Q_EMIT chosen(current()); });
}

void MethodChoice::set_current(const QString& method) {
  setCurrentIndex(findData(method));
}

}  // namespace selfsight
