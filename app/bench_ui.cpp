#include "app/bench_ui.h"

#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QMouseEvent>
#include <QSettings>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/spec/preset.h"
#include "widgets/curve_plot.h"
#include "widgets/map_plot.h"
#include "widgets/picture_rows.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int tick = 5;    // milliseconds between two looks at the event loop
constexpr int moves = 60;  // of the slider
constexpr int viewed_images = 8;
constexpr int answer_patience = 60'000;  // milliseconds for any one answer
constexpr int mapped_points = 100'000, curve_points = 1'000'000, redraws = 50;
constexpr int training_steps = 20;  // before anything is measured
constexpr std::int64_t view_size = 224;
constexpr double golden_angle = 2.399963;  // lays points out as an even disc
constexpr int mapped_images = 5000, hovers = 40;
constexpr int curves_shown = 10'000;  // milliseconds before the curves of the run in training

struct Summary {
  double median = 0, p99 = 0, worst = 0;
};

Summary summary(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto at = [&](double part) {
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
  };
  return {at(0.5), at(0.99), values.back()};
}

/// To a hundredth of a second, which is how precisely Linux keeps it.
double since_process_start() {
  QFile status(QStringLiteral("/proc/self/stat"));
  if (!status.open(QIODevice::ReadOnly)) return 0;
  const QByteArray line = status.readAll();
  // The name, in brackets, may hold spaces; the start is the 20th field after it.
  const auto fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double started = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
  return 1e3 * (static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 - started);
}

/// Whether a widget has been painted since what was waited for was there.
class Painted : public QObject {
 public:
  explicit Painted(QWidget* watched) { watched->installEventFilter(this); }
  void expect(std::function<bool()> ready) {
    ready_ = std::move(ready);
    seen_ = false;
  }
  bool seen() const { return seen_; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Paint && ready_ && ready_()) seen_ = true;
    return QObject::eventFilter(watched, event);
  }

 private:
  std::function<bool()> ready_;
  bool seen_ = false;
};

class Bench {
 public:
  explicit Bench(const std::filesystem::path& store) : workspace_(store), window_(workspace_) {
    window_.resize(1440, 900);
    window_.show();
    watch_event_loop();
    QCoreApplication::processEvents();
    shown_ = since_process_start();
  }

  int run(bool json) {
    open_images();
    start_training();
    window_.go_to(QStringLiteral("views"));
    lateness_.clear();
    const Summary slider = summary(move_slider());
    const Summary hover = summary(hover_points());
    const Summary loop = summary(std::exchange(lateness_, {}));
    const double idle = share_of_processor("data");
    lateness_.clear();
    const double share = share_of_processor("pretrain") - idle;
    const Summary live_loop = summary(lateness_);
    const Summary map = summary(redraw_map()), curves = summary(redraw_curves());
    if (!workspace_.training() || !workspace_.training()->running())
      throw Error("The run ended before the window was measured.");
    stop_training();
    tell(json,
         {{"window_shown_ms", {shown_, shown_, shown_}},
          {"event_loop_lateness_ms", loop},
          {"event_loop_lateness_in_pretrain_ms", live_loop},
          {"slider_to_views_ms", slider},
          {"hover_to_thumbnail_ms", hover},
          {"map_redraw_ms", map},
          {"curves_redraw_ms", curves}},
         share);
    return 0;
  }

