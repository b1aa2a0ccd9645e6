// What to tell a person whose run has left the numbers. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace selfsight {

struct Divergence {
  enum class In { loss, gradients, weights, optimiser } in = In::loss;
  std::string method;     // its title
  std::int64_t step = 1;  // in which it happened, from 1
  double lr = 0;
  /// Of the steps since training was started or resumed; infinite before the first of them.
  double least_loss = 0;
  double last_loss = 0;
};

/// What happened, and the likeliest cause with what to do about it, in this order: nothing was
/// trained yet, so it is the data or the method's options; the loss was rising, so the learning
/// rate is too large; gradients of a sound loss, so the features have become all alike; else again
/// the learning rate.
std::string divergence_words(const Divergence& divergence);

}  // namespace selfsight
