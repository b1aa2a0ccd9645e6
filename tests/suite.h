// The test programs: one for a room, with a suite in each of its files. A suite is named as its
// file: test_momentum.cpp is run by `test_methods momentum`, with what else Qt Test takes behind.
#pragma once

#include <QtTest>
#include <string>
#include <vector>

namespace selfsight {

struct Suite {
  std::string file;
  int (*run)(int argc, char** argv);
};

/// Those of this program, in no order.
inline std::vector<Suite>& suites() {
  static std::vector<Suite> all;
  return all;
}

template <class Test, class App>
int run_suite(int argc, char** argv) {
  App app(argc, argv);
  Test test;
  return QTest::qExec(&test, argc, argv);
}

struct RegisteredSuite {
  explicit RegisteredSuite(Suite suite) { suites().push_back(std::move(suite)); }
};

}  // namespace selfsight

/// `App` is the application that the suite needs: QCoreApplication, or QApplication for windows.
#define SELFSIGHT_SUITE(Test, App)                         \
  static const selfsight::RegisteredSuite suite_of_##Test( \
      selfsight::Suite{__FILE__, &selfsight::run_suite<Test, App>})
