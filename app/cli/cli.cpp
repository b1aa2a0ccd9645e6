#include "app/cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <span>

#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

/// What a signal stops. One at a time is enough for a command line.
Control control;

void on_signal(int number) {
  control.request_stop();
  std::signal(number, SIG_DFL);  // asked twice: leave at once
}

/// From here on a signal asks the verb to stop. It ends what the window's rooms do at once.
void listen_for_signals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

constexpr char kStoreHelp[] =
    "Folder of the run history (default: $SELFSIGHT_STORE, else ~/Selfsight)";

using Verb = std::function<int()>;

/// As of an unset variable of the shell, which means nothing.
const CLI::Validator not_empty(
    [](std::string& word) { return word.empty() ? std::string("it is empty") : std::string(); }, "",
    "NAMED");

/// Written anew, as CLI11 reads 010 as eight and 0x5 as five.
const CLI::Validator whole_number(
    [](std::string& word) -> std::string {
      std::int64_t number = -1;
      const char* const end = word.data() + word.size();
      const auto [stop, problem] = std::from_chars(word.data(), end, number);
      if (problem == std::errc::result_out_of_range && stop == end && !word.starts_with('-'))
        return word + " is too large";
      if (problem != std::errc() || stop != end || number < 0)
        return word + " is no whole number from 0 on";
      word = std::to_string(number);
      return {};
    },
    "", "NUMBER");

const CLI::Validator step_or_best(
    [](std::string& word) { return word == "best" ? std::string() : whole_number(word); },
    "NUMBER or best", "STEP");

/// A verb that needs what a store has makes none: the store's name may be mistyped.
void require_store(const std::filesystem::path& store) {
  std::error_code unknown;  // then opening it says why
  if (store != default_store() && !std::filesystem::exists(store / "selfsight.db", unknown) &&
      !unknown)
    throw InputError("There is no store in " + store.string() + "; name another with --store.");
}

/// Whether it was called for what a store has.
bool is_of_runs(const CLI::App& verb) {
  if (verb.get_name() == "runs" || verb.get_name() == "queue") return true;
  return std::ranges::any_of(std::initializer_list<const char*>{"run", "runs"},
                             [&](const char* name) {
                               const CLI::Option* named = verb.get_option_no_throw(name);
                               return named && named->count() > 0;
                             });
}

/// Declares one verb and what it runs.
CLI::App* declare(CLI::App& app, Common& common, Verb& chosen, const std::string& name,
                  const std::string& help, Verb run) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->add_option("--store", common.store, kStoreHelp)->check(not_empty);
  verb->add_flag("--json", common.json, "One JSON object per line, for machines");
  verb->callback([verb, &chosen, &common, run = std::move(run)] {
    if (!verb->get_subcommands().empty()) return;  // the one below it is meant
    chosen = [verb, &common, run] {
      if (is_of_runs(*verb)) require_store(common.store);
      listen_for_signals();
      return run();
    };
  });
  return verb;
}

struct Arguments {
  Common common;
  TrainArguments train;
  QueueArguments queue;
  ProbeArguments probe;
  FeaturesArguments features;
  MapArguments map;
  BenchMethodsArguments bench_methods;
  BenchArguments bench;
  ExportArguments leave;
  HealthArguments health;
  SearchArguments search;
  ClusterArguments clusters;
  BenchMapArguments bench_map;
  std::string run, path, name;
  std::vector<std::string> runs;
  Outside outside;
};

void declare_spec(CLI::App& verb, TrainArguments& a, const char* set_help) {
  auto* preset = verb.add_option("--preset", a.preset, "A preset; `presets` lists them");
  verb.add_option("--spec", a.spec, "A TOML file of options")->excludes(preset);
  verb.add_option("--data", a.data,
                  "What docs/fields.md lists: a folder of images, an archive, a list, a name; "
                  "without it the preset's own, usually fashion-mnist")
      ->check(not_empty);
  verb.add_option("--set", a.set, set_help);
}

constexpr char kSetHelp[] = "key=value, as often as needed";

