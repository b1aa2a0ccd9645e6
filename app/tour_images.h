// Files of the tour's own, for the states that a sound public data set does not show. Each function
// throws where they cannot be written.
#pragma once

#include <QString>

namespace selfsight {

/// Photographs as large as a camera takes them, and so many that measuring them goes on for many
/// times as long as it takes to make a picture of it. They share a few files, so that writing them
/// does not.
void write_many_photos(const QString& folder);

/// Small ones, among them one that is cut off, one that is empty and one that is a text.
void write_damaged_photos(const QString& folder);

/// A text, which is no data set.
void write_notes(const QString& file);

}  // namespace selfsight
