// What a wrong plan is answered, for tests.
#ifndef KOBLE_TESTS_UNIT_PLAN_MISTAKES_H_
#define KOBLE_TESTS_UNIT_PLAN_MISTAKES_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::plan {

struct Refusal {
  int32_t code = KOBLE_OK;
  std::string report;
};

inline Refusal Refused(std::string_view text) {
  Refusal refusal;
  EXPECT_EQ(Load(text, &refusal.report, &refusal.code), nullptr) << text;
  return refusal;
}

// The report on a plan that is wrong in what it means.
inline std::string MistakesIn(std::string_view text) {
  const Refusal refusal = Refused(text);
  EXPECT_EQ(refusal.code, KOBLE_ERR_PLAN);
  return refusal.report;
}

inline std::string InQueue(const std::string& members) {
  return MistakesIn(R"({"skills": ["norwegian", "english"], "queues": [{"name": "q", )" + members + "}]}");
}

inline std::string Warnings(const std::string& text) {
  std::string report;
  int32_t code = 1;
  EXPECT_NE(Load(text, &report, &code), nullptr) << report;
  EXPECT_EQ(code, KOBLE_OK);
  return report;
}

}  // namespace koble::plan

#endif  // KOBLE_TESTS_UNIT_PLAN_MISTAKES_H_
