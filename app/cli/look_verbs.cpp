#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_maps.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

Progress quiet_or(ProgressBar& bar, const Common& common) {
  if (common.json) return {};
  return [&bar](double done) { bar.show(done, -1, ""); };
}

/// `subject` says of what.
Json to_json(const Json& subject, const Health& h) {
  Json out{{"event", "health"}};
  out.update(subject);
  out.update({{"verdict", h.verdict},
              {"images", h.images},
              {"left_out", h.left_out},
              {"dimensions", h.dimensions},
              {"feature_std", h.feature_std},
              {"feature_std_healthy", h.feature_std_healthy},
              {"rank_me", h.rank_me},
              {"effective_rank", h.effective_rank},
              {"participation_ratio", h.participation},
              {"alpha_req", nullptr},
              {"alpha_req_r2", nullptr},
              {"uniformity", h.uniformity},
              {"alignment", number(h.alignment)},
              {"lidar", number(h.lidar)},
              {"correlation_diagonal", nullptr},
              {"correlation_rest", nullptr},
              {"singular_values", h.spectrum}});
  if (h.power_law) {
    out["alpha_req"] = h.power_law->alpha;
    out["alpha_req_r2"] = number(h.power_law->r2);
  }
  if (h.views > 0) {
    out["correlation_diagonal"] = h.correlation_diagonal;
    out["correlation_rest"] = h.correlation_rest;
  }
  return out;
}

std::string power_law_words(const PowerLaw& law) {
  std::string words = "variances of rank " + std::to_string(power_law_from + 1) + " to " +
                      std::to_string(power_law_from + law.ranks);
  if (law.r2) words += ", R2 " + digits(*law.r2);
  return words;
}

void print_health(const Health& h) {
  const auto most = grouped(std::min(h.images, h.dimensions));
  const auto most_centred = grouped(std::min(h.images - 1, h.dimensions));
  std::vector<std::vector<std::string>> table{
      {"feature std", digits(h.feature_std), "healthy is near " + digits(h.feature_std_healthy)},
      {"RankMe", digits(h.rank_me), "of " + most + "; uncentred, epsilon 1e-7"},
      {"effective rank", digits(h.effective_rank),
       "of " + most_centred + "; centred singular values"},
      {"participation ratio", digits(h.participation), "of variances"}};
  if (h.power_law)
    table.push_back({"alpha-ReQ", digits(h.power_law->alpha), power_law_words(*h.power_law)});
  table.push_back({"uniformity", digits(h.uniformity), "t 2; lower is more even, 0 is a point"});
  if (h.alignment)
    table.push_back({"alignment", digits(*h.alignment), "power 2; 0: views coincide"});
  if (h.lidar) table.push_back({"LiDAR", digits(*h.lidar), "delta 1e-4"});
  if (h.views > 0) {
    table.push_back({"correlation of views", digits(h.correlation_diagonal), "same dimension"});
    table.push_back({"", digits(h.correlation_rest), "other dimensions, size"});
  }
  print_table(table);
}

void say_search(std::size_t searched, const SearchReport& report) {
  std::cout << "Among " << grouped(static_cast<long long>(searched)) << " images, "
            << (report.exact ? std::string("every one compared")
                             : "by an index that finds " + percent(report.recall) +
                                   " of the true ten nearest")
            << ", in " << digits(1000 * report.seconds, 2) << " ms.\n";
  if (report.left_out > 0)
    std::cout << grouped(report.left_out)
              << " images are left out: their features hold values that are no numbers.\n";
}

/// The rows of a matrix most like one of them, itself left out.
SearchReport search_matrix(const NpyMatrix& features, std::int64_t row, std::int64_t k,
                           const Control& control) {
  const SearchIndex index(features.values, features.columns, control);
  SearchReport report;
  const auto started = std::chrono::steady_clock::now();
  report.found = index.nearest(std::span(features.values)
                                   .subspan(static_cast<std::size_t>(row * features.columns),
                                            static_cast<std::size_t>(features.columns)),
                               k + 1);
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::erase_if(report.found, [&](const Found& found) { return found.row == row; });
  report.found.resize(std::min(report.found.size(), static_cast<std::size_t>(k)));
  report.exact = index.exact();
  report.recall = index.recall();
  report.left_out = index.left_out();
  return report;
}

