#include "app/jobs/pipeline_labels.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>

#include "app/jobs/protocol.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/methods/method_info.h"
#include "core/probes/feature_cache.h"
#include "core/probes/leading.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kKind[] = "labels";
constexpr double kFeaturesPart = 0.3;  // of the progress, for all features together
/// A fit on the 3,072 values of a picture in colour takes minutes, and there is one for each point.
constexpr std::int64_t kMostPixelColumns = 1024, kPixelAxes = 256;

std::string short_hash(const Json& json) {
  const std::string text = json_text(json);
  return sha256(std::as_bytes(std::span(text))).substr(0, 16);
}

/// The tables of one frozen encoder, or of the pixels.
struct Tables {
  Features train, validation, test;
};

Features rows_at(const Features& all, const std::vector<std::size_t>& positions) {
  Features out;
  out.rows = static_cast<std::int64_t>(positions.size());
  out.columns = all.columns;
  const auto width = static_cast<std::ptrdiff_t>(all.columns);
  for (const std::size_t position : positions) {
    const auto row = all.values.begin() + static_cast<std::ptrdiff_t>(position) * width;
    out.values.insert(out.values.end(), row, row + width);
    out.ids.push_back(all.ids[position]);
    out.labels.push_back(all.labels[position]);
  }
  return out;
}

/// What stands in the protocol of a fine-tuned number; every option is in it.
Json tuning_protocol(const FineTuneOptions& options, bool pretrained) {
  Json out{{"classifier", "linear head; the whole network trains, AdamW, cross-entropy"},
           {"weights", pretrained ? "pretrained" : "first weights from the seed"},
           {"batch_norm", "batch statistics in training, running ones when measured"},
           {"choice", "none: a fixed schedule, no validation image is used"}};
  FineTuneOptions copy = options;
  if (!pretrained) copy.layer_decay = 1;
  FineTuneOptions::describe(
      copy, [&](const auto& value, const Field& field) { out["finetune"][field.key] = value; });
  return out;
}

bool trains(const std::string& line) {
  return line == "finetune" || line == "scratch";
}

/// In the protocol of lines whose encoder learned from labels before.
constexpr char kPretraining[] = "pretraining";

bool of_pretrained(const std::string& line) {
  return line == "linear" || line == "finetune";
}

/// A stored point with what tells protocols apart.
struct StoredPoint {
  LabelPoint point;
  std::string series, checkpoint, fingerprint;
  std::int64_t train_images = 0, query_images = 0;
  Json tuning;  // every option of a line that trains
};

std::int64_t images_in(const Classification& classified) {
  return static_cast<std::int64_t>(classified.predictions.size());
}

/// Steps of a training that its limit ended before its epochs; else 0.
std::int64_t cut_to(const Json& p) {
  const Json options = p.value("finetune", Json::object());
  const auto steps = p.value("steps", std::int64_t{0});
  const double wanted = options.value("epochs", 0.0) * p.value("labels", 0.0) /
                        std::max(1.0, p.value("images_per_step", 0.0));
  return static_cast<double>(steps) < wanted ? steps : 0;
}

std::vector<StoredPoint> stored_points(const Store& store, std::int64_t run) {
  std::vector<StoredPoint> out;
  for (const Evaluation& e : store.evaluations(run)) {
    if (e.kind != kKind) continue;
    const Json p = Json::parse(e.protocol, nullptr, false);
    if (!p.is_object()) continue;
    out.push_back({{p.value("line", ""), p.value("size", ""), p.value("labels", std::int64_t{0}),
                    p.value("seed", std::int64_t{0}), e.value, e.protocol},
                   p.value("series", ""),
                   p.value("checkpoint_sha256", ""),
                   p.value("dataset_fingerprint", ""),
                   p.value("train_images", std::int64_t{0}),
                   p.value("query_images", std::int64_t{0}),
                   p.value("finetune", Json())});
    out.back().point.cut_to = cut_to(p);
    out.back().point.with_labels = p.contains(kPretraining);
  }
  return out;
}

/// Which of the stored points are as the options would have them measured.
class Asked {
 public:
  Asked(const Dataset& dataset, const LabelOptions& options, const FineTuneOptions& tuning)
      : tuning_(tuning) {
    std::int64_t train = 0, test = 0;
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
      if (dataset.label(i) < 0) continue;
      train += dataset.split(i) == Split::train;
      test += dataset.split(i) == Split::test;
    }
    train_images_ = options.images > 0 ? std::min(options.images, train) : train;
    query_images_ = std::min(options.queries, test);
  }

  bool fits(const StoredPoint& p) const {
    return p.train_images == train_images_ && p.query_images == query_images_ &&
           (!trains(p.point.line) ||
            p.tuning == tuning_protocol(tuning_, p.point.line == "finetune").at("finetune"));
  }

 private:
  FineTuneOptions tuning_;
  std::int64_t train_images_ = 0, query_images_ = 0;
};

