// Shades between two colours.
#pragma once

#include <QColor>

namespace selfsight {

/// So much of one opaque colour over another; 1 is `over`.
QColor blended(const QColor& over, const QColor& under, double part);

}  // namespace selfsight
