#include <cmath>
#include <cstdio>

#include "core/methods/losses.h"
#include "core/nets/mae_decoder.h"
#include "core/nets/resnet.h"
#include "tests/reference/tensors.h"

namespace selfsight::reference {
namespace {

using State = std::vector<std::pair<std::string, torch::Tensor>>;

std::string leaf(const std::string& name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

/// The rule by which the golden networks got their weights.
Json filling(const std::string& name, const torch::Tensor& part) {
  Json d{{"gen", "sym"}, {"seed", fnv1a64(name)}, {"shape", part.sizes().vec()}};
  const std::string last = leaf(name);
  if (last == "num_batches_tracked")
    d["gen"] = "zeros";
  else if (last == "running_var")
    d["scale"] = 0.5, d["shift"] = 1.0;
  else if (last == "cls_token" || last == "pos_embed" || last == "mask_token" ||
           last == "decoder_pos_embed")
    d["scale"] = 0.5;
  else if (part.dim() >= 2)
    d["scale"] =
        std::sqrt(3.0 * static_cast<double>(part.size(0)) / static_cast<double>(part.numel()));
  else if (last == "weight")
    d["scale"] = 0.1, d["shift"] = 1.0;
  else
    d["scale"] = 0.1;  // biases and running means
  return d;
}

void fill(const State& state, const Json& c, bool keep_positions) {
  const torch::NoGradGuard no_grad;
  const auto prefix = c.at("params").at("name_prefix").get<std::string>();
  for (auto [name, part] : state)
    if (!keep_positions || !leaf(name).ends_with("pos_embed"))
      part.copy_(tensor(filling(prefix + name, part), torch::kDouble));
}

void check_names(const State& state, const Json& expected, Findings& found) {
  std::string listing;
  double parameters = 0;
  for (const auto& [name, part] : state) {
    std::string shape;
    for (const auto size : part.sizes()) {
      if (!shape.empty()) shape += 'x';
      shape += std::to_string(size);
    }
    listing += name + ":" + shape + "\n";
    const std::string last = leaf(name);
    if (!last.starts_with("running_") && last != "num_batches_tracked")
      parameters += static_cast<double>(part.numel());
  }
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(fnv1a64(listing)));
  found.near("the number of entries", static_cast<double>(state.size()),
             expected.at("state_dict_count").get<double>(), 0);
  found.near("the number of parameters", parameters, expected.at("parameter_count").get<double>(),
             0);
  found.same("the list of names and shapes", expected.at("state_dict_fnv1a64") == hash);
}

void check_shape(const std::string& what, const torch::Tensor& got, const Json& wanted,
                 Findings& found) {
  found.same("the shape of " + what, got.sizes() == wanted.get<std::vector<std::int64_t>>());
}

torch::Tensor named(const State& state, const std::string& name) {
  for (const auto& [other, part] : state)
    if (other == name) return part;
  throw std::out_of_range("there is no " + name);
}

void check_gradients(const State& state, const Json& wanted, double relative, Findings& found) {
  for (const auto& [name, sums] : wanted.items())
    found.checksum("the gradient of " + name, numbers(named(state, name).grad()), sums, relative);
}

void check_stages(const State& stages, const Json& wanted, double relative, Findings& found) {
  for (const auto& [name, sums] : wanted.items()) {
    const torch::Tensor stage = named(stages, name);
    check_shape(name, stage, sums.at("shape"), found);
    found.checksum(name, numbers(stage), sums, relative);
  }
}

/// "mean over … of output*g, g = gauss4 seed 80001"
torch::Tensor golden_loss(const torch::Tensor& output, const Json& part) {
  const auto words = part.at("loss_definition").get<std::string>();
  const Json weights{{"gen", "gauss4"},
                     {"seed", std::stoull(words.substr(words.rfind(' ') + 1))},
                     {"shape", output.sizes().vec()}};
  return (output * tensor(weights, output.scalar_type())).mean();
}

double output_tolerance(const Json& c, bool exact) {
  return c.at("tol").at(exact ? "f64_rel" : "output_f32_rel_l2").get<double>();
}

/// Empty where single precision cannot say anything.
std::optional<double> gradient_tolerance(const Json& c, bool exact) {
  const Json& tolerance = c.at("tol").at(exact ? "f64_rel" : "grad_f32_rel_l2");
  return tolerance.is_number() ? std::optional(tolerance.get<double>()) : std::nullopt;
}

State resnet_stages(ResNet& net, const torch::Tensor& images) {
  torch::Tensor x = net.conv1(images);
  State stages;
  stages.emplace_back("conv1", x.clone());
  x = torch::relu(net.bn1(x));
  if (net.max_pool) x = torch::max_pool2d(x, 3, 2, 1);
  stages.emplace_back("maxpool", x.clone());
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    x = net.layers[i]->forward(x);
    stages.emplace_back("layer" + std::to_string(i + 1), x.clone());
  }
  return stages;
}

void check_resnet(const Json& c, ResNet& net, torch::Dtype type, Findings& found) {
  const bool exact = type == torch::kDouble;
  net.to(type);
  const State state = state_dict(net);
  const torch::Tensor images = tensor(c.at("inputs").at("x"), type);
  for (const std::string mode : {"eval", "train"}) {
    const Json& wanted = c.at("expected").at(mode);
    net.train(mode == "train");
    if (exact) {
      fill(state, c, false);
      const torch::NoGradGuard no_grad;
      check_stages(resnet_stages(net, images), wanted.at("stages"), output_tolerance(c, exact),
                   found);
    }
    fill(state, c, false);  // looking at the stages has moved the running statistics
    net.zero_grad();
    const torch::Tensor output = net.forward(images);
    check_shape(mode + " output", output, wanted.at("output_shape"), found);
    found.checksum(mode + " output", numbers(output), wanted.at("output"),
                   output_tolerance(c, exact));
    if (mode != "train") continue;
    const torch::Tensor loss = golden_loss(output, wanted);
    loss.backward();
    if (exact)
      found.near("the loss", loss.item<double>(), wanted.at("loss").get<double>(),
                 output_tolerance(c, exact));
    if (const auto relative = gradient_tolerance(c, exact))
      check_gradients(state, wanted.at("grads"), *relative, found);
    for (const auto& [name, sums] : wanted.at("buffers_after").items())
      found.checksum(name + " after a step", numbers(named(state, name)), sums,
                     output_tolerance(c, exact));
  }
}

void resnet_family(const Json& c, Findings& found) {
  const auto id = c.at("id").get<std::string>();
  EncoderOptions options;
  options.name = id.substr(0, id.find('_'));
  options.stem = id.find("cifar") == std::string::npos ? "imagenet" : "cifar";
  if (options.name != "resnet18" && options.name != "resnet34" && options.name != "resnet50")
    throw NotComputed();
  ResNet net(resnet_shape(options, c.at("inputs").at("x").at("shape").at(1).get<int>()));
  check_names(state_dict(net), c.at("expected"), found);
  check_resnet(c, net, torch::kDouble, found);
  check_resnet(c, net, torch::kFloat, found);
}

VisionTransformerShape shape_of(const Json& params, const Json& images) {
  VisionTransformerShape shape;
  shape.image_size = params.at("img_size").get<std::int64_t>();
  shape.patch_size = params.at("patch_size").get<std::int64_t>();
  shape.channels = images.at("shape").at(1).get<std::int64_t>();
  shape.dimensions = params.at("embed_dim").get<std::int64_t>();
  shape.depth = params.at("depth").get<std::int64_t>();
  shape.heads = params.at("num_heads").get<std::int64_t>();
  return shape;
}

State vision_transformer_stages(VisionTransformer& net, const torch::Tensor& images) {
  const State state = state_dict(net);
  torch::Tensor x = torch::conv2d(images, named(state, "patch_embed.proj.weight"),
                                  named(state, "patch_embed.proj.bias"), net.shape().patch_size);
  x = x.flatten(2).transpose(1, 2);
  State stages;
  stages.emplace_back("patch_embed", x);
  x = torch::cat({named(state, "cls_token").expand({x.size(0), -1, -1}), x}, 1) +
      named(state, "pos_embed");
  const auto modules = net.named_modules("", /*include_self=*/false);
  Tokens tokens{x, {}, {}};
  for (std::int64_t i = 0; i < net.shape().depth; ++i) {
    const std::string name = "blocks." + std::to_string(i);
    tokens = modules[name]->as<TransformerBlock>()->forward(tokens);
    stages.emplace_back(name, tokens.x + tokens.branch + tokens.bias);
  }
  stages.emplace_back("norm", net.tokens(images));
  return stages;
}

void vision_transformer_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  if (params.value("num_classes", 0) != 0 || params.value("mlp_ratio", 4.0) != 4)
    throw NotComputed();
  VisionTransformer net(shape_of(params, c.at("inputs").at("x")));
  const State state = state_dict(net);
  check_names(state, expected, found);
  for (const auto type : {torch::kDouble, torch::kFloat}) {
    const bool exact = type == torch::kDouble;
    net.to(type);
    fill(state, c, false);
    net.zero_grad();
    const torch::Tensor images = tensor(c.at("inputs").at("x"), type);
    check_stages(vision_transformer_stages(net, images), expected.at("stages"),
                 output_tolerance(c, exact), found);
    const torch::Tensor output = net.forward(images);
    check_shape("the output", output, expected.at("output_shape"), found);
    found.checksum("the output", numbers(output), expected.at("output"),
                   output_tolerance(c, exact));
    const torch::Tensor loss = golden_loss(output, expected);
    loss.backward();
    if (exact)
      found.near("the loss", loss.item<double>(), expected.at("loss").get<double>(),
                 output_tolerance(c, exact));
    check_gradients(state, expected.at("grads"), *gradient_tolerance(c, exact), found);
  }
}