void declare_training(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* train = declare(app, a.common, chosen, "train", "Pretrain an encoder",
                        [&a] { return train_verb(a.common, a.train, control); });
  declare_spec(*train, a.train, kSetHelp);
  auto* queued = train->add_flag("--queue", a.train.queue, "Only queue it; `queue run` trains it");
  train->add_flag("--estimate", a.train.estimate, "Only measure a few steps and say what it costs")
      ->excludes(queued);
  declare_spec(
      *declare(app, a.common, chosen, "sweep", "Queue a run for every combination of options",
               [&a] { return sweep_verb(a.common, a.train, control); }),
      a.train, "key=a,b,c, as often as needed");
  auto* queue = declare(app, a.common, chosen, "queue", "The runs that wait for their turn",
                        [&a] { return queue_verb(a.common, a.queue, control); });
  queue->add_option("action", a.queue.action, "list (default), run, add or remove")
      ->check(CLI::IsMember({"list", "run", "add", "remove"}));
  queue->add_option("runs", a.queue.runs, "Numbers of runs to add or remove");
  auto* resume = declare(app, a.common, chosen, "resume", "Go on with a stopped run",
                         [&a] { return resume_verb(a.common, a.run, control); });
  resume->add_option("run", a.run, "Number of the run, or last")->required();
}

void declare_history(CLI::App& app, Arguments& a, Verb& chosen) {
  declare(app, a.common, chosen, "runs", "List the runs", [&a] { return runs_verb(a.common); });
  auto* show = declare(app, a.common, chosen, "show", "Everything about one run",
                       [&a] { return show_verb(a.common, a.run); });
  show->add_option("run", a.run, "Number of the run, or last")->required();
  auto* compare = declare(app, a.common, chosen, "compare", "Runs side by side",
                          [&a] { return compare_verb(a.common, a.runs); });
  compare->add_option("runs", a.runs, "Numbers of two or more runs")->required()->expected(2, 1000);
  auto* report = declare(app, a.common, chosen, "report", "Runs as one HTML file",
                         [&a] { return report_verb(a.common, a.runs, a.path); });
  report->add_option("runs", a.runs, "Numbers of one or more runs")->required()->expected(1, 1000);
  report->add_option("--out", a.path, "Where the report goes")->required()->check(not_empty);
}

/// A run, or an encoder that came as a file.
void declare_encoder(CLI::App& verb, EncoderArguments& a) {
  auto* run = verb.add_option("run", a.run, "Number of the run, or last");
  auto* file = verb.add_option("--encoder", a.file,
                               "Instead of a run: safetensors in torchvision's or timm's names, a "
                               "TorchScript module or an ONNX model; --data names the images")
                   ->excludes(run);
  verb.add_option("--step", a.step, "The run's checkpoint of this step instead of its newest")
      ->transform(whole_number)
      ->needs(run);
  verb.add_option("--encoder-size", a.size,
                  "Side of the views it is shown, instead of what the file says, or of 224 px "
                  "where it says nothing")
      ->check(CLI::Range(8, 1024))
      ->needs(file);
  verb.add_option("--encoder-mean", a.mean,
                  "What is subtracted from pixels in [0, 1], one number for each channel, instead "
                  "of what the file says, or of ImageNet's where it says nothing; 0 for a model "
                  "that normalises by itself")
      ->delimiter(',')
      ->needs(file);
  verb.add_option("--encoder-std", a.std, "What they are divided by then; 1 for such a model")
      ->delimiter(',')
      ->needs(file);
  verb.add_option("--data", a.data, "Other images than those of the run")->check(not_empty);
}

/// A matrix is all there is of its images.
void exclude_images(CLI::App& verb, std::initializer_list<const char*> others) {
  for (const char* other : others) verb.get_option("--features")->excludes(verb.get_option(other));
}

