#include "app/places/run_exports.h"

#include <QCoreApplication>
#include <QWidget>
#include <algorithm>

#include "app/app_settings.h"
#include "app/ask.h"
#include "app/jobs/pipeline_exchange.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "core/base/files.h"
#include "core/exchange/report.h"
#include "core/exchange/run_archive.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

using Told = std::function<void(const QString&)>;

struct Offer {
  const char* words;
  const char* format;  // of ExportRequest; or "features"
  const char* file;    // as which it is offered, behind the run's number; empty: a folder
  const char* filter;
  const char* input = "pixels";  // of ONNX, as in ExportRequest
  const char* best = nullptr;    // the words for the checkpoint that measured best, with its epoch
};
constexpr Offer offers[]{
    {QT_TRANSLATE_NOOP("run_exports", "Encoder as safetensors…"), "safetensors",
     "encoder.safetensors", "safetensors (*.safetensors)", "",
     QT_TRANSLATE_NOOP("run_exports", "Best encoder (epoch %1) as safetensors…")},
    {QT_TRANSLATE_NOOP("run_exports", "Encoder as ONNX, of pixels in [0, 1]…"), "onnx",
     "encoder.onnx", "ONNX (*.onnx)", "pixels",
     QT_TRANSLATE_NOOP("run_exports", "Best encoder (epoch %1) as ONNX, of pixels in [0, 1]…")},
    {QT_TRANSLATE_NOOP("run_exports", "Encoder as ONNX, of normalised pixels…"), "onnx",
     "encoder-normalised.onnx", "ONNX (*.onnx)", "normalised",
     QT_TRANSLATE_NOOP("run_exports", "Best encoder (epoch %1) as ONNX, of normalised pixels…")},
    {QT_TRANSLATE_NOOP("run_exports", "Features as NumPy and CSV…"), "features", "features.npy",
     "NumPy (*.npy)"},
    {QT_TRANSLATE_NOOP("run_exports", "Metrics as CSV…"), "csv", "metrics.csv", "CSV (*.csv)"},
    {QT_TRANSLATE_NOOP("run_exports", "Metrics for TensorBoard…"), "tensorboard", "", ""},
    {QT_TRANSLATE_NOOP("run_exports", "Model card…"), "card", "card.md",
     "Markdown (*.md);;JSON (*.json)", "",
     QT_TRANSLATE_NOOP("run_exports", "Model card of the best encoder (epoch %1)…")},
    {QT_TRANSLATE_NOOP("run_exports", "The whole run…"), "run", "run.tar.zst", "Runs (*.tar.zst)"}};

struct ExportWords {
  Q_DECLARE_TR_FUNCTIONS(run_exports)
};

/// What of a run: at its newest checkpoint, or at that of a step.
struct Wanted {
  const Offer& offer;
  std::int64_t run;
  std::optional<std::int64_t> step;
};

/// Where to; empty if the person thought better of it.
QString place_for(const Wanted& wanted, QWidget* parent) {
  const Offer& offer = wanted.offer;
  if (*offer.file == '\0') return ask().open_folder(parent, ExportWords::tr("Save into"));
  const QString of_step = wanted.step ? QStringLiteral("step-%1-").arg(*wanted.step) : QString();
  return ask().save_file(
      parent, ExportWords::tr("Save"),
      QStringLiteral("run-%1-%2%3").arg(wanted.run).arg(of_step, QLatin1String(offer.file)),
      QString::fromLatin1(offer.filter));
}

Job::Work work_of(Workspace& workspace, const Wanted& wanted, const std::filesystem::path& out) {
  const ExportRequest request{.format = wanted.offer.format,
                              .out = out,
                              .input = wanted.offer.input,
                              .license = app_settings::licence().toStdString(),
                              .step = wanted.step};
  return
      [request, run = wanted.run, store = workspace.store_folder(), dataset = workspace.dataset()](
          Control& control, const Job::Progress& progress) -> std::any {
        if (request.format == "features")
          export_features(store, run, *dataset, images_of(*dataset, "all"), request.out, control,
                          progress);
        else
          export_run(store, run, request, control);
        return {};
      };
}

