// SwAV, DINO, iBOT and what they are made of; SimMIM and I-JEPA.
#include <functional>

#include "core/methods/losses_clusters.h"
#include "core/methods/losses_masked.h"
#include "tests/reference/tensors.h"

namespace selfsight::reference {
namespace {

using Inputs = std::map<std::string, torch::Tensor>;
using Loss = std::function<torch::Tensor(const Inputs&)>;

struct Precision {
  std::string name;
  torch::Dtype type;
};
const Precision precisions[] = {{"f64", torch::kDouble}, {"f32", torch::kFloat}};

Inputs inputs_of(const Json& descriptions, const Json& grads, torch::Dtype type) {
  Inputs inputs;
  for (const auto& [name, description] : descriptions.items())
    inputs[name] = tensor(description, type).requires_grad_(grads.contains(name));
  return inputs;
}

/// A loss and its gradients in one precision.
void check_step(const Json& inputs_description, const Json& expected, const Json& tol,
                const Precision& precision, const Loss& loss, Findings& found) {
  const Json& grads = expected.at("grads");
  const Inputs inputs = inputs_of(inputs_description, grads, precision.type);
  const torch::Tensor value = loss(inputs);
  value.backward();
  found.near("the loss in " + precision.name, value.item<double>(),
             expected.at("loss_" + precision.name).get<double>(),
             tol.at(precision.name + "_rel").get<double>(),
             tol.value(precision.name + "_abs", 0.0));
  for (const auto& [name, wanted] : grads.items())
    found.checksum("the gradient of " + name + " in " + precision.name,
                   numbers(inputs.at(name).grad()), wanted,
                   tol.at("grad_" + precision.name + "_rel_l2").get<double>());
}

void check_cluster_loss(const Json& c, const Loss& loss, Findings& found) {
  for (const Precision& precision : precisions)
    check_step(c.at("inputs"), c.at("expected"), c.at("tol"), precision, loss, found);
}

void check_values(const std::string& what, const torch::Tensor& got, const Json& wanted,
                  double relative, double absolute, Findings& found) {
  const auto values = numbers(got);
  const auto expected = wanted.get<std::vector<double>>();
  found.same("the size of " + what, values.size() == expected.size());
  for (std::size_t i = 0; i < std::min(values.size(), expected.size()); ++i)
    found.near(what + ", entry " + std::to_string(i), values[i], expected[i], relative, absolute);
}

void sinkhorn_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected"), &tol = c.at("tol");
  const auto codes_in = [&](torch::Dtype type) {
    return sinkhorn(tensor(c.at("inputs").at("scores"), type), params.at("epsilon").get<double>(),
                    params.at("iterations").get<std::int64_t>());
  };
  const torch::Tensor codes = codes_in(torch::kDouble);
  const double relative = tol.at("f64_rel").get<double>();
  check_values("the codes", codes, expected.at("codes"), relative, 0, found);
  check_values("the sums of rows", codes.sum(1), expected.at("row_sums"), relative, 0, found);
  check_values("the sums of columns", codes.sum(0), expected.at("col_sums"), relative, 0, found);
  check_values("the codes in f32", codes_in(torch::kFloat), expected.at("codes"), 0,
               tol.at("f32_abs").get<double>(), found);
}

/// The scores of crop `name`, under those of its queue where there is one.
torch::Tensor swav_codes(const Inputs& in, const std::string& number, const Json& params) {
  const torch::Tensor scores = in.at("high" + number);
  const auto queue = in.find("queue" + number);
  const torch::Tensor all = queue == in.end() ? scores : torch::cat({scores, queue->second});
  return sinkhorn(all, params.at("epsilon").get<double>(),
                  params.at("sinkhorn_iterations").get<std::int64_t>())
      .slice(0, 0, scores.size(0));
}

void swav_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const auto high = params.at("n_high").get<int>(), low = params.at("n_low").get<int>();
  const auto loss = [&](const Inputs& in) {
    std::vector<torch::Tensor> scores, codes;
    for (int i = 0; i < high; ++i) scores.push_back(in.at("high" + std::to_string(i)));
    for (int i = 0; i < low; ++i) scores.push_back(in.at("low" + std::to_string(i)));
    for (int i = 0; i < high; ++i) codes.push_back(swav_codes(in, std::to_string(i), params));
    return swav_loss(scores, codes, params.at("temperature").get<double>());
  };
  check_cluster_loss(c, loss, found);
  const Inputs inputs = inputs_of(c.at("inputs"), Json::object(), torch::kDouble);
  for (int i = 0; i < high; ++i)
    check_values("the codes of crop " + std::to_string(i),
                 swav_codes(inputs, std::to_string(i), params),
                 expected.at("codes" + std::to_string(i)), c.at("tol").at("f64_rel").get<double>(),
                 0, found);
}

