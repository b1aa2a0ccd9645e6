// What every protocol says of the encoder that was measured, and json_text() to write it: names of
// classes and files need not be UTF-8. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/base/json_text.h"
#include "core/probes/health.h"

namespace selfsight {

/// The checkpoint of a run, or the file and its hash; and the size of the images.
nlohmann::ordered_json encoder_words(const EncoderSource& source, const FrozenModel& model);

/// The splits that images_of() means by this word.
std::string splits_words(const std::string& split);

/// How many of the images that were asked for could not be opened, where any could not.
void tell_left_out(nlohmann::ordered_json& protocol, const char* key, std::size_t asked,
                   std::int64_t measured);

/// {"tsne": {…}}: with what a map is laid out.
nlohmann::ordered_json tsne_words(const TsneOptions& options);

/// Which class was taken for which, to be kept with the number; nothing of more classes than a
/// matrix can show.
nlohmann::ordered_json confusion_words(const Classification& classified,
                                       const std::vector<std::string>& classes);

/// What is seen of an encoder's health, small enough to be kept with one of its numbers: the
/// largest singular values, and the correlation of two views as means of blocks.
nlohmann::ordered_json picture_words(const Health& health);

}  // namespace selfsight
