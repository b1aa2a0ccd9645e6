// What the images of the newest batch look like to the run in training.
#pragma once

#include "app/jobs/job.h"
#include "app/places/views_work.h"
#include "widgets/card.h"

namespace selfsight {

class PictureStrip;
class Workspace;

/// The views, masks and puzzles of the first images of a batch of the run in training, by the code
/// and the random numbers of training; behind the masks what the newest checkpoint rebuilds, behind
/// the views of a Vision Transformer where its class token looks, and below
/// those of a method with prototypes which one it gives them to. Renewed at most every other
/// second, off the window's thread.
class BatchStrip : public Card {
  Q_OBJECT
 public:
  explicit BatchStrip(Workspace& workspace, QWidget* parent = nullptr);

  /// `step` is done, from 1; `steps_per_epoch` as training counts.
  void show_step(const Run& run, std::int64_t step, std::int64_t steps_per_epoch);
  void clear();
  PictureStrip* strip() const { return strip_; }

 private:
  struct Answer;
  static Answer answer_of(const ViewsQuestion& question, bool looks, std::int64_t step);
  void show_answer(const Answer& answer);

  Workspace& workspace_;
  PictureStrip* strip_;
  std::shared_ptr<OriginalCache> originals_;
  std::shared_ptr<NewestModel> newest_;
  Latest<Answer>* drawing_;
  qint64 next_ = 0;  // not before this moment, in milliseconds of the clock
  std::int64_t run_ = 0;
  QString told_;  // why nothing could be drawn: once, not every other second
};

}  // namespace selfsight
