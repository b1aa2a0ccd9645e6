// Reads the includes of every room and fails where one looks where it must not.
#include <QTest>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/suite.h"

namespace fs = std::filesystem;

namespace {

struct Source {
  std::string path;                   // from the root: "core/views/views.h"
  std::vector<std::string> includes;  // as written, without quotes or brackets
  std::size_t lines = 0;
};

std::vector<Source> sources() {
  const fs::path root = SELFSIGHT_SOURCE;
  // \x22 is the quotation mark; moc loses its way at one inside a raw string.
  const std::regex include(R"(^\s*#\s*include\s*[<\x22]([^>\x22]+))");
  std::vector<Source> out;
  for (const char* top : {"core", "widgets", "app"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const auto suffix = entry.path().extension();
      if (suffix != ".h" && suffix != ".cpp") continue;
      Source source{fs::relative(entry.path(), root).generic_string(), {}};
      std::ifstream in(entry.path());
      std::smatch found;
      for (std::string line; std::getline(in, line); ++source.lines)
        if (std::regex_search(line, found, include)) source.includes.push_back(found[1]);
      out.push_back(std::move(source));
    }
  }
  return out;
}

/// The rooms of core in the order of the flow.
const std::vector<std::string> flow{"base",     "spec",    "dataset", "views", "nets",    "methods",
                                    "training", "history", "probes",  "maps",  "exchange"};

std::size_t place_in_flow(const std::string& path) {
  for (std::size_t i = 0; i < flow.size(); ++i)
    if (path.starts_with("core/" + flow[i] + "/")) return i;
  return flow.size();
}

bool is_qt(const std::string& include) {
  static const std::regex qt(R"(^(Q[A-Z]\w*|Qt\w+/.*|qcustomplot\.h)$)");
  return std::regex_match(include, qt);
}

bool is_torch(const std::string& include) {
  static const std::regex torch(R"(^(torch|ATen|c10|caffe2)/.*)");
  return std::regex_match(include, torch);
}

/// The headers of ours that reach torch, themselves or through another.
std::set<std::string> torch_headers(const std::vector<Source>& all) {
  std::set<std::string> out;
  for (bool grew = true; grew;) {
    grew = false;
    for (const Source& source : all) {
      if (!source.path.ends_with(".h") || out.contains(source.path)) continue;
      for (const std::string& include : source.includes)
        if (is_torch(include) || out.contains(include)) grew |= out.insert(source.path).second;
    }
  }
  return out;
}

}  // namespace

class TestWalls : public QObject {
  Q_OBJECT

  std::vector<Source> all_ = sources();

  template <class Forbidden>
  void forbid(const std::string& room, Forbidden&& forbidden, const char* why) {
    for (const Source& source : all_) {
      if (!source.path.starts_with(room)) continue;
      for (const std::string& include : source.includes)
        QVERIFY2(!forbidden(include), (source.path + " includes " + include + ": " + why).c_str());
    }
  }

 private Q_SLOTS:
  void the_house_is_read() {
    QVERIFY(all_.size() > 20);
    QVERIFY(place_in_flow("core/views/views.h") == 3);
    QVERIFY(is_qt("QWidget") && is_qt("QtCore/qglobal.h") && !is_qt("Quality.h"));
    QVERIFY(is_torch("torch/torch.h") && !is_torch("core/nets/torch.h"));
  }

  void core_has_no_qt() { forbid("core/", is_qt, "core is plain C++"); }

  void the_command_line_has_no_qt() {
    forbid("app/cli/", is_qt, "it works without a display");
    forbid("app/jobs/pipeline", is_qt, "the command line uses it");
  }

  void widgets_and_app_have_no_torch() {
    const auto headers = torch_headers(all_);
    const auto forbidden = [&](const std::string& include) {
      return is_torch(include) || headers.contains(include);
    };
    forbid("widgets/", forbidden, "the window takes plain values");
    forbid("app/", forbidden, "the window takes plain values");
  }

  void torch_stays_in_its_rooms() {
    const std::set<std::string> rooms{"nets", "methods", "training", "probes", "exchange"};
    const auto headers = torch_headers(all_);
    for (const std::string& room : flow) {
      if (rooms.contains(room)) continue;
      forbid(
          "core/" + room + "/",
          [&](const std::string& include) {
            return is_torch(include) || headers.contains(include);
          },
          "torch costs many seconds a unit");
    }
  }

  void arrows_go_down_the_flow() {
    for (const Source& source : all_) {
      const std::size_t here = place_in_flow(source.path);
      for (const std::string& include : source.includes) {
        if (here < flow.size()) {
          QVERIFY2(!include.starts_with("app/") && !include.starts_with("widgets/"),
                   (source.path + " includes " + include).c_str());
          if (include.starts_with("core/"))
            QVERIFY2(place_in_flow(include) <= here,
                     (source.path + " includes " + include + ", further down the flow").c_str());
        } else if (source.path.starts_with("widgets/")) {
          QVERIFY2(!include.starts_with("app/"), (source.path + " includes " + include).c_str());
        }
      }
    }
  }

  void a_widget_opens_nothing() {
    const std::set<std::string> openers{"QThread", "QSqlDatabase", "QProcess",
                                        "SQLiteCpp/SQLiteCpp.h"};
    forbid(
        "widgets/", [&](const std::string& include) { return openers.contains(include); },
        "a widget takes values and emits signals");
  }

  void no_room_is_too_large() {
    for (const Source& source : all_)
      QVERIFY2(source.lines <= 600,
               (source.path + " has " + std::to_string(source.lines) + " lines: what is it two of?")
                   .c_str());
  }

  void colours_stand_in_the_theme_alone() {
    const std::regex literal(R"re((#[0-9A-Fa-f]{6}\b|QColor\(\s*\d))re");
    for (const Source& source : all_) {
      if (source.path.starts_with("core/") || source.path == "widgets/theme.cpp") continue;
      std::ifstream in(fs::path(SELFSIGHT_SOURCE) / source.path);
      std::smatch found;
      for (std::string line; std::getline(in, line);)
        QVERIFY2(!std::regex_search(line, found, literal), (source.path + ": " + line).c_str());
    }
  }
};

SELFSIGHT_SUITE(TestWalls, QCoreApplication);
#include "test_walls.moc"
