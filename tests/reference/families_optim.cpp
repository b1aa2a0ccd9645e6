#include "core/training/optimiser.h"
#include "core/training/schedule.h"
#include "tests/reference/tensors.h"

namespace selfsight::reference {
namespace {

OptimiserOptions options_of(const Json& c) {
  const Json& params = c.at("params");
  if (params.value("nesterov", false)) throw NotComputed();
  OptimiserOptions options;
  options.name = c.at("id").get<std::string>().starts_with("adamw") ? "adamw" : "sgd";
  options.momentum = params.value("momentum", 0.0);
  options.weight_decay = params.value("weight_decay", 0.0);
  if (params.contains("betas")) {
    options.beta1 = params.at("betas").at(0).get<double>();
    options.beta2 = params.at("betas").at(1).get<double>();
  }
  return options;
}

/// The golden cases name the parameters without decay; here those of one dimension are without.
/// The update goes entry by entry, so the shape may be chosen to say which is meant.
torch::Tensor shaped(const torch::Tensor& flat, const Json& c, const std::string& name) {
  for (const Json& other : c.at("params").value("no_decay", Json::array()))
    if (other.get<std::string>() == name) return flat;
  return flat.reshape({1, -1});
}

void run_optimiser(const Json& c, torch::Dtype type, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  NamedTensors parameters;
  for (const auto& [name, description] : c.at("inputs").items())
    parameters.emplace_back(name,
                            shaped(tensor(input(description), type), c, name).requires_grad_());
  Optimiser optimiser(options_of(c), parameters);
  const bool exact = type == torch::kDouble;
  const auto tolerance = c.at("tol").at(exact ? "f64_abs" : "f32_abs").get<double>();
  const Json& gradients = c.at("grad_inputs");
  for (std::size_t step = 0; step < gradients.size(); ++step) {
    for (auto& [name, parameter] : parameters)
      parameter.mutable_grad() =
          tensor(input(gradients[step].at(name)), type).reshape(parameter.sizes());
    optimiser.step(params.contains("lr_per_step") ? params.at("lr_per_step").at(step).get<double>()
                                                  : params.at("lr").get<double>());
    const bool last = step + 1 == gradients.size();
    if (!exact && !last) continue;
    const Json& wanted =
        exact ? expected.at("params_after_step").at(step) : expected.at("params_after_last_f32");
    for (const auto& [name, parameter] : parameters) {
      const auto got = numbers(parameter);
      for (std::size_t i = 0; i < got.size(); ++i)
        found.near(name + " after step " + std::to_string(step + 1), got[i],
                   wanted.at(name).at(i).get<double>(), 0, tolerance);
    }
  }
}

void optimiser_family(const Json& c, Findings& found) {
  const auto id = c.at("id").get<std::string>();
  if (!id.starts_with("sgd") && !id.starts_with("adamw")) throw NotComputed();
  run_optimiser(c, torch::kDouble, found);
  run_optimiser(c, torch::kFloat, found);
}

/// A published schedule in our terms: what moves, from which position on, in which strides.
struct Course {
  WarmupCosine schedule;
  double first = 0;
  double stride = 1;
};

Course course_of(const std::string& id, const Json& p) {
  const auto number = [&](const char* key) { return p.at(key).get<double>(); };
  const auto per_step = [&] { return 1 / number("iters_per_epoch"); };
  if (id == "lr_mae")
    return {
        {number("lr"), number("min_lr"), number("warmup_epochs"), number("epochs")}, 0, per_step()};
  if (id == "lr_mocov3")
    return {{number("lr"), 0, number("warmup_epochs"), number("epochs")}, 0, per_step()};
  if (id == "ema_mocov3") return {{number("moco_m"), 1, 0, number("epochs")}, 0, per_step()};
  if (id == "lr_simsiam") return {{number("lr"), 0, 0, number("epochs")}};
  if (id == "ema_byol_solo")
    return {{number("base_tau"), number("final_tau"), 0, number("max_steps")}};
  if (id == "ema_dino" || id == "wd_dino")
    return {{number("base_value"), number("final_value"), 0,
             number("epochs") * number("niter_per_ep")}};
  if (id == "lr_barlow") {
    const double base = number("batch_size") / 256 * number("learning_rate_weights");
    return {{base, base * 0.001, number("warmup_epochs"), number("epochs")}, 0, per_step()};
  }
  if (id == "wd_ijepa") return {{number("ref_wd"), number("final_wd"), 0, number("T_max")}, 1};
  if (id == "cosine_lightly_ema")
    return {{number("start_value"), number("end_value"), 0, number("max_steps") - 1}};
  if (id == "cosine_annealing_torch")
    return {{number("lr"), number("eta_min"), 0, number("T_max")}};
  throw NotComputed();
}

void schedule_family(const Json& c, Findings& found) {
  const Course course = course_of(c.at("id").get<std::string>(), c.at("params"));
  const Json& wanted = c.at("expected").at("values");
  for (std::size_t i = 0; i < wanted.size(); ++i)
    found.near(
        "value " + std::to_string(i),
        warmup_cosine(course.schedule, course.first + static_cast<double>(i) * course.stride),
        wanted[i].get<double>(), c.at("tol").at("f64_rel").get<double>(),
        c.at("tol").at("f64_abs").get<double>());
}

}  // namespace

void add_optim_families(Families& families) {
  families["optimizer"] = optimiser_family;
  families["schedule"] = schedule_family;
}

}  // namespace selfsight::reference
