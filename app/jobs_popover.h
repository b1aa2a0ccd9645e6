// The work that is under way, with pause and stop.
#pragma once

#include "widgets/popover.h"

class QTimer;

namespace selfsight {

class Workspace;

class JobsPopover : public Popover {
  Q_OBJECT
 public:
  JobsPopover(Workspace& workspace, QWidget* parent);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void rebuild();
  void add_queue();

  Workspace& workspace_;
};

}  // namespace selfsight
