#include "app/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

namespace selfsight {
namespace {

/// Code points, which is near enough to columns for what is printed here.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool looks_like_number(const std::string& text) {
  return !text.empty() && (std::isdigit(static_cast<unsigned char>(text.front())) ||
                           text.front() == '-' || text == "–");
}

}  // namespace

void print_json(const nlohmann::ordered_json& object) {
  // Names of files need not be UTF-8; a replacement character beats no line at all.
  std::cout << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
            << std::endl;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width(row[i]), ' ');
      const bool right = i > 0 && looks_like_number(row[i]);
      line += right ? gap + row[i] : row[i] + gap;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::cout << line << '\n';
  }
  std::cout.flush();
}

nlohmann::ordered_json number(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

std::string percent(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * part);
  return text;
}

std::string share(const std::optional<double>& part) {
  return part ? percent(*part) : "–";
}

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  char text[48];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%lld h %02lld min", whole / 3600, whole / 60 % 60);
  else if (whole >= 60)
    std::snprintf(text, sizeof text, "%lld min %02lld s", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld s", whole);
  return text;
}

std::string digits(double value, int significant) {
  if (!std::isfinite(value)) return "–";
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", significant, value);
  return text;
}

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)), terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressBar::say(const std::string& line) {
  clear();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void ProgressBar::show(double done, double seconds_left, const std::string& note) {
  done = std::clamp(done, 0.0, 1.0);
  const auto now = std::chrono::steady_clock::now();
  std::string left = seconds_left < 0 ? "" : "  " + duration(seconds_left) + " left";
  char share[16];
  std::snprintf(share, sizeof share, "%3.0f %%", 100 * done);
  if (!terminal_) {
    if (done - announced_ < 0.1) return;  // ten plain lines tell the story in a log
    announced_ = done;
    std::fprintf(stderr, "%s %s%s  %s\n", title_.c_str(), share, left.c_str(), note.c_str());
    return;
  }
  if (drawn_ && done < 1 && now - last_ < std::chrono::milliseconds(66)) return;
  last_ = now;
  constexpr int cells = 28;
  const int full = static_cast<int>(std::lround(done * cells));
  std::string bar;
  for (int i = 0; i < cells; ++i) bar += i < full ? "█" : "░";
  std::fprintf(stderr, "\r\033[K%s %s %s%s  %s", title_.c_str(), bar.c_str(), share, left.c_str(),
               note.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace selfsight
