#include "app/tour.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QEventLoop>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>
#include <cmath>
#include <cstdio>
#include <utility>

#include "app/ask.h"
#include "app/jobs/pipeline_labels.h"
#include "app/jobs_popover.h"
#include "app/main_window.h"
#include "app/places/compare_image.h"
#include "app/places/place.h"
#include "app/shortcuts_sheet.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/spec/preset.h"
#include "widgets/map_plot.h"
#include "widgets/picture.h"
#include "widgets/run_table.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr QSize wide(1440, 900), narrow(1024, 700);
constexpr int work_patience = 600'000;  // milliseconds for any one piece of work
constexpr int settle_time = 900;        // for pictures that are decoded off the window's thread
constexpr std::int64_t label_images = 2000, label_queries = 1000;

class Tour {
 public:
  Tour(const std::filesystem::path& store, const std::filesystem::path& out)
      : out_(out), workspace_(store), window_(workspace_) {
    QObject::connect(&workspace_, &Workspace::problem, &window_, [this](const QString& message) {
      problem_ = message;
      std::fprintf(stderr, "tour: %s\n", qPrintable(message));
    });
    window_.resize(wide);
    window_.show();
    settle();
  }

  int walk() {
    for (const Scheme scheme : {Scheme::dark, Scheme::light}) {
      use(scheme);
      for (const QString& name : window_.place_names())
        picture(("empty-" + name.toStdString()).c_str(), name.toLatin1().constData());
      Q_EMIT workspace_.problem(QStringLiteral("photos is not there; choose another folder."));
      problem_.clear();
      picture("problem", "data");
      press_in_window("message_close");
      popover("keys", "settings_button", [this] {
        window_.findChild<QPushButton*>(QStringLiteral("show_keys"))->click();
        return window_.findChild<ShortcutsSheet*>();
      });
    }
    open_images();
    train("simclr-fashion-quick", {"train.epochs=0.3", "monitor.every_epochs=0.1"}, true);
    simclr_ = workspace_.current_run();
    for (const Scheme scheme : {Scheme::dark, Scheme::light}) {
      use(scheme);
      picture("setup", "pretrain", [this] { press("new_run"); });
      picture("sweep", "pretrain", [this] { type_sweep(); });
      press("sweep_close");
    }
    train("simclr-fashion-quick",
          {"train.epochs=0.3", "monitor.every_epochs=0.1", "method.temperature=0.1"}, false);
    colder_ = workspace_.current_run();
    train("mae-fashion-quick", {"train.epochs=0.4", "monitor.every_epochs=0.2"}, false);
    mae_ = workspace_.current_run();
    workspace_.set_settings(workspace_.store().run(simclr_).settings);
    for (const auto run : {colder_, simclr_}) {
      workspace_.set_current_run(run);
      window_.go_to(QStringLiteral("explore"));
      press("start_map");
      work();
    }
    press("chip_epochs");
    press("start_map");
    work();
    press("chip_tsne");
    lasso();  // last: another map would take what it selects
    window_.go_to(QStringLiteral("evaluate"));
    press("start_knn");
    picture("evaluate-working", "evaluate");
    work();
    measure_labels();
    every_place();
    every_error();
    return problem_.isEmpty() ? 0 : 1;
  }

 private:
  void open_images() {
    QEventLoop loop;
    QObject::connect(&workspace_, &Workspace::statistics_changed, &loop, &QEventLoop::quit);
    QTimer::singleShot(work_patience, &loop, &QEventLoop::quit);
    workspace_.open_dataset_at(QStringLiteral("fashion-mnist"));
    loop.exec();
    if (!workspace_.dataset())
      throw InputError("The tour needs Fashion-MNIST: " + problem_.toStdString());
  }

  void train(const std::string& preset, const std::vector<std::string>& changes, bool watched) {
    Settings settings = find_preset(preset, run_schema).settings;
    apply_assignments(settings, changes, run_schema);
    settings.set("data.path", workspace_.dataset()->location());
    workspace_.set_settings(settings);
    workspace_.start_run();
    const auto run = workspace_.training()->run();
    QEventLoop loop;
    QObject::connect(workspace_.training(), &TrainJob::ended, &loop, &QEventLoop::quit,
                     Qt::QueuedConnection);
    if (watched) {
      window_.go_to(QStringLiteral("data"));
      bool taken = false;
      QObject::connect(workspace_.training(), &TrainJob::drained, &loop, [this, &taken] {
        const auto step = workspace_.training()->last_step();
        if (taken || !step || step->step < 25) return;
        taken = true;
        // Not from within: what came with this step has yet to reach the curves and the batch.
        QTimer::singleShot(0, &window_, [this] {
          picture("training", "pretrain");
          paused();
        });
      });
    }
    loop.exec();
    workspace_.set_current_run(run);
  }

