#include "app/places/map_options.h"

#include <QHBoxLayout>
#include <QSpinBox>

#include "app/jobs/pipeline_maps.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

QSpinBox* images_box(const QString& name, std::int64_t images, QWidget* parent) {
  auto* box = new QSpinBox(parent);
  box->setObjectName(name);
  box->setAccessibleName(MapOptions::tr("Images on the map"));
  box->setToolTip(
      MapOptions::tr("How many images of the validation and test splits are laid out, at most"));
  box->setPrefix(MapOptions::tr("images "));
  box->setGroupSeparatorShown(true);
  box->setRange(1000, 100000);
  box->setSingleStep(1000);
  box->setValue(static_cast<int>(images));
  return box;
}

}  // namespace

MapOptions::MapOptions(QWidget* parent)
    : QWidget(parent),
      perplexity_(new NumberBox(this)),
      images_(images_box(QStringLiteral("map_images"), MapRequest().images, this)),
      frames_images_(images_box(QStringLiteral("frames_images"), SequenceRequest().images, this)) {
  perplexity_->setObjectName(QStringLiteral("perplexity"));
  perplexity_->setAccessibleName(tr("Perplexity"));
  perplexity_->setToolTip(tr("How many neighbours each point minds, about"));
  perplexity_->setPrefix(tr("perplexity "));
  perplexity_->setDecimals(0);
  perplexity_->setRange(2, 500);
  perplexity_->setValue(30);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  for (QWidget* box : std::initializer_list<QWidget*>{images_, frames_images_, perplexity_}) {
    ignore_wheel(box);
    row->addWidget(box);
  }
  frames_images_->hide();
}

void MapOptions::show_method(const QString& method) {
  const bool epochs = method == QLatin1String("epochs");
  images_->setVisible(!epochs);
  frames_images_->setVisible(epochs);
  perplexity_->setVisible(method != QLatin1String("pca"));
}

double MapOptions::perplexity() const {
  return perplexity_->value();
}

std::int64_t MapOptions::images() const {
  return (frames_images_->isVisibleTo(this) ? frames_images_ : images_)->value();
}

}  // namespace selfsight
