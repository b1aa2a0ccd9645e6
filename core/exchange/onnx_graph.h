// ONNX nodes in the order of their making. Private to this room.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/nets/encoder_file.h"

namespace selfsight {

/// Writes nodes behind each other; each call returns the name of what the node gives.
class OnnxGraph {
 public:
  OnnxGraph(onnx::GraphProto& graph, const EncoderFile& encoder);

  /// An attribute: a whole number, a real one, or a list of whole ones.
  struct Attribute {
    std::string name;
    std::vector<std::int64_t> whole{};
    float real = 0;
    enum class Kind : std::uint8_t { whole, list, real } kind = Kind::list;
  };
  static Attribute list(const std::string& name, std::vector<std::int64_t> values);
  static Attribute whole(const std::string& name, std::int64_t value);
  static Attribute real(const std::string& name, float value);

  std::string node(const std::string& operation, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {});
  /// The last node's result under the graph's own name.
  void result(const std::string& from, const std::string& name, std::int64_t dimensions);

  /// A weight of the encoder, as it is. Throws InputError if it is missing or no F32.
  std::string weight(const std::string& name);
  std::vector<float> values(const std::string& name) const;
  const std::vector<std::int64_t>& shape(const std::string& name) const;
  bool has(const std::string& name) const { return weights_.contains(name); }

  std::string floats(const std::string& name, const std::vector<std::int64_t>& shape,
                     const std::vector<float>& values);
  std::string wholes(const std::vector<std::int64_t>& values);

 private:
  const StoredTensor& stored(const std::string& name) const;

  onnx::GraphProto& graph_;
  std::map<std::string, const StoredTensor*> weights_;
  std::map<std::string, bool> written_;
  int made_ = 0;
};

}  // namespace selfsight
