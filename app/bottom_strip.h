// The store, the runs, the job under way, the device.
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;

namespace selfsight {

class Workspace;

class BottomStrip : public QWidget {
  Q_OBJECT
 public:
  explicit BottomStrip(Workspace& workspace, QWidget* parent = nullptr);

 private:
  void show_runs();
  void follow_training();
  void show_job();

  Workspace& workspace_;
  QLabel* runs_;
  QProgressBar* bar_;
  QLabel* job_;
};

}  // namespace selfsight