void declare_probe(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* probe = declare(app, a.common, chosen, "probe", "Measure an encoder on the test split",
                        [&a] { return probe_verb(a.common, a.probe, a.outside.draw, control); });
  declare_encoder(*probe, a.probe.of);
  probe
      ->add_option("--kind", a.probe.kind,
                   "knn; linear: logistic regression, its penalty chosen on the validation split; "
                   "retrieval: mean average precision; finetune: the whole encoder trains on; "
                   "labels: accuracy by the number of labels, "
                   "which goes on where it was stopped")
      ->check(CLI::IsMember({"knn", "linear", "retrieval", "finetune", "labels"}));
  probe
      ->add_option("--solver", a.probe.solver,
                   "Of linear: lbfgs (default), to the optimum; or sgd, as MoCo and MAE do, its "
                   "learning rate chosen on the validation split")
      ->check(CLI::IsMember({"lbfgs", "sgd"}));
  auto* k = probe->add_option("-k", a.probe.k,
                              "Neighbours that vote, 20 if only the temperature is given");
  k->check(CLI::Range(1, 1000000));
  auto* temperature =
      probe->add_option("--temperature", a.probe.temperature,
                        "Votes weigh exp(cosine / temperature); 0.1 if only -k is given");
  temperature->check(CLI::Range(0.001, 10.0));
  probe
      ->add_option("--plot", a.probe.plot,
                   "Draw the label-efficiency curve: .svg, .png, .pdf or .csv")
      ->check(not_empty);
  probe
      ->add_flag("--choose", a.probe.choose,
                 "Choose k and the temperature on the validation split, which is what happens "
                 "without -k and --temperature")
      ->excludes(k)
      ->excludes(temperature);
  probe->add_option(
      "--set", a.probe.set,
      "An option of labels, finetune or linear, as labels.seeds=5, finetune.lr=0.0005 or "
      "linear.epochs=100");
  probe
      ->add_option(
          "--bank", a.probe.bank,
          "Training images in kNN's bank, or that the linear probe learns from; 0: all, as "
          "far as their features fit into memory")
      ->check(CLI::Range(0, 100000000));
  probe->add_option("--queries", a.probe.queries, "Test images that are classified")
      ->check(CLI::Range(1, 100000000));
  auto* alone = probe->add_flag("--no-baselines", a.probe.no_baselines,
                                "Measure this encoder only: no random one, no raw pixels");
  probe
      ->add_flag("--no-pixels", a.probe.no_pixels,
                 "Leave out raw pixels, which take minutes on many images in colour")
      ->excludes(alone);
}

void declare_features(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* features = declare(app, a.common, chosen, "features",
                           "The features of images as a matrix, with their ids and labels",
                           [&a] { return features_verb(a.common, a.features, control); });
  declare_encoder(*features, a.features.of);
  features->add_option("--out", a.features.out, "A .npy file; ids and labels go beside it as .csv")
      ->required()
      ->check(not_empty);
  features->add_option("--split", a.features.split, "all, train, validation or test")
      ->check(CLI::IsMember({"all", "train", "validation", "test"}));
}

CLI::Option* declare_split(CLI::App& verb, std::string& split) {
  return verb
      .add_option("--split", split,
                  "Whose images: held-out, which are validation and test, or train, validation, "
                  "test or all")
      ->check(CLI::IsMember({"held-out", "train", "validation", "test", "all"}));
}

void declare_map(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* map = declare(app, a.common, chosen, "map", "A 2-D map of an encoder's features",
                      [&a] { return map_verb(a.common, a.map, control); });
  declare_encoder(*map, a.map.of);
  map->add_option("--features", a.map.features, "A .npy matrix instead of a run")->check(not_empty);
  map->add_option("--method", a.map.method,
                  "tsne, pca, or epochs: a t-SNE map for each checkpoint that the run has kept, "
                  "each laid over the one before")
      ->check(CLI::IsMember({"tsne", "pca", "epochs"}));
  auto* out = map->add_option("--out", a.map.out,
                              "Where the layout goes, as .npy; of epochs a .npy for each, or one "
                              ".csv for all; of --place as .csv or .npy")
                  ->check(not_empty);
  map->add_option("--images", a.map.images, "How many: 5000, or 2000 for epochs")
      ->check(CLI::Range(10, 10000000));
  declare_split(*map, a.map.split);
  map->add_option("--frames", a.map.frames, "Maps of epochs at most, evenly apart")
      ->check(CLI::Range(1, 10000));
  map->add_option("--perplexity", a.map.perplexity, "Neighbours each point minds")
      ->check(CLI::Range(2.0, 500.0));
  map->add_option("--iterations", a.map.iterations, "Steps")->check(CLI::Range(10, 20000));
  map->add_option("--seed", a.map.seed, "Start of the random numbers")->transform(whole_number);
  map->add_option("--set", a.map.set,
                  "An option of t-SNE, as tsne.early_exaggeration=4, tsne.learning_rate=200 or "
                  "tsne.pca_components=0");
  auto* place = map->add_option("--place", a.map.place,
                                "Images, each placed by itself into the newest t-SNE map that the "
                                "run has: what --data takes. No new map is laid out")
                    ->check(not_empty)
                    ->needs(out);
  for (const char* other : {"--encoder", "--step", "--features", "--method", "--images", "--split",
                            "--frames", "--perplexity", "--iterations", "--seed", "--set"})
    place->excludes(map->get_option(other));
  exclude_images(*map, {"--images", "--split", "--data"});
}

