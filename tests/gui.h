// What every test of the window begins with.
#pragma once

#include <QtTest>

namespace selfsight {

/// Any warning fails the test, but for one that the offscreen platform says of every window whose
/// size is bounded.
inline void fail_on_warnings() {
  QTest::failOnWarning(
      QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
}

}  // namespace selfsight
