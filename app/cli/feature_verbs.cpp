#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"
#include "core/probes/classification.h"

namespace selfsight {
namespace {

const char* split_word(Split split) {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

std::vector<std::int64_t> images_of(const Dataset& dataset, const std::string& split) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < dataset.size(); ++i)
    if (split == "all" || split == split_word(dataset.split(i))) out.push_back(i);
  if (out.empty()) throw InputError(dataset.name() + " has no " + split + " images.");
  return out;
}

/// A text as a field of CSV.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

/// One line per row of the matrix: which image it is, and its label.
std::string table_of(const Features& features, const Dataset& dataset) {
  std::string out = "id,split,label,class,name\n";
  for (std::size_t row = 0; row < features.ids.size(); ++row) {
    const std::int64_t id = features.ids[row];
    const int label = features.labels[row];
    out += std::to_string(id) + ',' + split_word(dataset.split(id)) + ',' + std::to_string(label) +
           ',' + (label < 0 ? "" : quoted(dataset.classes().at(static_cast<std::size_t>(label)))) +
           ',' + quoted(dataset.image_name(id)) + '\n';
  }
  return out;
}

}  // namespace

int features_verb(const Common& common, const FeaturesArguments& arguments, Control& control) {
  const Store store(common.store);
  const Subject subject = subject_of(store, arguments.of);
  const auto& dataset = subject.dataset;
  const auto model = open_model(store, subject.source);
  const auto ids = images_of(*dataset, arguments.split);
  Features features;
  {
    ProgressBar bar("features");
    const Progress progress =
        common.json ? Progress() : [&bar](double done) { bar.show(done, -1, ""); };
    features = extract(feature_cache(store), *model, *dataset, ids, control, progress);
  }
  check_finite(features);
  const std::filesystem::path matrix = arguments.out;
  auto table = matrix;
  table.replace_extension(".csv");
  save_npy(matrix, {features.rows, features.columns, features.values});
  write_file(table, table_of(features, *dataset));
  if (common.json) {
    nlohmann::ordered_json line{{"event", "features"}};
    line.update(subject.json());
    line.update({{"rows", features.rows},
                 {"columns", features.columns},
                 {"file", matrix.string()},
                 {"table", table.string()},
                 {"dataset", dataset->name()},
                 {"dataset_fingerprint", dataset->fingerprint()},
                 {"checkpoint_step", model->checkpoint().step},
                 {"checkpoint_sha256", sha256_file(model->checkpoint().file)},
                 {"ids", features.ids},
                 {"labels", features.labels}});
    print_json(line);
  } else
    std::cout << grouped(features.rows) << " x " << features.columns << " features of "
              << dataset->name() << " saved to " << matrix.string() << ", their ids and labels to "
              << table.string() << ".\n";
  return 0;
}

}  // namespace selfsight