void declare_exchange(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* leave =
      declare(app, a.common, chosen, "export", "An encoder, or all of a run, as a file for others",
              [&a] { return export_verb(a.common, a.leave); });
  leave->add_option("run", a.leave.run, "Number of the run, or last")->required();
  leave
      ->add_option("--format", a.leave.format,
                   "The encoder: safetensors, with torchvision's and timm's names, or onnx. The "
                   "metrics: csv or tensorboard. A model card: card, as JSON or Markdown by its "
                   "suffix. Everything, for another Selfsight to import: run")
      ->check(CLI::IsMember({"safetensors", "onnx", "csv", "tensorboard", "card", "run"}));
  leave->add_option("--out", a.leave.out, "The file to write; a folder for tensorboard")
      ->required()
      ->check(not_empty);
  leave
      ->add_option("--checkpoints", a.leave.checkpoints,
                   "Of format run: all that the run has kept, or the newest only")
      ->check(CLI::IsMember({"all", "newest"}));
  leave
      ->add_option("--step", a.leave.step,
                   "Of an encoder or a card: the checkpoint of this step, or `best`, the one that "
                   "measured best; else the newest")
      ->check(step_or_best);
  leave->add_option("--license", a.leave.license, "For the model card, such as CC-BY-4.0");
  leave
      ->add_option("--input", a.leave.input,
                   "What an ONNX model is given: pixels in [0, 1], or normalised ones")
      ->check(CLI::IsMember({"pixels", "normalised"}));
  declare(app, a.common, chosen, "import", "A run that was exported elsewhere",
          [&a] { return import_verb(a.common, a.path); })
      ->add_option("file", a.path, "What `export --format run` wrote")
      ->required();
}

void declare_looking(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* health = declare(app, a.common, chosen, "health",
                         "Whether an encoder's features are spread or collapsed, without labels",
                         [&a] { return health_verb(a.common, a.health, control); });
  declare_encoder(*health, a.health.of);
  auto* table =
      health->add_option("--features", a.health.features, "Instead of an encoder: a .npy matrix")
          ->check(not_empty);
  health->add_option("--images", a.health.images, "How many")
      ->check(CLI::Range(2, 1000000))
      ->excludes(table);
  health->add_option("--views", a.health.views, "Augmented views of each image; 0: none")
      ->check(CLI::IsMember({0, 2, 3, 4, 5, 6, 8, 10, 16, 20, 50}))
      ->excludes(table);
  auto* search =
      declare(app, a.common, chosen, "search", "The images that an encoder finds most like one",
              [&a] { return search_verb(a.common, a.search, control); });
  declare_encoder(*search, a.search.of);
  auto* image = search->add_option("--image", a.search.image, "The image to search for");
  auto* matrix =
      search->add_option("--features", a.search.features, "Instead of an encoder: a .npy matrix")
          ->check(not_empty)
          ->excludes(image);
  search->add_option("--row", a.search.row, "The row of the matrix to search for, from 0")
      ->transform(whole_number)
      ->needs(matrix);
  search->add_option("-k", a.search.k, "How many to find")->check(CLI::Range(1, 100000));
  search->add_option("--images", a.search.images, "Searched among so many, or all")
      ->check(CLI::Range(1, 100000000));
  exclude_images(*search, {"--images", "--data"});
  auto* clusters = declare(app, a.common, chosen, "clusters",
                           "Groups of like images by k-means, and how they agree with labels",
                           [&a] { return clusters_verb(a.common, a.clusters, control); });
  declare_encoder(*clusters, a.clusters.of);
  clusters->add_option("-k", a.clusters.k, "Groups; 0: as many as classes")
      ->check(CLI::Range(0, 100000));
  auto* rows =
      clusters
          ->add_option("--features", a.clusters.features, "Instead of an encoder: a .npy matrix")
          ->check(not_empty);
  clusters->add_option("--images", a.clusters.images, "How many")
      ->check(CLI::Range(1, 10000000))
      ->excludes(rows);
  declare_split(*clusters, a.clusters.split)->excludes(rows);
  exclude_images(*clusters, {"--data"});
  exclude_images(*health, {"--data"});
}

