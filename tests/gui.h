// What every test of the window begins with.
#pragma once

#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

namespace selfsight {

/// Any warning fails the test, but for what the offscreen platform says of bounded sizes and of
/// menus: that it cannot tell a window manager about them.
inline void fail_on_warnings() {
  QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support )")));
}

/// Settings of this program alone: neither a person's, nor those of a test that runs beside it.
class OwnSettings {
 public:
  OwnSettings() {
    QCoreApplication::setOrganizationName(QStringLiteral("SelfsightTest"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder_.path());
  }

 private:
  QTemporaryDir folder_;
};

}  // namespace selfsight
