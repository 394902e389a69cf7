// Rules that outlive their plan (docs/model.md, 8.5).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "koble/koble.h"
#include "plan/plan.h"
#include "plan/rules.h"
#include "unit/must_load.h"

namespace koble::plan {
namespace {

TEST(PlanRules, SayWhomAQueueAsksForAndNothingElse) {
  const auto plan = MustLoad(R"({"skills": ["no"], "queues": [{"name": "q", "require": "no", "select": "listed"},
                                 {"name": "r", "require": "no"}]})");
  const auto other = MustLoad(R"({"skills": ["en", "no"], "queues": [{"name": "r", "require": "no >= 2"},
                                  {"name": "q", "require": "no", "priority": {"base": 5}, "max_wait": "5s"}]})");
  EXPECT_EQ(RulesOf(*plan)[0], RulesOf(*other)[1]);  // of the same name, and alike
  EXPECT_NE(RulesOf(*plan)[1], RulesOf(*other)[0]);
  EXPECT_NE(RulesOf(*plan)[0], RulesOf(*plan)[1]);  // alike, of another queue
}

TEST(PlanRules, StandBehindAPlanThatSaysAllTheRest) {
  const auto before = MustLoad(R"({"skills": ["no"], "queues": [{"name": "q", "require": "no", "reserve": 2,
      "steps": [{"after": "5s", "require": "no or not no"}]}]})");
  const auto plan = MustLoad(R"({"skills": ["no", "en"], "queues": [{"name": "other"},
      {"name": "q", "require": "en", "priority": {"base": 7}, "max_wait": "9s"}]})");
  const std::vector<std::string> kept = {RulesOf(*before)[0]};
  const auto both = KeepRules(*plan, kept, nullptr);
  ASSERT_NE(both, nullptr);
  EXPECT_EQ(both->queue_count, 2u);
  ASSERT_EQ(both->queues.size(), 3u);
  const Queue& queue = both->queues[2];
  EXPECT_EQ(queue.name, "q");
  EXPECT_EQ(queue.number, 1u);
  EXPECT_EQ(queue.steps.size(), 2u);
  EXPECT_EQ(queue.steps[1].reserve, 2u);
  EXPECT_EQ(queue.base_micro, 7 * KOBLE_POINT);
  EXPECT_EQ(queue.max_wait_ns, 9'000'000'000);
  EXPECT_EQ(both->binary, plan->binary);
  EXPECT_EQ(both->FindQueue("q"), 1u);
  EXPECT_EQ(RulesOf(*both)[2], kept[0]);
  EXPECT_EQ(KeepRules(*both, {}, nullptr)->queues.size(), 2u);  // what nobody keeps any more is gone
}

TEST(PlanRules, AreRefusedWhereThePlanLacksWhatTheyName) {
  const auto before = MustLoad(R"({"skills": ["norwegian"], "queues": [{"name": "q", "require": "norwegian"}]})");
  const auto plan = MustLoad(R"({"skills": ["english"], "queues": [{"name": "other"}, {"name": "q"}]})");
  std::string report;
  EXPECT_EQ(KeepRules(*plan, RulesOf(*before), &report), nullptr);
  EXPECT_EQ(report, "queues[1].require: unknown skill \"norwegian\"; list it in \"skills\"");
  const std::vector<std::string> damaged = {RulesOf(*before)[0].substr(0, 5)};
  EXPECT_EQ(KeepRules(*plan, damaged, &report), nullptr);
  EXPECT_FALSE(report.empty());
}

}  // namespace
}  // namespace koble::plan
