#include "app/places/data_place.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QSlider>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/app_settings.h"
#include "app/places/band_picker.h"
#include "app/places/data_work.h"
#include "app/places/frames_field.h"
#include "app/places/image_card.h"
#include "app/places/kept_controls.h"
#include "app/places/open_menu.h"
#include "app/places/save_plot.h"
#include "app/places/window_field.h"
#include "app/workspace.h"
#include "core/dataset/frame_words.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/fact_table.h"
#include "widgets/icons.h"
#include "widgets/image_grid.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int smallest_cell = 28, usual_cell = 64, largest_cell = 256;
constexpr int larger_pixels = 800;
constexpr std::size_t broken_shown = 100;

QString broken_text(const std::vector<BrokenImage>& broken) {
  QStringList lines;
  for (const BrokenImage& one : broken) {
    if (static_cast<std::size_t>(lines.size()) == broken_shown) break;
    lines << QStringLiteral("%1: %2").arg(QString::fromStdString(one.name), core_words(one.reason));
  }
  if (broken.size() > broken_shown)
    lines << DataPlace::tr("and %1 more").arg(broken.size() - broken_shown);
  return lines.join(QLatin1Char('\n'));
}

}  // namespace

DataPlace::DataPlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Data"), workspace, parent),
      thumbnails_(new Latest<QList<Thumbnail>>(this)),
      filtering_(new Latest<std::vector<std::int64_t>>(this)),
      larger_(new Latest<LargerImage>(this)) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  connect(&workspace, &Workspace::dataset_changed, this, &DataPlace::show_dataset);
  connect(&workspace, &Workspace::opening_changed, this, &DataPlace::show_state);
  connect(&workspace, &Workspace::statistics_changed, this, &DataPlace::show_facts);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, filter_, [this] { filter_->setFocus(); });
  show_dataset();
}

void DataPlace::build_head() {
  filter_ = new QLineEdit(this);
  filter_->setObjectName(QStringLiteral("image_filter"));
  filter_->setAccessibleName(tr("Filter by name or label"));
  filter_->setPlaceholderText(tr("Filter by name or label"));
  filter_->setClearButtonEnabled(true);
  filter_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  filter_->setFixedWidth(210);
  add_action_widget(filter_);
  sort_ = new QComboBox(this);
  sort_->setObjectName(QStringLiteral("image_sort"));
  sort_->setAccessibleName(tr("Sort"));
  sort_->addItem(tr("Sort: file"));
  sort_->addItem(tr("Sort: label"));
  keep_choice(sort_);
  guard_value(sort_);
  add_action_widget(sort_);
  add_action_widget(label(tr("size"), Voice::soft, this));
  size_ = new QSlider(Qt::Horizontal, this);
  size_->setObjectName(QStringLiteral("thumbnail_size"));
  size_->setAccessibleName(tr("Size of the thumbnails"));
  size_->setToolTip(size_->accessibleName());
  size_->setRange(smallest_cell, largest_cell);
  size_->setValue(app_settings::thumbnail_size(usual_cell));
  size_->setFixedWidth(84);
  guard_value(size_);
  add_action_widget(size_);
  open_ = button(tr("Open…"), QStringLiteral("open_dataset"), ButtonKind::primary, this);
  open_->setToolTip(tr("Open a data set (Ctrl+O)"));
  add_action_widget(open_);
  connect(filter_, &QLineEdit::textChanged, this, &DataPlace::apply_filter);
  connect(sort_, &QComboBox::activated, this, &DataPlace::apply_filter);
  connect(size_, &QSlider::valueChanged, this, [this](int side) {
    grid_->set_cell(side);
    app_settings::set_thumbnail_size(side);
  });
  connect(open_, &QPushButton::clicked, this, &DataPlace::show_open_menu);
}

