#include "core/probes/health.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/base/error.h"
#include "core/base/index.h"

namespace selfsight {
namespace {

torch::Tensor tensor(const Table& table) {
  return torch::from_blob(const_cast<double*>(table.values.data()), {table.rows, table.columns},
                          torch::kFloat64);
}

std::vector<double> values_of(const torch::Tensor& given) {
  const auto whole = given.to(torch::kFloat64).contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

torch::Tensor normalised(const Table& table) {
  const auto x = tensor(table);
  return x / x.norm(2, 1, true).clamp_min(1e-12);
}

/// Columns of mean 0 and length 1; constant ones of length 0.
torch::Tensor standardised(const Table& table) {
  const auto x = tensor(table);
  const auto centred = x - x.mean(0, true);
  const auto length = centred.norm(2, 0, true);
  const auto least = 1e-12 * x.norm(2, 0, true).clamp_min(1e-300);
  return torch::where(length > least, centred / length.clamp_min(1e-300),
                      torch::zeros_like(centred));
}

/// Weighted least squares of values on -log(rank) and 1: slope and intercept.
std::pair<double, double> line(std::span<const double> logs, std::int64_t from, bool weighted) {
  double w = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const double rank = static_cast<double>(from) + static_cast<double>(i) + 1;
    const double weight = weighted ? 1 / rank : 1, at_x = -std::log(rank);
    w += weight;
    x += weight * at_x;
    y += weight * logs[i];
    xx += weight * at_x * at_x;
    xy += weight * at_x * logs[i];
  }
  const double slope = (w * xy - x * y) / (w * xx - x * x);
  return {slope, (y - slope * x) / w};
}

/// 1 - residual / total, of the logs with zero-based index in [first, last).
std::optional<double> explained(std::span<const double> logs, std::int64_t first, std::int64_t last,
                                double alpha, double log_scale) {
  if (last - first < 2) return std::nullopt;
  const auto part = logs.subspan(at(first), at(last - first));
  const double mean =
      std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
  double residual = 0, total = 0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const double rank = static_cast<double>(first) + static_cast<double>(i) + 1;
    residual += std::pow(part[i] - (log_scale - alpha * std::log(rank)), 2);
    total += std::pow(part[i] - mean, 2);
  }
  return total > 0 ? 1 - residual / total : 0;
}

}  // namespace

Table table_of(const Features& features) {
  return {features.rows, features.columns, {features.values.begin(), features.values.end()}};
}

std::vector<double> singular_values(const Table& table, bool centred) {
  auto x = tensor(table);
  if (centred) x = x - x.mean(0, true);
  return values_of(torch::linalg_svdvals(x));
}

std::vector<double> variance_parts(std::span<const double> singular_values) {
  std::vector<double> out;
  double sum = 0;
  for (const double s : singular_values) sum += s * s;
  for (const double s : singular_values) out.push_back(sum > 0 ? s * s / sum : 0);
  return out;
}

double entropy_rank(std::span<const double> weights, double epsilon) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0)) return 0;
  double entropy = 0;
  for (const double weight : weights) {
    const double p = weight / sum + epsilon;
    if (p > 0) entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

double participation_ratio(std::span<const double> variances) {
  double sum = 0, squares = 0;
  for (const double value : variances) sum += value, squares += value * value;
  return squares > 0 ? sum * sum / squares : 0;
}

std::optional<PowerLaw> power_law(std::span<const double> variances, std::int64_t from,
                                  std::int64_t to) {
  std::vector<double> logs;
  for (const double value : variances) {
    if (!(value > 0)) break;
    logs.push_back(std::log(value));
  }
  const auto size = static_cast<std::int64_t>(logs.size());
  to = std::min(to, size);
  if (from < 0 || to - from < 2) return std::nullopt;
  const auto fitted = std::span<const double>(logs).subspan(at(from), at(to - from));
  PowerLaw out;
  std::tie(out.alpha, out.log_scale) = line(fitted, from, true);
  out.alpha_unweighted = line(fitted, from, false).first;
  out.ranks = to - from;
  const std::int64_t last = size >= 512 ? 500 : size - 10;
  out.r2 = explained(logs, from + 1, last, out.alpha, out.log_scale);
  return out;
}

Lidar lidar(const Table& table, std::int64_t per_image, double delta, double epsilon) {
  if (per_image < 2 || table.rows / per_image < 2)
    throw InputError("LiDAR needs at least two images, and two views of each.");
  const std::int64_t images = table.rows / per_image;
  const auto x =
      tensor(table).narrow(0, 0, images * per_image).view({images, per_image, table.columns});
  const auto means = x.mean(1), between = means - means.mean(0, true);
  const auto within = (x - means.unsqueeze(1)).reshape({-1, table.columns});
  const auto scatter = between.t().mm(between) / static_cast<double>(images - 1);
  const auto noise = within.t().mm(within) / static_cast<double>(images * (per_image - 1)) +
                     delta * torch::eye(table.columns, torch::kFloat64);
  const auto [values, vectors] = torch::linalg_eigh(noise);
  const auto whitener = (vectors / values.sqrt()).mm(vectors.t());
  const auto ratios = torch::linalg_eigvalsh(whitener.mm(scatter).mm(whitener)).clamp_min(0);
  const auto p = (ratios + epsilon) / (ratios + epsilon).sum();
  const double entropy = -(p * p.log()).sum().item<double>();
  return {std::exp(entropy), entropy, ratios.max().item<double>()};
}

double alignment(const Table& a, const Table& b, double power) {
  if (a.rows != b.rows || a.columns != b.columns || a.rows < 1)
    throw InputError("Alignment needs two tables of the same size.");
  return (normalised(a) - normalised(b)).norm(2, 1).pow(power).mean().item<double>();
}

double uniformity(const Table& table, double t) {
  if (table.rows < 2) throw InputError("Uniformity needs at least two rows.");
  const auto x = normalised(table);
  const auto lengths = (x * x).sum(1);
  constexpr std::int64_t block = 512;
  double sum = 0;
  for (std::int64_t first = 0; first < table.rows; first += block) {
    const std::int64_t count = std::min(block, table.rows - first);
    const auto own = x.narrow(0, first, count);
    const auto squares =
        (lengths.narrow(0, first, count).unsqueeze(1) + lengths.unsqueeze(0) - 2 * own.mm(x.t()))
            .clamp_min(0);
    sum += (-t * squares).exp().sum().item<double>();
    // Less each row with itself.
    for (std::int64_t i = 0; i < count; ++i)
      sum -= std::exp(-t * squares[i][first + i].item<double>());
  }
  const auto rows = static_cast<double>(table.rows);
  return std::log(sum / (rows * (rows - 1)));
}

Spread spread(const Table& table) {
  if (table.rows < 2) throw InputError("The spread of features needs at least two rows.");
  const auto x = normalised(table);
  return {x.std(0, true).mean().item<double>(), x.std(0, false).mean().item<double>(),
          tensor(table).std(0, true).mean().item<double>()};
}

std::vector<float> cross_correlation(const Table& a, const Table& b) {
  if (a.rows != b.rows || a.rows < 2)
    throw InputError("A correlation needs two tables of as many rows, and at least two.");
  const auto c =
      standardised(a).t().mm(standardised(b)).clamp(-1, 1).to(torch::kFloat32).contiguous();
  return {c.data_ptr<float>(), c.data_ptr<float>() + c.numel()};
}

}  // namespace selfsight
