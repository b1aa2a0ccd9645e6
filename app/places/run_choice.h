// Which run's encoder a place looks at.
#pragma once

#include <QComboBox>

namespace selfsight {

class Workspace;

/// The runs that have an encoder, newest first. Choosing one makes it the current run.
class RunChoice : public QComboBox {
  Q_OBJECT
 public:
  RunChoice(const QString& name, Workspace& workspace, QWidget* parent = nullptr);

  /// Lists them anew. The current run, or else the newest that has an encoder; 0 without any.
  std::int64_t list();
  void show_run(std::int64_t run);

 private:
  Workspace& workspace_;
};

}  // namespace selfsight
