#include "app/jobs/download.h"

#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

#include "app/jobs/pipeline_data.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

constexpr int silence_ms = 30000;  // after which a server counts as gone
constexpr int tell_every_ms = 50;
constexpr int http_ok = 200, http_part = 206, http_no_such_range = 416;

namespace fs = std::filesystem;

/// Checks every file, and unpacks what is to be. Returns where the data set is.
std::string settle(const CatalogueEntry& entry, const fs::path& folder, const Control& control) {
  if (!entry.unpack) return folder.string();
  const fs::path content = folder / "content", aside = folder / "content.part";
  std::error_code problem;
  fs::remove_all(aside, problem);
  for (const CatalogueFile& file : entry.files) {
    try {
      unpack_archive(folder / file.name(), aside, control);
    } catch (const InputError& error) {
      throw InputError(file.name() + " " + error.what() + ", so it cannot be unpacked.");
    }
  }
  fs::remove_all(content, problem);
  fs::rename(aside, content, problem);
  if (problem) throw Error("Could not write " + content.string() + ": " + problem.message() + ".");
  for (const CatalogueFile& file : entry.files) fs::remove(folder / file.name(), problem);
  return inner_folder(content).string();
}

bool server_was_reached(QNetworkReply::NetworkError error) {
  return error != QNetworkReply::HostNotFoundError &&
         error != QNetworkReply::ConnectionRefusedError &&
         error != QNetworkReply::TemporaryNetworkFailureError &&
         error != QNetworkReply::NetworkSessionFailedError &&
         error != QNetworkReply::UnknownNetworkError;
}

}  // namespace

QString fetched_data_set(const CatalogueEntry& entry, const QString& folder) {
  return QString::fromStdString(
      fetched_data_set(entry, std::filesystem::path(folder.toStdString())).string());
}

QString bytes_words(qint64 bytes) {
  return QLocale::c().formattedDataSize(bytes, bytes < 1'000'000'000 ? 0 : 1,
                                        QLocale::DataSizeSIFormat);
}

QString download_words(const Download& download) {
  const QString title = QString::fromStdString(download.entry().title);
  const QString received = bytes_words(download.received());
  const qint64 total = download.entry().bytes();
  return total > 0 ? Download::tr("Fetching %1 · %2 of %3").arg(title, received, bytes_words(total))
                   : Download::tr("Fetching %1 · %2").arg(title, received);
}

Download::Download(CatalogueEntry entry, const QString& folder, QObject* parent, int patience_ms)
    : QObject(parent),
      entry_(std::move(entry)),
      folder_(folder),
      patience_ms_(patience_ms),
      network_(new QNetworkAccessManager(this)) {}

Download::~Download() {
  drop_reply();
}

double Download::part() const {
  const qint64 total = entry_.bytes();
  return total > 0 ? static_cast<double>(received()) / static_cast<double>(total) : 0;
}

QString Download::path(const char* suffix) const {
  return QDir(folder_).filePath(QString::fromStdString(file().name())) + QLatin1String(suffix);
}

void Download::start() {
  if (!QDir().mkpath(folder_))
    return fail(
        tr("The folder %1 cannot be made; choose another place for the store.").arg(folder_));
  told_.start();
  next_file();
}

void Download::stop() {
  if (over_) return;
  if (checking_) return checking_->stop();
  over_ = true;
  drop_reply();
  part_.close();
  Q_EMIT cancelled();
}

void Download::next_file() {
  done_before_ += in_file_;
  in_file_ = 0;
  if (++current_ == static_cast<int>(entry_.files.size())) {
    current_ = static_cast<int>(entry_.files.size()) - 1;
    return check();
  }
  if (QFileInfo::exists(path())) {  // has its name, so it was whole and right
    in_file_ = QFileInfo(path()).size();
    return next_file();
  }
  ask();
}

void Download::ask() {
  part_.setFileName(path(".part"));
  if (!part_.open(QIODevice::WriteOnly | QIODevice::Append))
    return fail(tr("%1 cannot be written: %2.").arg(part_.fileName(), part_.errorString()));
  in_file_ = at_start_ = part_.size();
  if (file().bytes > 0 && in_file_ == file().bytes) return check();
  QNetworkRequest request(QUrl(QString::fromStdString(file().url)));
  request.setTransferTimeout(silence_ms);
  request.setRawHeader("User-Agent", "Selfsight");
  request.setRawHeader("Accept-Encoding", "identity");  // the file, not a coding of it
  if (in_file_ > 0) request.setRawHeader("Range", "bytes=" + QByteArray::number(in_file_) + "-");
  reply_ = network_->get(request);
  connect(reply_, &QNetworkReply::metaDataChanged, this, &Download::on_head);
  connect(reply_, &QNetworkReply::readyRead, this, &Download::on_bytes);
  connect(reply_, &QNetworkReply::finished, this, &Download::on_end);
}

