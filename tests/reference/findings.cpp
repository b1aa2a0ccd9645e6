#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/reference/reference.h"

namespace selfsight::reference {

void Findings::take(bool right, const std::string& sentence) {
  ++checks_;
  if (!right) failures_.push_back(sentence);
}

void Findings::near(const std::string& what, double got, double wanted, double relative,
                    double absolute) {
  std::ostringstream sentence;
  sentence.precision(12);
  sentence << what << " is " << got << ", not " << wanted;
  take(std::abs(got - wanted) <= absolute + relative * std::abs(wanted), sentence.str());
}

void Findings::at_most(const std::string& what, double got, double limit) {
  std::ostringstream sentence;
  sentence << what << " is " << got << ", above " << limit;
  take(got <= limit, sentence.str());
}

void Findings::same(const std::string& what, bool equal) {
  take(equal, what + " differs");
}

void Findings::checksum(const std::string& what, std::span<const double> got, const Json& wanted,
                        double relative) {
  double sum = 0, squares = 0;
  for (const double value : got) sum += value, squares += value * value;
  const auto length = wanted.at("l2").get<double>();
  const auto count = wanted.at("numel").get<std::size_t>();
  same(what + ": the number of entries", got.size() == count);
  near(what + ": the length", std::sqrt(squares), length, relative);
  near(what + ": the sum", sum, wanted.at("sum").get<double>(), 0,
       relative * length * std::sqrt(static_cast<double>(count)));
  const Json& first = wanted.at("first8");
  for (std::size_t i = 0; i < std::min(first.size(), got.size()); ++i)
    near(what + ": entry " + std::to_string(i), got[i], first[i].get<double>(), 0,
         relative * length);
}

}  // namespace selfsight::reference
