#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_placing.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"

namespace selfsight {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string places_table(const Dataset& dataset, const PlacingReport& report) {
  std::ostringstream out;
  out << "id,name,label,x,y\n";
  out.precision(9);
  for (std::size_t i = 0; i < report.ids.size(); ++i) {
    const std::int64_t id = report.ids[i];
    const int label = dataset.label(id);
    out << id << ',' << quoted(dataset.image_name(id)) << ','
        << quoted(label < 0 ? "" : dataset.classes().at(static_cast<std::size_t>(label))) << ','
        << report.xy[2 * i] << ',' << report.xy[2 * i + 1] << '\n';
  }
  return out.str();
}

void save_places(const std::string& out, const Dataset& dataset, const PlacingReport& report) {
  if (out.ends_with(".csv"))
    write_file(out, places_table(dataset, report));
  else
    save_npy(out, {static_cast<std::int64_t>(report.ids.size()), 2, report.xy});
}

void say_places(const Run& run, const Dataset& fresh, const std::string& out,
                const PlacingReport& report) {
  const auto count = static_cast<long long>(report.ids.size());
  std::cout << "Placed " << grouped(count) << (count == 1 ? " image of " : " images of ")
            << fresh.name() << " into map " << report.map.id << " of run " << run.id << " ("
            << grouped(static_cast<long long>(report.map.ids.size())) << " images, perplexity "
            << digits(report.perplexity) << ", checkpoint of step " << report.checkpoint.step
            << "), saved to " << out << ".\n";
  if (report.left_out == 0) return;
  std::cout << grouped(report.left_out)
            << (report.left_out == 1 ? " image is left out: it" : " images are left out: they")
            << " could not be read, or " << (report.left_out == 1 ? "its" : "their")
            << " features hold values that are no numbers.\n";
}

}  // namespace

int map_place_verb(const Common& common, const MapArguments& arguments, Control& control) {
  if (arguments.of.run.empty())
    throw InputError("Name the run into whose map the images are placed.");
  if (!arguments.out.ends_with(".csv") && !arguments.out.ends_with(".npy"))
    throw InputError(
        "The places go into a table or a matrix: name a file ending in .csv or .npy "
        "with --out.");
  check_out(arguments.out);
  const Run run = find_run(Store(common.store), arguments.of.run);
  const auto mapped = dataset_of(common.store, run, arguments.of.data, control);
  const auto fresh = open_data(common.store, arguments.place, control);
  PlacingReport report;
  {
    ProgressBar bar("places");
    const Progress progress =
        common.json ? Progress() : [&bar](double done) { bar.show(done, -1, ""); };
    report = place_images(common.store, run.id, *mapped, *fresh, control, progress);
  }
  save_places(arguments.out, *fresh, report);
  if (!common.json) {
    say_places(run, *fresh, arguments.out, report);
    return 0;
  }
  print_json({{"event", "place"},
              {"run", run.id},
              {"map", report.map.id},
              {"mapped", report.map.ids.size()},
              {"perplexity", report.perplexity},
              {"checkpoint_step", report.checkpoint.step},
              {"checkpoint_epoch", report.checkpoint.epoch},
              {"dataset", fresh->name()},
              {"dataset_fingerprint", fresh->fingerprint()},
              {"placed", report.ids.size()},
              {"left_out", report.left_out},
              {"file", arguments.out}});
  return 0;
}

}  // namespace selfsight
