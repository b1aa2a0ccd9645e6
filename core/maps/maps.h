// 2-D layouts of features: PCA and t-SNE. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/spec/field.h"

namespace selfsight {

/// Row-major [rows, columns].
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> values;
};

struct Pca {
  Matrix scores;                           // [rows, components], centred
  std::vector<double> explained_variance;  // unbiased, per component, falling
  std::vector<double> explained_ratio;
};

/// The leading components of the centred rows; each component's entry of largest size is positive.
/// Beyond the rank of the rows the scores are 0.
Pca pca(const Matrix& rows, std::int64_t components);

/// Two components: the second is 0 where the rows have a single column.
Pca pca_layout(const Matrix& rows);

/// Rows that a t-SNE map of this perplexity needs.
std::int64_t fewest_tsne_rows(double perplexity);

struct TsneOptions {
  double perplexity = 30;
  std::int64_t iterations = 750;
  double early_exaggeration = 12;
  std::int64_t exaggeration_iterations = 250;
  double learning_rate = 0;
  double theta = 0.5;
  std::string repulsion = "auto";
  std::int64_t pca_components = 50;
  std::int64_t seed = 0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(
        o.perplexity,
        Field{
            .key = "perplexity",
            .help =
                "How many neighbours each point minds, about. Lower shows small groups, higher the "
                "layout of the whole. Usually 30, within 5 to 50. Van der Maaten and Hinton 2008.",
            .min = 2,
            .max = 500});
    visit(o.iterations,
          Field{.key = "iterations",
                .help = "Steps in which the points find their places, the exaggerated ones "
                        "included. More let the map settle and take longer. Usually 750; raise it "
                        "if the map still moves. Van der Maaten and Hinton 2008.",
                .min = 10,
                .max = 20000});
    visit(
        o.early_exaggeration,
        Field{.key = "early_exaggeration",
              .help = "Attraction is multiplied by this at first, so that clusters form. Higher "
                      "makes them denser, with more room between. Usually 12. Van der Maaten 2014.",
              .min = 1,
              .max = 100,
              .advanced = true});
    visit(o.exaggeration_iterations,
          Field{.key = "exaggeration_iterations",
                .help = "For so many steps attraction is exaggerated. More let clusters form more "
                        "fully; 0 does without. Usually 250. Van der Maaten 2014.",
                .min = 0,
                .max = 5000,
                .advanced = true});
    visit(o.learning_rate,
          Field{.key = "learning_rate",
                .help = "How far points move at each step; 0 chooses max(N / early_exaggeration / "
                        "4, 50) for N points. Too low leaves a dense ball, too high scatters the "
                        "points. Leave it at 0. Belkina et al. 2019, as in scikit-learn.",
                .min = 0,
                .max = 100000,
                .advanced = true});
    visit(o.theta, Field{.key = "theta",
                         .help = "Barnes-Hut's opening angle: how roughly far points are taken "
                                 "together, to save time. Higher is faster and less exact; 0 is "
                                 "exact. Usually 0.5. Van der Maaten 2014.",
                         .min = 0,
                         .max = 1,
                         .advanced = true});
    visit(o.repulsion,
          Field{.key = "repulsion",
                .help = "How the push of points on each other is computed. barnes-hut takes a "
                        "tree; interpolation takes a grid and Fourier transforms, which is faster "
                        "for many points. Leave it at auto, the faster of the two for so many "
                        "points. Van der Maaten 2014; after Linderman et al. 2019.",
                .choices = {"auto", "barnes-hut", "interpolation"},
                .advanced = true});
    visit(o.pca_components,
          Field{.key = "pca_components",
                .help = "Features are first reduced to so many principal components, the "
                        "directions in which they differ most; 0 leaves them. Fewer are faster and "
                        "drop fine differences. Usually 50. As scikit-learn advises.",
                .min = 0,
                .max = 1000,
                .advanced = true});
    visit(o.seed, Field{.key = "seed",
                        .help = "Start of the random numbers. The same seed gives the same map, "
                                "another may arrange it differently. Change it to see what on a "
                                "map is chance. Selfsight's own.",
                        .min = 0,
                        .max = 9007199254740992.0,
                        .advanced = true});
  }
};

struct TsneResult {
  Matrix layout;  // [rows, 2]
  double kl = 0;  // Kullback-Leibler divergence, exact over all pairs of P that are not 0
  std::int64_t iterations = 0;
};

/// Called every few iterations with the layout so far.
using PartialLayout = std::function<void(const Matrix& layout, std::int64_t iteration)>;

/// Where a descent stands: enough to go on from exactly there.
struct TsneState {
  std::int64_t iteration = 0;
  std::vector<double> layout, update, gain;  // [2 * rows] each
};

/// Throws InputError if there are too few rows for the perplexity (fewer than 3 * perplexity + 2),
/// Cancelled when stopped. The same seed gives the same layout on any number of threads.
/// With `going_on` it goes on from there, if an iteration was done; when it is stopped or done it
/// leaves there where it stands, and more iterations may be asked for.
TsneResult tsne(const Matrix& rows, const TsneOptions& options, Control& control,
                const PartialLayout& partial = {}, TsneState* going_on = nullptr);

/// How well neighbours on the map were neighbours before, in [0, 1] (Venna and Kaski 2001; as
/// scikit-learn has it). With the tables exchanged it is their continuity.
double trustworthiness(const Matrix& high, const Matrix& low, std::int64_t k);

}  // namespace selfsight
