// Sample ids in the order in which they are shown, with the thumbnails that have come so far.
#pragma once

#include <QAbstractListModel>
#include <QCache>
#include <QImage>
#include <functional>
#include <vector>

namespace selfsight {

struct Thumbnail {
  qint64 id = 0;
  QImage image;  // null: it could not be decoded
};

/// Any number of images; only the newest thumbnails are kept.
class ImageModel : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Role { id_role = Qt::UserRole, thumbnail_role, broken_role };

  explicit ImageModel(QObject* parent = nullptr);

  void set_ids(std::vector<std::int64_t> ids);
  const std::vector<std::int64_t>& ids() const { return ids_; }
  /// What a person and a screen reader are told of an image; asked for only when needed.
  void set_captions(std::function<QString(std::int64_t)> captions);
  void set_thumbnails(const QList<Thumbnail>& thumbnails);
  void forget_thumbnails();
  /// Whether the image of this row has still to be asked for.
  bool missing(int row) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  std::vector<std::int64_t> ids_;
  std::function<QString(std::int64_t)> captions_;
  QCache<qint64, QImage> thumbnails_;  // cost in KiB
};

}  // namespace selfsight
