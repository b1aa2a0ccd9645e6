#include "core/probes/leading.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/base/random.h"
#include "core/probes/classification.h"
#include "core/training/device.h"

namespace selfsight {
namespace {

constexpr std::int64_t kMeasuredRows = 10000;
constexpr std::int64_t kRowsAtOnce = 4096;

torch::Tensor rows_of(const Features& table) {
  return torch::from_blob(const_cast<float*>(table.values.data()), {table.rows, table.columns},
                          torch::kFloat);
}

std::vector<float> floats_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.to(torch::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// The largest eigenvalues of a symmetric matrix, falling, and their vectors as columns, by
/// subspace iteration (Halko et al. 2011): decomposing all of 3,072 columns takes a minute.
std::pair<torch::Tensor, torch::Tensor> leading(const torch::Tensor& square, std::int64_t count,
                                                const Control& control) {
  constexpr int rounds = 12;
  constexpr std::int64_t spare = 32;
  const std::int64_t columns = square.size(0), width = std::min(columns, count + spare);
  Random random{static_cast<std::uint64_t>(Stream::sampling)};
  std::vector<double> first(static_cast<std::size_t>(columns * width));
  for (double& value : first) value = random.normal();
  torch::Tensor basis = torch::tensor(first, torch::kDouble).view({columns, width});
  for (int round = 0; round < rounds; ++round) {
    control.check();
    basis = std::get<0>(torch::linalg_qr(square.mm(basis)));
  }
  const auto [values, vectors] = torch::linalg_eigh(basis.t().mm(square).mm(basis));  // rising
  return {values.flip(0).slice(0, 0, count), basis.mm(vectors.flip(1).slice(1, 0, count))};
}

}  // namespace

LeadingAxes::LeadingAxes(const Features& rows, std::int64_t count, const Control& control)
    : columns_(rows.columns), count_(std::min(count, rows.columns)) {
  check_finite(rows);
  in_plain_words([&] {
    use_threads(0);
    const std::int64_t step = std::max<std::int64_t>(1, rows.rows / kMeasuredRows);
    torch::Tensor some = rows_of(rows).slice(0, 0, c10::nullopt, step).clone();
    const torch::Tensor mean = some.mean(0);
    torch::Tensor deviation = some.std(0, /*unbiased=*/false);
    deviation.masked_fill_(deviation < 1e-10, 1);  // always the same: it tells nothing
    some.sub_(mean).div_(deviation);
    control.check();
    const torch::Tensor square = some.t().mm(some).to(torch::kDouble);
    const auto [variances, axes] = leading(square, count_, control);
    mean_ = floats_of(mean);
    axes_ = floats_of(axes.t() / deviation);
    const double all = square.trace().item<double>();
    if (all > 0) kept_ = variances.sum().item<double>() / all;
  });
}

Features LeadingAxes::operator()(const Features& table) const {
  Features out{table.rows, count_, {}, table.ids, table.labels};
  out.values.reserve(static_cast<std::size_t>(table.rows * count_));
  in_plain_words([&] {
    const torch::Tensor mean = torch::tensor(mean_);
    const torch::Tensor axes = torch::tensor(axes_).view({count_, columns_}).t();
    const torch::Tensor rows = rows_of(table);
    for (std::int64_t begin = 0; begin < table.rows; begin += kRowsAtOnce) {
      const auto part = floats_of((rows.slice(0, begin, begin + kRowsAtOnce) - mean).mm(axes));
      out.values.insert(out.values.end(), part.begin(), part.end());
    }
  });
  return out;
}

}  // namespace selfsight
