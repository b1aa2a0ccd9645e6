// A small surface that hangs from a button and closes with a click elsewhere or Escape.
#pragma once

#include <QFrame>

class QVBoxLayout;

namespace selfsight {

class Popover : public QFrame {
  Q_OBJECT
 public:
  explicit Popover(QWidget* parent);

  QVBoxLayout* body() const { return body_; }
  /// Below or above the anchor, whichever has room; inside the window's screen.
  void show_at(QWidget* anchor);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QVBoxLayout* body_;
};

}  // namespace selfsight
