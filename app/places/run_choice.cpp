#include "app/places/run_choice.h"

#include <QEvent>
#include <QFileInfo>
#include <QSignalBlocker>
#include <algorithm>

#include "app/ask.h"
#include "app/kept_settings.h"
#include "app/places/encoder_input.h"
#include "app/places/run_words.h"
#include "app/workspace.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

constexpr int most_files = 5;
const QString files_key = QStringLiteral("encoder_files");

/// Those chosen last that are still there.
QStringList recent_files() {
  QStringList files = KeptSettings().value(files_key).toStringList();
  files.removeIf([](const QString& file) { return !QFileInfo::exists(file); });
  return files.mid(0, most_files);
}

void remember(const QString& file) {
  QStringList files = recent_files();
  files.removeAll(file);
  files.prepend(file);
  KeptSettings().setValue(files_key, files.mid(0, most_files));
}

}  // namespace

QString source_words(const EncoderSource& source) {
  if (source.is_run()) return RunChoice::tr("run %1").arg(source.run);
  return QString::fromStdString(source.file.filename().string());
}

RunChoice::RunChoice(const QString& name, Workspace& workspace, QWidget* parent)
    : QComboBox(parent), workspace_(workspace) {
  setObjectName(name);
  setAccessibleName(tr("Run"));
  setSizeAdjustPolicy(QComboBox::AdjustToContents);
  setMaximumWidth(320);
  guard_value(this);
  connect(this, &QComboBox::activated, this, &RunChoice::choose);
}

void RunChoice::offer_files() {
  files_ = true;
  setAccessibleName(tr("Encoder"));
  setPlaceholderText(tr("Choose an encoder"));
  input_ = new EncoderInputField(parentWidget());
  connect(input_, &EncoderInputField::input_changed, this, &RunChoice::source_changed);
  connect(&workspace_, &Workspace::current_run_changed, this, [this] { file_.clear(); });
}

void RunChoice::choose(int index) {
  const QVariant chosen = itemData(index);
  if (chosen.typeId() != QMetaType::QString) {
    file_.clear();
    workspace_.set_current_run(chosen.toLongLong());
    return Q_EMIT source_changed();
  }
  QString file = chosen.toString();
  if (file.isEmpty())
    file = ask().open_file(this, tr("Encoder from a file: safetensors, ONNX or TorchScript"));
  if (!file.isEmpty()) {
    file_ = file;
    remember(file);
  }
  Q_EMIT source_changed();
}

std::int64_t RunChoice::list() {
  const QSignalBlocker quiet(this);
  clear();
  const auto runs = workspace_.store().runs();
  const auto encoders = workspace_.store().runs_with_checkpoints();
  std::int64_t wanted = 0;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->archived || !std::ranges::binary_search(encoders, run->id)) continue;
    addItem(QStringLiteral("%1 · %2").arg(run->id).arg(run_label(*run)),
            static_cast<qlonglong>(run->id));
    if (wanted == 0 || run->id == workspace_.current_run()) wanted = run->id;
  }
  if (files_) list_files();
  setVisible(count() > 0);
  return wanted;
}

void RunChoice::list_files() {
  for (const QString& file : recent_files()) {
    addItem(QFileInfo(file).fileName(), file);
    setItemData(count() - 1, file, Qt::ToolTipRole);
  }
  addItem(tr("Encoder from a file…"), QString());
}

void RunChoice::show_run(std::int64_t run) {
  const QSignalBlocker quiet(this);
  setCurrentIndex(findData(static_cast<qlonglong>(run)));
}

EncoderSource RunChoice::list_sources() {
  const std::int64_t run = list();
  input_->set_file(file_);
  if (file_.isEmpty()) return run;
  return {std::filesystem::path(file_.toStdString()), input_->input()};
}

QWidget* RunChoice::input_field() const {
  return input_;
}

void RunChoice::changeEvent(QEvent* event) {
  QComboBox::changeEvent(event);
  if (input_ && event->type() == QEvent::EnabledChange) input_->setEnabled(isEnabled());
}

void RunChoice::show_source(const EncoderSource& source) {
  if (source.is_run()) return show_run(source.run);
  const QSignalBlocker quiet(this);
  setCurrentIndex(findData(QString::fromStdString(source.file.string())));
}

}  // namespace selfsight
