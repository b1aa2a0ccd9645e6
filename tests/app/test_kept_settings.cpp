#include <QtTest>

#include "app/kept_settings.h"
#include "tests/gui.h"
#include "tests/suite.h"

using namespace selfsight;

class TestKeptSettings : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { QSettings().clear(); }

  void what_was_set_is_read_at_once() {
    KeptSettings().setValue(QStringLiteral("place"), QStringLiteral("views"));
    KeptSettings().setValue(QStringLiteral("place"), QStringLiteral("data"));
    QCOMPARE(KeptSettings().value(QStringLiteral("place")).toString(), QStringLiteral("data"));
    QCOMPARE(KeptSettings().value(QStringLiteral("other"), 7).toInt(), 7);
  }

  void the_file_has_the_last_of_many() {
    for (int i = 0; i <= 1000; ++i) KeptSettings().setValue(QStringLiteral("turns"), i);
    KeptSettings::finish();
    QCOMPARE(QSettings().value(QStringLiteral("turns")).toInt(), 1000);
    QCOMPARE(KeptSettings().value(QStringLiteral("turns")).toInt(), 1000);
  }

  void cleanup() { KeptSettings::finish(); }

 private:
  OwnSettings settings_;
};

SELFSIGHT_SUITE(TestKeptSettings, QApplication);
#include "test_kept_settings.moc"
