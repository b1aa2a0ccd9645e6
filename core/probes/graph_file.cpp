#include "core/probes/graph_file.h"

#include <onnx/onnx_pb.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/dnn.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* description_key = "selfsight.encoder";

/// A network that only answers.
class Answering : public Method {
 public:
  StepOutput step(const Batch&, const Position&) override {
    throw Error("An encoder that came as a graph cannot be trained.");
  }
  torch::Tensor features(const torch::Tensor& images) override {
    if (images.size(0) < 2) return vectors(images);
    if (!one_at_a_time_) {
      try {
        return vectors(images);
      } catch (const std::exception&) {
        // Exported for a fixed number of images, which most often is one.
        one_at_a_time_ = true;
      }
    }
    std::vector<torch::Tensor> rows;
    for (const torch::Tensor& image : images.split(1)) rows.push_back(vectors(image));
    return torch::cat(rows);
  }
  std::int64_t feature_dimensions() const override { return dimensions_; }
  std::shared_ptr<Encoder> measured_encoder() const override { return nullptr; }

 protected:
  virtual torch::Tensor answer(const torch::Tensor& images) = 0;

 private:
  torch::Tensor vectors(const torch::Tensor& images) {
    torch::Tensor rows = answer(images);
    if (rows.dim() == 4) rows = rows.mean({2, 3});  // a map of features: pooled
    if (rows.dim() != 2)
      throw Error("The encoder gives neither vectors nor maps of features, but " +
                  std::to_string(rows.dim()) + " axes.");
    if (rows.size(0) != images.size(0))
      throw Error("The encoder gives " + std::to_string(rows.size(0)) + " vectors for " +
                  std::to_string(images.size(0)) + (images.size(0) == 1 ? " image" : " images") +
                  "; export it for one image at a time or for any number.");
    dimensions_ = rows.size(1);
    return rows;
  }

  std::int64_t dimensions_ = 0;
  bool one_at_a_time_ = false;
};

class Scripted : public Answering {
 public:
  explicit Scripted(torch::jit::Module module) : module_(std::move(module)) { module_.eval(); }

 protected:
  torch::Tensor answer(const torch::Tensor& images) override {
    const torch::jit::IValue value = module_.forward({images.contiguous()});
    if (!value.isTensor()) throw Error("The TorchScript module gives no tensor.");
    return value.toTensor();
  }

 private:
  torch::jit::Module module_;
};

class OnnxNet : public Answering {
 public:
  explicit OnnxNet(cv::dnn::Net net) : net_(std::move(net)) {}

 protected:
  torch::Tensor answer(const torch::Tensor& images) override {
    const torch::Tensor plain = images.contiguous();
    const std::vector<int> shape(plain.sizes().begin(), plain.sizes().end());
    net_.setInput(cv::Mat(shape, CV_32F, plain.data_ptr<float>()));
    const cv::Mat out = net_.forward();
    if (out.depth() != CV_32F || out.empty() ||
        std::any_of(out.size.p, out.size.p + out.dims, [](int n) { return n < 1; }))
      throw Error("The ONNX model gives other numbers than 32-bit ones.");
    std::vector<std::int64_t> sizes;
    for (int i = 0; i < out.dims; ++i) sizes.push_back(out.size[i]);
    return torch::from_blob(out.data, sizes).clone();
  }

 private:
  cv::dnn::Net net_;
};

/// What a file of ours says of its input; nothing from files of others. Throws InputError.
void read_description(const std::string& text, const std::filesystem::path& file, GraphFile& out) {
  if (text.empty()) return;
  try {
    const Json json = Json::parse(text);
    json.at("view_size").get_to(out.shown.size);
    json.at("interpolation").get_to(out.interpolation);
    json.at("mean").get_to(out.shown.mean);
    json.at("std").get_to(out.shown.std);
    check_normalisation(out.shown, file);
    if (json.value("input", "normalised") == "normalised") return;
  } catch (const Json::exception&) {
    throw InputError(file.string() + " has a description that cannot be read.");
  }
  // The graph normalises by itself.
  out.shown.mean.assign(out.shown.mean.size(), 0.0);
  out.shown.std.assign(out.shown.std.size(), 1.0);
}

/// The size of square images, from the graph's first input that is no weight.
std::int64_t input_size(const onnx::GraphProto& graph) {
  for (const onnx::ValueInfoProto& input : graph.input()) {
    const bool weight =
        std::any_of(graph.initializer().begin(), graph.initializer().end(),
                    [&](const onnx::TensorProto& w) { return w.name() == input.name(); });
    const auto& shape = input.type().tensor_type().shape();
    if (weight || shape.dim_size() != 4) continue;
    const std::int64_t height = shape.dim(2).dim_value(), width = shape.dim(3).dim_value();
    return height == width ? height : 0;
  }
  return 0;
}

std::string head_of(const std::filesystem::path& file, std::size_t length) {
  std::string head(length, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(length));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return head;
}

}  // namespace

void check_normalisation(const EncoderInput& shown, const std::filesystem::path& file) {
  const std::string whose = "The mean and the deviation for " + file.string();
  const std::size_t channels = shown.mean.size();
  if (channels < 1 || channels > std::size_t{most_bands} || shown.std.size() != channels)
    throw InputError(whose + " must have one number for each channel, and at most " +
                     std::to_string(most_bands) + ".");
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(shown.mean.begin(), shown.mean.end(), finite) ||
      !std::all_of(shown.std.begin(), shown.std.end(),
                   [&](double value) { return finite(value) && value > 0; }))
    throw InputError(whose + " must be finite numbers, and no deviation zero or less.");
}

bool is_torch_script(const std::filesystem::path& file) {
  return head_of(file, 4) == std::string("PK\x03\x04", 4);
}

bool is_onnx(const std::filesystem::path& file) {
  // Field 1 of a ModelProto is its ir_version, a small number; safetensors may begin alike, with a
  // length, but go on with JSON.
  const std::string head = head_of(file, 9);
  return file.extension() == ".onnx" ||
         (head.size() == 9 && head[0] == 8 && head[1] < 32 && head[8] != '{');
}

GraphFile open_torch_script(const std::filesystem::path& file) {
  GraphFile out{.kind = "TorchScript"};
  try {
    torch::jit::ExtraFilesMap extra{{description_key, ""}};
    out.method = std::make_shared<Scripted>(torch::jit::load(file.string(), torch::kCPU, extra));
    read_description(extra[description_key], file, out);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception&) {
    throw InputError(file.string() +
                     " cannot be opened as TorchScript; save it with torch.jit.save from a module "
                     "that was scripted or traced.");
  }
  return out;
}

GraphFile open_onnx(const std::filesystem::path& file) {
  const auto bytes = read_file(file, (std::uintmax_t(1) << 31) - 1);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
    throw InputError(file.string() + " is no whole ONNX model.");
  GraphFile out{.kind = "ONNX"};
  out.shown.size = input_size(model.graph());
  try {
    for (const onnx::StringStringEntryProto& entry : model.metadata_props())
      if (entry.key() == description_key) read_description(entry.value(), file, out);
    out.method = std::make_shared<OnnxNet>(
        cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } catch (const cv::Exception& error) {
    throw InputError(file.string() + " holds what OpenCV " CV_VERSION " cannot run: " + error.err +
                     ".");
  }
  return out;
}

}  // namespace selfsight
