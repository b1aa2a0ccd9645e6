#include "widgets/field_words.h"

#include <QCoreApplication>
#include <QHash>
#include <QLocale>
#include <QStringList>
#include <cmath>
#include <optional>

namespace selfsight {
namespace {

QString words(const char* text) {
  return QCoreApplication::translate("field_words", text);
}

const QHash<QString, const char*>& labels() {
  static const QHash<QString, const char*> table{
      {QStringLiteral("views.size"), "View size"},
      {QStringLiteral("views.crop_min"), "Smallest crop"},
      {QStringLiteral("views.crop_max"), "Largest crop"},
      {QStringLiteral("views.ratio_min"), "Narrowest crop"},
      {QStringLiteral("views.ratio_max"), "Widest crop"},
      {QStringLiteral("views.hflip"), "Horizontal flip"},
      {QStringLiteral("views.vflip"), "Vertical flip"},
      {QStringLiteral("views.jitter"), "Colour jitter"},
      {QStringLiteral("views.blur"), "Gaussian blur"},
      {QStringLiteral("views.sigma_min"), "Smallest blur"},
      {QStringLiteral("views.sigma_max"), "Largest blur"},
      {QStringLiteral("second_view.own"), "Its own chances"},
      {QStringLiteral("views.blur_kind"), "Kind of blur"},
      {QStringLiteral("views.solarize_threshold"), "Solarize above"},
      {QStringLiteral("views.posterize_bits"), "Bits that stay"},
      {QStringLiteral("views.sharpness_factor"), "Sharpness"},
      {QStringLiteral("views.sharpness"), "Sharpen"},
      {QStringLiteral("mask.kind"), "Mask kind"},
      {QStringLiteral("mask.ratio"), "Mask ratio"},
      {QStringLiteral("data.path"), "Data"},
      {QStringLiteral("data.limit"), "Training images"},
      {QStringLiteral("method.name"), "Method"},
      {QStringLiteral("encoder.name"), "Encoder"},
      {QStringLiteral("optimiser.name"), "Optimiser"},
      {QStringLiteral("optimiser.lr"), "Learning rate"},
      {QStringLiteral("optimiser.beta1"), "Beta 1"},
      {QStringLiteral("optimiser.beta2"), "Beta 2"},
      {QStringLiteral("optimiser.eps"), "Epsilon"},
      {QStringLiteral("optimiser.warmup_epochs"), "Warm-up"},
      {QStringLiteral("optimiser.warmup_start_lr"), "First rate"},
      {QStringLiteral("optimiser.final_lr"), "Final rate"},
      {QStringLiteral("optimiser.weight_decay_schedule"), "Decay schedule"},
      {QStringLiteral("optimiser.weight_decay_end"), "Decay at the end"},
      {QStringLiteral("optimiser.exclude_bias_n_norm"), "Spare biases, norms"},
      {QStringLiteral("optimiser.lars_form"), "LARS form"},
      {QStringLiteral("optimiser.clip_lr"), "Clip as LARC"},
      {QStringLiteral("optimiser.clip_grad"), "Clip gradients"},
      {QStringLiteral("optimiser.accumulate_grad_batches"), "Accumulate, adds no negatives"},
      {QStringLiteral("train.batch_size"), "Batch size"},
      {QStringLiteral("train.checkpoint_minutes"), "Checkpoint every"},
      {QStringLiteral("train.keep_checkpoints"), "Checkpoints kept"},
      {QStringLiteral("monitor.every_epochs"), "Measure every"},
      {QStringLiteral("monitor.k"), "kNN neighbours"},
      {QStringLiteral("monitor.temperature"), "kNN temperature"},
      {QStringLiteral("monitor.bank"), "kNN bank"},
      {QStringLiteral("monitor.queries"), "kNN queries"},
  };
  return table;
}

const QHash<QString, QString>& encoder_labels() {
  static const QHash<QString, QString> table{
      {QStringLiteral("resnet18"), QStringLiteral("ResNet-18")},
      {QStringLiteral("resnet34"), QStringLiteral("ResNet-34")},
      {QStringLiteral("resnet50"), QStringLiteral("ResNet-50")},
      {QStringLiteral("resnet20"), QStringLiteral("ResNet-20")},
      {QStringLiteral("resnet8"), QStringLiteral("ResNet-8")},
      {QStringLiteral("vit_tiny"), QStringLiteral("ViT-Tiny")},
      {QStringLiteral("vit_small"), QStringLiteral("ViT-Small")},
      {QStringLiteral("vit_base"), QStringLiteral("ViT-Base")},
  };
  return table;
}

bool finite(double value) {
  return std::isfinite(value);
}

/// All its digits without a power of ten, where that is not longer than a person reads at a glance.
std::optional<QString> plain_text(double number) {
  const double size = std::abs(number);
  if (number != 0 && !(size >= 1e-7 && size < 1e9)) return std::nullopt;
  return QString::number(number, 'f', QLocale::FloatingPointShortest);
}

}  // namespace

QString field_label(const std::string& key) {
  const QString whole = QString::fromStdString(key);
  if (const char* known = labels().value(whole)) return words(known);
  QString word = whole.section(QLatin1Char('.'), -1).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!word.isEmpty()) word[0] = word.at(0).toUpper();
  return word;
}

