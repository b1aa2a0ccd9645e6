#include "app/tour.h"

#include <unistd.h>

#include <QApplication>
#include <QComboBox>
#include <QEventLoop>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTimer>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/ask.h"
#include "app/jobs/pipeline_labels.h"
#include "app/jobs_popover.h"
#include "app/places/compare_image.h"
#include "app/places/map_jobs.h"
#include "app/shortcuts_sheet.h"
#include "app/tour_images.h"
#include "app/tour_steps.h"
#include "core/base/error.h"
#include "core/spec/preset.h"
#include "widgets/controls.h"
#include "widgets/image_grid.h"
#include "widgets/map_plot.h"
#include "widgets/picture.h"
#include "widgets/run_table.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr std::int64_t label_images = 2000, label_queries = 1000;
constexpr std::int64_t long_descent = 20'000;  // iterations, about half a minute on two cores
constexpr int few_mapped = 1000, high_perplexity = 500;  // too few images for it
constexpr char scale_name[] = "SELFSIGHT_TOUR_SCALE";

class Tour : public TourSteps {
 public:
  using TourSteps::TourSteps;

  int walk() {
    empty_places();
    open_images(QStringLiteral("fashion-mnist"));
    wait_for("the statistics", [this] { return workspace_.statistics().has_value(); });
    train_runs();
    make_maps();
    window_.go_to(QStringLiteral("evaluate"));
    press("start_knn");
    in_both("evaluate-working", "evaluate");
    work();
    measure_labels();
    every_place();
    every_error();
    own_images();  // last: what was made of the others is not shown with these
    return problem_.isEmpty() ? 0 : 1;
  }

 private:
  void empty_places() {
    for (const Scheme scheme : {Scheme::dark, Scheme::light}) {
      use(scheme);
      for (const QString& name : window_.place_names())
        picture(("empty-" + name.toStdString()).c_str(), name.toLatin1().constData());
      fail([this] {
        Q_EMIT workspace_.problem(QStringLiteral("photos is not there; choose another folder."));
      });
      picture("problem", "data");
      press_in_window("message_close");
      opening();
      popover("keys", "settings_button", [this] {
        window_.findChild<QPushButton*>(QStringLiteral("show_keys"))->click();
        return window_.findChild<ShortcutsSheet*>();
      });
    }
  }

  /// Images on their way, and then another file that holds none, which takes their place.
  void opening() {
    window_.go_to(QStringLiteral("data"));
    workspace_.open_dataset_at(QStringLiteral("fashion-mnist"));
    glimpse("data-opening");
    const QString notes = folder_.filePath(QStringLiteral("notes.txt"));
    write_notes(notes);
    fail([&] { workspace_.open_dataset_at(notes); });
    picture("error-data", "data");
    press_in_window("message_close");
  }

  void open_images(const QString& path) {
    const auto before = workspace_.dataset();
    workspace_.open_dataset_at(path);
    wait_for("images to open", [this] { return !workspace_.opening(); });
    if (workspace_.dataset() == before)
      throw InputError("The tour needs " + path.toStdString() + ": " + problem_.toStdString());
  }

  void train_runs() {
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
  }

  void make_maps() {
    for (const auto run : {colder_, simclr_}) {
      workspace_.set_current_run(run);
      window_.go_to(QStringLiteral("explore"));
      press("start_map");
      work();
    }
    map_at_work();
    press("chip_epochs");
    press("start_map");
    work();
    press("chip_tsne");
    lasso();  // last: another map would take what it selects
  }

