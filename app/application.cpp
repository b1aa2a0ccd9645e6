#include "app/application.h"

#include <QMetaMethod>
#include <exception>

#include "core/base/error.h"

namespace selfsight {

bool Application::notify(QObject* receiver, QEvent* event) {
  try {
    return QApplication::notify(receiver, event);
  } catch (const Error& error) {
    tell(QString::fromUtf8(error.what()));
  } catch (const std::exception& error) {
    tell(tr("That did not work (%1); what was saved is safe. Try it again.")
             .arg(QString::fromUtf8(error.what())));
  }
  return true;
}

void Application::tell(const QString& sentence) {
  if (!isSignalConnected(QMetaMethod::fromSignal(&Application::went_wrong))) throw;
  Q_EMIT went_wrong(sentence);
}

}  // namespace selfsight
