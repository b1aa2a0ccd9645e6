// The work behind Explore's maps, with what is laid out so far on its way to the window.
#pragma once

#include <QObject>
#include <any>
#include <memory>
#include <optional>
#include <vector>

#include "app/jobs/pipeline_maps.h"

namespace selfsight {

class Job;
class Workspace;

/// Makes one map at a time, as a job of the workspace.
class MapMaker : public QObject {
  Q_OBJECT
 public:
  MapMaker(Workspace& workspace, QObject* parent);
  ~MapMaker() override;

  /// "tsne" or "pca"; ends in made() with a MapReport.
  void make(const EncoderSource& source, MapRequest request);
  /// Over the run's checkpoints; ends in made() with a std::vector<StoredMap>.
  void make_sequence(std::int64_t run, const SequenceRequest& request);
  bool running() const { return job_ != nullptr; }

  /// Whether a t-SNE is laid out so far that a stop keeps it as a map.
  bool can_stop() const;
  void stop();
  void cancel();
  /// Lets go of a map of other images than those that are open: nothing more is heard of it.
  void leave_other_images();
  /// Whether a t-SNE was stopped that can be gone on with.
  bool can_go_on() const { return !job_ && stopped_; }
  void go_on();
  void forget_stopped() { stopped_.reset(); }

 Q_SIGNALS:
  void progress_changed(double part);
  void laid_out(const std::vector<std::int64_t>& ids, const std::vector<float>& xy);  // so far
  void made(const std::any& result);
  void failed(const QString& problem);
  void cancelled();

 private:
  struct Partial;
  void start(Job* job);
  void take_partial();

  Workspace& workspace_;
  Job* job_ = nullptr;
  std::shared_ptr<const Dataset> dataset_;  // of the job
  std::shared_ptr<Partial> partial_;        // likewise
  bool laid_out_ = false;
  EncoderSource source_;
  std::optional<MapRequest> request_;  // of a t-SNE
  std::optional<MapRequest> stopped_;
};

}  // namespace selfsight