 private:
  template <class Done>
  void wait_for(const char* what, Done&& done) {
    QElapsedTimer clock;
    clock.start();
    while (!done()) {
      if (clock.elapsed() > answer_patience)
        throw Error(std::string("The bench waited a minute for ") + what + ".");
      // Sleeps until something happens, as a window does, at the latest until the timer's next
      // tick. With a time limit it would spin, and take a core from the training.
      QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
  }

  void open_images() {
    workspace_.open_dataset_at(QStringLiteral("fashion-mnist"));
    wait_for("Fashion-MNIST", [this] { return workspace_.statistics().has_value(); });
  }

  void start_training() {
    Settings settings = find_preset("simclr-fashion-quick", run_schema).settings;
    apply_assignments(settings, {"train.epochs=50", "train.checkpoint_minutes=0.02"}, run_schema);
    settings.set("data.path", workspace_.dataset()->location());
    workspace_.set_settings(settings);
    workspace_.start_run();
    wait_for("the first steps", [this] {
      const auto* job = workspace_.training();
      return job && job->last_step() && job->last_step()->step >= training_steps;
    });
  }

  void stop_training() {
    workspace_.training()->stop();
    wait_for("the end of the run", [this] { return workspace_.training() == nullptr; });
  }

  /// From now on; what counts begins when lateness_ is emptied.
  void watch_event_loop() {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(tick);
    since_.start();
    QObject::connect(&timer_, &QTimer::timeout, &window_, [this] {
      const double apart = static_cast<double>(since_.nsecsElapsed()) / 1e6;
      since_.restart();
      lateness_.push_back(std::max(0.0, apart - tick));
    });
    timer_.start();
  }

  /// From each change of the smallest crop to the first other picture on the screen.
  std::vector<double> move_slider() {
    auto* place = window_.place(QStringLiteral("views"));
    auto* slider = place->findChild<QSlider*>(QStringLiteral("views.crop_min_slider"));
    auto* rows = place->findChild<PictureRows*>();
    auto* count = place->findChild<QSpinBox*>(QStringLiteral("image_count"));
    if (!slider || !rows || !count) throw Error("The bench found no slider in Views.");
    Settings settings = workspace_.settings();
    settings.set("views.size", view_size);
    workspace_.set_settings(settings);
    count->setValue(viewed_images);
    wait_for("the views", [&] { return rows->rows().size() == viewed_images; });
    Painted painted(rows->viewport());
    std::vector<double> out;
    for (int i = 0; i < moves; ++i) {
      const auto picture = [&] { return rows->rows().last().cells.last().image.cacheKey(); };
      const qint64 before = picture();
      painted.expect([&] { return picture() != before; });
      QElapsedTimer clock;
      clock.start();
      slider->setValue(slider->minimum() + (i * 7) % (slider->maximum() - slider->minimum()));
      wait_for("new views", [&] { return painted.seen(); });
      out.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return out;
  }

  /// From the end of the dwell on a point of Explore's map to its picture on the screen.
  std::vector<double> hover_points() {
    make_map();
    window_.go_to(QStringLiteral("explore"));
    auto* map = window_.place(QStringLiteral("explore"))->findChild<MapPlot*>();
    wait_for("the map", [map] { return map && !map->points().empty(); });
    Painted painted(map);
    std::vector<double> out;
    QElapsedTimer clock;
    const auto hears = QObject::connect(map, &MapPlot::hovered, &window_, [&clock](qint64 id) {
      if (id >= 0) clock.start();
    });
    for (int i = 0; i < hovers; ++i) {
      const auto& point = map->points()[static_cast<std::size_t>(i * 97)];
      const QPointF at = map->position_of(point.id);
      QMouseEvent move(QEvent::MouseMove, at, map->mapToGlobal(at), Qt::NoButton, {}, {});
      QCoreApplication::sendEvent(map, &move);
      painted.expect([map] { return map->thumbnail_shown(); });
      wait_for("a thumbnail", [&] { return painted.seen(); });
      out.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    QObject::disconnect(hears);
    return out;
  }

  /// Of the run in training, which need not have been mapped.
  void make_map() {
    StoredMap map{0, workspace_.training()->run(), "tsne", std::string("{}"), {}, {}, {}};
    wait_for("a checkpoint", [&] { return !workspace_.store().checkpoints(map.run).empty(); });
    for (int i = 0; i < mapped_images; ++i) {
      const double angle = i * golden_angle;
      map.ids.push_back(i);
      map.xy.push_back(static_cast<float>(std::sqrt(i) * std::cos(angle)));
      map.xy.push_back(static_cast<float>(std::sqrt(i) * std::sin(angle)));
    }
    workspace_.store().add_map(map);
    Q_EMIT workspace_.runs_changed();
  }

  /// Percent of all cores that the window's thread takes to show a place while a run trains.
  double share_of_processor(const char* place) {
    window_.go_to(QString::fromLatin1(place));
    QCoreApplication::processEvents();  // what it takes to get there does not count
    const auto used = [] {
      timespec now{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
    };
    QElapsedTimer clock;
    clock.start();
    const double before = used();
    wait_for("the curves", [&] { return clock.elapsed() > curves_shown; });
    const double cores = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    return 100 * (used() - before) / (static_cast<double>(clock.nsecsElapsed()) / 1e9 * cores);
  }

  /// Of a hundred thousand points in ten groups, in a widget of the size it has in Explore.
  static std::vector<double> redraw_map() {
    MapPlot map;
    map.resize(900, 700);
    std::vector<MapPoint> points;
    for (int i = 0; i < mapped_points; ++i) {
      const double angle = i * golden_angle;
      points.push_back({i, std::sqrt(i) * std::cos(angle), std::sqrt(i) * std::sin(angle), i % 10});
    }
    map.set_points(std::move(points));
    map.show();
    return timed([&map] {
      map.set_selection({});  // so that the points are drawn anew
      map.grab();
    });
  }

  static std::vector<double> redraw_curves() {
    CurvePlot plot(QStringLiteral("bench_curves"));
    plot.resize(900, 500);
    std::vector<CurvePoint> points;
    for (int i = 0; i < curve_points; ++i)
      points.push_back({i * 1.0, i / 1e4, i / 1e2, 0, 5 / (1 + i / 1e5) + 0.2 * std::sin(i * 7.0)});
    plot.set_curves({{1, QStringLiteral("bench"), std::move(points)}});
    plot.show();
    auto* canvas = plot.findChild<QCustomPlot*>();
    return timed([canvas] { canvas->replot(QCustomPlot::rpImmediateRefresh); });
  }

  template <class Work>
  static std::vector<double> timed(Work&& work) {
    std::vector<double> out;
    for (int i = 0; i < redraws; ++i) {
      QElapsedTimer clock;
      clock.start();
      work();
      out.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return out;
  }

  static void tell(bool json, const std::vector<std::pair<const char*, Summary>>& results,
                   double share) {
    nlohmann::ordered_json object;
    for (const auto& [name, s] : results) {
      if (json)
        object[name] = {{"median", s.median}, {"p99", s.p99}, {"worst", s.worst}};
      else
        std::printf("%-36s median %.1f  p99 %.1f  worst %.1f\n", name, s.median, s.p99, s.worst);
    }
    object["curves_processor_percent"] = share;
    if (json)
      std::printf("%s\n", object.dump().c_str());
    else
      std::printf("%-36s %.2f\n", "curves_processor_percent", share);
  }

  Workspace workspace_;
  MainWindow window_;
  QTimer timer_;
  QElapsedTimer since_;
  std::vector<double> lateness_;
  double shown_ = 0;  // after the start of the process
};

}  // namespace

int run_bench_ui(int argc, char** argv, bool json) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QTemporaryDir folder;
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
  apply_theme(app, Scheme::light);
  return Bench(folder.filePath(QStringLiteral("store")).toStdString()).run(json);
}

}  // namespace selfsight
