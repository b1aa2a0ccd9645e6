#include "app/places/save_plot.h"

#include <QCoreApplication>
#include <QStatusTipEvent>

#include "app/ask.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "widgets/curve_plot.h"
#include "widgets/exports.h"
#include "widgets/words.h"

namespace selfsight {

void tell_saved(QWidget* widget, const QString& path) {
  QStatusTipEvent told(CurvePlot::tr("Saved to %1").arg(path_words(path)));
  QCoreApplication::sendEvent(widget, &told);
}

QString save_plot(CurvePlot& plot, const QString& name, const QString& format) {
  return save_bytes(&plot, name, format, plot.rendered(format));
}

QString save_bytes(QWidget* widget, const QString& name, const QString& format,
                   const QByteArray& bytes) {
  QWidget* window = widget->window();
  const QString path =
      ask().save_file(window, CurvePlot::tr("Save"), name + QLatin1Char('.') + format,
                      QStringLiteral("%1 (*.%2)").arg(format.toUpper(), format));
  if (path.isEmpty()) return {};
  try {
    write_file(path.toStdString(),
               std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
  } catch (const Error& error) {
    return core_words(error.what());
  }
  tell_saved(window, path);
  return {};
}

void offer_files(QWidget* widget, Workspace& workspace, const QString& name,
                 const QStringList& formats,
                 const std::function<QByteArray(const QString&)>& rendered) {
  offer_exports(widget, formats, [widget, &workspace, name, rendered](const QString& format) {
    const QString problem = save_bytes(widget, name, format, rendered(format));
    if (!problem.isEmpty()) Q_EMIT workspace.problem(problem);
  });
}

}  // namespace selfsight
