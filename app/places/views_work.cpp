#include "app/places/views_work.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "app/every_option.h"
#include "app/jobs/pipeline.h"
#include "app/places/data_work.h"
#include "core/base/error.h"
#include "core/training/loader.h"
#include "core/training/run_spec.h"
#include "core/training/training_images.h"
#include "widgets/field_words.h"
#include "widgets/heat.h"
#include "widgets/input_rows.h"
#include "widgets/picture.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr std::size_t cache_bytes = std::size_t(256) << 20;
constexpr double nearly_all = 0.99;
constexpr double fewest_pixels = 25;  // of a crop
constexpr double fewest_patches = 4;  // in view
constexpr double most_hidden = 0.6;   // of a view that is painted

struct ViewsWords {
  Q_DECLARE_TR_FUNCTIONS(views_work)
};

/// Only the blocks of I-JEPA ask for the batch that an image is in.
std::int64_t batch_number(const Dataset& dataset, const RunSpec& spec, std::int64_t epoch,
                          std::int64_t id) {
  if (spec.input.kind != InputKind::multi_block) return 0;
  const auto seed = static_cast<std::uint64_t>(spec.train.seed);
  return batch_of(epoch_order(training_images(dataset, spec), seed, epoch), id,
                  spec.train.batch_size);
}

InputKey key_of(const ViewsQuestion& q, const RunSpec& spec, std::int64_t id) {
  const auto batch = batch_number(*q.originals->dataset(), spec, q.epoch, id);
  return {static_cast<std::uint64_t>(spec.train.seed), static_cast<std::uint64_t>(q.epoch),
          static_cast<std::uint64_t>(id), static_cast<std::uint64_t>(batch)};
}

std::optional<double> cosine(const float* a, const float* b, std::int64_t columns) {
  const double dot = std::inner_product(a, a + columns, b, 0.0);
  const double norms =
      std::inner_product(a, a + columns, a, 0.0) * std::inner_product(b, b + columns, b, 0.0);
  return norms > 0 ? std::optional(dot / std::sqrt(norms)) : std::nullopt;
}

PictureRow broken_row(std::int64_t id, const QString& reason, qsizetype columns) {
  PictureRow row;
  row.cells.append({{}, {}, ViewsWords::tr("It %1").arg(reason)});
  while (row.cells.size() < columns) row.cells.append(PictureCell());
  row.lines = {{PictureLine::Kind::faint, ViewsWords::tr("image %1").arg(id)}};
  return row;
}

/// Grey and colour become each other; bands are what they are.
QString channel_obstacle(const ViewsModel& model, int channels) {
  const int wanted = model.model->channels();
  if (wanted == channels || std::max(wanted, channels) <= 3) return {};
  return ViewsWords::tr(
             "Run %1 takes images of %2, and these have %3; choose another run or other "
             "images.")
      .arg(model.run)
      .arg(count_words(wanted, ViewsWords::tr("channel"), ViewsWords::tr("channels")))
      .arg(channels);
}

/// Why this model cannot rebuild views of this spec and of so many channels; empty if it can.
QString rebuild_obstacle(const ViewsModel& model, const RunSpec& spec, int channels) {
  if (!model.model)
    return model.reason.isEmpty()
               ? ViewsWords::tr("Train a run of this method; what it rebuilds shows here.")
               : model.reason;
  const RunSpec own = run_spec(model.model->settings());
  if (!model.model->reconstructs() || own.input.kind != spec.input.kind)
    return ViewsWords::tr("Run %1 does not rebuild this; choose a run of this method.")
        .arg(model.run);
  if (const QString obstacle = channel_obstacle(model, channels); !obstacle.isEmpty())
    return obstacle;
  if (own.input.views.size != spec.input.views.size ||
      own.encoder.patch_size != spec.encoder.patch_size)
    return ViewsWords::tr(
               "Run %1 rebuilds views of %2 px in patches of %3 px; set the same to see it.")
        .arg(model.run)
        .arg(own.input.views.size)
        .arg(own.encoder.patch_size);
  return {};
}