/// Where a matrix is named.
void refuse_encoder(const EncoderArguments& of) {
  if (!of.run.empty() || !of.file.empty())
    throw InputError("Name either an encoder or a matrix with --features.");
}

/// "could not be read: why" as "could not be read (why)".
std::string in_brackets(const std::string& reason) {
  const auto colon = reason.find(": ");
  if (colon == std::string::npos) return reason;
  return reason.substr(0, colon) + " (" + reason.substr(colon + 2) + ")";
}

/// A matrix as features of images that nothing else is known of.
Features features_in(const std::string& file, const EncoderArguments& of) {
  refuse_encoder(of);
  NpyMatrix matrix = load_npy(file);
  Features out{matrix.rows, matrix.columns, std::move(matrix.values), {}, {}};
  out.ids.resize(static_cast<std::size_t>(out.rows));
  std::iota(out.ids.begin(), out.ids.end(), 0);
  out.labels.assign(out.ids.size(), -1);
  return out;
}

int health_of_features(const Common& common, const HealthArguments& arguments, Control& control) {
  const Health found = health(features_in(arguments.features, arguments.of), {}, 0, control);
  if (common.json) {
    print_json(to_json({{"features", arguments.features}}, found));
    return 0;
  }
  std::cout << found.verdict << '\n';
  print_health(found);
  return 0;
}

int clusters_in_features(const Common& common, const ClusterArguments& arguments,
                         Control& control) {
  constexpr std::int64_t usual = 10;
  const Features features = features_in(arguments.features, arguments.of);
  const std::int64_t k = arguments.k > 0 ? arguments.k : std::min(usual, features.rows);
  const std::vector<int> groups = clusters_of(features, k, 0, control);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(k));
  for (const int group : groups) ++sizes[static_cast<std::size_t>(group)];
  if (common.json) {
    print_json({{"event", "clusters"},
                {"features", arguments.features},
                {"rows", features.rows},
                {"k", k},
                {"sizes", sizes},
                {"groups", groups}});
    return 0;
  }
  std::cout << grouped(features.rows) << " rows in " << k
            << " groups; --json tells the group of each.\n";
  std::vector<std::vector<std::string>> table{{"group", "rows"}};
  for (std::size_t group = 0; group < sizes.size(); ++group)
    table.push_back({std::to_string(group), grouped(sizes[group])});
  print_table(table);
  return 0;
}

int search_rows(const Common& common, const SearchArguments& arguments, const Control& control) {
  refuse_encoder(arguments.of);
  const NpyMatrix features = load_npy(arguments.features);
  if (!arguments.row) throw InputError("Name the row to search for with --row.");
  const std::int64_t row = *arguments.row;
  if (row >= features.rows)
    throw InputError("There is no row " + std::to_string(row) + " in " + arguments.features +
                     "; it has " + grouped(features.rows) + ", counted from 0.");
  const SearchReport report = search_matrix(features, row, arguments.k, control);
  Json list = Json::array();
  std::vector<std::vector<std::string>> table{{"row", "cosine"}};
  for (const Found& found : report.found) {
    list.push_back(
        {{"row", found.row}, {"similarity", found.similarity}, {"distance", 1 - found.similarity}});
    table.push_back({std::to_string(found.row), digits(found.similarity)});
  }
  if (common.json) {
    print_json({{"event", "search"},
                {"features", arguments.features},
                {"row", row},
                {"seconds", report.seconds},
                {"left_out", report.left_out},
                {"exact", report.exact},
                {"recall_at_10", report.recall},
                {"neighbours", list}});
    return 0;
  }
  print_table(table);
  say_search(static_cast<std::size_t>(features.rows - report.left_out), report);
  return 0;
}

}  // namespace

