// What a person changes of stored runs, and takes back.
#pragma once

#include <QObject>
#include <functional>
#include <string>
#include <vector>

#include "app/places/undo_stack.h"
#include "core/history/store.h"

class QTimer;

namespace selfsight {

class Workspace;

/// Each change that the store took can be taken back; one that it did not take is a problem of the
/// workspace, and nothing has changed.
class RunChanges : public QObject {
  Q_OBJECT
 public:
  using Runs = UndoStack::Runs;
  explicit RunChanges(Workspace& workspace, QObject* parent = nullptr);

  /// False if the store did not take it.
  bool rename(std::int64_t run, const std::string& name);
  bool note(std::int64_t run, const std::string& note);
  bool tag(std::int64_t run, const std::vector<std::string>& tags);
  void archive(const Runs& runs, bool archived);
  /// Out of sight at once, out of the store when nobody can want them back. None of them trains.
  void delete_later(const Runs& runs);
  void finish_deleting();
  bool deletes(std::int64_t run) const;

  void undo();
  QString undo_words() const { return undos_.words(); }  // of the newest; empty if there is none

 Q_SIGNALS:
  void undo_changed();

 private:
  template <class Text>
  bool write(std::int64_t run, const QString& words, void (Store::*put)(std::int64_t, const Text&),
             Text Run::*kept, const Text& after);
  void set_archived(const Runs& runs, bool archived);
  void offer_undo(const QString& words, const Runs& runs, std::function<void(const Runs&)> act);

  Workspace& workspace_;
  UndoStack undos_;
  Runs deleting_;
  QTimer* deleting_timer_;
};

}  // namespace selfsight
