// Accuracy over the number of labels: means as lines, their confidence bands behind them.
#pragma once

#include <QString>
#include <QWidget>
#include <cstdint>
#include <vector>

class QCPItemStraightLine;
class QCPItemTracer;
class QCustomPlot;
class QLabel;

namespace selfsight {

struct LabelCurvePoint {
  double labels = 0;  // above 0
  double mean = 0;    // in [0, 1]
  double band = 0;    // half the width of the interval
  QString size;       // "1 %", "4 per class"
  QString protocol;   // handed out when the point is clicked
};

struct LabelCurveLine {
  QString title;
  std::int64_t colour = 0;  // see series_colour(); below 0: the faint colour
  Qt::PenStyle dash = Qt::SolidLine;
  std::vector<LabelCurvePoint> points;  // by number of labels
};

class LabelCurve : public QWidget {
  Q_OBJECT
 public:
  explicit LabelCurve(const QString& name, QWidget* parent = nullptr);

  /// New points do not move a view that a person has zoomed.
  void set_lines(std::vector<LabelCurveLine> lines);
  const std::vector<LabelCurveLine>& lines() const { return lines_; }
  void fit();

  /// As shown, in the light scheme: "png", "svg", "pdf"; or all points as "csv".
  QByteArray rendered(const QString& format);
  /// Where a point is drawn, in this widget.
  QPointF position_of(std::size_t line, std::size_t point) const;

 Q_SIGNALS:
  /// By the mouse, or by Return on the point that the arrow keys went to.
  void point_clicked(const QString& title, const QString& size, const QString& protocol);
  /// Chosen in the context menu: "png", "svg", "pdf" or "csv".
  void export_wanted(const QString& format);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void restyle();
  void redraw();
  void draw_line(const LabelCurveLine& line);
  void draw_sizes();
  void show_values(double labels);
  void click(const QPoint& at);
  void go_to(std::size_t line, std::size_t point);
  void leave_point();

  QCustomPlot* plot_;
  QLabel* values_;
  QCPItemStraightLine* crosshair_;
  QCPItemTracer* ring_;  // around the point that keys are for
  std::vector<LabelCurveLine> lines_;
  std::size_t line_ = 0, point_ = 0;  // that point, while the ring is shown
  bool zoomed_ = false;
};

}  // namespace selfsight