QWidget* DataPlace::build_main() {
  auto* card = new Card({}, this);
  stack_ = new QStackedWidget(card);
  empty_ = new EmptyState({}, {}, {}, stack_);
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  grid_ = new ImageGrid(page);
  grid_->setObjectName(QStringLiteral("image_grid"));
  grid_->set_cell(size_->value());
  range_ = new ElidedLabel({}, page);
  range_->setObjectName(QStringLiteral("image_range"));
  set_voice(range_, Voice::soft);
  column->addWidget(grid_, 1);
  column->addWidget(range_);
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  card->body()->addWidget(stack_, 1);
  connect(empty_, &EmptyState::action_wanted, this, &DataPlace::act_on_empty);
  connect(grid_, &ImageGrid::thumbnails_wanted, this, &DataPlace::fetch);
  connect(grid_, &ImageGrid::image_clicked, this, &DataPlace::show_image);
  connect(grid_, &ImageGrid::view_moved, this, &DataPlace::show_range);
  return card;
}

void DataPlace::build_facts(QWidget* side) {
  facts_card_ = new Card(tr("What is in it"), side);
  measure_ = button(tr("measure"), QStringLiteral("measure_again"), ButtonKind::link, facts_card_);
  measure_->setToolTip(tr("Measure sizes, mean and deviation"));
  facts_card_->add_to_head(measure_);
  connect(measure_, &QPushButton::clicked, &workspace(), &Workspace::measure_again);
  facts_ = new FactTable(facts_card_);
  facts_->setObjectName(QStringLiteral("dataset_facts"));
  facts_->setAccessibleName(tr("What is in the data set"));
  offer_files(facts_, workspace(), QStringLiteral("images"), {QStringLiteral("csv")},
              [this](const QString&) { return facts_->as_csv(); });
  facts_card_->body()->addWidget(facts_);
  bands_ = new BandPicker(facts_card_);
  facts_card_->body()->addWidget(bands_);
  window_ = new WindowField(facts_card_);
  facts_card_->body()->addWidget(window_);
  frames_ = new FramesField(facts_card_);
  facts_card_->body()->addWidget(frames_);
  connect(window_, &WindowField::location_chosen, &workspace(), &Workspace::open_dataset_at);
  connect(frames_, &FramesField::location_chosen, &workspace(), &Workspace::open_dataset_at);
  connect(bands_, &BandPicker::bands_chosen, this, &DataPlace::show_other_bands);
}

QWidget* DataPlace::build_side() {
  auto* side = new QWidget(this);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  image_card_ = new ImageCard(side);
  column->addWidget(image_card_);
  build_facts(side);
  column->addWidget(facts_card_);

  look_card_ = new Card(tr("Worth a look"), side);
  auto* row = new QHBoxLayout;
  look_words_ = paragraph({}, Voice::verdict, look_card_);
  set_mood(look_words_, Mood::bad);
  look_more_ = button(tr("why"), QStringLiteral("broken_why"), ButtonKind::link, look_card_);
  look_more_->setCheckable(true);
  look_list_ = paragraph({}, Voice::soft, look_card_);
  look_list_->setObjectName(QStringLiteral("broken_list"));
  look_list_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  look_list_->hide();
  row->addWidget(look_words_, 1);
  row->addWidget(look_more_, 0, Qt::AlignTop);
  look_card_->body()->addLayout(row);
  look_card_->body()->addWidget(look_list_);
  auto* copies = new QHBoxLayout;
  duplicates_words_ = paragraph({}, Voice::soft, look_card_);
  duplicates_words_->setObjectName(QStringLiteral("duplicates_words"));
  duplicates_ = button({}, QStringLiteral("duplicates"), ButtonKind::link, look_card_);
  show_all_ = button(tr("all images"), QStringLiteral("show_all"), ButtonKind::link, look_card_);
  copies->addWidget(duplicates_words_, 1);
  copies->addWidget(duplicates_, 0, Qt::AlignTop);
  copies->addWidget(show_all_, 0, Qt::AlignTop);
  look_card_->body()->addLayout(copies);
  column->addWidget(look_card_);
  connect(duplicates_, &QPushButton::clicked, this, &DataPlace::look_for_duplicates);
  connect(show_all_, &QPushButton::clicked, this, &DataPlace::apply_filter);
  connect(look_more_, &QPushButton::toggled, look_list_, &QWidget::setVisible);

  next_card_ = new Card(tr("Next"), side);
  next_card_->body()->addWidget(
      paragraph(tr("See what an encoder will be shown."), Voice::soft, next_card_));
  auto* next =
      button(tr("Preview views →"), QStringLiteral("preview_views"), ButtonKind::primary, side);
  next_card_->body()->addWidget(next, 0, Qt::AlignLeft);
  column->addWidget(next_card_);
  column->addStretch(1);
  connect(next, &QPushButton::clicked, this, [this] { Q_EMIT go_to(QStringLiteral("views")); });
  return side;
}

