#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSlider>
#include <QSpinBox>
#include <QWheelEvent>
#include <QtTest>
#include <algorithm>

#include "tests/gui.h"
#include "tests/suite.h"
#include "tests/widgets/readers.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

Settings example() {
  return Settings({
      {.key = "views.blur", .help = "Probability of a blur.", .min = 0, .max = 1, .fallback = 0.5},
      {.key = "views.size",
       .help = "Side.",
       .unit = "px",
       .min = 8,
       .max = 1024,
       .fallback = std::int64_t(32)},
      {.key = "optimiser.lr", .help = "Rate.", .min = 0, .max = 100, .fallback = 0.1},
      {.key = "encoder.name",
       .help = "Network.",
       .choices = {"resnet18", "vit_tiny"},
       .fallback = std::string("resnet18")},
      {.key = "train.nesterov", .help = "Look ahead.", .fallback = false},
      {.key = "train.seed",
       .help = "Seed.",
       .min = 0,
       .max = 9007199254740992.0,
       .advanced = true,
       .fallback = std::int64_t(0)},
  });
}

Schema options(std::initializer_list<const char*> keys) {
  Schema schema;
  for (const char* key : keys) schema.push_back({.key = key, .help = "Something."});
  return schema;
}

}  // namespace

class TestSpecForm : public QObject {
  Q_OBJECT

  std::unique_ptr<SpecForm> form_;
  Settings settings_;
  QString key_;
  Value value_;
  int changes_ = 0;

  template <class W>
  W* control(const char* name) {
    return form_->findChild<W*>(QString::fromLatin1(name));
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }

  void init() {
    fail_on_warnings();
    settings_ = example();
    changes_ = 0;
    form_ = std::make_unique<SpecForm>();
    form_->set_off_value([](const Field& f) {
      return f.key == "views.blur" ? std::optional<double>(0) : std::nullopt;
    });
    connect(form_.get(), &SpecForm::value_changed, this,
            [this](const QString& key, const Value& v) {
              key_ = key;
              value_ = v;
              ++changes_;
            });
    form_->show_settings(settings_);
    form_->resize(360, 400);
    form_->show();
    QVERIFY(QTest::qWaitForWindowExposed(form_.get()));
  }
  void cleanup() { form_.reset(); }

  void showing_values_says_nothing() {
    settings_.set("views.blur", 0.2);
    settings_.set("views.size", std::int64_t(64));
    form_->show_settings(settings_);
    QCOMPARE(changes_, 0);
    QCOMPARE(control<QSpinBox>("views.size")->value(), 64);
    QCOMPARE(control<QLineEdit>("views.blur_value")->text(), QStringLiteral("0.20"));
  }

