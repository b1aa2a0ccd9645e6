#include "app/places/neighbours_card.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "app/every_option.h"
#include "app/jobs/pipeline_exchange.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/neighbour_strip.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int strip_pixels = 112, neighbour_count = 12;
const QString among_mapped = QStringLiteral("mapped");

}  // namespace

NeighboursCard::NeighboursCard(Workspace& workspace, MapFeatures& mapped, QWidget* parent)
    : Card(tr("Neighbours"), parent),
      workspace_(workspace),
      mapped_(mapped),
      table_(new MapFeatures(workspace, this)),
      likes_(new Latest<QList<NeighbourPicture>>(this)),
      among_(new QComboBox(this)),
      strip_(new NeighbourStrip(this)),
      words_(paragraph({}, Voice::soft, this)) {
  among_->setObjectName(QStringLiteral("search_among"));
  among_->setAccessibleName(tr("Images that are searched"));
  guard_value(among_);
  words_->setObjectName(QStringLiteral("neighbour_words"));
  body()->addWidget(among_, 0, Qt::AlignLeft);
  body()->addWidget(strip_);
  body()->addWidget(words_);
  connect(among_, &QComboBox::activated, this, &NeighboursCard::search);
  connect(strip_, &NeighbourStrip::clicked, this, &NeighboursCard::clicked);
  connect(table_, &MapFeatures::failed, this, &NeighboursCard::tell_problem);
  connect(table_, &MapFeatures::read, words_, &QLabel::clear);
  connect(table_, &MapFeatures::reading_began, this, [this](qint64 images) {
    words_->setText(
        tr("Reading the features of %1.").arg(count_words(images, tr("image"), tr("images"))));
  });
  connect(table_, &MapFeatures::stopped, this, [this] {
    words_->setText(
        tr("Reading the features was stopped. Choose an image, or search with a picture, to read "
           "them again."));
  });
  connect(&workspace, &Workspace::dataset_changed, this, [this] {
    forget();
    list_choices();
  });
  list_choices();
}

void NeighboursCard::list_choices() {
  const QSignalBlocker quiet(among_);
  const QString before = among_->currentData().toString();
  among_->clear();
  among_->addItem(tr("among all images"), QStringLiteral("all"));
  const auto dataset = workspace_.dataset();
  const auto add = [&](Split split, const QString& words, const char* name) {
    if (dataset && !dataset->indices(split).empty())
      among_->addItem(words, QString::fromLatin1(name));
  };
  add(Split::train, tr("among the training images"), "train");
  add(Split::validation, tr("among the validation images"), "validation");
  add(Split::test, tr("among the test images"), "test");
  if (!mapped_ids_.empty()) among_->addItem(tr("among the mapped images"), among_mapped);
  among_->setCurrentIndex(std::max(0, among_->findData(before)));
}

void NeighboursCard::set_mapped(const std::vector<std::int64_t>& ids) {
  const bool listed = !mapped_ids_.empty();
  mapped_ids_ = ids;
  if (listed == ids.empty()) list_choices();
}

void NeighboursCard::forget() {
  asked_ = {};
  when_.clear();
  table_->forget();
  strip_->set_pictures({});
  words_->setText(tr("Choose an image, or search with a picture of your own."));
  set_title(tr("Neighbours"));
}

void NeighboursCard::show_likes(const Asked& asked, const QString& when) {
  const auto dataset = workspace_.dataset();
  if (!dataset || asked.none()) return;
  asked_ = asked;
  when_ = when;
  set_title(asked.id >= 0
                ? tr("Neighbours of %1").arg(QString::fromStdString(dataset->image_name(asked.id)))
                : tr("Most like %1").arg(QString::fromStdString(asked.file.filename().string())));
  search();
}

MapFeatures::Wanted NeighboursCard::wanted(const QString& among) const {
  if (among == among_mapped) return {asked_.source, mapped_ids_};
  return {asked_.source, images_of(*workspace_.dataset(), among.toStdString()), true};
}

/// The mapped images answer at once where their features are there, the others when they are read.
void NeighboursCard::search() {
  if (!workspace_.dataset() || asked_.none()) return;
  const MapFeatures::Wanted mapped = wanted(among_mapped);
  among_->setEnabled(when_.isEmpty());
  among_->setToolTip(when_.isEmpty() ? tr("Which images are searched")
                                     : tr("Over epochs, the mapped images are searched"));
  words_->clear();
  const bool only_mapped = !when_.isEmpty() || among_->currentData().toString() == among_mapped;
  const MapFeatures::Wanted wanted_table =
      only_mapped ? mapped : wanted(among_->currentData().toString());
  const MapFeatures::Table at_hand = mapped_ids_.empty() ? nullptr : mapped_.known(mapped);
  if (at_hand && !table_->known(wanted_table)) {
    answer(at_hand);
    if (only_mapped) return table_->ask_no_more();  // nor is an older question answered later
  } else if (!table_->known(wanted_table)) {
    strip_->set_pictures({});
  }
  table_->with(wanted_table, [this](const MapFeatures::Table& table) { answer(table); });
}

void NeighboursCard::answer(const MapFeatures::Table& table) {
  QStringList how{
      tr("By cosine, among %1").arg(count_words(table->features.rows, tr("image"), tr("images")))};
  if (table->index && !table->index->exact())
    how << tr("by an index that finds %1 of the nearest")
               .arg(percent_words(table->index->recall(), 1));
  if (!when_.isEmpty()) how << when_;
  words_->setText(how.join(QStringLiteral(", ")));
  likes_->ask(
      [store = workspace_.store_folder(), dataset = workspace_.dataset(), asked = asked_,
       table](Control& control) {
        return like_pictures(store, *dataset, asked, *table, neighbour_count, strip_pixels,
                             control);
      },
      [this, asked = asked_](const QList<NeighbourPicture>& pictures) {
        if (asked == asked_) strip_->set_pictures(pictures);
      },
      [this](const QString& problem) { tell_problem(problem); });
}

void NeighboursCard::tell_problem(const QString& problem) {
  words_->setText(with_labels(problem, every_option()));
}

}  // namespace selfsight
