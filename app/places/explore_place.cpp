#include "app/places/explore_place.h"

namespace selfsight {

ExplorePlace::ExplorePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Explore"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
