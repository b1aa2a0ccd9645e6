#include "app/jobs/job.h"

#include <QTimer>
#include <atomic>
#include <chrono>
#include <utility>
#include <variant>

#include "core/base/error.h"

namespace selfsight {
namespace {

using Outcome = std::variant<std::monostate, std::any, QString, Cancelled>;

constexpr int progress_interval = 50;  // milliseconds
constexpr double fewest_seconds = 1;   // before these, a guess at the rest would jump about

double steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

/// Runs the work; whatever it throws becomes a value.
Outcome outcome_of(const Job::Work& work, Control& control, const Job::Progress& progress) {
  try {
    return work(control, progress);
  } catch (const Cancelled&) {
    return Cancelled();
  } catch (const std::exception& error) {
    return QString::fromUtf8(error.what());
  } catch (...) {
    return QStringLiteral("Something went wrong that left no message.");
  }
}

}  // namespace

/// What the thread writes and the window reads.
struct Job::Shared {
  std::atomic<double> progress{0};
  std::atomic<bool> running{false};
  Outcome outcome;  // written by the thread before it ends, read after
};

Job::Job(const QString& title, Work work, QObject* parent)
    : QObject(parent),
      title_(title),
      work_(std::move(work)),
      control_(std::make_shared<Control>()),
      shared_(std::make_shared<Shared>()),
      clock_(steady_seconds) {}

Job::~Job() {
  if (!thread_) return;
  stop();
  thread_->wait();
}

void Job::start() {
  if (thread_) return;
  shared_->running = true;
  begun_ = clock_();
  if (paused_at_) paused_at_ = begun_;
  thread_.reset(QThread::create([work = work_, control = control_, shared = shared_] {
    shared->outcome =
        outcome_of(work, *control, [shared](double part) { shared->progress = part; });
  }));
  auto* timer = new QTimer(this);
  connect(timer, &QTimer::timeout, this, [this, last = -1.0]() mutable {
    const double now = progress();
    if (now == last) return;
    last = now;
    Q_EMIT progress_changed(now);
  });
  timer->start(progress_interval);
  // Queued to this object's thread: nobody hears of the end on the work's thread.
  connect(thread_.get(), &QThread::finished, this, [this, timer] {
    timer->stop();
    shared_->running = false;
    const Outcome outcome = std::exchange(shared_->outcome, {});
    // The last thing done here: a listener may delete this job.
    if (const auto* result = std::get_if<std::any>(&outcome))
      Q_EMIT finished(*result);
    else if (const auto* message = std::get_if<QString>(&outcome))
      Q_EMIT failed(*message);
    else
      Q_EMIT cancelled();
  });
  thread_->start();
}

void Job::stop() {
  control_->request_stop();
}
void Job::pause() {
  if (paused_at_) return;
  paused_at_ = clock_();
  control_->pause();
  Q_EMIT progress_changed(progress());
}
void Job::resume() {
  if (paused_at_) begun_ += clock_() - *std::exchange(paused_at_, std::nullopt);
  control_->resume();  // the work may have paused itself, as on a full disk
  Q_EMIT progress_changed(progress());
}

bool Job::running() const {
  return shared_->running;
}
bool Job::ended() const {
  return thread_ && !running();
}
bool Job::paused() const {
  return !ended() && control_->paused();
}
double Job::progress() const {
  return shared_->progress;
}

double Job::active_seconds() const {
  return paused_at_.value_or(clock_()) - begun_;
}

std::optional<double> Job::seconds_left() const {
  const double part = progress(), seconds = active_seconds();
  if (!running() || part <= 0 || seconds < fewest_seconds) return std::nullopt;
  return seconds * (1 - part) / part;
}

}  // namespace selfsight
