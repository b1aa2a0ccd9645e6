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
    visit(
        o.out_dim,
        Field{.key = "out_dim",
              .help = "Outputs of the head, the classes that teacher and student must agree on. "
                      "More make finer distinctions and take more memory. DINO takes 65536 on "
                      "ImageNet, solo-learn 4096 on CIFAR-10, iBOT 8192. DINO, Caron et al. 2021.",
              .min = 2,
              .max = 1000000});
    visit(
        o.student_temp,
        Field{.key = "student_temp",
              .help =
                  "Divides the student's outputs before they become probabilities. Lower makes it "
                  "surer of one class. Usually 0.1, above the teacher's. DINO, Caron et al. 2021.",
              .min = 0.01,
              .max = 10});
    visit(
        o.teacher_temp,
        Field{.key = "teacher_temp",
              .help =
                  "Divides the teacher's outputs before they become probabilities. Lower sharpens "
                  "its answer, which keeps it from saying the same of all images. Usually 0.04 to "
                  "0.07; lower it where the loss sticks. DINO, Caron et al. 2021.",
              .min = 0.005,
              .max = 10});
    visit(o.warmup_teacher_temp,
          Field{.key = "warmup_teacher_temp",
                .help = "The teacher's temperature in the first epoch of its warm-up. Lower makes "
                        "its first answers sharper and the start steadier. Usually 0.04; it counts "
                        "where the warm-up takes any epochs. DINO, Caron et al. 2021.",
                .min = 0.005,
                .max = 10,
                .advanced = true});
    visit(o.warmup_teacher_temp_epochs,
          Field{.key = "warmup_teacher_temp_epochs",
                .help = "The teacher's temperature goes from the one to the other in these epochs, "
                        "in equal steps. More make a steadier start; 0 is none. DINO's published "
                        "Vision Transformers take 30 of 100 or more. DINO, Caron et al. 2021.",
                .unit = "epochs",
                .min = 0,
                .max = 100000});
    visit(
        o.momentum_teacher,
        Field{
            .key = "momentum_teacher",
            .help =
                "How much of itself the teacher keeps at each step, rising to 1 along half a "
                "cosine. Higher is steadier and follows the student more slowly. Usually 0.996; "
                "take less for short runs, in which it could not follow. DINO, Caron et al. 2021.",
            .min = 0,
            .max = 1});
    visit(o.center_momentum,
          Field{.key = "center_momentum",
                .help = "How much of itself the centre keeps: the mean answer, which is taken from "
                        "the teacher's so that no class wins everywhere. Higher is steadier, lower "
                        "follows the last batches. Usually 0.9. DINO, Caron et al. 2021.",
                .min = 0,
                .max = 1,
                .advanced = true});
    visit(o.freeze_last_layer,
          Field{.key = "freeze_last_layer",
                .help = "For how long the last layer of the head stays as it was drawn. Longer "
                        "makes a steadier start; 0 trains it from the first step. Usually 1. DINO, "
                        "Caron et al. 2021.",
                .unit = "epochs",
                .min = 0,
                .max = 1000,
                .advanced = true});
    visit(o.hidden_dim,
          Field{.key = "hidden_dim",
                .help = "Width of the hidden layers of the head, the small network that gives the "
                        "answers. Wider sorts more finely and takes more time. Usually 2048; the "
                        "head is thrown away after training. DINO, Caron et al. 2021.",
                .min = 8,
                .max = 16384,
                .advanced = true});
    visit(
        o.bottleneck_dim,
        Field{
            .key = "bottleneck_dim",
            .help =
                "How many numbers the head keeps of an image before its last layer. More let finer "
                "differences through and take more memory. Usually 256. DINO, Caron et al. 2021.",
            .min = 2,
            .max = 16384,
            .advanced = true});
    visit(
        o.use_bn_in_head,
        Field{
            .key = "use_bn_in_head",
            .help =
                "BatchNorm in the head: its numbers are evened out over the batch. With it a small "
                "encoder, whose features are nearly alike at first, collapses less readily. The "
                "paper goes without; switch it on where a run collapses. DINO, Caron et al. 2021.",
            .advanced = true});
  }
};

}  // namespace selfsight
