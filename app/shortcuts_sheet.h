// F1: the keys, on one sheet.
#pragma once

#include "widgets/popover.h"

namespace selfsight {

class ShortcutsSheet : public Popover {
  Q_OBJECT
 public:
  explicit ShortcutsSheet(QWidget* parent);
  void show_in_middle();
};

}  // namespace selfsight
