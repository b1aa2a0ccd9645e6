// What the Views place computes, off the window's thread: the very views that training draws.
#pragma once

#include <QColor>
#include <QPointF>
#include <QStringList>
#include <map>
#include <memory>
#include <optional>

#include "core/dataset/dataset.h"
#include "core/history/store.h"
#include "core/probes/frozen.h"
#include "widgets/picture_rows.h"

namespace selfsight {

/// Decoded images, as many as fit; used by one thread at a time.
class OriginalCache {
 public:
  explicit OriginalCache(std::shared_ptr<const Dataset> dataset) : dataset_(std::move(dataset)) {}
  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }
  /// As training sees it: see Dataset::reduced_image(). Throws ImageError.
  cv::Mat image(std::int64_t id, std::int64_t least_side);

 private:
  std::shared_ptr<const Dataset> dataset_;
  std::map<std::int64_t, cv::Mat> images_;
  std::int64_t least_side_ = 0;  // of those
  std::size_t bytes_ = 0;
};

/// An encoder of the store, to rebuild and to compare with.
struct ViewsModel {
  std::int64_t run = 0;
  double epoch = 0;
  std::shared_ptr<FrozenModel> model;  // null: `reason` says why
  QString reason;
};
ViewsModel open_views_model(const std::filesystem::path& store, std::int64_t run);

/// The newest checkpoint of a run in training, read again only when there is a newer one: each
/// reading verifies all of the file. Used by one thread at a time.
class NewestModel {
 public:
  const ViewsModel& of(const std::filesystem::path& store, std::int64_t run);

 private:
  ViewsModel opened_;
  std::string sha256_;  // of its checkpoint
};

struct ViewsQuestion {
  std::shared_ptr<OriginalCache> originals;
  Settings settings;
  std::vector<std::int64_t> ids;
  std::int64_t epoch = 0;  // from 0, as training counts
  ViewsModel model;
  QColor cover;                                  // of hidden patches
  std::map<std::int64_t, Mask> hand_masks = {};  // of images whose patches were clicked
};

struct ViewsAnswer {
  std::vector<std::int64_t> ids;  // of the rows
  QStringList titles;
  QList<PictureRow> rows;
  std::vector<std::vector<cv::Mat>> views;  // of each row the two to be found alike, or none
  std::vector<std::optional<Mask>> masks;   // of each row, where it has one of patches
  QStringList warnings;                     // of what these images make of the settings
  QString problem;                          // the settings contradict each other
};
ViewsAnswer draw_views(const ViewsQuestion& question);

/// Why this model cannot tell how alike views of so many channels are; empty if it can.
QString comparison_obstacle(const ViewsModel& model, int channels);

/// The mask with this place of it, in [0, 1] x [0, 1], shown or hidden. At least one patch stays
/// shown and one hidden.
Mask with_patch(Mask mask, const QPointF& place, bool hidden);
bool is_hidden(const Mask& mask, const QPointF& place);

/// Cosine of the features of each row's two views; empty for rows without two.
std::vector<std::optional<double>> view_similarities(
    const ViewsModel& model, const std::vector<std::vector<cv::Mat>>& views);

/// For each row what the model's head makes of its two views, in two lines: "412 · 63 %", the most
/// probable prototype. Nothing for rows without two, and for methods without
/// prototypes.
QList<QStringList> assignment_words(const ViewsModel& model,
                                    const std::vector<std::vector<cv::Mat>>& views);

/// For each row the first of its two views, and over it where the class token of the model looks;
/// no picture for rows without two, and for encoders that are no Vision Transformer.
QList<QImage> attention_pictures(const ViewsModel& model,
                                 const std::vector<std::vector<cv::Mat>>& views);

/// `count` training images spread over the set, another handful for each `page`.
std::vector<std::int64_t> preview_images(const Dataset& dataset, std::int64_t count,
                                         std::int64_t page);

/// What leaves an encoder nothing to learn, in a sentence each.
QStringList view_warnings(const Settings& settings, int channels);

/// The settings with another method, and with an encoder that it can train.
Settings settings_for_method(const Settings& settings, const std::string& method);

}  // namespace selfsight
