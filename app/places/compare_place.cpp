#include "app/places/compare_place.h"

namespace selfsight {

ComparePlace::ComparePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Compare"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
