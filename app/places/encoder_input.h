// What an encoder from a file is to be shown, where the file does not say.
#pragma once

#include <QPushButton>
#include <optional>

#include "app/jobs/job.h"
#include "core/probes/encoder_model.h"

class QLabel;
class QLineEdit;

namespace selfsight {

class Popover;

/// What a person typed as the three fields; empty ones leave it to the file. Throws InputError in
/// plain words.
EncoderInput typed_input(const QString& size, const QString& mean, const QString& std);

/// A button that tells the size and the normalisation, and opens the fields to change them. Hidden
/// for files that describe themselves. What was typed is kept for each file.
class EncoderInputField : public QPushButton {
  Q_OBJECT
 public:
  explicit EncoderInputField(QWidget* parent = nullptr);

  /// Empty: of none.
  void set_file(const QString& file);
  /// What was typed for the file.
  EncoderInput input() const;

 Q_SIGNALS:
  void input_changed();

 private:
  void build_fields();
  void look_into();
  void show_words();
  void open();
  void take();

  QString file_;
  std::optional<EncoderInput> told_;  // by the file; empty until it was looked into
  Latest<EncoderInput>* looking_;
  Popover* fields_;
  QLineEdit* size_ = nullptr;
  QLineEdit* mean_ = nullptr;
  QLineEdit* std_ = nullptr;
  QLabel* wrong_ = nullptr;
};

}  // namespace selfsight
