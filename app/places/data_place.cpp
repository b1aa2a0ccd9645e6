#include "app/places/data_place.h"

namespace selfsight {

DataPlace::DataPlace(Workspace& workspace, QWidget* parent) : Place(tr("Data"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