void declare_bench_map(CLI::App& bench, Arguments& a, Verb& chosen) {
  auto* map = bench.add_subcommand(
      "map", "How long a t-SNE map of Fashion-MNIST takes, and how good it is");
  map->add_flag("--json", a.common.json, "One JSON object");
  map->add_option("--images", a.bench_map.images, "How many, those of the test split first")
      ->check(CLI::Range(100, 70000));
  map->add_option("--iterations", a.bench_map.iterations, "Steps")->check(CLI::Range(10, 20000));
  map->add_option("--repulsion", a.bench_map.repulsion, "auto, barnes-hut or interpolation")
      ->check(CLI::IsMember({"auto", "barnes-hut", "interpolation"}));
  map->add_option("--features", a.bench_map.features, "A .npy matrix instead");
  map->add_option("--save-features", a.bench_map.save_features,
                  "Where the principal components that are mapped go, as .npy");
  map->add_flag("--trustworthiness", a.bench_map.trustworthiness, "Measure it too, k 10");
  map->callback([&a, &chosen] {
    chosen = [&a] {
      listen_for_signals();
      return bench_map_verb(a.common, a.bench_map, control);
    };
  });
}

void declare_data(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* data = declare(app, a.common, chosen, "data", "What is in a folder or file of images",
                       [&a] { return data_verb(a.common, a.path, control); });
  auto* path = data->add_option("path", a.path,
                                "A folder, an IDX or CIFAR file, or a name; docs/fields.md lists "
                                "what is taken");
  auto* fetch = data->add_subcommand(
      "fetch", "Download a public data set; without a name, list what there is");
  fetch->add_option("name", a.name, "The data set's name in the list");
  fetch->add_option("--store", a.common.store, kStoreHelp)->check(not_empty);
  fetch->excludes(path);
  fetch->callback([&a, &chosen] {
    if (a.common.json)
      throw InputError("`selfsight data fetch` tells nothing as JSON; leave --json out.");
    chosen = [&a] { return a.outside.fetch(a.common.store, a.name); };
  });
}

void declare_lists(CLI::App& app, Arguments& a, Verb& chosen) {
  declare(app, a.common, chosen, "methods", "The methods and their options",
          [&a] { return methods_verb(a.common); });
  declare(app, a.common, chosen, "presets", "The presets and where they are from",
          [&a] { return presets_verb(a.common); });
  declare_data(app, a, chosen);
  auto* tour = app.add_subcommand(
      "tour", "Walk every place, in a store of its own, and save a picture of each");
  tour->add_option("--out", a.path, "Folder for the pictures")->required()->check(not_empty);
  tour->callback([&a, &chosen] { chosen = [&a] { return a.outside.tour(a.path); }; });
}

