#include "sim/decisions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "must_load.h"
#include "sim/drawn.h"

namespace koble::sim {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int32_t kBegin = -1;

std::vector<int64_t> Seconds(std::vector<int64_t> seconds) {
  for (int64_t& s : seconds) s = s == KOBLE_NEVER ? s : s * kSecond;
  return seconds;
}

// A world whose queues wait for decisions; everybody is there from the beginning.
struct Scene {
  explicit Scene(const std::string& text) : plan(plan::MustLoad(text)) {
    model.people.emplace_back();
    for (uint32_t i = 0; i < plan->agents.size(); ++i) {
      model.presence.push_back({0, 0, i, KOBLE_PRESENCE_AVAILABLE});
      groups.push_back(0);
    }
    model.horizon_ns = model.to_ns = 3600 * kSecond;
  }
  StreamModel& Listed(std::vector<uint32_t> queues, const std::vector<int64_t>& arrivals,
                      const std::vector<int64_t>& services, const std::vector<int64_t>& patiences = {}) {
    StreamModel& stream = model.streams.emplace_back();
    stream.queues = std::move(queues);
    stream.times_ns = Seconds(arrivals);
    stream.services_ns = Seconds(services);
    stream.patiences_ns = Seconds(patiences);
    return stream;
  }
  std::string Open(uint32_t group_count = 1) {
    EXPECT_EQ(Mistake(model, *plan), "");
    int32_t code = 0;
    std::string message;
    engine = engine::Engine::Create(plan, {}, &code, &message);
    source = std::make_unique<Drawn>(model);
    world = std::make_unique<World>(engine.get(), &model, source.get(), nullptr);
    decisions = std::make_unique<Decisions>(world.get(), &model, *engine, groups, group_count, costs, &message);
    return message;
  }
  void Begin(uint32_t group_count = 1) {
    ASSERT_EQ(Open(group_count), "");
    Act(kBegin);
  }
  void Act(int32_t action) {
    ASSERT_TRUE(decisions->Legal(action)) << action << " at " << world->now() / kSecond;
    ASSERT_EQ(decisions->Act(action), KOBLE_OK) << decisions->message();
  }
  std::vector<int> Mask() const {
    std::vector<uint8_t> mask(decisions->Actions());
    decisions->Mask(mask);
    return {mask.begin(), mask.end()};
  }
  std::vector<float> Observation() const {
    std::vector<float> observation(decisions->Observed());
    decisions->Observe(observation);
    return observation;
  }
  int64_t Now() const { return world->now() / kSecond; }
  int Serving(const char* agent) const {
    koble_agent_info info{};
    EXPECT_EQ(engine->Agent(engine->FindAgent(agent), &info), KOBLE_OK);
    return static_cast<int>(info.active);
  }

  std::shared_ptr<const plan::Plan> plan;
  Model model;
  std::vector<uint32_t> groups;
  Costs costs;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Drawn> source;
  std::unique_ptr<World> world;
  std::unique_ptr<Decisions> decisions;
};

constexpr const char* kTwo = R"({"skills": ["x", "y"],
    "queues": [{"name": "x", "require": "x", "offer": {"mode": "external"}},
               {"name": "y", "require": "y", "offer": {"mode": "external"}}],
    "agents": [{"name": "A", "skills": {"x": 1}}, {"name": "AB", "skills": {"x": 1, "y": 1}}]})";

TEST(DecisionsTest, StopsWhereSomebodyMayBeChosen) {
  Scene scene(kTwo);
  scene.groups = {0, 1};
  scene.Listed({0}, {10, 20}, {100, 100});
  scene.Listed({1}, {15}, {50});
  scene.Begin(2);
  EXPECT_EQ(scene.Now(), 10);
  EXPECT_DOUBLE_EQ(scene.decisions->elapsed_s(), 10);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{1, 1, 0, 0, 1}));
  scene.Act(1);  // x to AB, so that y waits although A is free
  EXPECT_EQ(scene.Serving("AB"), 1);
  EXPECT_EQ(scene.Now(), 20);
  EXPECT_DOUBLE_EQ(scene.decisions->elapsed_s(), 10);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{1, 0, 0, 0, 1}));
  // Of each stream who waits, and for how long the first; of each group who is free, who is there, idle for how long; hours.
  EXPECT_EQ(scene.Observation(), (std::vector<float>{1, 0, 1, 5, 1, 1, 20, 0, 1, 0, 20.0F / 3600}));
  EXPECT_FALSE(scene.decisions->Legal(3));
  EXPECT_FALSE(scene.decisions->Legal(5));
  EXPECT_FALSE(scene.decisions->Legal(kBegin));
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 110);  // AB is free again
  scene.Act(3);
  EXPECT_EQ(scene.decisions->state(), KOBLE_DECISION_OVER);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{0, 0, 0, 0, 1}));
  EXPECT_FALSE(scene.decisions->Legal(4));
}