void DataPlace::show_open_menu() {
  popup_open_menu(workspace(), open_);
}

void DataPlace::show_state() {
  const bool opening = workspace().opening();
  const bool open = workspace().dataset() != nullptr;
  const SampleImages sample = sample_images(fashion_installed());
  set_status(opening && open ? tr("Opening another data set…") : QString());
  if (opening)
    empty_->set_text(tr("Opening…"),
                     tr("Files are listed first; pictures are decoded when they come into view."),
                     {});
  else
    empty_->set_text(
        tr("Your pictures will be here"),
        tr("Drop a folder or an archive of images on this window, a list of them in CSV, videos, "
           "or an IDX, CIFAR or STL-10 file. Labels are optional. %1")
            .arg(sample.about),
        sample.action);
  stack_->setCurrentIndex(open ? 1 : 0);
}

void DataPlace::act_on_empty() {
  workspace().open_dataset_at(sample_images(fashion_installed()).location);
}

void DataPlace::show_dataset() {
  const auto dataset = workspace().dataset();
  show_state();
  const bool open = dataset != nullptr;
  for (QWidget* control : std::initializer_list<QWidget*>{filter_, sort_, size_})
    control->setEnabled(open);
  image_card_->hide();
  show_side(open);
  set_about(open ? QString::fromStdString(dataset->name()) : QString());
  grid_->images()->forget_thumbnails();
  grid_->set_images({});
  found_.reset();
  if (looking_) looking_->stop();
  show_facts();
  if (!open) return;
  bands_->set_channels(dataset->channels());
  // A location of several has no question mark of its own.
  const bool windowed = dataset->deep() && (dataset->channels() == 1 || dataset->channels() == 3) &&
                        dataset->location().find(';') == std::string::npos;
  window_->setVisible(windowed);
  if (windowed) window_->set_location(dataset->location());
  const bool videos = holds_videos(*dataset);
  frames_->setVisible(videos);
  if (videos) frames_->set_location(dataset->location());
  sort_->setEnabled(dataset->labelled());
  sort_->setToolTip(dataset->labelled() ? QString()
                                        : tr("These images have no labels to sort by."));
  if (!dataset->labelled()) sort_->setCurrentIndex(0);
  grid_->set_captions([dataset](std::int64_t id) { return image_caption(*dataset, id); });
  filter_->clear();
  apply_filter();
}

void DataPlace::show_facts() {
  const auto dataset = workspace().dataset();
  look_card_->setVisible(dataset != nullptr);
  if (!dataset) return;
  const auto& statistics = workspace().statistics();
  const bool measuring = workspace().measuring();
  facts_->set_facts(dataset_facts(*dataset, statistics, measuring));
  measure_->setVisible(!statistics && !measuring);
  facts_card_->set_subtitle(
      !statistics ? (measuring ? tr("measuring…") : tr("not measured"))
      : statistics->measured < dataset->size()
          ? tr("measured on %1").arg(count_words(statistics->measured, tr("image"), tr("images")))
          : QString());
  show_broken();
  show_duplicates();
}

void DataPlace::show_other_bands() {
  image_card_->hide();
  grid_->fetch_anew();
}

void DataPlace::show_broken() {
  const auto dataset = workspace().dataset();
  const auto& statistics = workspace().statistics();
  std::vector<BrokenImage> broken = dataset->broken();
  if (statistics) broken.insert(broken.end(), statistics->broken.begin(), statistics->broken.end());
  for (QWidget* part : std::initializer_list<QWidget*>{look_words_, look_more_})
    part->setVisible(!broken.empty());
  look_list_->setVisible(!broken.empty() && look_more_->isChecked());
  look_words_->setText(broken.size() == 1
                           ? tr("1 file could not be read and is left out")
                           : tr("%1 files could not be read and are left out")
                                 .arg(grouped_number(static_cast<std::int64_t>(broken.size()))));
  look_list_->setText(broken_text(broken));
}