/// Of this checkpoint; without one, of that which was measured last.
std::vector<LabelPoint> points_of(const Store& store, std::int64_t run,
                                  const std::optional<std::string>& checkpoint,
                                  const Dataset& dataset, const LabelOptions& options,
                                  const FineTuneOptions& tuning) {
  auto all = stored_points(store, run);
  std::erase_if(
      all, [here = dataset.fingerprint()](const StoredPoint& p) { return p.fingerprint != here; });
  if (all.empty()) return {};
  std::erase_if(all, [of = checkpoint.value_or(all.back().checkpoint)](const StoredPoint& p) {
    return p.checkpoint != of;
  });
  const Asked asked(dataset, options, tuning);
  struct Choice {
    bool fits = false;
    std::string series;
  };
  std::map<std::string, Choice> by_line;
  for (const StoredPoint& p : all) {
    const bool fits = asked.fits(p);
    Choice& choice = by_line[p.point.line];
    if (fits || !choice.fits) choice = {fits, p.series};
  }
  std::vector<LabelPoint> out;
  for (const StoredPoint& p : all) {
    const Choice& choice = by_line[p.point.line];
    if (p.series != choice.series) continue;
    out.push_back(p.point);
    out.back().other_options = !choice.fits;
  }
  return out;
}

/// One point to measure.
struct Task {
  std::string line;
  LabelSize size;
  std::int64_t seed = 0;
  Json series;  // all that decides the number, besides size and seed
  Json identity;
  std::string point;
};

class Measurement {
 public:
  Measurement(const std::filesystem::path& folder, std::int64_t run,
              std::shared_ptr<const Dataset> dataset, const Settings& settings, Control& control)
      : store_(folder),
        run_(run),
        dataset_(std::move(dataset)),
        options_(settings.read<LabelOptions>("labels.")),
        tuning_(settings.read<FineTuneOptions>("finetune.")),
        control_(control),
        cache_(feature_cache(store_)) {
    model_ = open_model(store_, run_);
    identity_ = model_->identity();
    spec_ = run_spec(model_->settings());
    sample();
  }

  LabelReport measure(const Progress& progress, const LabelObserver& observer) {
    const auto tasks = missing_tasks();
    LabelReport report{points(), 0};
    if (observer) observer(report.points);
    std::size_t done = 0;
    for (const Task& task : tasks) {
      control_.check();
      const double begin = static_cast<double>(done) / static_cast<double>(tasks.size());
      const double end = static_cast<double>(++done) / static_cast<double>(tasks.size());
      keep(task, measured(task, part_of(progress, begin, end)));
      ++report.measured;
      report.points = points();
      if (observer) observer(report.points);
      if (progress) progress(end);
    }
    return report;
  }

 private:
  void sample() {
    const auto seed = static_cast<std::uint64_t>(spec_.train.seed);
    const std::int64_t all = dataset_->size();
    const std::int64_t count = options_.images > 0 ? options_.images : all;
    train_ = labelled_sample(*dataset_, Split::train, count, seed);
    validation_ = labelled_sample(*dataset_, Split::validation, all, seed);
    test_ = labelled_sample(*dataset_, Split::test, options_.queries, seed);
  }

  /// A line that is being measured shows nothing that was measured otherwise.
  std::vector<LabelPoint> points() const {
    auto out = points_of(store_, run_, identity_, *dataset_, options_, tuning_);
    const auto asked = label_lines(options_);
    std::erase_if(out, [&](const LabelPoint& point) {
      return point.other_options &&
             std::find(asked.begin(), asked.end(), point.line) != asked.end();
    });
    return out;
  }

  /// By lines, the cheap ones first, so that a curve is there early.
  std::vector<Task> all_tasks() const {
    std::vector<Task> out;
    for (const std::string& line : label_lines(options_))
      for (std::int64_t seed = 0; seed < options_.seeds; ++seed)
        for (const LabelSize& size : label_sizes(options_, line)) {
          // With all labels there is one draw, and a frozen encoder gives one number.
          const bool again = seed > 0 && size.percent >= 100 && !trains(line);
          if (!again) out.push_back(task(line, size, seed));
        }
    return out;
  }

  std::vector<Task> missing_tasks() const {
    std::set<std::string> there;
    for (const Evaluation& e : store_.evaluations(run_)) {
      if (e.kind != kKind) continue;
      const Json protocol = Json::parse(e.protocol, nullptr, false);
      if (protocol.is_object()) there.insert(protocol.value("point", ""));
    }
    std::vector<Task> out;
    for (Task& one : all_tasks())
      if (there.insert(one.point).second) out.push_back(std::move(one));
    return out;
  }