TEST(DecisionsTest, DeferringLastsUntilSomethingHappens) {
  Scene scene(kTwo);
  scene.groups = {0, 0};
  scene.Listed({0}, {10, 20}, {100, 100}, {100, KOBLE_NEVER});
  scene.Begin();
  scene.Act(1);
  EXPECT_EQ(scene.Now(), 20);
  scene.Act(1);
  EXPECT_EQ(scene.Now(), 110);  // the first has hung up
  EXPECT_EQ(scene.Observation()[0], 1);
  scene.Act(1);  // nothing more happens, and who waits waits on
  EXPECT_EQ(scene.decisions->state(), KOBLE_DECISION_HORIZON);
  EXPECT_DOUBLE_EQ(scene.decisions->elapsed_s(), 3600 - 110);
}

// Whoever is served does not hang up any more: at 30 s nothing happens.
TEST(DecisionsTest, WhatHasComeToNothingIsNoNews) {
  Scene scene(kTwo);
  scene.groups = {0, 0};
  scene.costs.waiting_per_hour = {3600};
  scene.Listed({0}, {10, 20}, {100, 100}, {20, KOBLE_NEVER});
  scene.Begin();
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 20);
  scene.Act(1);
  EXPECT_EQ(scene.Now(), 110);
  EXPECT_DOUBLE_EQ(scene.decisions->elapsed_s(), 90);
  EXPECT_DOUBLE_EQ(scene.decisions->reward(), -90);
  scene.Act(0);
  EXPECT_DOUBLE_EQ(scene.decisions->reward(), 0);
}

// x waits from 10 s, hangs up at 40 s; another from 20 s is served at 30 s.
TEST(DecisionsTest, RewardsAreIntegralsFromTheDecisionOn) {
  for (const double beta : {0.0, 36.0}) {
    Scene scene(kTwo);
    scene.groups = {0, 0};
    scene.Listed({0}, {10, 20, 30}, {5, 5, 5}, {30, KOBLE_NEVER, KOBLE_NEVER});
    scene.costs = {{360}, {7}, {}, {2}, beta};
    scene.Begin();
    EXPECT_DOUBLE_EQ(scene.decisions->reward(), 0);
    const double rate = beta / 3600;
    const auto discount = [&](double t) { return std::exp(-rate * t); };
    const auto integral = [&](double from, double to) {
      return beta == 0 ? to - from : (discount(from) - discount(to)) / rate;
    };
    scene.Act(1);  // 10 to 20
    EXPECT_NEAR(scene.decisions->reward(), -0.1 * integral(0, 10), 1e-12);
    scene.Act(1);  // 20 to 30, two wait
    EXPECT_NEAR(scene.decisions->reward(), -0.2 * integral(0, 10), 1e-12);
    scene.Act(0);  // at 30 the first is served
    EXPECT_NEAR(scene.decisions->reward(), 2, 1e-12);
    EXPECT_DOUBLE_EQ(scene.decisions->elapsed_s(), 0);  // the other agent is free
    scene.Act(1);
    EXPECT_NEAR(scene.decisions->reward(), -0.2 * integral(0, 5), 1e-12);
  }
}

TEST(DecisionsTest, WhoHangsUpCostsItThen) {
  Scene scene(R"({"queues": [{"name": "x", "offer": {"mode": "external"}}], "agents": [{"name": "A"}]})");
  scene.Listed({0}, {10}, {5}, {30});
  scene.costs = {{}, {7}, {}, {}, 360};
  scene.Begin();
  scene.Act(1);
  EXPECT_EQ(scene.Now(), 40);
  EXPECT_NEAR(scene.decisions->reward(), -7 * std::exp(-360.0 * 30 / 3600), 1e-12);
}

