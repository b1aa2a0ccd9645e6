#include "app/places/image_card.h"

#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/places/data_work.h"
#include "widgets/controls.h"
#include "widgets/icons.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {

class ImageCard::Picture : public QWidget {
 public:
  using QWidget::QWidget;
  void set_image(const QImage& image) {
    image_ = image;
    updateGeometry();
    update();
  }
  QSize sizeHint() const override { return {280, image_.isNull() ? 60 : 232}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    draw_picture(painter, image_, fitted(image_.size(), rect()), measures::radius_picture);
  }

 private:
  QImage image_;
};

ImageCard::ImageCard(QWidget* parent)
    : Card(tr("Image"), parent),
      picture_(new Picture(this)),
      name_(paragraph({}, Voice::body, this)),
      words_(paragraph({}, Voice::soft, this)) {
  setObjectName(QStringLiteral("image_card"));
  picture_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  name_->setObjectName(QStringLiteral("image_name"));
  name_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  words_->setObjectName(QStringLiteral("image_words"));
  body()->addWidget(picture_);
  body()->addWidget(name_);
  body()->addWidget(words_);
  auto* close_button = new QToolButton(this);
  close_button->setObjectName(QStringLiteral("image_close"));
  close_button->setAccessibleName(tr("Close"));
  close_button->setIcon(icon(QStringLiteral("close")));
  close_button->setFixedSize(24, 24);
  add_to_head(close_button);
  connect(close_button, &QToolButton::clicked, this, &QWidget::hide);
  hide();
}

void ImageCard::show_image(const LargerImage& image) {
  set_subtitle(tr("number %1").arg(image.id));
  picture_->set_image(image.image);
  name_->setText(image.name);
  QStringList words;
  if (!image.label.isEmpty()) words << image.label;
  words << image.split << (image.image.isNull() ? image.reason : image.size);
  QString text = words.join(QStringLiteral(" · "));
  if (!image.told.isEmpty()) text += QLatin1Char('\n') + image.told;
  words_->setText(text);
  show();
}

}  // namespace selfsight