  Task task(const std::string& line, const LabelSize& size, std::int64_t seed) const {
    Task out{line, size, seed, series_of(line), {}, {}};
    out.identity = out.series;
    out.identity["size"] = to_text(size);
    out.identity["seed"] = seed;
    out.point = short_hash(out.identity);
    return out;
  }

  Json series_of(const std::string& line) const {
    const CheckpointInfo checkpoint = model_->checkpoint();
    Json out{{"line", line},
             {"split", "test"},
             {"query_images", test_.size()},
             {"train_images", train_.size()},
             {"views", "clean"},
             {"batch_norm", "eval"},
             {"checkpoint_step", checkpoint.step},
             {"checkpoint_epoch", checkpoint.epoch},
             {"checkpoint_sha256", identity_},
             {"dataset", dataset_->name()},
             {"dataset_fingerprint", dataset_->fingerprint()},
             {"draw", "stratified, nested within a seed"}};
    const auto method = model_->settings().get<std::string>("method.name");
    if (of_pretrained(line) && method_info(method).needs_labels)
      out[kPretraining] = "with all training labels";
    if (trains(line))
      out.update(tuning_protocol(tuning_, line == "finetune"));
    else
      out.update({{"classifier", "multinomial logistic regression, L-BFGS to the optimum"},
                  {"features", "standardised by mean and deviation over the labelled images"},
                  {"penalty", "l2 chosen on validation images, as many as labels at most"}});
    if (turned(line))
      out["features"] =
          "pixels, standardised, then their " + std::to_string(kPixelAxes) +
          " leading principal components, both measured on the training images without labels";
    return out;
  }

  /// Whether its columns are too many, so that their leading principal components stand for them.
  bool turned(const std::string& line) const {
    return line == "pixels" &&
           raw_pixel_columns(*dataset_, spec_.input.views.clean_size()) > kMostPixelColumns;
  }

  const Tables& tables(const std::string& line, const Progress& progress) {
    const auto found = tables_.find(line);
    if (found != tables_.end()) return found->second;
    std::shared_ptr<FrozenModel> model = model_;
    if (line == "random") model = model_->untrained(static_cast<std::uint64_t>(spec_.train.seed));
    const auto all = static_cast<double>(train_.size() + validation_.size() + test_.size());
    double done = 0;
    const auto next = [&](const std::vector<std::int64_t>& ids) {
      const double begin = done / all;
      done += static_cast<double>(ids.size());
      const Progress part = part_of(progress, begin, done / all);
      return line == "pixels" ? raw_pixels(cache_, *dataset_, ids, spec_.input.views.clean_size(),
                                           control_, part)
                              : extract(cache_, *model, *dataset_, ids, control_, part);
    };
    Tables made;
    made.train = next(train_);
    made.validation = next(validation_);
    made.test = next(test_);
    if (turned(line)) {
      const LeadingAxes axes(made.train, kPixelAxes, control_);
      for (Features* table : {&made.train, &made.validation, &made.test}) *table = axes(*table);
    }
    return tables_[line] = std::move(made);
  }

  /// The accuracy, and what the protocol says besides the task.
  std::pair<double, Json> measured(const Task& task, const Progress& progress) {
    return trains(task.line) ? tuned(task, progress) : probed(task, progress);
  }

  std::pair<double, Json> tuned(const Task& task, const Progress& progress) {
    const auto seed = static_cast<std::uint64_t>(task.seed);
    std::vector<int> labels;
    for (const std::int64_t image : train_) labels.push_back(dataset_->label(image));
    FineTuneRequest request{.model = model_,
                            .pretrained = task.line == "finetune",
                            .test = test_,
                            .seed = seed,
                            .options = tuning_};
    for (const std::size_t position : draw_labelled(labels, task.size, seed))
      request.train.push_back(train_[position]);
    const FineTuneResult result = fine_tune(request, *dataset_, control_, progress);
    Json said{{"labels", request.train.size()},
              {"validation_images", 0},
              {"steps", result.steps},
              {"images_per_step", result.batch_size}};
    if (result.left_out > 0) said["left_out_labels"] = result.left_out;
    tell_left_out(said, "left_out_query_images", test_.size(), images_in(result.test));
    return {result.test.top1, said};
  }

  std::pair<double, Json> probed(const Task& task, const Progress& progress) {
    const Tables& from = tables(task.line, part_of(progress, 0, kFeaturesPart));
    const auto seed = static_cast<std::uint64_t>(task.seed);
    const Features known = rows_at(from.train, draw_labelled(from.train.labels, task.size, seed));
    const Features chosen_on = validation_for(from.validation, known, seed);
    const LinearResult result =
        linear_probe(known, chosen_on, from.test, control_, {.standardise = !turned(task.line)});
    Json said{{"labels", known.rows},
              {"validation_images", chosen_on.rows},
              {"columns", known.columns},
              {"l2_per_image", result.l2}};
    tell_left_out(said, "left_out_train_images", train_.size(), from.train.rows);
    tell_left_out(said, "left_out_query_images", test_.size(), from.test.rows);
    return {result.test.top1, said};
  }

