#include "core/probes/knn.h"

#include <faiss/utils/distances.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>

#include "core/base/error.h"

namespace selfsight {
namespace {

/// Rows of length one; a row of zeros stays as it is.
std::vector<float> normalised(const Features& features) {
  std::vector<float> out = features.values;
  for (std::int64_t i = 0; i < features.rows; ++i) {
    float* row = out.data() + i * features.columns;
    double squares = 0;
    for (std::int64_t j = 0; j < features.columns; ++j) squares += double(row[j]) * row[j];
    const auto scale = static_cast<float>(1 / std::max(std::sqrt(squares), 1e-12));
    for (std::int64_t j = 0; j < features.columns; ++j) row[j] *= scale;
  }
  return out;
}

bool all_labelled(const Features& bank) {
  return std::all_of(bank.labels.begin(), bank.labels.end(), [](int label) { return label >= 0; });
}

/// A neighbour without a label would take the place of one that has a vote.
Features labelled_rows(const Features& bank) {
  Features out{0, bank.columns, {}, {}, {}};
  for (std::int64_t i = 0; i < bank.rows; ++i) {
    const int label = bank.labels[static_cast<std::size_t>(i)];
    if (label < 0) continue;
    const auto row = bank.values.begin() + i * bank.columns;
    out.values.insert(out.values.end(), row, row + bank.columns);
    out.labels.push_back(label);
    ++out.rows;
  }
  return out;
}

void check_bank(const Features& bank) {
  if (bank.rows == 0)
    throw InputError("kNN accuracy needs labels, and the images to compare with have none.");
}

/// Weights are relative to the nearest one's, which no temperature makes too large.
int vote(std::span<const Neighbour> neighbours, const std::vector<int>& labels, int classes,
         double temperature) {
  std::vector<double> votes(static_cast<std::size_t>(classes));
  for (const Neighbour& n : neighbours) {
    const double behind = static_cast<double>(n.similarity) - neighbours.front().similarity;
    votes[static_cast<std::size_t>(labels[static_cast<std::size_t>(n.row)])] +=
        std::exp(behind / temperature);
  }
  return static_cast<int>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

using Lists = std::vector<std::vector<Neighbour>>;

/// The first k of each list vote.
std::vector<int> votes_of(const Lists& lists, std::int64_t k, const std::vector<int>& labels,
                          int classes, double temperature) {
  std::vector<int> out;
  for (const auto& list : lists) {
    const auto count = std::min(list.size(), static_cast<std::size_t>(k));
    out.push_back(vote(std::span(list).first(count), labels, classes, temperature));
  }
  return out;
}

}  // namespace

std::vector<std::vector<Neighbour>> nearest(const Features& bank, const Features& queries,
                                            std::int64_t k, const Control& control) {
  if (bank.columns != queries.columns)
    throw InputError("The two sets of features have " + std::to_string(bank.columns) + " and " +
                     std::to_string(queries.columns) + " dimensions; they cannot be compared.");
  check_finite(bank);  // faiss would leave places empty
  check_finite(queries);
  k = std::min(k, bank.rows);
  std::vector<std::vector<Neighbour>> out(static_cast<std::size_t>(queries.rows));
  if (k <= 0) return out;
  const auto from = normalised(bank), asked = normalised(queries);
  const auto columns = static_cast<std::size_t>(bank.columns);
  constexpr std::int64_t block = 1024;  // a stop is heard between blocks
  for (std::int64_t first = 0; first < queries.rows; first += block) {
    control.check();
    const auto count = static_cast<std::size_t>(std::min(block, queries.rows - first));
    std::vector<float> similarity(count * static_cast<std::size_t>(k));
    std::vector<std::int64_t> rows(similarity.size());
    faiss::float_minheap_array_t heaps{count, static_cast<std::size_t>(k), rows.data(),
                                       similarity.data()};
    faiss::knn_inner_product(asked.data() + static_cast<std::size_t>(first) * columns, from.data(),
                             columns, count, static_cast<std::size_t>(bank.rows), &heaps);
    for (std::size_t i = 0; i < count; ++i) {
      auto& list = out[static_cast<std::size_t>(first) + i];
      for (std::size_t j = i * static_cast<std::size_t>(k);
           j < (i + 1) * static_cast<std::size_t>(k); ++j)
        list.push_back({rows[j], similarity[j]});
      std::stable_sort(list.begin(), list.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
      });
    }
  }
  return out;
}

Classification knn(const Features& bank, const Features& queries, std::int64_t k,
                   double temperature, const Control& control) {
  if (!all_labelled(bank)) return knn(labelled_rows(bank), queries, k, temperature, control);
  check_bank(bank);
  const int classes = class_count({&bank, &queries});
  return classification(
      votes_of(nearest(bank, queries, k, control), k, bank.labels, classes, temperature),
      queries.labels, classes);
}

KnnResult choose_knn(const Features& bank, const Features& validation, const Features& queries,
                     const Control& control) {
  if (!all_labelled(bank)) return choose_knn(labelled_rows(bank), validation, queries, control);
  check_bank(bank);
  const int classes = class_count({&bank, &validation, &queries});
  constexpr std::int64_t most = 200;
  const Lists lists = nearest(bank, validation, most, control);
  KnnResult out;
  for (const std::int64_t wanted : {1, 5, 10, 20, 50, 100, 200}) {
    const std::int64_t k = std::min(wanted, bank.rows);
    for (const double temperature : {0.03, 0.07, 0.1, 0.2, 0.5}) {
      control.check();
      auto votes = votes_of(lists, k, bank.labels, classes, temperature);
      out.tried.push_back(
          {k, temperature, classification(std::move(votes), validation.labels, classes).top1});
      if (out.tried.size() == 1 || out.tried.back().accuracy > out.best.accuracy)
        out.best = out.tried.back();
    }
    if (k < wanted) break;  // all of the bank voted
  }
  out.test = classification(votes_of(nearest(bank, queries, out.best.k, control), out.best.k,
                                     bank.labels, classes, out.best.temperature),
                            queries.labels, classes);
  return out;
}

bool outputs_collapsed(double output_spread) {
  return output_spread * output_spread < collapsed_share;
}

std::string spread_verdict(double feature_std, double healthy,
                           std::optional<double> output_spread) {
  char text[200];
  const double part = healthy > 0 ? feature_std / healthy : 0;
  if (part < collapsed_share)
    std::snprintf(text, sizeof text, "Collapsed: std %.4f, healthy is near %.3f.", feature_std,
                  healthy);
  else if (output_spread && outputs_collapsed(*output_spread))
    std::snprintf(text, sizeof text,
                  "Collapsed: the projector answers nearly the same to every image (their mean "
                  "cosine is %.2f).",
                  1 - *output_spread * *output_spread);
  else if (part < 0.4)
    std::snprintf(text, sizeof text, "Features are narrow: std %.3f, healthy is near %.3f.",
                  feature_std, healthy);
  else
    std::snprintf(text, sizeof text, "Features are spread: std %.3f, healthy is near %.3f.",
                  feature_std, healthy);
  return text;
}

}  // namespace selfsight
