#include "app/catalogue_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "app/workspace.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString text_of(const std::string& text) {
  return QString::fromStdString(text);
}

/// "170 MB · licence: MIT · what arrives cannot be checked".
QString facts_of(const CatalogueEntry& entry) {
  QStringList parts;
  if (entry.bytes() > 0) parts << bytes_words(entry.bytes());
  parts << CatalogueDialog::tr("licence: %1").arg(text_of(entry.licence));
  if (!entry.verified())
    parts << CatalogueDialog::tr("no checksum is known, so what arrives is not verified");
  return parts.join(QStringLiteral(" · "));
}

}  // namespace

CatalogueDialog::CatalogueDialog(Workspace& workspace, QWidget* parent,
                                 const std::vector<CatalogueEntry>& entries)
    : QDialog(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("catalogue"));
  setWindowTitle(tr("Public data sets"));
  auto* outer = new QVBoxLayout(this);
  outer->addWidget(
      paragraph(tr("They come over the network into %1, and go on coming when this window is "
                   "closed. Look at the licence before you use them.")
                    .arg(QString::fromStdString((workspace.store_folder() / "datasets").string())),
                Voice::soft, this));
  auto* area = new QScrollArea(this);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setFocusPolicy(Qt::NoFocus);
  auto* page = new QWidget(area);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 8, 0);
  column->setSpacing(10);
  for (const CatalogueEntry& entry : entries) add_row(entry, column);
  for (const CatalogueEntry& entry : entries)
    for (Download* download : workspace.downloads())
      if (download->entry().name == entry.name) follow(entry, download);
  column->addStretch(1);
  area->setWidget(page);
  outer->addWidget(area, 1);
  resize(720, 620);
}

void CatalogueDialog::add_row(const CatalogueEntry& entry, QVBoxLayout* column) {
  const QString name = text_of(entry.name);
  auto* card = new Card(text_of(entry.title), this);
  Row& row = rows_[name];
  auto* about = paragraph(core_words(entry.about), Voice::body, card);
  auto* facts = paragraph(facts_of(entry), Voice::soft, card);
  auto* citation = paragraph(text_of(entry.citation), Voice::faint, card);
  citation->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row.words = paragraph({}, Voice::verdict, card);
  row.words->setObjectName(name + QStringLiteral("_words"));
  row.bar = new QProgressBar(card);
  row.bar->setTextVisible(false);
  row.bar->setAccessibleName(tr("How much of %1 is there").arg(text_of(entry.title)));
  row.act = button({}, name + QStringLiteral("_act"), ButtonKind::plain, card);
  row.act->setAutoDefault(false);
  card->add_to_head(row.act);
  for (QWidget* part : std::initializer_list<QWidget*>{about, facts, citation, row.bar, row.words})
    card->body()->addWidget(part);
  row.bar->hide();
  row.words->hide();
  column->addWidget(card);
  connect(row.act, &QPushButton::clicked, this, [this, entry] { act(entry); });
  show_state(entry);
}

QString CatalogueDialog::folder_of(const CatalogueEntry& entry) const {
  return QString::fromStdString((workspace_.store_folder() / "datasets" / entry.name).string());
}

void CatalogueDialog::show_state(const CatalogueEntry& entry) {
  const Row& row = rows_[text_of(entry.name)];
  const bool there = !fetched_data_set(entry, folder_of(entry)).isEmpty();
  row.act->setText(row.download ? tr("Stop") : there ? tr("Open") : tr("Download"));
  row.act->setAccessibleName(tr("%1: %2").arg(text_of(entry.title), row.act->text()));
  row.bar->setVisible(row.download != nullptr);
}

void CatalogueDialog::act(const CatalogueEntry& entry) {
  Row& row = rows_[text_of(entry.name)];
  if (row.download) return row.download->stop();
  if (const QString there = fetched_data_set(entry, folder_of(entry)); !there.isEmpty()) {
    workspace_.open_dataset_at(there);
    return accept();
  }
  auto* download = new Download(entry, folder_of(entry), &workspace_);
  workspace_.announce(download);
  follow(entry, download);
  download->start();
}

void CatalogueDialog::follow(const CatalogueEntry& entry, Download* download) {
  Row& row = rows_[text_of(entry.name)];
  row.words->hide();
  row.bar->setRange(0, 0);
  row.download = download;
  connect(row.download, &Download::progress_changed, this, [&row](qint64 received, qint64 total) {
    row.bar->setRange(0, total > 0 ? 1000 : 0);
    if (total > 0) row.bar->setValue(static_cast<int>(1000 * received / total));
  });
  connect(row.download, &Download::checking, this, [&row] { row.bar->setRange(0, 0); });
  connect(row.download, &Download::finished, this, [this, entry](const QString&) {
    end(entry,
        entry.verified() ? tr("It is there, and its checksum is right.")
                         : tr("It is there; no checksum is known, so it is not verified."),
        false);
  });
  connect(row.download, &Download::failed, this,
          [this, entry](const QString& message) { end(entry, message, true); });
  connect(row.download, &Download::cancelled, this, [this, entry] {
    end(entry, tr("Stopped; what came so far is kept, and a download goes on from there."), false);
  });
  show_state(entry);
}

void CatalogueDialog::end(const CatalogueEntry& entry, const QString& message, bool bad) {
  Row& row = rows_[text_of(entry.name)];
  row.download = nullptr;
  row.words->setText(message);
  set_mood(row.words, bad ? Mood::bad : Mood::good);
  row.words->show();
  show_state(entry);
}

}  // namespace selfsight
