#include "app/settings_popover.h"

#include <QApplication>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QUrl>
#include <QVBoxLayout>

#include "app/app_settings.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/words.h"

namespace selfsight {

SettingsPopover::SettingsPopover(const Workspace& workspace, QWidget* parent) : Popover(parent) {
  setObjectName(QStringLiteral("settings_popover"));
  setAccessibleName(tr("Settings"));
  setFixedWidth(320);
  body()->addWidget(label(tr("Settings"), Voice::heading, this));

  body()->addWidget(label(tr("Colours"), Voice::soft, this));
  auto* scheme = new ChoiceChips({{QStringLiteral("light"), tr("Light")},
                                  {QStringLiteral("dark"), tr("Dark")},
                                  {QStringLiteral("system"), tr("As the desktop")}},
                                 this);
  scheme->set_current(app_settings::scheme_choice());
  connect(scheme, &ChoiceChips::chosen, this, [](const QString& choice) {
    app_settings::set_scheme_choice(choice);
    apply_theme(*qApp, app_settings::scheme_in_effect());
  });
  body()->addWidget(scheme);

  body()->addSpacing(4);
  body()->addWidget(label(tr("Store"), Voice::soft, this));
  const QString folder = QString::fromStdString(workspace.store_folder().string());
  auto* path = paragraph(path_words(folder), Voice::body, this);
  path->setTextInteractionFlags(Qt::TextSelectableByMouse);
  body()->addWidget(path);
  body()->addWidget(paragraph(
      tr("Runs, checkpoints and maps are kept here. Start with --store to use another folder."),
      Voice::soft, this));
  auto* show_folder =
      button(tr("Show folder"), QStringLiteral("show_store"), ButtonKind::plain, this);
  connect(show_folder, &QPushButton::clicked, this,
          [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
  body()->addWidget(show_folder, 0, Qt::AlignLeft);

  body()->addSpacing(4);
  body()->addWidget(label(tr("Licence"), Voice::soft, this));
  auto* licence = new QLineEdit(app_settings::licence(), this);
  licence->setObjectName(QStringLiteral("licence"));
  licence->setAccessibleName(tr("Licence in model cards"));
  licence->setPlaceholderText(tr("such as CC-BY-4.0"));
  connect(licence, &QLineEdit::textChanged, this,
          [](const QString& text) { app_settings::set_licence(text); });
  body()->addWidget(licence);
  body()->addWidget(
      paragraph(tr("Model cards say that encoders are given under it."), Voice::soft, this));

  body()->addSpacing(4);
  auto* keys = button(tr("Keys (F1)"), QStringLiteral("show_keys"), ButtonKind::plain, this);
  connect(keys, &QPushButton::clicked, this, [this] {
    close();
    Q_EMIT keys_wanted();
  });
  body()->addWidget(keys, 0, Qt::AlignLeft);
}

}  // namespace selfsight
