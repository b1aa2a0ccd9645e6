#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_exchange.h"
#include "core/base/files.h"

namespace selfsight {

int features_verb(const Common& common, const FeaturesArguments& arguments, Control& control) {
  const std::filesystem::path matrix = arguments.out, table = table_beside(matrix);
  check_out(matrix);
  const Subject subject = subject_of(Store(common.store), arguments.of, control);
  const auto& dataset = subject.dataset;
  FeaturesReport report;
  {
    ProgressBar bar("features");
    const Progress progress =
        common.json ? Progress() : [&bar](double done) { bar.show(done, -1, ""); };
    report = export_features(common.store, subject.source, *dataset,
                             images_of(*dataset, arguments.split), matrix, control, progress);
  }
  const Features& features = report.features;
  if (common.json) {
    nlohmann::ordered_json line{{"event", "features"}};
    line.update(subject.json());
    line.update({{"rows", features.rows},
                 {"columns", features.columns},
                 {"file", matrix.string()},
                 {"table", table.string()},
                 {"dataset", dataset->name()},
                 {"dataset_fingerprint", dataset->fingerprint()},
                 {"checkpoint_step", report.checkpoint.step},
                 {"checkpoint_sha256", report.checkpoint.sha256},
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
