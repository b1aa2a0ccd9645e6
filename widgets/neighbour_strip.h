// The images most like one, as pictures with their similarity and label.
#pragma once

#include <QImage>
#include <QList>
#include <QWidget>

namespace selfsight {

struct NeighbourPicture {
  qint64 id = 0;
  QImage image;
  QString words;    // "0.97"
  QString label{};  // below it; may be empty
};

class NeighbourStrip : public QWidget {
  Q_OBJECT
 public:
  explicit NeighbourStrip(QWidget* parent = nullptr);
  void set_pictures(const QList<NeighbourPicture>& pictures);
  const QList<NeighbourPicture>& pictures() const { return pictures_; }
  int current() const { return current_; }
  QSize sizeHint() const override;

 Q_SIGNALS:
  void clicked(qint64 id);  // or Return

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  int columns() const;
  int shown() const;  // as many as there is room for
  QRectF cell(int index) const;
  void go_to(int index);

  QList<NeighbourPicture> pictures_;
  int current_ = 0;  // the one that keys are for
};

}  // namespace selfsight
