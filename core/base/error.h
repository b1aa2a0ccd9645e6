// What can go wrong, in words a person can act on.
#pragma once

#include <stdexcept>
#include <string>

namespace selfsight {

/// Work that failed. The message is one sentence: what happened, what was kept, what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Wrong usage or wrong input: the command line leaves with status 2.
class InputError : public Error {
 public:
  using Error::Error;
};

/// The person asked to stop. Not a failure.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "Stopped."; }
};

}  // namespace selfsight
