#include <fftw3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <mutex>
#include <numbers>

#include "core/base/index.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

using Complex = std::complex<float>;

/// Cubic B-splines reach over so many nodes.
constexpr int reach = 4;
/// Between two nodes, where the layout is wide; a smaller layout has finer nodes.
constexpr double widest_spacing = 0.3;
constexpr std::int64_t fewest_nodes = 48;
/// Rows of nodes that are filled by one thread.
constexpr std::int64_t band_rows = 8;
/// Columns that are transformed together, one cache line of each row.
constexpr std::int64_t column_block = 8;

/// FFTW's planner is one for the whole program.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

fftwf_complex* raw(Complex* values) {
  return reinterpret_cast<fftwf_complex*>(values);
}

struct Plan {
  fftwf_plan plan = nullptr;
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    const std::lock_guard lock(planner());
    replace(nullptr);
  }
  /// With the planner locked.
  void replace(fftwf_plan other) {
    if (plan) fftwf_destroy_plan(plan);
    plan = other;
  }
};

/// FFTW's own aligned memory.
template <class Number>
class Buffer {
 public:
  void resize(std::int64_t size) {
    memory_.reset(static_cast<Number*>(fftwf_malloc(at(size) * sizeof(Number))));
    if (!memory_) throw std::bad_alloc();
    std::fill_n(memory_.get(), size, Number{});
  }
  Number* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(Number* memory) const { fftwf_free(memory); }
  };
  std::unique_ptr<Number, Free> memory_;
};

/// The smallest size of the form 2^a 3^b 5^c, at least `least` and even.
std::int64_t transform_size(std::int64_t least) {
  for (std::int64_t size = least + least % 2;; size += 2) {
    std::int64_t rest = size;
    for (const std::int64_t factor : {2, 3, 5})
      while (rest % factor == 0) rest /= factor;
    if (rest == 1) return size;
  }
}

/// The four cubic B-splines over a point at t in [0, 1) after the second node, and their slopes.
inline void splines(float t, std::array<float, reach>& weight, std::array<float, reach>& slope) {
  const float u = 1 - t, t2 = t * t, u2 = u * u;
  weight = {u2 * u / 6, (3 * t2 * t - 6 * t2 + 4) / 6, (3 * u2 * u - 6 * u2 + 4) / 6, t2 * t / 6};
  slope = {-u2 / 2, (3 * t2 - 4 * t) / 2, (4 * u - 3 * u2) / 2, t2 / 2};
}

/// What sampling a cubic B-spline at the nodes does to wave k of `size`.
double spline_response(std::int64_t k, std::int64_t size) {
  return (2 + std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size))) /
         3;
}

struct Place {
  std::int32_t column = 0, row = 0;  // of the first of its nodes
  float x = 0, y = 0;                // after the second, in nodes
};

}  // namespace

/// `nodes` by `nodes`, in the corner of a table of twice the size, so that what wraps around meets
/// nothing.
struct InterpolatedRepulsion::Grid {
  std::int64_t nodes = 0, size = 0, half = 0;
  double spacing = 0;
  Buffer<float> values;         // [size, size]; of points only the first `nodes` rows
  Buffer<Complex> waves;        // [size, half]
  std::vector<float> response;  // of the kernel: [size, half]
  Plan rows_there, rows_back, columns_there, columns_back;
  std::vector<Place> places;
  std::vector<std::int32_t> order;  // points by band
  std::vector<std::int64_t> band_starts;

  void resize(std::int64_t new_nodes);
  void set_spacing(double wanted);
  void convolve();
  void place(const Layout& y, const std::array<double, 2>& low);
  void spread();

 private:
  void make_plans();
  void column_pass(bool kernel);
  void add_band(std::int64_t band);
};

void InterpolatedRepulsion::Grid::make_plans() {
  // FFTW_ESTIMATE measures nothing, so the same size gives the same sums every time.
  const std::lock_guard lock(planner());
  const int n = static_cast<int>(size), stride = static_cast<int>(half);
  rows_there.replace(fftwf_plan_dft_r2c_1d(n, values.data(), raw(waves.data()), FFTW_ESTIMATE));
  rows_back.replace(fftwf_plan_dft_c2r_1d(n, raw(waves.data()), values.data(), FFTW_ESTIMATE));
  const auto columns = [&](int sign) {
    return fftwf_plan_many_dft(1, &n, static_cast<int>(column_block), raw(waves.data()), nullptr,
                               stride, 1, raw(waves.data()), nullptr, stride, 1, sign,
                               FFTW_ESTIMATE);
  };
  columns_there.replace(columns(FFTW_FORWARD));
  columns_back.replace(columns(FFTW_BACKWARD));
}

