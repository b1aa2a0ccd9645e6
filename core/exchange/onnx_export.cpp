#include "core/exchange/onnx_export.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/onnx_graph.h"

namespace selfsight {
namespace {

constexpr int opset = 13, format_version = 7;  // of ONNX 1.8, which is where opset 13 came

using Graph = OnnxGraph;

/// A tensor's name in the graph, and how many channels (or dimensions) it has.
struct Flow {
  std::string name;
  std::int64_t width = 0;
};

Flow normalised(Graph& graph, const EncoderFile& encoder, const std::string& pixels) {
  const std::vector<float> mean(encoder.mean.begin(), encoder.mean.end());
  const std::vector<float> deviation(encoder.std.begin(), encoder.std.end());
  const std::vector<std::int64_t> shape{encoder.channels, 1, 1};
  const std::string centred = graph.node("Sub", {pixels, graph.floats("mean", shape, mean)});
  return {graph.node("Div", {centred, graph.floats("std", shape, deviation)}), encoder.channels};
}

// ---- ResNets

struct Convolution {
  std::string weight, norm;
  std::int64_t stride = 1;
};

Flow convolved(Graph& graph, const Flow& in, const Convolution& c) {
  const auto& shape = graph.shape(c.weight);
  const std::int64_t kernel = shape.at(2), edge = kernel / 2;
  const std::string x = graph.node(
      "Conv", {in.name, graph.weight(c.weight)},
      {Graph::list("kernel_shape", {kernel, kernel}), Graph::list("strides", {c.stride, c.stride}),
       Graph::list("pads", {edge, edge, edge, edge}), Graph::list("dilations", {1, 1}),
       Graph::whole("group", 1)});
  return {
      graph.node("BatchNormalization",
                 {x, graph.weight(c.norm + ".weight"), graph.weight(c.norm + ".bias"),
                  graph.weight(c.norm + ".running_mean"), graph.weight(c.norm + ".running_var")},
                 {Graph::real("epsilon", 1e-5f)}),
      shape.at(0)};
}

Flow relu(Graph& graph, const Flow& in) {
  return {graph.node("Relu", {in.name}), in.width};
}

/// A basic block or a bottleneck, as the names tell. The stride is the 3x3's, and the shortcut's.
Flow residual(Graph& graph, const Flow& in, const std::string& prefix, std::int64_t stride) {
  Flow shortcut = in, x = in;
  if (graph.has(prefix + "downsample.0.weight"))
    shortcut =
        convolved(graph, in, {prefix + "downsample.0.weight", prefix + "downsample.1", stride});
  const int last = graph.has(prefix + "conv3.weight") ? 3 : 2, striding = last - 1;
  for (int i = 1; i <= last; ++i) {
    const std::string number = std::to_string(i);
    x = convolved(
        graph, x,
        {prefix + "conv" + number + ".weight", prefix + "bn" + number, i == striding ? stride : 1});
    if (i < last) x = relu(graph, x);
  }
  return relu(graph, {graph.node("Add", {x.name, shortcut.name}), x.width});
}

Flow resnet(Graph& graph, const EncoderFile& encoder, Flow x) {
  const std::string& stem = encoder.options.stem;
  x = relu(graph, convolved(graph, x, {"conv1.weight", "bn1", stem == "cifar" ? 1 : 2}));
  if (stem == "imagenet")
    x.name = graph.node("MaxPool", {x.name},
                        {Graph::list("kernel_shape", {3, 3}), Graph::list("strides", {2, 2}),
                         Graph::list("pads", {1, 1, 1, 1})});
  for (int stage = 1;; ++stage) {
    const std::string prefix = "layer" + std::to_string(stage) + ".";
    if (!graph.has(prefix + "0.conv1.weight")) break;
    for (int block = 0; graph.has(prefix + std::to_string(block) + ".conv1.weight"); ++block)
      x = residual(graph, x, prefix + std::to_string(block) + ".", block == 0 && stage > 1 ? 2 : 1);
  }
  x.name = graph.node("GlobalAveragePool", {x.name});
  return {graph.node("Flatten", {x.name}, {Graph::whole("axis", 1)}), x.width};
}

// ---- Vision Transformers. Tokens are the rows of one matrix [N L, D] wherever that is possible:
// so the batch stays free, and older runtimes, which broadcast little, can follow.

struct Tokens {
  std::int64_t count = 0, width = 0;  // L and D
};

std::string reshaped(Graph& graph, const std::string& in, std::vector<std::int64_t> shape) {
  return graph.node("Reshape", {in, graph.wholes(shape)});
}

std::string linear(Graph& graph, const std::string& rows, const std::string& prefix) {
  return graph.node("Gemm", {rows, graph.weight(prefix + "weight"), graph.weight(prefix + "bias")},
                    {Graph::whole("transB", 1)});
}

/// Part `begin` to `end` of the given axis.
std::string sliced(Graph& graph, const std::string& in, std::int64_t axis, std::int64_t begin,
                   std::int64_t end) {
  return graph.node("Slice",
                    {in, graph.wholes({begin}), graph.wholes({end}), graph.wholes({axis})});
}

/// LayerNorm of each row, in operations that are older than LayerNormalization: the row as the only
/// channel of an InstanceNormalization, then its scale and shift as a BatchNormalization that has
/// seen mean 0 and variance 1.
std::string layer_norm(Graph& graph, const std::string& rows, const std::string& prefix,
                       std::int64_t width) {
  const auto constant = [&](const char* name, std::int64_t count, float value) {
    return graph.floats(prefix + name, {count},
                        std::vector<float>(static_cast<std::size_t>(count), value));
  };
  const std::string unit = graph.node(
      "InstanceNormalization",
      {reshaped(graph, rows, {-1, 1, width}), constant("one", 1, 1), constant("zero", 1, 0)},
      {Graph::real("epsilon", 1e-6f)});
  return graph.node(
      "BatchNormalization",
      {reshaped(graph, unit, {-1, width}), graph.weight(prefix + "weight"),
       graph.weight(prefix + "bias"), constant("mean", width, 0), constant("variance", width, 1)},
      {Graph::real("epsilon", 0)});
}

std::string attention(Graph& graph, const std::string& rows, const std::string& prefix,
                      const Tokens& tokens) {
  constexpr std::int64_t head = 64;  // of every Vision Transformer here
  const std::string all = linear(graph, rows, prefix + "qkv.");
  const auto part = [&](std::int64_t which) {
    const std::string own = sliced(graph, all, 1, which * tokens.width, (which + 1) * tokens.width);
    return graph.node("Transpose",
                      {reshaped(graph, own, {-1, tokens.count, tokens.width / head, head})},
                      {Graph::list("perm", {0, 2, 1, 3})});
  };
  const std::string scale =
      graph.floats(prefix + "scale", {1}, {static_cast<float>(1 / std::sqrt(double(head)))});
  const std::string q = graph.node("Mul", {part(0), scale});
  const std::string k = graph.node("Transpose", {part(1)}, {Graph::list("perm", {0, 1, 3, 2})});
  const std::string weights =
      graph.node("Softmax", {graph.node("MatMul", {q, k})}, {Graph::whole("axis", 3)});
  const std::string mixed = graph.node("Transpose", {graph.node("MatMul", {weights, part(2)})},
                                       {Graph::list("perm", {0, 2, 1, 3})});
  return linear(graph, reshaped(graph, mixed, {-1, tokens.width}), prefix + "proj.");
}

/// The exact GELU: x (1 + erf(x / sqrt 2)) / 2.
std::string gelu(Graph& graph, const std::string& in, const std::string& prefix) {
  const auto number = [&](const char* name, double value) {
    return graph.floats(prefix + name, {1}, {static_cast<float>(value)});
  };
  const std::string scaled = graph.node("Mul", {in, number("root", 1 / std::sqrt(2.0))});
  const std::string share = graph.node("Add", {graph.node("Erf", {scaled}), number("one", 1)});
  return graph.node("Mul", {graph.node("Mul", {in, share}), number("half", 0.5)});
}

std::string transformer_block(Graph& graph, const std::string& in, const std::string& prefix,
                              const Tokens& tokens) {
  const std::string first = layer_norm(graph, in, prefix + "norm1.", tokens.width);
  const std::string x = graph.node("Add", {in, attention(graph, first, prefix + "attn.", tokens)});
  const std::string second = layer_norm(graph, x, prefix + "norm2.", tokens.width);
  const std::string hidden =
      gelu(graph, linear(graph, second, prefix + "mlp.fc1."), prefix + "mlp.gelu.");
  return graph.node("Add", {x, linear(graph, hidden, prefix + "mlp.fc2.")});
}

/// Patches as tokens with their positions, the class token in front: a column of zeros is put
/// before the patches, and the class token is added to it along with its position.
std::string embedded(Graph& graph, const EncoderFile& encoder, const Flow& in,
                     const Tokens& tokens) {
  const std::int64_t patch = encoder.options.patch_size, width = tokens.width;
  const std::string patches = graph.node(
      "Conv",
      {in.name, graph.weight("patch_embed.proj.weight"), graph.weight("patch_embed.proj.bias")},
      {Graph::list("kernel_shape", {patch, patch}), Graph::list("strides", {patch, patch})});
  const std::string columns = reshaped(graph, patches, {0, 1, width, tokens.count - 1});
  const std::string padded = graph.node("Pad", {columns, graph.wholes({0, 0, 0, 1, 0, 0, 0, 0})});
  const std::vector<float> rows = graph.values("pos_embed"), first = graph.values("cls_token");
  const auto count = static_cast<std::size_t>(tokens.count), dimensions = first.size();
  std::vector<float> positions(rows.size());  // [D, L]
  for (std::size_t t = 0; t < count; ++t)
    for (std::size_t d = 0; d < dimensions; ++d)
      positions[d * count + t] = rows[t * dimensions + d] + (t == 0 ? first[d] : 0);
  const std::string placed =
      graph.node("Add", {padded, graph.floats("positions", {width, tokens.count}, positions)});
  const std::string turned =
      graph.node("Transpose", {reshaped(graph, placed, {0, width, tokens.count})},
                 {Graph::list("perm", {0, 2, 1})});
  return reshaped(graph, turned, {-1, width});
}

Flow vision_transformer(Graph& graph, const EncoderFile& encoder, const Flow& in) {
  const auto& shape = graph.shape("pos_embed");
  if (shape.size() != 3) throw InputError("The encoder's pos_embed has an unusual shape.");
  const Tokens tokens{shape[1], shape[2]};
  std::string x = embedded(graph, encoder, in, tokens);
  for (int block = 0; graph.has("blocks." + std::to_string(block) + ".norm1.weight"); ++block)
    x = transformer_block(graph, x, "blocks." + std::to_string(block) + ".", tokens);
  x = reshaped(graph, layer_norm(graph, x, "norm.", tokens.width),
               {-1, tokens.count, tokens.width});
  const bool all = encoder.pooling == Pooling::avg;
  x = sliced(graph, x, 1, all ? 1 : 0, all ? tokens.count : 1);
  if (all)
    x = graph.node("ReduceMean", {x}, {Graph::list("axes", {1}), Graph::whole("keepdims", 1)});
  return {reshaped(graph, x, {-1, tokens.width}), tokens.width};
}

void describe(onnx::ModelProto& model, const EncoderFile& encoder, OnnxInput input) {
  const nlohmann::ordered_json json{
      {"name", encoder.options.name},
      {"view_size", encoder.view_size},
      {"interpolation", encoder.interpolation},
      {"channels", encoder.channels},
      {"input", input == OnnxInput::pixels ? "pixels in [0, 1], RGB" : "normalised"},
      {"mean", encoder.mean},
      {"std", encoder.std}};
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key("selfsight.encoder");
  entry.set_value(json.dump());
}

}  // namespace

void save_onnx(const std::filesystem::path& path, const EncoderFile& encoder, OnnxInput input) {
  onnx::ModelProto model;
  model.set_ir_version(format_version);
  model.set_producer_name("Selfsight");
  model.add_opset_import()->set_version(opset);
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(encoder.options.name);
  onnx::ValueInfoProto& images = *proto.add_input();
  images.set_name("images");
  auto& type = *images.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  for (const std::int64_t extent :
       {std::int64_t{encoder.channels}, encoder.view_size, encoder.view_size})
    type.mutable_shape()->add_dim()->set_dim_value(extent);
  Graph graph(proto, encoder);
  Flow x{"images", encoder.channels};
  if (input == OnnxInput::pixels) x = normalised(graph, encoder, x.name);
  x = is_transformer(encoder.options) ? vision_transformer(graph, encoder, x)
                                      : resnet(graph, encoder, x);
  graph.result(x.name, "features", x.width);
  describe(model, encoder, input);
  // Beyond this, nothing is written into the string.
  if (model.ByteSizeLong() > std::size_t{std::numeric_limits<int>::max()})
    throw InputError(
        "The encoder takes more than 2 GB, the most that an ONNX file can hold; nothing was "
        "written. Save it as safetensors instead.");
  write_file(path, model.SerializeAsString());
}

}  // namespace selfsight
