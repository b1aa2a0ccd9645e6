#pragma once

#include "app/places/place.h"

namespace selfsight {

class ViewsPlace : public Place {
  Q_OBJECT
 public:
  explicit ViewsPlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
