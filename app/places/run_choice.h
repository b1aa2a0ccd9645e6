// Which encoder a place looks at.
#pragma once

#include <QComboBox>

#include "app/jobs/pipeline.h"

namespace selfsight {

class EncoderInputField;
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
  /// Stands beside it where files are offered: what such a file is shown.
  QWidget* input_field() const;

 Q_SIGNALS:
  void source_changed();  // a file or a run was chosen, or the person thought better of it

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void choose(int index);
  void list_files();

  Workspace& workspace_;
  bool files_ = false;
  EncoderInputField* input_ = nullptr;
  QString file_;  // that was chosen; empty: a run
};

}  // namespace selfsight
