#include "core/training/layer_decay.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

namespace selfsight {
namespace {

struct Block {
  int stage = 0;
  std::int64_t index = 0;
};

/// "blocks.3.norm1.weight" and "layer2.0.conv1.weight" stand in a block, "norm.weight" in none.
std::optional<Block> block_of(const std::string& name) {
  Block block;
  long index = 0;
  if (std::sscanf(name.c_str(), "blocks.%ld.", &index) != 1 &&
      std::sscanf(name.c_str(), "layer%d.%ld.", &block.stage, &index) != 2)
    return std::nullopt;
  block.index = index;
  return block;
}

bool below_all_blocks(const std::string& name) {
  const std::vector<std::string> bottom{"cls_token", "pos_embed", "patch_embed.", "conv1.", "bn1."};
  return std::any_of(bottom.begin(), bottom.end(),
                     [&](const std::string& start) { return name.starts_with(start); });
}

}  // namespace

std::vector<LayerRate> layer_decay(const std::vector<std::string>& names, double decay) {
  std::map<int, std::int64_t> blocks;  // of each stage
  for (const std::string& name : names)
    if (const auto block = block_of(name))
      blocks[block->stage] = std::max(blocks[block->stage], block->index + 1);
  std::map<int, std::int64_t> first;  // layer of each stage's first block
  std::int64_t top = 1;
  for (const auto& [stage, count] : blocks) {
    first[stage] = top;
    top += count;
  }
  std::vector<LayerRate> out;
  for (const std::string& name : names) {
    LayerRate rate{top, 1};
    if (const auto block = block_of(name))
      rate.layer = first.at(block->stage) + block->index;
    else if (below_all_blocks(name))
      rate.layer = 0;
    rate.scale = std::pow(decay, static_cast<double>(top - rate.layer));
    out.push_back(rate);
  }
  return out;
}

}  // namespace selfsight