DinoTemperatures temperatures(const Json& params, const char* teacher = "teacher_temp") {
  return {params.at("student_temp").get<double>(), params.at(teacher).get<double>()};
}

void dino_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &tol = c.at("tol");
  if (params.at("initial_center") != "zeros" || params.at("n_global") != 2) throw NotComputed();
  const auto crops = 2 + params.at("n_local").get<std::int64_t>();
  const auto momentum = params.at("center_momentum").get<double>();
  for (const Precision& precision : precisions) {
    torch::Tensor centre = torch::zeros({params.at("out_dim").get<std::int64_t>()}, precision.type);
    for (const Json& step : c.at("steps")) {
      torch::Tensor moved;
      const auto loss = [&](const Inputs& in) {
        moved = moved_centre(centre, in.at("teacher"), momentum);
        return dino_loss(in.at("student"), in.at("teacher"), centre, crops, temperatures(params));
      };
      check_step(step.at("inputs"), step.at("expected"), tol, precision, loss, found);
      centre = moved;
      if (precision.name == "f64")
        check_values("the centre", centre, step.at("expected").at("center_after"),
                     tol.at("f64_rel").get<double>(), 1e-15, found);
    }
  }
}

void dino_teacher_temp_schedule_family(const Json& c, Findings& found) {
  const Json& params = c.at("params");
  const TemperatureWarmup warmup{params.at("warmup_teacher_temp").get<double>(),
                                 params.at("teacher_temp").get<double>(),
                                 params.at("warmup_epochs").get<std::int64_t>()};
  std::int64_t epoch = 0;
  for (const Json& wanted : c.at("expected").at("per_epoch")) {
    found.near("epoch " + std::to_string(epoch), teacher_temperature(warmup, epoch),
               wanted.get<double>(), c.at("tol").at("f64_rel").get<double>());
    ++epoch;
  }
}

/// The rows of hidden patches of [N, L, K].
torch::Tensor rows_at(const torch::Tensor& tokens, const torch::Tensor& hidden) {
  return tokens.index({hidden});
}

torch::Tensor hidden_of(const Inputs& in) {
  return in.at("mask").detach().flatten(1).to(torch::kBool);
}

void ibot_patch_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  check_cluster_loss(
      c,
      [&](const Inputs& in) {
        const torch::Tensor hidden = hidden_of(in);
        return ibot_patch_loss(rows_at(in.at("student"), hidden), rows_at(in.at("teacher"), hidden),
                               hidden, in.at("center"), temperatures(params));
      },
      found);
  const Inputs in = inputs_of(c.at("inputs"), Json::object(), torch::kDouble);
  const torch::Tensor hidden = hidden_of(in);
  const auto momentum = params.at("center_momentum").get<double>();
  const double relative = c.at("tol").at("f64_rel").get<double>();
  found.near("hidden patches", hidden.sum().item<double>(), expected.at("n_masked").get<double>(),
             0);
  check_values("the centre after all patches",
               moved_centre(in.at("center"), in.at("teacher"), momentum),
               expected.at("center_after_all_tokens"), relative, 1e-15, found);
  check_values("the centre after hidden patches",
               moved_centre(in.at("center"), rows_at(in.at("teacher"), hidden), momentum),
               expected.at("center_after_masked_tokens"), relative, 1e-15, found);
}

