#include "core/nets/encoder_options.h"

#include "core/base/error.h"

namespace selfsight {

void check_encoder(const EncoderOptions& options, std::int64_t view_size) {
  if (!is_transformer(options)) return;
  if (view_size % options.patch_size != 0)
    throw InputError("A view of " + std::to_string(view_size) +
                     " px cannot be cut into patches of " + std::to_string(options.patch_size) +
                     " px; make encoder.patch_size a divisor of views.size.");
  if (view_size / options.patch_size < 2)
    throw InputError("A view of " + std::to_string(view_size) + " px holds only one patch of " +
                     std::to_string(options.patch_size) + " px; make encoder.patch_size smaller.");
}

}  // namespace selfsight
