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
    visit(o.name, Field{.key = "name",
                        .help = "sgd with momentum for ResNets, lars (You et al. 2017) for them "
                                "with large batches, adamw (Loshchilov and Hutter 2019) for Vision "
                                "Transformers.",
                        .choices = {"sgd", "lars", "adamw"}});
    visit(o.lr, Field{.key = "lr",
                      .help = "Peak learning rate, after the warm-up, for the batch size given: it "
                              "is not scaled by it. Recipes that say \"lr x batch / 256\" must be "
                              "multiplied out here.",
                      .min = 0,
                      .max = 100});
    visit(o.warmup_epochs, Field{.key = "warmup_epochs",
                                 .help = "The learning rate rises over this time, then falls along "
                                         "a cosine, step by step.",
                                 .unit = "epochs",
                                 .min = 0,
                                 .max = 1000});
    visit(o.warmup_start_lr, Field{.key = "warmup_start_lr",
                                   .help = "Where the rise begins. solo-learn: 3e-5.",
                                   .min = 0,
                                   .max = 100,
                                   .advanced = true});
    visit(o.final_lr, Field{.key = "final_lr",
                            .help = "Where the cosine ends. Equal to lr: no fall.",
                            .min = 0,
                            .max = 100,
                            .advanced = true});
    visit(o.weight_decay, Field{.key = "weight_decay",
                                .help = "Pull of the weights towards zero.",
                                .min = 0,
                                .max = 10});
    visit(o.weight_decay_schedule,
          Field{.key = "weight_decay_schedule",
                .help = "cosine takes the weight decay to weight_decay_end over the run, as DINO "
                        "and I-JEPA do.",
                .choices = {"constant", "cosine"},
                .advanced = true});
    visit(o.weight_decay_end, Field{.key = "weight_decay_end",
                                    .help = "Weight decay at the end of the run. DINO and I-JEPA: "
                                            "from 0.04 to 0.4.",
                                    .min = 0,
                                    .max = 10,
                                    .advanced = true,
                                    .only_if = Condition{"weight_decay_schedule", {"cosine"}}});
    visit(o.exclude_bias_n_norm,
          Field{.key = "exclude_bias_n_norm",
                .help = "Biases, norms and other one-dimensional parameters are neither decayed "
                        "nor scaled by LARS.",
                .advanced = true});
    visit(o.momentum, Field{.key = "momentum",
                            .help = "How much of its last movement each weight keeps.",
                            .min = 0,
                            .max = 0.9999,
                            .advanced = true,
                            .only_if = has_momentum});
    visit(o.nesterov, Field{.key = "nesterov",
                            .help = "Nesterov's momentum: look one step ahead.",
                            .advanced = true,
                            .only_if = has_momentum});
    visit(o.lars_form,
          Field{.key = "lars_form",
                .help = "Two codes are called LARS. lightly (and solo-learn): the gradient's norm "
                        "is taken before the decay is added. facebook (MoCo v3, Barlow Twins, "
                        "VICReg, MAE's probe): after.",
                .choices = {"lightly", "facebook"},
                .advanced = true,
                .only_if = lars});
    visit(o.trust_coefficient,
          Field{.key = "trust_coefficient",
                .help = "LARS: the step of a layer, as a part of the length of its weights. "
                        "solo-learn's CIFAR recipes: 0.02; You et al. 2017 and lightly: 0.001.",
                .min = 1e-6,
                .max = 1,
                .advanced = true,
                .only_if = lars});
    visit(o.clip_lr, Field{.key = "clip_lr",
                           .help = "LARC: LARS never makes a layer's learning rate larger than lr, "
                                   "only smaller. solo-learn's CIFAR recipes do this.",
                           .advanced = true,
                           .only_if = lars});
    visit(o.beta1, Field{.key = "beta1",
                         .help = "AdamW: decay of the mean of the gradients.",
                         .min = 0,
                         .max = 0.9999,
                         .advanced = true,
                         .only_if = adamw});
    visit(o.beta2, Field{.key = "beta2",
                         .help = "AdamW: decay of the mean of their squares. 0.95 for masked image "
                                 "modelling, 0.999 otherwise.",
                         .min = 0,
                         .max = 0.99999,
                         .advanced = true,
                         .only_if = adamw});
    visit(o.eps, Field{.key = "eps",
                       .help = "Added to the divisor of AdamW, and of LARS in lightly's form.",
                       .min = 0,
                       .max = 1,
                       .advanced = true,
                       .only_if = Condition{"name", {"lars", "adamw"}}});
    visit(o.layer_decay,
          Field{.key = "layer_decay",
                .help = "Each block of the encoder learns this much slower than the one above it "
                        "(BEiT, MAE's fine-tuning: 0.75); 1 lets all learn alike.",
                .min = 0.01,
                .max = 1,
                .advanced = true});
    visit(o.clip_grad, Field{.key = "clip_grad",
                             .help = "Gradients whose norm over all weights is larger are "
                                     "shortened to it; 0 leaves them. DINO: 3.",
                             .min = 0,
                             .max = 1e6,
                             .advanced = true});
    visit(o.accumulate_grad_batches,
          Field{.key = "accumulate_grad_batches",
                .help = "Batches whose gradients are averaged into one step of the weights. It "
                        "saves memory, but adds no negatives: a contrastive loss, BatchNorm and "
                        "every other look across the batch still see train.batch_size images.",
                .unit = "batches",
                .min = 1,
                .max = 4096});
  }
};

}  // namespace selfsight