/// In place of the rule's, while they are on the same grid.
bool take_hand_mask(const ViewsQuestion& q, std::int64_t id, Mask& mask) {
  const auto hand = q.hand_masks.find(id);
  if (hand == q.hand_masks.end() || hand->second.rows != mask.rows ||
      hand->second.columns != mask.columns)
    return false;
  mask = hand->second;
  return true;
}

std::size_t patch_at(const Mask& mask, const QPointF& place) {
  const int row = std::clamp(static_cast<int>(place.y() * mask.rows), 0, mask.rows - 1);
  const int column = std::clamp(static_cast<int>(place.x() * mask.columns), 0, mask.columns - 1);
  return static_cast<std::size_t>(row * mask.columns + column);
}

QString few_pixels(double crop_min, const ShownInput& shown, const QString& sentence) {
  const double pixels = crop_min * static_cast<double>(shown.original.total());
  if (pixels >= fewest_pixels) return {};
  return sentence.arg(shown.id).arg(
      count_words(std::llround(pixels), ViewsWords::tr("pixel"), ViewsWords::tr("pixels")));
}

/// Where targets leave hardly a patch, the context is made of theirs: see make_block_masks().
bool context_shows_targets(const std::vector<Mask>& masks) {
  const Mask& context = masks.front();
  for (std::size_t target = 1; target < masks.size(); ++target)
    for (std::size_t i = 0; i < context.hidden.size(); ++i)
      if (!context.hidden[i] && masks[target].hidden[i]) return true;
  return false;
}

/// What this image makes of the settings.
QStringList image_warnings(const InputOptions& options, const ShownInput& shown) {
  QStringList warnings{
      few_pixels(options.views.crop_min, shown,
                 ViewsWords::tr("The smallest crop of image %1 holds %2, too few to tell what it "
                                "is part of; raise it."))};
  if (shown.input.views.size() > 2 &&
      (shown.kind == InputKind::multi_crop || shown.kind == InputKind::masked_views))
    warnings << few_pixels(options.crops.crop_min, shown,
                           ViewsWords::tr("The smallest local crop of image %1 holds %2, too few "
                                          "to tell what it is part of; raise it."));
  if (shown.kind == InputKind::multi_block && context_shows_targets(shown.input.masks))
    warnings << ViewsWords::tr(
                    "The target blocks of image %1 leave too little for a context, so it is shown "
                    "what it is to predict; take fewer or smaller targets.")
                    .arg(shown.id);
  warnings.removeAll(QString());
  return warnings;
}

/// An image as it is fed, and the views that are to be found alike.
void draw_image(const ViewsQuestion& q, const RunSpec& spec, const QString& obstacle,
                std::int64_t id, ViewsAnswer& answer) {
  ShownInput shown{.id = id,
                   .label = label_name(*q.originals->dataset(), id),
                   .original = q.originals->image(id, least_side(spec.input)),
                   .kind = spec.input.kind,
                   .input = {},
                   .cover = q.cover,
                   .rebuilt = {},
                   .note = obstacle};
  shown.input = make_input(shown.original, spec.input, key_of(q, spec, id));
  const bool patches = shown.kind == InputKind::masked_view;
  const bool by_hand = patches && take_hand_mask(q, id, shown.input.masks[0]);
  const std::vector<View>& views = shown.input.views;
  if (is_rebuilt(shown.kind) && obstacle.isEmpty())
    shown.rebuilt = q.model.model->reconstruct({views[0].image}, {shown.input.masks[0]}).front();
  answer.rows.append(input_row(shown));
  if (by_hand)
    answer.rows.last().lines.append(
        {PictureLine::Kind::strong, ViewsWords::tr("masked by hand; training masks by its rule")});
  answer.masks.push_back(patches ? std::optional(shown.input.masks[0]) : std::nullopt);
  answer.views.emplace_back();
  if (has_pair(shown.kind)) answer.views.back() = {views[0].image, views[1].image};
  if (answer.warnings.isEmpty()) answer.warnings = image_warnings(spec.input, shown);
}

