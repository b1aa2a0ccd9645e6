#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/jobs/protocol.h"
#include "core/base/error.h"
#include "core/probes/feature_cache.h"
#include "core/probes/labels.h"
#include "core/probes/retrieval.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// Values in one table of features of all training images: 512 MiB, of which a classifier makes
/// copies. Pixels have half of that: they are many, and only the baseline.
constexpr std::int64_t kMostValues = 128 << 20, kMostPixelValues = 64 << 20;

/// How many training images, of which each is so many values.
std::int64_t bank_of(const ProbeRequest& request, std::int64_t columns, std::int64_t most) {
  return request.bank > 0 ? request.bank : std::max<std::int64_t>(1, most / columns);
}

/// As it is asked for, or with the usual k and temperature where no validation image has a label.
ProbeRequest settled(ProbeRequest request, const Dataset& dataset) {
  if (request.kind != "knn" || !request.choose) return request;
  request.choose = false;
  for (const std::int64_t image : dataset.indices(Split::validation))
    if (dataset.label(image) >= 0) request.choose = true;
  return request;
}

/// Whether something is chosen on the validation split.
bool chooses(const ProbeRequest& request) {
  return request.kind == "linear" || (request.kind == "knn" && request.choose);
}

/// The images of each part, by id.
struct Parts {
  std::vector<std::int64_t> bank, validation, queries;
  std::uint64_t seed = 0;
  std::size_t size() const { return bank.size() + validation.size() + queries.size(); }
};

Parts parts_of(const Dataset& dataset, const ProbeRequest& request, std::int64_t bank,
               std::uint64_t seed) {
  Parts parts;
  parts.seed = seed;
  parts.bank = labelled_sample(dataset, Split::train, bank, seed);
  parts.queries = labelled_sample(dataset, Split::test, request.queries, seed);
  if (chooses(request))
    parts.validation = labelled_sample(dataset, Split::validation, request.queries, seed);
  return parts;
}

/// What one encoder (or the pixels) came to.
struct Measured {
  Classification test;
  Json details = Json::object();                       // of the protocol: what was chosen
  std::int64_t bank = 0, validation = 0, queries = 0;  // images that could be opened
};

/// What the linear probe has chosen, and from what.
Json chosen_words(const LinearResult& result) {
  Json tried = Json::array();
  for (const PathPoint& point : result.path) tried.push_back({point.l2, point.accuracy});
  for (const RatePoint& point : result.rates) tried.push_back({point.rate, point.accuracy});
  if (result.rates.empty())
    return {{"l2_per_image", result.l2}, {"l2_and_validation_accuracy", tried}};
  return {{"lr", result.rate}, {"lr_and_validation_accuracy", tried}, {"steps", result.steps}};
}

/// How the linear probe was fitted.
Json solver_words(const LinearOptions& options) {
  if (options.solver == "lbfgs")
    return {{"solver", "lbfgs"},
            {"classifier",
             "multinomial logistic regression, L-BFGS to a gradient of 1e-5, 500 iterations at "
             "most"},
            {"features", "standardised by mean and deviation over the training images"},
            {"penalty", "l2 chosen on the validation split"}};
  return {{"solver", "sgd"},
          {"classifier", "linear head, SGD with momentum 0.9, cosine schedule, no penalty"},
          {"features", "standardised by mean and deviation over the training images"},
          {"choice", "learning rate chosen on the validation split"},
          {"epochs", options.epochs},
          {"images_per_step", options.batch_size}};
}

using FeaturesOf =
    std::function<Features(const std::vector<std::int64_t>& ids, const Progress& progress)>;

/// Features take most of the time; the classifier is counted as a tenth.
Measured measured(const FeaturesOf& features_of, const Parts& parts, const ProbeRequest& request,
                  const Control& control, const Progress& progress) {
  const auto all = static_cast<double>(parts.size()) / 0.9;
  double done = 0;
  const auto next = [&](const std::vector<std::int64_t>& ids) {
    const double begin = done;
    done += static_cast<double>(ids.size()) / all;
    return features_of(ids, part_of(progress, begin, done));
  };
  const Features bank = next(parts.bank), queries = next(parts.queries);
  const Features validation = chooses(request) ? next(parts.validation) : Features{};
  Measured out;
  out.bank = bank.rows;
  out.validation = validation.rows;
  out.queries = queries.rows;
  if (request.kind == "retrieval") {
    const Retrieval result = retrieval(bank, queries, control);
    out.test.top1 = result.map;
    out.details = {{"precision_at_1", result.precision_at_1},
                   {"queries_with_a_class_in_the_bank", result.queries}};
  } else if (request.kind == "knn" && request.choose) {
    const KnnResult result = choose_knn(bank, validation, queries, control);
    out.test = result.test;
    out.details = {{"k", result.best.k},
                   {"temperature", result.best.temperature},
                   {"validation_accuracy", result.best.accuracy},
                   {"tried", result.tried.size()}};
  } else if (request.kind == "knn") {
    out.test = knn(bank, queries, request.k, request.temperature, control);
  } else {
    const LinearResult result =
        linear_probe(bank, validation, queries, control, request.linear, parts.seed);
    out.test = result.test;
    out.details = chosen_words(result);
  }
  return out;
}

