#include "app/tour_images.h"

#include <QDir>
#include <QImage>
#include <QSize>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "widgets/picture.h"

namespace selfsight {
namespace {

constexpr QSize camera_size(3000, 2000), small_size(192, 128);
// No more are ever measured, see Workspace; on one core they take about a minute.
constexpr int many_photos = 2000, different_photos = 10;
constexpr int few_photos = 60;
constexpr int cut_photo = 7, empty_photo = 21, text_photo = 40;
constexpr const char* notes = "Colour charts at noon, then the harbour until it rained.\n";

QString photo_file(const QString& folder, int number) {
  return QStringLiteral("%1/IMG_%2.jpg").arg(folder).arg(number, 4, 10, QLatin1Char('0'));
}

/// Shapes by rule, drawn out to this size: the same on every machine.
void write_photos(const QString& folder, int count, QSize size) {
  if (!QDir().mkpath(folder))
    throw Error("Could not make the folder " + folder.toStdString() + ".");
  const auto shapes = open_dataset("procedural:" + std::to_string(count));
  for (int i = 0; i < count; ++i) {
    const QImage photo =
        to_image(shapes->image(i)).scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    if (!photo.save(photo_file(folder, i), "JPG"))
      throw Error("Could not write " + photo_file(folder, i).toStdString() + ".");
  }
}

}  // namespace

void write_many_photos(const QString& folder) {
  write_photos(folder, different_photos, camera_size);
  for (int i = different_photos; i < many_photos; ++i)
    std::filesystem::create_hard_link(photo_file(folder, i % different_photos).toStdString(),
                                      photo_file(folder, i).toStdString());
}

void write_damaged_photos(const QString& folder) {
  write_photos(folder, few_photos, small_size);
  const std::filesystem::path cut = photo_file(folder, cut_photo).toStdString();
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
  std::filesystem::resize_file(photo_file(folder, empty_photo).toStdString(), 0);
  write_notes(photo_file(folder, text_photo));
}

void write_notes(const QString& file) {
  write_file(file.toStdString(), notes);
}

}  // namespace selfsight
