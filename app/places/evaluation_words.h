// What was measured of an encoder, as a person reads it.
#pragma once

#include <QList>
#include <QPair>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace selfsight {

/// "kNN", "Retrieval mAP", "Health": of an Evaluation's kind.
QString kind_words(const std::string& kind);
/// "RankMe", "purity": of a metric of health or clusters.
QString metric_words(const std::string& metric);
/// Health is in numbers of its own, all else is a part of one: "35.2", "71.0 %".
QString value_words(const std::string& kind, double value);
/// "epoch 12.35": two decimals at most.
QString epoch_words(double epoch);

/// What this kind measures, before anything is.
QString empty_words(const std::string& kind);
/// How it was measured; empty for a protocol that cannot be read.
QString protocol_words(const std::string& kind, const std::string& protocol);
/// Which class was taken for which, as a protocol keeps it; empty where it does not.
struct Confusion {
  QStringList names;
  std::vector<std::vector<std::int64_t>> counts;  // [true][predicted]
};
Confusion kept_confusion(const std::string& protocol);

/// What is seen of an encoder's health, as the protocol of its effective rank keeps it; without a
/// spectrum where none does.
struct HealthPicture {
  QString verdict;
  std::int64_t dimensions = 0;     // of the features
  std::vector<double> spectrum;    // the largest singular values
  std::vector<float> correlation;  // of two views, as means of blocks; may be empty
};
HealthPicture kept_health(const std::string& protocol);

/// What a probe of this kind is a number of: "accuracy", or "map" of retrieval.
std::string measure_of(const std::string& kind);
/// The newest value of each metric, as (encoder, value) of a probe or (metric, value) of health.
QList<QPair<QString, QString>> evaluation_facts(const std::string& kind,
                                                const std::map<std::string, double>& values);
/// What the values of a probe say beside what costs nothing; empty without the trained encoder's.
QString verdict_words(const std::string& kind, const std::map<std::string, double>& values);
/// Better than what costs nothing.
bool worth_having(const std::string& kind, const std::map<std::string, double>& values);

}  // namespace selfsight
