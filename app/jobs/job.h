// Long work in a thread, and its results back on the thread of the window.
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <QThread>
#include <any>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/control.h"

namespace selfsight {

/// One piece of long work. It ends in exactly one of finished, failed, cancelled, on the thread
/// that owns the Job. Nothing thrown by the work leaves its thread. Destroying a Job stops the
/// work and waits for it.
class Job : public QObject {
  Q_OBJECT
 public:
  using Progress = std::function<void(double)>;  // may be called from the work's thread
  using Work = std::function<std::any(Control&, const Progress&)>;
  using Clock = std::function<double()>;  // seconds from any moment; asked by the owner alone

  Job(const QString& title, Work work, QObject* parent = nullptr);
  ~Job() override;

  void start();
  void stop();
  void pause();
  void resume();

  const QString& title() const { return title_; }
  bool running() const;
  bool ended() const;
  bool paused() const;      // before it starts, too: it then begins so
  double progress() const;  // in [0, 1]; polled or heard
  /// By what the part that is done took; pauses do not count. Empty before there is something to
  /// go by.
  std::optional<double> seconds_left() const;
  void set_clock(Clock clock) { clock_ = std::move(clock); }  // before start()
  Control& control() { return *control_; }

 Q_SIGNALS:
  void progress_changed(double part);  // at most about 20 a second; paused and resumed, too
  void finished(const std::any& result);
  void failed(const QString& message);
  void cancelled();

 private:
  struct Shared;
  double active_seconds() const;

  QString title_;
  Work work_;
  std::shared_ptr<Control> control_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<QThread> thread_;
  Clock clock_;
  double begun_ = 0;  // of the clock, later by all pauses
  std::optional<double> paused_at_;
};

/// Answers the newest of many questions: one is worked on at a time, and of those asked meanwhile
/// only the last is kept. For previews that follow a slider. `Answer` is a plain value.
template <class Answer>
class Latest : public QObject {
 public:
  using Work = std::function<Answer(Control&)>;
  using Done = std::function<void(const Answer&)>;
  using Failed = std::function<void(const QString&)>;

  explicit Latest(QObject* parent) : QObject(parent) {}

  void ask(Work work, Done done, Failed failed = {}) {
    waiting_ = [this, work = std::move(work), done = std::move(done), failed = std::move(failed)] {
      auto* job = new Job(
          {}, [work](Control& control, const Job::Progress&) { return std::any(work(control)); },
          this);
      job_ = job;
      const auto over = [this, job] {
        job->deleteLater();
        if (job_ == job) job_ = nullptr;
        run_waiting();
      };
      connect(job, &Job::finished, this, [done, over](const std::any& result) {
        // Shown even if a newer question waits: the picture keeps moving while a slider is held.
        done(std::any_cast<const Answer&>(result));
        over();
      });
      connect(job, &Job::failed, this, [failed, over](const QString& message) {
        if (failed) failed(message);
        over();
      });
      connect(job, &Job::cancelled, this, over);
      job->start();
    };
    if (!job_) run_waiting();
  }

  /// The same, but nobody waits for what is being worked on: it is stopped, if it listens.
  void ask_instead(Work work, Done done, Failed failed = {}) {
    if (job_) job_->stop();
    ask(std::move(work), std::move(done), std::move(failed));
  }

  bool busy() const { return job_ || waiting_; }

 private:
  void run_waiting() {
    if (!waiting_) return;
    const auto next = std::exchange(waiting_, {});
    next();
  }

  std::function<void()> waiting_;
  QPointer<Job> job_;
};

}  // namespace selfsight
