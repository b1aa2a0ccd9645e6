// A list of images in CSV: a path, and if there are such columns a label and a split. Further
// columns (patient, date, camera) are kept for looking. What a line says holds for every frame of
// its file.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/files.h"
#include "core/base/trimmed.h"
#include "core/dataset/frames.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_list = 2'000'000'000;
constexpr std::size_t most_columns = 10'000;
constexpr std::size_t most_further = 100;  // columns that are kept for looking

using Row = std::vector<std::string>;

/// RFC 4180: cells between `separator`s, or in double quotes, which double themselves inside.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // a mark of byte order
  }

  /// The next line with anything in it; false at the end.
  bool next(Row& row) {
    do {
      if (at_ >= text_.size()) return false;
      row.clear();
      read_line(row);
    } while (row.size() == 1 && row[0].empty());
    return true;
  }

 private:
  void read_line(Row& row) {
    row.emplace_back();
    for (bool quoted = false; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quoted && c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        row.back() += c;
        ++at_;
      } else if (c == '"' && (quoted || row.back().empty())) {
        quoted = !quoted;
      } else if (!quoted && c == separator_) {
        if (row.size() >= most_columns) throw InputError("has a line of too many cells");
        row.emplace_back();
      } else if (!quoted && c == '\n') {
        ++at_;
        break;
      } else if (quoted || c != '\r') {
        row.back() += c;
      }
    }
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
};

/// The one of comma, semicolon and tab that the first line has most of; of equals the tab, which
/// stands in no name of a file.
char separator_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
  if (const auto tabs = count('\t'); tabs > 0 && tabs >= count(',') && tabs >= count(';'))
    return '\t';
  return count(';') > count(',') ? ';' : ',';
}

struct Columns {
  std::size_t path = 0, label = 1, split = 2;
  std::vector<std::string> names{};    // of the further ones
  std::vector<std::size_t> further{};  // where they are
};
constexpr std::size_t no_column = most_columns;

/// Where the columns are if the row is one of their names.
std::optional<Columns> header_of(Row row) {
  for (std::string& cell : row) cell = std::string(trimmed(cell));
  const auto find = [&](std::initializer_list<const char*> words) {
    for (std::size_t i = 0; i < row.size(); ++i)
      for (const char* word : words)
        if (lower(row[i]) == word) return i;
    return no_column;
  };
  Columns columns{find({"path", "file", "filename", "file_name", "image", "image_path"}),
                  find({"label", "class", "category", "target"}),
                  find({"split", "set", "subset", "fold"})};
  if (columns.path == no_column) return std::nullopt;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i == columns.path || i == columns.label || i == columns.split || row[i].empty()) continue;
    if (columns.names.size() == most_further) break;
    columns.names.push_back(row[i]);
    columns.further.push_back(i);
  }
  return columns;
}

struct Line {
  std::string path, label;
  std::optional<Split> split{};
  std::vector<std::string> cells{};  // of the further columns, as far as the line goes
};

struct List {
  std::vector<Line> lines;
  std::vector<std::string> columns;
};

class ListDataset : public ListedDataset {
 public:
  ListDataset(const fs::path& list, const List& content, const ValueWindow& asked,
              const Control& control)
      : root_(list.parent_path()), columns_(content.columns) {
    const std::vector<Line>& lines = content.lines;
    location_ = list.string();
    name_ = list.filename().string();
    std::map<std::string, int> labels;
    for (const Line& line : lines)
      if (!line.label.empty()) labels[line.label] = 0;
    for (auto& [label, index] : labels) {
      index = static_cast<int>(classes_.size());
      classes_.push_back(label);
    }
    std::string identity;
    for (const Line& line : lines) {
      control.check();
      add(line, labels, identity);
    }
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
    if (files_.empty()) return;
    complete_splits(files_of_images());
    agree_on_values(asked);
  }

