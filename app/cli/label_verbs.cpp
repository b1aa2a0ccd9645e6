#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_labels.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

void print_point(std::int64_t run, const LabelPoint& point) {
  print_json({{"event", "point"},
              {"run", run},
              {"line", point.line},
              {"size", point.size},
              {"labels", point.labels},
              {"seed", point.seed},
              {"accuracy", point.accuracy},
              {"protocol", Json::parse(point.protocol)}});
}

void print_curve_json(std::int64_t run, const std::vector<LabelLine>& curve) {
  for (const LabelLine& line : curve)
    for (const LabelMean& mean : line.means) {
      Json json{{"event", "mean"},       {"run", run},
                {"line", line.line},     {"size", mean.size},
                {"labels", mean.labels}, {"seeds", mean.seeds},
                {"accuracy", mean.mean}, {"band", mean.band}};
      if (mean.cut_to > 0) json["cut_to_steps"] = mean.cut_to;
      print_json(json);
    }
  print_json({{"event", "done"}, {"run", run}, {"verdict", label_verdict(curve)}});
}

void print_curve(const std::vector<LabelLine>& curve) {
  std::vector<std::vector<std::string>> table{{"line", "labels", "", "accuracy", "95 %", "seeds"}};
  for (const LabelLine& line : curve)
    for (const LabelMean& mean : line.means)
      table.push_back({line_title(line), mean.size, grouped(mean.labels), percent(mean.mean),
                       mean.seeds > 1 ? "± " + digits(100 * mean.band, 2) : "–",
                       std::to_string(mean.seeds)});
  print_table(table);
  std::cout << '\n' << label_verdict(curve) << '\n';
}

/// What other kinds take, and a curve would ignore.
void check_curve_options(const ProbeArguments& given) {
  const ProbeArguments usual;
  if (given.k != usual.k || given.temperature != usual.temperature || given.choose ||
      given.bank != usual.bank || given.queries != usual.queries)
    throw InputError(
        "A label-efficiency curve takes none of -k, --temperature, --choose, --bank and --queries; "
        "give --set labels.images=N for the training images and --set labels.queries=N for the "
        "test images.");
}

/// What would be refused once all is measured; see save_label_curve().
void check_plot(const std::string& plot) {
  if (plot.empty()) return;
  const std::string ending = std::filesystem::path(plot).extension().string();
  if (ending != ".svg" && ending != ".png" && ending != ".pdf" && ending != ".csv")
    throw InputError("A plot is saved as .svg, .png, .pdf or .csv, not as " + plot + ".");
  check_out(plot);
}

/// The points as they come: JSON lines for machines, a bar for persons.
class Follower {
 public:
  Follower(const Common& common, std::int64_t run)
      : common_(common), run_(run), bar_("label efficiency") {}

  void hear(const std::vector<LabelPoint>& points) {
    for (const LabelPoint& point : points)
      if (common_.json && printed_.insert(point.protocol).second) print_point(run_, point);
    if (points.empty()) return;
    const LabelPoint& last = points.back();
    note_ = line_title(last.line) + ", " + last.size + ": " + percent(last.accuracy);
  }

  void show(double done) {
    if (common_.json) return;
    using Stopwatch = std::chrono::steady_clock;
    const double passed = std::chrono::duration<double>(Stopwatch::now() - begun_).count();
    bar_.show(done, done > 0.02 ? passed * (1 - done) / done : -1, note_);
  }

 private:
  const Common& common_;
  std::int64_t run_;
  ProgressBar bar_;
  std::set<std::string> printed_;  // protocols
  std::string note_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace

int labels_verb(const Common& common, const ProbeArguments& arguments, const DrawCurve& draw,
                Control& control) {
  check_curve_options(arguments);
  check_plot(arguments.plot);
  Settings settings = label_settings();
  apply_assignments(settings, arguments.set, {});
  const Run run = find_run(Store(common.store), arguments.of.run);
  const auto dataset = dataset_of(common.store, run, arguments.of.data, control);
  LabelReport report;
  {
    Follower follower(common, run.id);
    report = measure_labels(
        common.store, run.id, dataset, settings, control, [&](double done) { follower.show(done); },
        [&](const std::vector<LabelPoint>& points) { follower.hear(points); });
  }
  const auto curve = label_curve(report.points);
  if (common.json)
    print_curve_json(run.id, curve);
  else
    print_curve(curve);
  if (!arguments.plot.empty() && draw) draw(curve, arguments.plot);
  return 0;
}

int finetune_verb(const Common& common, const ProbeArguments& arguments, Control& control) {
  for (const std::string& change : arguments.set)
    if (change.starts_with("labels."))
      throw InputError(change + " is for a curve of label efficiency; add --kind labels.");
  Settings settings = label_settings();
  apply_assignments(settings, arguments.set, {});
  const Run run = find_run(Store(common.store), arguments.of.run);
  const auto dataset = dataset_of(common.store, run, arguments.of.data, control);
  TuningReport report;
  {
    ProgressBar bar("fine-tuning");
    report =
        measure_finetuning(common.store, run.id, *dataset, arguments.bank, arguments.queries,
                           settings.read<FineTuneOptions>("finetune."), control, [&](double done) {
                             if (!common.json) bar.show(done, -1, "");
                           });
  }
  const Json protocol = Json::parse(report.protocol);
  if (common.json) {
    print_json({{"event", "probe"},
                {"run", run.id},
                {"kind", "finetune"},
                {"accuracy", report.pretrained.top1},
                {"from_scratch", report.scratch.top1},
                {"protocol", protocol}});
    return 0;
  }
  std::cout << "Fine-tuning on " << grouped(protocol.at("bank_images").get<std::int64_t>())
            << " training images, " << protocol.at("steps") << " steps of "
            << protocol.at("images_per_step") << " images, a fixed schedule; accuracy on "
            << grouped(protocol.at("query_images").get<std::int64_t>())
            << " test images (clean views, eval mode)\n";
  print_table({{"  pretrained", percent(report.pretrained.top1)},
               {"  from scratch", percent(report.scratch.top1)}});
  return 0;
}

}  // namespace selfsight
