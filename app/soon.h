// What changes many times a second is kept a few times a second.
#pragma once

#include <QTimer>
#include <utility>

namespace selfsight {

/// Does its work once, a moment after it was asked for, however often it is asked meanwhile.
class Soon : public QTimer {
 public:
  template <class Work>
  Soon(QObject* parent, Work work) : QTimer(parent) {
    setSingleShot(true);
    setInterval(moment);
    connect(this, &QTimer::timeout, this, std::move(work));
  }
  void ask() {
    if (!isActive()) start();
  }

 private:
  static constexpr int moment = 200;  // milliseconds
};

}  // namespace selfsight
