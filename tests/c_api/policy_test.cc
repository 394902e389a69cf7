// Policies through the C API and koble.hpp: who is asked, what he sees, and what he must not do.
#include "koble/koble_policy.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "scene.h"

namespace koble::testing {
namespace {

constexpr char kText[] = R"({
  "skills": ["en", "no"], "attributes": [{"name": "topic"}],
  "profiles": [{"name": "desk", "policy": {"name": "pick"}}],
  "queues": [{"name": "q", "policy": {"name": "mood"}}, {"name": "s"}],
  "agents": [{"name": "A", "skills": {"no": 2}}, {"name": "B"}, {"name": "D", "profile": "desk"}]})";

// A policy of both kinds that does what a test says.
struct Asker {
  std::function<int32_t(const koble_choice*)> agent = [](const koble_choice*) { return 0; };
  std::function<int32_t(const koble_choice*)> contact = [](const koble_choice*) { return 0; };
  koble_policy c() {
    koble_policy policy = KOBLE_POLICY_INIT;
    policy.choose_agent = [](void* self, const koble_choice* choice) {
      return static_cast<Asker*>(self)->agent(choice);
    };
    policy.choose_contact = [](void* self, const koble_choice* choice) {
      return static_cast<Asker*>(self)->contact(choice);
    };
    policy.context = this;
    return policy;
  }
};

class PolicyTest : public ::testing::Test {
 protected:
  PolicyTest() : engine(Plan::Load(kText), WithJournal()) {
    Give("mood");
    Give("pick");
    for (const char* name : {"A", "B"}) engine.SetPresence(Time(1), engine.FindAgent(name), Presence::kAvailable);
  }
  static EngineOptions WithJournal() {
    EngineOptions options;
    options.journal = Journal::kKeepAll;
    return options;
  }
  void Give(const char* name) {
    const koble_policy policy = asker.c();
    ASSERT_EQ(koble_engine_set_policy(engine.get(), name, &policy), KOBLE_OK);
  }
  // Names of those to whom the call's offers went; faults by their reason.
  std::vector<std::string> Happened(const Result& result) {
    std::vector<std::string> happened;
    for (const koble_event& event : engine.Events(result.event_first, result.event_count)) {
      if (event.kind == KOBLE_EVENT_OFFERED) happened.push_back(engine.AgentName(AgentId(event.agent)));
      if (event.kind == KOBLE_EVENT_POLICY_FAULT) happened.push_back(koble_reason_name(event.kind, event.reason));
    }
    return happened;
  }
  using Names = std::vector<std::string>;

  Asker asker;
  Engine engine;
};

TEST_F(PolicyTest, SeesWhatItIsShown) {
  const uint32_t topic = engine.FindSymbol("topic");
  asker.agent = [&](const koble_choice* choice) {
    EXPECT_EQ(koble_choice_engine(choice), engine.get());
    EXPECT_EQ(koble_now(koble_choice_engine(choice)), 7);
    EXPECT_EQ(koble_choice_count(choice), 2u);
    EXPECT_EQ(koble_choice_queue(choice), 0u);
    koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
    EXPECT_EQ(koble_choice_read_contact(choice, 0, &contact), KOBLE_OK);
    EXPECT_EQ(contact.serial, 1u);
    EXPECT_EQ(contact.host_ref, 42u);
    EXPECT_EQ(contact.arrival_ns, 7);
    EXPECT_EQ(contact.priority, 3 * KOBLE_POINT);
    EXPECT_EQ(koble_choice_read_contact(choice, 1, &contact), KOBLE_ERR_UNKNOWN);
    koble_choice_agent agent = KOBLE_CHOICE_AGENT_INIT;
    EXPECT_EQ(koble_choice_read_agent(choice, 1, &agent), KOBLE_OK);
    EXPECT_EQ(std::string(koble_agent_name(koble_choice_engine(choice), agent.id)), "B");
    EXPECT_EQ(agent.idle_since_ns, 1);
    EXPECT_EQ(agent.capacity, 100);
    EXPECT_EQ(koble_choice_read_agent(choice, 2, &agent), KOBLE_ERR_UNKNOWN);
    EXPECT_EQ(koble_choice_level(choice, 0, 1), 2);
    EXPECT_EQ(koble_choice_level(choice, 0, 0), 0);
    EXPECT_EQ(koble_choice_level(choice, 9, 1), 0);
    EXPECT_EQ(koble_choice_level(choice, 0, 99), 0);
    int64_t value = 0;
    EXPECT_EQ(koble_choice_attribute(choice, 0, topic, &value), KOBLE_OK);
    EXPECT_EQ(value, 5);
    EXPECT_EQ(koble_choice_attribute(choice, 0, topic + 1, &value), KOBLE_ERR_NONE);
    return 1;
  };
  EXPECT_EQ(Happened(engine.Arrive(Time(7), Arrival(0).HostRef(42).Priority(3).With("topic", 5))), Names{"B"});
}

