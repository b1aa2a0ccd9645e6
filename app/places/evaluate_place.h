#pragma once

#include "app/places/place.h"

namespace selfsight {

class EvaluatePlace : public Place {
  Q_OBJECT
 public:
  explicit EvaluatePlace(Workspace& workspace, QWidget* parent = nullptr);
};

}  // namespace selfsight
