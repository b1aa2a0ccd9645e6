#include "core/exchange/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/exchange/report_plot.h"

namespace selfsight {
namespace {

/// The colours that runs have in the window, by their number.
constexpr std::array colours{"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"};
constexpr double loss_smoothing = 0.9;

constexpr const char* page_style = R"(
:root { color-scheme: light dark; --text: #1B2027; --soft: #5C6672; --line: #E2E6EB;
        --ground: #F6F7F9; --surface: #FFFFFF; }
@media (prefers-color-scheme: dark) {
  :root { --text: #E6EAEF; --soft: #9BA6B4; --line: #2B323D; --ground: #14171C; --surface: #1B1F26; }
}
body { font: 14px/1.5 Inter, system-ui, sans-serif; color: var(--text); background: var(--ground);
       max-width: 820px; margin: 32px auto; padding: 0 16px; font-variant-numeric: tabular-nums; }
h1 { font-size: 20px; } h2 { font-size: 15px; margin: 0 0 8px; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
          padding: 14px; margin: 16px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } td.number, th.number { text-align: right; }
p.soft, .soft { color: var(--soft); } pre { font-size: 12px; } svg { width: 100%; height: auto; }
svg.map { max-width: 320px; } svg text { font-size: 11px; fill: var(--soft); }
svg .grid { stroke: var(--line); } svg .reference { stroke: var(--soft); stroke-dasharray: 5 4; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 5px; margin-right: 6px; }
)";

std::string colour_of(std::int64_t run) {
  return colours[static_cast<std::size_t>(run % static_cast<std::int64_t>(colours.size()))];
}

std::string dot_of(std::int64_t run) {
  return "<span class='dot' style='background:" + colour_of(run) + "'></span>";
}

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? std::string() : "<section><h2>" + title + "</h2>" + body + "</section>\n";
}

std::string cell(const std::string& text, bool number = false) {
  return std::string(number ? "<td class='number'>" : "<td>") + text + "</td>";
}

struct Extremes {
  std::string last = "–", best = "–";
};

Extremes extremes(const std::vector<MetricPoint>& points, bool largest, bool percent) {
  if (points.empty()) return {};
  const auto words = [&](double value) {
    return percent ? short_number(std::round(1000 * value) / 10) + " %" : short_number(value);
  };
  double best = NAN;
  for (const MetricPoint& p : points)
    if (std::isfinite(p.value) && !(largest ? p.value <= best : p.value >= best)) best = p.value;
  return {words(points.back().value), words(best)};
}

std::string duration_words(double seconds) {
  if (seconds < 60) return short_number(std::round(seconds)) + " s";
  if (seconds < 3600) return short_number(std::round(seconds / 60)) + " min";
  return short_number(std::floor(seconds / 3600)) + " h " +
         short_number(std::round(std::fmod(seconds, 3600) / 60)) + " min";
}

std::string runs_table(const Store& store, const std::vector<Run>& runs) {
  std::string html =
      "<table><tr><th>Run</th><th>status</th><th class='number'>epochs</th><th class='number'>time"
      "</th><th class='number'>loss, last</th><th class='number'>best</th><th class='number'>kNN, "
      "last</th><th class='number'>best</th></tr>";
  for (const Run& run : runs) {
    const Extremes loss = extremes(store.metric(run.id, "loss"), false, false);
    const Extremes knn = extremes(store.metric(run.id, "knn"), true, true);
    html += "<tr>" +
            cell(dot_of(run.id) + std::to_string(run.id) + " · " + html_escaped(run.name)) +
            cell(to_string(run.status)) + cell(short_number(run.epoch), true) +
            cell(duration_words(run.active_seconds), true) + cell(loss.last, true) +
            cell(loss.best, true) + cell(knn.last, true) + cell(knn.best, true) + "</tr>";
  }
  html += "</table>";
  for (const Run& run : runs) {
    if (run.note.empty() && run.tags.empty() && run.reason.empty()) continue;
    html += "<p>" + dot_of(run.id) + "run " + std::to_string(run.id) + ": " +
            html_escaped(run.note.empty() ? run.reason : run.note);
    for (const std::string& tag : run.tags) html += " · " + html_escaped(tag);
    html += "</p>";
  }
  return html +
         "<p class='soft'>kNN is measured while a run trains: clean views, encoder in eval "
         "mode, on the validation split.</p>";
}

/// The loss of an encoder that knows nothing, where the method is known and tells it.
std::optional<std::pair<double, std::string>> chance_line(const Run& run) {
  try {
    const RunSpec spec = run_spec(run.settings);
    const MethodInfo& info = method_info(spec.method);
    if (!info.chance) return std::nullopt;
    if (const auto chance = info.chance(spec.method_options, spec.train.batch_size))
      return std::pair{chance->value, chance->label};
  } catch (const InputError&) {
    // Of another version: its curve is drawn all the same.
  }
  return std::nullopt;
}

std::string plot_section(const Store& store, const std::vector<Run>& runs, const char* metric,
                         const std::string& title, bool percent) {
  ReportPlot plot{.curves = {}, .lines = {}, .percent = percent, .smoothing = 0, .x_label = {}};
  const bool loss = std::string(metric) == "loss";
  plot.smoothing = loss ? loss_smoothing : 0;
  plot.x_label = loss ? "step" : "epoch";
  for (const Run& run : runs) {
    ReportCurve curve{colour_of(run.id), run.id / 6 % 2 == 1, {}};
    for (const MetricPoint& p : store.metric(run.id, metric))
      curve.points.push_back({loss ? static_cast<double>(p.step) : p.epoch, p.value, p.segment});
    if (!curve.points.empty()) plot.curves.push_back(std::move(curve));
    if (!loss) continue;
    if (const auto line = chance_line(run);
        line && std::find(plot.lines.begin(), plot.lines.end(), *line) == plot.lines.end())
      plot.lines.push_back(*line);
  }
  if (plot.curves.empty()) return {};
  std::string legend = "<p>";
  for (const Run& run : runs)
    legend += dot_of(run.id) + "run " + std::to_string(run.id) + " &nbsp; ";
  return section(title, legend + "</p>" + svg_of(plot));
}

std::string differences_table(const std::vector<Run>& runs) {
  std::vector<Settings> settings;
  for (const Run& run : runs) settings.push_back(run.settings);
  const auto rows = differences(settings);
  if (rows.empty()) return "<p class='soft'>These runs have the same options.</p>";
  std::string html = "<table><tr><th>Option</th>";
  for (const Run& run : runs) html += "<th>run " + std::to_string(run.id) + "</th>";
  html += "</tr>";
  for (const Difference& row : rows) {
    html += "<tr>" + cell(html_escaped(row.key));
    for (const std::string& value : row.values) html += cell(html_escaped(value));
    html += "</tr>";
  }
  return html + "</table>";
}

std::string evaluations_table(const Store& store, const std::vector<Run>& runs) {
  std::string rows;
  for (const Run& run : runs)
    for (const Evaluation& e : store.evaluations(run.id))
      rows += "<tr>" + cell(dot_of(run.id) + std::to_string(run.id)) +
              cell(html_escaped(e.kind + ", " + e.metric)) +
              cell(e.kind == "health" ? short_number(e.value)
                                      : short_number(std::round(10000 * e.value) / 100) + " %",
                   true) +
              cell("<details><summary>protocol</summary><pre>" + html_escaped(short_protocol(e)) +
                   "</pre></details>") +
              "</tr>";
  if (rows.empty()) return {};
  return "<table><tr><th>Run</th><th>measure</th><th class='number'>value</th><th></th></tr>" +
         rows + "</table>";
}

/// The newest, and one of the images that the run was trained on before any of others.
std::string map_plot(const Store& store, const Run& run) {
  const auto heads = store.map_heads(run.id);
  if (heads.empty()) return {};
  const auto own = std::find_if(heads.rbegin(), heads.rend(), [&](const StoredMap& head) {
    return images_of_map(head, run) == run.dataset_fingerprint;
  });
  const bool others = own == heads.rend();
  const StoredMap map = store.map(others ? heads.back().id : own->id);
  return "<p>" + dot_of(run.id) + "run " + std::to_string(run.id) + ", " +
         html_escaped(map.method) + " of " + std::to_string(map.ids.size()) +
         (others ? " other images than it was trained on" : " images") + "</p>" +
         svg_of_map(map.xy, colour_of(run.id)) + "<details><summary>protocol</summary><pre>" +
         html_escaped(map.protocol) + "</pre></details>";
}

std::string map_plots(const Store& store, const std::vector<Run>& runs) {
  std::string html;
  for (const Run& run : runs) html += map_plot(store, run);
  return html;
}

std::string option_details(const std::vector<Run>& runs) {
  std::string html;
  for (const Run& run : runs)
    html += "<details><summary>" + dot_of(run.id) + "run " + std::to_string(run.id) + ", " +
            html_escaped(run.dataset_name) + ", begun " + html_escaped(run.created) +
            "</summary><p class='soft'>" + html_escaped(run.dataset_location) + "<br>fingerprint " +
            html_escaped(run.dataset_fingerprint) + "</p><pre>" +
            html_escaped(to_toml(run.settings)) + "</pre></details>";
  return html;
}

std::string title_of(const std::vector<Run>& runs) {
  if (runs.size() == 1)
    return "Run " + std::to_string(runs.front().id) + ": " + html_escaped(runs.front().name);
  return std::to_string(runs.size()) + " runs compared";
}

}  // namespace

std::string report_html(const Store& store, const std::vector<std::int64_t>& ids) {
  if (ids.empty()) throw InputError("A report needs a run; name one or several.");
  std::vector<Run> runs;
  for (const std::int64_t id : ids) runs.push_back(store.run(id));
  const std::string title = title_of(runs);
  std::string html = "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>" +
                     title + "</title><style>" + page_style + "</style></head><body><h1>" + title +
                     "</h1>\n";
  html += section("Runs", runs_table(store, runs));
  html += plot_section(store, runs, "loss", "Loss, smoothed over the raw values", false);
  html += plot_section(store, runs, "knn", "kNN accuracy, validation split", true);
  html += plot_section(store, runs, "feature_std", "Standard deviation of the features", false);
  if (runs.size() > 1) html += section("Options that differ", differences_table(runs));
  html += section("Evaluations", evaluations_table(store, runs));
  html += section("Maps", map_plots(store, runs));
  html += section("All options", option_details(runs));
  return html + "<p class='soft'>Made by Selfsight.</p></body></html>\n";
}

}  // namespace selfsight
