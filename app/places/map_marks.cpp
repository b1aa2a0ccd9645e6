#include "app/places/map_marks.h"

#include <QHBoxLayout>
#include <QPushButton>

#include "app/workspace.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

constexpr int mark_pixels = 192;

/// A single picture that cannot be read is told of by who searches for it.
QString marked_words(std::size_t asked, const std::vector<PlacedPicture>& placed) {
  const auto all = static_cast<qulonglong>(asked), marked = static_cast<qulonglong>(placed.size());
  if (asked == 1)
    return placed.empty()
               ? QString()
               : MapMarks::tr("%1 is marked where it would stand.").arg(placed.front().mark.words);
  if (placed.empty())
    return MapMarks::tr("None of the %1 pictures could be read and placed.").arg(all);
  if (marked == all)
    return MapMarks::tr(
               "%1 pictures are marked where they would stand; click one to search for it.")
        .arg(all);
  return MapMarks::tr(
             "%1 of %2 pictures are marked where they would stand; %3 could not be read "
             "and placed.")
      .arg(marked)
      .arg(all)
      .arg(all - marked);
}

}  // namespace

MapMarks::MapMarks(Workspace& workspace, MapFeatures& features, MapPlot& plot, QWidget* parent)
    : QWidget(parent),
      workspace_(workspace),
      features_(features),
      plot_(plot),
      pictures_{{}, {}, new Latest<std::vector<PlacedPicture>>(this)},
      image_{{}, {}, new Latest<std::vector<PlacedPicture>>(this)},
      words_(new ElidedLabel({}, this)) {
  words_->setObjectName(QStringLiteral("marks_words"));
  set_voice(words_, Voice::soft);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(words_, 1);
  auto* clear_button = button(tr("Clear"), QStringLiteral("clear_marks"), ButtonKind::link, this);
  clear_button->setToolTip(tr("Take the marks off the map (Escape)"));
  row->addWidget(clear_button);
  hide();
  connect(clear_button, &QPushButton::clicked, this, &MapMarks::clear);
  connect(&plot, &MapPlot::marks_cleared, this, &MapMarks::clear);
  connect(&plot, &MapPlot::mark_clicked, this, [this](int index) {
    const auto own = static_cast<int>(pictures_.placed.size());
    const Asked asked = index < own ? pictures_.placed[static_cast<std::size_t>(index)].asked
                                    : image_.placed[static_cast<std::size_t>(index - own)].asked;
    Q_EMIT clicked(asked);
  });
}

void MapMarks::place(const std::vector<Asked>& pictures, const ShownMap& map) {
  tell(map.perplexity <= 0 && pictures.size() > 1
           ? tr("Pictures are placed on a finished t-SNE map: lay one out, then choose them again. "
                "The first of them is searched for.")
           : QString());
  find(pictures_, pictures, map);
}

void MapMarks::point_out(const std::vector<Asked>& image, const ShownMap& map) {
  find(image_, image, map);
}

void MapMarks::clear() {
  for (Group* group : {&pictures_, &image_}) {
    group->asked.clear();
    group->placed.clear();
  }
  tell({});
  show_marks();
}

void MapMarks::find(Group& group, const std::vector<Asked>& asked, const ShownMap& map) {
  group.asked = asked;
  group.placed.clear();
  show_marks();
  if (asked.empty() || map.perplexity <= 0) return;
  features_.with(map.features, [this, &group, asked,
                                perplexity = map.perplexity](const MapFeatures::Table& table) {
    if (group.asked != asked) return;
    group.finding->ask(
        [dataset = workspace_.dataset(), store = workspace_.store_folder(), asked, table,
         points = plot_.points(), perplexity](Control& control) {
          return place_on_map(store, *dataset, asked, table->features, points, perplexity,
                              mark_pixels, control);
        },
        [this, &group, asked](const std::vector<PlacedPicture>& placed) {
          if (group.asked != asked) return;
          group.placed = placed;
          show_marks();
          if (&group == &pictures_) tell(marked_words(asked.size(), placed));
        },
        [this](const QString& problem) { Q_EMIT workspace_.problem(problem); });
  });
}

void MapMarks::show_marks() {
  std::vector<MapMark> marks;
  for (const Group* group : {&pictures_, &image_})
    for (const PlacedPicture& picture : group->placed) marks.push_back(picture.mark);
  plot_.set_marks(std::move(marks));
}

void MapMarks::tell(const QString& words) {
  words_->setText(words);
  setVisible(!words.isEmpty());
}

}  // namespace selfsight
