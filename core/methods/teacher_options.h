// Options that DINO and iBOT share: the head, the temperatures, the teacher.
#pragma once

#include "core/methods/losses_clusters.h"
#include "core/methods/method.h"
#include "core/nets/dino_head.h"

namespace selfsight {

struct TeacherOptions {
  std::int64_t out_dim = 4096;
  double student_temp = 0.1;
  double teacher_temp = 0.07;
  double warmup_teacher_temp = 0.04;
  std::int64_t warmup_teacher_temp_epochs = 0;
  double momentum_teacher = 0.996;
  double center_momentum = 0.9;
  double freeze_last_layer = 1;
  std::int64_t hidden_dim = 2048;
  std::int64_t bottleneck_dim = 256;
  bool use_bn_in_head = false;

  TemperatureWarmup warmup() const {
    return {warmup_teacher_temp, teacher_temp, warmup_teacher_temp_epochs};
  }
  DinoTemperatures temperatures(const Position& position) const {
    return {student_temp,
            teacher_temperature(warmup(), static_cast<std::int64_t>(position.epoch()))};
  }
  DinoHeadShape head(std::int64_t in) const {
    return {in, hidden_dim, bottleneck_dim, out_dim, use_bn_in_head};
  }

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.out_dim, Field{.key = "out_dim",
                           .help = "Outputs of the head, the classes that teacher and student must "
                                   "agree on. DINO: 65536 on ImageNet; solo-learn: 4096 on "
                                   "CIFAR-10; iBOT: 8192.",
                           .min = 2,
                           .max = 1000000});
    visit(o.student_temp, Field{.key = "student_temp",
                                .help = "Divides the student's outputs before the softmax. 0.1.",
                                .min = 0.01,
                                .max = 10});
    visit(o.teacher_temp, Field{.key = "teacher_temp",
                                .help = "Divides the teacher's; smaller sharpens its answer, which "
                                        "keeps it from saying the same of all. 0.04 to 0.07.",
                                .min = 0.005,
                                .max = 10});
    visit(o.warmup_teacher_temp,
          Field{.key = "warmup_teacher_temp",
                .help = "The teacher's temperature in the first epoch of its warm-up.",
                .min = 0.005,
                .max = 10,
                .advanced = true});
    visit(o.warmup_teacher_temp_epochs,
          Field{.key = "warmup_teacher_temp_epochs",
                .help = "The teacher's temperature goes from the one to the other in these "
                        "epochs, in equal steps. DINO's published Vision Transformers: 30 of 100 "
                        "or more; 0 for none.",
                .unit = "epochs",
                .min = 0,
                .max = 100000});
    visit(o.momentum_teacher,
          Field{.key = "momentum_teacher",
                .help = "How much of itself the teacher keeps at each step, rising to 1 along half "
                        "a cosine. 0.996; less for short runs, in which it could not follow.",
                .min = 0,
                .max = 1});
    visit(o.center_momentum,
          Field{.key = "center_momentum",
                .help = "How much of itself the centre keeps: the mean answer, which is taken from "
                        "the teacher's so that no class wins everywhere. 0.9.",
                .min = 0,
                .max = 1,
                .advanced = true});
    visit(o.freeze_last_layer, Field{.key = "freeze_last_layer",
                                     .help = "For how long the last layer of the head stays as it "
                                             "was drawn; it steadies the start. DINO: 1.",
                                     .unit = "epochs",
                                     .min = 0,
                                     .max = 1000,
                                     .advanced = true});
    visit(o.hidden_dim, Field{.key = "hidden_dim",
                              .help = "Width of the head's hidden layers.",
                              .min = 8,
                              .max = 16384,
                              .advanced = true});
    visit(o.bottleneck_dim, Field{.key = "bottleneck_dim",
                                  .help = "Dimensions before the last layer.",
                                  .min = 2,
                                  .max = 16384,
                                  .advanced = true});
    visit(o.use_bn_in_head,
          Field{.key = "use_bn_in_head",
                .help = "BatchNorm in the head. The paper goes without; a small encoder, whose "
                        "features are nearly alike at first, collapses less readily with it.",
                .advanced = true});
  }
};

}  // namespace selfsight
