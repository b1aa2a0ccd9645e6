#pragma once

#include "app/places/place.h"

namespace selfsight {

class DataPlace : public Place {
  Q_OBJECT
 public:
  explicit DataPlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
