// What to tell a person whose run has left the numbers. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace selfsight {

struct Divergence {
  enum class In { loss, gradients, weights } in = In::loss;
  std::string method;           // its title
  std::int64_t step = 1;        // in which it happened, from 1
  std::int64_t steps_done = 0;  // since training was started or resumed
  double lr = 0;
  double least_loss = 0, last_loss = 0;  // of those steps
};

/// What happened, and the likeliest cause with what to do about it, in this order: nothing was
/// trained yet, so it is the data or the method's options; the loss was rising, so the learning
/// rate is too large; gradients of a sound loss, so the features have become all alike; else again
/// the learning rate.
std::string divergence_words(const Divergence& divergence);

}  // namespace selfsight
