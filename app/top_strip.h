// The data set, the jobs, export.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace selfsight {

class JobsPopover;
class Workspace;

class TopStrip : public QWidget {
  Q_OBJECT
 public:
  explicit TopStrip(Workspace& workspace, QWidget* parent = nullptr);

 Q_SIGNALS:
  void export_wanted(QWidget* anchor);

 private:
  void show_dataset();
  void show_jobs();

  Workspace& workspace_;
  QLabel* name_;
  QLabel* line_;
  QPushButton* jobs_;
  QPushButton* export_;
  JobsPopover* popover_;
};

/// "60,000 images · 32×32 colour · labels used only to evaluate".
QString dataset_line(const Workspace& workspace);

}  // namespace selfsight
