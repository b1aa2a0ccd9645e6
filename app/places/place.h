// A place of the left bar: a heading row over cards.
#pragma once

#include <QList>
#include <QPair>
#include <QStringList>
#include <QWidget>
#include <functional>

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace selfsight {

class Workspace;

class Place : public QWidget {
  Q_OBJECT
 public:
  Place(const QString& title, Workspace& workspace, QWidget* parent = nullptr);

  Workspace& workspace() const { return workspace_; }
  const QString& title() const { return title_; }
  /// Called when the place comes into view.
  virtual void enter() {}
  /// What Export offers here, as (words, what it does); the work may assume nothing has changed
  /// since the question. Empty: nothing.
  virtual QList<QPair<QString, std::function<void()>>> exports() { return {}; }
  /// Picture files were dropped on the window. True if the place does something with them.
  virtual bool take_pictures(const QStringList& /*paths*/) { return false; }

 Q_SIGNALS:
  /// "data", "views", "pretrain", "explore", "evaluate" or "compare".
  void go_to(const QString& place);

 protected:
  void set_about(const QString& about);     // the tag beside the title
  void set_status(const QString& status);   // second voice, left of the actions; also at the title
  void add_about_widget(QWidget* widget);   // left end of the heading row, after the tag
  void add_action_widget(QWidget* widget);  // right end of the heading row
  /// Two thirds for what is looked at, one for what explains it (may be null). Below 1100 px of
  /// width the second folds under the first.
  void set_content(QWidget* main, QWidget* side);
  void show_side(bool shown);
  /// What explains an option: at the foot of the side column, or of the place where that is folded,
  /// and in view wherever the columns are scrolled to.
  void set_help(QWidget* help);
  /// Over the whole width, under both.
  void set_foot(QWidget* foot);

  void resizeEvent(QResizeEvent* event) override;

 private:
  void fold(bool folded);
  void place_help();

  Workspace& workspace_;
  QString title_;
  QLabel* title_label_;
  QLabel* about_;
  QLabel* status_;
  QHBoxLayout* heading_;
  QScrollArea* scroll_;       // of the place, when it is folded or the window is low
  QWidget* side_column_;      // gone when it is folded
  QScrollArea* side_scroll_;  // of the side column alone, when it is not folded
  QVBoxLayout* column_;
  QVBoxLayout* folded_help_;
  QBoxLayout* cards_;
  QWidget* main_ = nullptr;
  QWidget* side_ = nullptr;
  QWidget* help_ = nullptr;
  bool folded_ = false;
  bool side_shown_ = true;
};

}  // namespace selfsight
