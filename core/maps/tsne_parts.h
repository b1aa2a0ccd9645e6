// The pieces of t-SNE (van der Maaten and Hinton 2008), each of which can be checked by itself.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
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

/// The potential of all points on a table of nodes, by Fourier transforms, and cubic B-splines
/// between them and the points: time grows with the width of the layout and hardly with the points.
/// As FIt-SNE (Linderman et al. 2019), but the forces are the slopes of one interpolated potential,
/// which takes two transforms where that takes seven. Single precision inside.
class InterpolatedRepulsion {
 public:
  /// A side of the table has at most so many nodes, coarser ones in a layout that flies apart:
  /// 4096 take 0.7 GB.
  explicit InterpolatedRepulsion(std::int64_t most_nodes = 4096);
  ~InterpolatedRepulsion();
  void operator()(const Layout& y, Repulsion& out);

 private:
  struct Grid;
  void prepare(const Layout& y);

  std::unique_ptr<Grid> grid_;
  std::int64_t most_nodes_;
  std::array<double, 2> low_{};
};

/// The gradient of the Kullback-Leibler divergence, with P multiplied by `exaggeration`.
/// theta 0 is exact; otherwise by Barnes-Hut.
void gradient(const Affinities& p, const Layout& y, double exaggeration, double theta, Layout& out);

/// The same for one layout after another, with what they share kept. Of the two approximations
/// the one that is faster for so many points, unless the options name one; then also the
/// attraction is summed in single precision.
class Gradient {
 public:
  Gradient(const Affinities& p, const TsneOptions& options);
  void operator()(const Layout& y, double exaggeration, Layout& out);

 private:
  void attract(const Layout& y, double exaggeration, Layout& out);

  const Affinities& p_;
  double theta_;
  std::unique_ptr<InterpolatedRepulsion> interpolation_;
  Repulsion repulsion_;
  std::vector<float> values_, x_, y_;
};

/// Exact for the P given: q over all pairs.
double kl_divergence(const Affinities& p, const Layout& y);

/// Gradient descent with momentum and a gain for each coordinate (Jacobs 1988), as scikit-learn
/// and the first author's code have it.
class Descent {
 public:
  explicit Descent(std::size_t size) : update_(size, 0.0), gain_(size, 1.0) {}
  Descent(Layout update, Layout gain) : update_(std::move(update)), gain_(std::move(gain)) {}
  void step(const Layout& gradient, double learning_rate, double momentum, Layout& y);
  const Layout& update() const { return update_; }
  const Layout& gain() const { return gain_; }

 private:
  Layout update_, gain_;
};

/// Throws InputError if tsne() could not lay these out.
void check_rows(const Matrix& rows, const TsneOptions& options);

/// What tsne() takes neighbours of: the leading principal components.
Matrix principal_rows(const Matrix& rows, const TsneOptions& options);
Affinities affinities_of(const Matrix& principal, const TsneOptions& options,
                         const Control& control);

/// Two principal components, the first with standard deviation 1e-4 (Kobak and Berens 2019), and
/// a hundredth of that as noise, which parts equal rows.
Layout first_layout(const Matrix& principal, std::int64_t seed);

/// Adds to the gradient at a layout.
using Pulling = std::function<void(const Layout& y, Layout& gradient)>;

/// Gradient descent from `state` to the last iteration. Throws Cancelled with `state` at the
/// iteration that was reached.
TsneResult descend(const Affinities& p, const TsneOptions& options, TsneState& state,
                   Control& control, const PartialLayout& partial = {},
                   const Pulling& pulling = {});

}  // namespace selfsight
