#include "core/nets/token_ops.h"

#include <torch/version.h>

#include <cmath>
#include <vector>

#include "core/nets/chunks.h"
#include "core/nets/precision.h"
#include "core/nets/token_kernels.h"

namespace selfsight {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Sums over rows, one set for each chunk, added up in the order of the chunks.
class ColumnSums {
 public:
  explicit ColumnSums(std::int64_t width)
      : width_(width), values_(static_cast<std::size_t>(chunks * width)) {}

  float* of(std::int64_t chunk) { return values_.data() + chunk * width_; }
  Tensor total() const {
    std::vector<double> sums(static_cast<std::size_t>(width_));
    for (std::size_t i = 0; i < values_.size(); ++i)
      sums[i % sums.size()] += static_cast<double>(values_[i]);
    const Tensor out = torch::empty({width_});
    for (std::size_t i = 0; i < sums.size(); ++i)
      out.data_ptr<float>()[i] = static_cast<float>(sums[i]);
    return out;
  }

 private:
  std::int64_t width_;
  std::vector<float> values_;
};

const float* numbers(const Tensor& x, std::int64_t at = 0) {
  return x.data_ptr<float>() + at;
}

/// The addition and the norm of Tokens. `branch` has no values where there is none: what is
/// undefined cannot be an argument here.
class AddNorm : public torch::autograd::Function<AddNorm> {
 public:
  /// The norm, and the sum if there is a branch.
  static variable_list forward(AutogradContext* context, const Variable& x, const Variable& branch,
                               const Variable& bias, const Variable& weight, const Variable& shift,
                               double eps, at::ScalarType type) {
    const std::int64_t width = x.size(-1), rows = x.numel() / width;
    const bool added = branch.numel() > 0;
    const Tensor y = torch::empty(x.sizes(), x.options().dtype(type));
    const Tensor sum = added ? torch::empty_like(x) : x;
    const Tensor mean = torch::empty({rows}), inverse = torch::empty({rows});
    const Values branches = values_in(branch), out = values_in(y);
    for_chunks(rows, [&](std::int64_t, std::int64_t begin, std::int64_t count) {
      const std::int64_t at = begin * width;
      norm_rows({count, width, numbers(x, at), added ? branches.from(at) : branches, numbers(bias),
                 numbers(weight), numbers(shift), static_cast<float>(eps),
                 added ? sum.data_ptr<float>() + at : nullptr, out.from(at),
                 mean.data_ptr<float>() + begin, inverse.data_ptr<float>() + begin});
    });
    context->save_for_backward({sum, mean, inverse, weight});
    context->saved_data["added"] = added;
    context->saved_data["half"] = branches.halves;
    context->set_materialize_grads(false);
    return added ? variable_list{y, sum} : variable_list{y};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &sum = saved[0], &mean = saved[1], &inverse = saved[2], &weight = saved[3];
    const bool added = context->saved_data["added"].toBool();
    const auto type = context->saved_data["half"].toBool() ? torch::kBFloat16 : torch::kFloat;
    const std::int64_t width = sum.size(-1), rows = sum.numel() / width;
    const Tensor given =
        gradients[0].defined() ? gradients[0].contiguous() : torch::zeros_like(sum);
    const Tensor given_sum =
        added && gradients[1].defined() ? gradients[1].contiguous() : torch::Tensor();
    const Tensor of_x = torch::empty_like(sum);
    const Tensor of_branch =
        added ? torch::empty(sum.sizes(), sum.options().dtype(type)) : torch::Tensor();
    ColumnSums of_weight(width), of_shift(width), of_bias(added ? width : 0);
    const Values ins = values_in(given), outs = values_in(of_branch);
    for_chunks(rows, [&](std::int64_t chunk, std::int64_t begin, std::int64_t count) {
      const std::int64_t at = begin * width;
      norm_gradient_rows({count, width, ins.from(at),
                          given_sum.defined() ? numbers(given_sum, at) : nullptr, numbers(sum, at),
                          numbers(mean, begin), numbers(inverse, begin), numbers(weight),
                          of_x.data_ptr<float>() + at, added ? outs.from(at) : outs,
                          of_weight.of(chunk), of_shift.of(chunk), of_bias.of(chunk)});
    });
    return {of_x,
            of_branch,
            added ? of_bias.total() : torch::Tensor(),
            of_weight.total(),
            of_shift.total(),
            {},
            {}};
  }
};

class GeluWithBias : public torch::autograd::Function<GeluWithBias> {
 public:
  /// `learns`: whether its gradient will be asked for.
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& bias,
                          bool learns) {
    const std::int64_t width = x.size(-1);
    const Tensor y = torch::empty_like(x);
    const Tensor slope = learns ? torch::empty_like(x) : torch::Tensor();
    const Values from = values_in(x), to = values_in(y), slopes = values_in(slope);
    for_chunks(x.numel() / width, [&](std::int64_t, std::int64_t begin, std::int64_t count) {
      const std::int64_t at = begin * width;
      gelu_rows({count, width, from.from(at), numbers(bias), to.from(at),
                 learns ? slopes.from(at) : slopes});
    });
    context->save_for_backward({slope});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const Tensor slope = context->get_saved_variables()[0];
    const std::int64_t width = slope.size(-1), rows = slope.numel() / width;
    const Tensor given = gradients[0].to(slope.scalar_type()).contiguous(),
                 of_x = torch::empty_like(slope);
    ColumnSums of_bias(width);
    const Values slopes = values_in(slope), of_y = values_in(given), to = values_in(of_x);
    for_chunks(rows, [&](std::int64_t chunk, std::int64_t begin, std::int64_t count) {
      const std::int64_t at = begin * width;
      gelu_gradient_rows(
          {count, width, slopes.from(at), of_y.from(at), to.from(at), of_bias.of(chunk)});
    });
    return {of_x, of_bias.total(), {}};
  }
};

