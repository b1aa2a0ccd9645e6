#include "app/settings_history.h"

#include <utility>

namespace selfsight {
namespace {

constexpr std::size_t most_steps = 100;
constexpr std::chrono::seconds one_change{1};

std::string only_difference(const Settings& a, const Settings& b) {
  const auto rows = differences({a, b});
  return rows.size() == 1 ? rows.front().key : std::string();
}

/// The nearest of `from`; what is left behind lies on `to`.
Settings moved(const Settings& now, std::vector<Settings>& from, std::vector<Settings>& to) {
  to.push_back(now);
  Settings nearest = std::move(from.back());
  from.pop_back();
  return nearest;
}

}  // namespace

void SettingsHistory::keep(const Settings& before, const Settings& after, Time now) {
  const std::string option = only_difference(before, after);
  const bool goes_on = !option.empty() && option == option_ && now - changed_ < one_change;
  if (!goes_on) earlier_.push_back(before);
  if (earlier_.size() > most_steps) earlier_.erase(earlier_.begin());
  later_.clear();
  option_ = option;
  changed_ = now;
}

Settings SettingsHistory::undo(const Settings& now) {
  option_.clear();
  return moved(now, earlier_, later_);
}

Settings SettingsHistory::redo(const Settings& now) {
  option_.clear();
  return moved(now, later_, earlier_);
}

void SettingsHistory::clear() {
  *this = {};
}

}  // namespace selfsight