  cv::Mat image(std::int64_t index) const override { return reduced_image(index, 0); }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    return as_agreed(load_frame(root_ / file_of(index), frame_of(index), least_side, window()));
  }
  const std::vector<std::string>& columns() const override { return columns_; }
  std::string cell(std::int64_t index, std::size_t column) const override {
    const std::vector<std::string>& cells = cells_[line_of_image(index)];
    return column < cells.size() ? cells[column] : std::string();
  }
  std::string image_name(std::int64_t index) const override {
    return frame_name(file_of(index), frame_of(index));
  }

 protected:
  std::vector<std::byte> file_bytes(std::int64_t index) const override {
    return image_bytes(root_ / file_of(index));
  }
  FileState state_of(std::int64_t index) const override {
    return file_state(root_ / file_of(index));
  }

 private:
  std::size_t line_of_image(std::int64_t index) const {
    return lines_.at(static_cast<std::size_t>(index));
  }
  const std::string& file_of(std::int64_t index) const { return files_[line_of_image(index)]; }
  std::int64_t frame_of(std::int64_t index) const {
    return frames_.at(static_cast<std::size_t>(index));
  }

  /// By the path: several lines may be of one file.
  std::vector<std::size_t> files_of_images() const {
    std::map<std::string, std::size_t> known;
    std::vector<std::size_t> of_line, of_image;
    for (const std::string& file : files_)
      of_line.push_back(
          known.emplace(fs::path(file).lexically_normal().string(), known.size()).first->second);
    for (const std::size_t line : lines_) of_image.push_back(of_line[line]);
    return of_image;
  }

  void add(const Line& line, const std::map<std::string, int>& labels, std::string& identity) {
    std::error_code problem;
    const auto size = fs::file_size(root_ / line.path, problem);
    if (problem || size == 0) {
      broken_.push_back(
          {line.path, problem ? "could not be read: " + problem.message() : "is empty"});
      return;
    }
    const std::int64_t frames = may_hold_frames(line.path) ? count_frames(root_ / line.path) : 1;
    if (entries_.size() + static_cast<std::size_t>(frames) > most_images)
      throw InputError("lists more than " + grouped(most_images) + " images");
    for (std::int64_t f = 0; f < frames; ++f) {
      identity += line.path + '\0' + line.label + '\0' + std::to_string(size);
      if (line.split) (identity += '\0') += std::to_string(static_cast<int>(*line.split));
      identity += '\n';
      entries_.push_back(
          {line.label.empty() ? -1 : labels.at(line.label), line.split.value_or(Split::train)});
      lines_.push_back(files_.size());
      frames_.push_back(frames > 1 ? f : -1);
    }
    files_.push_back(line.path);
    cells_.push_back(line.cells);
  }

  fs::path root_;
  std::vector<std::string> files_, columns_;     // files_: of each line that can be used
  std::vector<std::vector<std::string>> cells_;  // likewise
  std::vector<std::size_t> lines_;               // of each image
  std::vector<std::int64_t> frames_;             // likewise
};

Line line_of(const Row& row, const Columns& columns) {
  const auto cell = [&](std::size_t column) {
    return column < row.size() ? std::string(trimmed(row[column])) : std::string();
  };
  Line line{.path = cell(columns.path), .label = cell(columns.label)};
  for (const std::size_t column : columns.further)
    if (column < row.size()) line.cells.push_back(row[column]);
  const std::string split = cell(columns.split);
  line.split = split_named(split);
  if (!line.split && !split.empty())
    throw InputError("names the split " + split + " for " + line.path +
                     "; write train, validation or test");
  return line;
}

List read_list(const std::string& text, const Control& control) {
  CsvReader reader(text, separator_of(text));
  List list;
  std::optional<Columns> columns;
  for (Row row; reader.next(row);) {
    control.check();
    if (!columns) {
      columns = header_of(row);
      if (columns) continue;
      columns = Columns{};
    }
    Line line = line_of(row, *columns);
    if (!line.path.empty()) list.lines.push_back(std::move(line));
  }
  if (columns) list.columns = columns->names;
  return list;
}

}  // namespace

std::shared_ptr<const Dataset> open_list(const fs::path& path, const ValueWindow& window,
                                         const Control& control) {
  const std::string suffix = lower(path.extension().string());
  if (suffix != ".csv" && suffix != ".tsv") return nullptr;
  try {
    auto set = std::make_shared<ListDataset>(
        path, read_list(read_text(path, largest_list), control), window, control);
    if (set->size() > 0) return set;
    throw InputError(set->broken().empty()
                         ? "lists no images; its lines must begin with a path"
                         : "lists images of which none is there: " + set->broken().front().name);
  } catch (const InputError& error) {
    const std::string text = error.what();
    throw InputError(text.starts_with("Could not") ? text : path.string() + " " + text + ".");
  }
}

}  // namespace selfsight
