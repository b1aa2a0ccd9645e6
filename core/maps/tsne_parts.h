// The pieces of t-SNE (van der Maaten and Hinton 2008), each of which can be checked by itself.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/control.h"
#include "core/maps/maps.h"

namespace selfsight {

/// So few rows are done by one thread: a step takes less time than threads take to meet, above all
/// while a training keeps the cores busy.
inline constexpr std::int64_t few_rows = 3000;

/// A symmetric sparse matrix of probabilities: row i owns entries [starts[i], starts[i + 1]).
struct Affinities {
  std::int64_t rows = 0;
  std::vector<std::int64_t> starts;
  std::vector<std::int32_t> columns;
  std::vector<double> values;
};

/// Fills p with exp(-beta * squared_distance), normalised to sum 1, with the beta at which its
/// entropy is log(perplexity), found to machine precision. Returns beta; where so many distances
/// are equal that no beta reaches the entropy, the largest one tried.
double conditional_probabilities(std::span<const double> squared_distances, double perplexity,
                                 std::span<double> p);

/// The k nearest other rows of each row by Euclidean distance, exactly: [rows][k], nearest first.
/// `rows` should be centred. Throws Cancelled.
std::vector<std::int32_t> nearest_rows(const Matrix& rows, std::int64_t k, const Control& control);

/// (P + P^T) / (2N) over the k nearest rows of each; k = rows - 1 is exact. Throws Cancelled.
Affinities joint_probabilities(const Matrix& rows, double perplexity, std::int64_t k,
                               const Control& control);

/// Layouts are flat: x0, y0, x1, y1, …
using Layout = std::vector<double>;

/// What pushes the points apart: sum over j of q_ij^2 (y_i - y_j) with q = 1 / (1 + d^2), and the
/// sum of all q_ij, i != j.
struct Repulsion {
  Layout force;
  double total = 0;
};

/// All pairs, in double precision.
void repulsion_exact(const Layout& y, Repulsion& out);

/// Far cells count as one point when wider than theta * distance nowhere (Barnes-Hut, van der
/// Maaten 2014). Single precision inside. Sixteen neighbouring points walk the tree together and
/// open a cell if any of them must, so it errs less than a walk for each point.
void repulsion_barnes_hut(const Layout& y, double theta, Repulsion& out);

/// The gradient of the Kullback-Leibler divergence, with P multiplied by `exaggeration`.
/// theta 0 is exact.
void gradient(const Affinities& p, const Layout& y, double exaggeration, double theta, Layout& out);

/// Exact for the P given: q over all pairs.
double kl_divergence(const Affinities& p, const Layout& y);

/// Gradient descent with momentum and a gain for each coordinate (Jacobs 1988), as scikit-learn
/// and the first author's code have it.
class Descent {
 public:
  explicit Descent(std::size_t size) : update_(size, 0.0), gain_(size, 1.0) {}
  void step(const Layout& gradient, double learning_rate, double momentum, Layout& y);

 private:
  Layout update_, gain_;
};

}  // namespace selfsight