  /// The run that trains, and its place in the list of jobs.
  void paused() {
    for (const Scheme scheme : {Scheme::dark, Scheme::light}) {
      use(scheme);
      if (scheme == Scheme::dark) picture("training", "pretrain");
      if (!workspace_.training()) continue;  // it may have ended by now
      workspace_.training()->pause();
      picture("training-paused", "pretrain");
      popover("jobs", "jobs_button", [this] { return window_.findChild<JobsPopover*>(); });
      workspace_.training()->resume();
    }
  }

  /// Until all announced jobs are over.
  void work() {
    QEventLoop loop;
    QObject::connect(&workspace_, &Workspace::jobs_changed, &loop, [this, &loop] {
      if (workspace_.jobs().isEmpty()) loop.quit();
    });
    QTimer::singleShot(work_patience, &loop, &QEventLoop::quit);
    if (!workspace_.jobs().isEmpty()) loop.exec();
    settle();
  }

  void use(Scheme scheme) {
    scheme_ = scheme == Scheme::light ? "light" : "dark";
    apply_theme(*qApp, scheme);
  }

  void settle() {
    QEventLoop loop;
    QTimer::singleShot(settle_time, &loop, &QEventLoop::quit);
    loop.exec();
  }

  void press(const char* name) {
    auto* here = window_.place(window_.current_place());
    auto* button = here->findChild<QPushButton*>(QString::fromLatin1(name));
    if (!button || !button->isEnabled())
      throw Error(std::string("The tour found no button ") + name + " to press.");
    button->click();
  }

  MapPlot* map() { return window_.findChild<MapPlot*>(); }

  void mouse(QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons held) {
    QMouseEvent event(type, at, map()->mapToGlobal(at), button, held, {});
    QCoreApplication::sendEvent(map(), &event);
  }

  /// Draws around the middle left of the map.
  void lasso() {
    window_.go_to(QStringLiteral("explore"));
    settle();
    map()->set_lasso(true);
    const QPointF centre(map()->width() * 0.3, map()->height() * 0.45);
    const double radius = map()->height() * 0.16;
    const auto at = [&](int i) {
      const double angle = i * 0.3;
      return centre + QPointF(std::cos(angle), std::sin(angle)) * radius;
    };
    mouse(QEvent::MouseButtonPress, at(0), Qt::LeftButton, Qt::LeftButton);
    for (int i = 1; i < 21; ++i) mouse(QEvent::MouseMove, at(i), Qt::NoButton, Qt::LeftButton);
    mouse(QEvent::MouseButtonRelease, at(20), Qt::LeftButton, Qt::NoButton);
    map()->set_lasso(false);
    if (map()->selection().isEmpty()) return;
    chosen_ = *map()->selection().begin();
    Q_EMIT map()->clicked(chosen_);
    settle();
  }