Json protocol_of(const ProbeRequest& request, const Parts& parts, const Measured& result,
                 const Json& encoder, const Dataset& dataset) {
  Json out{{"split", "test"},
           {"bank_split", "train"},
           {"bank_images", result.bank},
           {"query_images", result.queries},
           {"views", "clean"},
           {"batch_norm", "eval"},
           {"dataset", dataset.name()},
           {"dataset_fingerprint", dataset.fingerprint()}};
  tell_left_out(out, "left_out", parts.size(), result.bank + result.validation + result.queries);
  out.update(encoder);
  if (request.kind == "linear") {
    out.update(solver_words(request.linear));
    out["validation_images"] = result.validation;
  } else if (request.kind == "retrieval") {
    out["distance"] = "cosine";
    out["average_precision"] = "over the whole bank, sorted for each query";
  } else {
    out["k"] = std::min(request.k, result.bank);
    out["temperature"] = request.temperature;
    out["distance"] = "cosine";
    if (request.choose) out["k_and_temperature"] = "chosen on the validation split";
    if (request.choose) out["validation_images"] = result.validation;
  }
  out.update(result.details);
  return out;
}

/// What is measured beside the trained encoder has no checkpoint.
Json first_weights_words(std::uint64_t seed, std::int64_t view_size) {
  return {{"encoder", "first weights, seed " + std::to_string(seed)}, {"view_size", view_size}};
}

Json raw_pixels_words(const Dataset& dataset, std::int64_t view_size) {
  const std::int64_t values = raw_pixel_columns(dataset, view_size) / dataset.channels();
  return {{"encoder", "raw pixels, side " +
                          std::to_string(std::llround(std::sqrt(static_cast<double>(values))))}};
}

}  // namespace

ProbeReport evaluate(const std::filesystem::path& store_folder, const EncoderSource& source,
                     const Dataset& dataset, const ProbeRequest& asked, Control& control,
                     const Progress& progress) {
  const ProbeRequest request = settled(asked, dataset);
  if (!dataset.labelled())
    throw InputError(dataset.name() +
                     " has no labels, so accuracy cannot be measured; put the images into one "
                     "folder per class.");
  Store store(store_folder);
  const FeatureCache cache = feature_cache(store);
  const auto model = open_model(store, source);
  const auto spec = run_spec(model->settings());
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  const Parts parts =
      parts_of(dataset, request, bank_of(request, model->dimensions(), kMostValues), seed);
  const auto of = [&](FrozenModel& which, double begin, double end) {
    const FeaturesOf features = [&](const std::vector<std::int64_t>& ids, const Progress& part) {
      return extract(cache, which, dataset, ids, control, part);
    };
    return measured(features, parts, request, control, part_of(progress, begin, end));
  };
  ProbeReport report;
  report.kind = request.kind;
  const auto keep = [&](const char* whose, const Measured& result, const Json& encoder,
                        const Parts& on) {
    Json protocol = protocol_of(request, on, result, encoder, dataset);
    if (report.protocol.empty()) report.protocol = json_text(protocol);
    protocol.update(confusion_words(result.test, dataset.classes()));
    const std::string metric =
        (request.kind == "retrieval" ? "map" : "accuracy") + std::string(whose);
    report.evaluations.push_back(
        {0, source.run, request.kind, metric, result.test.top1, json_text(protocol), {}});
    return result.test;
  };
  report.trained =
      keep("", of(*model, 0, request.baselines ? 0.45 : 1), encoder_words(source, *model), parts);
  const std::int64_t size = spec.input.views.clean_size();
  if (request.baselines && model->has_untrained())
    report.random = keep("_random_encoder", of(*model->untrained(seed), 0.45, 0.9),
                         first_weights_words(seed, size), parts);
  if (request.baselines && request.raw_pixels) {
    const FeaturesOf pixels = [&](const std::vector<std::int64_t>& ids, const Progress& part) {
      return raw_pixels(cache, dataset, ids, size, control, part);
    };
    const std::int64_t bank = bank_of(request, raw_pixel_columns(dataset, size), kMostPixelValues);
    const Parts fewer = parts_of(dataset, request, bank, seed);
    report.raw_pixels =
        keep("_raw_pixels", measured(pixels, fewer, request, control, part_of(progress, 0.9, 1)),
             raw_pixels_words(dataset, size), fewer)
            .top1;
  }
  if (source.is_run())
    for (const Evaluation& evaluation : report.evaluations) store.add_evaluation(evaluation);
  if (progress) progress(1);
  return report;
}

}  // namespace selfsight
