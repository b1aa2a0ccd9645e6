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
  std::int64_t width = 1;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    const Condition resnet{"name", {"resnet18", "resnet34", "resnet50", "resnet20", "resnet8"}};
    const Condition transformer{"name", {"vit_tiny", "vit_small", "vit_base"}};
    visit(
        o.name,
        Field{
            .key = "name",
            .help =
                "The network that is pretrained, and what is kept in the end. ResNets suit most "
                "methods; those that hide patches need a Vision Transformer (vit). Larger networks "
                "learn more and take longer: resnet8, of 32, 64 and 128 channels, takes minutes on "
                "a CPU. ResNets: He et al. 2016, as in torchvision, resnet20 as in the CIFAR "
                "experiments; Vision Transformers: Dosovitskiy et al. 2021, as in timm.",
            .choices = {"resnet18", "resnet34", "resnet50", "resnet20", "resnet8", "vit_tiny",
                        "vit_small", "vit_base"}});
    visit(o.stem,
          Field{.key = "stem",
                .help = "The first layers of a ResNet, which set how much detail it keeps. cifar "
                        "(3x3, stride 1) suits images of 32 to 64 px, imagenet (7x7, stride 2, "
                        "max-pool) larger ones. half (3x3, stride 2) does a quarter of cifar's "
                        "work, for quick looks. He et al. 2016; half is Selfsight's own.",
                .choices = {"cifar", "imagenet", "half"}});
    visit(o.patch_size,
          Field{.key = "patch_size",
                .help = "Side of the squares into which a Vision Transformer cuts the view; it "
                        "must divide the size of the view. Smaller ones keep more detail, but half "
                        "the side makes four times as many. Usually 4 px for views of 32 px and 16 "
                        "px for views of 224 px. Dosovitskiy et al. 2021.",
                .unit = "px",
                .min = 1,
                .max = 64,
                .only_if = transformer});
    visit(
        o.depth,
        Field{
            .key = "depth",
            .help =
                "How many blocks, one after another, a Vision Transformer has; 0 is the twelve of "
                "its paper. Fewer learn less and are faster: four take a third of the time. Lower "
                "it for minutes on a CPU, and leave it at 0 otherwise. Dosovitskiy et al. 2021.",
            .min = 0,
            .max = 48,
            .advanced = true,
            .only_if = transformer});
    visit(o.width,
          Field{.key = "width",
                .help = "How many times its usual channels a ResNet has, in every layer. More "
                        "learns more from the same images, and the cost grows with the square. "
                        "Usually 1; SimCLR also tries 2 and 4. Wide ResNets, Zagoruyko and "
                        "Komodakis 2016.",
                .min = 1,
                .max = 8,
                .advanced = true,
                .only_if = resnet});
    visit(
        o.weights,
        Field{.key = "weights",
              .help =
                  "A safetensors file of this network from which training begins. Empty begins "
                  "with random first weights, and so learns from your images alone. Give one to go "
                  "on from a network that has learnt already. Names as in torchvision and timm.",
              .advanced = true});
  }
};

inline bool is_transformer(const EncoderOptions& o) {
  return o.name.starts_with("vit");
}

/// Throws InputError if a view of this size cannot be cut into patches.
void check_encoder(const EncoderOptions& options, std::int64_t view_size);

}  // namespace selfsight
