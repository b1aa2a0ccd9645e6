#include "core/nets/norm_relu.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/nets/chunks.h"
#include "core/nets/norm_kernels.h"
#include "core/nets/precision.h"

namespace selfsight {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr auto channels_last = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t least_width = 64;

/// [N, C, H, W] with the channel last is a matrix of N * H * W rows. Short rows are read several at
/// a time.
struct Layout {
  std::int64_t channels = 0, rows = 0, together = 1;

  explicit Layout(const torch::Tensor& x) : channels(x.size(1)), rows(x.numel() / x.size(1)) {
    while (together * channels < least_width && rows % (2 * together) == 0) together *= 2;
  }
  std::int64_t width() const { return channels * together; }
  std::int64_t lines() const { return rows / together; }

  /// Calls work(chunk, first line, end line) for every chunk, in parallel.
  template <class Work>
  void for_each_chunk(Work&& work) const {
    for_chunks(lines(), [&](std::int64_t chunk, std::int64_t first, std::int64_t count) {
      work(chunk, first, first + count);
    });
  }

  /// One value per channel, repeated for the rows that are read together.
  std::vector<float> repeated(const std::vector<double>& values) const {
    std::vector<float> out;
    for (std::int64_t i = 0; i < together; ++i) out.insert(out.end(), values.begin(), values.end());
    return out;
  }

  /// The sums of all chunks, [2][width] each, as [2][channels].
  std::vector<double> folded(const std::vector<double>& parts) const {
    const std::int64_t wide = width();
    std::vector<double> out(static_cast<std::size_t>(2 * channels));
    for (std::int64_t i = 0; i < chunks * 2 * wide; ++i)
      out[static_cast<std::size_t>(i / wide % 2 * channels + i % wide % channels)] +=
          parts[static_cast<std::size_t>(i)];
    return out;
  }
};

std::vector<double> values_of(const torch::Tensor& tensor) {
  const torch::Tensor wide = tensor.detach().to(torch::kFloat64).contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

struct Moments {
  std::vector<double> mean, variance;  // biased
};

Moments moments_of(const torch::Tensor& x, const Layout& layout) {
  const Values data = values_in(x);
  const std::int64_t width = layout.width();
  // Sums of differences from the first row: a mean far from zero would eat the digits.
  std::vector<float> first(static_cast<std::size_t>(width));
  for (std::int64_t i = 0; i < layout.together; ++i)
    widen(data, layout.channels, first.data() + i * layout.channels);
  std::vector<double> parts(static_cast<std::size_t>(chunks * 2 * width));
  layout.for_each_chunk([&](std::int64_t chunk, std::int64_t begin, std::int64_t end) {
    add_moments(data.from(begin * width), end - begin, width, first.data(),
                parts.data() + chunk * 2 * width);
  });
  const std::vector<double> sums = layout.folded(parts);
  const auto rows = static_cast<double>(layout.rows);
  Moments out;
  for (std::int64_t c = 0; c < layout.channels; ++c) {
    const double away = sums[static_cast<std::size_t>(c)] / rows;
    const double square = sums[static_cast<std::size_t>(layout.channels + c)] / rows;
    out.mean.push_back(static_cast<double>(first[static_cast<std::size_t>(c)]) + away);
    out.variance.push_back(std::max(0.0, square - away * away));
  }
  return out;
}

void keep(torch::nn::BatchNorm2d& norm, const Moments& moments, const Layout& layout) {
  const torch::NoGradGuard no_grad;
  norm->num_batches_tracked += 1;
  const double momentum = norm->options.momentum().value_or(
      1.0 / static_cast<double>(norm->num_batches_tracked.item<std::int64_t>()));
  const auto rows = static_cast<double>(layout.rows);
  const double unbiased = rows > 1 ? rows / (rows - 1) : 1;
  float *mean = norm->running_mean.data_ptr<float>(), *var = norm->running_var.data_ptr<float>();
  for (std::size_t c = 0; c < moments.mean.size(); ++c) {
    mean[c] = static_cast<float>((1 - momentum) * mean[c] + momentum * moments.mean[c]);
    var[c] =
        static_cast<float>((1 - momentum) * var[c] + momentum * moments.variance[c] * unbiased);
  }
}

/// `shortcut` has no values where there is none: what is undefined cannot be an argument here.
class NormRelu : public torch::autograd::Function<NormRelu> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const Variable& bias, const Variable& shortcut, const Variable& mean,
                          const Variable& inverse, bool relu) {
    const Layout layout(x);
    const std::vector<double> means = values_of(mean), inverses = values_of(inverse),
                              weights = values_of(weight), biases = values_of(bias);
    std::vector<double> scale, shift;
    for (std::size_t c = 0; c < means.size(); ++c) {
      scale.push_back(weights[c] * inverses[c]);
      shift.push_back(biases[c] - means[c] * scale[c]);
    }
    const std::vector<float> scales = layout.repeated(scale), shifts = layout.repeated(shift);
    const torch::Tensor y = torch::empty_like(x, x.options(), channels_last);
    const bool has_shortcut = shortcut.numel() > 0;
    const Values from = values_in(x), added = values_in(shortcut), to = values_in(y);
    const std::int64_t width = layout.width();
    layout.for_each_chunk([&](std::int64_t, std::int64_t begin, std::int64_t end) {
      const std::int64_t at = begin * width;
      apply_norm(from.from(at), added ? added.from(at) : added, end - begin, width, scales.data(),
                 shifts.data(), relu, to.from(at));
    });
    context->save_for_backward({x, relu ? y : torch::Tensor(), weight, mean, inverse});
    context->saved_data["relu"] = relu;
    context->saved_data["shortcut"] = has_shortcut;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &x = saved[0], &y = saved[1];
    const bool relu = context->saved_data["relu"].toBool();
    const bool added = context->saved_data["shortcut"].toBool();
    const torch::Tensor given = gradients[0].contiguous(channels_last);
    const Layout layout(x);
    const std::int64_t width = layout.width();
    const std::vector<double> weights = values_of(saved[2]), means = values_of(saved[3]),
                              inverses = values_of(saved[4]);
    // Behind the ReLU; the shortcut's gradient is just this.
    const torch::Tensor inside = relu ? torch::empty_like(x, x.options(), channels_last) : given;
    const std::vector<float> middle = layout.repeated(means);
    std::vector<double> parts(static_cast<std::size_t>(chunks * 2 * width));
    layout.for_each_chunk([&](std::int64_t chunk, std::int64_t begin, std::int64_t end) {
      const std::int64_t at = begin * width;
      add_gradient_sums(values_in(given).from(at), relu ? values_in(y).from(at) : Values(),
                        values_in(x).from(at), end - begin, width, middle.data(),
                        values_in(inside).from(at), parts.data() + chunk * 2 * width);
    });
    const std::vector<double> sums = layout.folded(parts);
    const auto channels = static_cast<std::size_t>(layout.channels);
    const auto rows = static_cast<double>(layout.rows);
    // dx = a (g - mean(g) - xhat mean(g xhat)) with a = weight / deviation: a g + b x + c.
    std::vector<double> a, b, c;
    torch::Tensor of_weight = torch::empty_like(saved[2]), of_bias = torch::empty_like(saved[2]);
    for (std::size_t i = 0; i < channels; ++i) {
      const double of_xhat = sums[channels + i] * inverses[i];
      of_weight.data_ptr<float>()[i] = static_cast<float>(of_xhat);
      of_bias.data_ptr<float>()[i] = static_cast<float>(sums[i]);
      a.push_back(weights[i] * inverses[i]);
      b.push_back(-a[i] * inverses[i] * of_xhat / rows);
      c.push_back(-a[i] * sums[i] / rows - b[i] * means[i]);
    }
    const std::vector<float> as = layout.repeated(a), bs = layout.repeated(b),
                             cs = layout.repeated(c);
    // The ReLU's own memory is used again, unless the shortcut takes it.
    const torch::Tensor of_x =
        relu && !added ? inside : torch::empty_like(x, x.options(), channels_last);
    layout.for_each_chunk([&](std::int64_t, std::int64_t begin, std::int64_t end) {
      const std::int64_t at = begin * width;
      combine(values_in(inside).from(at), values_in(x).from(at), end - begin, width, as.data(),
              bs.data(), cs.data(), values_in(of_x).from(at));
    });
    return {of_x, of_weight, of_bias, added ? inside : torch::Tensor(), {}, {}, {}};
  }
};

