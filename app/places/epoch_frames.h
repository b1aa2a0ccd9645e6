// The maps of a run's checkpoints, one after the other, and what lies between two of them.
#pragma once

#include <QRectF>
#include <QStringList>
#include <vector>

#include "core/history/store.h"

namespace selfsight {

class EpochFrames {
 public:
  /// Of one sequence, in order: all of the same images.
  void set(std::vector<StoredMap> maps) { maps_ = std::move(maps); }
  bool empty() const { return maps_.empty(); }
  const std::vector<std::int64_t>& ids() const { return maps_.front().ids; }

  QStringList names() const;  // "epoch 2.5"
  QRectF extent() const;      // of all frames together
  /// [n, 2]; between two frames each image is on the straight way from one to the other.
  std::vector<float> layout(double position) const;
  /// What was computed for it, in words.
  QString words(int frame) const;
  std::int64_t checkpoint_step(int frame) const;

 private:
  const StoredMap& at(int frame) const { return maps_.at(static_cast<std::size_t>(frame)); }

  std::vector<StoredMap> maps_;
};

}  // namespace selfsight
