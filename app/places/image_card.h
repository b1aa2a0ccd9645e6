// One image, larger, with its name, label, split and size.
#pragma once

#include "widgets/card.h"

namespace selfsight {

struct LargerImage;

class ImageCard : public Card {
  Q_OBJECT
 public:
  explicit ImageCard(QWidget* parent = nullptr);
  void show_image(const LargerImage& image);

 private:
  class Picture;
  Picture* picture_;
  QLabel* name_;
  QLabel* words_;
};

}  // namespace selfsight
