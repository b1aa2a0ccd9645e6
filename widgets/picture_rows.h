// Rows of pictures with boxes drawn in and a few lines of text: what an encoder is shown.
#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QImage>
#include <QList>
#include <QMouseEvent>
#include <QRectF>
#include <QSize>
#include <QString>

class QTimer;

namespace selfsight {

struct PictureBox {
  QRectF part;     // of the picture, in [0, 1]
  int series = 0;  // whose colour and dash it has
};

/// The longer side of a cell's picture: enough on a dense screen.
inline constexpr int cell_pixels = 480;

struct PictureCell {
  QImage image;  // null: `note` stands in its place
  QList<PictureBox> boxes;
  QString note;
  QImage other = {};   // shown in turn with the image in a column that blinks
  QSize patches = {};  // across and down, where keys go from patch to patch; empty: no such picture
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
  void set_largest_side(int pixels);  // of a picture, as far as the width allows
  /// This column shows its pictures and the others in turn, under these titles; -1: none does.
  void set_blink(int column, const QString& title = {}, const QString& other_title = {});
  bool other_shown() const { return other_shown_; }
  /// Where in the viewport a cell's picture is; for tests.
  QRectF picture_place(int row, int column) const;

  /// All rows, also those not in view, at twice the resolution, in the light scheme.
  QImage contact_sheet(int width = 1100) const;

 Q_SIGNALS:
  /// Pressed at, or dragged to, this place in [0, 1] x [0, 1] of a picture. In one with patches,
  /// arrow keys go from patch to patch, and Space presses at the middle of one.
  void picture_pressed(int row, int column, const QPointF& place);
  void picture_dragged(int row, int column, const QPointF& place);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent*) override { viewport()->update(); }
  void focusOutEvent(QFocusEvent*) override { viewport()->update(); }
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override { event->accept(); }

 private:
  struct Measures;
  struct Hit;
  struct Patch {
    int row = -1, column = -1;
    QPoint at;  // across and down
  };
  QSize patches_of(int row, int column) const;  // empty outside
  Patch first_patch(int row, int step) const;   // of this row or, by this step, of another
  bool move_patch(int key);
  QPointF middle_of(const Patch& patch) const;  // in [0, 1] x [0, 1]
  void draw_patch(QPainter& painter) const;
  Hit hit(const QPointF& at) const;
  Measures measures(int width) const;
  void draw_titles(QPainter& painter, const Measures& m) const;
  void draw_row(QPainter& painter, const Measures& m, const PictureRow& row, double top) const;
  void fit_scroll_bar();

  QStringList titles_;
  QList<PictureRow> rows_;
  Patch patch_;  // that keys are for; row -1: none yet
  int largest_side_ = 240;
  QTimer* blinking_;
  int blink_column_ = -1;
  QStringList blink_titles_;
  bool other_shown_ = false;
};

}  // namespace selfsight
