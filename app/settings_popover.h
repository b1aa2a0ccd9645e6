// Scheme, and where the store stands.
#pragma once

#include "widgets/popover.h"

namespace selfsight {

class Workspace;

class SettingsPopover : public Popover {
  Q_OBJECT
 public:
  SettingsPopover(const Workspace& workspace, QWidget* parent);
};

}  // namespace selfsight
