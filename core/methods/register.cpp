#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/methods/method.h"
#include "core/nets/encoder.h"

namespace selfsight {

#define METHOD(name) RegisteredMethod name();
#include "core/methods/methods.def"
#undef METHOD

namespace {

/// Every method, in the order in which it is shown.
const std::vector<RegisteredMethod>& registered() {
  static const std::vector<RegisteredMethod> methods{
#define METHOD(name) name(),
#include "core/methods/methods.def"
#undef METHOD
  };
  return methods;
}

const RegisteredMethod& find(const std::string& name) {
  std::vector<std::string> names;
  for (const RegisteredMethod& method : registered()) {
    if (method.info.name == name) return method;
    names.push_back(method.info.name);
  }
  const std::string near = nearest_word(name, names);
  throw InputError(
      "There is no method " + name + "." +
      (near.empty() ? " `selfsight methods` lists them." : " Did you mean " + near + "?"));
}

}  // namespace

const std::vector<MethodInfo>& method_infos() {
  static const std::vector<MethodInfo> infos = [] {
    std::vector<MethodInfo> out;
    for (const RegisteredMethod& method : registered()) out.push_back(method.info);
    return out;
  }();
  return infos;
}

const MethodInfo& method_info(const std::string& name) {
  return name.empty() ? registered().front().info : find(name).info;
}

void check_encoder_for(const MethodInfo& info, const EncoderOptions& encoder,
                       std::int64_t view_size) {
  if (info.needs_transformer && !is_transformer(encoder))
    throw InputError(info.title +
                     " hides patches, so it needs a Vision Transformer; set encoder.name to "
                     "vit_tiny, vit_small or vit_base.");
  check_encoder(encoder, view_size);
}

std::string diagnostic_help(const std::string& name) {
  static const std::map<std::string, std::string> help{
      {"accuracy", "Part of the batch's puzzles that are solved."},
      {"class_loss", "The part of the loss that whole images have."},
      {"constant_loss", "The loss of one answer for every pixel: the batch's own colours."},
      {"covariance",
       "Mean squared covariance between dimensions of the outputs, before its weight."},
      {"invariance", "Mean squared distance of an image's outputs, before its weight."},
      {"neighbour_similarity", "Mean cosine of an output and its neighbour in the queue."},
      {"output_spread",
       "Deviation of the normalised outputs times the root of their dimensions: near 1 when they "
       "are spread, 0 when every image gets the same answer."},
      {"patch_loss", "The part of the loss that hidden patches have."},
      {"patch_mean_loss", "The loss of painting each hidden patch with its own mean."},
      {"positive_similarity", "Mean cosine of the outputs of two views of an image."},
      {"prototypes_used",
       "How many prototypes the batch is spread over: exp of the entropy of its choices."},
      {"region_mean_loss", "The loss of painting the hidden region with its own mean."},
      {"sigreg", "How far the outputs are from an isotropic Gaussian, before its weight."},
      {"target_std", "Deviation of the targets over patches: 0 when all are one."},
      {"teacher_entropy", "Entropy of the teacher's answers: ln K when they say nothing."},
      {"uniform_loss", "The loss of finding every class alike."},
      {"variance", "How far the outputs' deviations are below 1, before its weight."},
      {"zero_loss", "The loss of answering zero, the mean of all targets."},
  };
  const auto found = help.find(name);
  return found == help.end() ? std::string() : found->second;
}

std::shared_ptr<Method> make_method(const MethodRequest& request) {
  const RegisteredMethod& registered_method = find(request.name);
  check_encoder_for(registered_method.info, request.encoder, request.view_size);
  std::shared_ptr<Method> method;
  with_seed(request.seed, [&] { method = registered_method.make(request); });
  return method;
}

void Method::before_update(const Position&) {}
void Method::after_update(const Position&) {}
bool Method::constant_lr(const std::string&) const {
  return false;
}

torch::Tensor Method::assignments(const torch::Tensor&) {
  return {};
}

torch::Tensor Method::reconstruct(const torch::Tensor&, const torch::Tensor&) {
  throw Error("This method does not rebuild images.");
}

}  // namespace selfsight
