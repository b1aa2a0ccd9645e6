#include "app/places/compare_image.h"

#include <QBuffer>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>

#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr std::size_t most_runs = 6;
constexpr int row_side = 136;  // as high as what is told beside it

/// Lines of text may end behind each of its slashes.
QString breaking_paths(QString text) {
  return text.replace(QLatin1Char('/'), QStringLiteral("/\u200B"));
}

}  // namespace

CompareImage::CompareImage(Workspace& workspace, QWidget* parent)
    : Card(tr("One image in each run"), parent),
      workspace_(workspace),
      image_(new QSpinBox(this)),
      rows_(new PictureRows(this)),
      words_(paragraph({}, Voice::soft, this)),
      drawing_(new Latest<QList<PictureRow>>(this)),
      finding_(new Latest<QList<RunNeighbours>>(this)) {
  setObjectName(QStringLiteral("compare_image_card"));
  auto* other =
      button(tr("Another image"), QStringLiteral("another_image"), ButtonKind::link, this);
  other->setToolTip(tr("The next held-out image"));
  add_to_head(other);
  add_to_head(label(tr("image"), Voice::soft, this));
  image_->setObjectName(QStringLiteral("compare_image"));
  image_->setAccessibleName(tr("Which image; a click on a map chooses one too"));
  image_->setToolTip(image_->accessibleName());
  image_->setKeyboardTracking(false);
  guard_value(image_);
  add_to_head(image_);
  rows_->setObjectName(QStringLiteral("compare_rows"));
  rows_->setAccessibleName(tr("The image in each run"));
  rows_->set_titles(image_titles());
  rows_->set_largest_side(row_side);
  body()->addWidget(words_);
  offer_files(rows_, workspace, QStringLiteral("image-in-runs"), {QStringLiteral("png")},
              [this](const QString&) {
                QByteArray bytes;
                QBuffer file(&bytes);
                rows_->contact_sheet().save(&file, "PNG");
                return bytes;
              });
  body()->addWidget(rows_, 1);
  connect(other, &QPushButton::clicked, this, &CompareImage::another);
  connect(image_, &QSpinBox::valueChanged, this, &CompareImage::ask);
  connect(&workspace, &Workspace::dataset_changed, this, &CompareImage::take_dataset);
  take_dataset();
}

void CompareImage::take_dataset() {
  const auto dataset = workspace_.dataset();
  const QSignalBlocker quiet(image_);
  image_->setEnabled(dataset != nullptr);
  originals_ = dataset ? std::make_shared<OriginalCache>(dataset) : nullptr;
  if (dataset) {
    image_->setRange(0, static_cast<int>(dataset->size()) - 1);
    const auto held_out = dataset->indices(Split::test);
    image_->setValue(held_out.empty() ? 0 : static_cast<int>(held_out.front()));
  }
  ask();
}

void CompareImage::another() {
  if (!originals_) return;
  const auto held_out = originals_->dataset()->indices(Split::test);
  const auto next = std::ranges::upper_bound(held_out, std::int64_t{image_->value()});
  if (!held_out.empty())
    image_->setValue(static_cast<int>(next == held_out.end() ? held_out.front() : *next));
}

void CompareImage::show_runs(const std::vector<std::int64_t>& runs) {
  runs_ = runs;
  ask();
}

void CompareImage::show_image(std::int64_t id) {
  image_->setValue(static_cast<int>(id));
}

void CompareImage::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  ask();
}

void CompareImage::ask() {
  QString words;
  if (!originals_)
    words = tr("Open a data set to see one of its images in each run.");
  else if (runs_.empty())
    words = tr("Choose runs in the table.");
  else if (runs_.size() > most_runs)
    words = tr("The first %1 of the %2 chosen runs.").arg(most_runs).arg(runs_.size());
  words_->setText(words);
  words_->setVisible(!words.isEmpty());
  std::optional<ImageQuestion> wanted;
  if (originals_ && !runs_.empty()) {
    wanted = ImageQuestion{workspace_.store_folder(), runs_, originals_, image_->value(),
                           tokens().faint};
    if (runs_.size() > most_runs) wanted->runs.resize(most_runs);
  }
  if (wanted != asked_) drawn_.clear();
  asked_ = wanted;
  if (!isVisible()) return;
  if (!asked_) return rows_->set_rows({});
  drawing_->ask([question = *asked_](Control& control) { return image_in_runs(question, control); },
                [this, question = *asked_](const QList<PictureRow>& rows) {
                  if (asked_ != question) return;
                  drawn_ = rows;
                  rows_->set_rows(rows);
                  ask_for_neighbours(question);
                });
}

void CompareImage::ask_for_neighbours(const ImageQuestion& question) {
  finding_->ask(
      [question](Control& control) { return neighbours_in_runs(question, control); },
      [this, question](const QList<RunNeighbours>& found) {
        if (asked_ != question || drawn_.size() != found.size()) return;
        QList<PictureRow> rows = drawn_;
        for (qsizetype i = 0; i < rows.size(); ++i) {
          const bool none = found[i].pictures.isNull();
          rows[i].cells.last() = {found[i].pictures, {}, tr("–")};
          rows[i].lines.append({none ? PictureLine::Kind::soft : PictureLine::Kind::strong,
                                none ? breaking_paths(found[i].words) : found[i].words});
        }
        rows_->set_rows(rows);
        Q_EMIT complete();
      },
      [this](const QString& problem) { Q_EMIT workspace_.problem(problem); });
}

}  // namespace selfsight
