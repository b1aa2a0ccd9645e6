// What is seen, into a file the person names.
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <functional>

class QWidget;

namespace selfsight {

class CurvePlot;
class Workspace;

/// Tells the window of this widget, which shows it as it shows a status tip: "Saved to …".
void tell_saved(QWidget* widget, const QString& path);

/// Asks where to, writes aside and renames, and tells where to. `format` as CurvePlot::rendered()
/// takes it. Returns the error for the message bar, or nothing.
QString save_plot(CurvePlot& plot, const QString& name, const QString& format);

/// The same for what is rendered already. The dialog is the window's: the widget may go meanwhile.
QString save_bytes(QWidget* widget, const QString& name, const QString& format,
                   const QByteArray& bytes);

/// A right click on the widget offers files of it, named and as `rendered` makes them; what goes
/// wrong is told in the window's message bar.
void offer_files(QWidget* widget, Workspace& workspace, const QString& name,
                 const QStringList& formats,
                 const std::function<QByteArray(const QString&)>& rendered);

}  // namespace selfsight
