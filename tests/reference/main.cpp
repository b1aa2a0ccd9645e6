// selfsight-reference FILE.json...: one line per case, and the sum of it all.
#include <fstream>
#include <iostream>

#include "core/base/error.h"
#include "tests/reference/reference.h"

using namespace selfsight;
using namespace selfsight::reference;

namespace {

struct Sum {
  int passed = 0, failed = 0, skipped = 0;
};

Json read(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw InputError("Could not read " + path + ".");
  Json file = Json::parse(in, nullptr, false);
  if (!file.is_object() || !file.contains("cases"))
    throw InputError(path + " is not a file of golden cases.");
  return file;
}

void check(const Json& c, const Families& families, Sum& sum) {
  const std::string name = c.at("family").get<std::string>() + "/" + c.at("id").get<std::string>();
  const auto skip = [&] {
    ++sum.skipped;
    std::cout << "skipped  " << name << ": nothing here computes it\n";
  };
  const auto family = families.find(c.at("family").get<std::string>());
  if (family == families.end()) return skip();
  Findings findings;
  std::string trouble;
  try {
    family->second(c, findings);
  } catch (const NotComputed&) {
    return skip();
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  const auto& failures = findings.failures();
  if (trouble.empty() && failures.empty() && findings.checks() > 0) {
    ++sum.passed;
    std::cout << "passed   " << name << ": " << findings.checks() << " checks\n";
    return;
  }
  ++sum.failed;
  std::cout << "failed   " << name << ": " << failures.size() << " of " << findings.checks()
            << " checks; " << (trouble.empty() && !failures.empty() ? failures.front() : trouble)
            << '\n';
}

}  // namespace

int main(int count, char** words) try {
  if (count < 2) throw InputError("Usage: selfsight-reference FILE.json...");
  Families families;
  add_cluster_loss_families(families);
  add_generator_families(families);
  add_loss_families(families);
  add_metric_families(families);
  add_model_families(families);
  add_optim_families(families);
  add_pair_loss_families(families);
  add_tsne_families(families);
  add_view_families(families);
  Sum sum;
  for (int i = 1; i < count; ++i)
    for (const Json golden = read(words[i]); const Json& c : golden.at("cases"))
      check(c, families, sum);
  std::cout << sum.passed << " passed, " << sum.failed << " failed";
  if (sum.skipped) std::cout << ", " << sum.skipped << " skipped";
  std::cout << '\n';
  return sum.failed ? 1 : 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
