#include "core/training/run_spec.h"

#include "core/base/error.h"

namespace selfsight {
namespace {

void append(Schema& schema, Schema more) {
  schema.insert(schema.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

}  // namespace

Schema run_schema(const std::string& method) {
  const MethodInfo& info = method_info(method);
  Schema schema = schema_of<DataOptions>("data.");
  std::vector<std::string> names;
  for (const MethodInfo& known : method_infos()) names.push_back(known.name);
  schema.push_back({.key = "method.name",
                    .help = "The pretext task: what the encoder learns from, without labels.",
                    .choices = names,
                    .fallback = info.name});
  for (Field field : info.options) {
    field.key = "method." + field.key;
    schema.push_back(std::move(field));
  }
  append(schema, schema_of<EncoderOptions>("encoder."));
  append(schema, schema_of<ViewOptions>("views."));
  if (info.input == InputKind::masked_view) append(schema, schema_of<MaskOptions>("mask."));
  append(schema, schema_of<OptimiserOptions>("optimiser."));
  append(schema, schema_of<TrainOptions>("train."));
  append(schema, schema_of<MonitorOptions>("monitor."));
  return schema;
}

RunSpec run_spec(const Settings& settings) {
  RunSpec spec;
  spec.data = settings.read<DataOptions>("data.");
  spec.views = settings.read<ViewOptions>("views.");
  if (settings.has("mask.kind")) spec.mask = settings.read<MaskOptions>("mask.");
  spec.encoder = settings.read<EncoderOptions>("encoder.");
  spec.method = settings.get<std::string>("method.name");
  spec.optimiser = settings.read<OptimiserOptions>("optimiser.");
  spec.train = settings.read<TrainOptions>("train.");
  spec.monitor = settings.read<MonitorOptions>("monitor.");
  const MethodInfo& info = method_info(spec.method);
  spec.method_options = Settings(info.options);
  for (const Field& field : info.options)
    spec.method_options.set(field.key, settings.value("method." + field.key));

  if (spec.views.crop_min > spec.views.crop_max)
    throw InputError("views.crop_min is above views.crop_max; make it smaller.");
  if (spec.views.ratio_min > spec.views.ratio_max)
    throw InputError("views.ratio_min is above views.ratio_max; make it smaller.");
  if (spec.views.sigma_min > spec.views.sigma_max)
    throw InputError("views.sigma_min is above views.sigma_max; make it smaller.");
  check_encoder_for(info, spec.encoder, spec.views.size);
  return spec;
}

}  // namespace selfsight
