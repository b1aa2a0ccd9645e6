// Files from a server into a folder: what was cut off goes on where it ended, what arrives is
// checked, and only then has it its name.
#pragma once

#include <QElapsedTimer>
#include <QFile>
#include <QObject>
#include <QPointer>
#include <QString>

#include "app/jobs/job.h"
#include "core/dataset/catalogue.h"

class QNetworkAccessManager;
class QNetworkReply;

namespace selfsight {

/// One entry of the catalogue. Ends in exactly one of finished, failed, cancelled. What is not
/// whole is kept as *.part, from which a later Download goes on.
class Download : public QObject {
  Q_OBJECT
 public:
  /// Into `folder`, which is made. A cut is tried again after `patience_ms`, as long as each
  /// attempt brings something.
  Download(CatalogueEntry entry, const QString& folder, QObject* parent = nullptr,
           int patience_ms = 2000);
  ~Download() override;

  void start();
  void stop();
  const CatalogueEntry& entry() const { return entry_; }
  qint64 received() const { return done_before_ + in_file_; }
  double part() const;  // of all bytes, in [0, 1]; 0 if their number is not known

 Q_SIGNALS:
  void progress_changed(qint64 received, qint64 total);  // total 0: not known
  void checking();                                       // all is there; hashes, unpacking
  void finished(const QString& data_set);                // where it is to be opened
  void failed(const QString& message);
  void cancelled();

 private:
  const CatalogueFile& file() const { return entry_.files[static_cast<std::size_t>(current_)]; }
  QString path(const char* suffix = "") const;
  void next_file();
  void ask();
  void on_head();
  void on_bytes();
  void on_end();
  void try_again_or_fail(const QString& message);
  void check();
  void fail(const QString& message);
  void drop_reply();

  CatalogueEntry entry_;
  QString folder_;
  int patience_ms_;
  QNetworkAccessManager* network_;
  QPointer<QNetworkReply> reply_;
  QFile part_;
  int current_ = -1;
  qint64 done_before_ = 0, in_file_ = 0, at_start_ = 0;  // at_start_: of this attempt
  QElapsedTimer told_;
  Job* checking_ = nullptr;
  bool over_ = false;
};

/// Where the entry's data set is under the store, once it was fetched; empty before.
QString fetched_data_set(const CatalogueEntry& entry, const QString& folder);

/// "Fetching CIFAR-10 · 24 MB of 164 MB".
QString download_words(const Download& download);

/// "164 MB".
QString bytes_words(qint64 bytes);

}  // namespace selfsight
