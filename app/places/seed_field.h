// The seed of the next run, and a lock on it.
#pragma once

#include <QWidget>
#include <cstdint>

class QLineEdit;
class QToolButton;

namespace selfsight {

class SeedField : public QWidget {
  Q_OBJECT
 public:
  explicit SeedField(QWidget* parent = nullptr);

  bool locked() const;
  void set_seed(std::int64_t seed);  // says nothing

 Q_SIGNALS:
  void seed_changed(std::int64_t seed);  // by the person

 private:
  QLineEdit* text_;
  QToolButton* lock_;
  std::int64_t seed_ = 0;
};

}  // namespace selfsight
