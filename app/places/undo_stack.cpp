#include "app/places/undo_stack.h"

#include <algorithm>
#include <utility>

namespace selfsight {

void UndoStack::add(const QString& words, Runs runs, std::function<void(const Runs&)> act) {
  entries_.push_back({words, std::move(runs), std::move(act)});
}

void UndoStack::undo() {
  if (entries_.empty()) return;
  const Entry newest = entries_.back();
  newest.act(newest.runs);
  entries_.pop_back();
}

void UndoStack::drop(const Runs& gone) {
  for (Entry& entry : entries_)
    std::erase_if(entry.runs,
                  [&gone](std::int64_t run) { return std::ranges::find(gone, run) != gone.end(); });
  std::erase_if(entries_, [](const Entry& entry) { return entry.runs.empty(); });
}

QString UndoStack::words() const {
  return entries_.empty() ? QString() : entries_.back().words;
}

}  // namespace selfsight
