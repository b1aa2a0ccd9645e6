#include "app/places/evaluation_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "widgets/words.h"

namespace selfsight {
namespace {

struct EvaluationWords {
  Q_DECLARE_TR_FUNCTIONS(evaluation_words)
};

QString found_in(const std::map<std::string, const char*>& words, const std::string& key) {
  const auto found = words.find(key);
  return found == words.end() ? QString::fromStdString(key) : EvaluationWords::tr(found->second);
}

struct Row {
  const char* encoder;  // as the metric ends
  const char* name;
};
constexpr Row encoder_names[]{
    {"", QT_TRANSLATE_NOOP("evaluation_words", "Trained encoder")},
    {"_from_scratch", QT_TRANSLATE_NOOP("evaluation_words", "From scratch")},
    {"_random_encoder", QT_TRANSLATE_NOOP("evaluation_words", "Random encoder")},
    {"_raw_pixels", QT_TRANSLATE_NOOP("evaluation_words", "Raw pixels")}};

/// The classifier, and on what it was measured.
QString probe_words(const std::string& kind, const nlohmann::json& p) {
  const auto count = [&](const char* key) { return grouped_number(p.value(key, std::int64_t{0})); };
  const QString queries = count("query_images"), bank = count("bank_images");
  if (kind == "finetune")
    return EvaluationWords::tr(
               "the whole network trains on %1 images, %2 steps of %3, a fixed schedule · %4 test "
               "images")
        .arg(bank, count("steps"), count("images_per_step"), queries);
  if (kind == "linear" && p.value("solver", "lbfgs") == "sgd")
    return EvaluationWords::tr(
               "a linear head by SGD on %1 standardised training images · %2 test images · "
               "learning "
               "rate %3, chosen on the validation split")
        .arg(bank, queries)
        .arg(p.value("lr", 0.0), 0, 'g', 3);
  if (kind == "linear")
    return EvaluationWords::tr(
               "logistic regression on %1 standardised training images · %2 test images · L2 %3 "
               "per image, chosen on the validation split")
        .arg(bank, queries)
        .arg(p.value("l2_per_image", 0.0), 0, 'g', 3);
  if (kind == "retrieval")
    return EvaluationWords::tr(
               "the whole bank of %1 training images sorted for each of %2 test images · cosine")
        .arg(bank, queries);
  if (kind == "health")
    return EvaluationWords::tr("%1 %2 images, %3 augmented views of each")
        .arg(count("images"), QString::fromStdString(p.value("split", "")), count("views"));
  return EvaluationWords::tr("k %1 · T %2%3 · %4 test images against %5 training images · cosine")
      .arg(p.value("k", 0))
      .arg(p.value("temperature", 0.0))
      .arg(p.contains("k_and_temperature") ? EvaluationWords::tr(", chosen on the validation split")
                                           : QString(),
           queries, bank);
}

}  // namespace

QString kind_words(const std::string& kind) {
  static const std::map<std::string, const char*> words{
      {"knn", QT_TRANSLATE_NOOP("evaluation_words", "kNN")},
      {"linear", QT_TRANSLATE_NOOP("evaluation_words", "Linear probe")},
      {"finetune", QT_TRANSLATE_NOOP("evaluation_words", "Fine-tune")},
      {"labels", QT_TRANSLATE_NOOP("evaluation_words", "Label efficiency")},
      {"retrieval", QT_TRANSLATE_NOOP("evaluation_words", "Retrieval mAP")},
      {"health", QT_TRANSLATE_NOOP("evaluation_words", "Health")},
      {"clusters", QT_TRANSLATE_NOOP("evaluation_words", "Clusters")}};
  return found_in(words, kind);
}

QString metric_words(const std::string& metric) {
  static const std::map<std::string, const char*> words{
      {"rank_me", QT_TRANSLATE_NOOP("evaluation_words", "RankMe")},
      {"effective_rank", QT_TRANSLATE_NOOP("evaluation_words", "effective rank")},
      {"alpha_req", QT_TRANSLATE_NOOP("evaluation_words", "alpha-ReQ")},
      {"lidar", QT_TRANSLATE_NOOP("evaluation_words", "LiDAR")},
      {"feature_std", QT_TRANSLATE_NOOP("evaluation_words", "feature std")},
      {"nmi", QT_TRANSLATE_NOOP("evaluation_words", "NMI")}};
  return found_in(words, metric);
}

QString value_words(const std::string& kind, double value) {
  return kind == "health" ? number_words(value) : percent_words(value, 1);
}

QString epoch_words(double epoch) {
  return EvaluationWords::tr("epoch %1").arg(number_words(std::round(100 * epoch) / 100));
}

QString empty_words(const std::string& kind) {
  if (kind == "linear")
    return EvaluationWords::tr(
        "A linear probe learns one weight per feature and class from the labelled training "
        "images, and leaves the encoder as it is.");
  if (kind == "finetune")
    return EvaluationWords::tr(
        "Fine-tuning trains the whole encoder on the labelled images, beside the same network "
        "from scratch.");
  if (kind == "labels")
    return EvaluationWords::tr(
        "Here you will see how accuracy grows with the number of labels, beside the same network "
        "from scratch, a random encoder and raw pixels.");
  if (kind == "retrieval")
    return EvaluationWords::tr(
        "Each test image sorts all training images by likeness. The mean average precision says "
        "how early those of its own class come.");
  if (kind == "health")
    return EvaluationWords::tr(
        "Health needs no labels: in how many directions the features spread, and how near the "
        "views of one image stay to each other.");
  return EvaluationWords::tr(
      "kNN classifies each test image by the training images nearest to it in feature space. "
      "Nothing is trained on the labels.");
}

QString protocol_words(const std::string& kind, const std::string& protocol) {
  const auto p = nlohmann::json::parse(protocol, nullptr, false);
  if (!p.is_object()) return {};
  QStringList words{probe_words(kind, p), EvaluationWords::tr("clean views, eval mode")};
  if (p.contains("encoder_file"))
    words << QString::fromStdString(p.value("encoder_file", std::string()));
  else if (p.contains("checkpoint_epoch"))
    words << epoch_words(p.value("checkpoint_epoch", 0.0));
  if (const std::string dataset = p.value("dataset", ""); !dataset.empty())
    words.prepend(QString::fromStdString(dataset));
  return words.join(QStringLiteral(" · "));
}

Confusion kept_confusion(const std::string& protocol) {
  const auto p = nlohmann::json::parse(protocol, nullptr, false);
  if (!p.is_object() || !p.contains("confusion")) return {};
  try {
    Confusion out;
    p.at("confusion").get_to(out.counts);
    for (const std::string& name : p.at("class_names").get<std::vector<std::string>>())
      out.names << QString::fromStdString(name);
    for (const auto& row : out.counts)
      if (row.size() != out.counts.size()) return {};
    return out;
  } catch (const nlohmann::json::exception&) {
    return {};  // of another program
  }
}

HealthPicture kept_health(const std::string& protocol) {
  const auto p = nlohmann::json::parse(protocol, nullptr, false);
  if (!p.is_object() || !p.contains("picture")) return {};
  try {
    const auto& kept = p.at("picture");
    HealthPicture out{core_words(kept.at("verdict").get<std::string>()),
                      kept.at("dimensions").get<std::int64_t>(),
                      kept.at("spectrum").get<std::vector<double>>(),
                      {}};
    const auto rows = kept.at("correlation").get<std::vector<std::vector<float>>>();
    for (const auto& row : rows) {
      if (row.size() != rows.size()) return {};
      out.correlation.insert(out.correlation.end(), row.begin(), row.end());
    }
    return static_cast<std::int64_t>(rows.size()) <= out.dimensions ? out : HealthPicture{};
  } catch (const nlohmann::json::exception&) {
    return {};  // of another program
  }
}

std::string measure_of(const std::string& kind) {
  return kind == "retrieval" ? "map" : "accuracy";
}

QList<QPair<QString, QString>> evaluation_facts(const std::string& kind,
                                                const std::map<std::string, double>& values) {
  QList<QPair<QString, QString>> facts;
  if (kind == "health")
    for (const auto& [metric, value] : values)
      facts.append({metric_words(metric), value_words(kind, value)});
  else
    for (const Row& row : encoder_names)
      if (const auto value = values.find(measure_of(kind) + row.encoder); value != values.end())
        facts.append({EvaluationWords::tr(row.name), value_words(kind, value->second)});
  return facts;
}

QString verdict_words(const std::string& kind, const std::map<std::string, double>& values) {
  const auto at = [&](const char* encoder) { return values.find(measure_of(kind) + encoder); };
  const auto trained = at(""), random = at("_random_encoder"), pixels = at("_raw_pixels"),
             scratch = at("_from_scratch");
  if (trained == values.end()) return {};
  QString words = (kind == "retrieval"
                       ? EvaluationWords::tr("The trained encoder's mean average precision is %1")
                       : EvaluationWords::tr("The trained encoder is right %1 of the time"))
                      .arg(percent_words(trained->second, 1));
  if (scratch != values.end())
    return words + EvaluationWords::tr("; the same network from scratch %1.")
                       .arg(percent_words(scratch->second, 1));
  if (random == values.end() || pixels == values.end()) return words + QLatin1Char('.');
  words += EvaluationWords::tr("; the same network with random weights %1, raw pixels %2.")
               .arg(percent_words(random->second, 1), percent_words(pixels->second, 1));
  if (trained->second <= random->second)
    words += EvaluationWords::tr(" Training has not made it better yet.");
  else if (trained->second <= pixels->second)
    words += EvaluationWords::tr(" It has learnt, but the pixels alone do as well or better.");
  return words;
}

bool worth_having(const std::string& kind, const std::map<std::string, double>& values) {
  const auto at = [&](const char* encoder) {
    const auto found = values.find(measure_of(kind) + encoder);
    return found == values.end() ? 0 : found->second;
  };
  return at("") > std::max({at("_random_encoder"), at("_raw_pixels"), at("_from_scratch")});
}

}  // namespace selfsight