  /// Pictures from elsewhere, as far as a tour has them: copies of some that are mapped.
  void search_with_pictures() {
    QStringList files;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto id = map()->points().at(i * map()->points().size() / 3).id;
      files << pictures_.filePath(QStringLiteral("mine-%1.png").arg(i + 1));
      to_image(workspace_.dataset()->image(id)).save(files.last());
    }
    const auto before = std::exchange(ask().open_files, [files](auto&&...) { return files; });
    press("search_image");
    ask().open_files = before;
    work();
  }

  /// The mouse over one of the chosen points, until its picture has come.
  void hover() {
    if (chosen_ < 0) return;
    mouse(QEvent::MouseMove, map()->position_of(chosen_), Qt::NoButton, Qt::NoButton);
    settle();
  }

  void every_place() {
    for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
      use(scheme);
      window_.resize(wide);
      picture("data", "data");
      picture("views", "views");
      picture("views-difference", "views", [this] { press("difference"); });
      press("difference");
      picture("pretrain", "pretrain");
      picture("explore", "explore", [this] { hover(); });
      picture("explore-marks", "explore", [this] { search_with_pictures(); });
      press("clear_marks");
      picture("explore-epochs", "explore", [this] { press("chip_epochs"); });
      press("chip_tsne");
      picture("evaluate", "evaluate", [this] { choose_measure("knn"); });
      picture("evaluate-labels", "evaluate", [this] { choose_measure("labels"); });
      choose_measure("knn");
      picture("compare", "compare", [&] { choose_runs({simclr_, colder_}); });
      picture("compare-image", "compare", [&] {
        choose_runs({simclr_, colder_, mae_});
        press("chip_image");
        neighbours();
      });
      picture("compare-sweep", "compare", [this] { press("chip_sweep"); });
      press("chip_side");
      show_masks();
      window_.resize(narrow);
      for (const QString& name : window_.place_names())
        picture(("narrow-" + name.toStdString()).c_str(), name.toLatin1().constData());
    }
  }

  /// What of a few labels is enough for a curve with bands.
  void measure_labels() {
    Settings settings = label_settings();
    settings.set("labels.lines", std::string("linear,random,pixels"));
    settings.set("labels.percent", std::vector<double>{1, 10, 100});
    settings.set("labels.images", label_images);
    settings.set("labels.queries", label_queries);
    Control control;
    selfsight::measure_labels(workspace_.store_folder(), simclr_, workspace_.dataset(), settings,
                              control);
  }

  void type_sweep() {
    press("sweep_runs");
    auto* options = window_.findChild<QComboBox*>(QStringLiteral("sweep_1_option"));
    options->setCurrentIndex(options->findData(QStringLiteral("method.temperature")));
    window_.findChild<QLineEdit*>(QStringLiteral("sweep_1_values"))
        ->setText(QStringLiteral("0.1, 0.2, 0.5"));
  }

  void choose_measure(const char* kind) {
    auto* kinds = window_.findChild<QComboBox*>(QStringLiteral("probe_kind"));
    kinds->setCurrentIndex(kinds->findData(QString::fromLatin1(kind)));
    if (kind != std::string_view("labels")) return;
    // Else the curve would be called one of other options.
    auto* options = window_.findChild<SpecForm*>(QStringLiteral("probe_options"));
    Q_EMIT options->value_changed(QStringLiteral("labels.images"), label_images);
    Q_EMIT options->value_changed(QStringLiteral("labels.queries"), label_queries);
  }

  /// Options that contradict each other, and images that are not there.
  void every_error() {
    const Settings before = workspace_.settings();
    Settings wrong = before;
    wrong.set("views.crop_min", 0.9);
    wrong.set("views.crop_max", 0.1);
    for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
      use(scheme);
      window_.resize(wide);
      workspace_.set_settings(wrong);
      picture("error-views", "views");
      picture("error-setup", "pretrain", [this] { press("new_run"); });
      workspace_.set_settings(before);
    }
  }

  void neighbours() {
    QEventLoop loop;
    QObject::connect(window_.findChild<CompareImage*>(), &CompareImage::complete, &loop,
                     &QEventLoop::quit);
    QTimer::singleShot(work_patience / 10, &loop, &QEventLoop::quit);
    loop.exec();
  }

  void choose_runs(const std::vector<std::int64_t>& runs) {
    if (auto* table = window_.findChild<RunTable*>()) table->choose(runs);
  }

  /// Views with a masked method and a run that rebuilds.
  void show_masks() {
    const Settings before = workspace_.settings();
    const auto run = workspace_.current_run();
    workspace_.set_settings(workspace_.store().run(mae_).settings);
    workspace_.set_current_run(mae_);
    picture("views-masks", "views", [this] { settle(); });
    workspace_.set_current_run(run);
    workspace_.set_settings(before);
  }

  void press_in_window(const char* name) {
    window_.findChild<QAbstractButton*>(QString::fromLatin1(name))->click();
  }

  /// A surface of its own, which the picture of the window would not show.
  template <class Open>
  void popover(const char* name, const char* opener, Open&& open) {
    press_in_window(opener);
    QWidget* shown = open();
    settle();
    save(shown->grab(), name);
    shown->close();
  }

  template <class Before>
  void picture(const char* name, const char* place, Before&& before) {
    window_.go_to(QString::fromLatin1(place));
    before();
    settle();
    save(window_.grab(), name);
  }

  void save(const QPixmap& picture, const char* name) {
    const auto file = out_ / (std::string(name) + "-" + scheme_ + ".png");
    if (!picture.save(QString::fromStdString(file.string()), "PNG"))
      throw Error("Could not write " + file.string() + ".");
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
  }
  void picture(const char* name, const char* place) {
    picture(name, place, [] {});
  }

  std::filesystem::path out_;
  QTemporaryDir pictures_;
  Workspace workspace_;
  MainWindow window_;
  QString problem_;
  std::string scheme_ = "light";
  std::int64_t simclr_ = 0, colder_ = 0, mae_ = 0;
  qint64 chosen_ = -1;
};

}  // namespace

int run_tour(int argc, char** argv, const std::filesystem::path& out) {
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  if (failed)
    throw InputError("Could not make the folder " + out.string() + ": " + failed.message() + ".");
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QTemporaryDir folder;
  // What a person has chosen in the window is neither shown nor changed.
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
  QCoreApplication::setOrganizationName(QStringLiteral("Selfsight"));
  QCoreApplication::setApplicationName(QStringLiteral("Selfsight"));
  apply_theme(app, Scheme::light);
  return Tour(folder.filePath(QStringLiteral("store")).toStdString(), out).walk();
}

}  // namespace selfsight
