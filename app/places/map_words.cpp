#include "app/places/map_words.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>

#include "app/places/evaluation_words.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

struct MapWords {
  Q_DECLARE_TR_FUNCTIONS(map_words)
};

/// As splits_words() in app/jobs put it.
QString split_words(const nlohmann::json& protocol) {
  const std::string splits = protocol.value("splits", std::string());
  return splits == "train"        ? MapWords::tr("training images")
         : splits == "validation" ? MapWords::tr("validation images")
         : splits == "test"       ? MapWords::tr("test images")
         : splits == "train, validation and test"
             ? MapWords::tr("images")
             : MapWords::tr("images of the validation and test splits");
}

}  // namespace

nlohmann::json protocol_of(const StoredMap& map) {
  auto protocol = nlohmann::json::parse(map.protocol, nullptr, false);
  return protocol.is_object() ? protocol : nlohmann::json::object();
}

EmptyWords no_encoder_words() {
  return {
      MapWords::tr("No encoder yet"),
      MapWords::tr("Here you will see your images laid out by what an encoder makes of them: like "
                   "beside like."),
      MapWords::tr("Go to Pretrain")};
}

EmptyWords other_images_words(const QString& own, const QString& open) {
  const QString trained = MapWords::tr("This run was trained on %1.").arg(own);
  if (open.isEmpty())
    return {MapWords::tr("No images are open"), trained, MapWords::tr("Open them")};
  return {MapWords::tr("Other images are open"),
          trained + QLatin1Char(' ') +
              MapWords::tr("Map lays out those of %1 instead, as its encoder sees them.").arg(open),
          MapWords::tr("Open its own images")};
}

EmptyWords changed_images_words(const QString& name) {
  return {MapWords::tr("The images have changed"),
          MapWords::tr("Those of %1 are others than this run was trained on. Map lays out what is "
                       "there now, as its encoder sees them.")
              .arg(name),
          MapWords::tr("Map them")};
}

EmptyWords no_images_words() {
  return {MapWords::tr("No images are open"),
          MapWords::tr("Open the images that this encoder is to look at."),
          MapWords::tr("Go to Data")};
}

EmptyWords no_map_words(const EncoderSource& source, bool over_epochs) {
  if (over_epochs)
    return {MapWords::tr("Not mapped yet"),
            MapWords::tr(
                "Each checkpoint of this run is laid out over the one before it: an image stays "
                "where it was unless the encoder sees it otherwise."),
            MapWords::tr("Map its checkpoints")};
  const QString text = MapWords::tr(
      "A map takes the features of a few thousand images and lays them out: like beside like.");
  if (source.is_run()) return {MapWords::tr("Not mapped yet"), text, MapWords::tr("Map this run")};
  return {MapWords::tr("Not mapped yet"),
          text + QLatin1Char(' ') +
              MapWords::tr("The map of an encoder from a file is shown, and not stored."),
          MapWords::tr("Map this encoder")};
}

QString no_epochs_words(const EncoderSource& source) {
  if (!source.is_run()) return MapWords::tr("An encoder from a file has no epochs to play.");
  return MapWords::tr(
      "This run has kept one checkpoint only. Keep more of them (Checkpoints kept, in Pretrain) to "
      "see how a map comes about.");
}

QString map_words(const StoredMap& map) {
  const auto protocol = protocol_of(map);
  QStringList words;
  if (map.method == "tsne") words << MapWords::tr("perplexity %1").arg(perplexity_of(map));
  if (protocol.contains("kl"))
    words << MapWords::tr("KL %1").arg(protocol.value("kl", 0.0), 0, 'f', 3);
  if (protocol.contains("explained_ratio")) {
    QStringList parts;  // of each axis
    for (const auto& part : protocol.at("explained_ratio")) parts << percent_words(part, 1);
    words << MapWords::tr("variance explained %1").arg(parts.join(QStringLiteral(" + ")));
  }
  if (protocol.contains("of_iterations"))
    words << MapWords::tr("stopped after %1 of %2 iterations")
                 .arg(protocol.value("iterations", std::int64_t{0}))
                 .arg(protocol.value("of_iterations", std::int64_t{0}));
  if (protocol.contains("encoder_file"))
    words << MapWords::tr("%1, not stored")
                 .arg(QString::fromStdString(protocol.value("encoder_file", std::string())));
  else
    words << epoch_words(protocol.value("checkpoint_epoch", 0.0));
  return words.join(QStringLiteral(" · "));
}

QString mapped_words(const StoredMap& map) {
  const auto protocol = protocol_of(map);
  const auto images = protocol.value("images", std::int64_t{0});
  const auto all = protocol.value("of", std::int64_t{0});
  if (images == all)
    return MapWords::tr("All %1 %2").arg(grouped_number(all), split_words(protocol));
  return MapWords::tr("%1 of %2 %3, a stratified sample")
      .arg(grouped_number(images), grouped_number(all), split_words(protocol));
}

QString frames_words(const StoredMap& first) {
  return MapWords::tr("%1 %2; each map is laid over the one before")
      .arg(grouped_number(static_cast<std::int64_t>(first.ids.size())),
           split_words(protocol_of(first)));
}

bool tells_checkpoint(const StoredMap& map) {
  return protocol_of(map).contains("checkpoint_step");
}

double perplexity_of(const StoredMap& map) {
  return protocol_of(map).value("perplexity", 0.0);
}

}  // namespace selfsight
