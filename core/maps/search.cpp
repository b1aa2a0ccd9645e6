#include "core/maps/search.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/index.h"

namespace selfsight {
namespace {

constexpr double wanted_recall = 0.95;
constexpr std::int64_t tried_rows = 200, tried_k = 10;

bool finite(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); });
}

/// To length one; a row of zeros stays as it is.
void normalise(std::span<float> row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * static_cast<double>(value);
  const auto scale = static_cast<float>(1 / std::max(std::sqrt(squares), 1e-12));
  for (float& value : row) value *= scale;
}

}  // namespace

struct SearchIndex::Work {
  std::int64_t columns = 0;
  std::vector<std::int64_t> rows;  // of the table, of each row that can be found
  std::unique_ptr<faiss::IndexFlatIP> flat;
  std::unique_ptr<faiss::IndexIVFFlat> lists;
  double recall = 1;
  std::int64_t left_out = 0;

  std::int64_t count() const { return static_cast<std::int64_t>(rows.size()); }

  std::vector<float> finite_rows(std::span<const float> values) {
    std::vector<float> out;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(values.size()) / columns; ++i) {
      const auto row = values.subspan(at(i * columns), at(columns));
      if (!finite(row)) {
        ++left_out;
        continue;
      }
      rows.push_back(i);
      out.insert(out.end(), row.begin(), row.end());
      normalise(std::span(out).last(at(columns)));
    }
    return out;
  }

  void build_lists(const std::vector<float>& values, const Control& control) {
    const auto count_of_lists =
        std::max<std::int64_t>(1, std::llround(2 * std::sqrt(static_cast<double>(count()))));
    lists = std::make_unique<faiss::IndexIVFFlat>(new faiss::IndexFlatIP(columns), at(columns),
                                                  at(count_of_lists), faiss::METRIC_INNER_PRODUCT);
    lists->own_fields = true;
    lists->cp.min_points_per_centroid = 1;
    lists->train(count(), values.data());
    control.check();
    lists->add(count(), values.data());
    control.check();
    choose_lists(values, control);
  }

  /// Doubles the lists that are looked into until the recall is reached.
  void choose_lists(const std::vector<float>& values, const Control& control) {
    const std::int64_t tried = std::min(tried_rows, count()), k = std::min(tried_k, count());
    std::vector<float> queries;
    for (std::int64_t i = 0; i < tried; ++i) {
      const auto begin = values.begin() + (i * count() / tried) * columns;
      queries.insert(queries.end(), begin, begin + columns);
    }
    faiss::IndexFlatIP all(columns);
    all.add(count(), values.data());
    const auto right = similarities(all, queries, tried, k);
    for (lists->nprobe = 1;; lists->nprobe = std::min(2 * lists->nprobe, lists->nlist)) {
      control.check();
      recall = found_part(right, similarities(*lists, queries, tried, k), k);
      if (recall >= wanted_recall || lists->nprobe == lists->nlist) return;
    }
  }

  /// Of the k nearest of one query, falling. The lists that hold ten may hold fewer than k: then
  /// more are looked into, until there are as many. `similarity` and `labels` are of k.
  void find(const std::vector<float>& query, std::vector<float>& similarity,
            std::vector<faiss::Index::idx_t>& labels) const {
    const auto k = static_cast<std::int64_t>(labels.size());
    if (!lists) return flat->search(1, query.data(), k, similarity.data(), labels.data());
    faiss::SearchParametersIVF looked;  // its own: other threads search too
    for (looked.nprobe = lists->nprobe;;
         looked.nprobe = std::min(2 * looked.nprobe, lists->nlist)) {
      lists->search(1, query.data(), k, similarity.data(), labels.data(), &looked);
      const bool all = std::find(labels.begin(), labels.end(), -1) == labels.end();
      if (all || looked.nprobe == lists->nlist) return;
    }
  }

  /// Of the k nearest of each query, falling.
  static std::vector<float> similarities(const faiss::Index& from,
                                         const std::vector<float>& queries, std::int64_t count,
                                         std::int64_t k) {
    std::vector<float> out(at(count * k));
    std::vector<faiss::Index::idx_t> labels(out.size());
    from.search(count, queries.data(), k, out.data(), labels.data());
    return out;
  }

  /// The part of `got` that is as near as the k nearest. Not by their rows: of equal ones any is
  /// right.
  static double found_part(const std::vector<float>& right, const std::vector<float>& got,
                           std::int64_t k) {
    constexpr float rounding = 1e-6F;
    double found = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
      const std::size_t last = i / at(k) * at(k) + at(k) - 1;
      found += got[i] >= right[last] - rounding;
    }
    return found / static_cast<double>(right.size());
  }
};

SearchIndex::SearchIndex(std::span<const float> values, std::int64_t columns,
                         const Control& control, std::int64_t exact_rows)
    : work_(std::make_unique<Work>()) {
  if (columns < 1 || values.empty() || values.size() % at(columns) != 0)
    throw InputError("There are no features to search among.");
  work_->columns = columns;
  const auto kept = work_->finite_rows(values);
  if (work_->rows.empty())
    throw InputError("None of the features to search among are finite numbers.");
  control.check();
  if (work_->count() > exact_rows) {
    work_->build_lists(kept, control);
  } else {
    work_->flat = std::make_unique<faiss::IndexFlatIP>(columns);
    work_->flat->add(work_->count(), kept.data());
  }
}

SearchIndex::~SearchIndex() = default;

std::vector<Found> SearchIndex::nearest(std::span<const float> query, std::int64_t k) const {
  if (static_cast<std::int64_t>(query.size()) != work_->columns)
    throw InputError("The query has " + std::to_string(query.size()) + " dimensions and the " +
                     "features " + std::to_string(work_->columns) + "; they cannot be compared.");
  if (!finite(query)) throw InputError("The query's features are not finite numbers.");
  k = std::min(k, work_->count());
  if (k <= 0) return {};
  std::vector<float> own(query.begin(), query.end()), similarity(at(k));
  normalise(own);
  std::vector<faiss::Index::idx_t> labels(at(k));
  work_->find(own, similarity, labels);
  std::vector<Found> out;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) out.push_back({work_->rows[at(labels[i])], similarity[i]});
  std::stable_sort(out.begin(), out.end(), [](const Found& a, const Found& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
  });
  return out;
}

bool SearchIndex::exact() const {
  return !work_->lists;
}

double SearchIndex::recall() const {
  return work_->recall;
}

std::int64_t SearchIndex::left_out() const {
  return work_->left_out;
}

}  // namespace selfsight
