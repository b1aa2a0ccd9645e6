// Curves over steps, epochs or active time, with reference lines and a crosshair.
#pragma once

#include <QWidget>
#include <algorithm>
#include <limits>

#include "widgets/curves.h"

class QCPItemStraightLine;
class QCPAbstractItem;
class QCustomPlot;
class QLabel;

namespace selfsight {

class CurvePlot : public QWidget {
  Q_OBJECT
 public:
  explicit CurvePlot(const QString& name, QWidget* parent = nullptr);

  void set_curves(std::vector<Curve> curves);
  /// New points of a curve that is there; cheap. The zoom stays.
  void append(std::int64_t id, const std::vector<CurvePoint>& points);
  void set_references(std::vector<ReferenceLine> lines);
  /// Short marks at the foot of the plot, where something happened: a checkpoint.
  void set_events(std::vector<CurvePoint> events);
  const std::vector<CurvePoint>& events() const { return events_; }
  const std::vector<ReferenceLine>& references() const { return references_; }
  /// Puts the crosshair where this many epochs were done; negative takes it away. Says nothing.
  void show_crosshair(double epoch);
  void set_smoothing(double weight);  // 0 is off
  void set_log(bool log);             // values at or below 0 are then left out
  void set_log_x(bool log);           // so are points at or below 0 of the axis
  void set_axis(CurveAxis axis);
  void set_percent(bool percent);  // values in [0, 1] read as percentages
  void set_marks(bool marks);      // dots on the points, for few of them
  /// What the values are, beside the axis of what is saved: "loss".
  void set_metric(const QString& metric) { metric_ = metric; }
  /// What is along the axis, in what is saved, where that is none of CurveAxis.
  void set_axis_words(const QString& words) { axis_words_ = words; }
  void fit();

  const std::vector<Curve>& curves() const { return curves_; }
  bool zoomed() const { return zoomed_; }
  /// What is in view: x and width along the axis, y and height in values.
  QRectF view() const;
  /// As shown, with a legend and the names of the axes, in the light scheme: "png", "svg", "pdf";
  /// or all points as "csv".
  QByteArray rendered(const QString& format);

 Q_SIGNALS:
  /// Chosen in the context menu: "png", "svg", "pdf" or "csv".
  void export_wanted(const QString& format);
  /// The epoch under the mouse, for the other plots of the same runs; negative when it has left.
  void crosshair_moved(double epoch);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void restyle();
  void redraw();
  void set_tickers();
  bool log_x() const;
  bool log_y() const;
  void smooth_anew();
  void smooth_on(std::size_t index);
  /// The points from this one on, behind those that are drawn already.
  void draw_curve(std::size_t index, std::size_t from = 0);
  /// Takes the points from this one on into what fit() shows.
  void take_in(const Curve& curve, std::size_t from = 0);
  void draw_references();
  void draw_events();
  void put_crosshair(double key);
  /// By a part of what is in view, from the middle of it where there is none.
  void step_crosshair(double part);
  void hide_crosshair();
  void drop_crosshair();  // and says so
  void show_values(double at);
  void move_crosshair(const QPoint& position);
  QString value_words(double value) const;

  QCustomPlot* plot_;
  QLabel* values_;
  QCPItemStraightLine* crosshair_;
  std::vector<QCPAbstractItem*> reference_items_, event_items_;
  std::vector<CurvePoint> events_;
  /// A curve's smoothing so far; new points go on from there.
  struct Smoothed {
    Smoother smoother;
    std::vector<double> means;
  };

  /// Of numbers; of none at first.
  struct Extent {
    double least = std::numeric_limits<double>::infinity(), greatest = -least;

    bool empty() const { return least > greatest; }
    void include(double value) {
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    }
  };

  std::vector<Curve> curves_;
  Extent keys_, shown_values_;      // of all points, as the axes take them
  std::vector<Smoothed> smoothed_;  // one for each curve
  std::vector<ReferenceLine> references_;
  QString metric_, axis_words_;
  double smoothing_ = 0;
  bool percent_ = false, marks_ = false, zoomed_ = false;
  CurveAxis axis_ = CurveAxis::step;
};

}  // namespace selfsight
