// How each feature of one view goes with each of another: a square of colours from -1 to 1.
#pragma once

#include <QByteArray>
#include <QImage>
#include <QWidget>
#include <cstdint>
#include <vector>

#include "core/base/blocks.h"

namespace selfsight {

class CorrelationView : public QWidget {
  Q_OBJECT
 public:
  /// More rows than this are shown as means of blocks.
  static constexpr std::int64_t most_rows = 256;

  explicit CorrelationView(QWidget* parent = nullptr);
  /// [columns, columns] in [-1, 1]; empty for none.
  void set_matrix(const std::vector<float>& values, std::int64_t columns);
  /// The same of which only the means of blocks are known, as block_means() makes them.
  void set_blocks(std::vector<float> means, std::int64_t columns);
  std::int64_t shown_rows() const { return rows_; }
  /// "features 3 and 7: 0.12", or of blocks "features 5 to 8 and 1 to 4: mean 0.03"; empty outside.
  QString words_at(const QPointF& at) const;
  /// As shown, with its scale, in the light scheme: "png", "svg", "pdf"; or what is shown as "csv".
  QByteArray rendered(const QString& format) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRectF square() const;
  QImage picture() const;
  void paint(QPainter& painter) const;
  QString features_words(std::int64_t row) const;

  std::vector<float> shown_;
  std::int64_t rows_ = 0, columns_ = 0;
};

}  // namespace selfsight
