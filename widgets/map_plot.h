// A cloud of points, each with the id of its image: hover for the picture, click or lasso to
// select; or go from point to point by the arrow keys.
#pragma once

#include <QColor>
#include <QHash>
#include <QImage>
#include <QPolygonF>
#include <QRectF>
#include <QSet>
#include <QWidget>
#include <vector>

class QTimer;

namespace selfsight {

struct MapPoint {
  std::int64_t id = 0;
  double x = 0, y = 0;
  int group = -1;  // its label; -1 without one
};

/// A place on the map that is no image of it: where a picture from elsewhere would stand.
struct MapMark {
  double x = 0, y = 0;
  QString words;
  QImage image{};  // shown while the mouse is on it; may be null
};

class MapPlot : public QWidget {
  Q_OBJECT
 public:
  explicit MapPlot(QWidget* parent = nullptr);

  /// New positions leave the zoom alone unless the points are others. What is selected stays so.
  void set_points(std::vector<MapPoint> points);
  /// Names of the groups, by their number; a hidden one is neither drawn nor hit.
  void set_groups(const QStringList& names);
  void set_hidden(const QSet<int>& groups);
  /// Groups are steps from little to much, so many; 0: they are kinds, each with its colour.
  void set_ramp(int steps);
  /// What fit() shows. Null: the box around the points. So the frames of a sequence stand still.
  void set_extent(const QRectF& extent);
  void set_selection(const QSet<qint64>& ids);
  const QSet<qint64>& selection() const { return selection_; }
  void set_lasso(bool on);  // drag draws a lasso instead of moving the map
  bool lasso() const { return lasso_on_; }
  /// They stay until the points are others; each is named where no other name is in the way.
  void set_marks(std::vector<MapMark> marks);
  const std::vector<MapMark>& marks() const { return marks_; }
  void fit();

  const std::vector<MapPoint>& points() const { return points_; }
  QPointF position_of(std::int64_t id) const;  // in the widget; for tests and cards
  QPointF position_of(const MapMark& mark) const { return to_widget(mark.x, mark.y); }
  /// The picture for the point under the mouse, when hovered() was answered.
  void show_thumbnail(std::int64_t id, const QImage& image, const QString& caption);
  bool thumbnail_shown() const { return !thumbnail_.isNull(); }
  QImage rendered(const QSize& size, double ratio) const;
  /// As shown, with the names of its groups, in the light scheme: "png", "svg", "pdf"; or all
  /// points that are not hidden as "csv": "id,x,y,group".
  QByteArray rendered(const QString& format) const;

 Q_SIGNALS:
  void hovered(qint64 id);  // after a moment on it; -1 when left
  void clicked(qint64 id);
  void mark_clicked(int index);
  void marks_cleared();      // by the person
  void selection_changed();  // likewise
  void lasso_changed(bool on);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QPointF to_widget(double x, double y) const;
  int hit(const QPointF& at) const;      // index of the nearest visible point, or -1
  int mark_at(const QPointF& at) const;  // index of the nearest mark, or -1
  bool visible(const MapPoint& point) const { return !hidden_.contains(point.group); }
  void zoom(double factor, const QPointF& around);
  void pan(const QPointF& by);  // px
  void point_at(int index);     // or at nothing: -1
  /// Index of the visible point nearest to `at`, in units of the map; -1 if there is none. With a
  /// `way`, of those that lie more that way than any other.
  int nearest(const QPointF& at, const QPointF& way = {}) const;
  void go(const QPointF& way);
  void choose(int index, Qt::KeyboardModifiers keys);
  void forget_picture();
  QRectF bounds() const;
  void draw_points(QImage& image, double ratio) const;
  double opacity_of(bool chosen) const;
  void paint_points(QPainter& painter) const;
  QByteArray as_csv() const;
  void paint_marks(QPainter& painter) const;
  void paint_hovered(QPainter& painter) const;
  void finish_lasso(Qt::KeyboardModifiers modifiers);
  void select(QSet<qint64> ids);
  void mark_chosen();

  std::vector<MapPoint> points_;
  QHash<qint64, std::size_t> index_of_;
  QStringList groups_;
  QSet<int> hidden_;
  int ramp_ = 0;
  QRectF extent_;
  QSet<qint64> selection_;
  std::vector<bool> chosen_;  // whether each point is in the selection
  QPointF centre_;            // of the map, in the middle of the widget
  double scale_ = 1;          // pixels per unit of the map
  bool moved_ = false;        // by the person: new points leave the view alone
  QImage cloud_;              // drawn once, until points, view or colours change
  std::vector<MapMark> marks_;
  QPolygonF lasso_;
  bool lasso_on_ = false, dragging_ = false;
  QPointF pressed_, last_;
  QTimer* dwell_;
  int hovered_ = -1, hovered_mark_ = -1;
  QImage thumbnail_;
  QString caption_;
};

}  // namespace selfsight