QString group_label(const std::string& prefix) {
  static const QHash<QString, const char*> table{
      {QStringLiteral("train"), "Training"},       {QStringLiteral("mask"), "Masks"},
      {QStringLiteral("crops"), "Local crops"},    {QStringLiteral("second_view"), "Second view"},
      {QStringLiteral("region"), "Hidden region"}, {QStringLiteral("monitor"), "Measuring"}};
  const QString key = QString::fromStdString(prefix);
  if (const char* found = table.value(key)) return words(found);
  return key.left(1).toUpper() + key.mid(1);
}

QString choice_label(const std::string& choice) {
  static const QHash<QString, QString> table{
      {QStringLiteral("simclr"), QStringLiteral("SimCLR")},
      {QStringLiteral("mae"), QStringLiteral("MAE")},
      {QStringLiteral("sgd"), QStringLiteral("SGD")},
      {QStringLiteral("lars"), QStringLiteral("LARS")},
      {QStringLiteral("adamw"), QStringLiteral("AdamW")},
      {QStringLiteral("nt_xent"), QStringLiteral("NT-Xent")},
      {QStringLiteral("dcl"), QStringLiteral("DCL")},
      {QStringLiteral("dclw"), QStringLiteral("DCLW")},
      {QStringLiteral("barnes-hut"), QStringLiteral("Barnes-Hut")},
      {QStringLiteral("cpu"), QStringLiteral("CPU")},
      {QStringLiteral("cuda"), QStringLiteral("CUDA")},
      {QStringLiteral("imagenet"), QStringLiteral("ImageNet")},
      {QStringLiteral("cifar"), QStringLiteral("CIFAR")},
  };
  const QString text = QString::fromStdString(choice);
  if (const auto encoder = encoder_labels().constFind(text); encoder != encoder_labels().constEnd())
    return *encoder;
  if (const auto found = table.constFind(text); found != table.constEnd()) return *found;
  QString sentence = text;
  if (!sentence.isEmpty()) sentence[0] = sentence.at(0).toUpper();
  return sentence.replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString with_encoder_labels(const QString& list) {
  QStringList words = list.split(QStringLiteral(", "));
  for (QString& word : words)
    if (const auto label = encoder_labels().constFind(word); label != encoder_labels().constEnd())
      word = *label;
  return words.join(QStringLiteral(", "));
}

QString number_text(double value) {
  const QString rounded = QString::number(value, 'g', 6);
  return plain_text(rounded.toDouble()).value_or(rounded);
}

QString value_text(const Value& value) {
  const auto text = [](double number) {
    return plain_text(number).value_or(QString::fromStdString(to_text(number)));
  };
  if (const auto* number = std::get_if<double>(&value)) return text(*number);
  const auto* list = std::get_if<std::vector<double>>(&value);
  if (!list) return QString::fromStdString(to_text(value));
  QStringList words;
  for (const double number : *list) words << text(number);
  return words.join(QStringLiteral(", "));
}

QString field_tooltip(const Field& field) {
  QStringList facts;
  if (finite(field.min) && finite(field.max))
    facts << words("from %1 to %2").arg(number_text(field.min), number_text(field.max));
  facts << words("default %1").arg(value_text(field.fallback));
  if (!field.unit.empty()) facts << QString::fromStdString(field.unit);
  // Rich text, so that a long help is broken into lines.
  return QStringLiteral("<p>%1</p><p>%2 · %3</p>")
      .arg(QString::fromStdString(field.help).toHtmlEscaped(),
           QString::fromStdString(field.key).toHtmlEscaped(),
           facts.join(QStringLiteral(" · ")).toHtmlEscaped());
}

}  // namespace selfsight
