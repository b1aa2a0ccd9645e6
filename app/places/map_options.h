// What a map is asked for besides its method.
#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QSpinBox;

namespace selfsight {

class MapOptions : public QWidget {
  Q_OBJECT
 public:
  explicit MapOptions(QWidget* parent = nullptr);

  /// Those of "tsne", "pca" or "epochs". Maps over epochs have a number of images of their own.
  void show_method(const QString& method);
  double perplexity() const;
  std::int64_t images() const;

 private:
  QDoubleSpinBox* perplexity_;
  QSpinBox* images_;         // of one map
  QSpinBox* frames_images_;  // of each map over the epochs
};

}  // namespace selfsight