  void a_slider_moves_by_keys_and_tells() {
    auto* slider = control<QSlider>("views.blur_slider");
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Right);
    QCOMPARE(key_, QStringLiteral("views.blur"));
    QCOMPARE(std::get<double>(value_), 0.51);
  }

  void a_switch_turns_off_and_back_to_where_it_was() {
    auto* control_switch = control<Switch>("views.blur_switch");
    settings_.set("views.blur", 0.3);
    form_->show_settings(settings_);
    QTest::mouseClick(control_switch, Qt::LeftButton);
    QCOMPARE(std::get<double>(value_), 0.0);
    QTest::mouseClick(control_switch, Qt::LeftButton);
    QCOMPARE(std::get<double>(value_), 0.3);
  }

  void a_wrong_number_is_told_and_not_taken() {
    auto* text = control<QLineEdit>("optimiser.lr");
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("-3"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(changes_, 0);
    QVERIFY(control<QLabel>("optimiser.lr_wrong")->isVisible());
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("0.03"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(std::get<double>(value_), 0.03);
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("0,05"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(std::get<double>(value_), 0.05);
    QVERIFY(!control<QLabel>("optimiser.lr_wrong")->isVisible());
  }

  void reset_brings_the_default_back() {
    auto* text = control<QLineEdit>("optimiser.lr");
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("7"));
    QTest::keyClick(text, Qt::Key_Return);
    auto* reset = control<QWidget>("optimiser.lr_reset");
    QVERIFY(reset->isVisible());
    QTest::mouseClick(reset, Qt::LeftButton);
    QCOMPARE(std::get<double>(value_), 0.1);
    QVERIFY(!reset->isVisible());
  }

  void the_wheel_scrolls_and_changes_nothing_focus_or_not() {
    for (QWidget* editor : std::initializer_list<QWidget*>{control<QSpinBox>("views.size"),
                                                           control<QSlider>("views.blur_slider"),
                                                           control<QComboBox>("encoder.name")})
      for (const bool focus : {false, true}) {
        focus ? editor->setFocus() : control<QLineEdit>("optimiser.lr")->setFocus();
        QCOMPARE(editor->hasFocus(), focus);
        for (const int turn : {120, -120}) {
          QWheelEvent wheel(QPointF(5, 5), editor->mapToGlobal(QPointF(5, 5)), {}, {0, turn},
                            Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
          QApplication::sendEvent(editor, &wheel);
          QVERIFY(!wheel.isAccepted());
        }
      }
    QCOMPARE(changes_, 0);
    QCOMPARE(control<QSpinBox>("views.size")->value(), 32);
    QCOMPARE(control<QSlider>("views.blur_slider")->value(), 50);
    QCOMPARE(control<QComboBox>("encoder.name")->currentIndex(), 0);
  }

  void one_of_something_is_told_in_the_singular() {
    SpecForm form;
    form.show();
    Settings settings({{.key = "train.accumulate",
                        .help = "Batches a step.",
                        .unit = "batches",
                        .min = 1,
                        .max = 64,
                        .fallback = std::int64_t(1)},
                       {.key = "train.every",
                        .help = "Epochs.",
                        .unit = "epochs",
                        .min = 0,
                        .max = 1000,
                        .fallback = 2.0}});
    form.show_settings(settings);
    auto* accumulate = form.findChild<QSpinBox*>(QStringLiteral("train.accumulate"));
    const auto told = [&](const char* words) {
      return std::ranges::any_of(form.findChildren<QLabel*>(), [&](const QLabel* label) {
        return label->text() == QLatin1String(words);
      });
    };
    QCOMPARE(accumulate->text(), QStringLiteral("1 batch"));
    QVERIFY(told("epochs"));
    accumulate->stepUp();
    QCOMPARE(accumulate->text(), QStringLiteral("2 batches"));
    settings.set("train.every", 1.0);
    form.show_settings(settings);
    QVERIFY(told("epoch") && !told("epochs"));
  }

  void small_numbers_are_written_out() {
    QCOMPARE(value_text(1e-4), QStringLiteral("0.0001"));
    QCOMPARE(value_text(0.1), QStringLiteral("0.1"));
    QCOMPARE(value_text(1e-9), QStringLiteral("1e-09"));
    QCOMPARE(value_text(std::int64_t(100000)), QStringLiteral("100000"));
    QCOMPARE(value_text(std::vector<double>{1e-5, 0.5}), QStringLiteral("0.00001, 0.5"));
    QCOMPARE(number_text(1e-5), QStringLiteral("0.00001"));
    QCOMPARE(number_text(1.0 / 3), QStringLiteral("0.333333"));
    Settings settings = settings_;
    settings.set("optimiser.lr", 1e-4);
    form_->show_settings(settings);
    QCOMPARE(control<QLineEdit>("optimiser.lr")->text(), QStringLiteral("0.0001"));
  }

  void encoders_have_words_in_the_names_of_runs() {
    QCOMPARE(with_encoder_labels(QStringLiteral("SimCLR, vit_tiny, CIFAR-10")),
             QStringLiteral("SimCLR, ViT-Tiny, CIFAR-10"));
    QCOMPARE(with_encoder_labels(QStringLiteral("my resnet20 of today")),
             QStringLiteral("my resnet20 of today"));
  }

  void options_have_words_in_sentences() {
    const Schema schema = options({"views.crop_min", "views.crop_max", "views.size", "crops.size",
                                   "train.epochs", "views.blur_kind"});
    const auto told = [&](const char* sentence) {
      return with_labels(QString::fromUtf8(sentence), schema);
    };
    QCOMPARE(told("views.crop_min is above views.crop_max; make it smaller."),
             QStringLiteral("“Smallest crop” is above “Largest crop”; make it smaller."));
    QCOMPARE(told("Raise views.size, or train.epochs (views.blur_kind)."),
             QStringLiteral("Raise “View size”, or “Epochs” (“Kind of blur”)."));
    // Where another has a size too, the group says which.
    QCOMPARE(told("Make crops.size smaller."),
             QStringLiteral("Make “Size” under “Local crops” smaller."));
  }

  void choices_have_words_in_sentences_about_their_option() {
    Schema schema = options({"encoder.name", "train.epochs"});
    schema[0].choices = {"resnet18", "vit_tiny", "vit_small"};
    const auto told = [&](const char* sentence) {
      return with_labels(QString::fromUtf8(sentence), schema);
    };
    QCOMPARE(told("SimMIM hides patches; set encoder.name to vit_tiny, or vit_small."),
             QStringLiteral("SimMIM hides patches; set “Encoder” to ViT-Tiny, or ViT-Small."));
    QCOMPARE(told("a/vit_tiny holds a resnet18, but encoder.name is vit_tiny; make them the same."),
             QStringLiteral("a/vit_tiny holds a ResNet-18, but “Encoder” is ViT-Tiny; make them "
                            "the same."));
    QCOMPARE(told("photos of vit_tiny and train.epochs"),
             QStringLiteral("photos of vit_tiny and “Epochs”"));
  }

  void what_is_no_option_stays_in_sentences() {
    const Schema schema = options({"views.size", "train.epochs"});
    for (const char* sentence :
         {"No data set is open; open one in Data first.", "", "There is no option views.sizes.",
          "/tmp/views.size is not there.", "views.size.png cannot be read.",
          "a/views.size/b.png, my-views.size and views.size-2", "--set views.size=16",
          "encoder.depth is of another schema."})
      QCOMPARE(with_labels(QString::fromUtf8(sentence), schema), QString::fromUtf8(sentence));
  }

  void choices_have_words() {
    auto* combo = control<QComboBox>("encoder.name");
    QCOMPARE(combo->itemText(1), QStringLiteral("ViT-Tiny"));
    combo->setFocus();
    QTest::keyClick(combo, Qt::Key_Down);
    QCOMPARE(std::get<std::string>(value_), std::string("vit_tiny"));
  }

  void advanced_options_are_folded() {
    auto* seed = control<QLineEdit>("train.seed");
    QVERIFY(!seed->isVisible());
    QTest::mouseClick(control<QPushButton>("more_options"), Qt::LeftButton);
    QVERIFY(seed->isVisible());
    seed->selectAll();
    QTest::keyClicks(seed, QStringLiteral("9007199254740992"));
    QTest::keyClick(seed, Qt::Key_Return);
    QCOMPARE(std::get<std::int64_t>(value_), std::int64_t(9007199254740992));
  }

  void options_that_do_not_matter_are_hidden() {
    const Settings settings({{.key = "optimiser.name",
                              .help = "Which.",
                              .choices = {"sgd", "adamw"},
                              .fallback = std::string("sgd")},
                             {.key = "optimiser.beta1",
                              .help = "Decay.",
                              .only_if = Condition{"optimiser.name", {"adamw"}},
                              .fallback = 0.9}});
    form_->show_settings(settings);
    auto* beta = control<QLineEdit>("optimiser.beta1");
    QVERIFY(!beta->isVisible());
    Settings other = settings;
    other.set("optimiser.name", std::string("adamw"));
    form_->show_settings(other);
    QVERIFY(beta->isVisible());
  }

  void help_follows_the_focus() {
    QSignalSpy spy(form_.get(), &SpecForm::help_wanted);
    control<QSpinBox>("views.size")->setFocus();
    QTRY_VERIFY(!spy.isEmpty());
    QCOMPARE(spy.last().at(0).toString(), QStringLiteral("View size"));
    QVERIFY(spy.last().at(1).toString().startsWith(QStringLiteral("Side.\n\nviews.size · from ")));
    QVERIFY(spy.last().at(1).toString().contains(QStringLiteral(" · default ")));
  }

  void other_options_make_other_rows() {
    form_->show_settings(Settings({{.key = "mask.ratio",
                                    .help = "Part hidden.",
                                    .min = 0.05,
                                    .max = 0.95,
                                    .fallback = 0.75}}));
    QVERIFY(control<QSlider>("mask.ratio_slider"));
    QTRY_VERIFY(!control<QSpinBox>("views.size"));
  }

  void every_control_has_a_name_for_readers() {
    const QStringList unnamed = unnamed_controls(*form_);
    QVERIFY2(unnamed.isEmpty(), qPrintable(unnamed.join(QStringLiteral(", "))));
  }
};

SELFSIGHT_SUITE(TestSpecForm, QApplication);
#include "test_spec_form.moc"
