// A confusion matrix: true classes down, predictions across, each row in percent of its sum.
#pragma once

#include <QByteArray>
#include <QStringList>
#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

namespace selfsight {

/// Arrow keys and clicks mark a cell, whose words are its accessible description; with the focus it
/// has a ring.
class ConfusionView : public QWidget {
  Q_OBJECT
 public:
  explicit ConfusionView(QWidget* parent = nullptr);
  /// `counts` is square, [true][predicted]; one name per class.
  void set_matrix(const QStringList& names, const std::vector<std::vector<std::int64_t>>& counts);
  bool has_matrix() const { return !counts_.empty(); }
  /// "horse taken for deer: 12 of 1,000", for the cell under this place; empty outside.
  QString words_at(const QPointF& at) const;
  /// As shown, in the light scheme: "png", "svg", "pdf"; or the counts as "csv".
  QByteArray rendered(const QString& format) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Cell {
    std::size_t row = 0, column = 0;
  };
  QRectF cell(std::size_t row, std::size_t column) const;
  std::optional<Cell> cell_at(const QPointF& at) const;
  QString words_of(const Cell& one) const;
  void mark(const Cell& one);
  double foot() const;  // room for the names below
  void paint(QPainter& painter) const;
  QByteArray as_csv() const;
  void paint_row(QPainter& painter, std::size_t row) const;
  void paint_names(QPainter& painter) const;

  QStringList names_;
  std::vector<std::vector<std::int64_t>> counts_;
  double margin_ = 0;  // room for the names at the left
  Cell marked_;
};

}  // namespace selfsight
