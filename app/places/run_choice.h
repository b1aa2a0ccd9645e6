// Which encoder a place looks at.
#pragma once

#include <QComboBox>

#include "app/jobs/pipeline.h"

namespace selfsight {

class Workspace;

/// "run 3", or the name of the file.
QString source_words(const EncoderSource& source);

/// The runs that have an encoder, newest first. Choosing one makes it the current run.
class RunChoice : public QComboBox {
  Q_OBJECT
 public:
  RunChoice(const QString& name, Workspace& workspace, QWidget* parent = nullptr);

  /// Lists encoders that came as files too, and "Encoder from a file…".
  void offer_files();

  /// Lists them anew. The current run, or else the newest that has an encoder; 0 without any.
  std::int64_t list();
  void show_run(std::int64_t run);

  /// The same where files are offered: the file that was chosen, until a run is.
  EncoderSource list_sources();
  void show_source(const EncoderSource& source);

 Q_SIGNALS:
  void source_changed();  // a file or a run was chosen, or the person thought better of it

 private:
  void choose(int index);
  void list_files();

  Workspace& workspace_;
  bool files_ = false;
  QString file_;  // that was chosen; empty: a run
};

}  // namespace selfsight
