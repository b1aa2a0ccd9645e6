#include "app/places/pretrain_place.h"

namespace selfsight {

PretrainPlace::PretrainPlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Pretrain"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
