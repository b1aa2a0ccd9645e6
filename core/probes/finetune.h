// Fine-tuning: the whole encoder trains on labels, from pretrained or from first weights.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/control.h"
#include "core/probes/classification.h"
#include "core/probes/frozen.h"
#include "core/spec/field.h"

namespace selfsight {

/// The defaults are those of MAE's fine-tuning (He et al. 2022, table 9), with a schedule short
/// enough to be repeated at many numbers of labels.
struct FineTuneOptions {
  double epochs = 20;
  std::int64_t min_steps = 100, max_steps = 4000;
  std::int64_t batch_size = 64;
  double lr = 0.001;
  double weight_decay = 0.05;
  double layer_decay = 0.75;
  double mixup = 0;
  double crop_min = 0.5;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.epochs,
          Field{.key = "epochs",
                .help = "How often each labelled image is seen, within the bounds of min_steps and "
                        "max_steps. More fit the labels better; too many learn them by heart. "
                        "Usually 20 here, and 100 in the paper. MAE, He et al. 2022.",
                .unit = "epochs",
                .min = 0.01,
                .max = 100000});
    visit(
        o.min_steps,
        Field{
            .key = "min_steps",
            .help =
                "Steps at least, so that few labels are learnt too. More take longer where labels "
                "are few. Usually 100; raise it if few labels are not learnt. Selfsight's own.",
            .min = 1,
            .max = 10000000});
    visit(
        o.max_steps,
        Field{
            .key = "max_steps",
            .help =
                "Steps at most, so that many labels do not take hours. More fit large sets better "
                "and take longer. 4000 of 64 images are more than five epochs of CIFAR-10: one or "
                "two minutes for ResNet-8 on two cores, six times in a curve. Usually 4000; raise "
                "it for final figures. Selfsight's own.",
            .min = 1,
            .max = 10000000});
    visit(
        o.batch_size,
        Field{.key = "batch_size",
              .help =
                  "Images per step, or all labelled ones where there are fewer. Larger batches are "
                  "steadier and take more memory. Usually 64; change lr with it. Selfsight's own.",
              .unit = "images",
              .min = 2,
              .max = 65536});
    visit(
        o.lr,
        Field{.key = "lr",
              .help =
                  "Peak learning rate of AdamW, for the batch size given; a tenth of the steps "
                  "warm up, then it falls to 0 along a cosine. Too high forgets what was "
                  "pretrained, too low learns little. Usually 0.001. MAE, He et al. 2022, table 9.",
              .min = 0,
              .max = 10});
    visit(o.weight_decay,
          Field{.key = "weight_decay",
                .help = "Pull of the weights, not of biases and norms, towards zero. More guards "
                        "against learning the labels by heart; too much keeps it from learning. "
                        "Usually 0.05. MAE, He et al. 2022, table 9.",
                .min = 0,
                .max = 10});
    visit(o.layer_decay,
          Field{.key = "layer_decay",
                .help = "The learning rate of each layer is that of the one above times this; 1 is "
                        "the same for all. Lower keeps more of what was pretrained. Usually 0.75; "
                        "from first weights it is always 1. BEiT, Bao et al. 2022.",
                .min = 0.01,
                .max = 1});
    visit(
        o.mixup,
        Field{.key = "mixup",
              .help =
                  "Images and labels are mixed in pairs by a share drawn from Beta(mixup, mixup); "
                  "0 is off. Higher mixes more evenly, which guards against learning few labels by "
                  "heart. Usually 0 here, and 0.8 in MAE's fine-tuning. Zhang et al. 2018.",
              .min = 0,
              .max = 1});
    visit(o.crop_min,
          Field{.key = "crop_min",
                .help = "Smallest area of the crops it trains on, as a part of the image. Lower "
                        "varies images more, but may lose the thing itself. Usually 0.5; flips are "
                        "those of the run, colours stay as they are. Selfsight's own.",
                .min = 0.01,
                .max = 1});
  }
};

struct FineTuneRequest {
  std::shared_ptr<const FrozenModel> model{};  // of a run; stays as it is
  bool pretrained = true;                      // false: first weights from `seed` instead
  std::vector<std::int64_t> train{};           // labelled images, of two classes at least
  std::vector<std::int64_t> test{};
  std::uint64_t seed = 0;  // of first weights, the order of images and their views
  FineTuneOptions options{};
};

struct FineTuneResult {
  Classification test;  // without images that could not be opened
  std::int64_t steps = 0, batch_size = 0;
  double last_loss = 0;
  std::int64_t left_out = 0;  // training images that could not be opened
};

/// Trains encoder and a linear head, which starts at zero, with cross-entropy; then classifies the
/// clean views of `test`, which are looked at once. A fixed schedule: nothing is chosen by what
/// comes out. BatchNorm uses the statistics of each batch while it trains and its running ones when
/// it is measured. The same request gives the same numbers. Throws InputError, Error where the
/// loss is no longer a number, Cancelled.
FineTuneResult fine_tune(const FineTuneRequest& request, const Dataset& dataset, Control& control,
                         const Progress& progress = {});

}  // namespace selfsight
