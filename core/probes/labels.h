// What a label is worth: accuracy by the number of labels, over several draws of them. No torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/dataset/dataset.h"
#include "core/spec/field.h"

namespace selfsight {

/// Which points a label-efficiency curve has.
struct LabelOptions {
  std::string lines = "linear,random,pixels,finetune,scratch";
  std::vector<double> percent{1, 2, 5, 10, 25, 50, 100};
  std::vector<double> per_class{1, 4, 16};
  std::vector<double> trained_percent{1, 2, 5, 10, 25, 50, 100};
  std::vector<double> trained_per_class{};
  std::int64_t seeds = 3;
  std::int64_t images = 0;
  std::int64_t queries = 10000;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.lines,
          Field{.key = "lines",
                .help = "Which lines: linear (this encoder, frozen), finetune (this encoder, "
                        "trained on), scratch (the same network without pretraining), random (its "
                        "first weights, frozen), pixels. More lines take longer, above all "
                        "finetune and scratch, which train at each point. Keep linear and pixels "
                        "at least, to see what the encoder adds. Selfsight's own."});
    visit(o.percent,
          Field{.key = "percent",
                .help = "Parts of the training images whose labels are used, of each class alike "
                        "and at least one image of it. More points make a finer curve and take "
                        "longer. Usually 1, 10 and 100. SimCLR, Chen et al. 2020.",
                .unit = "%",
                .min = 0.001,
                .max = 100});
    visit(o.per_class,
          Field{.key = "per_class",
                .help = "Labelled images of each class, as few-shot learning counts. Small numbers "
                        "show what the encoder is worth where labels are few. Usually 1, 4 and 16; "
                        "more points take longer. Selfsight's own.",
                .unit = "images",
                .min = 1,
                .max = 1000000});
    visit(
        o.trained_percent,
        Field{
            .key = "trained_percent",
            .help =
                "The parts for finetune and scratch. They train the whole network at each point; "
                "fewer points are done sooner: 1, 10 and 100 take half the time. Usually 1, 10 "
                "and 100. SimCLR, Chen et al. 2020.",
            .unit = "%",
            .min = 0.001,
            .max = 100});
    visit(o.trained_per_class,
          Field{.key = "trained_per_class",
                .help = "The images of each class for finetune and scratch. They train the whole "
                        "network at each point, so more points take much longer. Usually none; add "
                        "1, 4 and 16 to see few labels. Selfsight's own.",
                .unit = "images",
                .min = 1,
                .max = 1000000});
    visit(o.seeds,
          Field{.key = "seeds",
                .help = "Draws of the labelled images at each size; the band is the 95 % "
                        "confidence interval of their mean (Student's t). More make it narrower "
                        "and take longer; 1 gives no band. Usually 3 to 5. Selfsight's own.",
                .min = 1,
                .max = 100});
    visit(o.images,
          Field{.key = "images",
                .help = "Training images that count as 100 %, drawn so that each class keeps its "
                        "part; 0 takes all. Fewer are faster, and the curve ends sooner. Leave it "
                        "at 0 for figures that others shall see. Selfsight's own.",
                .unit = "images",
                .min = 0,
                .max = 100000000});
    visit(o.queries,
          Field{.key = "queries",
                .help = "Test images that are classified, drawn so that each class keeps its part. "
                        "More make the figures less a matter of luck and take longer. With 10000 "
                        "they are good to about one percentage point. Selfsight's own.",
                .unit = "images",
                .min = 1,
                .max = 100000000});
  }
};

/// How many labels: a percentage of each class, or a number of images of each.
struct LabelSize {
  double percent = 0;  // 0: `per_class` says it
  std::int64_t per_class = 0;
};
/// "1 %", "4 per class".
std::string to_text(const LabelSize& size);

/// "linear, random" as words. Throws InputError for one that is no line.
std::vector<std::string> label_lines(const LabelOptions& options);
/// The sizes of a line.
std::vector<LabelSize> label_sizes(const LabelOptions& options, const std::string& line);

/// Throws InputError unless a classifier can learn from the images (two classes at least among
/// those with a label) or be measured on them (one label at least). `split` names them.
void check_labelled(const Dataset& dataset, const std::vector<std::int64_t>& images, Split split);

/// At most `count` images of the split that have a label, as sample_of() draws them. Throws as
/// check_labelled() does.
std::vector<std::int64_t> labelled_sample(const Dataset& dataset, Split split, std::int64_t count,
                                          std::uint64_t seed);

/// Positions in `labels`, increasing: of each class its part, rounded, at least one, at most all;
/// those without a label (-1) never. Draws of one seed are nested: a larger one holds the smaller.
std::vector<std::size_t> draw_labelled(const std::vector<int>& labels, const LabelSize& size,
                                       std::uint64_t seed);

/// The same, of each class the part that `most` is of all, and never more than `most`: where one
/// of each class would be, the largest classes give first and then a random choice of them.
std::vector<std::size_t> draw_at_most(const std::vector<int>& labels, std::int64_t most,
                                      std::uint64_t seed);

/// One measurement of a curve.
struct LabelPoint {
  std::string line;         // see LabelOptions::lines
  std::string size;         // to_text(LabelSize)
  std::int64_t labels = 0;  // images
  std::int64_t seed = 0;
  double accuracy = 0;
  std::string protocol;  // JSON
  /// It is shown for want of points that were measured as is asked for now.
  bool other_options = false;
  std::int64_t cut_to = 0;   // steps, where a limit ended the training before its epochs; else 0
  bool with_labels = false;  // the encoder was pretrained with labels
};

/// Of the points of one line and size.
struct LabelMean {
  std::string size;
  std::int64_t labels = 0;
  std::int64_t seeds = 0;
  double mean = 0;
  double band = 0;          // half the width of the 95 % confidence interval; 0 for a single seed
  std::string protocol;     // of the newest of them
  std::int64_t cut_to = 0;  // as LabelPoint has it
};

struct LabelLine {
  std::string line;
  std::vector<LabelMean> means;  // by number of labels
  bool other_options = false;    // as LabelPoint has it
  bool with_labels = false;      // likewise
};

/// "pretrained, linear".
std::string line_title(const std::string& line);
/// With what must be known besides: "same network from scratch, within 400 steps" where any of its
/// points was cut short, "pretrained, fine-tuned, other options".
std::string line_title(const LabelLine& line);

/// The lines that have points, in the order of LabelOptions::lines.
std::vector<LabelLine> label_curve(const std::vector<LabelPoint>& points);

/// The 97.5 % quantile of Student's t distribution; infinite for no degrees of freedom.
double t_quantile(std::int64_t degrees_of_freedom);

/// What the curve says in one to three sentences: the encoder beside the best of what needs no
/// pretraining, with the fewest labels and with the most, and whether pretraining saw labels. Empty
/// while there is nothing to compare.
std::string label_verdict(const std::vector<LabelLine>& curve);

}  // namespace selfsight
