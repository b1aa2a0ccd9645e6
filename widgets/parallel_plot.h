// Runs as lines across parallel axes: one axis an option, the last one what came of it.
#pragma once

#include <QStringList>
#include <QWidget>
#include <set>
#include <vector>

namespace selfsight {

struct ParallelAxis {
  QString name;
  QStringList words = {};  // values are indices of these; empty: values are numbers
  bool logarithmic = false;
  bool share = false;  // values in [0, 1], read as percentages
};

struct ParallelRun {
  std::int64_t id = 0;
  QString name;
  std::vector<double> values;  // one per axis; not a number where it is not known
};

/// Axes from the texts of one option in several runs: numbers where all are numbers, with a
/// logarithmic scale where they are positive and span more than a factor of 20.
std::pair<ParallelAxis, std::vector<double>> parallel_axis(const QString& name,
                                                           const std::vector<std::string>& texts);

class ParallelPlot : public QWidget {
  Q_OBJECT
 public:
  explicit ParallelPlot(QWidget* parent = nullptr);

  void set_runs(std::vector<ParallelAxis> axes, std::vector<ParallelRun> runs);
  void set_chosen(const std::set<std::int64_t>& runs);
  const std::vector<ParallelAxis>& axes() const { return axes_; }
  const std::vector<ParallelRun>& runs() const { return runs_; }
  std::int64_t hovered() const { return hovered_; }  // -1: none
  /// Where a run's line meets an axis, in the widget.
  QPointF place_of(std::int64_t run, std::size_t axis) const;
  /// A value as the axis tells it: "0.5", "73.9 %", "sgd".
  QString value_words(std::size_t axis, double value) const;
  /// As shown, with the names of the runs, in the light scheme: "png", "svg", "pdf"; or all values
  /// as "csv".
  QByteArray rendered(const QString& format) const;

  QSize sizeHint() const override { return {480, 260}; }

 Q_SIGNALS:
  void clicked(qint64 run, bool besides);  // Ctrl or Shift: beside those chosen

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Range {
    double low = 0, high = 1;
  };
  double axis_left(std::size_t axis) const;
  double height_of(std::size_t axis, double value) const;
  /// In pieces: it breaks at an axis where the run has no value.
  std::vector<QPolygonF> line_of(const ParallelRun& run) const;
  std::int64_t hit(const QPointF& at) const;
  void hover(std::int64_t run);
  void draw_axis(QPainter& painter, std::size_t axis) const;
  void draw_ticks(QPainter& painter, std::size_t axis) const;
  void draw_run(QPainter& painter, const ParallelRun& run) const;
  void draw_values(QPainter& painter, const ParallelRun& run) const;
  void paint(QPainter& painter) const;
  QByteArray as_csv() const;

  std::vector<ParallelAxis> axes_;
  std::vector<ParallelRun> runs_;
  std::vector<Range> ranges_;
  std::set<std::int64_t> chosen_;
  std::int64_t hovered_ = -1;
};

}  // namespace selfsight
