// Rows of pictures with boxes drawn in and a few lines of text: what an encoder is shown.
#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QImage>
#include <QList>
#include <QRectF>
#include <QString>

namespace selfsight {

struct PictureBox {
  QRectF part;     // of the picture, in [0, 1]
  int series = 0;  // whose colour and dash it has
};

struct PictureCell {
  QImage image;  // null: `note` stands in its place
  QList<PictureBox> boxes;
  QString note;
};

struct PictureLine {
  enum class Kind { faint, soft, series, strong } kind = Kind::soft;
  QString text;
  int series = 0;  // for Kind::series: a dot in its colour before the text
};

struct PictureRow {
  QList<PictureCell> cells;
  QList<PictureLine> lines;
};

/// Paints only the rows in view.
class PictureRows : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit PictureRows(QWidget* parent = nullptr);

  /// One title per picture column, then one for the text.
  void set_titles(const QStringList& titles);
  void set_rows(const QList<PictureRow>& rows);
  const QList<PictureRow>& rows() const { return rows_; }

  /// All rows, also those not in view, at twice the resolution.
  QImage contact_sheet(int width) const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Measures;
  Measures measures(int width) const;
  void draw_titles(QPainter& painter, const Measures& m) const;
  void draw_row(QPainter& painter, const Measures& m, const PictureRow& row, double top) const;
  void fit_scroll_bar();

  QStringList titles_;
  QList<PictureRow> rows_;
};

}  // namespace selfsight
