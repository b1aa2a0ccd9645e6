#include "app/places/map_options.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/app_settings.h"
#include "app/jobs/pipeline_maps.h"
#include "app/places/kept_controls.h"
#include "core/dataset/dataset.h"
#include "widgets/controls.h"
#include "widgets/help_card.h"
#include "widgets/popover.h"
#include "widgets/spec_form.h"

namespace selfsight {
namespace {

QSpinBox* images_box(const QString& name, std::int64_t images, QWidget* parent) {
  auto* box = new QSpinBox(parent);
  box->setObjectName(name);
  box->setAccessibleName(MapOptions::tr("Images on the map"));
  box->setToolTip(MapOptions::tr("How many images are laid out, at most; Options says of which"));
  box->setPrefix(MapOptions::tr("images "));
  box->setGroupSeparatorShown(true);
  box->setRange(1000, 100000);
  box->setSingleStep(1000);
  box->setValue(static_cast<int>(images));
  return box;
}

/// They are behind a button already, so none of them hides behind a further one.
Schema tsne_schema() {
  Schema schema = schema_of<TsneOptions>("tsne.");
  std::erase_if(schema, [](const Field& field) { return field.key == "tsne.perplexity"; });
  for (Field& field : schema) field.advanced = false;
  return schema;
}

}  // namespace

MapOptions::MapOptions(QWidget* parent)
    : QWidget(parent),
      images_(images_box(QStringLiteral("map_images"), MapRequest().images, this)),
      frames_images_(images_box(QStringLiteral("frames_images"), SequenceRequest().images, this)),
      more_(new Popover(this)),
      split_(new QComboBox(more_)),
      perplexity_words_(label(tr("Perplexity"), Voice::body, more_)),
      perplexity_(new NumberBox(more_)),
      settings_(tsne_schema()),
      form_(new SpecForm(more_)),
      help_(new HelpCard(more_)) {
  build_more();
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  for (QSpinBox* box : {images_, frames_images_}) {
    guard_value(box);
    keep_number(box);
    row->addWidget(box);
  }
  auto* open = button(tr("Options"), QStringLiteral("map_options"), ButtonKind::plain, this);
  open->setToolTip(tr("Which images are laid out, and how"));
  row->addWidget(open);
  connect(open, &QPushButton::clicked, this, [this, open] { more_->show_at(open); });
  frames_images_->hide();
}

void MapOptions::build_more() {
  more_->setObjectName(QStringLiteral("map_more"));
  more_->setAccessibleName(tr("Options of the map"));
  split_->setObjectName(QStringLiteral("map_split"));
  split_->setAccessibleName(tr("Which images are laid out"));
  split_->addItem(tr("held out: validation and test"), QStringLiteral("held-out"));
  split_->addItem(tr("training images"), QStringLiteral("train"));
  split_->addItem(tr("all images"), QStringLiteral("all"));
  keep_choice(split_);
  perplexity_->setObjectName(QStringLiteral("perplexity"));
  perplexity_->setAccessibleName(tr("Perplexity"));
  perplexity_->setToolTip(tr("How many neighbours each point minds, about"));
  perplexity_->setDecimals(0);
  perplexity_->setRange(2, 500);
  perplexity_->setValue(30);
  auto* rows = new QGridLayout;
  rows->setHorizontalSpacing(16);
  rows->addWidget(label(tr("Images"), Voice::body, more_), 0, 0);
  rows->addWidget(split_, 0, 1);
  rows->addWidget(perplexity_words_, 1, 0);
  rows->addWidget(perplexity_, 1, 1);
  more_->body()->addLayout(rows);
  for (QWidget* box : std::initializer_list<QWidget*>{split_, perplexity_}) guard_value(box);
  build_form();
}

void MapOptions::build_form() {
  form_->setObjectName(QStringLiteral("tsne_options"));
  more_->body()->addWidget(form_);
  more_->body()->addWidget(help_);
  more_->setFixedWidth(380);
  form_->show_settings(settings_);
  connect(form_, &SpecForm::value_changed, this, [this](const QString& key, const Value& value) {
    settings_.set(key.toStdString(), value);
    form_->show_settings(settings_);
  });
  connect(form_, &SpecForm::help_wanted, help_, &HelpCard::explain);
}

void MapOptions::suit(const Dataset& dataset) {
  if (!app_settings::control(split_->objectName()).isEmpty()) return;
  const std::size_t held_out =
      dataset.indices(Split::validation).size() + dataset.indices(Split::test).size();
  const bool enough = static_cast<std::int64_t>(held_out) >= fewest_tsne_rows(perplexity_->value());
  split_->setCurrentIndex(
      split_->findData(enough ? QStringLiteral("held-out") : QStringLiteral("all")));
}

void MapOptions::show_method(const QString& method) {
  over_epochs_ = method == QLatin1String("epochs");
  images_->setVisible(!over_epochs_);
  frames_images_->setVisible(over_epochs_);
  for (QWidget* one : std::initializer_list<QWidget*>{perplexity_words_, perplexity_, form_, help_})
    one->setVisible(method != QLatin1String("pca"));
}

TsneOptions MapOptions::tsne() const {
  Settings all(schema_of<TsneOptions>("tsne."));
  all.take_from(settings_);
  all.set("tsne.perplexity", perplexity_->value());
  return all.read<TsneOptions>("tsne.");
}

std::int64_t MapOptions::images() const {
  return (over_epochs_ ? frames_images_ : images_)->value();
}

std::string MapOptions::split() const {
  return split_->currentData().toString().toStdString();
}

}  // namespace selfsight
