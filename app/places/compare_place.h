#pragma once

#include "app/places/place.h"

namespace selfsight {

class ComparePlace : public Place {
  Q_OBJECT
 public:
  explicit ComparePlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
