#include "core/probes/linear.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/training/device.h"

namespace selfsight {
namespace {

constexpr double kLargestPenalty = 10;
constexpr int kPenalties = 8;

/// When a fit is near enough to its optimum.
struct Precision {
  int iterations = 0;
  double gradient = 0, change = 0;  // of the mean objective
};
constexpr Precision kExact{2000, 1e-9, 1e-14};
/// Beyond this the accuracy does not move any more; scikit-learn stops at a gradient of 1e-4.
constexpr Precision kProbe{500, 1e-5, 1e-9};

/// Rows as [n, columns] and labels as [n].
struct LabelledRows {
  torch::Tensor rows, labels;
};

LabelledRows with_labels(const Features& features) {
  std::vector<std::int64_t> kept, labels;
  for (std::int64_t i = 0; i < features.rows; ++i)
    if (const int label = features.labels[static_cast<std::size_t>(i)]; label >= 0) {
      kept.push_back(i);
      labels.push_back(label);
    }
  const torch::Tensor all = torch::from_blob(const_cast<float*>(features.values.data()),
                                             {features.rows, features.columns}, torch::kFloat);
  return {all.index_select(0, torch::tensor(kept, torch::kLong)).to(torch::kDouble),
          torch::tensor(labels, torch::kLong)};
}

/// What the solver moves is `free`: a weight is that times the scale of its column, so that all
/// directions can be about equally steep.
struct Model {
  torch::Tensor free, bias, scale;  // [classes, columns], [classes], [columns]

  torch::Tensor weights() const { return free * scale; }
  torch::Tensor scores(const torch::Tensor& rows) const {
    return torch::addmm(bias, rows, weights().t());
  }
  /// The same weights by another scale.
  void rescale(const torch::Tensor& other) {
    free.set_data(weights() / other);
    scale = other;
  }
};

Model fresh_model(std::int64_t columns, int classes) {
  const auto type = torch::TensorOptions(torch::kDouble).requires_grad(true);
  return {torch::zeros({classes, columns}, type), torch::zeros({classes}, type),
          torch::ones({columns}, torch::kDouble)};
}

/// The mean of what is minimised; its gradient goes into the model.
torch::Tensor mean_objective(const Model& model, const LabelledRows& table, double l2) {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(table.rows.size(0));
  const torch::Tensor weights = model.weights();
  const torch::Tensor log_p = model.scores(table.rows).log_softmax(1);
  const torch::Tensor truth = table.labels.unsqueeze(1);
  const torch::Tensor loss = -log_p.gather(1, truth).sum() + l2 / 2 * weights.square().sum();
  torch::Tensor wrong = log_p.exp();
  wrong.scatter_add_(1, truth, torch::full({table.rows.size(0), 1}, -1.0, torch::kDouble));
  torch::Tensor free = model.free, bias = model.bias;
  free.mutable_grad() = (wrong.t().mm(table.rows) + l2 * weights) * model.scale / n;
  bias.mutable_grad() = wrong.sum(0) / n;
  return loss / n;
}

struct Fitted {
  double objective = 0;
  std::int64_t evaluations = 0;
};

/// Moves `model` to the optimum.
Fitted fit(const Model& model, const LabelledRows& table, double l2, const Precision& precision,
           const Control& control) {
  torch::optim::LBFGS solver({model.free, model.bias}, torch::optim::LBFGSOptions(1)
                                                           .max_iter(precision.iterations)
                                                           .max_eval(2 * precision.iterations)
                                                           .tolerance_grad(precision.gradient)
                                                           .tolerance_change(precision.change)
                                                           .history_size(20)
                                                           .line_search_fn("strong_wolfe"));
  Fitted out;
  solver.step([&] {
    control.check();
    ++out.evaluations;
    return mean_objective(model, table, l2);
  });
  out.objective =
      mean_objective(model, table, l2).item<double>() * static_cast<double>(table.rows.size(0));
  return out;
}

std::vector<double> doubles_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

std::vector<int> predicted(const Model& model, const torch::Tensor& rows) {
  const torch::Tensor best = model.scores(rows).argmax(1);
  const auto* data = best.data_ptr<std::int64_t>();
  return {data, data + best.numel()};
}

double accuracy(const Model& model, const LabelledRows& table) {
  const torch::NoGradGuard no_grad;
  return model.scores(table.rows)
      .argmax(1)
      .eq(table.labels)
      .to(torch::kDouble)
      .mean()
      .item<double>();
}

/// How steep each direction is: the mean square of each column, after the rows have been turned
/// onto their principal axes where there are rows enough to know these. Turning changes neither
/// the fit nor its penalty, but takes a tenth of the steps.
torch::Tensor turned_variances(std::initializer_list<torch::Tensor*> tables) {
  const torch::Tensor& train = **tables.begin();
  const std::int64_t rows = train.size(0), columns = train.size(1);
  if (rows < 2 * columns) return train.square().mean(0);
  const auto [variances, axes] =
      torch::linalg_eigh(train.t().mm(train) / static_cast<double>(rows));
  for (torch::Tensor* table : tables) *table = table->mm(axes);
  return variances.clamp_min(0);
}

/// Fits along the path; `best` ends as the model of the penalty chosen.
std::vector<PathPoint> follow_path(const LabelledRows& train, const LabelledRows& validation,
                                   int classes, const torch::Tensor& variances,
                                   const Control& control, Model& best, double& chosen) {
  const torch::NoGradGuard no_grad;
  Model model = fresh_model(train.rows.size(1), classes);
  std::vector<PathPoint> path;
  double highest = -1, l2 = kLargestPenalty;
  int falls = 0;
  for (int i = 0; i < kPenalties && falls < 2; ++i, l2 /= 10) {
    // Where classes are about equally likely the loss curves as p (1 - p) times the variance.
    const double p = 1.0 / classes;
    model.rescale((variances * p * (1 - p) + l2).rsqrt());
    fit(model, train, l2 * static_cast<double>(train.rows.size(0)), kProbe, control);
    const double now = accuracy(model, validation);
    falls = !path.empty() && now < path.back().accuracy ? falls + 1 : 0;
    path.push_back({l2, now});
    if (now <= highest) continue;
    highest = now;
    chosen = l2;
    best = {model.free.clone(), model.bias.clone(), model.scale};
  }
  return path;
}

/// Peak learning rates that are tried; features are standardised, so one list does for all.
constexpr std::array<double, 8> kRates{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};
constexpr double kMomentum = 0.9;

/// A head for each rate, one above the other, so that all are trained at the cost of a larger one.
struct Heads {
  std::int64_t classes = 0;
  torch::Tensor weights, bias;  // [rates * classes, columns], [rates * classes]

