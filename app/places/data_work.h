// What Data asks of a data set, off the window's thread.
#pragma once

#include <QImage>
#include <QList>
#include <QPair>
#include <QString>
#include <optional>
#include <vector>

#include "core/dataset/dataset.h"
#include "widgets/image_model.h"

namespace selfsight {

/// The images whose name or label has `text` in it (any case), by index or by label.
std::vector<std::int64_t> filtered_images(const Dataset& dataset, const QString& text,
                                          bool by_label);

inline constexpr int hover_pixels = 192;  // of the picture of a point that is pointed at

/// In the order asked for; stops after a tenth of a second with those that are done (at least
/// one), so that a scroll never waits for pictures that have left the view. A picture that cannot
/// be decoded is null.
QList<Thumbnail> thumbnails_of(const Dataset& dataset, const QList<qint64>& ids, int pixels);

struct LargerImage {
  qint64 id = 0;
  QImage image;  // null with a reason
  QString name, label, split, size;
  QString told;  // further columns of a list, a line each
  QString reason;
};
LargerImage larger_image(const Dataset& dataset, qint64 id, int pixels);

/// What a list says of the image besides its label and split, a line for each column.
QString told_of(const Dataset& dataset, std::int64_t id);

/// "train/horse/0042.jpg · horse".
QString image_caption(const Dataset& dataset, std::int64_t id);
/// Empty without a label.
QString label_name(const Dataset& dataset, std::int64_t id);

/// (name, value) for the card: images, size, channels, mean, std, split, labels. Without
/// statistics `measuring` says whether they will come.
QList<QPair<QString, QString>> dataset_facts(const Dataset& dataset,
                                             const std::optional<DatasetStatistics>& statistics,
                                             bool measuring);

}  // namespace selfsight
