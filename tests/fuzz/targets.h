// The parsers that read files of strangers, each as a function of bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace selfsight::fuzz {

using Bytes = std::vector<std::uint8_t>;

struct Target {
  std::string name;
  /// Parses; refusals (InputError, ImageError) are as good as success, all else is a finding.
  void (*run)(std::span<const std::uint8_t> bytes);
  /// Small files that are whole.
  std::vector<Bytes> (*seeds)();
};

const std::vector<Target>& targets();

// Of each parser, in seeds.cpp.
std::vector<Bytes> idx_seeds();
std::vector<Bytes> idx_labels_seeds();
std::vector<Bytes> cifar_seeds();
std::vector<Bytes> stl_seeds();
std::vector<Bytes> stl_labels_seeds();
std::vector<Bytes> npy_seeds();
std::vector<Bytes> safetensors_seeds();
std::vector<Bytes> encoder_seeds();
std::vector<Bytes> list_seeds();
std::vector<Bytes> toml_seeds();
std::vector<Bytes> dicom_seeds();
std::vector<Bytes> lossless_seeds();
std::vector<Bytes> frames_seeds();
std::vector<Bytes> tar_seeds();
std::vector<Bytes> packed_seeds();
std::vector<Bytes> zip_seeds();
std::vector<Bytes> image_seeds();
std::vector<Bytes> bands_seeds();
std::vector<Bytes> words_seeds();
std::vector<Bytes> run_seeds();
std::vector<Bytes> checkpoint_seeds();
std::vector<Bytes> catalogue_seeds();

}  // namespace selfsight::fuzz
