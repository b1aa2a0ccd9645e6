#include "core/training/run_spec.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

void append(Schema& schema, Schema more) {
  schema.insert(schema.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

InputOptions input_options(const MethodInfo& info, const Settings& settings,
                           const EncoderOptions& encoder) {
  InputOptions input{.kind = info.input, .patch_size = encoder.patch_size};
  visit_groups(input, [&](const char* prefix, auto& group) {
    group = settings.read<std::remove_cvref_t<decltype(group)>>(prefix);
  });
  // How many puzzles there are is the method's: its answers are classes.
  if (settings.has("method.permutations"))
    input.permutations = settings.get<std::int64_t>("method.permutations");
  return input;
}

/// Local crops and tiles go through the same encoder as whole views.
void check_pieces(const EncoderOptions& encoder, const InputOptions& input) {
  const bool tiles = input.kind == InputKind::tiles || input.kind == InputKind::patch_pair;
  for (const std::int64_t side : input_shape(input).sides)
    if (is_transformer(encoder) && side % encoder.patch_size != 0)
      throw InputError((tiles ? "A tile of " : "A crop of ") + std::to_string(side) +
                       " px cannot be cut into patches of " + std::to_string(encoder.patch_size) +
                       " px; make " + (tiles ? "tiles.size" : "crops.size") +
                       " a multiple of encoder.patch_size.");
}

void check_test_size(const EncoderOptions& encoder, const ViewOptions& views) {
  if (views.clean_size() == views.size) return;
  if (is_transformer(encoder))
    throw InputError(
        "A Vision Transformer learns a position for each patch of its views, so it is measured at "
        "their size; set views.test_size to 0.");
  if (views.test_size < 8)
    throw InputError("views.test_size is " + std::to_string(views.test_size) +
                     " px, too small for an encoder; set it to 8 or more, or to 0 for views.size.");
}

}  // namespace

Schema run_schema(const std::string& method) {
  const MethodInfo& info = method_info(method);
  Schema schema = schema_of<DataOptions>("data.");
  std::vector<std::string> names;
  for (const MethodInfo& known : method_infos()) names.push_back(known.name);
  schema.push_back(
      {.key = "method.name",
       .help = "The pretext task: what the encoder learns from, without labels. Each has options "
               "of its own, and says what it suits. SimCLR is a good start with a ResNet, MAE with "
               "a Vision Transformer. The choice is Selfsight's own; each method names its paper.",
       .choices = names,
       .fallback = info.name});
  for (Field field : info.options) {
    field.key = "method." + field.key;
    if (field.only_if) field.only_if->key = "method." + field.only_if->key;
    schema.push_back(std::move(field));
  }
  append(schema, schema_of<EncoderOptions>("encoder."));
  InputOptions input{.kind = info.input};
  visit_groups(input, [&](const char* prefix, auto& group) {
    append(schema, schema_of<std::remove_cvref_t<decltype(group)>>(prefix));
  });
  append(schema, schema_of<OptimiserOptions>("optimiser."));
  append(schema, schema_of<TrainOptions>("train."));
  append(schema, schema_of<MonitorOptions>("monitor."));
  return schema;
}

RunSpec run_spec(const Settings& settings) {
  RunSpec spec;
  spec.data = settings.read<DataOptions>("data.");
  spec.encoder = settings.read<EncoderOptions>("encoder.");
  spec.method = settings.get<std::string>("method.name");
  spec.optimiser = settings.read<OptimiserOptions>("optimiser.");
  spec.train = settings.read<TrainOptions>("train.");
  spec.monitor = settings.read<MonitorOptions>("monitor.");
  const MethodInfo& info = method_info(spec.method);
  spec.method_options = Settings(info.options);
  for (const Field& field : info.options)
    spec.method_options.set(field.key, settings.value("method." + field.key));

  if (info.check) info.check(spec.method_options, spec.train.batch_size);
  spec.input = input_options(info, settings, spec.encoder);
  check_encoder_for(info, spec.encoder, spec.input.views.size);
  check_test_size(spec.encoder, spec.input.views);
  check_input(spec.input);
  check_pieces(spec.encoder, spec.input);
  return spec;
}

void check_dataset_for(const MethodInfo& info, const Dataset& dataset) {
  if (info.needs_labels && !dataset.labelled())
    throw InputError(info.title + " learns from labels, and " + dataset.name() +
                     " has none. Choose another method, or put the images of each class into a "
                     "folder of its own.");
  if (info.input == InputKind::grey_to_colour && dataset.channels() != 3)
    throw InputError(info.title + " learns from colours, and " + dataset.name() +
                     (dataset.channels() == 1
                          ? " is grey"
                          : " has " + std::to_string(dataset.channels()) + " bands") +
                     ". Choose another method or colour images.");
}

std::int64_t images_per_step(const RunSpec& spec) {
  return spec.train.batch_size * spec.optimiser.accumulate_grad_batches;
}

void check_trainable(const RunSpec& spec, const Dataset& dataset) {
  check_dataset_for(method_info(spec.method), dataset);
  auto images = static_cast<std::int64_t>(dataset.indices(Split::train).size());
  if (spec.data.limit > 0) images = std::min(images, spec.data.limit);
  if (images >= images_per_step(spec)) return;
  const bool one = spec.optimiser.accumulate_grad_batches == 1;
  throw InputError(
      dataset.name() + " has " + grouped(images) + " training images, fewer than " +
      (one ? "one batch of " : grouped(spec.optimiser.accumulate_grad_batches) + " batches of ") +
      grouped(spec.train.batch_size) + ". Make train.batch_size " +
      (one ? "" : "or optimiser.accumulate_grad_batches ") + "smaller or add images.");
}

}  // namespace selfsight