/// Sizes of [N, L, parts * heads * width].
struct Heads {
  std::int64_t images, length, heads, width;

  std::int64_t dimensions() const { return heads * width; }
  std::int64_t part() const { return length * dimensions(); }  // of one image
  double scale() const { return 1 / std::sqrt(static_cast<double>(width)); }
  std::vector<std::int64_t> apart() const { return {images * heads, length, width}; }
};

enum Part : std::int64_t { queries, keys, values };

/// The queries, keys or values of one image in a tensor of all three.
Values part_of_image(const Tensor& all, const Heads& h, Part part, std::int64_t image) {
  return values_in(all).from((part * h.images + image) * h.part());
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static Variable forward(AutogradContext* context, const Variable& qkv, const Variable& bias,
                          std::int64_t heads) {
    const std::int64_t d = qkv.size(2) / 3;
    const Heads h{qkv.size(0), qkv.size(1), heads, d / heads};
    const Tensor parts = torch::empty({3, h.images * heads, h.length, h.width}, qkv.options());
    for_chunks(h.images, [&](std::int64_t, std::int64_t begin, std::int64_t count) {
      for (std::int64_t image = begin; image < begin + count; ++image)
        for (const Part part : {queries, keys, values})
          split_heads({h.length, heads, h.width, 3 * d,
                       values_in(qkv).from(image * 3 * h.part() + part * d),
                       part_of_image(parts, h, part, image), numbers(bias, part * d),
                       part == queries ? static_cast<float>(h.scale()) : 1.0f});
    });
    const Tensor shares = torch::bmm(parts[queries], parts[keys].transpose(1, 2));
    for_chunks(h.images * heads * h.length,
               [&](std::int64_t, std::int64_t begin, std::int64_t count) {
                 softmax_rows(values_in(shares).from(begin * h.length), count, h.length);
               });
    const Tensor out = joined(torch::bmm(shares, parts[values]), h);
    context->save_for_backward({parts, shares});
    context->saved_data["heads"] = heads;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &parts = saved[0], &shares = saved[1];
    const std::int64_t heads = context->saved_data["heads"].toInt();
    const Heads h{parts.size(1) / heads, parts.size(2), heads, parts.size(3)};
    const Tensor given = split(gradients[0].to(parts.scalar_type()).contiguous(), h);
    const Tensor of_parts = torch::empty_like(parts);
    Tensor of_queries = of_parts[queries], of_keys = of_parts[keys], of_values = of_parts[values];
    at::bmm_out(of_values, shares.transpose(1, 2), given);
    const Tensor of_scores = torch::bmm(given, parts[values].transpose(1, 2));
    for_chunks(shares.numel() / h.length,
               [&](std::int64_t, std::int64_t begin, std::int64_t count) {
                 const std::int64_t at = begin * h.length;
                 softmax_gradient_rows(values_in(shares).from(at), values_in(of_scores).from(at),
                                       count, h.length);
               });
    at::bmm_out(of_queries, of_scores, parts[keys]);
    at::bmm_out(of_keys, of_scores.transpose(1, 2), parts[queries]);
    return gathered(of_parts, h);
  }

 private:
  /// [N * heads, L, width] to [N, L, D].
  static Tensor joined(const Tensor& apart, const Heads& h) {
    const Tensor out = torch::empty({h.images, h.length, h.dimensions()}, apart.options());
    for_chunks(h.images, [&](std::int64_t, std::int64_t begin, std::int64_t count) {
      for (std::int64_t image = begin; image < begin + count; ++image)
        join_heads(
            {h.length, h.heads, h.width, h.dimensions(), values_in(out).from(image * h.part()),
             values_in(apart).from(image * h.part()), nullptr, 1},
            nullptr);
    });
    return out;
  }

  /// And back.
  static Tensor split(const Tensor& together, const Heads& h) {
    const Tensor out = torch::empty(h.apart(), together.options());
    for_chunks(h.images, [&](std::int64_t, std::int64_t begin, std::int64_t count) {
      for (std::int64_t image = begin; image < begin + count; ++image)
        split_heads({h.length, h.heads, h.width, h.dimensions(),
                     values_in(together).from(image * h.part()),
                     values_in(out).from(image * h.part()), nullptr, 1});
    });
    return out;
  }

  /// Gradients of queries, keys and values as those of qkv and of its bias.
  static variable_list gathered(const Tensor& of_parts, const Heads& h) {
    const std::int64_t d = h.dimensions();
    const Tensor of_qkv = torch::empty({h.images, h.length, 3 * d}, of_parts.options());
    ColumnSums of_bias(3 * d);
    for_chunks(h.images, [&](std::int64_t chunk, std::int64_t begin, std::int64_t count) {
      for (std::int64_t image = begin; image < begin + count; ++image)
        for (const Part part : {queries, keys, values})
          join_heads({h.length, h.heads, h.width, 3 * d,
                      values_in(of_qkv).from(image * 3 * h.part() + part * d),
                      part_of_image(of_parts, h, part, image), nullptr,
                      part == queries ? static_cast<float>(h.scale()) : 1.0f},
                     of_bias.of(chunk) + part * d);
    });
    return {of_qkv, of_bias.total(), {}};
  }
};

