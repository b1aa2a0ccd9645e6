// What every test of the window begins with.
#pragma once

#include <QtTest>

namespace selfsight {

/// Any warning fails the test, but for what the offscreen platform says of bounded sizes and of
/// menus: that it cannot tell a window manager about them.
inline void fail_on_warnings() {
  QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support )")));
}

}  // namespace selfsight
