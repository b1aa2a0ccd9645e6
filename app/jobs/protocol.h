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

}  // namespace selfsight
