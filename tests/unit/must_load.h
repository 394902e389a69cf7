// Plans for tests.
#ifndef KOBLE_TESTS_UNIT_MUST_LOAD_H_
#define KOBLE_TESTS_UNIT_MUST_LOAD_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::plan {

// A plan that is valid; a failure of the test, and null, where it is not.
inline std::shared_ptr<const Plan> MustLoad(std::string_view text) {
  std::string report;
  int32_t code = 1;
  auto plan = Load(text, &report, &code);
  EXPECT_NE(plan, nullptr) << report;
  EXPECT_EQ(code, KOBLE_OK) << report;
  return plan;
}

}  // namespace koble::plan

#endif  // KOBLE_TESTS_UNIT_MUST_LOAD_H_
