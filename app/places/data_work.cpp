#include "app/places/data_work.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <algorithm>

#include "widgets/picture.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr qint64 scroll_patience_ms = 100;

struct DataWords {
  Q_DECLARE_TR_FUNCTIONS(data_work)
};

QString numbers(const std::vector<double>& values) {
  QStringList texts;
  for (const double value : values) texts << QString::number(value, 'f', 3);
  return texts.join(QLatin1Char(' '));
}

QString word_of_split(Split split) {
  switch (split) {
    case Split::train:
      return DataWords::tr("train");
    case Split::validation:
      return DataWords::tr("validation");
    case Split::test:
      return DataWords::tr("test");
  }
  return {};
}

QString size_fact(const DatasetStatistics& s) {
  const QString smallest = QStringLiteral("%1×%2").arg(s.min_width).arg(s.min_height);
  if (s.min_width == s.max_width && s.min_height == s.max_height)
    return DataWords::tr("%1, all").arg(smallest);
  return DataWords::tr("%1 to %2×%3").arg(smallest).arg(s.max_width).arg(s.max_height);
}

}  // namespace

QString label_name(const Dataset& dataset, std::int64_t id) {
  const int label = dataset.label(id);
  if (label < 0) return {};
  return QString::fromStdString(dataset.classes()[static_cast<std::size_t>(label)]);
}

QString image_caption(const Dataset& dataset, std::int64_t id) {
  const QString name = QString::fromStdString(dataset.image_name(id));
  const QString label = label_name(dataset, id);
  return label.isEmpty() ? name : name + QStringLiteral(" · ") + label;
}

std::vector<std::int64_t> filtered_images(const Dataset& dataset, const QString& text,
                                          bool by_label) {
  const QString wanted = text.trimmed();
  std::vector<bool> label_matches;
  for (const std::string& name : dataset.classes())
    label_matches.push_back(QString::fromStdString(name).contains(wanted, Qt::CaseInsensitive));
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 0; id < dataset.size(); ++id) {
    const int label = dataset.label(id);
    const bool match =
        wanted.isEmpty() || (label >= 0 && label_matches[static_cast<std::size_t>(label)]) ||
        QString::fromStdString(dataset.image_name(id)).contains(wanted, Qt::CaseInsensitive);
    if (match) ids.push_back(id);
  }
  if (by_label)
    std::ranges::stable_sort(ids, {}, [&](std::int64_t id) { return dataset.label(id); });
  return ids;
}

QList<Thumbnail> thumbnails_of(const Dataset& dataset, const QList<qint64>& ids, int pixels) {
  QElapsedTimer timer;
  timer.start();
  QList<Thumbnail> done;
  for (const qint64 id : ids) {
    QImage image;
    try {
      image = to_thumbnail(dataset.reduced_image(id, pixels), pixels);
    } catch (const ImageError&) {
      // Null: the grid marks it, and the card of broken files says why.
    }
    done.append({id, image});
    if (timer.elapsed() > scroll_patience_ms) break;
  }
  return done;
}

QString told_of(const Dataset& dataset, std::int64_t id) {
  QStringList lines;
  for (std::size_t column = 0; column < dataset.columns().size(); ++column)
    if (const std::string cell = dataset.cell(id, column); !cell.empty())
      lines << QStringLiteral("%1: %2").arg(QString::fromStdString(dataset.columns()[column]),
                                            QString::fromStdString(cell));
  return lines.join(QLatin1Char('\n'));
}

LargerImage larger_image(const Dataset& dataset, qint64 id, int pixels) {
  LargerImage larger{.id = id,
                     .image = {},
                     .name = QString::fromStdString(dataset.image_name(id)),
                     .label = label_name(dataset, id),
                     .split = word_of_split(dataset.split(id)),
                     .size = {},
                     .told = told_of(dataset, id),
                     .reason = {}};
  try {
    const cv::Mat image = dataset.image(id);
    larger.image = to_thumbnail(image, pixels);
    larger.size = QStringLiteral("%1×%2").arg(image.cols).arg(image.rows);
  } catch (const ImageError& error) {
    larger.reason = core_words(error.what());
  }
  return larger;
}

QList<QPair<QString, QString>> dataset_facts(const Dataset& dataset,
                                             const std::optional<DatasetStatistics>& statistics,
                                             bool measuring) {
  const bool measured = statistics && statistics->measured > 0;
  const QString waiting = statistics  ? DataWords::tr("not known")
                          : measuring ? QStringLiteral("…")
                                      : QStringLiteral("–");
  const auto split = [&](Split s) {
    return grouped_number(static_cast<std::int64_t>(dataset.indices(s).size()));
  };
  QList<QPair<QString, QString>> facts;
  facts.append({DataWords::tr("Images"), grouped_number(dataset.size())});
  facts.append({DataWords::tr("Size"), measured ? size_fact(*statistics) : waiting});
  facts.append({DataWords::tr("Channels"),
                dataset.channels() == 1   ? DataWords::tr("1, grey")
                : dataset.channels() == 3 ? DataWords::tr("3, colour")
                                          : DataWords::tr("%1 bands").arg(dataset.channels())});
  facts.append({DataWords::tr("Mean"), measured ? numbers(statistics->mean) : waiting});
  facts.append({DataWords::tr("Std"), measured ? numbers(statistics->std) : waiting});
  facts.append({DataWords::tr("Train / val. / test"),
                QStringLiteral("%1 / %2 / %3")
                    .arg(split(Split::train), split(Split::validation), split(Split::test))});
  facts.append({DataWords::tr("Labels"),
                dataset.labelled()
                    ? DataWords::tr("%1, only to evaluate").arg(dataset.classes().size())
                    : DataWords::tr("none")});
  return facts;
}

}  // namespace selfsight