void ibot_full_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  if (params.at("initial_center") != "zeros" || params.at("n_global") != 2) throw NotComputed();
  const auto zeros = [&](const char* dimensions, const torch::Tensor& like) {
    return torch::zeros({params.at(dimensions).get<std::int64_t>()}, like.dtype());
  };
  const auto cls = [&](const Inputs& in) {
    const bool local = in.contains("student_local_cls");
    const torch::Tensor student =
        local ? torch::cat({in.at("student_cls"), in.at("student_local_cls")})
              : in.at("student_cls");
    return dino_loss(student, in.at("teacher_cls"), zeros("out_dim", student),
                     2 + params.at("n_local").get<std::int64_t>(), temperatures(params));
  };
  const auto patch = [&](const Inputs& in) {
    const torch::Tensor hidden = hidden_of(in);
    return ibot_patch_loss(
        rows_at(in.at("student_patch"), hidden), rows_at(in.at("teacher_patch"), hidden), hidden,
        zeros("patch_out_dim", in.at("student_patch")), temperatures(params, "teacher_patch_temp"));
  };
  const auto lambda1 = params.at("lambda1").get<double>(),
             lambda2 = params.at("lambda2").get<double>();
  check_cluster_loss(
      c, [&](const Inputs& in) { return lambda1 * cls(in) + lambda2 * patch(in); }, found);
  const Inputs in = inputs_of(c.at("inputs"), Json::object(), torch::kDouble);
  const auto momentum = params.at("center_momentum").get<double>();
  const double relative = c.at("tol").at("f64_rel").get<double>();
  found.near("the class term", lambda1 * cls(in).item<double>(), expected.at("cls").get<double>(),
             relative);
  found.near("the patch term", lambda2 * patch(in).item<double>(),
             expected.at("patch").get<double>(), relative);
  check_values("the centre of classes",
               moved_centre(zeros("out_dim", in.at("teacher_cls")), in.at("teacher_cls"), momentum),
               expected.at("center_cls_after"), relative, 1e-15, found);
  check_values("the centre of patches",
               moved_centre(zeros("patch_out_dim", in.at("teacher_patch")), in.at("teacher_patch"),
                            momentum),
               expected.at("center_patch_after"), relative, 1e-15, found);
}

void koleo_family(const Json& c, Findings& found) {
  if (c.at("params").at("eps") != 1e-8) throw NotComputed();
  check_cluster_loss(
      c, [](const Inputs& in) { return koleo_loss(in.at("x")); }, found);
}

void simmim_l1_family(const Json& c, Findings& found) {
  check_cluster_loss(
      c, [](const Inputs& in) { return simmim_loss(in.at("imgs"), in.at("rec"), hidden_of(in)); },
      found);
  const Inputs in = inputs_of(c.at("inputs"), Json::object(), torch::kDouble);
  found.near("hidden patches", hidden_of(in).sum().item<double>(),
             c.at("expected").at("n_masked_patches").get<double>(), 0);
}

void ijepa_smooth_l1_family(const Json& c, Findings& found) {
  const Json& params = c.at("params");
  if (params.at("beta") != 1.0 || params.at("layer_norm_eps") != 1e-5) throw NotComputed();
  check_cluster_loss(
      c, [](const Inputs& in) { return ijepa_loss(in.at("pred"), in.at("target")); }, found);
  found.checksum("the normalised target",
                 numbers(ijepa_target(tensor(c.at("inputs").at("target"), torch::kDouble))),
                 c.at("expected").at("target_norm"), c.at("tol").at("f64_rel").get<double>());
}

}  // namespace

void add_cluster_loss_families(Families& families) {
  families["sinkhorn"] = sinkhorn_family;
  families["swav"] = swav_family;
  families["dino"] = dino_family;
  families["dino_teacher_temp_schedule"] = dino_teacher_temp_schedule_family;
  families["ibot_patch"] = ibot_patch_family;
  families["ibot_full"] = ibot_full_family;
  families["koleo"] = koleo_family;
  families["simmim_l1"] = simmim_l1_family;
  families["ijepa_smooth_l1"] = ijepa_smooth_l1_family;
}

}  // namespace selfsight::reference
