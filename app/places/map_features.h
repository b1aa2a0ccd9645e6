// The features behind a map or a search, read when something is asked of them.
#pragma once

#include <QObject>
#include <functional>
#include <memory>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/maps/search.h"

namespace selfsight {

class Job;
class Workspace;

/// Features, and an index over them where they are to be searched again and again.
struct FeatureTable {
  Features features;
  std::unique_ptr<const SearchIndex> index;
};

/// Of the open data set: with another one all is forgotten. Features are not stored with a map;
/// those of one from an earlier day come from the cache or are computed again.
class MapFeatures : public QObject {
  Q_OBJECT
 public:
  /// Of these images, as this encoder sees them.
  struct Wanted {
    EncoderSource source;
    std::vector<std::int64_t> ids;  // in increasing order
    bool indexed = false;

    bool operator==(const Wanted&) const = default;
  };
  using Table = std::shared_ptr<const FeatureTable>;
  using Then = std::function<void(const Table&)>;

  MapFeatures(Workspace& workspace, QObject* parent);

  /// What is asked of them; at once if they are there. Not called any more once others are wanted.
  void with(const Wanted& wanted, const Then& then);
  /// Those that are there already; null if they are not.
  Table known(const Wanted& wanted) const;
  /// They are known already.
  void take(const Wanted& wanted, Features features);
  /// What was asked is not answered any more, and nothing is said of it; what is being read is
  /// kept once it is there.
  void ask_no_more() { waiting_.clear(); }
  void forget();

 Q_SIGNALS:
  void reading_began(qint64 images);
  void progress_changed(double part);
  void read();
  void stopped();  // by a person: what was asked is not answered
  void failed(const QString& problem);

 private:
  void start();

  Workspace& workspace_;
  Wanted wanted_;
  Table table_;
  std::vector<Then> waiting_;
  Job* job_ = nullptr;
};

}  // namespace selfsight
