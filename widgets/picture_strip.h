// Groups of pictures in one row, as many whole groups as there is room for.
#pragma once

#include <QImage>
#include <QList>
#include <QWidget>

namespace selfsight {

class PictureStrip : public QWidget {
  Q_OBJECT
 public:
  explicit PictureStrip(QWidget* parent = nullptr);
  void set_groups(const QList<QList<QImage>>& groups);
  const QList<QList<QImage>>& groups() const { return groups_; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QList<QList<QImage>> groups_;
};

}  // namespace selfsight
