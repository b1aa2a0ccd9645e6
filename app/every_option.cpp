#include "app/every_option.h"

#include <algorithm>

#include "app/jobs/pipeline_labels.h"
#include "core/probes/linear.h"
#include "core/training/run_spec.h"

namespace selfsight {
namespace {

void add(const Schema& more, Schema& all) {
  for (const Field& field : more)
    if (std::ranges::find(all, field.key, &Field::key) == all.end()) all.push_back(field);
}

Schema collected() {
  Schema all;
  for (const MethodInfo& method : method_infos()) add(run_schema(method.name), all);
  add(label_settings().schema(), all);
  add(schema_of<LinearOptions>("linear."), all);
  return all;
}

}  // namespace

const Schema& every_option() {
  static const Schema all = collected();
  return all;
}

}  // namespace selfsight
