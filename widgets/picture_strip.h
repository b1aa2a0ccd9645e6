// Groups of pictures in one row, as many whole groups as there is room for.
#pragma once

#include <QImage>
#include <QList>
#include <QStringList>
#include <QWidget>

namespace selfsight {

class PictureStrip : public QWidget {
  Q_OBJECT
 public:
  explicit PictureStrip(QWidget* parent = nullptr);
  /// `captions`: of each group, one line under each of its pictures; may be fewer.
  void set_groups(const QList<QList<QImage>>& groups, const QList<QStringList>& captions = {});
  const QList<QList<QImage>>& groups() const { return groups_; }
  const QList<QStringList>& captions() const { return captions_; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  bool captioned() const;

  QList<QList<QImage>> groups_;
  QList<QStringList> captions_;
};

}  // namespace selfsight
