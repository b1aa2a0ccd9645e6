#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/base/clones.h"
#include "core/base/index.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// Points that walk the tree together: one register of the widest processors.
constexpr int lanes = 16;
/// A cell of at most so many points is not divided; its points are met one by one.
constexpr std::int32_t leaf_size = 8;
/// Bits of each coordinate in the order along the Z-shaped curve.
constexpr int levels = 20;

/// A cell of the tree, and where the walk goes on when its inside is skipped.
struct Cell {
  float x = 0, y = 0;  // mean of its points
  float width_squared = 0;
  float count = 0;
  std::int32_t begin = 0, end = 0;  // its points, in the order of the curve
  std::int32_t skip = 0;            // the next cell that is not inside
  bool leaf = false;
};

struct Tree {
  std::vector<Cell> cells;          // depth first
  std::vector<std::int32_t> order;  // the points along the curve
  std::vector<float> x, y;          // in this order, padded to whole groups
};

std::uint64_t spread_bits(std::uint64_t v) {
  v = (v | (v << 16)) & 0x0000FFFF0000FFFFULL;
  v = (v | (v << 8)) & 0x00FF00FF00FF00FFULL;
  v = (v | (v << 4)) & 0x0F0F0F0F0F0F0F0FULL;
  v = (v | (v << 2)) & 0x3333333333333333ULL;
  return (v | (v << 1)) & 0x5555555555555555ULL;
}

/// Cells for the points [begin, end) of a square at this level, and in it.
class TreeMaker {
 public:
  TreeMaker(Tree& tree, const std::vector<std::uint64_t>& codes, double width)
      : tree_(tree), codes_(codes), width_(width) {}

  void add(std::int32_t begin, std::int32_t end, int level) {
    const std::size_t own = tree_.cells.size();
    tree_.cells.push_back(summary(begin, end, level));
    if (!tree_.cells[own].leaf) {
      std::int32_t first = begin;
      const int shift = 2 * (levels - 1 - level);
      while (first < end) {
        const std::uint64_t quadrant = codes_[at(first)] >> shift;
        const auto next = static_cast<std::int32_t>(
            std::partition_point(codes_.begin() + first, codes_.begin() + end,
                                 [&](std::uint64_t code) { return code >> shift == quadrant; }) -
            codes_.begin());
        add(first, next, level + 1);
        first = next;
      }
    }
    tree_.cells[own].skip = static_cast<std::int32_t>(tree_.cells.size());
  }

 private:
  Cell summary(std::int32_t begin, std::int32_t end, int level) const {
    double x = 0, y = 0;
    for (std::int32_t i = begin; i < end; ++i) x += tree_.x[at(i)], y += tree_.y[at(i)];
    const double count = end - begin, width = std::ldexp(width_, -level);
    return {static_cast<float>(x / count),
            static_cast<float>(y / count),
            static_cast<float>(width * width),
            static_cast<float>(count),
            begin,
            end,
            0,
            end - begin <= leaf_size || level == levels};
  }

  Tree& tree_;
  const std::vector<std::uint64_t>& codes_;
  double width_;
};

Tree make_tree(const Layout& layout) {
  const auto n = static_cast<std::int32_t>(layout.size() / 2);
  double low[2] = {layout[0], layout[1]}, high[2] = {layout[0], layout[1]};
  for (std::size_t i = 0; i < layout.size(); ++i) {
    low[i % 2] = std::min(low[i % 2], layout[i]);
    high[i % 2] = std::max(high[i % 2], layout[i]);
  }
  const double width = std::max({high[0] - low[0], high[1] - low[1], 1e-300});
  const double scale = ((1 << levels) - 1) / width;
  std::vector<std::pair<std::uint64_t, std::int32_t>> sorted(at(n));
  for (std::int32_t i = 0; i < n; ++i) {
    const auto column = static_cast<std::uint64_t>((layout[2 * at(i)] - low[0]) * scale);
    const auto row = static_cast<std::uint64_t>((layout[2 * at(i) + 1] - low[1]) * scale);
    sorted[at(i)] = {spread_bits(column) | spread_bits(row) << 1, i};
  }
  std::sort(sorted.begin(), sorted.end());
  Tree tree;
  const std::size_t padded = (at(n) + lanes - 1) / lanes * lanes;
  std::vector<std::uint64_t> codes;
  for (const auto& [code, point] : sorted) {
    codes.push_back(code);
    tree.order.push_back(point);
    // Relative to the corner, so that single precision keeps near points apart.
    tree.x.push_back(static_cast<float>(layout[2 * at(point)] - low[0]));
    tree.y.push_back(static_cast<float>(layout[2 * at(point) + 1] - low[1]));
  }
  tree.x.resize(padded, tree.x.back());
  tree.y.resize(padded, tree.y.back());
  TreeMaker(tree, codes, width).add(0, n, 0);
  return tree;
}

struct Group {
  std::array<float, lanes> x, y, force_x, force_y, total;
};

