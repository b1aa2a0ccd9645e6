#include "app/places/encoder_input.h"

#include <QCryptographicHash>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <cmath>

#include "app/kept_settings.h"
#include "core/base/error.h"
#include "core/nets/encoder_file.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/popover.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int smallest_input = 8, largest_input = 1024;  // px, as the command line has it

QString file_key(const QString& file) {
  const auto hash = QCryptographicHash::hash(file.toUtf8(), QCryptographicHash::Sha1);
  return QStringLiteral("encoder_inputs/%1").arg(QString::fromLatin1(hash.toHex().left(16)));
}

std::vector<double> numbers_of(const QString& typed, const QString& wrong) {
  std::vector<double> out;
  for (const QString& part : typed.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
    bool number = false;
    out.push_back(part.trimmed().toDouble(&number));
    if (!number || !std::isfinite(out.back())) throw InputError(wrong.toStdString());
  }
  return out;
}

QString list_words(const std::vector<double>& numbers) {
  return numbers.empty() ? QString() : value_text(Value(numbers));
}

QString input_words(std::int64_t size) {
  return size == 0 ? QString() : QString::number(size);
}

}  // namespace

EncoderInput typed_input(const QString& size, const QString& mean, const QString& std) {
  EncoderInput out;
  if (!size.trimmed().isEmpty()) {
    bool number = false;
    out.size = size.trimmed().toInt(&number);
    if (!number || out.size < smallest_input || out.size > largest_input)
      throw InputError(EncoderInputField::tr("The size is a whole number from %1 to %2.")
                           .arg(smallest_input)
                           .arg(largest_input)
                           .toStdString());
  }
  const QString wrong = EncoderInputField::tr(
      "The mean and the deviation are numbers with commas between them, one for each channel.");
  out.mean = numbers_of(mean, wrong);
  out.std = numbers_of(std, wrong);
  if (out.mean.size() != out.std.size())
    throw InputError(
        EncoderInputField::tr("The mean and the deviation need as many numbers as each other.")
            .toStdString());
  for (const double deviation : out.std)
    if (!(deviation > 0))
      throw InputError(EncoderInputField::tr("Deviations are above 0.").toStdString());
  return out;
}

EncoderInputField::EncoderInputField(QWidget* parent)
    : QPushButton(parent), looking_(new Latest<EncoderInput>(this)), fields_(new Popover(this)) {
  setObjectName(QStringLiteral("encoder_input"));
  setAccessibleName(tr("What the encoder is shown"));
  setProperty("kind", QStringLiteral("chip"));
  setCursor(Qt::PointingHandCursor);
  setToolTip(
      tr("The file does not say how large its images are, or how their pixels are normalised"));
  build_fields();
  hide();
  connect(this, &QPushButton::clicked, this, &EncoderInputField::open);
}

void EncoderInputField::build_fields() {
  fields_->setObjectName(QStringLiteral("encoder_input_fields"));
  fields_->setAccessibleName(accessibleName());
  fields_->setFixedWidth(340);
  fields_->body()->addWidget(label(tr("What the encoder is shown"), Voice::heading, fields_));
  fields_->body()->addWidget(
      paragraph(tr("The file is silent on some of this. Numbers are right only for the images that "
                   "the network was trained on: their size, and their mean and deviation."),
                Voice::soft, fields_));
  auto* form = new QFormLayout;
  const auto add = [&](const QString& words, const char* name, const QString& tip) {
    auto* line = new QLineEdit(fields_);
    line->setObjectName(QString::fromLatin1(name));
    line->setAccessibleName(words);
    line->setToolTip(tip);
    form->addRow(words, line);
    connect(line, &QLineEdit::returnPressed, this, &EncoderInputField::take);
    return line;
  };
  size_ = add(tr("Size, px"), "encoder_size", {});
  mean_ = add(tr("Mean"), "encoder_mean",
              tr("What is subtracted from pixels in [0, 1], one number for each channel"));
  std_ = add(tr("Deviation"), "encoder_std", tr("What they are divided by then"));
  fields_->body()->addLayout(form);
  wrong_ = paragraph({}, Voice::verdict, fields_);
  wrong_->setObjectName(QStringLiteral("encoder_input_wrong"));
  set_mood(wrong_, Mood::warn);
  wrong_->hide();
  fields_->body()->addWidget(wrong_);
  auto* use = button(tr("Show it these"), QStringLiteral("encoder_input_use"), ButtonKind::primary,
                     fields_);
  fields_->body()->addWidget(use, 0, Qt::AlignLeft);
  connect(use, &QPushButton::clicked, this, &EncoderInputField::take);
}

void EncoderInputField::set_file(const QString& file) {
  if (file != file_) {
    file_ = file;
    told_.reset();
    hide();
    if (!file.isEmpty()) look_into();
  }
  show_words();
}

/// Opening a graph takes a while.
void EncoderInputField::look_into() {
  looking_->ask([file = file_.toStdString()](Control&) { return told_input(file); },
                [this, file = file_](const EncoderInput& told) {
                  if (file != file_) return;
                  told_ = told;
                  show_words();
                });
}

EncoderInput EncoderInputField::input() const {
  if (file_.isEmpty()) return {};
  const QStringList kept = KeptSettings().value(file_key(file_)).toStringList();
  if (kept.size() != 3) return {};
  try {
    return typed_input(kept[0], kept[1], kept[2]);
  } catch (const InputError&) {
    return {};
  }
}

void EncoderInputField::show_words() {
  setVisible(told_ && (told_->size == 0 || told_->mean.empty()));
  if (!told_) return;
  const EncoderInput own = input();
  const EncoderFile usual;
  const std::int64_t size = own.size ? own.size : told_->size ? told_->size : usual.view_size;
  const QString by = !own.mean.empty()      ? tr("own mean")
                     : !told_->mean.empty() ? tr("the file’s mean")
                                            : tr("ImageNet’s mean");
  setText(tr("%1 px · %2").arg(size).arg(by));
}

void EncoderInputField::open() {
  const EncoderInput own = input();
  const EncoderFile usual;
  const std::int64_t fixed = told_ ? told_->size : 0;
  size_->setText(input_words(fixed ? 0 : own.size));
  size_->setPlaceholderText(input_words(fixed ? fixed : usual.view_size));
  size_->setEnabled(!fixed);
  size_->setToolTip(fixed ? tr("The network takes images of this size only")
                          : tr("Side of the images"));
  mean_->setText(list_words(own.mean));
  mean_->setPlaceholderText(list_words(usual.mean));
  std_->setText(list_words(own.std));
  std_->setPlaceholderText(list_words(usual.std));
  wrong_->hide();
  fields_->show_at(this);
  (fixed ? mean_ : size_)->setFocus();
}

void EncoderInputField::take() {
  EncoderInput typed;
  try {
    typed = typed_input(size_->text(), mean_->text(), std_->text());
  } catch (const InputError& error) {
    wrong_->setText(core_words(error.what()));
    wrong_->show();
    fields_->adjustSize();
    return;
  }
  KeptSettings().setValue(
      file_key(file_),
      QStringList{input_words(typed.size), list_words(typed.mean), list_words(typed.std)});
  fields_->close();
  show_words();
  Q_EMIT input_changed();
}

}  // namespace selfsight
