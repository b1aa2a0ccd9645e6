#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <opencv2/imgcodecs.hpp>

#include "app/catalogue_dialog.h"
#include "app/jobs/download.h"
#include "app/jobs_popover.h"
#include "app/main_window.h"
#include "app/workspace.h"
#include "core/base/files.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

/// Serves one body on the loopback, ranges and all, and can be told to misbehave.
class Server : public QTcpServer {
 public:
  explicit Server(QByteArray content) : body(std::move(content)) {
    connect(this, &QTcpServer::newConnection, this, [this] {
      QTcpSocket* socket = nextPendingConnection();
      connect(socket, &QTcpSocket::readyRead, this, [this, socket] { answer(socket); });
      connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    });
    listen(QHostAddress::LocalHost);
  }

  QString address() const { return QStringLiteral("http://127.0.0.1:%1/").arg(serverPort()); }

  QByteArray body;
  qint64 cut_after = -1;  // bytes of each answer, then the connection is closed
  bool knows_ranges = true;
  bool moves = false;  // sends who asks on to another name first, with some words
  int status = 200;
  QList<QByteArray> ranges;  // that were asked for; empty for all

 private:
  void answer(QTcpSocket* socket) {
    QByteArray& heard = requests_[socket];
    heard += socket->readAll();
    if (!heard.contains("\r\n\r\n")) return;
    if (moves && !heard.startsWith("GET /moved")) {
      requests_.remove(socket);
      socket->write(
          "HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 5\r\n"
          "Connection: close\r\n\r\nMoved");
      return socket->disconnectFromHost();
    }
    qint64 from = 0;
    QByteArray range;
    for (const QByteArray& line : heard.split('\n'))
      if (line.toLower().startsWith("range: bytes=")) range = line.mid(13).trimmed();
    requests_.remove(socket);
    ranges << range;
    if (knows_ranges && !range.isEmpty()) from = range.chopped(1).toLongLong();
    if (status != 200) {
      socket->write("HTTP/1.1 " + QByteArray::number(status) +
                    " No\r\nContent-Length: 5\r\nConnection: close\r\n\r\nSorry");
    } else {
      socket->write(from > 0
                        ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                              QByteArray::number(from) + "-" + QByteArray::number(body.size() - 1) +
                              "/" + QByteArray::number(body.size()) + "\r\n"
                        : QByteArray("HTTP/1.1 200 OK\r\n"));
      socket->write("Content-Length: " + QByteArray::number(body.size() - from) +
                    "\r\nConnection: close\r\n\r\n");
      socket->write(body.mid(from, cut_after));
    }
    socket->disconnectFromHost();
  }

  QHash<QTcpSocket*, QByteArray> requests_;
};

QByteArray noise(int size) {
  QByteArray out(size, '\0');
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(static_cast<unsigned>(i) * 7919U >> 3);
  return out;
}

