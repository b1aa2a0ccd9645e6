#include "core/nets/attention.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <vector>

#include "core/nets/attention_kernels.h"
#include "core/nets/precision.h"

namespace selfsight {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t longest = 128;  // beyond, large matrix products are faster
constexpr std::int64_t block =
    4096;  // values of exact_gelu() at a time: they stay in the nearest cache

/// [N, L, 3 * heads * width] in memory.
struct Layout {
  std::int64_t images, length, heads, width;

  Layout(const torch::Tensor& qkv, std::int64_t heads_)
      : images(qkv.size(0)),
        length(qkv.size(1)),
        heads(heads_),
        width(qkv.size(2) / (3 * heads_)) {}
  std::int64_t dimensions() const { return heads * width; }
  std::int64_t row() const { return 3 * dimensions(); }
  Head head() const { return {length, width, row(), 1 / std::sqrt(static_cast<double>(width))}; }
};

/// Calls work(image) for all of them, in parallel.
template <class Work>
void for_images(std::int64_t images, Work&& work) {
  at::parallel_for(0, images, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t image = begin; image < end; ++image) work(image);
  });
}

float* room(std::vector<float>& scratch, std::int64_t count) {
  if (scratch.size() < static_cast<std::size_t>(count))
    scratch.resize(static_cast<std::size_t>(count));
  return scratch.data();
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static Variable forward(AutogradContext* context, const Variable& qkv, std::int64_t heads) {
    const Layout layout(qkv, heads);
    const std::int64_t d = layout.dimensions(), in_count = layout.length * layout.row(),
                       out_count = layout.length * d;
    const torch::Tensor out = torch::empty({layout.images, layout.length, d}, qkv.options());
    const Values from = values_in(qkv), to = values_in(out);
    for_images(layout.images, [&](std::int64_t image) {
      thread_local std::vector<float> ins, outs;
      float *in = room(ins, in_count), *answer = room(outs, out_count);
      widen(from.from(image * in_count), in_count, in);
      for (std::int64_t h = 0; h < heads; ++h) {
        const float* q = in + h * layout.width;
        attend(layout.head(), q, q + d, q + 2 * d, answer + h * layout.width, d);
      }
      narrow(answer, out_count, to.from(image * out_count));
    });
    context->save_for_backward({qkv});
    context->saved_data["heads"] = heads;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor qkv = context->get_saved_variables()[0];
    const std::int64_t heads = context->saved_data["heads"].toInt();
    const torch::Tensor given = gradients[0].contiguous();
    const Layout layout(qkv, heads);
    const std::int64_t d = layout.dimensions(), in_count = layout.length * layout.row(),
                       out_count = layout.length * d;
    const torch::Tensor of_qkv = torch::empty_like(qkv);
    const Values from = values_in(qkv), of_out = values_in(given), to = values_in(of_qkv);
    for_images(layout.images, [&](std::int64_t image) {
      thread_local std::vector<float> ins, outs, ofs;
      float *in = room(ins, in_count), *of_answer = room(outs, out_count),
            *of_in = room(ofs, in_count);
      widen(from.from(image * in_count), in_count, in);
      widen(of_out.from(image * out_count), out_count, of_answer);
      for (std::int64_t h = 0; h < heads; ++h) {
        const float* q = in + h * layout.width;
        float* of_q = of_in + h * layout.width;
        attend_backward(layout.head(), q, q + d, q + 2 * d, of_answer + h * layout.width, d, of_q,
                        of_q + d, of_q + 2 * d);
      }
      narrow(of_in, in_count, to.from(image * in_count));
    });
    return {of_qkv, {}};
  }
};

torch::Tensor attention_by_products(const torch::Tensor& qkv, std::int64_t heads) {
  const Layout layout(qkv, heads);
  const torch::Tensor parts =
      qkv.reshape({layout.images, layout.length, 3, heads, layout.width}).permute({2, 0, 3, 1, 4});
  const torch::Tensor q = parts[0] * layout.head().scale, k = parts[1], v = parts[2];
  const torch::Tensor shares = torch::softmax(torch::matmul(q, k.transpose(-2, -1)), -1);
  return torch::matmul(shares, v).transpose(1, 2).reshape(
      {layout.images, layout.length, layout.dimensions()});
}

/// Calls work(first value, values) for blocks of all `count`, in parallel.
template <class Work>
void for_blocks(std::int64_t count, Work&& work) {
  at::parallel_for(0, (count + block - 1) / block, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(i * block, std::min(block, count - i * block));
  });
}

class Gelu : public torch::autograd::Function<Gelu> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x) {
    const torch::Tensor y = torch::empty_like(x);
    const Values from = values_in(x), to = values_in(y);
    for_blocks(x.numel(), [&](std::int64_t at, std::int64_t count) {
      float in[block], out[block];
      widen(from.from(at), count, in);
      gelu_values(in, count, out);
      narrow(out, count, to.from(at));
    });
    context->save_for_backward({x});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor x = context->get_saved_variables()[0];
    const torch::Tensor given = gradients[0].contiguous(), of_x = torch::empty_like(x);
    const Values from = values_in(x), of_y = values_in(given), to = values_in(of_x);
    for_blocks(x.numel(), [&](std::int64_t at, std::int64_t count) {
      float in[block], of_out[block], of_in[block];
      widen(from.from(at), count, in);
      widen(of_y.from(at), count, of_out);
      gelu_gradients(in, of_out, count, of_in);
      narrow(of_in, count, to.from(at));
    });
    return {of_x};
  }
};

}  // namespace

torch::Tensor self_attention(const torch::Tensor& qkv, std::int64_t heads) {
  const Layout layout(qkv, heads);
  const bool readable = qkv.scalar_type() == torch::kFloat || qkv.scalar_type() == torch::kBFloat16;
  const bool short_rows = layout.length <= longest && layout.width % attention_lanes == 0;
  if (!qkv.device().is_cpu() || !readable || !short_rows || qkv.numel() == 0)
    return attention_by_products(qkv, heads);
  return Attention::apply(qkv.contiguous(), heads);
}

torch::Tensor exact_gelu(const torch::Tensor& x) {
  if (!x.device().is_cpu() || x.scalar_type() != torch::kBFloat16) return torch::gelu(x);
  return Gelu::apply(x.contiguous());
}

}  // namespace selfsight
