// A valid plan becomes what the engine reads.
#include <gtest/gtest.h>

#include <string>

#include "koble/koble.h"
#include "plan/plan.h"
#include "unit/must_load.h"

namespace koble::plan {
namespace {

TEST(PlanLoad, EmptyObjectIsAPlanWithOneChannelAndNoQueue) {
  const auto plan = MustLoad("{}");
  EXPECT_EQ(plan->queues.size(), 0u);
  ASSERT_EQ(plan->channels.size(), 1u);
  EXPECT_EQ(plan->channels[0].name, "voice");
  EXPECT_EQ(plan->channels[0].cost, 100);
  EXPECT_EQ(ToJson(*plan), "{}\n");
}

TEST(PlanLoad, AttributesKeepTheirOrderAndMayShareValues) {
  const auto plan = MustLoad(R"({"attributes": [{"name": "language", "values": ["no", "en"]}, {"name": "amount"},
                                                {"name": "en", "values": ["en", "amount"]}]})");
  ASSERT_EQ(plan->attributes.size(), 3u);
  EXPECT_EQ(plan->attributes[0].values, (std::vector<std::string>{"no", "en"}));
  EXPECT_TRUE(plan->attributes[1].values.empty());
  EXPECT_EQ(plan->FindAttribute("amount"), 1u);
  EXPECT_EQ(plan->FindAttribute("no"), std::nullopt);
  EXPECT_EQ(MustLoad(plan->binary)->hash[0], plan->hash[0]);
  EXPECT_EQ(MustLoad(ToJson(*plan))->hash[0], plan->hash[0]);
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
  EXPECT_EQ(q.InForce(0b011), 0b011u);
  EXPECT_EQ(q.InForce(0b111), 0b100u);
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

TEST(PlanLoad, SayingTheDefaultIsSayingNothing) {
  const auto bare = MustLoad(R"({"queues": [{"name": "q"}, {"name": "r", "offer": {"mode": "ring_all"}}]})");
  const auto full = MustLoad(R"({"koble": 1, "skills": [], "outage": {"steps": true}, "queues": [
    {"name": "q", "require": "", "steps": [], "priority": {"base": 0, "rate": 0.0, "credit": "0s"}, "select": "longest_idle",
     "offer": {"mode": "ring", "ring": "20s", "confirm": false, "group_penalty": false}, "wrap_up": "0ms", "closed": false,
     "outcomes": {"declined": {"retry": "0s", "penalty": "0s", "again": "never"}, "busy": {"penalty": "10s", "again": "0s"},
                  "unreachable": {"penalty": "10s", "again": "5s"}, "no_answer": {"penalty": "30s"},
                  "failed": {"again": "5000ms"}}, "at_deadline": "stay", "exhausted": "wait"},
    {"name": "r", "offer": {"mode": "ring_all"}, "outcomes": {"no_answer": {"penalty": "0s"}}}]})");
  EXPECT_EQ(bare->binary, full->binary) << ToJson(*full);
}

TEST(PlanLoad, OrderOfKeysDoesNotMatterAndOrderOfListsDoes) {
  const auto a = MustLoad(R"({"skills": ["x", "y"], "agents": [{"name": "A", "skills": {"x": 1, "y": 2}}]})");
  const auto b = MustLoad(R"({"agents": [{"skills": {"y": 2, "x": 1}, "name": "A"}], "skills": ["x", "y"]})");
  const auto c = MustLoad(R"({"skills": ["y", "x"], "agents": [{"name": "A", "skills": {"x": 1, "y": 2}}]})");
  EXPECT_EQ(a->binary, b->binary);
  EXPECT_NE(a->binary, c->binary);
}

TEST(PlanLoad, HashIsTheSameOnEveryMachine) {
  const auto plan = MustLoad(kTown);
  EXPECT_EQ(plan->binary.size(), 314u);
  EXPECT_EQ(plan->hash[0], 14819417861409033700u);
  EXPECT_EQ(plan->hash[1], 4967470921805832719u);
}

TEST(PlanLoad, EqualRequirementsHaveOneNumber) {
  const auto plan = MustLoad(R"({"skills": ["en", "no"], "queues": [
    {"name": "a", "require": "en"}, {"name": "b", "require": "(en >= 1) "}, {"name": "c"},
    {"name": "d", "require": "no", "steps": [{"after": "1s", "require": "en == 1"}, {"after": "2s", "require": "en = 1"},
                                             {"after": "3s", "require": "true"}]}]
})");
  EXPECT_EQ(plan->requirements.size(), 4u);
  EXPECT_EQ(plan->queues[0].steps[0].requirement, plan->queues[1].steps[0].requirement);
  EXPECT_EQ(plan->queues[2].steps[0].requirement, plan->queues[3].steps[3].requirement);
  EXPECT_EQ(plan->queues[3].steps[1].requirement, plan->queues[3].steps[2].requirement);
}