TEST_F(PolicyTest, ReadsTheEngineAndCannotChangeIt) {
  asker.agent = [&](const koble_choice* choice) {
    koble_engine* e = engine.get();
    koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
    EXPECT_EQ(koble_choice_read_contact(choice, 0, &contact), KOBLE_OK);
    koble_contact_info info{};
    info.struct_size = sizeof(info);
    EXPECT_EQ(koble_contact(e, contact.id, &info), KOBLE_OK);
    EXPECT_EQ(info.state, static_cast<uint32_t>(KOBLE_CONTACT_WAITING));
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(koble_advance(e, 99, &result), KOBLE_ERR_BUSY);
    EXPECT_EQ(result.code, KOBLE_ERR_BUSY);
    EXPECT_NE(std::string(koble_engine_message(e)).find("a policy is being asked"), std::string::npos);
    koble_batch batch = KOBLE_BATCH_INIT;
    uint64_t size = 0;
    EXPECT_EQ(koble_apply(e, &batch, nullptr, nullptr), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_resume(e, 99, 0, nullptr), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_events_acknowledge(e, 1), KOBLE_ERR_BUSY);
    const koble_event* events = nullptr;
    uint32_t stride = sizeof(koble_event);
    EXPECT_EQ(koble_events_take(e, &events, &stride, &size), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_journal_acknowledge(e, 1), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_journal_apply(e, nullptr, 0, nullptr), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_snapshot_write(e, nullptr, 0, &size), KOBLE_ERR_BUSY);
    EXPECT_EQ(koble_engine_set_policy(e, "mood", nullptr), KOBLE_ERR_BUSY);
    koble_engine* clone = nullptr;
    EXPECT_EQ(koble_engine_clone(e, &clone), KOBLE_ERR_BUSY);
    return 0;
  };
  EXPECT_EQ(Happened(engine.Arrive(Time(7), Arrival(0))), Names{"A"});
  EXPECT_EQ(std::string(koble_engine_message(engine.get())), "");
  EXPECT_EQ(engine.now(), Time(7));
}

// Commands that work on a copy show the copy: the new plan is in force, the lost offers are withdrawn.
TEST_F(PolicyTest, SeesTheStateInWhichItChooses) {
  engine.Arrive(Time(7), Arrival(0));
  std::vector<uint64_t> offers;
  asker.agent = [&](const koble_choice* choice) {
    koble_counts counts{};
    counts.struct_size = sizeof(counts);
    EXPECT_EQ(koble_count(koble_choice_engine(choice), &counts), KOBLE_OK);
    offers.push_back(counts.offers);
    EXPECT_EQ(koble_advance(engine.get(), 99, nullptr), KOBLE_ERR_BUSY);
    return 0;
  };
  EXPECT_EQ(Happened(engine.Resume(Time(8))), Names{"A"});
  EXPECT_EQ(offers, std::vector<uint64_t>{0});
}

TEST_F(PolicyTest, FaultsHaveReasons) {
  asker.agent = [](const koble_choice* choice) { return static_cast<int32_t>(koble_choice_count(choice)); };
  EXPECT_EQ(Happened(engine.Arrive(Time(2), Arrival(0))), (Names{"invalid", "A"}));
  asker.agent = [](const koble_choice*) -> int32_t { throw 17; };
  EXPECT_EQ(Happened(engine.Arrive(Time(3), Arrival(0))), (Names{"failed", "B"}));
  ASSERT_EQ(koble_engine_set_policy(engine.get(), "pick", nullptr), KOBLE_OK);
  engine.Arrive(Time(4), Arrival(1));
  EXPECT_EQ(Happened(engine.SetPresence(Time(5), engine.FindAgent("D"), Presence::kAvailable)), (Names{"absent", "D"}));
}

