// How the weights move: the optimiser and what it is told at each step. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "core/spec/field.h"

namespace selfsight {

struct OptimiserOptions {
  std::string name = "sgd";
  double lr = 0.1;
  double warmup_epochs = 1;
  double warmup_start_lr = 0;
  double final_lr = 0;
  double weight_decay = 1e-4;
  std::string weight_decay_schedule = "constant";
  double weight_decay_end = 0.4;
  bool exclude_bias_n_norm = true;
  double momentum = 0.9;
  bool nesterov = false;
  std::string lars_form = "lightly";
  double trust_coefficient = 0.02;
  bool clip_lr = false;
  double beta1 = 0.9, beta2 = 0.95;
  double eps = 1e-8;
  double layer_decay = 1;
  double clip_grad = 0;
  std::int64_t accumulate_grad_batches = 1;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    const Condition has_momentum{"name", {"sgd", "lars"}}, lars{"name", {"lars"}},
        adamw{"name", {"adamw"}};
    visit(o.name,
          Field{.key = "name",
                .help = "How the weights are moved towards a lower loss. sgd with momentum suits "
                        "ResNets, lars suits them with large batches, adamw suits Vision "
                        "Transformers. Change lr with it, as each wants rates of another size. sgd "
                        "as in PyTorch; lars: You et al. 2017; adamw: Loshchilov and Hutter 2019.",
                .choices = {"sgd", "lars", "adamw"}});
    visit(
        o.lr,
        Field{
            .key = "lr",
            .help =
                "Peak learning rate, after the warm-up: how far the weights move at each step. Too "
                "high, the loss jumps; too low, it hardly falls. It is not scaled by the batch "
                "size: multiply out recipes that say \"lr x batch / 256\". Goyal et al. 2017.",
            .min = 0,
            .max = 100});
    visit(o.warmup_epochs,
          Field{.key = "warmup_epochs",
                .help = "For how long the learning rate rises at first; then it falls along a "
                        "cosine, step by step. Longer makes a steadier start and leaves less time "
                        "at full rate. Usually 10 epochs of a long run, a tenth of a short one. "
                        "Goyal et al. 2017; the cosine: Loshchilov and Hutter 2017.",
                .unit = "epochs",
                .min = 0,
                .max = 1000});
    visit(
        o.warmup_start_lr,
        Field{.key = "warmup_start_lr",
              .help = "Learning rate where the rise begins. Higher moves the weights sooner, 0 is "
                      "the gentlest start. Usually 0; solo-learn takes 3e-5. Goyal et al. 2017.",
              .min = 0,
              .max = 100,
              .advanced = true});
    visit(o.final_lr, Field{.key = "final_lr",
                            .help = "Learning rate where the cosine ends. Lower lets the weights "
                                    "settle in the end; equal to lr, it does not fall. Usually 0, "
                                    "or a thousandth of lr. Loshchilov and Hutter 2017.",
                            .min = 0,
                            .max = 100,
                            .advanced = true});
    visit(
        o.weight_decay,
        Field{
            .key = "weight_decay",
            .help =
                "Pull of the weights towards zero. More keeps the network simpler; too much keeps "
                "it from learning. Usually 1e-6 to 1e-4 for ResNets, and 0.05 for adamw with "
                "Vision Transformers. sgd's as in PyTorch; adamw's: Loshchilov and Hutter 2019.",
            .min = 0,
            .max = 10});
    visit(o.weight_decay_schedule,
          Field{.key = "weight_decay_schedule",
                .help = "Whether the weight decay stays as it is or goes to weight_decay_end over "
                        "the run, along a cosine. With cosine the weights move freely at first and "
                        "are held tighter later. Keep constant, but for DINO and I-JEPA, which "
                        "take cosine. DINO, Caron et al. 2021.",
                .choices = {"constant", "cosine"},
                .advanced = true});
    visit(o.weight_decay_end,
          Field{.key = "weight_decay_end",
                .help = "Weight decay at the end of the run, where its schedule is cosine. Higher "
                        "holds the weights tighter in the end. DINO and I-JEPA go from 0.04 to "
                        "0.4. DINO, Caron et al. 2021.",
                .min = 0,
                .max = 10,
                .advanced = true,
                .only_if = Condition{"weight_decay_schedule", {"cosine"}}});
    visit(o.exclude_bias_n_norm,
          Field{.key = "exclude_bias_n_norm",
                .help = "Biases, norms and other one-dimensional parameters are neither decayed "
                        "nor scaled by LARS. Off, they are treated like all others, which can "
                        "unsettle training. Leave it on, unless you repeat a recipe that says "
                        "otherwise. BYOL, Grill et al. 2020.",
                .advanced = true});
    visit(o.momentum,
          Field{.key = "momentum",
                .help = "How much of its last movement each weight keeps. Higher moves faster and "
                        "more smoothly, and takes longer to turn. Usually 0.9. As in PyTorch.",
                .min = 0,
                .max = 0.9999,
                .advanced = true,
                .only_if = has_momentum});
    visit(o.nesterov,
          Field{.key = "nesterov",
                .help = "Nesterov's momentum: look one step ahead before moving. It may settle a "
                        "little sooner, and seldom changes the result. Usually off; switch it on "
                        "where a recipe says so. Sutskever et al. 2013, as in PyTorch.",
                .advanced = true,
                .only_if = has_momentum});
    visit(o.lars_form,
          Field{.key = "lars_form",
                .help = "Two codes are called LARS. lightly (and solo-learn) takes the gradient's "
                        "norm before the decay is added; facebook (MoCo v3, Barlow Twins, VICReg, "
                        "MAE's probe) after. Choose that of the recipe you follow. You et al. "
                        "2017, as in lightly and in Facebook's codes.",
                .choices = {"lightly", "facebook"},
                .advanced = true,
                .only_if = lars});
    visit(o.trust_coefficient,
          Field{.key = "trust_coefficient",
                .help = "LARS: the step of a layer, as a part of the length of its weights. Higher "
                        "moves all layers faster. solo-learn's CIFAR recipes take 0.02, the paper "
                        "and lightly 0.001. You et al. 2017.",
                .min = 1e-6,
                .max = 1,
                .advanced = true,
                .only_if = lars});
    visit(
        o.clip_lr,
        Field{.key = "clip_lr",
              .help =
                  "LARC: LARS never makes a layer's learning rate larger than lr, only smaller. On "
                  "is steadier; off lets layers with small gradients move faster. solo-learn's "
                  "CIFAR recipes have it on. After You et al. 2017, as in solo-learn.",
              .advanced = true,
              .only_if = lars});
    visit(o.beta1, Field{.key = "beta1",
                         .help = "AdamW: decay of the mean of the gradients, which say where each "
                                 "weight should go. Higher moves more smoothly and takes longer to "
                                 "turn. Usually 0.9. Loshchilov and Hutter 2019.",
                         .min = 0,
                         .max = 0.9999,
                         .advanced = true,
                         .only_if = adamw});
    visit(o.beta2,
          Field{.key = "beta2",
                .help = "AdamW: decay of the mean of their squares, by which each weight's step is "
                        "scaled. Higher is steadier, lower follows changes sooner. Usually 0.95 "
                        "for masked image modelling, such as MAE, and 0.999 otherwise. Loshchilov "
                        "and Hutter 2019; 0.95: He et al. 2022.",
                .min = 0,
                .max = 0.99999,
                .advanced = true,
                .only_if = adamw});
    visit(o.eps, Field{.key = "eps",
                       .help = "Added to the divisor of AdamW, and of LARS in lightly's form, so "
                               "that it is never 0. Higher makes the steps of weights with tiny "
                               "gradients smaller. Leave it at 1e-8. As in PyTorch.",
                       .min = 0,
                       .max = 1,
                       .advanced = true,
                       .only_if = Condition{"name", {"lars", "adamw"}}});
    visit(o.layer_decay,
          Field{.key = "layer_decay",
                .help = "Each block of the encoder learns this much slower than the one above it. "
                        "Lower keeps the first layers more as they are; 1 lets all learn alike. "
                        "Usually 1, and 0.75 to go on from weights that are good already. BEiT, "
                        "Bao et al. 2022; MAE's fine-tuning, He et al. 2022.",
                .min = 0.01,
                .max = 1,
                .advanced = true});
    visit(o.clip_grad,
          Field{.key = "clip_grad",
                .help =
                    "Gradients whose norm, their length over all weights, is larger are shortened "
                    "to it; 0 leaves them. Lower guards against sudden jumps, and slows learning "
                    "if it always cuts. Usually 0; DINO takes 3. DINO, Caron et al. 2021.",
                .min = 0,
                .max = 1e6,
                .advanced = true});
    visit(
        o.accumulate_grad_batches,
        Field{.key = "accumulate_grad_batches",
              .help = "Batches whose gradients are averaged into one step of the weights. It saves "
                      "memory but adds no negatives: contrastive losses, BatchNorm and all that "
                      "looks across a batch still see train.batch_size images. Usually 1; raise it "
                      "where a recipe's batch does not fit. Named as in PyTorch Lightning.",
              .unit = "batches",
              .min = 1,
              .max = 4096});
  }
};

}  // namespace selfsight
