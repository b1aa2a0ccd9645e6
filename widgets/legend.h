// The groups of a map as words: click or Space hides one, double click or Return shows it
// alone.
#pragma once

#include <QSet>
#include <QStringList>
#include <QWidget>

class QPushButton;

namespace selfsight {

class Legend : public QWidget {
  Q_OBJECT
 public:
  explicit Legend(QWidget* parent = nullptr);
  /// (name, how many), by group number; a count below 0 is not told.
  /// With a ramp they are steps from little to much: see MapPlot::set_ramp().
  void set_groups(const QList<QPair<QString, int>>& groups, bool ramp = false);
  const QSet<int>& hidden() const { return hidden_; }

 Q_SIGNALS:
  void hidden_changed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void toggle(int group);
  /// `clicked`: the first click of two has toggled it already.
  void isolate(int group, bool clicked);
  void show_state();

  QList<QPushButton*> entries_;
  QSet<int> hidden_;
  bool ramp_ = false;
};

}  // namespace selfsight
