#include "core/spec/sweep.h"

#include <algorithm>
#include <sstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/trimmed.h"

namespace selfsight {
namespace {

bool is_list(const Settings& settings, const std::string& key) {
  return settings.has(key) &&
         std::holds_alternative<std::vector<double>>(settings.field(key).fallback);
}

std::vector<std::string> parted(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) out.emplace_back(trimmed(part));
  return out;
}

/// Every point so far, with each of the option's values.
std::vector<SweepPoint> crossed(const std::vector<SweepPoint>& points,
                                const std::string& assignment, const SchemaFor& schema_for) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos)
    throw InputError("--set " + assignment + " has no value; write --set key=a,b,c.");
  const std::string key = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  std::vector<SweepPoint> out;
  for (const SweepPoint& point : points) {
    for (const std::string& part : point.varied)
      if (part.starts_with(key + '='))
        throw InputError(key + " is varied twice; give it all its values at once.");
    const auto values = parted(text, is_list(point.settings, key) ? ';' : ',');
    if (values.empty())
      throw InputError("--set " + assignment + " has no value; write --set key=a,b,c.");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i]) !=
          values.begin() + static_cast<std::ptrdiff_t>(i))
        throw InputError(key + " is given " + values[i] + " twice.");
      SweepPoint next = point;
      apply_assignments(next.settings, {key + "=" + values[i]}, schema_for);
      if (values.size() > 1) next.varied.push_back(key + "=" + values[i]);
      out.push_back(std::move(next));
      if (out.size() > max_sweep)
        throw InputError("A sweep of more than " + grouped(max_sweep) +
                         " runs is more than anybody waits for; vary fewer options.");
    }
  }
  return out;
}

}  // namespace

std::vector<SweepPoint> sweep(const Settings& base, const std::vector<std::string>& assignments,
                              const SchemaFor& schema_for) {
  std::vector<SweepPoint> points{{base, {}}};
  for (const std::string& assignment : assignments)
    points = crossed(points, assignment, schema_for);
  return points;
}

}  // namespace selfsight
