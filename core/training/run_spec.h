// What a run is: the options of every room, under one schema. Plain values.
#pragma once

#include "core/dataset/dataset.h"
#include "core/methods/method_info.h"
#include "core/nets/encoder_options.h"
#include "core/spec/settings.h"
#include "core/training/optimiser_options.h"
#include "core/views/inputs.h"

namespace selfsight {

struct TrainOptions {
  double epochs = 10;
  std::int64_t batch_size = 256;
  std::int64_t seed = 0;
  std::string device = "auto";
  std::int64_t threads = 0;
  std::int64_t workers = 0;
  double checkpoint_minutes = 1;
  std::int64_t keep_checkpoints = 3;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.epochs, Field{.key = "epochs",
                          .help = "How often each training image is seen; may be a fraction.",
                          .unit = "epochs",
                          .min = 0.001,
                          .max = 100000});
    visit(o.batch_size,
          Field{.key = "batch_size",
                .help = "Images per step. A contrastive loss compares each image with the others "
                        "of its batch, so larger batches make a harder task.",
                .unit = "images",
                .min = 2,
                .max = 65536});
    visit(o.seed, Field{.key = "seed",
                        .help = "Start of all random numbers: weights, order, views. The same seed "
                                "gives the same run.",
                        .min = 0,
                        .max = 9007199254740992.0});
    visit(o.device, Field{.key = "device",
                          .help = "auto takes a GPU if LibTorch has one.",
                          .choices = {"auto", "cpu", "cuda"},
                          .advanced = true});
    visit(o.threads, Field{.key = "threads",
                           .help = "Processor threads of the step; 0 takes all cores.",
                           .min = 0,
                           .max = 1024,
                           .advanced = true});
    visit(o.workers, Field{.key = "workers",
                           .help = "Threads that prepare views ahead of the step; 0 chooses. The "
                                   "result does not depend on it.",
                           .min = 0,
                           .max = 256,
                           .advanced = true});
    visit(o.checkpoint_minutes, Field{.key = "checkpoint_minutes",
                                      .help = "Longest time between two checkpoints; one is always "
                                              "written at the end and on a stop.",
                                      .unit = "min",
                                      .min = 0.001,
                                      .max = 1440,
                                      .advanced = true});
    visit(o.keep_checkpoints, Field{.key = "keep_checkpoints",
                                    .help = "How many of the newest checkpoints are kept; the "
                                            "best is kept besides.",
                                    .min = 1,
                                    .max = 1000,
                                    .advanced = true});
  }
};

struct MonitorOptions {
  double every_epochs = 1;
  std::int64_t k = 20;
  double temperature = 0.1;
  std::int64_t bank = 5000;
  std::int64_t queries = 1000;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(
        o.every_epochs,
        Field{.key = "every_epochs",
              .help =
                  "How often features are measured: kNN accuracy on the validation split (labelled "
                  "data only) and feature standard deviation, on clean views in eval mode.",
              .unit = "epochs",
              .min = 0.001,
              .max = 10000});
    visit(o.k, Field{.key = "k",
                     .help = "Neighbours that vote in kNN. Wu et al. 2018.",
                     .min = 1,
                     .max = 10000});
    visit(o.temperature, Field{.key = "temperature",
                               .help = "kNN votes weigh exp(cosine / temperature).",
                               .min = 0.001,
                               .max = 10,
                               .advanced = true});
    visit(o.bank, Field{.key = "bank",
                        .help = "Training images in the kNN memory bank.",
                        .unit = "images",
                        .min = 10,
                        .max = 10000000,
                        .advanced = true});
    visit(o.queries, Field{.key = "queries",
                           .help = "Validation images that ask.",
                           .unit = "images",
                           .min = 10,
                           .max = 10000000,
                           .advanced = true});
  }
};

struct RunSpec {
  DataOptions data;
  InputOptions input;
  EncoderOptions encoder;
  std::string method;
  Settings method_options;  // keys without prefix
  OptimiserOptions optimiser;
  TrainOptions train;
  MonitorOptions monitor;
};

/// Every option of a run of this method: data.*, method.*, encoder.*, views.* and the other groups
/// that its inputs depend on (see visit_groups), optimiser.*, train.*, monitor.*. An empty name
/// means the first method. Throws InputError for an unknown one.
Schema run_schema(const std::string& method);

/// The typed form. Throws InputError where options contradict each other (patch size and view
/// size, a masked method without a Vision Transformer, crop_min above crop_max).
RunSpec run_spec(const Settings& settings);

/// Throws InputError if the method cannot learn from these images: SupCon without labels,
/// colourisation without colours.
void check_dataset_for(const MethodInfo& info, const Dataset& dataset);

/// Images that one step of the weights takes: batch size times accumulated batches.
std::int64_t images_per_step(const RunSpec& spec);

/// Throws InputError if a run of this spec cannot learn from these images, or if there are fewer
/// than one step takes: the last images of an epoch that fill no batch are left out, so such a run
/// would do nothing.
void check_trainable(const RunSpec& spec, const Dataset& dataset);

}  // namespace selfsight
