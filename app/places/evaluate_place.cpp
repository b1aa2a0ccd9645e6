#include "app/places/evaluate_place.h"

namespace selfsight {

EvaluatePlace::EvaluatePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Evaluate"), workspace, parent) {
  set_content(new QWidget, nullptr);
}

}  // namespace selfsight
