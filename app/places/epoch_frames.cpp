#include "app/places/epoch_frames.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/places/evaluation_words.h"
#include "app/places/map_words.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

struct FrameWords {
  Q_DECLARE_TR_FUNCTIONS(epoch_frames)
};

QString words_of(const StoredMap& map) {
  return epoch_words(protocol_of(map).value("checkpoint_epoch", 0.0));
}

}  // namespace

QStringList EpochFrames::names() const {
  QStringList names;
  for (const StoredMap& map : maps_) names << words_of(map);
  return names;
}

QRectF EpochFrames::extent() const {
  QRectF extent;
  for (const StoredMap& map : maps_) {
    if (map.xy.empty()) continue;
    float left = map.xy[0], right = left, top = map.xy[1], bottom = top;
    for (std::size_t i = 0; i + 1 < map.xy.size(); i += 2) {
      left = std::min(left, map.xy[i]), right = std::max(right, map.xy[i]);
      top = std::min(top, map.xy[i + 1]), bottom = std::max(bottom, map.xy[i + 1]);
    }
    extent |= QRectF(QPointF(left, top), QPointF(right, bottom));
  }
  return extent;
}

std::vector<float> EpochFrames::layout(double position) const {
  const auto last = static_cast<double>(maps_.size()) - 1;
  position = std::clamp(position, 0.0, last);
  const auto below = static_cast<int>(std::floor(position));
  const auto part = static_cast<float>(position - below);
  if (part == 0) return at(below).xy;
  std::vector<float> xy = at(below).xy;
  const std::vector<float>& next = at(below + 1).xy;
  for (std::size_t i = 0; i < xy.size(); ++i) xy[i] += part * (next[i] - xy[i]);
  return xy;
}

QString EpochFrames::words(int frame) const {
  const auto protocol = protocol_of(at(frame));
  return QStringList{words_of(at(frame)),
                     FrameWords::tr("%1 of %2").arg(frame + 1).arg(maps_.size()),
                     FrameWords::tr("perplexity %1").arg(protocol.value("perplexity", 0.0)),
                     FrameWords::tr("KL %1").arg(protocol.value("kl", 0.0), 0, 'f', 3)}
      .join(QStringLiteral(" · "));
}

std::int64_t EpochFrames::checkpoint_step(int frame) const {
  return protocol_of(at(frame)).value("checkpoint_step", std::int64_t{-1});
}

}  // namespace selfsight