void draw_rows(const ViewsQuestion& q, const RunSpec& spec, ViewsAnswer& answer) {
  const InputKind kind = spec.input.kind;
  answer.ids = q.ids;
  const QString obstacle = is_rebuilt(kind)
                               ? rebuild_obstacle(q.model, spec, q.originals->dataset()->channels())
                               : QString();
  answer.titles =
      input_titles(kind, obstacle.isEmpty() ? ViewsWords::tr("Rebuilt by run %1").arg(q.model.run)
                                            : ViewsWords::tr("Rebuilt"));
  for (const std::int64_t id : q.ids) {
    try {
      draw_image(q, spec, obstacle, id, answer);
    } catch (const ImageError& error) {
      answer.rows.append(broken_row(id, core_words(error.what()), answer.titles.size() - 1));
      answer.views.emplace_back();
      answer.masks.emplace_back();
    }
  }
}

}  // namespace

cv::Mat OriginalCache::image(std::int64_t id, std::int64_t least_side) {
  if (std::exchange(least_side_, least_side) != least_side) {
    images_.clear();
    bytes_ = 0;
  }
  if (const auto found = images_.find(id); found != images_.end()) return found->second;
  const cv::Mat image = dataset_->reduced_image(id, least_side);
  const std::size_t size = image.total() * image.elemSize();
  if (bytes_ + size > cache_bytes) {
    images_.clear();
    bytes_ = 0;
  }
  bytes_ += size;
  return images_[id] = image;
}

ViewsModel open_views_model(const std::filesystem::path& store_folder, std::int64_t run) {
  ViewsModel opened{.run = run, .epoch = 0, .model = nullptr, .reason = {}};
  try {
    const Store store(store_folder);
    opened.model = open_model(store, run);
    opened.epoch = store.checkpoints(run).back().info.epoch;
  } catch (const Error& error) {
    opened.reason = with_labels(core_words(error.what()), every_option());
  }
  return opened;
}

const ViewsModel& NewestModel::of(const std::filesystem::path& store, std::int64_t run) {
  std::string newest;
  try {
    const auto kept = Store(store).checkpoints(run);
    if (!kept.empty()) newest = kept.back().info.sha256;
  } catch (const Error&) {
    // Opening it says why.
  }
  if (opened_.model && opened_.run == run && !newest.empty() && newest == sha256_) return opened_;
  opened_ = open_views_model(store, run);
  sha256_ = newest;
  return opened_;
}

QString comparison_obstacle(const ViewsModel& model, int channels) {
  return model.model ? channel_obstacle(model, channels) : model.reason;
}

ViewsAnswer draw_views(const ViewsQuestion& question) {
  ViewsAnswer answer;
  try {
    const RunSpec spec = run_spec(question.settings);
    draw_rows(question, spec, answer);
  } catch (const InputError& error) {
    answer.problem = with_labels(core_words(error.what()), question.settings.schema());
  }
  return answer;
}

Mask with_patch(Mask mask, const QPointF& place, bool hidden) {
  Mask changed = mask;
  changed.hidden[patch_at(mask, place)] = hidden;
  const int count = changed.count();
  return count == 0 || count == changed.rows * changed.columns ? mask : changed;
}

bool is_hidden(const Mask& mask, const QPointF& place) {
  return mask.hidden[patch_at(mask, place)] != 0;
}

