#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_maps.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// A bar for `progress`, or silence where machines read.
Progress bar_progress(ProgressBar& bar, const Common& common) {
  if (common.json) return {};
  return [&bar](double done) { bar.show(done, -1, ""); };
}

void save_layout(const std::string& path, const std::vector<float>& xy) {
  if (!path.empty()) save_npy(path, {static_cast<std::int64_t>(xy.size() / 2), 2, xy});
}

/// What was measured, and how.
std::string probe_words(const std::string& kind, const Json& protocol) {
  const std::string queries = grouped(protocol.at("query_images").get<std::int64_t>());
  const std::string bank = grouped(protocol.at("bank_images").get<std::int64_t>());
  if (kind == "linear" && protocol.at("solver") == "sgd")
    return "Linear probe on " + queries + " test images (SGD on " + bank +
           " training images, standardised, no penalty, learning rate of " +
           digits(protocol.at("lr").get<double>()) +
           " chosen on the validation split, clean views, eval mode)";
  if (kind == "linear")
    return "Linear probe on " + queries + " test images (logistic regression on " + bank +
           " training images, standardised, L2 of " +
           digits(protocol.at("l2_per_image").get<double>()) +
           " per image chosen on the validation split, clean views, eval mode)";
  if (kind == "retrieval")
    return "Retrieval mAP of " + queries + " test images (cosine, the whole bank of " + bank +
           " training images sorted for each, clean views, eval mode)";
  return "kNN accuracy on " + queries + " test images (k " +
         std::to_string(protocol.at("k").get<std::int64_t>()) + ", T " +
         digits(protocol.at("temperature").get<double>()) +
         (protocol.contains("k_and_temperature") ? ", chosen on the validation split" : "") +
         ", bank of " + bank + " training images, clean views, eval mode)";
}

LinearOptions linear_options(const ProbeArguments& arguments) {
  if (arguments.kind != "linear") {
    if (!arguments.solver.empty())
      throw InputError("--solver is for the linear probe; add --kind linear.");
    return {};
  }
  Settings settings(schema_of<LinearOptions>("linear."));
  apply_assignments(settings, arguments.set, {});
  if (!arguments.solver.empty()) settings.set("linear.solver", arguments.solver);
  return settings.read<LinearOptions>("linear.");
}

/// Accuracy of each class by its name, null where none of it was asked about.
Json class_accuracies(const Classification& result, const std::vector<std::string>& names) {
  Json out = Json::object();
  for (std::size_t c = 0; c < result.confusion.size(); ++c) {
    const auto& row = result.confusion[c];
    const auto asked = std::accumulate(row.begin(), row.end(), std::int64_t{0});
    out[names.at(c)] =
        asked == 0 ? Json(nullptr) : Json(static_cast<double>(row[c]) / static_cast<double>(asked));
  }
  return out;
}

TsneOptions tsne_options(const MapArguments& arguments) {
  Settings settings(schema_of<TsneOptions>("tsne."));
  apply_assignments(settings, arguments.set, {});
  if (arguments.perplexity) settings.set("tsne.perplexity", *arguments.perplexity);
  if (arguments.iterations) settings.set("tsne.iterations", *arguments.iterations);
  if (arguments.seed) settings.set("tsne.seed", *arguments.seed);
  return settings.read<TsneOptions>("tsne.");
}

/// What there is to say of a layout: how well it went.
std::string layout_words(const Json& how) {
  std::string words;
  if (how.contains("perplexity")) words += ", perplexity " + digits(how.at("perplexity"));
  if (how.contains("kl")) words += ", KL " + digits(how.at("kl"));
  if (how.contains("explained_ratio")) {
    words += ", variance explained ";
    for (bool first = true; const Json& part : how.at("explained_ratio")) {
      words += (first ? "" : " + ") + percent(part);
      first = false;
    }
  }
  return words;
}

/// "layout.npy" of the third map is "layout-03.npy".
std::filesystem::path frame_file(const std::filesystem::path& out, std::size_t frame) {
  auto name = out.stem();
  name += frame < 9 ? "-0" : "-";
  name += std::to_string(frame + 1);
  name += out.extension();
  return out.parent_path() / name;
}

/// One line for each image in each map.
std::string epochs_table(const std::vector<StoredMap>& maps) {
  std::ostringstream out;
  out << "frame,epoch,step,id,x,y\n";
  out.precision(9);
  for (std::size_t frame = 0; frame < maps.size(); ++frame) {
    const StoredMap& map = maps[frame];
    const Json protocol = Json::parse(map.protocol);
    for (std::size_t i = 0; i < map.ids.size(); ++i)
      out << frame + 1 << ',' << protocol.at("checkpoint_epoch").get<double>() << ','
          << protocol.at("checkpoint_step").get<std::int64_t>() << ',' << map.ids[i] << ','
          << map.xy[2 * i] << ',' << map.xy[2 * i + 1] << '\n';
  }
  return out.str();
}

