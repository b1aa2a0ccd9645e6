// What decoders print. Private to this room.
#pragma once

#include <string>

namespace selfsight {

/// While it lives, what this thread prints on standard error is kept here instead: libjpeg and
/// libpng tell of damage nowhere else, and OpenCV offers no way to ask them. Other threads print
/// as ever. One at a time per thread.
class DecoderMessages {
 public:
  DecoderMessages();
  ~DecoderMessages();
  DecoderMessages(const DecoderMessages&) = delete;
  DecoderMessages& operator=(const DecoderMessages&) = delete;

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace selfsight
