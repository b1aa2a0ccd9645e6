// The features behind a map, read when something is asked of them.
#pragma once

#include <QObject>
#include <functional>
#include <optional>
#include <vector>

#include "core/training/session.h"

namespace selfsight {

class Job;
class Workspace;

/// Features are not stored with a map; those of one from an earlier day come from the cache or are
/// computed again.
class MapFeatures : public QObject {
  Q_OBJECT
 public:
  /// Of these images, as the run's checkpoint of this step sees them.
  struct Wanted {
    std::int64_t run = 0;
    std::optional<std::int64_t> step;  // empty: the newest
    std::vector<std::int64_t> ids;     // in increasing order

    bool operator==(const Wanted&) const = default;
  };
  using Then = std::function<void(const Features&)>;

  MapFeatures(Workspace& workspace, QObject* parent);

  /// What is asked of them; at once if they are there. Not called any more once others are wanted.
  void with(const Wanted& wanted, const Then& then);
  /// They are known already.
  void take(const Wanted& wanted, const Features& features);
  void forget();

 Q_SIGNALS:
  void reading_began();
  void read();
  void failed(const QString& problem);

 private:
  void start();

  Workspace& workspace_;
  Wanted wanted_;
  Features features_;
  std::vector<Then> waiting_;
  Job* job_ = nullptr;
};

}  // namespace selfsight
