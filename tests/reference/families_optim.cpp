#include <algorithm>
#include <functional>

#include "core/training/layer_decay.h"
#include "core/training/optimiser.h"
#include "core/training/schedule.h"
#include "tests/reference/tensors.h"

namespace selfsight::reference {
namespace {

/// What the case calls its optimiser: its id begins with it.
OptimiserOptions options_of(const Json& c) {
  const Json& params = c.at("params");
  if (params.value("dampening", 0.0) != 0) throw NotComputed();
  const auto id = c.at("id").get<std::string>();
  OptimiserOptions options;
  if (id.starts_with("lars") || id.starts_with("larc"))
    options.name = "lars";
  else if (id.starts_with("adamw") || id.starts_with("sgd"))
    options.name = id.starts_with("sgd") ? "sgd" : "adamw";
  else
    throw NotComputed();
  options.lars_form = id.find("facebook") == std::string::npos ? "lightly" : "facebook";
  options.clip_lr = params.value("clip_lr", false);
  options.momentum = params.value("momentum", 0.0);
  options.nesterov = params.value("nesterov", false);
  options.trust_coefficient = params.value("trust_coefficient", params.value("eta", 0.001));
  options.eps = params.value("eps", options.eps);
  options.exclude_bias_n_norm =
      params.value("exclude_bias_n_norm", options.lars_form == "facebook");
  if (params.contains("betas")) {
    options.beta1 = params.at("betas").at(0).get<double>();
    options.beta2 = params.at("betas").at(1).get<double>();
  }
  return options;
}

/// Neither decayed nor scaled: named so by the case, or by its rule of one dimension.
bool plain(const Json& c, const OptimiserOptions& options, const std::string& name,
           std::int64_t dimensions) {
  const Json& params = c.at("params");
  const auto named = [&](const Json& list) {
    return std::find(list.begin(), list.end(), Json(name)) != list.end();
  };
  if (params.contains("groups")) return named(params.at("groups").at("no_decay(wd=0)"));
  if (params.contains("no_decay")) return named(params.at("no_decay"));
  return options.exclude_bias_n_norm && dimensions <= 1;
}

double at_step(const Json& params, const std::string& key, std::size_t step) {
  const std::string list = key + "_per_step";
  return params.contains(list) ? params.at(list).at(step).get<double>() : params.value(key, 0.0);
}

/// The case's word for a state of ours: both of momentum's, AdamW's means and steps.
Json state_named(const Json& state, const std::string& ours) {
  static const std::map<std::string, std::vector<std::string>> words{
      {"momentum", {"momentum_buffer", "mu"}},
      {"mean", {"exp_avg"}},
      {"square", {"exp_avg_sq"}},
      {"steps", {"step"}}};
  for (const std::string& word : words.at(ours))
    if (state.contains(word))
      return state.at(word).is_number() ? Json::array({state.at(word)}) : state.at(word);
  return {};
}

void check_state(const Json& c, const Optimiser& optimiser, Findings& found) {
  if (!c.at("expected").contains("state_after_last")) return;
  const auto tolerance = c.at("tol").at("f64_abs").get<double>();
  for (const auto& [name, tensor] : optimiser.state()) {
    const auto dot = name.find('.');
    if (dot == std::string::npos) continue;
    const Json wanted = state_named(
        c.at("expected").at("state_after_last").at(name.substr(dot + 1)), name.substr(0, dot));
    const auto got = numbers(tensor);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      found.near(name, got.at(i), wanted[i].get<double>(), 0, tolerance);
  }
}

void run_optimiser(const Json& c, torch::Dtype type, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const OptimiserOptions options = options_of(c);
  std::vector<TrainedParameter> parameters;
  for (const auto& [name, description] : c.at("inputs").items()) {
    const torch::Tensor values = tensor(description, type).requires_grad_();
    parameters.push_back({name, values, plain(c, options, name, values.dim())});
  }
  Optimiser optimiser(options, parameters);
  const bool exact = type == torch::kDouble;
  const auto tolerance = c.at("tol").at(exact ? "f64_abs" : "f32_abs").get<double>();
  const Json& gradients = c.at("grad_inputs");
  for (std::size_t step = 0; step < gradients.size(); ++step) {
    for (TrainedParameter& p : parameters)
      p.tensor.mutable_grad() = tensor(gradients[step].at(p.name), type);
    optimiser.step({at_step(params, "lr", step), at_step(params, "weight_decay", step)});
    const bool last = step + 1 == gradients.size();
    if (!exact && !last) continue;
    const Json& wanted =
        exact ? expected.at("params_after_step").at(step) : expected.at("params_after_last_f32");
    for (const TrainedParameter& p : parameters) {
      const auto got = numbers(p.tensor);
      for (std::size_t i = 0; i < got.size(); ++i)
        found.near(p.name + " after step " + std::to_string(step + 1), got[i],
                   wanted.at(p.name).at(i).get<double>(), 0, tolerance);
    }
  }
  if (exact) check_state(c, optimiser, found);
}

void optimiser_family(const Json& c, Findings& found) {
  run_optimiser(c, torch::kDouble, found);
  run_optimiser(c, torch::kFloat, found);
}

void layer_decay_family(const Json& c, Findings& found) {
  const Json& expected = c.at("expected");
  const auto rates = layer_decay(c.at("inputs").at("names").get<std::vector<std::string>>(),
                                 c.at("params").at("layer_decay").get<double>());
  for (std::size_t i = 0; i < rates.size(); ++i) {
    found.same("layer " + std::to_string(i),
               rates[i].layer == expected.at("layer_id").at(i).get<std::int64_t>());
    found.near("scale " + std::to_string(i), rates[i].scale,
               expected.at("lr_scale").at(i).get<double>(),
               c.at("tol").at("f64_rel").get<double>());
  }
}

/// A published schedule in our terms: what moves, and from which position on, in which strides.
struct Course {
  std::function<double(double)> value;
  double first = 0;
  double stride = 1;
};

Course course(const WarmupCosine& schedule, double first = 0, double stride = 1) {
  return {[schedule](double position) { return warmup_cosine(schedule, position); }, first, stride};
}

/// Those that count epochs, a step being a part of one.
std::optional<Course> course_in_epochs(const std::string& id, const Json& p) {
  const auto number = [&](const char* key) { return p.at(key).get<double>(); };
  const double epochs = p.value("epochs", 0.0), stride = 1 / p.value("iters_per_epoch", 1.0);
  if (id.starts_with("lr_mae"))
    return course({number("lr"), number("min_lr"), number("warmup_epochs"), epochs}, 0, stride);
  if (id.starts_with("lr_mocov3"))
    return course({number("lr"), 0, number("warmup_epochs"), epochs}, 0, stride);
  if (id.starts_with("ema_mocov3")) return course({number("moco_m"), 1, 0, epochs}, 0, stride);
  if (id.starts_with("lr_simsiam")) return course({number("lr"), 0, 0, epochs});
  return std::nullopt;
}

/// lr_dino, ema_dino and wd_dino are one function.
Course dino_course(const Json& p) {
  const auto number = [&](const char* key) { return p.at(key).get<double>(); };
  const double each = number("niter_per_ep");
  return course({.peak = number("base_value"),
                 .last = number("final_value"),
                 .warmup = number("warmup_epochs") * each,
                 .total = number("epochs") * each,
                 .start = p.value("start_warmup_value", 0.0),
                 .rise = Rise::inclusive});
}

std::optional<Course> course_in_steps(const std::string& id, const Json& p) {
  const auto number = [&](const char* key) { return p.at(key).get<double>(); };
  if (id.find("_dino") != std::string::npos) return dino_course(p);
  if (id.starts_with("lr_solo"))
    return course({number("lr"), number("eta_min"), number("warmup"), number("max"),
                   number("warmup_start_lr"), Rise::inclusive});
  if (id.starts_with("ema_byol_solo"))
    return course({number("base_tau"), number("final_tau"), 0, number("max_steps")});
  if (id.starts_with("lr_ijepa"))
    return course({number("ref_lr"), number("final_lr"), number("warmup_steps"), number("T_max"),
                   number("start_lr")},
                  1);
  if (id.starts_with("wd_ijepa"))
    return course({number("ref_wd"), number("final_wd"), 0, number("T_max")}, 1);
  if (id.starts_with("lr_lightly_cosine_warmup"))
    return course({number("start_value"), number("end_value"), number("warmup_steps"),
                   number("max_steps") - 1, number("warmup_start_value"), Rise::one_ahead});
  if (id.starts_with("cosine_lightly_ema"))
    return course({number("start_value"), number("end_value"), 0, number("max_steps") - 1});
  if (id.starts_with("cosine_annealing_torch"))
    return course({number("lr"), number("eta_min"), 0, number("T_max")});
  if (id.starts_with("cosine_lightly_period"))
    return Course{[from = number("start_value"), to = number("end_value"),
                   half = number("period") / 2](double position) {
      return half_cosine(from, to, position / half);
    }};
  return std::nullopt;
}

void compare(const Json& c, const std::string& what, const Course& course, Findings& found) {
  const Json& wanted = c.at("expected").at(what);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    found.near(what + ", number " + std::to_string(i),
               course.value(course.first + static_cast<double>(i) * course.stride),
               wanted[i].get<double>(), c.at("tol").at("f64_rel").get<double>(),
               c.at("tol").at("f64_abs").get<double>());
}

/// Two groups of parameters, each at its own peak.
void barlow_schedule(const Json& c, Findings& found) {
  const Json& p = c.at("params");
  const auto number = [&](const char* key) { return p.at(key).get<double>(); };
  for (const auto& [group, what] : {std::pair{"learning_rate_weights", "values"},
                                    std::pair{"learning_rate_biases", "values_biases"}}) {
    const double peak = number("batch_size") / 256 * number(group);
    compare(c, what,
            course({peak, peak * 0.001, number("warmup_epochs"), number("epochs")}, 0,
                   1 / number("iters_per_epoch")),
            found);
  }
}

void schedule_family(const Json& c, Findings& found) {
  const auto id = c.at("id").get<std::string>();
  if (id.starts_with("lr_barlow")) return barlow_schedule(c, found);
  auto known = course_in_epochs(id, c.at("params"));
  if (!known) known = course_in_steps(id, c.at("params"));
  if (!known) throw NotComputed();
  for (const char* what : {"values", "values_closed_form"})
    if (c.at("expected").contains(what)) compare(c, what, *known, found);
}

}  // namespace

void add_optim_families(Families& families) {
  families["optimizer"] = optimiser_family;
  families["param_groups"] = layer_decay_family;
  families["schedule"] = schedule_family;
}

}  // namespace selfsight::reference