/// Whether the loops of this room can take it.
bool is_ours(const Tensor& x) {
  return x.device().is_cpu() && x.numel() > 0 &&
         (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16);
}

Tensor added_up(const Tokens& tokens) {
  return tokens.branch.defined() ? tokens.x + tokens.branch + tokens.bias : tokens.x;
}

}  // namespace

NormedTokens add_and_norm(const Tokens& tokens, torch::nn::LayerNorm& norm,
                          std::optional<at::ScalarType> type) {
  if (!is_ours(tokens.x) || tokens.x.scalar_type() != torch::kFloat) {
    const Tensor sum = added_up(tokens);
    return {sum, norm(sum)};
  }
  const bool added = tokens.branch.defined();
  const Tensor nothing = torch::empty({0});
  const variable_list out =
      AddNorm::apply(tokens.x.contiguous(), added ? tokens.branch.contiguous() : nothing,
                     added ? tokens.bias : nothing, norm->weight, norm->bias, norm->options.eps(),
                     type.value_or(network_type()));
  return {added ? out[1] : tokens.x, out[0]};
}

Tensor gelu_with_bias(const Tensor& x, const Tensor& bias) {
  if (!is_ours(x)) return torch::gelu(x + bias.to(x.scalar_type()));
  const bool learns = torch::GradMode::is_enabled() && (x.requires_grad() || bias.requires_grad());
  return GeluWithBias::apply(x.contiguous(), bias, learns);
}

Tensor attention(const Tensor& qkv, const Tensor& bias, std::int64_t heads) {
  if (is_ours(qkv)) return Attention::apply(qkv.contiguous(), bias, heads);
  const auto n = qkv.size(0), length = qkv.size(1), d = qkv.size(2) / 3;
  const Tensor parts = (qkv + bias.to(qkv.scalar_type()))
                           .reshape({n, length, 3, heads, d / heads})
                           .permute({2, 0, 3, 1, 4});
#if TORCH_VERSION_MAJOR >= 2
  const Tensor mixed = at::scaled_dot_product_attention(parts[queries], parts[keys], parts[values]);
#else
  const Tensor q = parts[queries] / std::sqrt(static_cast<double>(d / heads));
  const Tensor shares = torch::softmax(torch::matmul(q, parts[keys].transpose(-2, -1)), -1);
  const Tensor mixed = torch::matmul(shares, parts[values]);
#endif
  return mixed.transpose(1, 2).reshape({n, length, d});
}

}  // namespace selfsight
