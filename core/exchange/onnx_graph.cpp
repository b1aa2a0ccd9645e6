#include "core/exchange/onnx_graph.h"

#include <cstring>

#include "core/base/error.h"

namespace selfsight {

OnnxGraph::OnnxGraph(onnx::GraphProto& graph, const EncoderFile& encoder) : graph_(graph) {
  for (const auto& [name, tensor] : encoder.weights) weights_[name] = &tensor;
}

OnnxGraph::Attribute OnnxGraph::list(const std::string& name, std::vector<std::int64_t> values) {
  return {.name = name, .whole = std::move(values)};
}

OnnxGraph::Attribute OnnxGraph::whole(const std::string& name, std::int64_t value) {
  return {.name = name, .whole = {value}, .kind = Attribute::Kind::whole};
}

OnnxGraph::Attribute OnnxGraph::real(const std::string& name, float value) {
  return {.name = name, .real = value, .kind = Attribute::Kind::real};
}

std::string OnnxGraph::node(const std::string& operation, const std::vector<std::string>& inputs,
                            const std::vector<Attribute>& attributes) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(operation);
  node.set_name(operation + "_" + std::to_string(made_++));
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(node.name() + "_out");
  for (const Attribute& from : attributes) {
    onnx::AttributeProto& to = *node.add_attribute();
    to.set_name(from.name);
    switch (from.kind) {
      case Attribute::Kind::whole:
        to.set_type(onnx::AttributeProto::INT);
        to.set_i(from.whole.front());
        break;
      case Attribute::Kind::real:
        to.set_type(onnx::AttributeProto::FLOAT);
        to.set_f(from.real);
        break;
      case Attribute::Kind::list:
        to.set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t value : from.whole) to.add_ints(value);
        break;
    }
  }
  return node.output(0);
}

void OnnxGraph::result(const std::string& from, const std::string& name, std::int64_t dimensions) {
  for (onnx::NodeProto& node : *graph_.mutable_node())
    if (node.output(0) == from) node.set_output(0, name);
  onnx::ValueInfoProto& output = *graph_.add_output();
  output.set_name(name);
  auto& type = *output.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  type.mutable_shape()->add_dim()->set_dim_value(dimensions);
}

const StoredTensor& OnnxGraph::stored(const std::string& name) const {
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw InputError("The encoder lacks " + name + ".");
  if (found->second->dtype != "F32")
    throw InputError("The encoder's " + name + " is " + found->second->dtype + ", not F32.");
  return *found->second;
}

std::string OnnxGraph::weight(const std::string& name) {
  if (std::exchange(written_[name], true)) return name;
  const StoredTensor& tensor = stored(name);
  onnx::TensorProto& out = *graph_.add_initializer();
  out.set_name(name);
  out.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : tensor.shape) out.add_dims(extent);
  out.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
  return name;
}

std::vector<float> OnnxGraph::values(const std::string& name) const {
  const StoredTensor& tensor = stored(name);
  std::vector<float> out(tensor.bytes.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), out.size() * sizeof(float));
  return out;
}

const std::vector<std::int64_t>& OnnxGraph::shape(const std::string& name) const {
  return stored(name).shape;
}

std::string OnnxGraph::floats(const std::string& name, const std::vector<std::int64_t>& shape,
                              const std::vector<float>& numbers) {
  onnx::TensorProto& out = *graph_.add_initializer();
  out.set_name(name);
  out.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : shape) out.add_dims(extent);
  out.set_raw_data(numbers.data(), numbers.size() * sizeof(float));
  return name;
}

std::string OnnxGraph::wholes(const std::vector<std::int64_t>& numbers) {
  onnx::TensorProto& out = *graph_.add_initializer();
  out.set_name("numbers_" + std::to_string(made_++));
  out.set_data_type(onnx::TensorProto::INT64);
  out.add_dims(static_cast<std::int64_t>(numbers.size()));
  out.set_raw_data(numbers.data(), numbers.size() * sizeof(std::int64_t));
  return out.name();
}

}  // namespace selfsight
