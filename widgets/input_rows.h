// One image and all that a method is fed of it: views, masks, a puzzle, by the kind of its input.
#pragma once

#include "core/views/inputs.h"
#include "widgets/picture_rows.h"

namespace selfsight {

struct ShownInput {
  std::int64_t id = 0;
  QString label;
  cv::Mat original;
  InputKind kind = InputKind::two_views;
  Input input;
  QColor cover;     // of what is hidden
  cv::Mat rebuilt;  // of kinds that a model rebuilds; may be empty
  QString note;     // then says why
};

/// Pictures are copied; may be made on any thread.
PictureRow input_row(const ShownInput& shown);

/// Titles for such rows; `rebuilt` says by which run and epoch.
QStringList input_titles(InputKind kind, const QString& rebuilt);

/// True for inputs of which something hidden can be rebuilt and shown beside.
bool is_rebuilt(InputKind kind);
/// True for inputs whose first two views an encoder is to find alike.
bool has_pair(InputKind kind);

/// Pictures side by side in so many columns, as one; each as large as the largest.
QImage mosaic(const QList<QImage>& pictures, int columns);

}  // namespace selfsight
