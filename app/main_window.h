// The frame: strips, left bar, and the six places.
#pragma once

#include <QList>
#include <QMainWindow>

class QStackedWidget;

namespace selfsight {

class LeftBar;
class Place;
class Workspace;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(Workspace& workspace, QWidget* parent = nullptr);

  /// By its name: "data", "views", "pretrain", "explore", "evaluate", "compare".
  void go_to(const QString& place);
  QString current_place() const;

 private:
  template <class P>
  void add_place(const QString& name);
  void show_place(int index);

  Workspace& workspace_;
  LeftBar* left_bar_;
  QStackedWidget* stack_;
  QStringList names_;
};

}  // namespace selfsight
