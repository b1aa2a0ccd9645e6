// What a widget shows, as a file: offered on a right click, drawn as on paper.
#pragma once

#include <QByteArray>
#include <QStringList>
#include <functional>

class QAbstractItemModel;
class QMenu;
class QPaintDevice;
class QPainter;
class QSize;
class QWidget;

namespace selfsight {

/// "png", "svg", "pdf" and "csv".
QStringList all_formats();

/// Adds "Save as PNG…" and so on; `chosen` hears the format.
void add_exports(QMenu& menu, const QStringList& formats,
                 const std::function<void(const QString&)>& chosen);
/// A right click on the widget, or the menu key, offers the same.
void offer_exports(QWidget* widget, const QStringList& formats,
                   const std::function<void(const QString&)>& chosen);

/// A picture of this size in device-independent pixels as "png" (twice as fine), "svg" or "pdf".
QByteArray drawn_file(const QSize& size, const QString& format,
                      const std::function<void(QPaintDevice&)>& draw);
/// The same with the light tokens on their surface.
QByteArray painted_file(const QSize& size, const QString& format,
                        const std::function<void(QPainter&)>& paint);

/// Quoted, with quotes in it doubled.
QString csv_text(const QString& text);
/// The titles and all rows, by what the model shows in this role.
QByteArray model_as_csv(const QAbstractItemModel& model, int role = Qt::DisplayRole);

}  // namespace selfsight
