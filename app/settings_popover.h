// Scheme, where the store stands, and the way to the keys.
#pragma once

#include "widgets/popover.h"

namespace selfsight {

class Workspace;

class SettingsPopover : public Popover {
  Q_OBJECT
 public:
  SettingsPopover(const Workspace& workspace, QWidget* parent);

 Q_SIGNALS:
  void keys_wanted();
};

}  // namespace selfsight