TEST(PlanLoad, ReplacingStepsDropAllBeforeThem) {
  const auto plan = MustLoad(R"({"queues": [{"name": "q", "steps": [{"after": "1s"}, {"after": "2s", "replace": true},
                                                                     {"after": "3s"}, {"after": "4s", "replace": true}]}]})");
  std::vector<uint64_t> in_force;
  for (uint64_t open = 1; open < 32; open = 2 * open + 1) in_force.push_back(plan->queues[0].InForce(open));
  EXPECT_EQ(in_force, (std::vector<uint64_t>{0b1, 0b11, 0b100, 0b1100, 0b10000}));
}

TEST(PlanLoad, NamesAreFound) {
  const auto plan = MustLoad(kTown);
  EXPECT_EQ(plan->FindQueue("s"), 1u);
  EXPECT_EQ(plan->FindChannel("chat"), 1u);
  EXPECT_EQ(plan->FindSkill("no"), 1u);
  EXPECT_EQ(plan->FindAgent("C"), 2u);
  EXPECT_EQ(plan->FindQueue("S"), std::nullopt);
  EXPECT_EQ(plan->FindQueue(""), std::nullopt);
}

TEST(PlanLoad, OutcomesHaveTheirDefaults) {
  const auto plan = MustLoad(R"({"queues": [
    {"name": "one"}, {"name": "all", "offer": {"mode": "ring_all"}},
    {"name": "hard", "offer": {"mode": "ring_all", "group_penalty": true}},
    {"name": "own", "offer": {"mode": "ring_all", "group_penalty": true}, "outcomes": {"no_answer": {"penalty": "7s"}}}]})");
  const auto expect = [](const OutcomeRule& rule, int64_t retry, int64_t penalty, int64_t again) {
    EXPECT_EQ(rule.retry_ns, retry);
    EXPECT_EQ(rule.penalty_ns, penalty);
    EXPECT_EQ(rule.again_ns, again);
  };
  constexpr int64_t kS = 1'000'000'000;
  const Queue& one = plan->queues[0];
  expect(one.Rule(KOBLE_OUTCOME_DECLINED), 0, 0, kNever);
  expect(one.Rule(KOBLE_OUTCOME_BUSY), 0, 10 * kS, 0);
  expect(one.Rule(KOBLE_OUTCOME_UNREACHABLE), 0, 10 * kS, 5 * kS);
  expect(one.Rule(KOBLE_OUTCOME_NO_ANSWER), 0, 30 * kS, 0);
  expect(one.Rule(KOBLE_OUTCOME_FAILED), 0, 0, 5 * kS);
  expect(plan->queues[1].no_answer, 0, 0, 0);
  expect(plan->queues[2].no_answer, 0, 30 * kS, 0);
  expect(plan->queues[3].no_answer, 0, 7 * kS, 0);
}

TEST(PlanLoad, OfAQueueThatSaysNothingEverythingIsDefault) {
  const auto plan = MustLoad(R"({"queues": [{"name": "q"}]})");
  const Queue& q = plan->queues[0];
  EXPECT_EQ(q.channel, 0u);
  EXPECT_EQ(q.steps.size(), 1u);
  EXPECT_TRUE(plan->requirements[q.steps[0].requirement].Holds({}));
  EXPECT_EQ(q.cap_micro, INT64_MAX);
  EXPECT_EQ(q.mode, OfferMode::kRing);
  EXPECT_EQ(q.ring_ns, 20'000'000'000);
  EXPECT_EQ(q.confirm_ns, kUnset);
  EXPECT_EQ(q.wrap_up_max_ns, kNever);
  EXPECT_EQ(q.max_length, kUnset);
  EXPECT_EQ(q.max_wait_ns, kNever);
  EXPECT_EQ(q.at_deadline, AtDeadline::kStay);
  EXPECT_EQ(q.on_exhausted, OnExhausted::kWait);
  EXPECT_EQ(q.target_within_ns, 0);
}

TEST(PlanLoad, ByteOrderMarkAndBlanksAroundArePassedOver) { EXPECT_NE(MustLoad("\xef\xbb\xbf {} \n"), nullptr); }

TEST(PlanLoadLong, AMillionAgentsLoadAndOneMoreIsRefused) {
  std::string text = R"({"agents": [{"name": "0"})";
  for (int i = 1; i < 1'000'000; ++i) text += ",{\"name\":\"" + std::to_string(i) + "\"}";
  EXPECT_EQ(MustLoad(text + "]}")->agents.size(), 1'000'000u);
  std::string report;
  int32_t code = 0;
  EXPECT_EQ(Load(text + ",{\"name\":\"x\"},{\"name\":\"y\"}]}", &report, &code), nullptr);
  EXPECT_EQ(report, "agents: more than 1000000 entries");
}

TEST(PlanLoadLong, MoreThan256MebibytesAreRefusedUnread) {
  std::string report;
  int32_t code = 0;
  EXPECT_EQ(Load(std::string((size_t{256} << 20) + 1, ' '), &report, &code), nullptr);
  EXPECT_EQ(code, KOBLE_ERR_PLAN);
  EXPECT_EQ(report, "plan: larger than 256 MiB, the most that is read");
}

}  // namespace
}  // namespace koble::plan