// An offer leaves the queue's rules in force as they are now: a step after 30 s, a profile's delay of 20 s, a reserve.
TEST(DecisionsTest, TheEngineSaysWhoMayBeOfferedWhat) {
  Scene scene(R"({"skills": ["x"], "profiles": [{"name": "late", "queues": [{"queue": "x", "delay": "20s"}]}],
      "queues": [{"name": "x", "require": "x", "steps": [{"after": "30s"}], "offer": {"mode": "external"}},
                 {"name": "held", "reserve": 1, "offer": {"mode": "external"}}],
      "agents": [{"name": "A", "skills": {"x": 1}, "profile": "late"}, {"name": "B"}]})");
  scene.groups = {0, 1};
  scene.Listed({0}, {10}, {5});
  scene.Listed({1}, {50, 50}, {5, 5});
  scene.Begin(2);
  EXPECT_EQ(scene.Now(), 30);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{1, 0, 0, 0, 1}));
  scene.Act(4);
  EXPECT_EQ(scene.Now(), 40);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{1, 1, 0, 0, 1}));
  scene.Act(1);
  EXPECT_EQ(scene.Now(), 50);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{0, 0, 1, 1, 1}));
  scene.Act(2);  // whoever is left free is reserved
  EXPECT_EQ(scene.Now(), 55);
  EXPECT_EQ(scene.Mask(), (std::vector<int>{0, 0, 1, 1, 1}));
}

TEST(DecisionsTest, WhoComesAgainStandsBehindWhoWaits) {
  Scene scene(R"({"queues": [{"name": "x", "offer": {"mode": "external"}}], "agents": [{"name": "A"}]})");
  StreamModel& stream = scene.Listed({0}, {0, 10, 35}, {45, 5, 5}, {KOBLE_NEVER, 20, KOBLE_NEVER});
  stream.again_after = KOBLE_AGAIN_ABANDONED;
  stream.again_probability = 1;
  stream.again_delay.emplace(Law{.kind = LawKind::kDeterministic, .a = 10e9});
  scene.Begin();
  scene.Act(0);  // the second hangs up at 30 and is back at 40, behind the third, who came at 35
  EXPECT_EQ(scene.Now(), 45);
  EXPECT_EQ(scene.Observation()[0], 2);
  EXPECT_EQ(scene.Observation()[1], 10);
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 50);
  EXPECT_EQ(scene.Observation()[1], 10);
}

// Whoever is given somebody at once need not wait, so that he neither balks nor is told from who did not have to.
TEST(DecisionsTest, ArrivalsBalkAfterTheDecision) {
  Scene scene(
      R"({"queues": [{"name": "x", "offer": {"mode": "external"}}], "agents": [{"name": "A"}, {"name": "B"}]})");
  scene.Listed({0}, {10, 20, 30}, {100, 100, 100}).balk = 1;
  scene.costs.abandoned = {1};
  scene.Begin();
  scene.Act(0);
  EXPECT_DOUBLE_EQ(scene.decisions->reward(), 0);
  scene.Act(1);  // at 20: deferred, so that he has to wait, and balks; B is free again for the one at 30
  EXPECT_DOUBLE_EQ(scene.decisions->reward(), -1);
  EXPECT_EQ(scene.Now(), 30);
  EXPECT_EQ(scene.Observation()[0], 1);
  scene.Act(0);
  EXPECT_EQ(scene.decisions->state(), KOBLE_DECISION_OVER);
  EXPECT_DOUBLE_EQ(scene.decisions->reward(), 0);
}

