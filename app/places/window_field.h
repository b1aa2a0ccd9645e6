// Which values of more than 8 bits are seen: by percentile, or a centre and a width.
#pragma once

#include <QWidget>
#include <string>

class QDoubleSpinBox;
class QPushButton;

namespace selfsight {

class WindowField : public QWidget {
  Q_OBJECT
 public:
  explicit WindowField(QWidget* parent = nullptr);

  /// Of the data set at this location.
  void set_location(const std::string& location);

 Q_SIGNALS:
  /// By the person: the same data set, to be opened with another window.
  void location_chosen(const QString& location);

 private:
  std::string location_;
  QDoubleSpinBox *centre_, *width_;
  QPushButton *apply_, *automatic_;
};

}  // namespace selfsight
