// What a tour is made of: a window of its own, ways to press and to wait, and pictures of it.
#pragma once

#include <QSize>
#include <QString>
#include <QTemporaryDir>
#include <filesystem>
#include <functional>
#include <string>

#include "app/main_window.h"
#include "app/workspace.h"
#include "widgets/theme.h"

class QPixmap;

namespace selfsight {

class TourSteps {
 public:
  /// Pictures go to `out`.
  TourSteps(const std::filesystem::path& store, const std::filesystem::path& out);

 protected:
  static constexpr QSize wide{1440, 900}, narrow{1024, 700};
  static constexpr int work_patience = 600'000;  // milliseconds for any one piece of work

  void use(Scheme scheme);
  /// For what is decoded and drawn off the window's thread.
  void settle();
  /// Until all announced jobs are over.
  void work();
  /// Throws Error where it does not come about within work_patience.
  void wait_for(const char* what, const std::function<bool()>& done);
  /// What goes wrong here is part of the tour; anything else that does makes it fail.
  void fail(const std::function<void()>& work);

  /// A button of the place that is shown. Throws Error if it cannot be pressed.
  void press(const char* name);
  void press_in_window(const char* name);

  void picture(
      const char* name, const char* place, const std::function<void()>& before = [] {});
  /// Of a state that lasts.
  void in_both(const char* name, const char* place);
  /// Of a state that ends when the window hears that the work is done: until then it hears nothing
  /// but that words have changed their size.
  void glimpse(const char* name);
  /// Of a surface of its own, which the picture of the window would not show.
  void popover(const char* name, const char* opener, const std::function<QWidget*()>& open);

  QTemporaryDir folder_;  // for files that a person would have
  Workspace workspace_;
  MainWindow window_;
  QString problem_;  // the last that is no part of the tour

 private:
  void save(const QPixmap& picture, const char* name);

  std::filesystem::path out_;
  std::string scheme_ = "light";
  bool expected_ = false;  // the next problem
};

}  // namespace selfsight
