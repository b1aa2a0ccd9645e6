// What a person sees of long work on a terminal, and what a machine reads.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace selfsight {

/// One JSON object on one line of standard output, flushed.
void print_json(const nlohmann::ordered_json& object);
/// null where there is none.
nlohmann::ordered_json number(const std::optional<double>& value);

/// Columns aligned, the first to the left, the others as `right` says.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// "81.2 %".
std::string percent(double part);
/// The same, "–" where there is none.
std::string share(const std::optional<double>& part);
/// "1 h 52 min", "3 min 05 s", "12 s".
std::string duration(double seconds);
/// A number with so many significant digits, "–" if it is not one.
std::string digits(double value, int significant = 4);

/// A bar that redraws itself on standard error: "▕████    ▏ 34 %  1 min 20 s left  loss 4.31".
/// Where standard error is no terminal, a plain line now and then instead.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();  // leaves a clean line
  /// `done` in [0, 1]; `seconds_left` below 0 where it is not known.
  void show(double done, double seconds_left, const std::string& note);
  /// A line above the bar that stays.
  void say(const std::string& line);

 private:
  void clear();

  std::string title_;
  bool terminal_;
  bool drawn_ = false;
  double announced_ = -1;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace selfsight
