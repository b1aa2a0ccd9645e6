// What can be taken back, the newest first.
#pragma once

#include <QString>
#include <cstdint>
#include <functional>
#include <vector>

namespace selfsight {

class UndoStack {
 public:
  using Runs = std::vector<std::int64_t>;

  /// What was done to these runs, in words ("deleting 2 runs"), and what takes it back, given those
  /// of them that are still there.
  void add(const QString& words, Runs runs, std::function<void(const Runs& runs)> act);
  /// Takes the newest back; nothing if there is none. Throws what the act throws, and then it can
  /// still be taken back.
  void undo();
  /// What was done to these runs cannot be taken back any more.
  void drop(const Runs& gone);
  /// Of the newest; empty if there is none.
  QString words() const;

 private:
  struct Entry {
    QString words;
    Runs runs;
    std::function<void(const Runs&)> act;
  };
  std::vector<Entry> entries_;  // the newest is the last
};

}  // namespace selfsight
