// A number with a slider: a switch, a word, the slider, the value as text that can be edited.
#pragma once

#include <QWidget>
#include <optional>

class QLabel;
class QLineEdit;
class QSlider;

namespace selfsight {

class Switch;

class SliderRow : public QWidget {
  Q_OBJECT
 public:
  struct Range {
    double min = 0, max = 1, step = 0.01;
    std::optional<double> off = {};  // the value that means off; empty: no switch
    double on = 0.5;                 // what switching on gives at first
  };

  SliderRow(const QString& text, const QString& name, const Range& range,
            QWidget* parent = nullptr);

  double value() const { return value_; }
  void set_value(double value);  // says nothing

 Q_SIGNALS:
  void value_changed(double value);  // by the person, also while dragging

 private:
  void show_value();
  void take(double value);

  Range range_;
  double value_ = 0;
  double last_on_;
  Switch* switch_ = nullptr;
  QLabel* label_;
  QSlider* slider_;
  QLineEdit* text_;
};

}  // namespace selfsight
