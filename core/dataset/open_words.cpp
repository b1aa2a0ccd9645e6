// What stands behind the question mark of a data set's word: "scans?window=40,400".
#include <charconv>
#include <sstream>

#include "core/dataset/frame_words.h"
#include "core/dataset/sets.h"
#include "core/dataset/window_words.h"

namespace selfsight {
namespace {

/// The whole text as one number within the range; nothing otherwise.
template <class Number>
std::optional<Number> number_in(std::string_view text, Number min, Number max) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || !(value >= min && value <= max))
    return std::nullopt;
  return value;
}

ValueWindow window_from(const std::string& text) {
  const auto comma = text.find(',');
  const auto centre = number_in(text.substr(0, comma), -1e9, 1e9);
  const auto width =
      comma == std::string::npos ? std::nullopt : number_in(text.substr(comma + 1), 1e-9, 1e9);
  if (!centre || !width)
    throw InputError("window=" + text +
                     " is no centre and width; write for example ?window=40,400.");
  return {{*centre - *width / 2}, {*centre + *width / 2}};
}

void take(const std::string& option, OpenOptions& out) {
  const auto equals = option.find('=');
  const std::string key = option.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
  if (key == "every") {
    out.every = number_in<std::int64_t>(value, 1, 1'000'000).value_or(0);
    if (out.every == 0)
      throw InputError("every=" + value + " is no number of frames; write for example ?every=10.");
  } else if (key == "scenes") {
    out.scene =
        equals == std::string::npos ? usual_scene : number_in(value, 1.0, 255.0).value_or(0);
    if (out.scene == 0)
      throw InputError("scenes=" + value +
                       " is no difference of frames, 1 to 255; write ?scenes for the usual 30.");
  } else if (key == "window") {
    out.window = window_from(value);
  } else {
    throw InputError("There is no ?" + key +
                     " of a data set; ?every, ?scenes and ?window there are.");
  }
}

/// Without zeros behind the point that tell nothing.
std::string words_of(double value) {
  std::ostringstream out;
  out.precision(12);
  out << value;
  return out.str();
}

/// What a location tells; nothing where its question mark is one of a name, or of one part of
/// several.
OpenOptions told_at(const std::string& location) {
  try {
    return open_words(location).second;
  } catch (const InputError&) {
    return {};
  }
}

}  // namespace

std::pair<std::string, OpenOptions> open_words(const std::string& word) {
  OpenOptions options;
  const auto mark = word.rfind('?');
  // A pattern or a name may hold a question mark: options are words with an "=", or "scenes".
  if (mark == std::string::npos ||
      (word.find('=', mark) == std::string::npos && word.substr(mark) != "?scenes"))
    return {word, options};
  std::istringstream rest(word.substr(mark + 1));
  for (std::string option; std::getline(rest, option, '&');) take(option, options);
  if (options.every > 0 && options.scene > 0)
    throw InputError("Either ?every or ?scenes chooses the frames, not both.");
  return {word.substr(0, mark), options};
}

std::string OpenOptions::text() const {
  std::string out;
  const auto add = [&](const std::string& words) { out += (out.empty() ? "?" : "&") + words; };
  if (every > 0) add("every=" + std::to_string(every));
  if (scene > 0) add("scenes=" + words_of(scene));
  if (!window.low.empty())
    add("window=" + words_of((window.low[0] + window.high[0]) / 2) + "," +
        words_of(window.high[0] - window.low[0]));
  return out;
}

std::optional<CentreWidth> window_in(const std::string& location) {
  const ValueWindow window = told_at(location).window;
  if (window.low.empty()) return std::nullopt;
  return CentreWidth{(window.low[0] + window.high[0]) / 2, window.high[0] - window.low[0]};
}

std::string with_window(const std::string& location, const std::optional<CentreWidth>& window) {
  auto [path, options] = open_words(location);
  options.window = {};
  if (window)
    options.window = {{window->centre - window->width / 2}, {window->centre + window->width / 2}};
  return path + options.text();
}

FrameChoice frames_in(const std::string& location) {
  const OpenOptions told = told_at(location);
  return {told.every > 0 ? told.every : usual_step, told.scene};
}

std::string with_frames(const std::string& location, const FrameChoice& frames) {
  auto [path, options] = open_words(location);
  options.scene = frames.scene;
  options.every = frames.scene > 0 || frames.every == usual_step ? 0 : frames.every;
  return path + options.text();
}

}  // namespace selfsight
