#include "widgets/blended.h"

#include <cmath>

namespace selfsight {

QColor blended(const QColor& over, const QColor& under, double part) {
  const auto mixed = [part](int a, int b) {
    return static_cast<int>(std::lround(part * a + (1 - part) * b));
  };
  return QColor::fromRgb(mixed(over.red(), under.red()), mixed(over.green(), under.green()),
                         mixed(over.blue(), under.blue()));
}

}  // namespace selfsight
