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
  std::string precision = "auto";
  std::int64_t threads = 0;
  std::int64_t workers = 0;
  double checkpoint_minutes = 1;
  std::int64_t keep_checkpoints = 3;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.epochs,
          Field{.key = "epochs",
                .help = "How often each training image is seen; may be a fraction. More make "
                        "better features and take longer in proportion. A few give a first look; "
                        "the papers take 100 to 1000. SimCLR, Chen et al. 2020.",
                .unit = "epochs",
                .min = 0.001,
                .max = 100000});
    visit(o.batch_size,
          Field{.key = "batch_size",
                .help = "Images per step. A contrastive loss compares each image with the others "
                        "of its batch, so larger batches make a harder task and take more memory. "
                        "Usually 256; lower it where memory runs out. SimCLR, Chen et al. 2020.",
                .unit = "images",
                .min = 2,
                .max = 65536});
    visit(o.seed,
          Field{.key = "seed",
                .help = "Start of all random numbers: weights, order, views. The same seed gives "
                        "the same run, another seed a different run of the same kind. Change it to "
                        "see how much of a result is luck. Selfsight's own.",
                .min = 0,
                .max = 9007199254740992.0});
    visit(o.device,
          Field{.key = "device",
                .help = "What computes the run: auto takes a GPU if LibTorch has one. cpu works "
                        "everywhere; cuda is an NVIDIA GPU and far faster. Leave it at auto, "
                        "unless the GPU is needed for something else. As in PyTorch.",
                .choices = {"auto", "cpu", "cuda"},
                .advanced = true});
    visit(
        o.precision,
        Field{.key = "precision",
              .help = "In which numbers the networks multiply while they train. bfloat16 is two "
                      "to four times as fast on processors with AMX; weights, losses and "
                      "measurements stay float32. auto takes it where the processor or the GPU is "
                      "fast at it. Mixed precision: Micikevicius et al. 2018.",
              .choices = {"auto", "float32", "bfloat16"},
              .advanced = true});
    visit(o.threads,
          Field{.key = "threads",
                .help = "Processor threads of the step; 0 takes all cores. Fewer leave the machine "
                        "free for other work and make training slower. Leave it at 0, unless you "
                        "want to work beside it. As in PyTorch.",
                .min = 0,
                .max = 1024,
                .advanced = true});
    visit(o.workers,
          Field{.key = "workers",
                .help = "Threads that prepare views ahead of the step; 0 chooses. More help where "
                        "the step waits for images, and take memory. The result does not depend on "
                        "it, so leave it at 0. Selfsight's own.",
                .min = 0,
                .max = 256,
                .advanced = true});
    visit(
        o.checkpoint_minutes,
        Field{.key = "checkpoint_minutes",
              .help =
                  "Longest time between two checkpoints, the files from which a run goes on. Lower "
                  "loses less work when the machine stops, and writes more often. One is always "
                  "written at the end and on a stop, so 1 suits most runs. Selfsight's own.",
              .unit = "min",
              .min = 0.001,
              .max = 1440,
              .advanced = true});
    visit(o.keep_checkpoints,
          Field{.key = "keep_checkpoints",
                .help = "How many of the newest checkpoints are kept; the best is kept besides. "
                        "More take disk space and let you look further back. Usually 3; raise it "
                        "to see how the features came about. Selfsight's own.",
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
    visit(o.every_epochs,
          Field{.key = "every_epochs",
                .help = "How often features are measured: kNN accuracy on the validation split "
                        "(labelled data only) and feature standard deviation. Lower shows trouble "
                        "sooner and takes more time. Usually 1; images are then shown without "
                        "augmentation, and nothing is learnt from them. Selfsight's own.",
                .unit = "epochs",
                .min = 0.001,
                .max = 10000});
    visit(o.k, Field{.key = "k",
                     .help = "How many neighbours, the most similar images, vote for a class in "
                             "kNN. More make the vote steadier, fewer make it finer. Usually 20 to "
                             "200; take fewer for small sets. Wu et al. 2018.",
                     .min = 1,
                     .max = 10000});
    visit(
        o.temperature,
        Field{
            .key = "temperature",
            .help =
                "Votes in kNN weigh exp(cosine / temperature), where the cosine says how alike two "
                "images are. Lower lets the nearest decide, higher lets all count alike. Usually "
                "0.1 or 0.07; change it only to compare with others' figures. Wu et al. 2018.",
            .min = 0.001,
            .max = 10,
            .advanced = true});
    visit(o.bank, Field{.key = "bank",
                        .help = "Training images in the kNN memory bank, among which neighbours "
                                "are sought. More make the figure steadier and take more time. "
                                "5000 are enough to follow a run. Wu et al. 2018.",
                        .unit = "images",
                        .min = 10,
                        .max = 10000000,
                        .advanced = true});
    visit(o.queries, Field{.key = "queries",
                           .help = "Validation images that ask their neighbours for a class. More "
                                   "make the figure less a matter of luck and take more time. With "
                                   "1000 it is good to about 3 percentage points. Selfsight's own.",
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