void model_family(const Json& c, Findings& found) {
  if (c.at("params").contains("embed_dim"))
    vision_transformer_family(c, found);
  else
    resnet_family(c, found);
}

struct MaeMask {
  torch::Tensor keep, restore, hidden;
};

/// From noise as the official code has it: the first `kept` of its ascending order are kept.
MaeMask mae_mask(const torch::Tensor& noise, std::int64_t kept) {
  const torch::Tensor order = torch::argsort(noise, /*stable=*/true, 1);
  const torch::Tensor restore = torch::argsort(order, /*stable=*/true, 1);
  return {order.slice(1, 0, kept), restore, restore.ge(kept)};
}

void check_mask(const MaeMask& mask, const Json& expected, Findings& found) {
  found.same("the kept patches",
             numbers(mask.keep) == expected.at("ids_keep").get<std::vector<double>>());
  found.same("the order to restore",
             numbers(mask.restore) == expected.at("ids_restore").get<std::vector<double>>());
  found.same("the mask", numbers(mask.hidden) == expected.at("mask").get<std::vector<double>>());
}

void mae_model_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected"), &inputs = c.at("inputs");
  VisionTransformerShape shape = shape_of(params, inputs.at("imgs"));
  shape.mae = true;
  VisionTransformer encoder(shape);
  MaeDecoder decoder({.encoder_dimensions = shape.dimensions,
                      .dimensions = params.at("decoder_embed_dim").get<std::int64_t>(),
                      .depth = params.at("decoder_depth").get<std::int64_t>(),
                      .heads = params.at("decoder_num_heads").get<std::int64_t>(),
                      .grid = shape.grid(),
                      .patch_size = shape.patch_size,
                      .channels = shape.channels});
  const State state = mae_state_dict(encoder, decoder);
  check_names(state, expected, found);
  const MaeMask mask = mae_mask(tensor(inputs.at("noise"), torch::kDouble),
                                expected.at("len_keep").get<std::int64_t>());
  check_mask(mask, expected, found);
  for (const std::string positions : {"pos_embed", "decoder_pos_embed"})
    found.checksum(positions, numbers(named(state, positions)), expected.at(positions),
                   output_tolerance(c, true));
  for (const auto type : {torch::kDouble, torch::kFloat}) {
    const bool exact = type == torch::kDouble;
    encoder.to(type);
    decoder.to(type);
    fill(state, c, true);
    encoder.zero_grad();
    decoder.zero_grad();
    const torch::Tensor images = tensor(inputs.at("imgs"), type);
    const torch::Tensor latent = encoder.tokens(images, mask.keep);
    check_shape("the latent", latent, expected.at("latent_shape"), found);
    found.checksum("the latent", numbers(latent), expected.at("latent"),
                   output_tolerance(c, exact));
    const torch::Tensor predicted = decoder.forward(latent, mask.restore);
    check_shape("the prediction", predicted, expected.at("pred_shape"), found);
    found.checksum("the prediction", numbers(predicted), expected.at("pred"),
                   output_tolerance(c, exact));
    const torch::Tensor loss = mae_pixel_loss(images, predicted, mask.hidden, shape.patch_size,
                                              params.at("norm_pix_loss").get<bool>());
    loss.backward();
    found.near("the loss", loss.item<double>(),
               expected.at(exact ? "loss" : "loss_f32").get<double>(),
               c.at("tol").at(exact ? "f64_rel" : "f32_rel").get<double>());
    check_gradients(state, expected.at("grads"), *gradient_tolerance(c, exact), found);
  }
}

}  // namespace

void add_model_families(Families& families) {
  families["model"] = model_family;
  families["mae_model"] = mae_model_family;
}

}  // namespace selfsight::reference