/// Adds what `count` points at (x, y) do to each point of the group.
inline void meet(Group& g, float x, float y, float count) {
  for (int i = 0; i < lanes; ++i) {
    const float dx = g.x[i] - x, dy = g.y[i] - y;
    const float q = 1.0f / (1.0f + dx * dx + dy * dy);
    const float pull = count * q;
    g.total[i] += pull;
    g.force_x[i] += pull * q * dx;
    g.force_y[i] += pull * q * dy;
  }
}

SELFSIGHT_CLONES void walk(const Tree& tree, std::int32_t first, float theta_squared, Group& g) {
  const auto [left, right] = std::minmax_element(g.x.begin(), g.x.end());
  const auto [top, bottom] = std::minmax_element(g.y.begin(), g.y.end());
  const float x0 = *left, x1 = *right, y0 = *top, y1 = *bottom;
  const auto cells = static_cast<std::int32_t>(tree.cells.size());
  for (std::int32_t c = 0; c < cells;) {
    const Cell& cell = tree.cells[static_cast<std::size_t>(c)];
    const float dx = std::max({x0 - cell.x, cell.x - x1, 0.0f});
    const float dy = std::max({y0 - cell.y, cell.y - y1, 0.0f});
    const bool far = cell.width_squared < theta_squared * (dx * dx + dy * dy);
    const bool apart = cell.end <= first || cell.begin >= first + lanes;
    if (far && apart) {
      meet(g, cell.x, cell.y, cell.count);
      c = cell.skip;
    } else if (cell.leaf) {
      for (std::int32_t j = cell.begin; j < cell.end; ++j)
        meet(g, tree.x[static_cast<std::size_t>(j)], tree.y[static_cast<std::size_t>(j)], 1.0f);
      c = cell.skip;
    } else {
      ++c;
    }
  }
}

/// Row i of the exact sums: the force on it, and its sum of q.
SELFSIGHT_CLONES std::array<double, 3> exact_row(const double* x, const double* y, std::int64_t n,
                                                 std::int64_t i) {
  double total[8] = {}, force_x[8] = {}, force_y[8] = {};
  const std::int64_t whole = n / 8 * 8;
  const auto add = [&](std::int64_t j, int lane) {
    const double dx = x[i] - x[j], dy = y[i] - y[j];
    const double q = 1 / (1 + dx * dx + dy * dy);
    total[lane] += q;
    force_x[lane] += q * q * dx;
    force_y[lane] += q * q * dy;
  };
  for (std::int64_t j = 0; j < whole; j += 8)
    for (int lane = 0; lane < 8; ++lane) add(j + lane, lane);
  for (std::int64_t j = whole; j < n; ++j) add(j, 0);
  std::array<double, 3> sums{-1, 0, 0};  // the point met itself, at q = 1
  for (int lane = 0; lane < 8; ++lane) {
    sums[0] += total[lane];
    sums[1] += force_x[lane];
    sums[2] += force_y[lane];
  }
  return sums;
}

}  // namespace

void repulsion_exact(const Layout& layout, Repulsion& out) {
  const auto n = static_cast<std::int64_t>(layout.size() / 2);
  std::vector<double> x(at(n)), y(at(n)), totals(at(n));
  for (std::int64_t i = 0; i < n; ++i) {
    x[at(i)] = layout[2 * at(i)];
    y[at(i)] = layout[2 * at(i) + 1];
  }
  out.force.resize(layout.size());
#pragma omp parallel for schedule(static) if (n > few_rows)
  for (std::int64_t i = 0; i < n; ++i) {
    const auto sums = exact_row(x.data(), y.data(), n, i);
    totals[at(i)] = sums[0];
    out.force[2 * at(i)] = sums[1];
    out.force[2 * at(i) + 1] = sums[2];
  }
  // Summed in one order, whatever the threads did.
  out.total = std::accumulate(totals.begin(), totals.end(), 0.0);
}

void repulsion_barnes_hut(const Layout& layout, double theta, Repulsion& out) {
  const Tree tree = make_tree(layout);
  const auto n = static_cast<std::int32_t>(layout.size() / 2);
  const std::int32_t groups = (n + lanes - 1) / lanes;
  std::vector<double> totals(at(groups));
  out.force.resize(layout.size());
  const auto theta_squared = static_cast<float>(theta * theta);
#pragma omp parallel for schedule(dynamic, 8) if (n > few_rows)
  for (std::int32_t group = 0; group < groups; ++group) {
    const std::int32_t first = group * lanes, last = std::min(first + lanes, n);
    Group g{};
    std::copy_n(tree.x.begin() + first, lanes, g.x.begin());
    std::copy_n(tree.y.begin() + first, lanes, g.y.begin());
    walk(tree, first, theta_squared, g);
    for (std::int32_t i = first; i < last; ++i) {
      const auto lane = at(i - first), point = 2 * at(tree.order[at(i)]);
      totals[at(group)] += static_cast<double>(g.total[lane]) - 1;  // it met itself, at q = 1
      out.force[point] = g.force_x[lane];
      out.force[point + 1] = g.force_y[lane];
    }
  }
  out.total = std::accumulate(totals.begin(), totals.end(), 0.0);
}

}  // namespace selfsight