void InterpolatedRepulsion::Grid::resize(std::int64_t new_nodes) {
  nodes = new_nodes;
  size = 2 * nodes;
  // Whole blocks of columns; what stands behind the last wave stays 0.
  half = (size / 2 + column_block) / column_block * column_block;
  values.resize(size * size);  // the kernel fills it wholly
  waves.resize(size * half);
  response.assign(at(size * half), 0);
  make_plans();
}

/// Columns there, times the response, and back; of the kernel itself, only there.
void InterpolatedRepulsion::Grid::column_pass(bool kernel) {
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < half; first += column_block) {
    Complex* corner = waves.data() + first;
    fftwf_execute_dft(columns_there.plan, raw(corner), raw(corner));
    if (kernel) continue;
    for (std::int64_t row = 0; row < size; ++row)
      for (std::int64_t c = 0; c < column_block; ++c)
        corner[row * half + c] *= response[at(row * half + first + c)];
    fftwf_execute_dft(columns_back.plan, raw(corner), raw(corner));
  }
}

/// Transforms 1 / (1 + d^2) - 1: without the 1, the small differences within a small layout would
/// be lost in single precision. The nodes' own filter is undone for both sides.
void InterpolatedRepulsion::Grid::set_spacing(double wanted) {
  spacing = wanted;
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < size; ++row) {
    const double dy = spacing * static_cast<double>(std::min(row, size - row));
    float* out = values.data() + row * size;
    for (std::int64_t column = 0; column < size; ++column) {
      const double dx = spacing * static_cast<double>(std::min(column, size - column));
      const double squares = dx * dx + dy * dy;
      out[column] = static_cast<float>(-squares / (1 + squares));
    }
    fftwf_execute_dft_r2c(rows_there.plan, out, raw(waves.data() + row * half));
  }
  column_pass(true);
  std::vector<double> filter;
  for (std::int64_t k = 0; k < size; ++k) filter.push_back(std::pow(spline_response(k, size), 2));
  const double scale = 1 / (static_cast<double>(size) * static_cast<double>(size));
  for (std::int64_t row = 0; row < size; ++row)
    for (std::int64_t column = 0; column <= size / 2; ++column) {
      const double own = waves.data()[row * half + column].real();
      response[at(row * half + column)] =
          static_cast<float>(own * scale / (filter[at(row)] * filter[at(column)]));
    }
  std::fill_n(waves.data(), size * half, Complex{});
}

void InterpolatedRepulsion::Grid::convolve() {
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < size; ++row) {
    if (row < nodes)
      fftwf_execute_dft_r2c(rows_there.plan, values.data() + row * size,
                            raw(waves.data() + row * half));
    else
      std::fill_n(waves.data() + row * half, half, Complex{});
  }
  column_pass(false);
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < nodes; ++row)
    fftwf_execute_dft_c2r(rows_back.plan, raw(waves.data() + row * half),
                          values.data() + row * size);
}

void InterpolatedRepulsion::Grid::place(const Layout& y, const std::array<double, 2>& low) {
  const auto n = static_cast<std::int64_t>(y.size() / 2);
  places.resize(at(n));
  order.resize(at(n));
  band_starts.assign(at((nodes + band_rows - 1) / band_rows + 1), 0);
  const auto along = [&](double value, double first, std::int32_t& node) {
    const double position = (value - first) / spacing;
    node = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(static_cast<std::int64_t>(position), 0, nodes - reach));
    return static_cast<float>(position - node);
  };
  for (std::int64_t i = 0; i < n; ++i) {
    Place& p = places[at(i)];
    p.x = along(y[at(2 * i)], low[0], p.column);
    p.y = along(y[at(2 * i) + 1], low[1], p.row);
    ++band_starts[at(p.row / band_rows) + 1];
  }
  for (std::size_t b = 1; b < band_starts.size(); ++b) band_starts[b] += band_starts[b - 1];
  std::vector<std::int64_t> next(band_starts.begin(), band_starts.end() - 1);
  for (std::int64_t i = 0; i < n; ++i)
    order[at(next[at(places[at(i)].row / band_rows)]++)] = static_cast<std::int32_t>(i);
}