void DataPlace::show_duplicates() {
  const bool none = found_ && found_->groups.empty();
  duplicates_->setText(found_ ? tr("show") : tr("look for copies"));
  duplicates_->setVisible(!looking_ && !none);
  if (looking_)
    duplicates_words_->setText(tr("Looking for copies…"));
  else if (!found_)
    duplicates_words_->setText(tr("Images that are in it twice"));
  else if (none)
    duplicates_words_->setText(tr("No image is in it twice"));
  else
    duplicates_words_->setText(
        tr("%1; %2 across train, validation and test")
            .arg(count_words(found_->copies(), tr("exact copy"), tr("exact copies")),
                 count_words(found_->across_splits, tr("group of them reaches"),
                             tr("groups of them reach"))));
}

/// Asked for, as every image is decoded; asked again, it shows what was found.
void DataPlace::look_for_duplicates() {
  const auto dataset = workspace().dataset();
  if (!dataset || looking_) return;
  if (found_) {
    std::vector<std::int64_t> ids;
    for (const auto& group : found_->groups) ids.insert(ids.end(), group.begin(), group.end());
    grid_->set_images(ids);
    show_all_->show();
    return show_range();
  }
  looking_ = new Job(
      tr("Looking for copies"),
      [dataset](Control& control, const Job::Progress& progress) {
        return std::any(find_duplicates(*dataset, control, progress));
      },
      this);
  const auto over = [this] {
    looking_->deleteLater();
    looking_ = nullptr;
    show_duplicates();
  };
  connect(looking_, &Job::finished, this, [this, dataset, over](const std::any& result) {
    if (dataset == workspace().dataset()) found_ = std::any_cast<const Duplicates&>(result);
    over();
  });
  connect(looking_, &Job::failed, this, [this, over](const QString& message) {
    over();
    Q_EMIT workspace().problem(message);
  });
  connect(looking_, &Job::cancelled, this, over);
  workspace().announce(looking_);
  looking_->start();
  show_duplicates();
}

void DataPlace::apply_filter() {
  show_all_->hide();
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  filtering_->ask([dataset, text = filter_->text(), by_label = sort_->currentIndex() == 1](
                      Control&) { return filtered_images(*dataset, text, by_label); },
                  [this, dataset](const std::vector<std::int64_t>& ids) {
                    if (dataset != workspace().dataset()) return;
                    grid_->set_images(ids);
                    show_range();
                  });
}

void DataPlace::fetch(const QList<qint64>& ids, int pixels) {
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  thumbnails_->ask(
      [dataset, ids, pixels](Control&) { return thumbnails_of(*dataset, ids, pixels); },
      [this, dataset](const QList<Thumbnail>& thumbnails) {
        if (dataset == workspace().dataset()) grid_->set_thumbnails(thumbnails);
      });
}

void DataPlace::show_range() {
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  const auto shown = static_cast<std::int64_t>(grid_->images()->ids().size());
  if (shown == 0) {
    range_->setText(filter_->text().isEmpty()
                        ? QString()
                        : tr("No image has “%1” in its name or label").arg(filter_->text()));
    return;
  }
  const auto [first, last] = grid_->rows_in_view();
  QString text =
      tr("%1 to %2 of %3")
          .arg(grouped_number(first + 1), grouped_number(last + 1), grouped_number(shown));
  if (shown < dataset->size())
    text += tr(" that match, of %1").arg(grouped_number(dataset->size()));
  range_->setText(text + tr(" · drop a folder or a file here to open it"));
}

void DataPlace::show_image(qint64 id) {
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  larger_->ask([dataset, id](Control&) { return larger_image(*dataset, id, larger_pixels); },
               [this, dataset](const LargerImage& image) {
                 if (dataset == workspace().dataset()) image_card_->show_image(image);
               });
}

}  // namespace selfsight
