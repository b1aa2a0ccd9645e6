// Which three of many bands are shown as red, green and blue.
#pragma once

#include <QWidget>
#include <array>

class QComboBox;

namespace selfsight {

class BandPicker : public QWidget {
  Q_OBJECT
 public:
  explicit BandPicker(QWidget* parent = nullptr);

  /// Hidden where images are grey or have colours.
  void set_channels(int channels);

 Q_SIGNALS:
  /// By the person; show_bands() knows already.
  void bands_chosen();

 private:
  void choose();

  int channels_ = 0;
  std::array<QComboBox*, 3> bands_;
};

}  // namespace selfsight
