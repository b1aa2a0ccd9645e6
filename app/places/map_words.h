// What Explore says of a map, and of the want of one.
#pragma once

#include <QString>
#include <nlohmann/json_fwd.hpp>

#include "app/jobs/pipeline.h"

namespace selfsight {

/// Of an empty place: what will be here, and the action that fills it.
struct EmptyWords {
  QString headline, text, action;
};
EmptyWords no_encoder_words();
/// Of a run, while other images are open than its own, or, if `open` is empty, none.
EmptyWords other_images_words(const QString& own, const QString& open);
/// The same while what is open lies where its own did, but is not the same any more.
EmptyWords changed_images_words(const QString& name);
EmptyWords no_images_words();
EmptyWords no_map_words(const EncoderSource& source, bool over_epochs);

/// Why it cannot be mapped over its epochs.
QString no_epochs_words(const EncoderSource& source);

/// How it was made; an empty object where that cannot be read.
nlohmann::json protocol_of(const StoredMap& map);
/// "perplexity 30 · KL 1.234 · epoch 12"; of PCA what its axes explain; or how far a stopped one
/// got, or of which file it is.
QString map_words(const StoredMap& map);
/// Of how many images of which splits.
QString mapped_words(const StoredMap& map);
/// Likewise of maps over the epochs.
QString frames_words(const StoredMap& first);
/// That it was laid out with; 0 of another method's.
double perplexity_of(const StoredMap& map);
/// Those of older programs do not say which one they are of.
bool tells_checkpoint(const StoredMap& map);

}  // namespace selfsight
