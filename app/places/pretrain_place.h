#pragma once

#include "app/places/place.h"

namespace selfsight {

class PretrainPlace : public Place {
  Q_OBJECT
 public:
  explicit PretrainPlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