bool fusible(const torch::nn::BatchNorm2d& norm, const torch::Tensor& x) {
  return norm->is_training() && norm->weight.defined() && norm->running_mean.defined() &&
         x.device().is_cpu() &&
         (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16) &&
         norm->weight.scalar_type() == torch::kFloat && x.dim() == 4 && x.numel() > 0 &&
         x.is_contiguous(channels_last);
}

torch::Tensor column(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}

}  // namespace

torch::Tensor norm_relu(torch::nn::BatchNorm2d& norm, const torch::Tensor& x,
                        const NormTail& tail) {
  if (!fusible(norm, x)) {
    const torch::Tensor y = tail.shortcut.defined() ? norm(x) + tail.shortcut : norm(x);
    return tail.relu ? torch::relu(y) : y;
  }
  const Layout layout(x);
  const Moments moments = moments_of(x, layout);
  keep(norm, moments, layout);
  std::vector<double> inverse;
  for (const double variance : moments.variance)
    inverse.push_back(1 / std::sqrt(variance + norm->options.eps()));
  const torch::Tensor shortcut = tail.shortcut.defined()
                                     ? tail.shortcut.to(x.scalar_type()).contiguous(channels_last)
                                     : torch::empty({0});
  return NormRelu::apply(x, norm->weight, norm->bias, shortcut, column(moments.mean),
                         column(inverse), tail.relu);
}

}  // namespace selfsight
