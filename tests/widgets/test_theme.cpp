#include <QComboBox>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QStyleOption>
#include <QToolTip>
#include <QtTest>
#include <clocale>
#include <cstdio>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/icons.h"
#include "widgets/theme.h"
#include "widgets/words.h"

using namespace selfsight;

namespace {

/// WCAG 2's contrast of two colours, 1 to 21.
double contrast(const QColor& a, const QColor& b) {
  const auto luminance = [](const QColor& c) {
    const auto linear = [](double v) {
      return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
  };
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

}  // namespace

class TestTheme : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { fail_on_warnings(); }

  void text_can_be_read_in_both_schemes() {
    for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
      const Tokens& t = tokens(scheme);
      for (const QColor& ground : {t.ground, t.surface, t.raised, t.well}) {
        QVERIFY(contrast(t.text, ground) > 7);
        QVERIFY(contrast(t.soft, ground) > 4.5);
      }
      QVERIFY(contrast(t.on_accent, t.accent) > 4.5);
    }
  }

  void a_scheme_changes_palette_and_sheet() {
    apply_theme(*qApp, Scheme::dark);
    QCOMPARE(current_scheme(), Scheme::dark);
    QCOMPARE(qApp->palette().color(QPalette::Window), tokens(Scheme::dark).ground);
    const QString dark = qApp->styleSheet();
    QVERIFY(!dark.contains(QLatin1Char('@')));
    apply_theme(*qApp, Scheme::light);
    QCOMPARE(qApp->palette().color(QPalette::Window), tokens(Scheme::light).ground);
    QVERIFY(qApp->styleSheet() != dark);
  }

  void numbers_have_a_point_in_every_locale() {
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // does nothing where it is not installed
    apply_theme(*qApp, Scheme::light);
    char text[8];
    std::snprintf(text, sizeof text, "%.1f", 0.5);
    QCOMPARE(QString::fromLatin1(text), QStringLiteral("0.5"));
    NumberBox box;
    box.setValue(0.25);
    box.show();
    QVERIFY(QTest::qWaitForWindowExposed(&box));
    QCOMPARE(box.text(), QStringLiteral("0.25"));
    box.selectAll();
    QTest::keyClicks(&box, QStringLiteral("0,07"));
    QCOMPARE(box.value(), 0.07);
    QCOMPARE(with_point(QStringLiteral("0,2")), QStringLiteral("0.2"));
    QCOMPARE(with_point(QStringLiteral("1e-3")), QStringLiteral("1e-3"));
    QCOMPARE(with_point(QStringLiteral("1,2,3")), QStringLiteral("1,2,3"));
    QCOMPARE(with_point(QStringLiteral("1,000.5")), QStringLiteral("1,000.5"));
  }

  void a_card_is_a_rounded_surface() {
    apply_theme(*qApp, Scheme::light);
    Card card(QStringLiteral("Health"));
    card.set_subtitle(QStringLiteral("of the newest epoch"));
    card.resize(300, 120);
    const QImage picture = card.grab().toImage();
    QCOMPARE(picture.pixelColor(150, 100), tokens().surface);
    QCOMPARE(picture.pixelColor(150, 0), tokens().line);
    QVERIFY(picture.pixelColor(0, 0) != tokens().line);  // the corner is round
  }

  void series_keep_their_colour_and_change_their_dash() {
    QCOMPARE(series_colour(1), series_colour(7));
    QVERIFY(series_dash(1) != series_dash(7));
    QSet<QRgb> colours;
    for (int id = 0; id < 6; ++id) colours.insert(series_colour(id).rgb());
    QCOMPARE(colours.size(), 6);
  }

  void icons_follow_the_scheme() {
    const QIcon data = icon(QStringLiteral("data"));
    apply_theme(*qApp, Scheme::light);
    const QImage light = data.pixmap(20).toImage();
    apply_theme(*qApp, Scheme::dark);
    QVERIFY(data.pixmap(20).toImage() != light);
  }