void declare_bench(CLI::App& app, Arguments& a, Verb& chosen) {
  auto* bench = app.add_subcommand("bench", "Measure this machine");
  bench->require_subcommand(1);
  auto* ui =
      bench->add_subcommand("ui", "How soon the window answers while training uses every core");
  ui->add_flag("--json", a.common.json, "One JSON object");
  ui->callback([&a, &chosen] { chosen = [&a] { return a.outside.bench_ui(a.common.json); }; });
  auto* methods = declare(*bench, a.common, chosen, "methods",
                          "Train each method's quick preset, probe it, and write the table",
                          [&a] { return bench_methods_verb(a.common, a.bench_methods, control); });
  methods->add_option("--out", a.bench_methods.out, "Where the table goes, as Markdown")
      ->check(not_empty);
  methods->add_option("--only", a.bench_methods.only, "Train these methods; the table has all");
  methods->add_flag("--table-only", a.bench_methods.table_only,
                    "Train nothing; tell what the store has");
  auto* views = declare(*bench, a.common, chosen, "views", "Views a second that one core makes",
                        [&a] { return bench_views_verb(a.common, a.bench, control); });
  views->add_flag("--decode", a.bench.decode, "Decode each image anew, as a large set needs it");
  auto* train = declare(*bench, a.common, chosen, "train", "Images a second that training takes",
                        [&a] { return bench_train_verb(a.common, a.bench, control); });
  train->add_flag("--without-views", a.bench.without_views,
                  "Feed every step the same batch: what is left is the step alone");
  train->add_flag("--history", a.bench.history,
                  "Write each step's metrics into a store, as a run does: what that costs");
  for (CLI::App* verb : {views, train}) {
    declare_spec(*verb, a.bench.what, kSetHelp);
    verb->add_option("--seconds", a.bench.seconds, "How long to measure")
        ->check(CLI::Range(0.1, 3600.0));
  }
  declare_bench_map(*bench, a, chosen);
}

/// CLI11 only says that a subcommand is required; a person wants to know which one was meant.
/// `before` are the verbs that `app` is below, each with a space behind it.
void check_verb(const CLI::App& app, std::span<const std::string> arguments,
                const std::string& before = "") {
  if (arguments.empty() || arguments.front().starts_with("-")) return;
  const std::string& word = arguments.front();
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
    if (word != verbs.back()) continue;
    if (verb->get_require_subcommand_min() > 0)
      check_verb(*verb, arguments.subspan(1), before + word + ' ');
    return;
  }
  const std::string near = nearest_word(word, verbs);
  throw InputError("There is no verb " + before + word + "." +
                   (near.empty() ? " `selfsight " + before + "--help` lists them."
                                 : " Did you mean " + before + near + "?"));
}

/// CLI11's words as a sentence, and where more is said of the verb that was named.
std::string usage_words(const CLI::App& app, std::string words) {
  if (!words.ends_with('.')) words += '.';
  std::string verbs;
  for (auto named = app.get_subcommands(); !named.empty(); named = named.front()->get_subcommands())
    verbs += named.front()->get_name() + ' ';
  return words + " See `selfsight " + verbs + "--help`.";
}

/// What happens without a verb.
int open_window(const Arguments& a) {
  if (!a.outside.window) throw InputError("Name a verb; `selfsight --help` lists them.");
  return a.outside.window(a.common.store);
}

int say(const std::string& message, int status) {
  std::cerr << "selfsight: " << message << std::endl;
  return status;
}

}  // namespace

int run_cli(std::vector<std::string> arguments, const Outside& outside) {
  CLI::App app("Selfsight: self-supervised learning on your own images.", "selfsight");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", std::string("Selfsight ") + SELFSIGHT_VERSION,
                       "Print the version");
  app.footer(
      "Without a verb the window opens. Exit status: 0 done, 1 failed, 2 wrong usage or "
      "input, 130 stopped with the state saved.");
  Arguments a;
  a.common.store = default_store();
  a.outside = outside;
  app.add_option("--store", a.common.store, kStoreHelp)->check(not_empty);
  Verb chosen;
  declare_training(app, a, chosen);
  declare_history(app, a, chosen);
  declare_probe(app, a, chosen);
  declare_features(app, a, chosen);
  declare_map(app, a, chosen);
  declare_exchange(app, a, chosen);
  declare_looking(app, a, chosen);
  declare_lists(app, a, chosen);
  declare_bench(app, a, chosen);
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  try {
    check_verb(app, arguments);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(arguments);
    return chosen ? chosen() : open_window(a);
  } catch (const CLI::Success& told) {  // --help and --version
    return app.exit(told);
  } catch (const CLI::ParseError& error) {
    return say(usage_words(app, error.what()), 2);
  } catch (const Cancelled&) {
    return say("Stopped.", 130);
  } catch (const InputError& error) {
    return say(error.what(), 2);
  } catch (const std::exception& error) {
    return say(error.what(), 1);
  }
}

}  // namespace selfsight