std::vector<std::optional<double>> view_similarities(
    const ViewsModel& model, const std::vector<std::vector<cv::Mat>>& views) {
  std::vector<cv::Mat> images;  // of all rows at once: one pass through the encoder
  for (const std::vector<cv::Mat>& row : views)
    if (row.size() == 2) images.insert(images.end(), row.begin(), row.end());
  std::vector<std::optional<double>> similarities(views.size());
  if (images.empty()) return similarities;
  const Features features = model.model->features(images);
  const float* a = features.values.data();
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].size() != 2) continue;
    similarities[i] = cosine(a, a + features.columns, features.columns);
    a += 2 * features.columns;
  }
  return similarities;
}

QList<QStringList> assignment_words(const ViewsModel& model,
                                    const std::vector<std::vector<cv::Mat>>& views) {
  QList<QStringList> words(static_cast<qsizetype>(views.size()));
  if (!model.model) return words;
  std::vector<cv::Mat> images;  // of all rows at once: one pass through the network
  for (const std::vector<cv::Mat>& row : views)
    if (row.size() == 2) images.insert(images.end(), row.begin(), row.end());
  const std::vector<Assignment> found = model.model->assignments(images);
  std::size_t next = 0;
  for (std::size_t i = 0; i < views.size() && next < found.size(); ++i)
    for (std::size_t view = 0; view < views[i].size(); ++view, ++next)
      words[static_cast<qsizetype>(i)] << ViewsWords::tr("%1 · %2")
                                              .arg(found[next].prototype)
                                              .arg(percent_words(found[next].probability));
  return words;
}

QList<QImage> attention_pictures(const ViewsModel& model,
                                 const std::vector<std::vector<cv::Mat>>& views) {
  QList<QImage> pictures(static_cast<qsizetype>(views.size()));
  if (!model.model) return pictures;
  std::vector<cv::Mat> first;
  for (const std::vector<cv::Mat>& row : views)
    if (row.size() == 2) first.push_back(row[0]);
  const std::vector<cv::Mat> weights = model.model->attention(first);
  for (std::size_t i = 0, seen = 0; i < views.size() && seen < weights.size(); ++i)
    if (views[i].size() == 2)
      pictures[static_cast<qsizetype>(i)] = heat_picture(to_image(views[i][0]), weights[seen++]);
  return pictures;
}

std::vector<std::int64_t> preview_images(const Dataset& dataset, std::int64_t count,
                                         std::int64_t page) {
  const std::vector<std::int64_t> train = dataset.indices(Split::train);
  const auto total = static_cast<std::int64_t>(train.size());
  count = std::min(count, total);
  std::vector<std::int64_t> ids;
  // A step that shares no factor with the total visits every image once.
  std::int64_t step =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(total) * 0.382));
  while (std::gcd(step, total) > 1) ++step;
  for (std::int64_t i = 0; i < count; ++i)
    ids.push_back(train[static_cast<std::size_t>((page * count + i) * step % total)]);
  return ids;
}