  /// A map is laid out within a second or two; one that is to go on for long is cancelled once its
  /// pictures are there, and the finished one stays.
  void map_at_work() {
    auto* options = window_.findChild<SpecForm*>(QStringLiteral("tsne_options"));
    Q_EMIT options->value_changed(QStringLiteral("tsne.iterations"), long_descent);
    press("start_map");
    auto* maker = window_.findChild<MapMaker*>();
    wait_for("a first layout", [&] { return maker->can_stop() || !maker->running(); });
    in_both("explore-working", "explore");
    if (!maker->running()) throw Error("The tour's map was ready before its pictures.");
    press("discard_map");
    work();
    Q_EMIT options->value_changed(QStringLiteral("tsne.iterations"), TsneOptions().iterations);
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
      files << folder_.filePath(QStringLiteral("mine-%1.png").arg(i + 1));
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

  /// In every place but Data, which has its own: see opening() and own_images().
  void every_error() {
    wrong_options();
    fail_to_train();
    fail_to_map();
    fail_to_measure();
  }

  void wrong_options() {
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

  /// A rate of a hundred drives any weights out of the numbers within a few dozen steps.
  void fail_to_train() {
    fail([this] {
      train("mae-fashion-quick",
            {"optimiser.name=sgd", "optimiser.lr=100", "optimiser.warmup_epochs=0",
             "method.norm_pix_loss=false", "train.epochs=0.4", "monitor.bank=1000"},
            false);
      failed_ = workspace_.current_run();
      if (workspace_.store().run(failed_).status != RunStatus::failed)
        throw Error("The run that was to fail on the tour has not.");
    });
    in_both("pretrain-failed", "pretrain");
    press_in_window("message_close");
  }

  /// Of a run that has no map yet, so that none stays in view.
  void fail_to_map() {
    workspace_.set_current_run(mae_);
    window_.go_to(QStringLiteral("explore"));
    window_.findChild<QSpinBox*>(QStringLiteral("map_images"))->setValue(few_mapped);
    window_.findChild<NumberBox*>(QStringLiteral("perplexity"))->setValue(high_perplexity);
    fail([this] { press("start_map"); });
    in_both("error-explore", "explore");
    press_in_window("message_close");
  }

  /// As of a disk that went bad: half a checkpoint is all that is left of the run that failed.
  void fail_to_measure() {
    for (const StoredCheckpoint& checkpoint : workspace_.store().checkpoints(failed_)) {
      const auto& file = checkpoint.info.file;
      std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    }
    workspace_.set_current_run(failed_);
    window_.go_to(QStringLiteral("evaluate"));
    fail([this] { press("start_knn"); });
    in_both("error-evaluate", "evaluate");
    press_in_window("message_close");
    for (const Scheme scheme : {Scheme::dark, Scheme::light}) {
      use(scheme);
      picture("error-compare", "compare", [this] {
        choose_runs({simclr_, failed_});
        press("chip_image");
        neighbours();
      });
      press("chip_side");
    }
  }

  /// Data while it measures, and with files that cannot be read.
  void own_images() {
    window_.go_to(QStringLiteral("data"));
    const QString many = folder_.filePath(QStringLiteral("photos"));
    write_many_photos(many);
    open_images(many);
    auto* grid = window_.findChild<ImageGrid*>(QStringLiteral("image_grid"));
    wait_for("thumbnails", [grid] { return all_in_view(*grid); });
    in_both("data-measuring", "data");
    if (workspace_.statistics())
      throw Error("The tour's photos were measured before its pictures.");
    const QString damaged = folder_.filePath(QStringLiteral("damaged"));
    write_damaged_photos(damaged);
    open_images(damaged);
    wait_for("the statistics", [this] { return workspace_.statistics().has_value(); });
    press("broken_why");
    in_both("data-broken", "data");
  }

  static bool all_in_view(const ImageGrid& grid) {
    const auto [first, last] = grid.rows_in_view();
    if (first < 0) return false;
    for (int row = first; row <= last; ++row)
      if (grid.images()->missing(row)) return false;
    return true;
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

  std::int64_t simclr_ = 0, colder_ = 0, mae_ = 0, failed_ = 0;
  qint64 chosen_ = -1;
};

int walk_once(int argc, char** argv, const std::filesystem::path& out) {
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

}  // namespace

int run_tour(int argc, char** argv, const std::filesystem::path& out) {
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  if (failed)
    throw InputError("Could not make the folder " + out.string() + ": " + failed.message() + ".");
  const bool one_scale = qEnvironmentVariableIsSet(scale_name);
  // Not that of the desktop, which would give the pictures other names.
  qputenv("QT_SCALE_FACTOR", one_scale ? qgetenv(scale_name) : QByteArray("1"));
  const int status = walk_once(argc, argv, out);
  if (one_scale || status != 0) return status;
  // Qt takes its scale when a program starts, and never again.
  qputenv(scale_name, "2");
  ::execv("/proc/self/exe", argv);
  throw Error(std::string("The pictures of twice the size could not be begun: ") +
              std::strerror(errno) + ". Those of plain size are there.");
}

}  // namespace selfsight
