// koble.hpp: what it adds to the C API. That it compiles alone as C++17 is tested with the other headers.
#include "koble/koble.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <type_traits>
#include <unordered_set>

#include "scene.h"

namespace koble::testing {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

static_assert(!std::is_copy_constructible_v<Engine> && std::is_nothrow_move_constructible_v<Engine>);
static_assert(std::is_copy_constructible_v<Plan>);
static_assert(!std::is_convertible_v<AgentId, OfferId> && !std::is_convertible_v<koble_id, AgentId>);
static_assert(Duration(2s).ns == 2'000'000'000 && Duration(5).ns == 5 && Time(1500ms).ns == 1'500'000'000);
static_assert(Time::Never().never() && !Time(1).never() && Time(1s) + 2s == Time(3s) && Time(1) < Time(2));

template <typename F>
int32_t CodeOf(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(koble_error_name(error.code())), std::string::npos);
    EXPECT_GT(std::strlen(error.what()), std::strlen(koble_error_name(error.code())) + 2);
    return error.code();
  }
  return KOBLE_OK;
}

TEST(Hpp, PlansShareAndAnswer) {
  Plan plan = LoadPlan();
  Plan copy = plan;
  const Plan moved = std::move(plan);
  EXPECT_EQ(copy.get(), moved.get());
  copy = Plan::Load("{}");
  EXPECT_EQ(copy.queue_count(), 0u);
  EXPECT_EQ(moved.queue_count(), 8u);
  EXPECT_EQ(moved.Queue("chat"), static_cast<uint32_t>(kChat));
  EXPECT_EQ(moved.Channel("chat"), 1u);
  EXPECT_EQ(moved.QueueName(0), "auto");
  EXPECT_EQ(moved.QueueName(99), "");
  EXPECT_EQ(moved.QueueDefinition(kRing).target_share_ppm, 800'000);
  EXPECT_EQ(CodeOf([&] { moved.QueueDefinition(99); }), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(CodeOf([&] { moved.Queue("nowhere"); }), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(Plan::Load(moved.Write()).Hash(), moved.Hash());
  EXPECT_EQ(Plan::Load(moved.Write(PlanFormat::kBinary)).Hash(), moved.Hash());
}

TEST(Hpp, MistakesInAPlanAreAllSaid) {
  try {
    Plan::Load(R"({"queues": [{"name": "a", "require": "x"}, {"name": "b", "wrap_up": "soon"}]})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), KOBLE_ERR_PLAN);
    EXPECT_NE(std::string(error.what()).find("queues[1].wrap_up"), std::string::npos) << error.what();
  }
  EXPECT_EQ(CodeOf([] { Plan::Load({}); }), KOBLE_ERR_PLAN);
}

TEST(Hpp, ACallFromArrivalToWrapUp) {
  const Plan plan = LoadPlan();
  Engine engine(plan);
  const AgentId bo = engine.FindAgent("Bo");
  ASSERT_TRUE(bo);
  EXPECT_FALSE(engine.FindAgent("nobody"));
  EXPECT_EQ(engine.AgentName(bo), "Bo");
  engine.SetPresence(1s, bo, Presence::kAvailable);
  const Result arrived = engine.Arrive(2s, Arrival(kRing).HostRef(77).Priority(3).Credit(10s));
  EXPECT_EQ(engine.Info(arrived.contact()).state, static_cast<uint32_t>(KOBLE_CONTACT_OFFERED));
  OfferId offer;
  EXPECT_EQ(engine.Drain([&](const koble_event& event) {
    if (event.kind == KOBLE_EVENT_OFFERED) offer = OfferId(event.offer);
  }),
            3u);
  EXPECT_EQ(engine.Drain([](const koble_event&) {}), 0u);
  EXPECT_EQ(engine.Info(offer).expires_ns, Time(22s).ns);
  EXPECT_EQ(engine.NextDeadline(), Time(22s));
  const Result accepted = engine.Accept(3s, offer);
  EXPECT_EQ(accepted.event_count, 2u);
  EXPECT_EQ(engine.Info(accepted.engagement()).state, static_cast<uint32_t>(KOBLE_ENGAGEMENT_ACTIVE));
  engine.Hold(4s, accepted.engagement());
  engine.Retrieve(5s, accepted.engagement());
  EXPECT_EQ(CodeOf([&] { engine.Retrieve(5s, accepted.engagement()); }), KOBLE_ERR_STATE);
  engine.Park(5s, accepted.engagement(), 8s);
  EXPECT_EQ(engine.Info(bo).parked, 1u);
  EXPECT_EQ(engine.Info(bo).used, 0);
  EXPECT_EQ(engine.Reply(5s, arrived.contact()).engagement(), accepted.engagement());
  engine.Park(5s, accepted.engagement());
  engine.Activity(5s, accepted.engagement());
  engine.Prefetch(arrived.contact());
  engine.Gone(6s, arrived.contact(), By::kCustomer);
  engine.EndWrapUp(7s, accepted.engagement());
  EXPECT_EQ(CodeOf([&] { engine.Accept(8s, offer); }), KOBLE_ERR_ENDED);
  EXPECT_EQ(CodeOf([&] { engine.Info(offer); }), KOBLE_ERR_ENDED);
  EXPECT_EQ(engine.now(), Time(8s));
  EXPECT_EQ(engine.Counts().contacts, 0u);
  EXPECT_EQ(engine.Waiting(kRing), 0u);
  EXPECT_EQ(engine.List<AgentId>().size(), 4u);
  EXPECT_TRUE(engine.List<ContactId>().empty());
}

TEST(Hpp, AttributesByName) {
  const Plan plan = Plan::Load(
      R"({"queues": [{"name": "q"}], "attributes": [{"name": "amount"}, {"name": "language", "values": ["norwegian"]}]})");
  EXPECT_EQ(plan.attribute_count(), 2u);
  EXPECT_EQ(plan.AttributeName(1), "language");
  EXPECT_EQ(plan.AttributeValueCount(1), 1u);
  EXPECT_EQ(plan.AttributeValueName(1, 0), "norwegian");
  Engine engine(plan);
  const Result arrived = engine.Arrive(1s, Arrival(0).With("language", "norwegian").With("amount", 0));
  const std::vector<koble_attribute> attributes = engine.Attributes(arrived.contact());
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_EQ(attributes[0].key, engine.FindSymbol("amount"));
  EXPECT_EQ(attributes[0].value, 0);
  EXPECT_EQ(engine.SymbolName(attributes[1].key), "language");
  EXPECT_EQ(engine.SymbolName(attributes[1].value), "norwegian");
  EXPECT_EQ(engine.SymbolName(99), "");
  EXPECT_EQ(engine.symbol_count(), 3u);
  EXPECT_EQ(CodeOf([&] { engine.Arrive(1s, Arrival(0).With("topic", 1)); }), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(CodeOf([&] { engine.Arrive(1s, Arrival(0).With("language", "")); }), KOBLE_ERR_UNKNOWN);
  const std::uint32_t topic = engine.Intern(1s, "topic");
  EXPECT_EQ(topic, 4u);
  EXPECT_EQ(engine.Attributes(engine.Arrive(1s, Arrival(0).With(topic, 5)).contact()).at(0).value, 5);
  EXPECT_EQ(engine.Attributes(engine.Arrive(1s, Arrival(0).With(topic, 5).With("amount", 1)).contact()).size(), 2u);
  EXPECT_EQ(CodeOf([&] { engine.Intern(1s, ""); }), KOBLE_ERR_ARGUMENT);
  const koble_attribute pairs[] = {{topic, 0, 6}};
  koble_command command{};
  command.kind = KOBLE_CMD_CONTACT_ARRIVE;
  command.time_ns = Time(1s).ns;
  command.attributes_count = 1;
  koble_id id = 0;
  EXPECT_EQ(engine.Apply(&command, 1, {}, nullptr, &id, nullptr, pairs, 1), 1u);
  EXPECT_EQ(engine.Attributes(ContactId(id)).at(0).value, 6);
}

TEST(Hpp, LateStampsAreRaisedByDefault) {
  Engine engine(LoadPlan());
  engine.Advance(10s);
  const Result late = engine.Advance(9s);
  EXPECT_TRUE(late.clamped);
  EXPECT_EQ(late.time, Time(10s));
  EngineOptions strict;
  strict.clamp_time = false;
  strict.start = 5s;
  Engine other(LoadPlan(), strict);
  EXPECT_EQ(CodeOf([&] { other.Advance(4s); }), KOBLE_ERR_TIME);
}

TEST(Hpp, ARefusalSaysWhatTheAdvanceDid) {
  Engine engine(LoadPlan());
  const AgentId bo = engine.FindAgent("Bo");
  engine.SetPresence(1s, bo, Presence::kAvailable);
  engine.Arrive(2s, kRing);
  try {
    engine.Accept(60s, OfferId());  // the offer has rung out on the way
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), KOBLE_ERR_UNKNOWN);
    EXPECT_GT(error.result().event_count, 0u);
    EXPECT_EQ(error.result().time, Time(60s));
  }
}

TEST(Hpp, DrainGivesWhatCommandsInItAdd) {
  Engine engine(LoadPlan());
  engine.SetPresence(1s, engine.FindAgent("Bo"), Presence::kAvailable);
  engine.Arrive(2s, kRing);
  std::vector<uint32_t> kinds;
  engine.Drain([&](const koble_event& event) {
    kinds.push_back(event.kind);
    if (event.kind == KOBLE_EVENT_OFFERED) engine.Accept(3s, OfferId(event.offer));
  });
  ASSERT_GE(kinds.size(), 5u);
  EXPECT_EQ(kinds.back(), static_cast<uint32_t>(KOBLE_EVENT_SERVING));
  EXPECT_GT(engine.first_event(), engine.last_event());
}

TEST(Hpp, ViewIsWhatEventsCopies) {
  Engine engine(LoadPlan());
  engine.SetPresence(1s, engine.FindAgent("Bo"), Presence::kAvailable);
  engine.Arrive(2s, kRing);
  std::vector<koble_event> seen;
  for (const koble_event& event : engine.View(1)) seen.push_back(event);
  EXPECT_TRUE(SameEvents(seen, engine.Events(1)));
  const EventView last = engine.View(3);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].kind, static_cast<uint32_t>(KOBLE_EVENT_OFFERED));
  EXPECT_EQ(std::distance(last.begin(), last.end()), 1);
  EXPECT_TRUE(engine.View(4).empty());
  EXPECT_EQ(engine.View(4).begin(), engine.View(4).end());
  engine.Acknowledge(2);
  EXPECT_EQ(CodeOf([&] { engine.View(2); }), KOBLE_ERR_GONE);
  const EventView taken = engine.Take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].seq, 3u);
  EXPECT_EQ(engine.first_event(), 4u);
  EXPECT_TRUE(engine.Take().empty());
}
TEST(Hpp, DrainKeepsTheEventAtWhichItsHandlerThrew) {
  Engine engine(LoadPlan());
  engine.SetPresence(1s, engine.FindAgent("Bo"), Presence::kAvailable);
  engine.Arrive(2s, kRing);  // 1 presence, 2 arrived, 3 offered
  EXPECT_THROW(engine.Drain([](const koble_event& event) {
    if (event.seq == 2) throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(engine.first_event(), 2u);
  EXPECT_EQ(engine.Events(engine.first_event()).size(), 2u);
  EXPECT_EQ(engine.Events(2, 1).size(), 1u);
  EXPECT_EQ(CodeOf([&] { engine.Events(1); }), KOBLE_ERR_GONE);
  engine.Acknowledge(3);
}

TEST(Hpp, PullAgents) {
  Engine engine(LoadPlan());
  const AgentId per = engine.FindAgent("Per");
  engine.SetPresence(1s, per, Presence::kAvailable);
  EXPECT_EQ(CodeOf([&] { engine.Request(2s, per); }), KOBLE_ERR_NONE);
  EXPECT_FALSE(engine.Request(2s, per, 0, Time::Never()).offer());
  engine.CancelRequest(3s, per);
  engine.Arrive(4s, kPull);
  EXPECT_TRUE(engine.Request(5s, per).offer());
}

TEST(Hpp, AgentsAndPlansChange) {
  Engine engine(LoadPlan());
  const AgentId fay = engine.AddAgent(1s, R"({"name": "Fay", "skills": {"ring": 1}})").agent();
  engine.ChangeAgent(2s, fay, R"({"name": "Fay", "skills": {"ring": 2}})");
  EXPECT_EQ(CodeOf([&] { engine.ReplacePlan(3s, Plan::Load("{}")); }), KOBLE_ERR_IN_USE);
  engine.RemoveAgent(3s, fay);
  EXPECT_EQ(CodeOf([&] { engine.RemoveAgent(3s, fay); }), KOBLE_ERR_ENDED);
  engine.ReplacePlan(4s, Plan::Load("{}"));
  EXPECT_EQ(engine.plan().queue_count(), 0u);
}

TEST(Hpp, ConfirmedConnections) {
  Engine engine(LoadPlan());
  engine.SetPresence(1s, engine.FindAgent("Cleo"), Presence::kAvailable);
  engine.Arrive(2s, kConfirm);
  const auto offer = [&] {
    OfferId last;
    engine.Drain([&](const koble_event& event) {
      if (event.kind == KOBLE_EVENT_OFFERED) last = OfferId(event.offer);
    });
    return last;
  };
  engine.Connected(3s, engine.Accept(3s, offer()).engagement());
  engine.SetPresence(4s, engine.FindAgent("Anna"), Presence::kAvailable);
  engine.Arrive(5s, kConfirm);
  engine.ConnectFailed(6s, engine.Accept(6s, offer()).engagement());
  engine.Arrive(7s, {kAll, kRing});
  EXPECT_EQ(CodeOf([&] { engine.EndOffer(8s, OfferId(), Outcome::kBusy); }), KOBLE_ERR_UNKNOWN);
}

TEST(Hpp, ReconcilesWithWhatExists) {
  Engine engine(LoadPlan());
  engine.SetPresence(1s, engine.FindAgent("Anna"), Presence::kAvailable);
  const ContactId talks = engine.Arrive(2s, kAuto).contact();
  engine.Arrive(3s, kLonely);
  const EngagementId call(engine.Info(talks).engagement);
  engine.Reconcile(4s, {talks}, {call});
  EXPECT_EQ(engine.List<ContactId>(), std::vector<ContactId>{talks});
  engine.Resume(5s);
  EXPECT_EQ(CodeOf([&] { engine.Reconcile(5s, {talks}, {OfferId(), call}); }), KOBLE_ERR_ARGUMENT);
}

TEST(Hpp, BatchesTellWhatWasTaken) {
  EngineOptions options;
  options.max_events = 5;
  Engine engine(LoadPlan(), options);
  const Script script = RandomScript(9, 200);
  std::vector<int32_t> codes(script.commands.size());
  Result whole;
  uint64_t done = 0;
  while (done < script.commands.size()) {
    done += engine.Apply(script.commands.data() + done, script.commands.size() - done, script.data, codes.data() + done,
                         nullptr, &whole);
    EXPECT_EQ(whole.event_first + whole.event_count, engine.last_event() + 1);
    engine.Drain([](const koble_event&) {});
  }
  EXPECT_GT(engine.last_event(), 50u);
}

TEST(Hpp, ClonesAndRecords) {
  EngineOptions options;
  options.journal = Journal::kKeepAll;
  options.seed = 5;
  Engine engine(LoadPlan(), options);
  const Script script = RandomScript(10, 1000);
  engine.Apply(script.commands.data(), script.commands.size(), script.data);
  Engine clone = engine.Clone();
  Engine replayed = Engine::Replay(engine.JournalHeader(), engine.JournalRecords(1), options);
  Engine restored = Engine::Restore(engine.Snapshot(), options);
  EXPECT_EQ(clone.Digest(), engine.Digest());
  EXPECT_EQ(replayed.Digest(), engine.Digest());
  EXPECT_EQ(restored.Digest(), engine.Digest());
  EXPECT_EQ(replayed.last_record(), engine.last_record());
  const uint64_t from = engine.last_record() + 1;
  engine.Arrive(engine.now() + 1s, kRing);
  EXPECT_EQ(restored.ApplyJournal(engine.JournalRecords(from)), 1u);
  EXPECT_EQ(restored.Digest(), engine.Digest());
  engine.AcknowledgeJournal(engine.last_record());
  EXPECT_EQ(engine.first_record(), 1u);
  EXPECT_EQ(CodeOf([&] { Engine::Replay("", ""); }), KOBLE_ERR_CORRUPT);
  EXPECT_EQ(CodeOf([&] { Engine::Restore("KS"); }), KOBLE_ERR_CORRUPT);
  clone = std::move(restored);
  EXPECT_EQ(clone.Digest(), engine.Digest());
}

TEST(Hpp, IdsInTables) {
  std::unordered_set<AgentId> seen;
  Engine engine(LoadPlan());
  for (AgentId agent : engine.List<AgentId>()) EXPECT_TRUE(seen.insert(agent).second);
  EXPECT_EQ(seen.count(engine.FindAgent("Anna")), 1u);
  EXPECT_EQ(engine.FindAgent("Bo").slot(), 1u);
  EXPECT_EQ(engine.FindAgent("Bo").generation(), 1u);
}

}  // namespace
}  // namespace koble::testing