std::string hash_of(const QByteArray& bytes) {
  return sha256(
      {reinterpret_cast<const std::byte*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
}

}  // namespace

class TestDownload : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;

  static CatalogueEntry entry_of(const Server& server, bool known = true) {
    return {.name = "sample",
            .title = "Sample",
            .about = {},
            .page = "https://example.org",
            .licence = {},
            .citation = {},
            .files = {{(server.address() + QStringLiteral("sample.bin")).toStdString(),
                       known ? server.body.size() : 0, known ? hash_of(server.body) : ""}}};
  }

  /// How it ended: "finished", or the message.
  static QString ending(Download& download) {
    QSignalSpy finished(&download, &Download::finished), failed(&download, &Download::failed),
        cancelled(&download, &Download::cancelled);
    download.start();
    if (!QTest::qWaitFor([&] { return finished.size() + failed.size() + cancelled.size() > 0; },
                         20000))
      return QStringLiteral("never");
    if (!failed.isEmpty()) return failed.first().first().toString();
    return finished.isEmpty() ? QStringLiteral("cancelled") : QStringLiteral("finished");
  }

  static QByteArray content(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void what_arrives_is_what_was_sent() {
    Server server(noise(300000));
    const QTemporaryDir folder;
    Download download(entry_of(server), folder.filePath(QStringLiteral("new/sample")));
    QCOMPARE(ending(download), QStringLiteral("finished"));
    QVERIFY(content(folder.filePath(QStringLiteral("new/sample/sample.bin"))) == server.body);
    QCOMPARE(server.ranges, QList<QByteArray>{{}});
    Download again(entry_of(server), folder.filePath(QStringLiteral("new/sample")));
    QCOMPARE(ending(again), QStringLiteral("finished"));
    QCOMPARE(server.ranges.size(), 1);  // it was there
  }

  void a_cut_download_goes_on_by_itself_data() {
    QTest::addColumn<bool>("moves");
    QTest::newRow("where it was") << false;
    QTest::newRow("where it has moved") << true;
  }
  void a_cut_download_goes_on_by_itself() {
    QFETCH(bool, moves);
    Server server(noise(100000));
    server.moves = moves;
    server.cut_after = 40000;
    const QTemporaryDir folder;
    Download download(entry_of(server), folder.path(), nullptr, 0);
    QCOMPARE(ending(download), QStringLiteral("finished"));
    QVERIFY(content(folder.filePath(QStringLiteral("sample.bin"))) == server.body);
    QCOMPARE(server.ranges, (QList<QByteArray>{{}, "40000-", "80000-"}));
  }

  void one_of_yesterday_goes_on() {
    Server server(noise(100000));
    const QTemporaryDir folder;
    QFile part(folder.filePath(QStringLiteral("sample.bin.part")));
    QVERIFY(part.open(QIODevice::WriteOnly));
    part.write(server.body.left(70000));
    part.close();
    Download download(entry_of(server), folder.path());
    QCOMPARE(ending(download), QStringLiteral("finished"));
    QCOMPARE(server.ranges, QList<QByteArray>{"70000-"});
    QVERIFY(content(folder.filePath(QStringLiteral("sample.bin"))) == server.body);
  }

  void a_server_without_ranges_sends_all_again() {
    Server server(noise(100000));
    server.knows_ranges = false;
    const QTemporaryDir folder;
    QFile part(folder.filePath(QStringLiteral("sample.bin.part")));
    QVERIFY(part.open(QIODevice::WriteOnly));
    part.write("something else");
    part.close();
    Download download(entry_of(server), folder.path());
    QCOMPARE(ending(download), QStringLiteral("finished"));
    QVERIFY(content(folder.filePath(QStringLiteral("sample.bin"))) == server.body);
  }

  void a_wrong_checksum_is_refused() {
    Server server(noise(5000));
    const QTemporaryDir folder;
    const CatalogueEntry entry = entry_of(server);
    server.body[4000] = 'x';
    Download download(entry, folder.path());
    const QString message = ending(download);
    QVERIFY2(message.contains(QStringLiteral("arrived with the checksum")), qPrintable(message));
    QVERIFY(QDir(folder.path()).isEmpty());
  }

  void more_than_was_said_is_refused() {
    Server server(noise(5000));
    const QTemporaryDir folder;
    CatalogueEntry entry = entry_of(server);
    entry.files[0].bytes = 4000;
    Download download(entry, folder.path());
    QVERIFY(ending(download).contains(QStringLiteral("sends more than")));
    QVERIFY(QDir(folder.path()).isEmpty());
  }

  void no_server_is_one_sentence() {
    CatalogueEntry entry;
    {
      Server server(noise(10));
      entry = entry_of(server);
    }
    const QTemporaryDir folder;
    Download download(entry, folder.path());
    QCOMPARE(ending(download),
             QStringLiteral("127.0.0.1 cannot be reached; check the connection and try again."));
  }

  void a_server_that_has_it_no_more_is_told() {
    Server server(noise(10));
    server.status = 404;
    const QTemporaryDir folder;
    Download download(entry_of(server), folder.path());
    QCOMPARE(ending(download),
             QStringLiteral("127.0.0.1 does not give sample.bin (404); see https://example.org."));
  }

  void a_stop_keeps_what_came() {
    Server server(noise(4000000));
    const QTemporaryDir folder;
    Download download(entry_of(server), folder.path());
    connect(&download, &Download::progress_changed, &download, &Download::stop);
    QCOMPARE(ending(download), QStringLiteral("cancelled"));
    QVERIFY(QFileInfo(folder.filePath(QStringLiteral("sample.bin.part"))).size() > 0);
  }

  void without_a_checksum_it_is_taken_as_it_is() {
    Server server(noise(5000));
    const QTemporaryDir folder;
    const CatalogueEntry entry = entry_of(server, false);
    QVERIFY(!entry.verified());
    Download download(entry, folder.path());
    QCOMPARE(ending(download), QStringLiteral("finished"));
  }

  void an_archive_is_unpacked_and_gone() {
    // A tar of one file in one folder, as ustar has it.
    QByteArray header(512, '\0');
    const auto put = [&](int at, const QByteArray& text) { header.replace(at, text.size(), text); };
    put(0, "inner/a.txt");
    put(100, "0000644");
    put(124, "00000000005");
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    int sum = 0;
    for (const char c : std::as_const(header)) sum += static_cast<unsigned char>(c);
    put(148, QByteArray::number(sum, 8).rightJustified(6, '0') + QByteArray("\0 ", 2));
    Server server(header + QByteArray("hello").leftJustified(512, '\0') + QByteArray(1024, '\0'));
    const QTemporaryDir folder;
    CatalogueEntry entry = entry_of(server);
    entry.unpack = true;
    QVERIFY(fetched_data_set(entry, folder.path()).isEmpty());
    Download download(entry, folder.path());
    QCOMPARE(ending(download), QStringLiteral("finished"));
    QCOMPARE(content(folder.filePath(QStringLiteral("content/inner/a.txt"))), QByteArray("hello"));
    QVERIFY(!QFileInfo::exists(folder.filePath(QStringLiteral("sample.bin"))));
    QCOMPARE(fetched_data_set(entry, folder.path()),
             folder.filePath(QStringLiteral("content/inner")));
  }

  void the_dialog_fetches_and_opens() {
    const QTemporaryDir folder;
    Workspace workspace(folder.path().toStdString());
    cv::Mat grey(16, 16, CV_8U, cv::Scalar(99));
    std::vector<std::uint8_t> png;
    cv::imencode(".png", grey, png);
    Server server(QByteArray(reinterpret_cast<const char*>(png.data()), qsizetype(png.size())));
    CatalogueEntry right = entry_of(server), wrong = right;
    right.files[0].url = (server.address() + QStringLiteral("a.png")).toStdString();
    wrong.name = "wrong";
    wrong.files[0].sha256 = std::string(64, 'a');
    CatalogueDialog dialog(workspace, nullptr, {right, wrong});
    dialog.show();
    const auto act = [&](const char* name) {
      return dialog.findChild<QPushButton*>(QLatin1String(name));
    };
    act("wrong_act")->click();
    QCOMPARE(act("wrong_act")->text(), QStringLiteral("Stop"));
    QTRY_VERIFY(dialog.findChild<QLabel*>(QStringLiteral("wrong_words"))
                    ->text()
                    .contains(QStringLiteral("arrived with the checksum")));
    QCOMPARE(act("wrong_act")->text(), QStringLiteral("Download"));
    act("sample_act")->click();
    QTRY_COMPARE(act("sample_act")->text(), QStringLiteral("Open"));
    act("sample_act")->click();
    QTRY_VERIFY(workspace.dataset());
    QCOMPARE(workspace.dataset()->size(), 1);
    QTRY_VERIFY(workspace.statistics());
  }

  void what_is_fetched_goes_on_when_the_dialog_is_closed() {
    const QTemporaryDir folder;
    Workspace workspace(folder.path().toStdString());
    Server server(noise(300000));
    CatalogueEntry kept = entry_of(server), stopped = kept;
    stopped.name = "stopped";
    stopped.title = "Stopped";
    const auto act = [](const CatalogueDialog& dialog, const char* name) {
      return dialog.findChild<QPushButton*>(QLatin1String(name));
    };
    auto dialog = std::make_unique<CatalogueDialog>(workspace, nullptr,
                                                    std::vector<CatalogueEntry>{kept, stopped});
    act(*dialog, "sample_act")->click();
    act(*dialog, "stopped_act")->click();
    dialog.reset();
    QCOMPARE(workspace.downloads().size(), 2);

    QWidget window;
    window.show();
    JobsPopover popover(workspace, &window);
    popover.show();
    const auto stops = [&] {
      QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
      return popover.findChildren<QToolButton*>(QStringLiteral("job_stop"));
    };
    QCOMPARE(stops().size(), 2);
    const auto labels = popover.findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* words) {
      return words->text().startsWith(QStringLiteral("Fetching Sample · 0 bytes of 300 kB"));
    }));
    workspace.downloads().last()->stop();
    QCOMPARE(workspace.downloads().size(), 1);
    QCOMPARE(stops().size(), 1);

    // Opened again, the catalogue follows it.
    CatalogueDialog again(workspace, nullptr, {kept, stopped});
    QCOMPARE(act(again, "sample_act")->text(), QStringLiteral("Stop"));
    QCOMPARE(act(again, "stopped_act")->text(), QStringLiteral("Download"));
    QTRY_COMPARE(act(again, "sample_act")->text(), QStringLiteral("Open"));
    QVERIFY(workspace.downloads().isEmpty());
    QVERIFY(content(folder.filePath(QStringLiteral("datasets/sample/sample.bin"))) == server.body);
    QVERIFY(stops().isEmpty());
  }

  void closing_while_a_data_set_is_fetched_asks_and_what_came_is_kept() {
    const QTemporaryDir folder;
    const QString place = folder.filePath(QStringLiteral("datasets/sample"));
    Server server(noise(100000));
    server.cut_after = 40000;
    const CatalogueEntry entry = entry_of(server);
    {
      Workspace workspace(folder.path().toStdString());
      MainWindow window(workspace);
      window.show();
      QVERIFY(QTest::qWaitForWindowActive(&window));
      auto* download = new Download(entry, place, &workspace, 3'600'000);  // waits after the cut
      workspace.announce(download);
      download->start();
      QTRY_COMPARE(download->received(), 40000);
      const auto question = [&] {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);  // an earlier one's
        return window.findChild<QWidget*>(QStringLiteral("message_bar"));
      };
      window.close();
      QVERIFY(window.isVisible() && question()->isVisible());
      QVERIFY(question()->accessibleDescription().startsWith(
          QStringLiteral("Sample is being downloaded; what has come is kept")));
      click_in(window, "keep_downloading");
      QVERIFY(window.isVisible() && !question()->isVisible());
      QCOMPARE(workspace.downloads().size(), 1);
      window.close();
      QVERIFY(window.isVisible() && question()->isVisible());
      click_in(window, "stop_and_quit");
      QVERIFY(!window.isVisible());
    }
    server.cut_after = -1;
    Workspace workspace(folder.path().toStdString());
    QVERIFY(workspace.downloads().isEmpty());  // none goes on by itself
    Download again(entry, place);
    QCOMPARE(ending(again), QStringLiteral("finished"));
    QCOMPARE(server.ranges, (QList<QByteArray>{{}, "40000-"}));
    QVERIFY(content(place + QStringLiteral("/sample.bin")) == server.body);
  }

  void the_data_set_is_the_folder_in_which_there_is_more_than_a_folder() {
    const QTemporaryDir folder;
    const QString deep = folder.filePath(QStringLiteral("a/b/images"));
    QVERIFY(QDir().mkpath(deep + QStringLiteral("/forest")));
    QVERIFY(QDir().mkpath(deep + QStringLiteral("/river")));
    QCOMPARE(inner_folder(folder.path().toStdString()).string(), deep.toStdString());
    QVERIFY(QFile::link(folder.path(), folder.filePath(QStringLiteral("a/b/images/river/up"))));
    QCOMPARE(inner_folder((deep + QStringLiteral("/river")).toStdString()).string(),
             (deep + QStringLiteral("/river")).toStdString());
  }

  void the_catalogue_is_whole() {
    QVERIFY(catalogue().size() >= 5);
    for (const CatalogueEntry& entry : catalogue()) {
      QVERIFY(entry.bytes() > 0 && entry.verified());
      QVERIFY(!entry.title.empty() && !entry.licence.empty() && !entry.citation.empty());
      for (const CatalogueFile& file : entry.files) QVERIFY(!file.name().empty());
    }
    QVERIFY_EXCEPTION_THROWN(catalogue_entry("cifar11"), InputError);
    QVERIFY_EXCEPTION_THROWN(parse_catalogue_entry("x", "title = 'only'"), InputError);
  }
};

SELFSIGHT_SUITE(TestDownload, QApplication);
#include "test_download.moc"
