// A place of the left bar: a heading row over cards.
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace selfsight {

class Workspace;

class Place : public QWidget {
  Q_OBJECT
 public:
  Place(const QString& title, Workspace& workspace, QWidget* parent = nullptr);

  Workspace& workspace() const { return workspace_; }
  /// Called when the place comes into view.
  virtual void enter() {}

 protected:
  void set_about(const QString& about);        // the chip beside the title
  void set_status(const QString& status);      // second voice, left of the actions
  void add_action_widget(QWidget* widget);     // right end of the heading row
  /// Two thirds for what is looked at, one for what explains it. Below 1100 px of width the second
  /// folds under the first.
  void set_content(QWidget* main, QWidget* side);

  void resizeEvent(QResizeEvent* event) override;

 private:
  Workspace& workspace_;
  QLabel* about_;
  QLabel* status_;
  QHBoxLayout* heading_;
  QVBoxLayout* column_;
  QWidget* main_ = nullptr;
  QWidget* side_ = nullptr;
};

}  // namespace selfsight