  Heads(std::int64_t columns, std::int64_t classes_of_each)
      : classes(classes_of_each),
        weights(torch::zeros({rates() * classes, columns})),
        bias(torch::zeros({rates() * classes})) {}
  static std::int64_t rates() { return static_cast<std::int64_t>(kRates.size()); }
  torch::Tensor scores(const torch::Tensor& rows) const {  // [n, rates, classes]
    return torch::addmm(bias, rows, weights.t()).view({-1, rates(), classes});
  }
};

/// The gradient of each head's mean cross-entropy.
Heads gradient_of(const Heads& heads, const LabelledRows& batch) {
  const std::int64_t n = batch.rows.size(0);
  torch::Tensor wrong = heads.scores(batch.rows).softmax(2);
  const std::vector<std::int64_t> shape{n, Heads::rates(), 1};
  wrong.scatter_add_(2, batch.labels.view({n, 1, 1}).expand(shape), torch::full(shape, -1.0F));
  wrong = wrong.view({n, -1}) / static_cast<double>(n);
  Heads out = heads;
  out.weights = wrong.t().mm(batch.rows);
  out.bias = wrong.sum(0);
  return out;
}

/// Positions of the images in the order of an epoch.
std::vector<std::int64_t> order_of(std::int64_t rows, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(rows));
  std::iota(out.begin(), out.end(), 0);
  Random random{seed, static_cast<std::uint64_t>(Stream::order), static_cast<std::uint64_t>(epoch)};
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
  return out;
}

/// Trains a head for each rate; says how many steps it took.
std::int64_t descend(Heads& heads, const LabelledRows& train, const LinearOptions& options,
                     std::uint64_t seed, const Control& control) {
  const std::int64_t rows = train.rows.size(0), batch = std::min(options.batch_size, rows);
  const std::int64_t in_epoch = (rows + batch - 1) / batch;
  const auto steps =
      std::max<std::int64_t>(1, std::llround(options.epochs * static_cast<double>(in_epoch)));
  const torch::Tensor rates =
      torch::tensor(std::vector<double>(kRates.begin(), kRates.end()), torch::kFloat)
          .repeat_interleave(heads.classes);
  Heads velocity(train.rows.size(1), heads.classes);
  torch::Tensor order;
  for (std::int64_t step = 0; step < steps; ++step) {
    control.check();
    const std::int64_t in_this = step % in_epoch;
    if (in_this == 0) order = torch::tensor(order_of(rows, seed, step / in_epoch), torch::kLong);
    const torch::Tensor images = order.slice(0, in_this * batch, (in_this + 1) * batch);
    const Heads gradient = gradient_of(
        heads, {train.rows.index_select(0, images), train.labels.index_select(0, images)});
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    const torch::Tensor rate = rates * ((1 + std::cos(std::numbers::pi * done)) / 2);
    velocity.weights.mul_(kMomentum).add_(gradient.weights);
    velocity.bias.mul_(kMomentum).add_(gradient.bias);
    heads.weights.sub_(velocity.weights * rate.unsqueeze(1));
    heads.bias.sub_(velocity.bias * rate);
  }
  return steps;
}

/// What each head takes the rows for: [rates, n].
torch::Tensor answers(const Heads& heads, const torch::Tensor& rows) {
  return heads.scores(rows).argmax(2).t().contiguous();
}

/// Fills in all but the confusion; returns what the chosen head takes `asked` for.
std::vector<int> probe_by_steps(const LabelledRows& train, const LabelledRows& validation,
                                const torch::Tensor& asked, int classes,
                                const LinearOptions& options, std::uint64_t seed,
                                const Control& control, LinearResult& result) {
  const torch::NoGradGuard no_grad;
  Heads heads(train.rows.size(1), classes);
  result.steps =
      descend(heads, {train.rows.to(torch::kFloat), train.labels}, options, seed, control);
  const torch::Tensor right =
      answers(heads, validation.rows.to(torch::kFloat)).eq(validation.labels).to(torch::kDouble);
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < Heads::rates(); ++i) {
    result.rates.push_back({kRates[static_cast<std::size_t>(i)], right[i].mean().item<double>()});
    const auto& points = result.rates;
    if (points.back().accuracy > points[static_cast<std::size_t>(best)].accuracy) best = i;
  }
  result.rate = kRates[static_cast<std::size_t>(best)];
  const torch::Tensor chosen = answers(heads, asked.to(torch::kFloat))[best];
  const auto* data = chosen.data_ptr<std::int64_t>();
  return {data, data + chosen.numel()};
}

