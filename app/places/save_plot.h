// What is seen, into a file the person names.
#pragma once

#include <QByteArray>
#include <QString>
#include <vector>

class QWidget;

namespace selfsight {

class CurvePlot;
class Store;

/// Asks where to, and writes aside and renames. `format` as CurvePlot::rendered() takes it. Returns
/// the error for the message bar, or nothing.
QString save_plot(CurvePlot& plot, const QString& name, const QString& format);

/// The same for what is rendered already.
QString save_bytes(QWidget* parent, const QString& name, const QString& format,
                   const QByteArray& bytes);

/// One HTML file; see report_html().
QString save_report(QWidget* parent, const Store& store, const std::vector<std::int64_t>& runs);

}  // namespace selfsight
