#include <QAbstractItemView>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QSlider>
#include <QSpinBox>
#include <QtTest>
#include <algorithm>

#include "app/app_settings.h"
#include "app/ask.h"
#include "app/catalogue_dialog.h"
#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "tests/widgets/readers.h"
#include "widgets/controls.h"
#include "widgets/fact_table.h"
#include "widgets/image_grid.h"
#include "widgets/picture_rows.h"
#include "widgets/popover.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestWindow : public WindowTest {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;

  void click(const char* name) { QTest::mouseClick(find<QWidget>(name), Qt::LeftButton); }
  /// Settings that nobody touched would follow the data set.
  void choose_something() {
    Settings settings = workspace_->settings();
    settings.set("train.threads", std::int64_t{1});
    workspace_->set_settings(settings);
  }
  void open(const QString& path) {
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    workspace_->open_dataset_at(path);
    QTRY_COMPARE(changed.size(), 1);
  }
  /// With the arrow keys, as a person without a mouse does.
  void choose_method(const char* name) {
    auto* methods = find<QComboBox>("view_method");
    methods->setFocus();
    QTest::keyClick(methods, Qt::Key_Home);
    for (int i = 0; i < methods->count(); ++i) {
      if (methods->currentData().toString() == QLatin1String(name)) break;
      QTest::keyClick(methods, Qt::Key_Down);
    }
    QCOMPARE(workspace_->settings().get<std::string>("method.name"), std::string(name));
  }
  /// So many pictures, in ten colours.
  QString write_copies(const char* name, int count) {
    const QString pictures = folder_->filePath(QString::fromLatin1(name));
    QDir().mkpath(pictures);
    for (int i = 0; i < count; ++i) {
      QImage image(24, 16, QImage::Format_RGB888);
      image.fill(QColor::fromHsv(i % 10 * 25, 200, 200));
      image.save(QStringLiteral("%1/%2.png").arg(pictures).arg(i));
    }
    return pictures;
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    QSettings().clear();
    folder_ = std::make_unique<QTemporaryDir>();
    workspace_ =
        std::make_unique<Workspace>(folder_->filePath(QStringLiteral("store")).toStdString());
    choose_something();
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }
  void cleanup() {
    window_.reset();
    workspace_.reset();
    folder_.reset();
  }

  void the_left_bar_and_the_keys_go_to_each_place() {
    for (const QString& name : window_->place_names()) {
      click(("go_to_" + name.toStdString()).c_str());
      QCOMPARE(window_->current_place(), name);
      QVERIFY(window_->place(name)->isVisible());
      QCOMPARE(app_settings::place(), name);
    }
    QTest::keyClick(window_.get(), Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(window_->current_place(), QStringLiteral("views"));
  }

  void an_empty_data_place_offers_the_one_action() {
    click("go_to_data");
    QCOMPARE(find<QLabel>("dataset_name")->text(), QStringLiteral("No data set"));
    QVERIFY(find<QPushButton>("empty_action")->isVisible());
    QVERIFY(!find<QLineEdit>("image_filter")->isEnabled());
  }

  void a_data_set_shows_its_facts_and_its_thumbnails() {
    click("go_to_data");
    open(QStringLiteral("procedural:200"));
    QTRY_VERIFY(find<QLabel>("dataset_line")->text().startsWith(QStringLiteral("200 images")));
    auto* grid = find<ImageGrid>("image_grid");
    QTRY_COMPARE(grid->images()->rowCount(), 200);
    QTRY_VERIFY(!grid->images()->missing(0));
    QTRY_VERIFY(workspace_->statistics().has_value());
    QVERIFY(workspace_->recent_datasets().first().startsWith(QStringLiteral("procedural")));
  }

  void a_click_on_a_thumbnail_shows_it_larger() {
    click("go_to_data");
    open(QStringLiteral("procedural:40"));
    auto* grid = find<ImageGrid>("image_grid");
    QTRY_COMPARE(grid->images()->rowCount(), 40);
    QTest::mouseClick(grid->viewport(), Qt::LeftButton, {},
                      grid->visualRect(grid->model()->index(5, 0)).center());
    QTRY_VERIFY(find<QWidget>("image_card")->isVisible());
    QCOMPARE(find<QLabel>("image_name")->text(),
             QString::fromStdString(workspace_->dataset()->image_name(5)));
    const QStringList splits{QStringLiteral("train"), QStringLiteral("validation"),
                             QStringLiteral("test")};
    const QString label = QString::fromStdString(
        workspace_->dataset()
            ->classes()[static_cast<std::size_t>(workspace_->dataset()->label(5))]);
    QCOMPARE(find<QLabel>("image_words")->text(),
             QStringLiteral("%1 · %2 · 32×32")
                 .arg(label, splits[static_cast<int>(workspace_->dataset()->split(5))]));
    click("image_close");
    QVERIFY(!find<QWidget>("image_card")->isVisible());
  }

  void the_filter_keeps_what_matches() {
    click("go_to_data");
    open(QStringLiteral("procedural:100"));
    auto* grid = find<ImageGrid>("image_grid");
    QTRY_COMPARE(grid->images()->rowCount(), 100);
    const QString label = QString::fromStdString(workspace_->dataset()->classes().front());
    QTest::keyClicks(find<QLineEdit>("image_filter"), label);
    // While the word is being typed, its first letters match other classes too.
    const auto all_of_the_first_class = [&] {
      const auto& ids = grid->images()->ids();
      return !ids.empty() && std::ranges::all_of(ids, [&](const std::int64_t id) {
        return workspace_->dataset()->label(id) == 0;
      });
    };
    QTRY_VERIFY(all_of_the_first_class());
    QVERIFY(grid->images()->rowCount() < 100);
    QTest::keyClicks(find<QLineEdit>("image_filter"), QStringLiteral("no such thing"));
    QTRY_COMPARE(grid->images()->rowCount(), 0);
    QVERIFY(find<QLabel>("image_range")->text().contains(QStringLiteral("no such thing")));
  }

  void copies_are_found_and_shown() {
    click("go_to_data");
    open(write_copies("copies", 12));
    click("duplicates");
    QTRY_COMPARE(find<QLabel>("duplicates_words")->text(),
                 QStringLiteral("2 exact copies; 0 groups of them reach across train, validation "
                                "and test"));
    click("duplicates");
    auto* grid = find<ImageGrid>("image_grid");
    QCOMPARE(grid->images()->rowCount(), 4);
    Q_EMIT workspace_->statistics_changed();
    click("show_all");  // is there as long as not all are shown
    QTRY_COMPARE(grid->images()->rowCount(), 12);
    open(write_copies("one copy", 11));
    click("duplicates");
    QTRY_VERIFY(
        find<QLabel>("duplicates_words")->text().startsWith(QStringLiteral("1 exact copy;")));
  }

  void a_measuring_that_was_stopped_can_be_begun_again() {
    click("go_to_data");
    // Before it has looked at its first image.
    const auto stopper = connect(workspace_.get(), &Workspace::jobs_changed, this, [this] {
      for (Job* job : workspace_->jobs())
        if (job->title().startsWith(QStringLiteral("Measuring"))) job->stop();
    });
    open(QStringLiteral("procedural:60"));
    const auto* facts = find<FactTable>("dataset_facts");
    const auto* again = find<QPushButton>("measure_again");
    QTRY_VERIFY(again->isVisible());
    QVERIFY(!workspace_->statistics());
    QCOMPARE(facts->value(QStringLiteral("Mean")), QStringLiteral("–"));
    QObject::disconnect(stopper);
    click("measure_again");
    QVERIFY(!again->isVisible());
    QCOMPARE(facts->value(QStringLiteral("Mean")), QStringLiteral("…"));
    QTRY_VERIFY(workspace_->statistics().has_value());
    QVERIFY(!again->isVisible());
    QVERIFY(facts->value(QStringLiteral("Mean")).startsWith(QLatin1String("0.")));
  }

  void what_cannot_be_opened_is_said_in_place_and_nothing_is_lost() {
    open(QStringLiteral("procedural:40"));
    QSignalSpy problem(workspace_.get(), &Workspace::problem);
    workspace_->open_dataset_at(folder_->filePath(QStringLiteral("nowhere")));
    QTRY_COMPARE(problem.size(), 1);
    QVERIFY(find<QWidget>("message_bar")->isVisible());
    QCOMPARE(workspace_->dataset()->size(), 40);
    click("message_close");
    QVERIFY(!find<QWidget>("message_bar")->isVisible());
  }

  void what_takes_long_to_open_can_be_stopped_among_the_jobs() {
    open(QStringLiteral("procedural:40"));
    QSignalSpy problem(workspace_.get(), &Workspace::problem);
    // A list that names one picture a million times.
    QVERIFY(QImage(8, 8, QImage::Format_RGB888).save(folder_->filePath(QStringLiteral("a.png"))));
    QFile list(folder_->filePath(QStringLiteral("long.csv")));
    QVERIFY(list.open(QIODevice::WriteOnly));
    list.write(QByteArray("a.png\n").repeated(1'000'000));
    list.close();
    workspace_->open_dataset_at(list.fileName());
    const auto job = [this]() -> Job* {
      for (Job* each : workspace_->jobs())
        if (each->title().endsWith(QStringLiteral(" long.csv"))) return each;
      return nullptr;
    };
    QTRY_VERIFY(job());
    job()->stop();
    QTRY_VERIFY(!workspace_->opening());
    QVERIFY(!job());
    QCOMPARE(workspace_->dataset()->size(), 40);
    QVERIFY(problem.isEmpty());
    // Another one that is opened meanwhile is what is wanted.
    workspace_->open_dataset_at(list.fileName());
    open(QStringLiteral("procedural:30"));
    QVERIFY(!workspace_->opening());
  }

  void a_dropped_folder_is_opened() {
    const QString pictures = folder_->filePath(QStringLiteral("pictures"));
    QDir().mkpath(pictures);
    for (int i = 0; i < 12; ++i) {
      QImage image(24, 16, QImage::Format_RGB888);
      image.fill(QColor::fromHsv(i * 25, 200, 200));
      QVERIFY(image.save(QStringLiteral("%1/%2.png").arg(pictures).arg(i)));
    }
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(pictures)});
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    QDragEnterEvent enter({400, 400}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(400, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&drop);
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(workspace_->dataset()->size(), 12);
    QCOMPARE(window_->current_place(), QStringLiteral("data"));
  }

  void the_open_menu_asks_for_a_folder() {
    click("go_to_data");
    const auto before = ask();
    ask().open_folder = [](QWidget*, const QString&) { return QStringLiteral("procedural:30"); };
    click("open_dataset");
    auto* menu = find<QMenu>("open_menu");
    QVERIFY(menu && menu->isVisible());
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    menu->findChild<QAction*>(QStringLiteral("open_folder"))->trigger();
    menu->close();
    QTRY_COMPARE(changed.size(), 1);
    ask() = before;
  }

  void views_follow_a_slider_and_the_next_run_has_its_value() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    const QImage before = rows->rows()[0].cells[1].image;
    auto* slider = find<QSlider>("views.crop_min_slider");
    slider->setFocus();
    for (int i = 0; i < 5; ++i) QTest::keyClick(slider, Qt::Key_PageUp);
    QCOMPARE(workspace_->settings().get<double>("views.crop_min"), 0.53);
    QTRY_VERIFY(rows->rows()[0].cells[1].image != before);
  }

  void the_same_seed_and_epoch_replay_the_same_views() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    find<QSpinBox>("replay_image")->setValue(7);
    QTRY_COMPARE(rows->rows().size(), 1);
    const QImage first = rows->rows()[0].cells[1].image;
    find<QSpinBox>("epoch")->setValue(3);
    QTRY_VERIFY(rows->rows()[0].cells[1].image != first);
    find<QSpinBox>("epoch")->setValue(1);
    QTRY_COMPARE(rows->rows()[0].cells[1].image, first);
    // And they are what training draws.
    const Settings& settings = workspace_->settings();
    const auto seed = static_cast<std::uint64_t>(settings.get<std::int64_t>("train.seed"));
    const View view = make_view(workspace_->dataset()->image(7),
                                settings.read<ViewOptions>("views."), {seed, 0, 7, 0});
    QCOMPARE(first.pixelColor(3, 4).red(), static_cast<int>(view.image.at<cv::Vec3b>(4, 3)[0]));
  }

  void pictures_of_another_data_set_do_not_stay() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    Settings settings = workspace_->settings();
    settings.set("views.crop_min", 0.9);
    settings.set("views.crop_max", 0.5);
    workspace_->set_settings(settings);
    QTRY_VERIFY(find<QLabel>("view_warning")->isVisible());
    QCOMPARE(rows->rows().size(), 6);  // the last good ones of the same images
    open(QStringLiteral("procedural:40"));
    QTRY_VERIFY(find<QLabel>("view_warning")->isVisible());
    QVERIFY(rows->rows().isEmpty());
    Settings mended = workspace_->settings();
    mended.set("views.crop_max", 1.0);
    workspace_->set_settings(mended);
    QTRY_COMPARE(rows->rows().size(), 6);
  }

  void letters_typed_into_a_list_choose_there() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    const auto seed = [&] { return workspace_->settings().get<std::int64_t>("train.seed"); };
    const std::int64_t before = seed();
    auto* methods = find<QComboBox>("view_method");
    methods->setFocus();
    QTest::keyClick(methods, Qt::Key_R);
    QCOMPARE(methods->currentData().toString(), QStringLiteral("rotation"));
    methods->showPopup();
    QTest::keyClick(methods->view(), Qt::Key_B);
    methods->hidePopup();
    QCOMPARE(seed(), before);
  }

  void r_draws_another_seed_or_the_next_epoch_when_locked() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    const auto seed = [&] { return workspace_->settings().get<std::int64_t>("train.seed"); };
    const std::int64_t before = seed();
    find<QWidget>("view_rows")->setFocus();
    QTest::keyClick(find<QWidget>("view_rows"), Qt::Key_R);
    QVERIFY(seed() != before);
    const std::int64_t kept = seed();
    click("seed_lock");
    click("re_roll");
    QCOMPARE(seed(), kept);
    QCOMPARE(find<QSpinBox>("epoch")->value(), 2);
  }

  void a_masked_method_shows_masks_and_gets_a_transformer() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    choose_method("mae");
    QVERIFY(workspace_->settings().get<std::string>("encoder.name").starts_with("vit"));
    QTRY_COMPARE(rows->rows()[0].cells.size(), 4);
    QVERIFY(!rows->rows()[0].cells[3].note.isEmpty());  // nothing is trained yet, and it says so
    QVERIFY(find<QSlider>("mask.ratio_slider")->isVisible());
  }

  void a_click_hides_a_patch_and_shows_it_again() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    choose_method("mae");
    QTRY_COMPARE(rows->rows()[0].cells.size(), 4);
    const auto hidden_at = [&](QPointF part) {
      const QImage& picture = rows->rows()[0].cells[2].image;
      return picture.pixelColor(static_cast<int>(part.x() * picture.width()),
                                static_cast<int>(part.y() * picture.height())) == tokens().faint;
    };
    const auto at = [&](QPointF part) {
      const QRectF place = rows->picture_place(0, 2);
      return QPointF(place.left() + part.x() * place.width(),
                     place.top() + part.y() * place.height())
          .toPoint();
    };
    const QPointF first(0.06, 0.06), second(0.19, 0.06);  // 8 by 8 patches
    const bool was = hidden_at(first);
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, at(first));
    QTRY_COMPARE(hidden_at(first), !was);
    QVERIFY(rows->rows()[0].lines.last().text.contains(QStringLiteral("by hand")));
    QVERIFY(find<QPushButton>("mask_by_rule")->isVisible());
    // A drag does to the next what the press did to the first.
    QTest::mousePress(rows->viewport(), Qt::LeftButton, {}, at(first));
    QMouseEvent move(QEvent::MouseMove, at(second), rows->viewport()->mapToGlobal(at(second)),
                     Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(rows->viewport(), &move);
    QTest::mouseRelease(rows->viewport(), Qt::LeftButton, {}, at(second));
    QTRY_VERIFY(hidden_at(first) == was && hidden_at(second) == was);
    click("mask_by_rule");
    QTRY_VERIFY(!rows->rows()[0].lines.last().text.contains(QStringLiteral("by hand")));
    QVERIFY(!find<QPushButton>("mask_by_rule")->isVisible());
    QCOMPARE(hidden_at(first), was);
    // Of other patches than those that were clicked.
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, at(first));
    QTRY_COMPARE(hidden_at(first), !was);
    set({"encoder.patch_size=8"});
    QTRY_VERIFY(!rows->rows()[0].lines.last().text.contains(QStringLiteral("by hand")));
    const bool now = hidden_at(first);
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, at(first));
    QTRY_COMPARE(hidden_at(first), !now);
  }

  void a_and_b_blink_in_one_place_and_their_difference_is_shown() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_COMPARE(rows->rows().size(), 6);
    const PictureRow before = rows->rows()[0];
    click("blink");
    QCOMPARE(rows->rows()[0].cells[1].other, before.cells[2].image);
    QTRY_VERIFY(rows->other_shown());
    rows->setFocus();
    QTest::keyClick(rows, Qt::Key_B);
    QVERIFY(!find<QPushButton>("blink")->isChecked());
    QVERIFY(!rows->other_shown());
    QTest::keyClick(rows, Qt::Key_D);
    QVERIFY(find<QPushButton>("difference")->isChecked());
    const QImage apart = rows->rows()[0].cells[2].image;
    const QColor a = before.cells[1].image.pixelColor(3, 4),
                 b = before.cells[2].image.pixelColor(3, 4);
    QCOMPARE(apart.pixelColor(3, 4).green(), std::abs(a.green() - b.green()));
    choose_method("mae");
    QTRY_VERIFY(!find<QPushButton>("blink")->isVisible());
  }

  void settings_that_leave_nothing_to_learn_are_warned_of() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    Settings settings = workspace_->settings();
    settings.set("views.crop_min", 1.0);
    for (const char* key : {"views.hflip", "views.jitter", "views.greyscale", "views.blur"})
      settings.set(key, 0.0);
    workspace_->set_settings(settings);
    QTRY_VERIFY(find<QLabel>("view_warning")->isVisible());
    QVERIFY(
        find<QLabel>("view_warning")->text().contains(QStringLiteral("nothing is left to learn")));
    settings.set("views.crop_min", 0.08);
    settings.set("views.jitter", 0.8);
    workspace_->set_settings(settings);
    QTRY_VERIFY(!find<QLabel>("view_warning")->isVisible());
  }

  void options_that_contradict_each_other_are_named_by_their_labels() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    Settings settings = workspace_->settings();
    settings.set("views.crop_min", 0.9);
    settings.set("views.crop_max", 0.5);
    workspace_->set_settings(settings);
    QTRY_VERIFY(find<QLabel>("view_warning")
                    ->text()
                    .startsWith(QStringLiteral("“Smallest crop” is above “Largest crop”;")));
    Q_EMIT workspace_->problem(QStringLiteral("/tmp/linear.epochs needs a lower finetune.lr."));
    QCOMPARE(
        find<QLabel>("message_text")->text(),
        QStringLiteral("/tmp/linear.epochs needs a lower “Learning rate” under “Fine-tuning”."));
  }

  void a_contact_sheet_is_saved() {
    open(QStringLiteral("procedural:60"));
    click("go_to_views");
    QTRY_COMPARE(find<PictureRows>("view_rows")->rows().size(), 6);
    const auto before = ask();
    const QString file = folder_->filePath(QStringLiteral("sheet.2024"));  // no suffix of ours
    ask().save_file = [file](QWidget*, const QString&, const QString&, const QString&) {
      return file;
    };
    click("contact_sheet");
    ask() = before;
    QVERIFY(QImage(file).width() > 1000);
    QVERIFY(find<QLabel>("message_text")->text().contains(QStringLiteral("sheet.2024")));
    QVERIFY(find<QWidget>("message_bar")->property("informs").toBool());
    Q_EMIT workspace_->problem(QStringLiteral("It did not work."));
    QVERIFY(!find<QWidget>("message_bar")->property("informs").toBool());
  }

  void the_scheme_is_changed_in_settings_and_kept() {
    click("settings_button");
    auto* popover = find<QWidget>("settings_popover");
    QVERIFY(popover->isVisible());
    QCOMPARE(popover->grab().toImage().pixelColor(160, 4), tokens().raised);
    QTest::mouseClick(popover->findChild<QPushButton*>(QStringLiteral("chip_dark")),
                      Qt::LeftButton);
    QCOMPARE(current_scheme(), Scheme::dark);
    QCOMPARE(app_settings::scheme_choice(), QStringLiteral("dark"));
    QTest::mouseClick(popover->findChild<QPushButton*>(QStringLiteral("chip_light")),
                      Qt::LeftButton);
    QCOMPARE(current_scheme(), Scheme::light);
    popover->close();
  }

  void every_place_fits_the_smallest_window() {
    open(QStringLiteral("procedural:60"));
    window_->resize(1024, 700);
    for (const QString& name : window_->place_names()) {
      window_->go_to(name);
      QCoreApplication::processEvents();
      QVERIFY2(window_->width() == 1024, qPrintable(name));
      QVERIFY2(window_->place(name)->minimumSizeHint().width() <= 1024 - measures::left_bar,
               qPrintable(name + QString::number(window_->place(name)->minimumSizeHint().width())));
    }
  }

  void the_help_is_in_view_wherever_the_options_are_scrolled_to() {
    open(QStringLiteral("procedural:60"));
    for (const QSize size : {QSize(1440, 900), QSize(1024, 700)}) {
      window_->resize(size);
      for (const char* place : {"views", "pretrain"}) {
        window_->go_to(QString::fromLatin1(place));
        auto* help = find<QWidget>("help_card");
        QTRY_COMPARE(help->visibleRegion().boundingRect(), help->rect());
      }
    }
    window_->resize(1440, 900);
    window_->go_to(QStringLiteral("views"));
    find<QSlider>("views.hflip_slider")->setFocus();
    const auto* text = find<QLabel>("help_text");
    QTRY_VERIFY2(text->text().endsWith(QStringLiteral("views.hflip · from 0 to 1 · default 0.5")),
                 qPrintable(text->text()));
  }

  void every_control_has_a_name_for_readers() {
    const auto check = [](const QWidget* root) {
      const QStringList unnamed = unnamed_controls(*root);
      QVERIFY2(unnamed.isEmpty(), qPrintable(unnamed.join(QStringLiteral(", "))));
    };
    for (const char* images : {"", "procedural:60"}) {
      if (*images) open(QString::fromLatin1(images));
      for (const QString& place : window_->place_names()) {
        window_->go_to(place);
        check(window_.get());
      }
    }
    for (auto* popover : window_->findChildren<Popover*>()) {
      popover->show();
      check(popover);
      popover->close();
    }
    CatalogueDialog catalogue(*workspace_, window_.get());
    catalogue.show();
    check(&catalogue);
  }

  void readers_hear_what_a_button_does_now() {
    open(QStringLiteral("procedural:60"));
    window_->go_to(QStringLiteral("pretrain"));
    auto* more = find<QAbstractButton>("more_options");
    QCOMPARE(told_name(more), QStringLiteral("More options"));
    more->click();
    QCOMPARE(told_name(more), QStringLiteral("Fewer options"));
  }
};

SELFSIGHT_SUITE(TestWindow, QApplication);
#include "test_window.moc"
