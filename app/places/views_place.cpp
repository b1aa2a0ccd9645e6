#include "app/places/views_place.h"

namespace selfsight {

ViewsPlace::ViewsPlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Views"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
