// What every protocol says of the encoder that was measured. Private to this room.
#pragma once

#include <nlohmann/json.hpp>

#include "app/jobs/pipeline.h"
#include "core/base/files.h"

namespace selfsight {

/// The checkpoint of a run, or the file and its hash.
inline nlohmann::ordered_json encoder_words(const EncoderSource& source, const FrozenModel& model) {
  const CheckpointInfo checkpoint = model.checkpoint();
  if (source.is_run())
    return {{"checkpoint_step", checkpoint.step}, {"checkpoint_epoch", checkpoint.epoch}};
  return {{"encoder_file", checkpoint.file.filename().string()},
          {"encoder_sha256", sha256_file(checkpoint.file)},
          {"view_size", model.settings().get<std::int64_t>("views.size")}};
}

/// Which class was taken for which, to be kept with the number; nothing of more classes than a
/// matrix can show.
inline nlohmann::ordered_json confusion_words(const Classification& classified,
                                              const std::vector<std::string>& classes) {
  constexpr std::size_t most_classes = 200;
  const auto& confusion = classified.confusion;
  if (confusion.empty() || confusion.size() > most_classes || confusion.size() > classes.size())
    return nlohmann::ordered_json::object();
  return {{"class_names",
           std::vector<std::string>(
               classes.begin(), classes.begin() + static_cast<std::ptrdiff_t>(confusion.size()))},
          {"confusion", confusion}};
}

}  // namespace selfsight
