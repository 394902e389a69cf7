// The choice of an agent at a size where other engines go wrong.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "scene.h"

namespace koble::testing {
namespace {

constexpr uint32_t kAgents = 3000;

// Agents "0", "1" ... of these weights.
std::string PlanWith(const char* rule, const std::vector<uint32_t>& weights) {
  std::string plan =
      std::string(R"({"queues": [{"name": "q", "select": ")") + rule + R"(", "offer": {"mode": "auto"}}], "agents": [)";
  for (size_t i = 0; i < weights.size(); ++i) {
    plan += (i == 0 ? "" : ", ") + (R"({"name": ")" + std::to_string(i)) + R"(", "weight": )" +
            std::to_string(weights[i]) + "}";
  }
  return plan + "]}";
}

// Contacts come one by one and are gone at once; how many each agent got.
std::map<koble_id, uint32_t> Shares(const char* rule, const std::vector<uint32_t>& weights, uint32_t contacts) {
  const std::string text = PlanWith(rule, weights);
  koble_plan* plan = nullptr;
  EXPECT_EQ(koble_plan_load(text.data(), text.size(), &plan, nullptr, 0), KOBLE_OK);
  koble_engine* engine = nullptr;
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.seed = 11;
  EXPECT_EQ(koble_engine_create(plan, &options, &engine), KOBLE_OK);
  koble_plan_release(plan);
  int64_t now = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const koble_id agent = koble_agent_find(engine, std::to_string(i).c_str());
    EXPECT_EQ(koble_agent_presence(engine, now, agent, KOBLE_PRESENCE_AVAILABLE, 0, nullptr), KOBLE_OK);
  }
  std::map<koble_id, uint32_t> shares;
  for (uint32_t i = 0; i < contacts; ++i) {
    const uint32_t queue = 0;
    koble_arrival arrival = {};
    arrival.struct_size = sizeof(arrival);
    arrival.queue_count = 1;
    arrival.queues = &queue;
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(koble_contact_arrive(engine, now += kSecond, &arrival, &result), KOBLE_OK);
    for (const koble_event& event : EventsOf(engine, result.event_first)) {
      if (event.kind == KOBLE_EVENT_OFFERED) ++shares[event.agent];
    }
    EXPECT_EQ(koble_contact_gone(engine, now, result.id, KOBLE_BY_CUSTOMER, nullptr), KOBLE_OK);
    koble_events_acknowledge(engine, koble_events_last(engine));
  }
  koble_engine_destroy(engine);
  return shares;
}

const std::vector<uint32_t> kAlike(kAgents, 1);

TEST(Choice, RoundRobinIsFairBeyondAnyNumberOfMembers) {
  const std::map<koble_id, uint32_t> shares = Shares("round_robin", kAlike, 2 * kAgents);
  EXPECT_EQ(shares.size(), kAgents);
  for (const auto& [agent, share] : shares) EXPECT_EQ(share, 2u);
}

TEST(Choice, FewestContactsLevelsOut) {
  const std::map<koble_id, uint32_t> shares = Shares("fewest_contacts", kAlike, 2 * kAgents);
  EXPECT_EQ(shares.size(), kAgents);
  for (const auto& [agent, share] : shares) EXPECT_EQ(share, 2u);
}

TEST(Choice, ListedGivesAllToTheFirst) { EXPECT_EQ(Shares("listed", kAlike, 100).size(), 1u); }

std::vector<uint32_t> Counts(const std::map<koble_id, uint32_t>& shares) {
  std::vector<uint32_t> counts;
  for (const auto& [agent, share] : shares) counts.push_back(share);
  return counts;
}

// What a program of its own, written from the formula of docs/model.md, 5.8, draws with seed 11 for serials 1 to 8000. By chance alone
// the counts lie so near to 2000 each, and to 1000, 2000 and 5000 (chi square 5.1 of 3 degrees and 1.8 of 2: within what 85 of 100 seeds give).
TEST(Choice, LotsFallAsTheFormulaSays) {
  EXPECT_EQ(Counts(Shares("random", {1, 1, 1, 1}, 8000)), (std::vector<uint32_t>{1975, 1937, 2014, 2074}));
  EXPECT_EQ(Counts(Shares("random", {9, 1, 1, 1}, 8000)), (std::vector<uint32_t>{1975, 1937, 2014, 2074}));
  EXPECT_EQ(Counts(Shares("weighted_random", {1, 2, 5}, 8000)), (std::vector<uint32_t>{1003, 1949, 5048}));
}

}  // namespace
}  // namespace koble::testing
