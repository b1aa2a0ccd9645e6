#pragma once

#include "app/places/place.h"

namespace selfsight {

class ExplorePlace : public Place {
  Q_OBJECT
 public:
  explicit ExplorePlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
