#include "widgets/image_model.h"

#include <QSet>

namespace selfsight {
namespace {

constexpr int cache_kib = 192 * 1024;

}  // namespace

ImageModel::ImageModel(QObject* parent) : QAbstractListModel(parent), thumbnails_(cache_kib) {}

void ImageModel::set_ids(std::vector<std::int64_t> ids) {
  beginResetModel();
  ids_ = std::move(ids);
  endResetModel();
}

void ImageModel::set_captions(std::function<QString(std::int64_t)> captions) {
  captions_ = std::move(captions);
}

void ImageModel::set_thumbnails(const QList<Thumbnail>& thumbnails) {
  if (thumbnails.isEmpty()) return;
  for (const Thumbnail& one : thumbnails)
    thumbnails_.insert(one.id, new QImage(one.image),
                       1 + static_cast<int>(one.image.sizeInBytes() / 1024));
  if (!ids_.empty())
    Q_EMIT dataChanged(index(0), index(rowCount() - 1), {thumbnail_role, broken_role});
}

void ImageModel::forget_thumbnails() {
  thumbnails_.clear();
}

bool ImageModel::missing(int row) const {
  return !thumbnails_.contains(ids_[static_cast<std::size_t>(row)]);
}

int ImageModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(ids_.size());
}

QVariant ImageModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const std::int64_t id = ids_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case id_role:
      return QVariant::fromValue<qint64>(id);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
      return captions_ ? QVariant(captions_(id)) : QVariant();
    case thumbnail_role: {
      const QImage* image = thumbnails_.object(id);
      return image ? QVariant(*image) : QVariant();
    }
    case broken_role: {
      const QImage* image = thumbnails_.object(id);
      return image && image->isNull();
    }
    default:
      return {};
  }
}

}  // namespace selfsight
