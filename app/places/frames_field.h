// Which frames of videos are images: one of every so many, or the first of each scene.
#pragma once

#include <QWidget>
#include <string>

class QComboBox;
class QPushButton;
class QSpinBox;

namespace selfsight {

class FramesField : public QWidget {
  Q_OBJECT
 public:
  explicit FramesField(QWidget* parent = nullptr);

  /// Of the data set at this location.
  void set_location(const std::string& location);

 Q_SIGNALS:
  /// By the person: the same videos, to be opened with other frames.
  void location_chosen(const QString& location);

 private:
  void show_kind();

  std::string location_;
  QComboBox* kind_;
  QSpinBox *every_, *scene_;
  QPushButton* apply_;
};

}  // namespace selfsight
