#include "core/probes/labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/trimmed.h"
#include "core/probes/frozen.h"
#include "core/training/labelled.h"

namespace selfsight {
namespace {

struct LineKind {
  const char* name;
  const char* title;
  bool pretrained;
  bool trains;  // the whole network, at each point
};

constexpr std::array<LineKind, 5> kLines{{
    {"linear", "pretrained, linear", true, false},
    {"finetune", "pretrained, fine-tuned", true, true},
    {"scratch", "same network from scratch", false, true},
    {"random", "random encoder, linear", false, false},
    {"pixels", "raw pixels, linear", false, false},
}};

const LineKind* find_line(const std::string& name) {
  for (const LineKind& kind : kLines)
    if (name == kind.name) return &kind;
  return nullptr;
}

std::string share(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * part);
  return text;
}

LabelMean mean_of(const std::vector<const LabelPoint*>& points) {
  LabelMean out{points.back()->size,
                points.back()->labels,
                static_cast<std::int64_t>(points.size()),
                0,
                0,
                points.back()->protocol,
                points.back()->cut_to};
  const auto n = static_cast<double>(points.size());
  for (const LabelPoint* point : points) out.mean += point->accuracy / n;
  if (points.size() < 2) return out;
  double squares = 0;
  for (const LabelPoint* point : points) squares += std::pow(point->accuracy - out.mean, 2);
  out.band = t_quantile(out.seeds - 1) * std::sqrt(squares / (n - 1) / n);
  return out;
}

const LabelMean* at(const LabelLine& line, std::int64_t labels) {
  for (const LabelMean& mean : line.means)
    if (mean.labels == labels) return &mean;
  return nullptr;
}

/// The better of the lines of one sort at a number of labels.
struct Best {
  std::string title;
  const LabelMean* mean = nullptr;
};

Best best_at(const std::vector<LabelLine>& curve, std::int64_t labels, bool pretrained) {
  Best best;
  for (const LabelLine& line : curve) {
    const LineKind* kind = find_line(line.line);
    const LabelMean* mean = at(line, labels);
    if (!kind || !mean || kind->pretrained != pretrained) continue;
    if (best.mean && mean->mean <= best.mean->mean) continue;
    const LabelLine here{
        line.line, {*mean}, line.other_options};  // other points may not be cut short
    best = {line_title(here), mean};
  }
  return best;
}

std::string comparison(const Best& ours, const Best& other) {
  const double gap = ours.mean->mean - other.mean->mean;
  const bool clear = std::abs(gap) > ours.mean->band + other.mean->band;
  return "With " + grouped(ours.mean->labels) + " labels the best of this encoder (" + ours.title +
         ") is right " + share(ours.mean->mean) + " of the time, the best without pretraining (" +
         other.title + ") " + share(other.mean->mean) +
         (clear ? "." : "; the bands overlap, so this tells little.");
}

}  // namespace

std::string to_text(const LabelSize& size) {
  if (size.percent <= 0) return std::to_string(size.per_class) + " per class";
  std::ostringstream text;
  text << size.percent << " %";
  return text.str();
}

