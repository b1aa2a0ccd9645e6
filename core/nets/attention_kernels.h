// The sums of self_attention() and exact_gelu(), for one image at a time. Private to this room.
#pragma once

#include <cstdint>

namespace selfsight {

/// Rows of memory are padded to a multiple of this many floats.
constexpr std::int64_t attention_lanes = 16;

/// One head of one image: `length` rows of `width` floats, `stride` apart.
struct Head {
  std::int64_t length = 0, width = 0, stride = 0;
  double scale = 1;  // of the products of q and k
};

/// out = softmax(scale q k^T) v.
void attend(const Head& head, const float* q, const float* k, const float* v, float* out,
            std::int64_t out_stride);

/// The gradients of the same with respect to q, k and v (`stride` apart), from that of its output.
void attend_backward(const Head& head, const float* q, const float* k, const float* v,
                     const float* of_out, std::int64_t out_stride, float* of_q, float* of_k,
                     float* of_v);

void gelu_values(const float* x, std::int64_t count, float* out);
/// out = given * gelu'(x).
void gelu_gradients(const float* x, const float* given, std::int64_t count, float* out);

}  // namespace selfsight
