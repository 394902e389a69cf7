// The choice of an agent at a size where other engines go wrong.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "scene.h"

namespace koble::testing {
namespace {

constexpr uint32_t kAgents = 3000;

std::string PlanWith(const char* rule) {
  std::string plan =
      std::string(R"({"queues": [{"name": "q", "select": ")") + rule + R"(", "offer": {"mode": "auto"}}], "agents": [)";
  for (uint32_t i = 0; i < kAgents; ++i) plan += (i == 0 ? "" : ", ") + ("{\"name\": \"" + std::to_string(i) + "\"}");
  return plan + "]}";
}

// Contacts come one by one and are gone at once; how many each agent got.
std::map<koble_id, uint32_t> Shares(const char* rule, uint32_t contacts) {
  const std::string text = PlanWith(rule);
  koble_plan* plan = nullptr;
  EXPECT_EQ(koble_plan_load(text.data(), text.size(), &plan, nullptr, 0), KOBLE_OK);
  koble_engine* engine = nullptr;
  EXPECT_EQ(koble_engine_create(plan, nullptr, &engine), KOBLE_OK);
  koble_plan_release(plan);
  int64_t now = 0;
  for (uint32_t i = 0; i < kAgents; ++i) {
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

TEST(Choice, RoundRobinIsFairBeyondAnyNumberOfMembers) {
  const std::map<koble_id, uint32_t> shares = Shares("round_robin", 2 * kAgents);
  EXPECT_EQ(shares.size(), kAgents);
  for (const auto& [agent, share] : shares) EXPECT_EQ(share, 2u);
}

TEST(Choice, FewestContactsLevelsOut) {
  const std::map<koble_id, uint32_t> shares = Shares("fewest_contacts", 2 * kAgents);
  EXPECT_EQ(shares.size(), kAgents);
  for (const auto& [agent, share] : shares) EXPECT_EQ(share, 2u);
}

TEST(Choice, ListedGivesAllToTheFirst) { EXPECT_EQ(Shares("listed", 100).size(), 1u); }

}  // namespace
}  // namespace koble::testing