void InterpolatedRepulsion::Grid::add_band(std::int64_t band) {
  std::array<float, reach> across, down, slope;
  for (std::int64_t e = band_starts[at(band)]; e < band_starts[at(band) + 1]; ++e) {
    const Place& p = places[at(order[at(e)])];
    splines(p.x, across, slope);
    splines(p.y, down, slope);
    for (int r = 0; r < reach; ++r) {
      float* out = values.data() + (p.row + r) * size + p.column;
      for (int c = 0; c < reach; ++c) out[c] += down[at(r)] * across[at(c)];
    }
  }
}

/// Every point's unit of charge. A band writes into the next one, so every other band comes first:
/// then each node's sum has one order on any number of threads.
void InterpolatedRepulsion::Grid::spread() {
  std::fill_n(values.data(), nodes * size, 0.0f);
  const auto bands = static_cast<std::int64_t>(band_starts.size()) - 1;
  for (const std::int64_t parity : {0, 1}) {
#pragma omp parallel for schedule(dynamic)
    for (std::int64_t band = parity; band < bands; band += 2) add_band(band);
  }
}

InterpolatedRepulsion::InterpolatedRepulsion(std::int64_t most_nodes)
    : grid_(std::make_unique<Grid>()), most_nodes_(most_nodes) {}
InterpolatedRepulsion::~InterpolatedRepulsion() = default;

void InterpolatedRepulsion::prepare(const Layout& y) {
  std::array<double, 2> low{y[0], y[1]}, high = low;
  for (std::size_t i = 0; i < y.size(); ++i) {
    low[i % 2] = std::min(low[i % 2], y[i]);
    high[i % 2] = std::max(high[i % 2], y[i]);
  }
  const double width = std::max({high[0] - low[0], high[1] - low[1], 1e-12});
  // Some room, so that neither the table nor the kernel's transform changes at every step.
  const double wanted = std::ceil(width / widest_spacing) + reach + 1;
  const std::int64_t nodes = transform_size(static_cast<std::int64_t>(
      std::clamp(wanted, static_cast<double>(fewest_nodes), static_cast<double>(most_nodes_))));
  if (nodes > grid_->nodes || 2 * nodes < grid_->nodes) {
    grid_->resize(std::min(transform_size(nodes + nodes / 16), most_nodes_));
    grid_->spacing = 0;
  }
  const double least = width / static_cast<double>(grid_->nodes - reach - 1);
  const double roomy = 1.2 * least;
  if (least > grid_->spacing || least < grid_->spacing / 4)
    grid_->set_spacing(least > widest_spacing ? roomy : std::min(roomy, widest_spacing));
  // The first point's first node is one before it.
  low_ = {low[0] - grid_->spacing * 0.5, low[1] - grid_->spacing * 0.5};
}

void InterpolatedRepulsion::operator()(const Layout& y, Repulsion& out) {
  prepare(y);
  Grid& grid = *grid_;
  grid.place(y, low_);
  grid.spread();
  grid.convolve();
  const auto n = static_cast<std::int64_t>(y.size() / 2);
  out.force.resize(y.size());
  std::vector<float> potential(at(n));
  const double scale = -0.5 / grid.spacing;  // q^2 (y_i - y_j) is -1/2 of the slope of q
#pragma omp parallel for schedule(static)
  for (std::int64_t e = 0; e < n; ++e) {
    const std::int64_t i = grid.order[at(e)];
    const Place& p = grid.places[at(i)];
    std::array<float, reach> across, down, across_slope, down_slope;
    splines(p.x, across, across_slope);
    splines(p.y, down, down_slope);
    float sum = 0, force_x = 0, force_y = 0;
    for (int r = 0; r < reach; ++r) {
      const float* row = grid.values.data() + (p.row + r) * grid.size + p.column;
      float value = 0, slope = 0;
      for (int c = 0; c < reach; ++c) {
        value += across[at(c)] * row[c];
        slope += across_slope[at(c)] * row[c];
      }
      sum += down[at(r)] * value;
      force_x += down[at(r)] * slope;
      force_y += down_slope[at(r)] * value;
    }
    potential[at(i)] = sum;
    out.force[at(2 * i)] = scale * static_cast<double>(force_x);
    out.force[at(2 * i) + 1] = scale * static_cast<double>(force_y);
  }
  // Each point's q with the n points, less the 1 taken from the kernel, less itself.
  out.total = static_cast<double>(n) * static_cast<double>(n - 1);
  for (const float value : potential) out.total += static_cast<double>(value);
}

}  // namespace selfsight