int health_verb(const Common& common, const HealthArguments& arguments, Control& control) {
  if (!arguments.features.empty()) return health_of_features(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of, control);
  HealthReport report;
  {
    ProgressBar bar("health");
    report = measure_health(common.store, subject.source, *subject.dataset,
                            {arguments.images, arguments.views}, control, quiet_or(bar, common));
  }
  if (common.json) {
    Json line = to_json(subject.json(), report.health);
    line["protocol"] = Json::parse(report.protocol);
    print_json(line);
    return 0;
  }
  std::cout << report.health.verdict << '\n';
  print_health(report.health);
  return 0;
}

int search_verb(const Common& common, const SearchArguments& arguments, Control& control) {
  if (!arguments.features.empty()) return search_rows(common, arguments, control);
  if (arguments.image.empty()) throw InputError("Name the image to search for with --image.");
  const Store store(common.store);
  const Subject subject = subject_of(store, arguments.of, control);
  const auto& dataset = subject.dataset;
  cv::Mat image;
  try {
    image = dataset->outside_image(arguments.image);
  } catch (const ImageError& error) {
    throw InputError("The image " + arguments.image + " cannot be searched for: it " +
                     in_brackets(error.what()) + ". Name another with --image.");
  }
  SearchReport report;
  {
    ProgressBar bar("search");
    report = search_images(store, subject.source, *dataset, image, {arguments.images, arguments.k},
                           control, quiet_or(bar, common));
  }
  Json list = Json::array();
  std::vector<std::vector<std::string>> table{{"image", "cosine", "label"}};
  for (const Found& found : report.found) {
    const std::int64_t id = report.ids[static_cast<std::size_t>(found.row)];
    const int label = dataset->label(id);
    const std::string word = label < 0 ? "" : dataset->classes()[static_cast<std::size_t>(label)];
    list.push_back({{"id", id},
                    {"name", dataset->image_name(id)},
                    {"similarity", found.similarity},
                    {"distance", 1 - found.similarity},
                    {"label", label < 0 ? Json(nullptr) : Json(word)}});
    table.push_back({dataset->image_name(id), digits(found.similarity), word});
  }
  if (common.json) {
    Json line{{"event", "search"}};
    line.update(subject.json());
    line.update({{"seconds", report.seconds},
                 {"left_out", report.left_out},
                 {"neighbours", list},
                 {"protocol", Json::parse(report.protocol)}});
    print_json(line);
    return 0;
  }
  print_table(table);
  say_search(report.ids.size() - static_cast<std::size_t>(report.left_out), report);
  return 0;
}

int clusters_verb(const Common& common, const ClusterArguments& arguments, Control& control) {
  if (!arguments.features.empty()) return clusters_in_features(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of, control);
  ClusterReport report;
  {
    ProgressBar bar("clusters");
    report = cluster_images(common.store, subject.source, *subject.dataset,
                            {arguments.images, arguments.k, 0, arguments.split}, control,
                            quiet_or(bar, common));
  }
  const Agreement& a = report.agreement;
  const bool labelled = a.rows > 0;
  if (common.json) {
    Json line{{"event", "clusters"}};
    line.update(subject.json());
    line.update({{"k", report.k},
                 {"purity", labelled ? Json(a.purity) : Json(nullptr)},
                 {"nmi", labelled ? Json(a.nmi) : Json(nullptr)},
                 {"ari", labelled ? Json(a.ari) : Json(nullptr)},
                 {"protocol", Json::parse(report.protocol)}});
    print_json(line);
    return 0;
  }
  std::cout << grouped(static_cast<long long>(report.ids.size())) << " images in " << report.k
            << " groups";
  if (labelled)
    std::cout << "; against the labels: purity " << percent(a.purity) << ", NMI " << digits(a.nmi)
              << ", ARI " << digits(a.ari);
  std::cout << ".\n";
  return 0;
}

}  // namespace selfsight
