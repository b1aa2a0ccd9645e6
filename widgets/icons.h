// Line icons, drawn in any colour.
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

class QPainter;
class QRectF;

namespace selfsight {

/// Draws resources/icons/<name>.svg into `rect`.
void draw_icon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& colour);

/// The same as an icon for buttons and menus; always in the current scheme's soft colour (faint
/// when disabled), also after the scheme has changed.
QIcon icon(const QString& name);

}  // namespace selfsight