std::vector<std::string> label_lines(const LabelOptions& options) {
  std::vector<std::string> out;
  std::string known;
  for (const LineKind& kind : kLines) known += (known.empty() ? "" : ", ") + std::string(kind.name);
  std::istringstream words(options.lines);
  for (std::string word; std::getline(words, word, ',');) {
    word = std::string(trimmed(word));
    if (word.empty()) continue;
    if (!find_line(word))
      throw InputError("There is no line " + word + " in a label-efficiency curve; there are " +
                       known + ".");
    if (std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
  }
  if (out.empty())
    throw InputError("A label-efficiency curve needs a line; there are " + known + ".");
  return out;
}

std::vector<LabelSize> label_sizes(const LabelOptions& options, const std::string& line) {
  const LineKind* kind = find_line(line);
  const bool trains = kind && kind->trains;
  std::vector<LabelSize> out;
  for (const double count : trains ? options.trained_per_class : options.per_class)
    out.push_back({0, std::llround(count)});
  for (const double percent : trains ? options.trained_percent : options.percent)
    out.push_back({percent, 0});
  return out;
}

void check_labelled(const Dataset& dataset, const std::vector<std::int64_t>& images, Split split) {
  const std::string word = split == Split::train        ? "training"
                           : split == Split::validation ? "validation"
                                                        : "test";
  if (images.empty())
    throw InputError(dataset.name() + " has no " + word +
                     " images; accuracy needs training, validation and test images.");
  std::set<int> classes;
  for (const std::int64_t image : images)
    if (const int label = dataset.label(image); label >= 0) classes.insert(label);
  if (classes.empty())
    throw InputError("None of the " + word + " images of " + dataset.name() +
                     " has a label, so accuracy cannot be measured; put the images into one "
                     "folder per class.");
  if (split == Split::train && classes.size() < 2)
    throw InputError("All labelled training images of " + dataset.name() + " are of the class " +
                     dataset.classes().at(static_cast<std::size_t>(*classes.begin())) +
                     ", so there is nothing to tell apart; a second class is needed.");
}

std::vector<std::int64_t> labelled_sample(const Dataset& dataset, Split split, std::int64_t count,
                                          std::uint64_t seed) {
  const auto all = dataset.indices(split);
  check_labelled(dataset, all, split);
  const auto out = sample_of(dataset, labelled_of(dataset, all), count, seed);
  check_labelled(dataset, out, split);  // a small sample may have a single class
  return out;
}

std::vector<std::size_t> draw_labelled(const std::vector<int>& labels, const LabelSize& size,
                                       std::uint64_t seed) {
  std::map<int, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) classes[labels[i]].push_back(i);
  std::vector<std::size_t> out;
  for (auto& [label, members] : classes) {
    const double part = size.percent / 100 * static_cast<double>(members.size());
    const auto wanted =
        size.percent > 0 ? std::llround(part) : static_cast<long long>(size.per_class);
    const auto take = static_cast<std::size_t>(
        std::clamp<long long>(wanted, 1, static_cast<long long>(members.size())));
    Random random{seed, static_cast<std::uint64_t>(Stream::sampling),
                  static_cast<std::uint64_t>(label) + 1};
    for (std::size_t i = 0; i < take; ++i)
      std::swap(members[i], members[i + random.below(members.size() - i)]);
    out.insert(out.end(), members.begin(), members.begin() + static_cast<std::ptrdiff_t>(take));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::size_t> draw_at_most(const std::vector<int>& labels, std::int64_t most,
                                      std::uint64_t seed) {
  const double part = 100.0 * static_cast<double>(most) / static_cast<double>(labels.size());
  std::vector<std::size_t> out = draw_labelled(labels, {std::min(part, 100.0), 0}, seed);
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(most, 0));
  if (out.size() <= count) return out;
  Random random{seed, static_cast<std::uint64_t>(Stream::sampling), 0};
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
  // The first of every class before the second of any.
  std::map<int, std::size_t> drawn;
  std::vector<std::pair<std::size_t, std::size_t>> turns;  // of which turn, position
  for (const std::size_t position : out) turns.emplace_back(drawn[labels[position]]++, position);
  std::ranges::stable_sort(turns, {}, &std::pair<std::size_t, std::size_t>::first);
  out.clear();
  for (std::size_t i = 0; i < count; ++i) out.push_back(turns[i].second);
  std::sort(out.begin(), out.end());
  return out;
}

std::string line_title(const std::string& line) {
  const LineKind* kind = find_line(line);
  return kind ? kind->title : line;
}

std::string line_title(const LabelLine& line) {
  std::int64_t cut_to = 0;
  for (const LabelMean& mean : line.means) cut_to = std::max(cut_to, mean.cut_to);
  return line_title(line.line) + (cut_to > 0 ? ", within " + grouped(cut_to) + " steps" : "") +
         (line.other_options ? ", other options" : "");
}

std::vector<LabelLine> label_curve(const std::vector<LabelPoint>& points) {
  std::vector<LabelLine> out;
  for (const LineKind& kind : kLines) {
    std::map<std::pair<std::int64_t, std::string>, std::vector<const LabelPoint*>> groups;
    bool other_options = false, with_labels = false;
    for (const LabelPoint& point : points) {
      if (point.line != kind.name) continue;
      groups[{point.labels, point.size}].push_back(&point);
      other_options = other_options || point.other_options;
      with_labels = with_labels || point.with_labels;
    }
    if (groups.empty()) continue;
    out.push_back({kind.name, {}, other_options, with_labels});
    for (const auto& [size, group] : groups) out.back().means.push_back(mean_of(group));
  }
  return out;
}

double t_quantile(std::int64_t degrees_of_freedom) {
  // Tables of the distribution, two-sided 95 %; beyond them a normal one with two corrections
  // (Abramowitz and Stegun 1964, 26.7.5).
  constexpr std::array<double, 30> table{
      12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
      2.2010,  2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
      2.0796,  2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423};
  if (degrees_of_freedom < 1) return std::numeric_limits<double>::infinity();
  const auto index = static_cast<std::size_t>(degrees_of_freedom - 1);
  if (index < table.size()) return table[index];
  constexpr double z = 1.959964;
  const auto n = static_cast<double>(degrees_of_freedom);
  return z + (std::pow(z, 3) + z) / (4 * n) +
         (5 * std::pow(z, 5) + 16 * std::pow(z, 3) + 3 * z) / (96 * n * n);
}

std::string label_verdict(const std::vector<LabelLine>& curve) {
  std::vector<std::int64_t> sizes;
  for (const LabelLine& line : curve)
    for (const LabelMean& mean : line.means) sizes.push_back(mean.labels);
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  std::vector<std::string> sentences;
  for (const std::int64_t labels : sizes) {
    const Best ours = best_at(curve, labels, true), other = best_at(curve, labels, false);
    if (ours.mean && other.mean) sentences.push_back(comparison(ours, other));
  }
  if (sentences.empty()) return {};
  std::string out = sentences.front();
  if (sentences.size() > 1) out += " " + sentences.back();
  if (std::ranges::any_of(curve, &LabelLine::with_labels))
    out += " This encoder was pretrained with the labels of all its training images.";
  return out;
}

}  // namespace selfsight