  /// A validation label costs as much as a training label, so there are no more of them.
  static Features validation_for(const Features& all, const Features& known, std::uint64_t seed) {
    return rows_at(all, draw_at_most(all.labels, known.rows, seed));
  }

  void keep(const Task& task, const std::pair<double, Json>& result) {
    Json protocol = task.identity;
    protocol.update(result.second);
    protocol["series"] = short_hash(task.series);
    protocol["point"] = task.point;
    store_.add_evaluation({0, run_, kKind, "accuracy", result.first, json_text(protocol), {}});
  }

  Store store_;
  std::int64_t run_;
  std::shared_ptr<const Dataset> dataset_;
  const LabelOptions options_;
  const FineTuneOptions tuning_;
  Control& control_;
  const FeatureCache cache_;
  std::shared_ptr<FrozenModel> model_;
  std::string identity_;  // of the checkpoint
  RunSpec spec_;
  std::vector<std::int64_t> train_, validation_, test_;
  std::map<std::string, Tables> tables_;
};

}  // namespace

Settings label_settings() {
  Schema schema = schema_of<LabelOptions>("labels.");
  const Schema tuning = schema_of<FineTuneOptions>("finetune.");
  schema.insert(schema.end(), tuning.begin(), tuning.end());
  return Settings(schema);
}

LabelReport measure_labels(const std::filesystem::path& store, std::int64_t run,
                           std::shared_ptr<const Dataset> dataset, const Settings& settings,
                           Control& control, const Progress& progress,
                           const LabelObserver& observer) {
  return Measurement(store, run, std::move(dataset), settings, control).measure(progress, observer);
}

TuningReport measure_finetuning(const std::filesystem::path& folder, std::int64_t run,
                                const Dataset& dataset, std::int64_t images, std::int64_t queries,
                                const FineTuneOptions& options, Control& control,
                                const Progress& progress) {
  Store store(folder);
  const auto model = open_model(store, run);
  const auto seed = static_cast<std::uint64_t>(run_spec(model->settings()).train.seed);
  FineTuneRequest request{.model = model, .seed = seed, .options = options};
  request.train =
      labelled_sample(dataset, Split::train, images > 0 ? images : dataset.size(), seed);
  request.test = labelled_sample(dataset, Split::test, queries, seed);
  TuningReport report;
  for (const bool pretrained : {true, false}) {
    request.pretrained = pretrained;
    const Progress part = part_of(progress, pretrained ? 0 : 0.5, pretrained ? 0.5 : 1);
    const FineTuneResult result = fine_tune(request, dataset, control, part);
    const std::int64_t queries_opened = images_in(result.test);
    const auto bank = static_cast<std::int64_t>(request.train.size()) - result.left_out;
    Json protocol{{"split", "test"},
                  {"query_images", queries_opened},
                  {"bank_images", bank},
                  {"views", "clean"},
                  {"seed", seed},
                  {"steps", result.steps},
                  {"images_per_step", result.batch_size},
                  {"dataset", dataset.name()},
                  {"dataset_fingerprint", dataset.fingerprint()}};
    tell_left_out(protocol, "left_out", request.train.size() + request.test.size(),
                  bank + queries_opened);
    if (pretrained) {
      protocol["checkpoint_step"] = model->checkpoint().step;
      protocol["checkpoint_epoch"] = model->checkpoint().epoch;
    }
    protocol.update(tuning_protocol(options, pretrained));
    (pretrained ? report.pretrained : report.scratch) = result.test;
    if (pretrained) report.protocol = json_text(protocol);
    protocol.update(confusion_words(result.test, dataset.classes()));
    store.add_evaluation({0,
                          run,
                          "finetune",
                          pretrained ? "accuracy" : "accuracy_from_scratch",
                          result.test.top1,
                          json_text(protocol),
                          {}});
  }
  return report;
}

std::vector<LabelPoint> stored_labels(const Store& store, std::int64_t run, const Dataset& dataset,
                                      const Settings& settings) {
  // A run that has gone on is another encoder; one that came without checkpoints cannot.
  const auto checkpoints = store.checkpoints(run);
  const auto newest =
      checkpoints.empty() ? std::nullopt : std::optional(checkpoints.back().info.sha256);
  return points_of(store, run, newest, dataset, settings.read<LabelOptions>("labels."),
                   settings.read<FineTuneOptions>("finetune."));
}

}  // namespace selfsight
