// The work that is under way, with pause and stop.
#pragma once

#include "widgets/popover.h"

class QAbstractButton;

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
  QList<QAbstractButton*> buttons() const;  // from above
  void add_queue();

  Workspace& workspace_;
};

}  // namespace selfsight