  void a_switch_that_is_off_can_be_seen() {
    for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
      apply_theme(*qApp, scheme);
      Switch control;
      const QImage picture = control.grab().toImage();
      const QColor track =
          picture.pixelColor((QPointF(20, 12) * picture.devicePixelRatio()).toPoint());
      QCOMPARE(track, tokens().faint);
      QVERIFY(contrast(track, tokens().surface) > 2.5);
    }
  }

  void words_of_spin_boxes_and_combo_boxes_stand_in_one_line() {
    apply_theme(*qApp, Scheme::light);
    QSpinBox spin;
    QComboBox combo;
    combo.setEditable(true);  // its words are a widget that can be asked where it is
    for (QWidget* box : std::initializer_list<QWidget*>{&spin, &combo}) {
      box->resize(120, measures::button);
      box->show();
      QVERIFY(QTest::qWaitForWindowExposed(box));
    }
    QVERIFY(std::abs(spin.findChild<QLineEdit*>()->x() - combo.lineEdit()->x()) <= 2);
  }

  void the_tooltip_of_words_that_do_not_fit_is_all_of_them() {
    ElidedLabel words(QStringLiteral("short"));
    words.resize(60, 20);
    words.setText(QStringLiteral("far too long for this"));  // it was not resized since
    const auto tip = [&](const QString& text) {
      words.setText(text);
      QHelpEvent help(QEvent::ToolTip, {5, 5}, words.mapToGlobal(QPoint(5, 5)));
      QCoreApplication::sendEvent(&words, &help);
      return QToolTip::text();
    };
    words.show();
    QVERIFY(QTest::qWaitForWindowExposed(&words));
    words.resize(60, 20);
    QCOMPARE(tip(QStringLiteral("far too long for this")), QStringLiteral("far too long for this"));
    QToolTip::hideText();
    QTRY_VERIFY(!QToolTip::isVisible());
    tip(QStringLiteral("a"));
    QVERIFY(!QToolTip::isVisible());
  }

  void a_choice_that_does_not_fit_ends_in_an_ellipsis_and_is_whole_in_the_tooltip() {
    apply_theme(*qApp, Scheme::light);
    const QString choice = QStringLiteral("12 · SimCLR, ResNet-18, a long name of a data set");
    QComboBox cut, drawn;
    cut.addItem(choice);
    cut.setToolTip(QStringLiteral("Run"));
    const auto picture = [](QComboBox& box) {
      box.setFixedSize(160, 28);
      return box.grab().toImage();
    };
    const QImage shown = picture(cut);
    QStyleOptionComboBox option;
    option.initFrom(&cut);
    const QRect room =
        cut.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField);
    drawn.addItem(cut.fontMetrics().elidedText(choice, Qt::ElideRight, room.width() - 2));
    QVERIFY(drawn.itemText(0) != choice);
    QCOMPARE(shown, picture(drawn));
    cut.show();
    QVERIFY(QTest::qWaitForWindowExposed(&cut));
    QHelpEvent help(QEvent::ToolTip, {5, 5}, cut.mapToGlobal(QPoint(5, 5)));
    QCoreApplication::sendEvent(&cut, &help);
    QCOMPARE(QToolTip::text(), choice + QStringLiteral("\nRun"));
    QToolTip::hideText();
    QTRY_VERIFY(!QToolTip::isVisible());
  }

  void words_with_no_room_to_tell_anything_are_not_begun() {
    ElidedLabel words(QStringLiteral("far too long for this"));
    words.set_least_room(60);
    words.show();
    QVERIFY(QTest::qWaitForWindowExposed(&words));
    const auto blank = [&](int width) {
      words.resize(width, 20);
      const QImage image = words.grab().toImage();
      QImage ground(image.size(), image.format());
      ground.fill(image.pixelColor(0, 0));
      return image == ground;
    };
    QVERIFY(blank(59));
    QVERIFY(!blank(60));
    words.setText(QStringLiteral("short"));
    QVERIFY(!blank(59));
  }

  void second_voices_are_read_as_well_as_the_first() {
    apply_theme(*qApp, Scheme::light);
    for (const Voice voice : {Voice::soft, Voice::faint}) {
      QLabel* words = label(QStringLiteral("words"), voice);
      const std::unique_ptr<QLabel> kept(words);
      words->ensurePolished();
      QVERIFY(contrast(words->palette().color(QPalette::WindowText), tokens().surface) > 4.5);
    }
  }

  void a_switch_is_clicked_and_keyed() {
    Switch control;
    control.show();
    QVERIFY(QTest::qWaitForWindowExposed(&control));
    QTest::mouseClick(&control, Qt::LeftButton);
    QVERIFY(control.isChecked());
    QTest::keyClick(&control, Qt::Key_Space);
    QVERIFY(!control.isChecked());
  }

  void chips_choose_one_and_speak_only_for_the_person() {
    ChoiceChips chips({{QStringLiteral("random"), QStringLiteral("Random")},
                       {QStringLiteral("block"), QStringLiteral("Block")}});
    QSignalSpy spy(&chips, &ChoiceChips::chosen);
    chips.set_current(QStringLiteral("random"));
    QCOMPARE(spy.size(), 0);
    chips.show();
    QTest::mouseClick(chips.findChild<QPushButton*>(QStringLiteral("chip_block")), Qt::LeftButton);
    QCOMPARE(chips.current(), QStringLiteral("block"));
    QCOMPARE(spy.size(), 1);
  }
};

SELFSIGHT_SUITE(TestTheme, QApplication);
#include "test_theme.moc"
