// The frame: strips, left bar, and the six places.
#pragma once

#include <QMainWindow>
#include <QStringList>

class QLabel;
class QStackedWidget;

namespace selfsight {

class DataPlace;
class LeftBar;
class MessageBar;
class Place;
class SettingsPopover;
class ShortcutsSheet;
class Workspace;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  /// Opens at the place that was seen last.
  explicit MainWindow(Workspace& workspace, QWidget* parent = nullptr);

  /// By its name: "data", "views", "pretrain", "explore", "evaluate", "compare".
  void go_to(const QString& place);
  QString current_place() const;
  const QStringList& place_names() const { return names_; }
  Place* place(const QString& name) const;

 protected:
  void closeEvent(QCloseEvent* event) override;
  bool event(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  template <class P>
  P* add_place(const QString& name);
  void add_keys();
  void show_place(int index);
  void show_exports(QWidget* anchor);
  void ask_before_quitting();
  void stop_and_quit();
  void take_pictures(const QStringList& paths);

  Workspace& workspace_;
  LeftBar* left_bar_;
  MessageBar* message_bar_;
  QStackedWidget* stack_;
  QLabel* drop_;  // over everything while something is dragged over the window
  SettingsPopover* settings_;
  ShortcutsSheet* keys_;
  DataPlace* data_ = nullptr;
  QStringList names_;
  bool quits_ = false;  // the person has said so; downloads are not asked about again
};

}  // namespace selfsight
