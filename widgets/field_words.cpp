#include "widgets/field_words.h"

#include <QCoreApplication>
#include <QHash>
#include <QLocale>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <optional>

#include "widgets/words.h"

namespace selfsight {
namespace {

struct FieldWords {
  Q_DECLARE_TR_FUNCTIONS(field_words)
};

const QHash<QString, const char*>& labels() {
  static const QHash<QString, const char*> table{
      {QStringLiteral("views.size"), QT_TRANSLATE_NOOP("field_words", "View size")},
      {QStringLiteral("views.test_size"), QT_TRANSLATE_NOOP("field_words", "Size when measured")},
      {QStringLiteral("views.crop_min"), QT_TRANSLATE_NOOP("field_words", "Smallest crop")},
      {QStringLiteral("views.crop_max"), QT_TRANSLATE_NOOP("field_words", "Largest crop")},
      {QStringLiteral("views.ratio_min"), QT_TRANSLATE_NOOP("field_words", "Narrowest crop")},
      {QStringLiteral("views.ratio_max"), QT_TRANSLATE_NOOP("field_words", "Widest crop")},
      {QStringLiteral("views.hflip"), QT_TRANSLATE_NOOP("field_words", "Horizontal flip")},
      {QStringLiteral("views.vflip"), QT_TRANSLATE_NOOP("field_words", "Vertical flip")},
      {QStringLiteral("views.jitter"), QT_TRANSLATE_NOOP("field_words", "Colour jitter")},
      {QStringLiteral("views.blur"), QT_TRANSLATE_NOOP("field_words", "Gaussian blur")},
      {QStringLiteral("views.sigma_min"), QT_TRANSLATE_NOOP("field_words", "Smallest blur")},
      {QStringLiteral("views.sigma_max"), QT_TRANSLATE_NOOP("field_words", "Largest blur")},
      {QStringLiteral("crops.crop_min"), QT_TRANSLATE_NOOP("field_words", "Smallest crop")},
      {QStringLiteral("crops.crop_max"), QT_TRANSLATE_NOOP("field_words", "Largest crop")},
      {QStringLiteral("finetune.crop_min"), QT_TRANSLATE_NOOP("field_words", "Smallest crop")},
      {QStringLiteral("second_view.own"), QT_TRANSLATE_NOOP("field_words", "Its own chances")},
      {QStringLiteral("views.blur_kind"), QT_TRANSLATE_NOOP("field_words", "Kind of blur")},
      {QStringLiteral("views.solarize_threshold"),
       QT_TRANSLATE_NOOP("field_words", "Solarize above")},
      {QStringLiteral("views.posterize_bits"), QT_TRANSLATE_NOOP("field_words", "Bits that stay")},
      {QStringLiteral("views.sharpness_factor"), QT_TRANSLATE_NOOP("field_words", "Sharpness")},
      {QStringLiteral("views.sharpness"), QT_TRANSLATE_NOOP("field_words", "Sharpen")},
      {QStringLiteral("mask.kind"), QT_TRANSLATE_NOOP("field_words", "Mask kind")},
      {QStringLiteral("mask.ratio"), QT_TRANSLATE_NOOP("field_words", "Mask ratio")},
      {QStringLiteral("data.path"), QT_TRANSLATE_NOOP("field_words", "Data")},
      {QStringLiteral("data.limit"), QT_TRANSLATE_NOOP("field_words", "Training images")},
      {QStringLiteral("method.name"), QT_TRANSLATE_NOOP("field_words", "Method")},
      {QStringLiteral("encoder.name"), QT_TRANSLATE_NOOP("field_words", "Encoder")},
      {QStringLiteral("optimiser.name"), QT_TRANSLATE_NOOP("field_words", "Optimiser")},
      {QStringLiteral("optimiser.lr"), QT_TRANSLATE_NOOP("field_words", "Learning rate")},
      {QStringLiteral("optimiser.beta1"), QT_TRANSLATE_NOOP("field_words", "Beta 1")},
      {QStringLiteral("optimiser.beta2"), QT_TRANSLATE_NOOP("field_words", "Beta 2")},
      {QStringLiteral("optimiser.eps"), QT_TRANSLATE_NOOP("field_words", "Epsilon")},
      {QStringLiteral("optimiser.warmup_epochs"), QT_TRANSLATE_NOOP("field_words", "Warm-up")},
      {QStringLiteral("optimiser.warmup_start_lr"), QT_TRANSLATE_NOOP("field_words", "First rate")},
      {QStringLiteral("optimiser.final_lr"), QT_TRANSLATE_NOOP("field_words", "Final rate")},
      {QStringLiteral("optimiser.weight_decay_schedule"),
       QT_TRANSLATE_NOOP("field_words", "Decay schedule")},
      {QStringLiteral("optimiser.weight_decay_end"),
       QT_TRANSLATE_NOOP("field_words", "Decay at the end")},
      {QStringLiteral("optimiser.exclude_bias_n_norm"),
       QT_TRANSLATE_NOOP("field_words", "Spare biases, norms")},
      {QStringLiteral("optimiser.lars_form"), QT_TRANSLATE_NOOP("field_words", "LARS form")},
      {QStringLiteral("optimiser.clip_lr"), QT_TRANSLATE_NOOP("field_words", "Clip as LARC")},
      {QStringLiteral("optimiser.clip_grad"), QT_TRANSLATE_NOOP("field_words", "Clip gradients")},
      {QStringLiteral("optimiser.accumulate_grad_batches"),
       QT_TRANSLATE_NOOP("field_words", "Accumulate, adds no negatives")},
      {QStringLiteral("train.batch_size"), QT_TRANSLATE_NOOP("field_words", "Batch size")},
      {QStringLiteral("finetune.lr"), QT_TRANSLATE_NOOP("field_words", "Learning rate")},
      {QStringLiteral("finetune.min_steps"), QT_TRANSLATE_NOOP("field_words", "Fewest steps")},
      {QStringLiteral("finetune.max_steps"), QT_TRANSLATE_NOOP("field_words", "Most steps")},
      {QStringLiteral("train.precision"), QT_TRANSLATE_NOOP("field_words", "Precision")},
      {QStringLiteral("encoder.width"), QT_TRANSLATE_NOOP("field_words", "Width")},
      {QStringLiteral("train.checkpoint_minutes"),
       QT_TRANSLATE_NOOP("field_words", "Checkpoint every")},
      {QStringLiteral("train.keep_checkpoints"),
       QT_TRANSLATE_NOOP("field_words", "Checkpoints kept")},
      {QStringLiteral("monitor.every_epochs"), QT_TRANSLATE_NOOP("field_words", "Measure every")},
      {QStringLiteral("monitor.k"), QT_TRANSLATE_NOOP("field_words", "kNN neighbours")},
      {QStringLiteral("monitor.temperature"), QT_TRANSLATE_NOOP("field_words", "kNN temperature")},
      {QStringLiteral("monitor.bank"), QT_TRANSLATE_NOOP("field_words", "kNN bank")},
      {QStringLiteral("monitor.queries"), QT_TRANSLATE_NOOP("field_words", "kNN queries")},
      {QStringLiteral("tsne.exaggeration_iterations"),
       QT_TRANSLATE_NOOP("field_words", "Exaggerated iterations")},
      {QStringLiteral("tsne.pca_components"),
       QT_TRANSLATE_NOOP("field_words", "Principal components")},
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

/// "views.blur · from 0 to 1 · default 0.5".
QString field_facts(const Field& field) {
  QStringList facts{QString::fromStdString(field.key)};
  if (finite(field.min) && finite(field.max))
    facts << FieldWords::tr("from %1 to %2").arg(number_text(field.min), number_text(field.max));
  else if (finite(field.min))
    facts << FieldWords::tr("at least %1").arg(number_text(field.min));
  const QString fallback = value_text(field.fallback);
  facts
      << FieldWords::tr("default %1").arg(fallback.isEmpty() ? FieldWords::tr("empty") : fallback);
  if (!field.unit.empty()) facts << core_words(field.unit);
  return facts.join(QStringLiteral(" · "));
}

/// “Smallest crop”, or “Size” under “Local crops” where others have a size as well.
QString quoted_label(const Field& field, const Schema& schema) {
  const QString label = field_label(field.key);
  const bool shared = std::ranges::any_of(schema, [&](const Field& other) {
    return other.key != field.key && field_label(other.key).contains(label, Qt::CaseInsensitive);
  });
  return shared ? FieldWords::tr("“%1” under “%2”")
                      .arg(label, group_label(field.key.substr(0, field.key.find('.'))))
                : FieldWords::tr("“%1”").arg(label);
}

}  // namespace

QString field_label(const std::string& key) {
  const QString whole = QString::fromStdString(key);
  if (const char* known = labels().value(whole)) return FieldWords::tr(known);
  QString word = whole.section(QLatin1Char('.'), -1).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!word.isEmpty()) word[0] = word.at(0).toUpper();
  return core_words(word.toStdString());
}

QString group_label(const std::string& prefix) {
  static const QHash<QString, const char*> table{
      {QStringLiteral("train"), QT_TRANSLATE_NOOP("field_words", "Training")},
      {QStringLiteral("finetune"), QT_TRANSLATE_NOOP("field_words", "Fine-tuning")},
      {QStringLiteral("linear"), QT_TRANSLATE_NOOP("field_words", "Linear probe")},
      {QStringLiteral("mask"), QT_TRANSLATE_NOOP("field_words", "Masks")},
      {QStringLiteral("crops"), QT_TRANSLATE_NOOP("field_words", "Local crops")},
      {QStringLiteral("second_view"), QT_TRANSLATE_NOOP("field_words", "Second view")},
      {QStringLiteral("region"), QT_TRANSLATE_NOOP("field_words", "Hidden region")},
      {QStringLiteral("monitor"), QT_TRANSLATE_NOOP("field_words", "Measuring")}};
  const QString key = QString::fromStdString(prefix);
  if (const char* found = table.value(key)) return FieldWords::tr(found);
  return core_words((key.left(1).toUpper() + key.mid(1)).toStdString());
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
  return core_words(sentence.replace(QLatin1Char('_'), QLatin1Char(' ')).toStdString());
}

QString with_encoder_labels(const QString& list) {
  QStringList words = list.split(QStringLiteral(", "));
  for (QString& word : words)
    if (const auto label = encoder_labels().constFind(word); label != encoder_labels().constEnd())
      word = *label;
  return words.join(QStringLiteral(", "));
}

QString with_labels(const QString& sentence, const Schema& schema) {
  // From a space to a space or the mark that ends a phrase: parts of longer names are no keys.
  static const QRegularExpression single(
      QStringLiteral(R"((?<![^\s(])[a-z][\w-]*(?:\.\w+)*(?=[.,;:)!?]*(?:\s|$)))"));
  QHash<QString, QString> labels_here;  // of the options that it names, and of their choices
  for (auto words = single.globalMatch(sentence); words.hasNext();) {
    const QString word = words.next().captured();
    const auto field = std::ranges::find(schema, word.toStdString(), &Field::key);
    if (field == schema.end()) continue;
    labels_here.insert(word, quoted_label(*field, schema));
    for (const std::string& choice : field->choices)
      labels_here.insert(QString::fromStdString(choice), choice_label(choice));
  }
  QString told;
  qsizetype end = 0;
  for (auto words = single.globalMatch(sentence); words.hasNext();) {
    const QRegularExpressionMatch word = words.next();
    const auto label = labels_here.constFind(word.captured());
    if (label == labels_here.constEnd()) continue;
    told += sentence.sliced(end, word.capturedStart() - end) + *label;
    end = word.capturedEnd();
  }
  return told + sentence.sliced(end);
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

QString field_help(const Field& field) {
  return core_words(field.help) + QStringLiteral("\n\n") + field_facts(field);
}

QString field_tooltip(const Field& field) {
  return QStringLiteral("<p>%1</p><p>%2</p>")
      .arg(core_words(field.help).toHtmlEscaped(), field_facts(field).toHtmlEscaped());
}

}  // namespace selfsight
