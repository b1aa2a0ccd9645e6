#include "app/places/band_picker.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>

#include "app/app_settings.h"
#include "widgets/controls.h"
#include "widgets/picture.h"

namespace selfsight {

BandPicker::BandPicker(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  row->addWidget(label(tr("Shown as"), Voice::soft, this));
  const std::array<QString, 3> colours{tr("red"), tr("green"), tr("blue")};
  const std::array<QString, 3> names{QStringLiteral("band_red"), QStringLiteral("band_green"),
                                     QStringLiteral("band_blue")};
  for (std::size_t c = 0; c < bands_.size(); ++c) {
    bands_[c] = new QComboBox(this);
    bands_[c]->setObjectName(names[c]);
    bands_[c]->setAccessibleName(tr("The band that is shown as %1").arg(colours[c]));
    bands_[c]->setToolTip(bands_[c]->accessibleName());
    guard_value(bands_[c]);
    row->addWidget(label(colours[c], Voice::soft, this));
    row->addWidget(bands_[c]);
    connect(bands_[c], &QComboBox::activated, this, &BandPicker::choose);
  }
  row->addStretch(1);
  hide();
}

void BandPicker::set_channels(int channels) {
  channels_ = channels;
  const bool bands = channels == 2 || channels > 3;
  setVisible(bands);
  if (!bands) return;
  if (const auto kept = app_settings::shown_bands(channels)) show_bands(channels, *kept);
  const std::array<int, 3> shown = shown_bands(channels);
  for (std::size_t c = 0; c < bands_.size(); ++c) {
    bands_[c]->clear();
    for (int band = 1; band <= channels; ++band) bands_[c]->addItem(QString::number(band));
    bands_[c]->setCurrentIndex(shown[c]);
  }
}

void BandPicker::choose() {
  const std::array<int, 3> chosen{bands_[0]->currentIndex(), bands_[1]->currentIndex(),
                                  bands_[2]->currentIndex()};
  show_bands(channels_, chosen);
  app_settings::set_shown_bands(channels_, chosen);
  Q_EMIT bands_chosen();
}

}  // namespace selfsight