/// Where each map went; all in one place as .csv, nowhere without a name.
std::vector<std::string> save_epochs(const std::string& out, const std::vector<StoredMap>& maps) {
  std::vector<std::string> files(maps.size(), out);
  if (out.empty()) return files;
  if (out.ends_with(".csv")) {
    write_file(out, epochs_table(maps));
    return files;
  }
  for (std::size_t frame = 0; frame < maps.size(); ++frame) {
    files[frame] = frame_file(out, frame).string();
    save_layout(files[frame], maps[frame].xy);
  }
  return files;
}

int map_epochs(const Common& common, const MapArguments& arguments, const Subject& subject,
               Control& control) {
  if (!subject.source.is_run() || subject.source.step)
    throw InputError("The checkpoints of a run are mapped: name a run, and no --step.");
  SequenceRequest request{.frames = arguments.frames.value_or(SequenceRequest().frames),
                          .tsne = tsne_options(arguments),
                          .split = arguments.split};
  if (arguments.images) request.images = *arguments.images;
  std::vector<StoredMap> maps;
  {
    ProgressBar bar("maps");
    maps = make_map_sequence(common.store, subject.source.run, *subject.dataset, request, control,
                             bar_progress(bar, common));
  }
  const auto files = save_epochs(arguments.out, maps);
  for (std::size_t frame = 0; common.json && frame < maps.size(); ++frame) {
    Json line{{"event", "map"},
              {"run", subject.source.run},
              {"method", arguments.method},
              {"points", maps[frame].ids.size()},
              {"protocol", Json::parse(maps[frame].protocol)}};
    if (!files[frame].empty()) line["file"] = files[frame];
    print_json(line);
  }
  if (common.json) return 0;
  std::cout << "Mapped " << maps.front().ids.size() << " images at " << maps.size()
            << " checkpoints of " << subject.words()
            << (arguments.out.empty()
                    ? ""
                    : ", saved to " + files.front() +
                          (files.front() == files.back() ? "" : " and so on, to " + files.back()))
            << ".\n";
  if (const std::string left_out = left_out_words(maps); !left_out.empty())
    std::cout << left_out << '\n';
  return 0;
}

void say_map(const Subject& subject, const StoredMap& map, const std::string& out) {
  const Json protocol = Json::parse(map.protocol);
  std::cout << "Mapped " << grouped(static_cast<long long>(map.ids.size())) << " of "
            << grouped(protocol.at("of").get<std::int64_t>()) << " images ("
            << protocol.at("splits").get<std::string>() << ") of " << subject.dataset->name()
            << " by " << subject.words();
  if (protocol.contains("checkpoint_step"))
    std::cout << " at step " << protocol.at("checkpoint_step");
  std::cout << layout_words(protocol) << (out.empty() ? "" : ", saved to " + out) << ".\n";
}

int map_of_features(const Common& common, const MapArguments& arguments, Control& control) {
  const TsneOptions options = tsne_options(arguments);
  if (arguments.method == "epochs")
    throw InputError("The checkpoints of a run are mapped: name a run, not a matrix.");
  const NpyMatrix features = load_npy(arguments.features);
  const Matrix rows{
      features.rows, features.columns, {features.values.begin(), features.values.end()}};
  Json line{{"event", "map"}, {"method", arguments.method}, {"points", rows.rows}};
  Matrix layout;
  if (arguments.method == "pca") {
    const Pca result = pca_layout(rows);
    layout = result.scores;
    line["explained_ratio"] = result.explained_ratio;
  } else {
    ProgressBar bar("t-SNE");
    const auto progress = bar_progress(bar, common);
    const TsneResult result = tsne(rows, options, control, [&](const Matrix&, std::int64_t done) {
      if (progress) progress(static_cast<double>(done) / static_cast<double>(options.iterations));
    });
    layout = result.layout;
    line["kl"] = result.kl;
    line["perplexity"] = options.perplexity;
    line["iterations"] = result.iterations;
  }
  save_layout(arguments.out, {layout.values.begin(), layout.values.end()});
  if (!arguments.out.empty()) line["file"] = arguments.out;
  if (common.json)
    print_json(line);
  else
    std::cout << "Mapped " << rows.rows << " points" << layout_words(line)
              << (arguments.out.empty() ? "" : ", saved to " + arguments.out) << ".\n";
  return 0;
}

/// Whether what is asked for can be done, and nothing of it would be ignored.
void check_probe(const ProbeArguments& arguments) {
  const std::string& kind = arguments.kind;
  const bool trains = kind == "labels" || kind == "finetune";
  if (trains && !arguments.of.file.empty())
    throw InputError(
        "Fine-tuning goes on from a run: begin one with --set encoder.weights=FILE, or "
        "probe the encoder by knn, linear or retrieval.");
  if (trains && arguments.of.run.empty()) throw InputError("Name a run.");
  if (trains && (arguments.no_baselines || arguments.no_pixels))
    throw InputError(
        "--no-baselines and --no-pixels are for knn, linear and retrieval; of labels, "
        "--set labels.lines=linear,finetune names what is measured.");
  if (trains && arguments.of.step)
    throw InputError("Fine-tuning begins from the newest checkpoint; leave --step out.");
  if (!arguments.plot.empty() && kind != "labels")
    throw InputError("--plot draws the label-efficiency curve; add --kind labels.");
  if ((arguments.k || arguments.temperature || arguments.choose) && kind != "knn" &&
      kind != "labels")
    throw InputError(
        "-k, --temperature and --choose are for the neighbours' vote; leave them out, or take "
        "--kind knn.");
  if (!arguments.set.empty() && (kind == "knn" || kind == "retrieval"))
    throw InputError(
        "--set is for the kinds linear, finetune and labels; leave it out, or name one of them "
        "with --kind.");
}