void begin(Workspace& workspace, Job* job, QWidget* parent) {
  QObject::connect(job, &Job::failed, parent, [&workspace, job](const QString& message) {
    job->deleteLater();
    Q_EMIT workspace.problem(message);
  });
  QObject::connect(job, &Job::cancelled, job, &QObject::deleteLater);
  workspace.announce(job);
  job->start();
}

/// A card without a licence tells nobody what may be done with the encoder.
QString saved_words(const Wanted& wanted, const QString& out) {
  if (wanted.offer.format == std::string("card") && app_settings::licence().isEmpty())
    return ExportWords::tr("saved to %1 without a licence, which Settings would name")
        .arg(path_words(out));
  return ExportWords::tr("saved to %1").arg(path_words(out));
}

void save(Workspace& workspace, const Wanted& wanted, QWidget* parent, const Told& told) {
  const QString out = place_for(wanted, parent);
  if (out.isEmpty()) return;
  auto* job = new Job(ExportWords::tr("Export of run %1").arg(wanted.run),
                      work_of(workspace, wanted, out.toStdString()), parent);
  QObject::connect(job, &Job::finished, parent,
                   [told, words = saved_words(wanted, out), job](const std::any&) {
                     job->deleteLater();
                     told(words);
                   });
  begin(workspace, job, parent);
}

}  // namespace

void import_run(Workspace& workspace, QWidget* parent, const Told& told) {
  const QString in = ask().open_file(parent, ExportWords::tr("Import a run"));
  if (in.isEmpty()) return;
  auto* job = new Job(
      ExportWords::tr("Import of a run"),
      [in, folder = workspace.store_folder()](Control& control, const Job::Progress&) -> std::any {
        Store store(folder);
        return load_run(in.toStdString(), store, control);
      },
      parent);
  QObject::connect(job, &Job::finished, parent, [&workspace, told, job](const std::any& run) {
    job->deleteLater();
    told(ExportWords::tr("imported as run %1").arg(std::any_cast<std::int64_t>(run)));
    Q_EMIT workspace.runs_changed();
  });
  QObject::connect(job, &Job::cancelled, &workspace, &Workspace::runs_changed);
  begin(workspace, job, parent);
}

void save_report(Workspace& workspace, const std::vector<std::int64_t>& runs, QWidget* parent) {
  const QString out =
      ask().save_file(parent, ExportWords::tr("Save"), QStringLiteral("report.html"),
                      QStringLiteral("HTML (*.html)"));
  if (out.isEmpty()) return;
  auto* job = new Job(
      ExportWords::tr("Report"),
      [out = out.toStdString(), runs, folder = workspace.store_folder()](
          Control& control, const Job::Progress&) -> std::any {
        control.check();
        const std::string report = report_html(Store(folder), runs);
        control.check();
        write_file(out, report);
        return {};
      },
      parent);
  QObject::connect(job, &Job::finished, parent, [parent, out, job](const std::any&) {
    job->deleteLater();
    tell_saved(parent, out);
  });
  begin(workspace, job, parent);
}

QList<QPair<QString, std::function<void()>>> run_exports(Workspace& workspace, std::int64_t run,
                                                         QWidget* parent, const Told& told) {
  QList<QPair<QString, std::function<void()>>> out;
  const Store& store = workspace.store();
  if (!std::ranges::binary_search(store.runs_with_checkpoints(), run)) return out;
  const auto add = [&](const QString& words, const Wanted& wanted) {
    out.append(
        {words, [&workspace, wanted, parent, told] { save(workspace, wanted, parent, told); }});
  };
  const auto best = best_checkpoint(store, run);
  const bool newer = best && best->step != checkpoint_at(store, run).step;
  for (const Offer& offer : offers) {
    if (offer.format == std::string("features") && !workspace.dataset()) continue;
    add(ExportWords::tr(offer.words), {offer, run, {}});
    if (newer && offer.best)
      add(ExportWords::tr(offer.best).arg(number_words(best->epoch)), {offer, run, best->step});
  }
  return out;
}

}  // namespace selfsight
