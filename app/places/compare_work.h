// What Compare asks of several runs, and of one image in them, off the window's thread.
#pragma once

#include <QColor>
#include <QImage>
#include <QList>
#include <QStringList>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/places/views_work.h"
#include "core/base/control.h"
#include "widgets/curves.h"
#include "widgets/map_plot.h"
#include "widgets/picture_rows.h"

namespace selfsight {

struct ImageQuestion {
  std::filesystem::path store;
  std::vector<std::int64_t> runs;
  std::shared_ptr<OriginalCache> originals;
  std::int64_t id = 0;
  QColor cover;  // of hidden patches

  bool operator==(const ImageQuestion&) const = default;
};

/// Titles of the rows below.
QStringList image_titles();
/// One row a run: the original with its crops, the views of the first epoch as that run draws
/// them, what it rebuilds; the last cell is left for the neighbours.
QList<PictureRow> image_in_runs(const ImageQuestion& question, const Control& control);

struct RunNeighbours {
  QImage pictures;  // of the nearest images, side by side; null with a problem
  QString words;    // how alike they are, or why there are none
};
/// What stands side by side of some runs.
struct ComparedRuns {
  std::vector<std::int64_t> runs;    // that were asked for
  QStringList metrics;               // that any of them has
  QString metric;                    // of the curves
  std::vector<Curve> curves;         // of the first of them: more could neither be told apart nor
                                     // drawn at once
  std::vector<std::int64_t> mapped;  // those that have a map
};
/// `metric` if any of them has it. Throws Cancelled.
ComparedRuns compared_runs(const std::filesystem::path& store,
                           const std::vector<std::int64_t>& runs, const QString& metric,
                           const Control& control);
/// All points so far.
std::vector<Curve> curves_of(const std::filesystem::path& store,
                             const std::vector<std::int64_t>& runs, const QString& metric);

/// A run's map, as it stands beside those of others.
struct ComparedMap {
  std::int64_t run = 0, id = 0;
  std::string method;
  std::string images;            // the fingerprint of what it is of
  std::vector<MapPoint> points;  // in groups by label where it is of the images that are open
  QStringList groups;            // what those are called; none where there are none
};
struct ComparedMaps {
  std::vector<ComparedMap> maps;  // of the first few runs that have one
  std::size_t left_out = 0;       // how many runs more were asked for
};
/// The newest map of each: of the images that are open (may be null) where there is one, and of one
/// method where all have a map of it. Throws Cancelled.
ComparedMaps compared_maps(const std::filesystem::path& store,
                           const std::vector<std::int64_t>& runs, const Dataset* open,
                           const Control& control);

/// Of each run, by cosine of its features among held-out images. Throws Cancelled.
QList<RunNeighbours> neighbours_in_runs(const ImageQuestion& question, Control& control);

}  // namespace selfsight
