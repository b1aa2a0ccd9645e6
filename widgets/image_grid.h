// Thumbnails of any number of images; only those in view are asked for.
#pragma once

#include <QListView>
#include <functional>

#include "widgets/image_model.h"

class QTimer;

namespace selfsight {

class ImageGrid : public QListView {
  Q_OBJECT
 public:
  explicit ImageGrid(QWidget* parent = nullptr);

  ImageModel* images() const { return model_; }
  void set_images(std::vector<std::int64_t> ids);
  void set_captions(std::function<QString(std::int64_t)> captions);
  /// Asks for the pictures in view once more: they would look different now.
  void fetch_anew();
  void set_thumbnails(const QList<Thumbnail>& thumbnails);
  /// The side of a thumbnail, about: rows are filled to the edge.
  void set_cell(int pixels);
  /// First and last row in view; {-1, -1} if there is none.
  QPair<int, int> rows_in_view() const;

 Q_SIGNALS:
  /// Those in view that are not there yet, nearest to the top first, and how many pixels their
  /// longer side needs. Asked again after each set_thumbnails() until none is missing.
  void thumbnails_wanted(const QList<qint64>& ids, int pixels);
  void image_clicked(qint64 id);  // or Return on it
  void image_hovered(qint64 id);
  void view_moved();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fit_cells();
  void ask();

  ImageModel* model_;
  QTimer* asking_;
  int cell_ = 64;
  int pixels_ = 0;
};

}  // namespace selfsight
