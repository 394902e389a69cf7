// A valid plan becomes what the engine reads.
#include <gtest/gtest.h>

#include <string>

#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::plan {
namespace {

std::shared_ptr<const Plan> MustLoad(std::string_view text) {
  std::string report;
  int32_t code = 1;
  auto plan = Load(text, &report, &code);
  EXPECT_NE(plan, nullptr) << report;
  EXPECT_EQ(code, KOBLE_OK) << report;
  return plan;
}

TEST(PlanLoad, EmptyObjectIsAPlanWithOneChannelAndNoQueue) {
  const auto plan = MustLoad("{}");
  EXPECT_EQ(plan->queues.size(), 0u);
  ASSERT_EQ(plan->channels.size(), 1u);
  EXPECT_EQ(plan->channels[0].name, "voice");
  EXPECT_EQ(plan->channels[0].cost, 100);
  EXPECT_EQ(ToJson(*plan), "{}\n");
}

constexpr char kTown[] = R"({
  "name": "town hall",
  "channels": [{"name": "voice", "max": 1}, {"name": "chat", "cost": 30, "max_open_offers": 2}],
  "skills": ["en", "no"],
  "profiles": [{"name": "desk", "skills": {"no": 1, "en": 2}, "channels": {"voice": 1, "chat": 3}, "wrap_up": "10s"}],
  "agents": [{"name": "A", "profile": "desk"}, {"name": "B", "profile": "desk", "skills": {"no": 0, "en": 3}, "pull": true},
             {"name": "C", "capacity": 60}],
  "queues": [
    {"name": "q", "channel": "voice", "require": "en >= 2 and no", "steps": [{"after": "20s", "require": "en"},
     {"after": "1m", "replace": true}], "priority": {"base": 10, "rate": 0.5, "cap": 100, "credit": "90s"},
     "offer": {"mode": "ring_all", "ring": "15s", "confirm": true}, "outcomes": {"declined": {"again": "5s"}},
     "wrap_up": "10s", "wrap_up_max": "1m", "max_length": 4, "max_wait": "5m", "at_deadline": "exit", "exhausted": "forgive",
     "closed": true, "target": {"within": "20s", "share": 0.8}},
    {"name": "s", "channel": "chat", "require": "no and en>=2"}],
  "outage": {"max_wait": true}
})";

TEST(PlanLoad, EveryFieldReachesTheEngine) {
  const auto plan = MustLoad(kTown);
  ASSERT_EQ(plan->queues.size(), 2u);
  const Queue& q = plan->queues[0];
  ASSERT_EQ(q.steps.size(), 3u);
  EXPECT_EQ(q.steps[0].after_ns, 0);
  EXPECT_EQ(q.steps[1].after_ns, 20'000'000'000);
  EXPECT_EQ(q.steps[1].first, 0u);
  EXPECT_EQ(q.steps[2].first, 2u);
  EXPECT_EQ(q.base_micro, 10'000'000);
  EXPECT_EQ(q.rate_micro, 500'000);
  EXPECT_EQ(q.cap_micro, 100'000'000);
  EXPECT_EQ(q.credit_ns, 90'000'000'000);
  EXPECT_EQ(q.mode, OfferMode::kRingAll);
  EXPECT_EQ(q.ring_ns, 15'000'000'000);
  EXPECT_EQ(q.confirm_ns, 30'000'000'000);
  EXPECT_EQ(q.declined.again_ns, 5'000'000'000);
  EXPECT_EQ(q.no_answer.penalty_ns, 0);
  EXPECT_EQ(q.max_length, 4);
  EXPECT_EQ(q.max_wait_ns, 300'000'000'000);
  EXPECT_EQ(q.at_deadline, AtDeadline::kExit);
  EXPECT_EQ(q.on_exhausted, OnExhausted::kForgive);
  EXPECT_TRUE(q.closed);
  EXPECT_EQ(q.target_share_ppm, 800'000);
  EXPECT_EQ(plan->queues[1].channel, 1u);
  EXPECT_TRUE(plan->outage.max_wait);
  EXPECT_TRUE(plan->outage.wrap_up);
}

TEST(PlanLoad, JsonAndBinaryOfOnePlanHaveOneHash) {
  const auto plan = MustLoad(kTown);
  const auto from_binary = MustLoad(plan->binary);
  const auto from_canonical = MustLoad(ToJson(*plan));
  EXPECT_EQ(plan->binary, from_binary->binary);
  EXPECT_EQ(plan->binary, from_canonical->binary) << ToJson(*plan);
  EXPECT_EQ(plan->hash[0], from_binary->hash[0]);
  EXPECT_EQ(plan->hash[1], from_canonical->hash[1]);
  EXPECT_EQ(ToJson(*plan), ToJson(*from_canonical));
}

TEST(PlanLoad, AgentsAreTheirProfileWithTheirOwnEntriesLaidOver) {
  const auto plan = MustLoad(kTown);
  std::string report;
  const auto a = plan->Resolve(plan->agents[0], &report);
  ASSERT_TRUE(a) << report;
  EXPECT_EQ(a->skills, (std::vector<SkillLevel>{{0, 2}, {1, 1}}));
  EXPECT_EQ(a->channel_max, (std::vector<int32_t>{1, 3}));
  EXPECT_EQ(a->wrap_up_ns, 10'000'000'000);
  EXPECT_FALSE(a->pull);
  const auto b = plan->Resolve(plan->agents[1], &report);
  ASSERT_TRUE(b) << report;
  EXPECT_EQ(b->skills, (std::vector<SkillLevel>{{0, 3}}));
  EXPECT_TRUE(b->pull);
  const auto c = plan->Resolve(plan->agents[2], &report);
  ASSERT_TRUE(c) << report;
  EXPECT_EQ(c->channel_max, (std::vector<int32_t>{1, INT32_MAX}));
  EXPECT_EQ(c->capacity, 60);
  EXPECT_EQ(c->wrap_up_ns, kUnset);
}

}  // namespace
}  // namespace koble::plan
