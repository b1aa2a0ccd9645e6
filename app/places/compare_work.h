// What Compare asks of one image and several runs, off the window's thread.
#pragma once

#include <QColor>
#include <QImage>
#include <QList>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "app/places/views_work.h"
#include "core/base/control.h"
#include "widgets/picture_rows.h"

namespace selfsight {

struct ImageQuestion {
  std::filesystem::path store;
  std::vector<std::int64_t> runs;
  std::shared_ptr<OriginalCache> originals;
  std::int64_t id = 0;
  QColor cover;  // of hidden patches
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
/// Of each run, by cosine of its features among held-out images. Throws Cancelled.
QList<RunNeighbours> neighbours_in_runs(const ImageQuestion& question, Control& control);

}  // namespace selfsight