TEST_F(PolicyTest, AReplayAsksNobody) {
  int asked = 0;
  asker.agent = [&](const koble_choice* choice) {
    return ++asked % 2 == 0 ? KOBLE_CHOOSE_DEFER : static_cast<int32_t>(koble_choice_count(choice)) - 1;
  };
  for (int i = 2; i < 6; ++i) engine.Arrive(Time(i), Arrival(0));
  EXPECT_GT(asked, 2);
  const int before = asked;
  const std::string records = engine.JournalRecords(1);
  Engine again = Engine::Replay(engine.JournalHeader(), records);
  EXPECT_EQ(again.Digest(), engine.Digest());
  EXPECT_TRUE(SameEvents(again.Events(1), engine.Events(1)) || again.Events(1).size() == engine.Events(1).size());
  EXPECT_EQ(asked, before);
  // Records whose answers are taken away, or changed, are not what happened.
  std::string_view rest = records;
  std::vector<int32_t> answers;
  while (!rest.empty()) {
    koble_journal_record record{};
    record.struct_size = sizeof(record);
    ASSERT_EQ(koble_journal_decode(rest.data(), rest.size(), &record), KOBLE_OK);
    for (uint32_t i = 0; i < record.choice_count; ++i) {
      int32_t answer = 0;
      std::memcpy(&answer, static_cast<const char*>(record.choices) + i * sizeof(answer), sizeof(answer));
      answers.push_back(answer);
    }
    rest.remove_prefix(record.size);
  }
  EXPECT_EQ(static_cast<int>(answers.size()), asked);
  EXPECT_EQ(answers.front(), 1);
}

TEST_F(PolicyTest, AClonesPoliciesAreItsOriginals) {
  asker.agent = [](const koble_choice* choice) { return static_cast<int32_t>(koble_choice_count(choice)) - 1; };
  Engine clone = engine.Clone();
  const Result result = clone.Arrive(Time(7), Arrival(0));
  const std::vector<koble_event> events = clone.Events(result.event_first);
  EXPECT_EQ(clone.AgentName(AgentId(events.back().agent)), "B");
}

TEST_F(PolicyTest, WhatIsNoPolicyIsRefused) {
  koble_policy policy = asker.c();
  koble_engine* e = engine.get();
  EXPECT_EQ(koble_engine_set_policy(nullptr, "x", &policy), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engine_set_policy(e, nullptr, &policy), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engine_set_policy(e, "", &policy), KOBLE_ERR_ARGUMENT);
  policy.struct_size = 4;
  EXPECT_EQ(koble_engine_set_policy(e, "x", &policy), KOBLE_ERR_ARGUMENT);
  policy = KOBLE_POLICY_INIT;
  EXPECT_EQ(koble_engine_set_policy(e, "x", &policy), KOBLE_ERR_ARGUMENT);
  policy = asker.c();
  policy.reserved = 1;
  EXPECT_EQ(koble_engine_set_policy(e, "x", &policy), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engine_set_policy(e, "never given", nullptr), KOBLE_OK);
  koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
  koble_choice_agent agent = KOBLE_CHOICE_AGENT_INIT;
  int64_t value = 0;
  EXPECT_EQ(koble_choice_read_contact(nullptr, 0, &contact), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_choice_read_agent(nullptr, 0, &agent), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_choice_attribute(nullptr, 0, 1, &value), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_choice_count(nullptr), 0u);
  EXPECT_EQ(koble_choice_level(nullptr, 0, 0), 0);
  EXPECT_EQ(koble_choice_queue(nullptr), KOBLE_QUEUE_NONE);
  EXPECT_EQ(koble_choice_engine(nullptr), nullptr);
}

TEST(HppPolicy, IsALambda) {
  Engine engine(Plan::Load(kText));
  const auto last = [](const Choice& choice) { return static_cast<int32_t>(choice.count()) - 1; };
  auto policy = std::make_shared<Policy>(last);
  engine.SetPolicy("mood", policy);
  for (const char* name : {"A", "B"}) engine.SetPresence(Time(1), engine.FindAgent(name), Presence::kAvailable);
  engine.Arrive(Time(2), Arrival(0));
  EXPECT_EQ(engine.AgentName(AgentId(engine.Events(engine.last_event()).front().agent)), "B");
  engine.SetPolicy("mood", std::make_shared<Policy>([](const Choice& choice) -> int32_t {
                     return choice.Agent(7).served > 0 ? 1 : Policy::kDefer;  // there is no eighth
                   }));
  engine.Arrive(Time(3), Arrival(0));
  EXPECT_EQ(engine.AgentName(AgentId(engine.Events(engine.last_event()).front().agent)), "A");
  EXPECT_EQ(engine.Events(engine.last_event() - 1).front().reason, static_cast<uint32_t>(KOBLE_POLICY_FAILED));
}

TEST(HppPolicy, KeepsWhatItThrew) {
  Engine engine(Plan::Load(kText));
  auto policy = std::make_shared<Policy>([](const Choice&) -> int32_t { throw std::runtime_error("no mood"); });
  engine.SetPolicy("mood", policy);
  engine.SetPresence(Time(1), engine.FindAgent("A"), Presence::kAvailable);
  engine.Arrive(Time(2), Arrival(0));
  EXPECT_THROW(std::rethrow_exception(policy->TakeError()), std::runtime_error);
  EXPECT_EQ(policy->TakeError(), nullptr);
}

}  // namespace
}  // namespace koble::testing
