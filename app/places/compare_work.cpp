#include "app/places/compare_work.h"

#include <QCoreApplication>
#include <algorithm>
#include <iterator>
#include <ranges>

#include "app/every_option.h"
#include "app/jobs/pipeline.h"
#include "app/jobs/pipeline_placing.h"
#include "app/places/data_work.h"
#include "app/places/run_words.h"
#include "core/base/error.h"
#include "core/probes/knn.h"
#include "widgets/field_words.h"
#include "widgets/input_rows.h"
#include "widgets/picture.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr std::int64_t bank_images = 2000, neighbours_shown = 9;
constexpr int neighbour_pixels = 96, neighbour_columns = 3;
constexpr qsizetype row_pictures = 4;    // of a row, before the neighbours
constexpr qsizetype longest_note = 120;  // letters that a cell has room for
constexpr std::size_t most_curves = 50, most_points = 1'000'000;  // drawn over each other
constexpr std::size_t most_maps_shown = 3;                        // side by side

struct CompareWords {
  Q_DECLARE_TR_FUNCTIONS(compare_work)
};

Curve curve_of(const Store& store, std::int64_t run, const QString& metric) {
  Curve curve{run, CompareWords::tr("run %1").arg(run), {}};
  for (const MetricPoint& p : store.metric(run, metric.toStdString()))
    curve.points.push_back({static_cast<double>(p.step), p.epoch, p.seconds, p.segment, p.value});
  return curve;
}

/// The heads of those of the images with this fingerprint, or of all where it has none of those.
std::vector<StoredMap> maps_to_compare(const Store& store, std::int64_t run,
                                       const std::string& images) {
  auto heads = map_heads_of(store, run, images);
  return heads.empty() ? store.map_heads(run) : heads;
}

bool has_method(const std::vector<StoredMap>& maps, const std::string& method) {
  return std::ranges::find(maps, method, &StoredMap::method) != maps.end();
}

/// The newest of a method that all runs have a map of, so that like stands beside like; else the
/// newest.
const StoredMap& map_to_show(const std::vector<StoredMap>& maps,
                             const std::vector<std::vector<StoredMap>>& of_all) {
  for (const StoredMap& wanted : of_all.front() | std::views::reverse)
    if (std::ranges::all_of(of_all,
                            [&](const auto& other) { return has_method(other, wanted.method); }))
      return *std::ranges::find(maps.rbegin(), maps.rend(), wanted.method, &StoredMap::method);
  return maps.back();
}

ComparedMap compared_map(const Store& store, std::int64_t id, const Dataset* open) {
  const StoredMap map = store.map(id);
  ComparedMap out{map.run, id, map.method, images_of_map(map, store.run(map.run)), {}, {}};
  const bool labels = open && out.images == open->fingerprint();
  if (labels)
    for (const std::string& name : open->classes()) out.groups << QString::fromStdString(name);
  out.points.reserve(map.ids.size());
  for (std::size_t i = 0; i < map.ids.size(); ++i)
    out.points.push_back({map.ids[i], map.xy[2 * i], map.xy[2 * i + 1],
                          labels && map.ids[i] < open->size() ? open->label(map.ids[i]) : -1});
  return out;
}

PictureCell note(const QString& text) {
  return {{}, {}, text};
}

PictureRow image_in_run(const ImageQuestion& q, const Store& store, std::int64_t id) {
  const Run run = store.run(id);
  ViewsQuestion views{.originals = q.originals,
                      .settings = run.settings,
                      .ids = {q.id},
                      .epoch = 0,
                      .model = open_views_model(q.store, id),
                      .cover = q.cover};
  const ViewsAnswer answer = draw_views(views);
  PictureRow row;
  if (answer.rows.isEmpty())
    row.cells = {note(answer.problem)};
  else
    row = answer.rows.first();
  while (row.cells.size() > row_pictures) row.cells.removeLast();
  for (PictureCell& cell : row.cells)
    if (cell.note.size() > longest_note) cell = note(CompareWords::tr("–"));
  while (row.cells.size() < row_pictures) row.cells.append(note(CompareWords::tr("–")));
  row.cells.append(note(CompareWords::tr("Reading features")));
  if (!row.lines.isEmpty()) row.lines.removeFirst();  // the image's name: the same in all
  row.lines.prepend({PictureLine::Kind::soft, run_label(run)});
  row.lines.prepend(
      {PictureLine::Kind::series, CompareWords::tr("run %1").arg(id), static_cast<int>(id)});
  return row;
}