/// What principal components would ignore.
void check_components(const MapArguments& arguments) {
  if (!arguments.set.empty())
    throw InputError("--set is for t-SNE, and principal components have no options; leave it out.");
  if (arguments.perplexity || arguments.iterations)
    throw InputError("--perplexity and --iterations are for t-SNE; leave them out.");
  if (arguments.seed && !arguments.features.empty())  // of a run it draws the images
    throw InputError(
        "--seed changes nothing in the principal components of a matrix; leave it out.");
}

/// Whether nothing would be ignored, and the file can be written.
void check_map(const MapArguments& arguments) {
  const bool epochs = arguments.method == "epochs";
  if (arguments.frames && !epochs)
    throw InputError("--frames is for the maps of a run's checkpoints; add --method epochs.");
  if (arguments.method == "pca") check_components(arguments);
  if (!epochs && arguments.out.ends_with(".csv"))
    throw InputError("A layout is saved as .npy; name a file ending so with --out.");
  check_out(arguments.out);
}

}  // namespace

int probe_verb(const Common& common, const ProbeArguments& arguments, const DrawCurve& draw,
               Control& control) {
  check_probe(arguments);
  const LinearOptions linear = linear_options(arguments);
  if (arguments.kind == "labels") return labels_verb(common, arguments, draw, control);
  if (arguments.kind == "finetune") return finetune_verb(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of, control);
  ProbeReport report;
  {
    ProgressBar bar(arguments.kind == "knn" ? "kNN" : arguments.kind);
    report = evaluate(common.store, subject.source, *subject.dataset,
                      {.kind = arguments.kind,
                       .choose = !arguments.k && !arguments.temperature,
                       .k = arguments.k.value_or(ProbeRequest().k),
                       .temperature = arguments.temperature.value_or(ProbeRequest().temperature),
                       .bank = arguments.bank,
                       .queries = arguments.queries,
                       .baselines = !arguments.no_baselines,
                       .raw_pixels = !arguments.no_pixels,
                       .linear = linear},
                      control, bar_progress(bar, common));
  }
  const Json protocol = Json::parse(report.protocol);
  if (common.json) {
    Json line{{"event", "probe"}};
    line.update(subject.json());
    line.update({{"kind", report.kind},
                 {report.kind == "retrieval" ? "map" : "accuracy", report.trained.top1},
                 {"random_encoder", report.random ? Json(report.random->top1) : Json(nullptr)},
                 {"raw_pixels", report.raw_pixels ? Json(*report.raw_pixels) : Json(nullptr)},
                 {"protocol", protocol}});
    if (!report.trained.confusion.empty()) {
      line["classes"] = class_accuracies(report.trained, subject.dataset->classes());
      line["confusion"] = report.trained.confusion;
    }
    print_json(line);
    return 0;
  }
  std::cout << probe_words(report.kind, protocol) << '\n';
  std::vector<std::vector<std::string>> table{{"  trained encoder", percent(report.trained.top1)}};
  if (!arguments.no_baselines)
    table.push_back({"  random encoder", report.random ? percent(report.random->top1) : "none"});
  if (report.raw_pixels) table.push_back({"  raw pixels", percent(*report.raw_pixels)});
  print_table(table);
  return 0;
}

int map_verb(const Common& common, const MapArguments& arguments, Control& control) {
  if (!arguments.place.empty()) return map_place_verb(common, arguments, control);
  const bool encoder = !arguments.of.run.empty() || !arguments.of.file.empty();
  if (encoder != arguments.features.empty())
    throw InputError(
        "Name either a run or a matrix with --features, or an encoder with --encoder.");
  check_map(arguments);
  if (!encoder) return map_of_features(common, arguments, control);
  const Subject subject = subject_of(Store(common.store), arguments.of, control);
  if (arguments.method == "epochs") return map_epochs(common, arguments, subject, control);
  MapRequest request{arguments.method, arguments.images.value_or(5000), tsne_options(arguments)};
  request.split = arguments.split;
  MapReport report;
  {
    ProgressBar bar("map");
    report = make_map(common.store, subject.source, *subject.dataset, request, control,
                      bar_progress(bar, common));
  }
  save_layout(arguments.out, report.map.xy);
  Json line{{"event", "map"}};
  line.update(subject.json());
  line.update({{"method", arguments.method},
               {"points", report.map.ids.size()},
               {"protocol", Json::parse(report.map.protocol)}});
  if (!arguments.out.empty()) line["file"] = arguments.out;
  if (common.json)
    print_json(line);
  else
    say_map(subject, report.map, arguments.out);
  return 0;
}

}  // namespace selfsight
