#include "app/fetch.h"

#include <unistd.h>

#include <QCoreApplication>
#include <cstdio>

#include "app/jobs/download.h"
#include "core/base/error.h"

namespace selfsight {
namespace {

void list_catalogue() {
  for (const CatalogueEntry& entry : catalogue()) {
    std::printf("%-22s %s\n", entry.name.c_str(), entry.about.c_str());
    std::printf("%-22s %s%slicence: %s%s\n", "",
                entry.bytes() > 0 ? qPrintable(bytes_words(entry.bytes())) : "",
                entry.bytes() > 0 ? ", " : "", entry.licence.c_str(),
                entry.verified() ? "" : "; no checksum is known");
    std::printf("%-22s %s\n", "", entry.citation.c_str());
  }
}

/// Before a server is asked.
void require_writable(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem || ::access(folder.c_str(), W_OK) != 0)
    throw InputError("The folder " + folder.string() +
                     " cannot be written to; name another store with --store.");
}

}  // namespace

int run_fetch(int argc, char** argv, const std::filesystem::path& store, const std::string& name) {
  if (name.empty()) {
    list_catalogue();
    return 0;
  }
  QCoreApplication app(argc, argv);
  const CatalogueEntry& entry = catalogue_entry(name);
  const QString folder = QString::fromStdString((store / "datasets" / name).string());
  if (const QString there = fetched_data_set(entry, folder); !there.isEmpty()) {
    std::printf("%s\n", qPrintable(there));
    return 0;
  }
  require_writable(store / "datasets" / name);
  Download download(entry, folder);
  int status = 1;
  qint64 told = 0;
  QObject::connect(
      &download, &Download::progress_changed, &app, [&](qint64 received, qint64 total) {
        const qint64 step = total > 0 ? total / 20 : 50'000'000;
        if (received < told + step) return;
        told = received;
        std::fprintf(stderr, "%s%s%s\n", qPrintable(bytes_words(received)), total > 0 ? " of " : "",
                     total > 0 ? qPrintable(bytes_words(total)) : "");
      });
  QObject::connect(&download, &Download::finished, &app, [&](const QString& data_set) {
    if (!entry.verified())
      std::fprintf(stderr, "No checksum of %s is known, so it is not verified.\n", name.c_str());
    std::printf("%s\n", qPrintable(data_set));
    status = 0;
    app.quit();
  });
  QObject::connect(&download, &Download::failed, &app, [&](const QString& message) {
    std::fprintf(stderr, "selfsight: %s\n", qPrintable(message));
    app.quit();
  });
  QMetaObject::invokeMethod(&download, &Download::start, Qt::QueuedConnection);
  QCoreApplication::exec();
  return status;
}

}  // namespace selfsight