void Download::on_head() {
  const int status = reply_->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  const bool goes_on =
      status == http_part &&
      reply_->rawHeader("Content-Range").startsWith("bytes " + QByteArray::number(at_start_) + "-");
  if ((status != http_ok && status != http_part) || goes_on || at_start_ == 0) return;
  // The server sends all of it again.
  part_.resize(0);
  in_file_ = at_start_ = 0;
}

void Download::on_bytes() {
  const int status = reply_->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  const QByteArray bytes = reply_->readAll();
  if (status != http_ok && status != http_part) return;  // the words of an error
  if (part_.write(bytes) != bytes.size() || !part_.flush())
    return fail(tr("%1 cannot be written: %2. What came so far is kept.")
                    .arg(part_.fileName(), part_.errorString()));
  in_file_ += bytes.size();
  if (file().bytes > 0 && in_file_ > file().bytes) {
    part_.remove();
    return fail(tr("The server sends more than the %1 of %2 that are known, so it was thrown away.")
                    .arg(bytes_words(file().bytes), QString::fromStdString(file().name())));
  }
  if (told_.elapsed() < tell_every_ms) return;
  told_.restart();
  Q_EMIT progress_changed(received(), entry_.bytes());
}

void Download::on_end() {
  const QNetworkReply::NetworkError error = reply_->error();
  const int status = reply_->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  const QString host = reply_->url().host();
  drop_reply();
  part_.close();
  if (status == http_no_such_range) {  // all of it was there, or it is another file by now
    if (file().bytes == 0) return check();
    QFile::remove(path(".part"));
    return ask();
  }
  if (status >= 400)
    return fail(tr("%1 does not give %2 (%3); see %4.")
                    .arg(host, QString::fromStdString(file().name()))
                    .arg(status)
                    .arg(QString::fromStdString(entry_.page)));
  if (error != QNetworkReply::NoError) {
    if (!server_was_reached(error))
      return try_again_or_fail(
          tr("%1 cannot be reached; check the connection and try again.").arg(host));
    return try_again_or_fail(
        tr("The connection to %1 broke; try again, and it goes on from there.").arg(host));
  }
  if (file().bytes > 0 && in_file_ < file().bytes)
    return try_again_or_fail(
        tr("The connection to %1 ended early; try again, and it goes on from there.").arg(host));
  check();
}

/// As long as each attempt brings something, a cut is no end.
void Download::try_again_or_fail(const QString& message) {
  if (in_file_ > at_start_) {
    QTimer::singleShot(patience_ms_, this, [this] {
      if (!over_) ask();
    });
    return;
  }
  fail(in_file_ > 0 ? message + tr(" %1 are kept.").arg(bytes_words(in_file_)) : message);
}

/// The file that has just arrived; after the last one, all is unpacked.
void Download::check() {
  part_.close();
  const bool arrived = !QFileInfo::exists(path());
  Q_EMIT progress_changed(received(), entry_.bytes());
  Q_EMIT checking();
  checking_ = new Job(
      {},
      [entry = entry_, file = file(), arrived, part = path(".part").toStdString(),
       whole = path().toStdString(),
       folder = folder_.toStdString()](Control& control, const Job::Progress&) {
        if (!arrived) return std::any(settle(entry, folder, control));
        const std::string found = file.sha256.empty() ? "" : sha256_file(part, control);
        if (found == file.sha256) {
          fs::rename(part, whole);
          control.check();  // else the next file would be begun
          return std::any(std::string());
        }
        fs::remove(part);
        throw InputError(file.name() + " arrived with the checksum " + found.substr(0, 12) +
                         "…, but " + file.sha256.substr(0, 12) +
                         "… is known, so it was thrown away; try again later.");
      },
      this);
  const auto over = [this] {
    checking_->deleteLater();
    checking_ = nullptr;
  };
  connect(checking_, &Job::finished, this, [this, over](const std::any& result) {
    over();
    const auto data_set = std::any_cast<const std::string&>(result);
    if (data_set.empty()) return next_file();
    over_ = true;
    Q_EMIT finished(QString::fromStdString(data_set));
  });
  connect(checking_, &Job::failed, this, [this, over](const QString& message) {
    over();
    fail(message);
  });
  connect(checking_, &Job::cancelled, this, [this, over] {
    over();
    over_ = true;
    Q_EMIT cancelled();
  });
  checking_->start();
}

void Download::fail(const QString& message) {
  if (over_) return;
  over_ = true;
  drop_reply();
  part_.close();
  Q_EMIT failed(message);
}

void Download::drop_reply() {
  if (!reply_) return;
  reply_->disconnect(this);
  reply_->abort();
  reply_->deleteLater();
  reply_ = nullptr;
}

}  // namespace selfsight
