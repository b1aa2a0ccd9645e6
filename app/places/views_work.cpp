#include "app/places/views_work.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/jobs/pipeline.h"
#include "app/places/data_work.h"
#include "core/base/error.h"
#include "core/training/run_spec.h"
#include "widgets/mask_preview.h"
#include "widgets/view_pairs.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr std::size_t cache_bytes = std::size_t(256) << 20;
constexpr double nearly_all = 0.99;

QString words(const char* text) {
  return QCoreApplication::translate("views_work", text);
}

InputKey key_of(const RunSpec& spec, std::int64_t epoch, std::int64_t id) {
  return {static_cast<std::uint64_t>(spec.train.seed), static_cast<std::uint64_t>(epoch),
          static_cast<std::uint64_t>(id), 0};
}

std::optional<double> cosine(const float* a, const float* b, std::int64_t columns) {
  const double dot = std::inner_product(a, a + columns, b, 0.0);
  const double norms =
      std::inner_product(a, a + columns, a, 0.0) * std::inner_product(b, b + columns, b, 0.0);
  return norms > 0 ? std::optional(dot / std::sqrt(norms)) : std::nullopt;
}

PictureRow broken_row(std::int64_t id, const QString& reason, qsizetype columns) {
  PictureRow row;
  row.cells.append({{}, {}, words("It %1").arg(reason)});
  while (row.cells.size() < columns) row.cells.append(PictureCell());
  row.lines = {{PictureLine::Kind::faint, words("image %1").arg(id)}};
  return row;
}

/// Why this model cannot rebuild views of this spec; empty if it can.
QString rebuild_obstacle(const ViewsModel& model, const RunSpec& spec) {
  if (!model.model)
    return model.reason.isEmpty() ? words("Train an MAE run; what it rebuilds shows here.")
                                  : model.reason;
  if (!model.model->reconstructs())
    return words("Run %1 does not rebuild pixels; choose an MAE run.").arg(model.run);
  const RunSpec own = run_spec(model.model->settings());
  if (own.input.views.size != spec.input.views.size ||
      own.encoder.patch_size != spec.encoder.patch_size)
    return words("Run %1 rebuilds views of %2 px in patches of %3 px; set the same to see it.")
        .arg(model.run)
        .arg(own.input.views.size)
        .arg(own.encoder.patch_size);
  return {};
}

void draw_pairs(const ViewsQuestion& q, const RunSpec& spec, ViewsAnswer& answer) {
  answer.titles = pair_titles();
  for (const std::int64_t id : q.ids) {
    try {
      const cv::Mat image = q.originals->image(id);
      const Input input = make_input(image, spec.input, key_of(spec, q.epoch, id));
      const View &a = input.views[0], &b = input.views[1];
      answer.rows.append(pair_row(id, label_name(*q.originals->dataset(), id), image, a, b));
      answer.views.push_back({a.image, b.image});
    } catch (const ImageError& error) {
      answer.rows.append(broken_row(id, QString::fromUtf8(error.what()), 3));
      answer.views.emplace_back();
    }
  }
}

void draw_masks(const ViewsQuestion& q, const RunSpec& spec, ViewsAnswer& answer) {
  const QString obstacle = rebuild_obstacle(q.model, spec);
  answer.titles = mask_titles(
      obstacle.isEmpty()
          ? words("Rebuilt by run %1, epoch %2").arg(q.model.run).arg(number_words(q.model.epoch))
          : words("Rebuilt"));
  for (const std::int64_t id : q.ids) {
    try {
      const cv::Mat image = q.originals->image(id);
      const Input input = make_input(image, spec.input, key_of(spec, q.epoch, id));
      const View& view = input.views[0];
      const Mask& mask = input.masks[0];
      cv::Mat rebuilt;
      if (obstacle.isEmpty()) rebuilt = q.model.model->reconstruct({view.image}, {mask}).front();
      answer.rows.append(mask_row(id, label_name(*q.originals->dataset(), id), image, view, mask,
                                  q.cover, rebuilt, obstacle));
      answer.views.push_back({view.image});
    } catch (const ImageError& error) {
      answer.rows.append(broken_row(id, QString::fromUtf8(error.what()), 4));
      answer.views.emplace_back();
    }
  }
}

}  // namespace

cv::Mat OriginalCache::image(std::int64_t id) {
  if (const auto found = images_.find(id); found != images_.end()) return found->second;
  const cv::Mat image = dataset_->image(id);
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
    opened.reason = QString::fromUtf8(error.what());
  }
  return opened;
}

ViewsAnswer draw_views(const ViewsQuestion& question) {
  ViewsAnswer answer;
  try {
    const RunSpec spec = run_spec(question.settings);
    if (method_info(spec.method).input == InputKind::masked_view)
      draw_masks(question, spec, answer);
    else
      draw_pairs(question, spec, answer);
  } catch (const InputError& error) {
    answer.problem = QString::fromUtf8(error.what());
  }
  return answer;
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

QStringList view_warnings(const Settings& settings, int channels) {
  const auto o = settings.read<ViewOptions>("views.");
  const bool masked = settings.has("mask.ratio");
  const bool jitter = o.jitter > 0 && o.brightness + o.contrast + o.saturation + o.hue > 0;
  const bool colours_stay = channels == 1 || (!jitter && o.greyscale == 0);
  const bool crops = o.crop_min < nearly_all;
  QStringList warnings;
  if (!masked && !crops && !jitter && o.hflip + o.vflip + o.blur + o.solarize + o.rotation == 0 &&
      (channels == 1 || o.greyscale == 0))
    warnings << words(
        "Both views are the same picture, so nothing is left to learn. Lower the "
        "smallest crop or switch an operation on.");
  else if (!masked && channels == 3 && colours_stay)
    warnings << words(
        "Colours are left as they are: an encoder can match the views by colour alone. "
        "Switch colour jitter on.");
  if (!masked && o.crop_max < 0.1)
    warnings << words("Crops this small seldom share anything; raise the largest crop.");
  if (masked && settings.get<double>("mask.ratio") < 0.4)
    warnings << words(
        "With most patches in view, the rest can be copied from their neighbours; "
        "hide more.");
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