TEST(DecisionsTest, OfAGroupWhoHasBeenIdleForLongest) {
  Scene scene(
      R"({"queues": [{"name": "x", "offer": {"mode": "external"}}], "agents": [{"name": "A"}, {"name": "B"}]})");
  scene.Listed({0}, {10, 20, 200, 300}, {50, 30, 5, 5});
  scene.Begin();
  scene.Act(0);
  scene.Act(0);  // A is free from 60 s, B from 50 s
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 300);
  scene.Act(0);
  koble_agent_info a{}, b{};
  ASSERT_EQ(scene.engine->Agent(scene.engine->FindAgent("A"), &a), KOBLE_OK);
  ASSERT_EQ(scene.engine->Agent(scene.engine->FindAgent("B"), &b), KOBLE_OK);
  EXPECT_EQ(a.idle_since_ns, 305 * kSecond);  // he had the fourth
  EXPECT_EQ(b.idle_since_ns, 205 * kSecond);  // he had the third
}

TEST(DecisionsTest, SeveralConversationsAtOnce) {
  Scene scene(R"({"channels": [{"name": "chat", "cost": 50}],
      "queues": [{"name": "x", "channel": "chat", "offer": {"mode": "external"}}], "agents": [{"name": "A"}]})");
  scene.Listed({0}, {10, 20, 30}, {100, 100, 100});
  scene.Begin();
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 20);
  scene.Act(0);
  EXPECT_EQ(scene.Now(), 110);  // there is no room for the third before
  EXPECT_EQ(scene.Serving("A"), 1);
}

TEST(DecisionsTest, WithAttributesTheFirstWhoMay) {
  Scene scene(R"({"skills": ["no"], "attributes": [{"name": "lang", "values": ["en", "no"]}],
      "queues": [{"name": "x", "require": "not contact.lang = no or no", "offer": {"mode": "external"}}],
      "agents": [{"name": "A"}, {"name": "B", "skills": {"no": 1}}]})");
  scene.groups = {0, 1};
  scene.model.streams.reserve(2);
  StreamModel& stream = scene.Listed({0}, {10, 10, 10, 10, 10, 10}, {5, 5, 5, 5, 5, 5});
  scene.Listed({0}, {0}, {60});
  int32_t code = 0;
  std::string message;
  const auto names = engine::Engine::Create(scene.plan, {}, &code, &message);
  const int64_t en = names->FindSymbol("en"), no = names->FindSymbol("no");
  stream.attributes.push_back({names->FindSymbol("lang"), {no, en}, {0.5, 1.0}});
  scene.Begin(2);
  scene.Act(3);  // keeps B away for a minute
  uint64_t english = 0;
  while (scene.Now() < 60 && scene.decisions->state() == KOBLE_DECISION_OPEN) {
    if (scene.Mask()[0] == 1) {
      ++english;
      scene.Act(0);
    } else {
      scene.Act(4);
    }
  }
  EXPECT_GT(english, 0u);
  EXPECT_GT(scene.Observation()[0], 0);
  for (const InLine& who : scene.world->WaitingOf(0)) {
    koble_attribute language{};
    uint64_t count = 0;
    ASSERT_EQ(scene.engine->ContactAttributes(who.contact, {&language, 1}, &count), KOBLE_OK);
    EXPECT_EQ(language.value, no);
  }
  EXPECT_EQ(static_cast<float>(english) + scene.Observation()[0], 6);
  EXPECT_EQ(scene.Mask()[0], 0);
  EXPECT_EQ(scene.Mask()[1], 1);
}

TEST(DecisionsTest, MistakesAreSaid) {
  Scene automatic(R"({"queues": [{"name": "x", "offer": {"mode": "auto"}}], "agents": [{"name": "A"}]})");
  automatic.Listed({0}, {10}, {5});
  EXPECT_NE(automatic.Open().find("external"), std::string::npos);
  Scene confirms(
      R"({"queues": [{"name": "x", "offer": {"mode": "external", "confirm": "10s"}}], "agents": [{"name": "A"}]})");
  confirms.Listed({0}, {10}, {5});
  EXPECT_NE(confirms.Open().find("confirm"), std::string::npos);
  Scene empty(kTwo);
  empty.Listed({0}, {10}, {5});
  EXPECT_EQ(empty.Open(2), "group 1 has no agents");
  Scene far(kTwo);
  far.Listed({0}, {10}, {5});
  far.groups = {0, 1};
  EXPECT_EQ(far.Open(1), "group_of_agent: there are 1 groups, and no group 1");
}

}  // namespace
}  // namespace koble::sim
