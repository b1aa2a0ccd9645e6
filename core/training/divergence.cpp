#include "core/training/divergence.h"

#include <cmath>
#include <cstdio>

#include "core/base/files.h"

namespace selfsight {
namespace {

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", number);
  return text;
}

std::string what_happened(const Divergence& d) {
  const std::string rate = " (learning rate " + short_number(d.lr) + ")";
  const std::string at = " at step " + grouped(d.step) + rate;
  const std::string after = " after step " + grouped(d.step) + " of " + d.method + rate + ".";
  switch (d.in) {
    case Divergence::In::loss:
      return d.method + "'s loss is no longer a number" + at + ".";
    case Divergence::In::gradients:
      return "The gradients of " + d.method + "'s loss are no longer numbers" + at + ".";
    case Divergence::In::weights:
      return "The weights are no longer numbers" + after;
    case Divergence::In::optimiser:
      return "The means that the optimiser keeps are no longer numbers" + after;
  }
  return {};
}

/// By half of what it was, or more.
bool rising(const Divergence& d) {
  return d.last_loss - d.least_loss > 0.5 * std::abs(d.least_loss);
}

std::string likeliest_cause(const Divergence& d) {
  const bool in_the_update = d.in == Divergence::In::weights || d.in == Divergence::In::optimiser;
  if (d.step <= 1 && !in_the_update)
    return "No weight was changed yet, so the learning rate is not the cause: look for an option "
           "of the method that divides by almost nothing, such as a temperature, or for images "
           "that are all of one colour.";
  if (rising(d))
    return "The loss had risen from " + short_number(d.least_loss) + " to " +
           short_number(d.last_loss) +
           " before, so the learning rate is too large: make optimiser.lr smaller, "
           "optimiser.warmup_epochs longer, or set optimiser.clip_grad.";
  if (d.in == Divergence::In::gradients)
    return "The loss itself is still a number; this comes of features that have become the same "
           "for every image, or of a learning rate that is too large: make optimiser.lr smaller, "
           "or set optimiser.clip_grad.";
  return "The likeliest cause is a learning rate that is too large: make optimiser.lr smaller or "
         "optimiser.warmup_epochs longer.";
}

}  // namespace

std::string divergence_words(const Divergence& divergence) {
  return what_happened(divergence) + " " + likeliest_cause(divergence);
}

}  // namespace selfsight
