#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/files.h"
#include "core/exchange/report.h"

namespace selfsight {

int report_verb(const Common& common, const std::vector<std::string>& words,
                const std::string& out) {
  check_out(out);
  const Store store(common.store);
  std::vector<std::int64_t> runs;
  for (const std::string& word : words) runs.push_back(find_run(store, word).id);
  const std::string html = report_html(store, runs);
  write_file(out, html);
  if (common.json)
    print_json({{"runs", runs}, {"file", out}, {"bytes", html.size()}});
  else
    std::cout << "Wrote " << out << ", " << grouped(static_cast<long long>(html.size()))
              << " bytes; it needs nothing else.\n";
  return 0;
}

}  // namespace selfsight