namespace {

void warn_of_pairs(const Settings& settings, int channels, QStringList& warnings) {
  const auto o = settings.read<ViewOptions>("views.");
  const bool jitter =
      !are_bands(channels) && o.jitter > 0 && o.brightness + o.contrast + o.saturation + o.hue > 0;
  const double solarize = are_bands(channels) ? 0 : o.solarize;
  const bool colours_stay = channels == 1 || (!jitter && o.greyscale == 0);
  const bool crops = o.crop_min < nearly_all;
  const bool own = settings.has("second_view.own") && settings.get<bool>("second_view.own");
  const double tone = o.posterize + o.equalize + o.autocontrast + o.sharpness + o.invert;
  if (!crops && !jitter && !own && o.hflip + o.vflip + o.blur + solarize + tone + o.rotation == 0 &&
      (channels != 3 || o.greyscale == 0))
    warnings << ViewsWords::tr(
        "Both views are the same picture, so nothing is left to learn. Lower the "
        "smallest crop or switch an operation on.");
  else if (channels == 3 && colours_stay)
    warnings << ViewsWords::tr(
        "Colours are left as they are: an encoder can match the views by colour alone. "
        "Switch colour jitter on.");
  if (o.crop_max < 0.1)
    warnings << ViewsWords::tr("Crops this small seldom share anything; raise the largest crop.");
}

void warn_of_masks(const Settings& settings, InputKind kind, QStringList& warnings) {
  const double ratio = settings.get<double>("mask.ratio");
  const auto grid = settings.get<std::int64_t>("views.size") /
                    std::max<std::int64_t>(1, settings.get<std::int64_t>("encoder.patch_size"));
  const double left = static_cast<double>(grid * grid) * (1 - ratio);
  if (kind == InputKind::masked_views && settings.get<double>("mask.probability") <= 0) return;
  // The others hide little of many views on purpose.
  if (kind == InputKind::masked_view && ratio < 0.4)
    warnings << ViewsWords::tr(
        "With most patches in view, the rest can be copied from their neighbours; "
        "hide more.");
  else if (left < fewest_patches)
    warnings << (left < 2 ? ViewsWords::tr(
                                "Of %1 patches only %2 stays in view, too few to guess the rest "
                                "from; hide less or take smaller patches.")
                          : ViewsWords::tr(
                                "Of %1 patches only %2 stay in view, too few to guess the rest "
                                "from; hide less or take smaller patches."))
                    .arg(grid * grid)
                    .arg(std::max(1.0, std::floor(left)));  // one always does
}

void warn_of_region(double area, QStringList& warnings) {
  if (area < 0.05)
    warnings << ViewsWords::tr(
        "So little is hidden that its edges tell it; hide a larger part of the view.");
  if (area > most_hidden)
    warnings << ViewsWords::tr(
        "So much is hidden that too little is left to guess it from; hide a smaller part of the "
        "view.");
}

void warn_of_puzzles(const Settings& settings, InputKind kind, int channels,
                     QStringList& warnings) {
  const auto o = settings.read<ViewOptions>("views.");
  if (kind == InputKind::rotated && (o.vflip > 0 || o.rotation >= 45))
    warnings << ViewsWords::tr(
        "Views are turned or flipped upside down before they are asked about, so no answer is "
        "right. Set vertical flip and rotation to 0.");
  if ((kind == InputKind::tiles || kind == InputKind::patch_pair) &&
      settings.get<double>("tiles.gap") == 0)
    warnings << ViewsWords::tr(
        "The tiles touch, so edges that go on give the answer away. Leave a gap.");
  if (kind == InputKind::grey_to_colour && (channels != 3 || o.greyscale > 0))
    warnings << (channels != 3
                     ? ViewsWords::tr("These images have no colours, so there is none to guess.")
                     : ViewsWords::tr("Views that lose their colour leave none to guess. Set "
                                      "greyscale to 0."));
}

}  // namespace

QStringList view_warnings(const Settings& settings, int channels) {
  const InputKind kind = method_info(settings.get<std::string>("method.name")).input;
  QStringList warnings;
  if (has_pair(kind)) warn_of_pairs(settings, channels, warnings);
  if (kind == InputKind::masked_view || kind == InputKind::masked_views)
    warn_of_masks(settings, kind, warnings);
  if (kind == InputKind::hidden_region)
    warn_of_region(settings.get<double>("region.area"), warnings);
  warn_of_puzzles(settings, kind, channels, warnings);
  if (colours_left_out(settings.read<ViewOptions>("views."), channels))
    warnings << ViewsWords::tr(
                    "These images have %1 bands, not red, green and blue, so colour jitter, "
                    "greyscale and solarize are left out.")
                    .arg(channels);
  return warnings;
}

Settings settings_for_method(const Settings& settings, const std::string& method) {
  Settings changed = with_method(settings, method, run_schema);
  if (method_info(method).needs_transformer &&
      !is_transformer(changed.read<EncoderOptions>("encoder.")))
    changed.set("encoder.name", std::string("vit_tiny"));
  return changed;
}

}  // namespace selfsight
