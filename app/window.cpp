#include "app/window.h"

#include <QStandardPaths>
#include <QTranslator>

#include "app/app_settings.h"
#include "app/application.h"
#include "app/main_window.h"
#include "app/workspace.h"
#include "widgets/theme.h"

namespace selfsight {

int run_window(int argc, char** argv, const std::filesystem::path& store,
               const QString& open_path) {
  Application app(argc, argv);
  QCoreApplication::setOrganizationName(QStringLiteral("Selfsight"));
  QCoreApplication::setApplicationName(QStringLiteral("Selfsight"));
  QTranslator translator;
  for (const QString& folder : QStandardPaths::locateAll(QStandardPaths::GenericDataLocation,
                                                         QStringLiteral("selfsight/translations"),
                                                         QStandardPaths::LocateDirectory))
    if (translator.load(QLocale(), QStringLiteral("selfsight"), QStringLiteral("_"), folder)) {
      QCoreApplication::installTranslator(&translator);
      break;
    }
  apply_theme(app, app_settings::scheme_in_effect());
  Workspace workspace(store);
  workspace.set_estimates(true);
  QObject::connect(&app, &Application::went_wrong, &workspace, &Workspace::problem);
  MainWindow window(workspace);
  window.resize(1440, 900);
  window.restoreGeometry(app_settings::geometry());
  window.show();
  if (!open_path.isEmpty()) {
    workspace.open_dataset_at(open_path);
  } else if (const QStringList recent = workspace.recent_datasets(); !recent.isEmpty()) {
    workspace.open_dataset_at(recent.first());
  }
  return Application::exec();
}

}  // namespace selfsight