RunNeighbours neighbours_in_run(const ImageQuestion& q, const Store& store, std::int64_t run,
                                Control& control) {
  const Dataset& dataset = *q.originals->dataset();
  auto held_out = dataset.indices(Split::validation);
  const auto test = dataset.indices(Split::test);
  held_out.insert(held_out.end(), test.begin(), test.end());
  std::sort(held_out.begin(), held_out.end());
  const auto model = open_model(store, run);
  const Features bank = extract(feature_cache(store), *model, dataset,
                                sample_of(dataset, held_out, bank_images, 0), control);
  const Features asked = model->features({dataset.image(q.id)});
  QList<QImage> found;
  std::int64_t same = 0;
  double likest = 0;
  const auto nearest_rows = nearest(bank, asked, neighbours_shown + 1, control);
  for (const Neighbour& n : nearest_rows.front()) {
    const auto row = static_cast<std::size_t>(n.row);
    if (bank.ids[row] == q.id || found.size() == neighbours_shown) continue;
    if (found.isEmpty()) likest = n.similarity;
    same += bank.labels[row] >= 0 && bank.labels[row] == dataset.label(q.id);
    found.append(to_thumbnail(dataset.image(bank.ids[row]), neighbour_pixels));
  }
  RunNeighbours out{mosaic(found, neighbour_columns),
                    CompareWords::tr("nearest at cosine %1").arg(likest, 0, 'f', 3)};
  if (dataset.label(q.id) >= 0)
    out.words += CompareWords::tr("; %1 of %2 are %3")
                     .arg(same)
                     .arg(found.size())
                     .arg(label_name(dataset, q.id));
  return out;
}

}  // namespace

ComparedRuns compared_runs(const std::filesystem::path& store_folder,
                           const std::vector<std::int64_t>& runs, const QString& metric,
                           const Control& control) {
  const Store store(store_folder);
  ComparedRuns out;
  out.runs = runs;
  for (const std::int64_t run : runs) {
    control.check();
    for (const std::string& name : store.metric_names(run))
      if (const QString known = QString::fromStdString(name); !out.metrics.contains(known))
        out.metrics << known;
  }
  out.metric = out.metrics.contains(metric) ? metric : out.metrics.value(0);
  std::size_t points = 0;
  for (const std::int64_t run : runs) {
    if (out.curves.size() == most_curves || points > most_points) break;
    control.check();
    out.curves.push_back(curve_of(store, run, out.metric));
    points += out.curves.back().points.size();
  }
  const auto mapped = store.runs_with_maps();
  std::ranges::copy_if(runs, std::back_inserter(out.mapped),
                       [&](std::int64_t run) { return std::ranges::binary_search(mapped, run); });
  return out;
}

std::vector<Curve> curves_of(const std::filesystem::path& store_folder,
                             const std::vector<std::int64_t>& runs, const QString& metric) {
  const Store store(store_folder);
  std::vector<Curve> curves;
  for (const std::int64_t run : runs) curves.push_back(curve_of(store, run, metric));
  return curves;
}

ComparedMaps compared_maps(const std::filesystem::path& store_folder,
                           const std::vector<std::int64_t>& runs, const Dataset* open,
                           const Control& control) {
  const Store store(store_folder);
  const std::string images = open ? open->fingerprint() : std::string();
  ComparedMaps out;
  std::vector<std::vector<StoredMap>> maps;
  for (const std::int64_t run : runs) {
    control.check();
    if (maps.size() == most_maps_shown)
      ++out.left_out;
    else if (auto of_run = maps_to_compare(store, run, images); !of_run.empty())
      maps.push_back(std::move(of_run));
  }
  for (const auto& of_run : maps)
    out.maps.push_back(compared_map(store, map_to_show(of_run, maps).id, open));
  return out;
}

QStringList image_titles() {
  return {CompareWords::tr("Original"),
          CompareWords::tr("First view"),
          CompareWords::tr("Second or masked view"),
          CompareWords::tr("More views, or rebuilt"),
          CompareWords::tr("Nearest images"),
          CompareWords::tr("In this run")};
}

QList<PictureRow> image_in_runs(const ImageQuestion& question, const Control& control) {
  const Store store(question.store);
  QList<PictureRow> rows;
  for (const std::int64_t run : question.runs) {
    control.check();
    rows.append(image_in_run(question, store, run));
  }
  return rows;
}

QList<RunNeighbours> neighbours_in_runs(const ImageQuestion& question, Control& control) {
  const Store store(question.store);
  QList<RunNeighbours> out;
  for (const std::int64_t run : question.runs) {
    try {
      out.append(neighbours_in_run(question, store, run, control));
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      out.append({{}, with_labels(core_words(error.what()), every_option())});
    }
  }
  return out;
}

}  // namespace selfsight