std::vector<int> probe_by_path(LabelledRows& train, LabelledRows& validation, torch::Tensor& asked,
                               int classes, const Control& control, LinearResult& result) {
  const torch::Tensor variances = turned_variances({&train.rows, &validation.rows, &asked});
  Model best;
  result.path = follow_path(train, validation, classes, variances, control, best, result.l2);
  return predicted(best, asked);
}

LinearResult probe(const Features& train, const Features& validation, const Features& test,
                   const Control& control, const LinearOptions& options, std::uint64_t seed) {
  const int classes = class_count({&train, &validation, &test});
  for (const Features* table : {&train, &validation, &test}) check_finite(*table);
  LabelledRows known = with_labels(train), held_out = with_labels(validation);
  if (known.rows.size(0) == 0 || held_out.rows.size(0) == 0)
    throw InputError("A linear probe needs labels, and these images have none.");
  if (known.labels.min().equal(known.labels.max()))
    throw InputError(
        "All labelled training images are of one class, so a linear probe has nothing to tell "
        "apart.");
  const torch::Tensor mean = known.rows.mean(0);
  torch::Tensor deviation = known.rows.std(0, /*unbiased=*/false);
  deviation.masked_fill_(deviation < 1e-10, 1);  // always the same: it tells nothing
  const auto standardise = [&](torch::Tensor& rows) { rows.sub_(mean).div_(deviation); };
  if (options.standardise)
    for (torch::Tensor* rows : {&known.rows, &held_out.rows}) standardise(*rows);
  const torch::Tensor all = torch::from_blob(const_cast<float*>(test.values.data()),
                                             {test.rows, test.columns}, torch::kFloat);
  torch::Tensor asked = all.to(torch::kDouble);
  if (options.standardise) standardise(asked);
  LinearResult result;
  auto answered =
      options.solver == "sgd"
          ? probe_by_steps(known, held_out, asked, classes, options, seed, control, result)
          : probe_by_path(known, held_out, asked, classes, control, result);
  result.test = classification(std::move(answered), test.labels, classes);
  return result;
}

}  // namespace

SoftmaxFit fit_softmax(const Features& features, double l2, const Control& control) {
  SoftmaxFit out;
  in_plain_words([&] {
    const Model model = fresh_model(features.columns, class_count({&features}));
    const Fitted fitted = fit(model, with_labels(features), l2, kExact, control);
    out = {doubles_of(model.weights()), doubles_of(model.bias), fitted.objective,
           fitted.evaluations};
  });
  return out;
}

LinearResult linear_probe(const Features& train, const Features& validation, const Features& test,
                          const Control& control, const LinearOptions& options,
                          std::uint64_t seed) {
  if (options.solver != "lbfgs" && options.solver != "sgd")
    throw InputError("A linear probe has no solver " + options.solver +
                     "; there are lbfgs and sgd.");
  if (options.epochs <= 0 || options.batch_size < 1)
    throw InputError("The steps of a linear probe need epochs above 0 and a batch of 1 or more.");
  LinearResult result;
  in_plain_words([&] {
    use_threads(0);
    result = probe(train, validation, test, control, options, seed);
  });
  return result;
}

}  // namespace selfsight
