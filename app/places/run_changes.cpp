#include "app/places/run_changes.h"

#include <QTimer>
#include <algorithm>
#include <utility>

#include "app/workspace.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int undo_milliseconds = 30'000;  // for so long a deletion can be taken back

QString runs_words(const RunChanges::Runs& runs) {
  return count_words(static_cast<std::int64_t>(runs.size()), RunChanges::tr("run"),
                     RunChanges::tr("runs"));
}

bool contains_run(const RunChanges::Runs& runs, std::int64_t run) {
  return std::ranges::find(runs, run) != runs.end();
}

}  // namespace

RunChanges::RunChanges(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace), deleting_timer_(new QTimer(this)) {
  deleting_timer_->setSingleShot(true);
  deleting_timer_->setInterval(undo_milliseconds);
  connect(deleting_timer_, &QTimer::timeout, this, &RunChanges::finish_deleting);
}

bool RunChanges::rename(std::int64_t run, const std::string& name) {
  return write(run, tr("renaming run %1").arg(run), &Store::rename_run, &Run::name, name);
}

bool RunChanges::note(std::int64_t run, const std::string& note) {
  return write(run, tr("the note of run %1").arg(run), &Store::set_note, &Run::note, note);
}

bool RunChanges::tag(std::int64_t run, const std::vector<std::string>& tags) {
  return write(run, tr("the tags of run %1").arg(run), &Store::set_tags, &Run::tags, tags);
}

template <class Text>
bool RunChanges::write(std::int64_t run, const QString& words,
                       void (Store::*put)(std::int64_t, const Text&), Text Run::*kept,
                       const Text& after) {
  const auto set = [this, run, put](const Text& text) {
    (workspace_.store().*put)(run, text);
    Q_EMIT workspace_.runs_changed();
  };
  return workspace_.attempt([&] {
    const Text before = workspace_.store().run(run).*kept;
    if (before == after) return;
    set(after);
    offer_undo(words, {run}, [set, before](const Runs&) { set(before); });
  });
}

void RunChanges::set_archived(const Runs& runs, bool archived) {
  for (const std::int64_t run : runs) workspace_.store().set_archived(run, archived);
  Q_EMIT workspace_.runs_changed();
}

void RunChanges::archive(const Runs& runs, bool archived) {
  if (runs.empty()) return;
  workspace_.attempt([&] {
    set_archived(runs, archived);
    const QString words = archived ? tr("archiving %1") : tr("bringing %1 back");
    offer_undo(words.arg(runs_words(runs)), runs,
               [this, archived](const Runs& left) { set_archived(left, !archived); });
  });
}

/// Archived until they are gone, so that nothing offers them any more.
void RunChanges::delete_later(const Runs& runs) {
  if (runs.empty()) return;
  workspace_.attempt([&] {
    Runs hidden;
    for (const std::int64_t run : runs)
      if (!workspace_.store().run(run).archived) hidden.push_back(run);
    deleting_.insert(deleting_.end(), runs.begin(), runs.end());
    deleting_timer_->start();
    offer_undo(tr("deleting %1").arg(runs_words(runs)), runs, [this, runs, hidden](const Runs&) {
      std::erase_if(deleting_, [&](std::int64_t run) { return contains_run(runs, run); });
      set_archived(hidden, false);
    });
    set_archived(hidden, true);
  });
}

void RunChanges::finish_deleting() {
  if (deleting_.empty()) return;
  deleting_timer_->stop();
  undos_.drop(deleting_);
  Q_EMIT undo_changed();
  if (deletes(workspace_.current_run())) workspace_.set_current_run(0);
  for (const std::int64_t run : std::exchange(deleting_, {}))
    workspace_.attempt([&] { workspace_.store().delete_run(run); });
  Q_EMIT workspace_.runs_changed();
}

bool RunChanges::deletes(std::int64_t run) const {
  return contains_run(deleting_, run);
}

void RunChanges::offer_undo(const QString& words, const Runs& runs,
                            std::function<void(const Runs&)> act) {
  undos_.add(words, runs, std::move(act));
  Q_EMIT undo_changed();
}

void RunChanges::undo() {
  workspace_.attempt([this] { undos_.undo(); });
  Q_EMIT undo_changed();
}

}  // namespace selfsight
