// Which encoder. Plain values: the networks themselves stand in encoder.h, which knows torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/spec/field.h"

namespace selfsight {

struct EncoderOptions {
  std::string name = "resnet18";
  std::string stem = "cifar";
  std::int64_t patch_size = 4;
  std::string weights{};
  std::int64_t depth = 0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    const Condition transformer{"name", {"vit_tiny", "vit_small", "vit_base"}};
    visit(o.name, Field{.key = "name",
                        .help = "The network that is pretrained. ResNets (He et al. 2016) as in "
                                "torchvision, resnet20 as in the CIFAR experiments, resnet8 "
                                "three blocks of 32, 64, 128 channels for minutes on a CPU; Vision "
                                "Transformers (Dosovitskiy et al. 2021) as in timm.",
                        .choices = {"resnet18", "resnet34", "resnet50", "resnet20", "resnet8",
                                    "vit_tiny", "vit_small", "vit_base"}});
    visit(o.stem, Field{.key = "stem",
                        .help = "First layers of a ResNet: imagenet is 7x7 stride 2 and max-pool; "
                                "cifar is 3x3 stride 1, for images of 32 to 64 px; half is 3x3 "
                                "stride 2, a quarter of that work, for quick looks.",
                        .choices = {"cifar", "imagenet", "half"}});
    visit(o.patch_size, Field{.key = "patch_size",
                              .help = "Side of a Vision Transformer's patch; it must divide the "
                                      "size of the view.",
                              .unit = "px",
                              .min = 1,
                              .max = 64,
                              .only_if = transformer});
    visit(o.depth, Field{.key = "depth",
                         .help = "Blocks of a Vision Transformer; 0 for the twelve of its paper. "
                                 "With four it is pretrained three times as fast, for minutes on "
                                 "a CPU.",
                         .min = 0,
                         .max = 48,
                         .advanced = true,
                         .only_if = transformer});
    visit(o.weights,
          Field{.key = "weights",
                .help = "A safetensors file of this network that training begins from, with "
                        "torchvision's or timm's names; empty: random first weights.",
                .advanced = true});
  }
};

inline bool is_transformer(const EncoderOptions& o) {
  return o.name.starts_with("vit");
}

/// Throws InputError if a view of this size cannot be cut into patches.
void check_encoder(const EncoderOptions& options, std::int64_t view_size);

}  // namespace selfsight
