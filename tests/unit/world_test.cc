#include "sim/world.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "must_load.h"
#include "sim/drawn.h"

namespace koble::sim {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;

std::vector<int64_t> Seconds(const std::vector<int64_t>& seconds) {
  std::vector<int64_t> times;
  for (const int64_t s : seconds) times.push_back(s == KOBLE_NEVER ? KOBLE_NEVER : s * kSecond);
  return times;
}

OwnLaw Fixed(double seconds) { return OwnLaw({.kind = LawKind::kDeterministic, .a = seconds * 1e9}); }
OwnLaw Exponential(double seconds) { return OwnLaw({.kind = LawKind::kExponential, .a = seconds * 1e9}); }

constexpr const char* kPlain =
    R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}, {"name": "B"}, {"name": "C"}]})";

// A world of one queue; everybody whom the plan lists is there from the beginning, unless a test says otherwise.
struct Scene {
  explicit Scene(const std::string& text) : plan(plan::MustLoad(text)) {
    model.people.emplace_back();
    for (uint32_t i = 0; i < plan->agents.size(); ++i) model.presence.push_back({0, 0, i, KOBLE_PRESENCE_AVAILABLE});
    model.horizon_ns = model.to_ns = 10 * kHour;
  }
  StreamModel& Listed(const std::vector<int64_t>& arrivals, const std::vector<int64_t>& services,
                      const std::vector<int64_t>& patiences = {}) {
    StreamModel& stream = model.streams.emplace_back();
    stream.queues = {0};
    stream.times_ns = Seconds(arrivals);
    stream.services_ns = Seconds(services);
    stream.patiences_ns = Seconds(patiences);
    return stream;
  }
  void Open() {
    ASSERT_EQ(Mistake(model, *plan), "");
    int32_t code = 0;
    std::string message;
    engine = engine::Engine::Create(plan, {}, &code, &message);
    source = std::make_unique<Drawn>(model);
    world = std::make_unique<World>(engine.get(), &model, source.get(), nullptr);
  }
  std::vector<koble_world_record> Play(uint64_t block = 1000) {
    Open();
    std::vector<koble_world_record> records;
    while (!world->over()) {
      if (world->Run(block, KOBLE_NEVER, &records) != KOBLE_OK) {
        ADD_FAILURE() << world->message();
        break;
      }
    }
    return records;
  }

  std::shared_ptr<const plan::Plan> plan;
  Model model;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Drawn> source;
  std::unique_ptr<World> world;
};

int64_t End(const koble_world_record& record) {
  return (record.arrival_ns + record.wait_ns + record.service_ns) / kSecond;
}

TEST(WorldTest, ServesWaitsAndHangsUp) {
  Scene scene(R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}]})");
  scene.Listed({0, 10, 20}, {100, 50, 5}, {KOBLE_NEVER, KOBLE_NEVER, 30});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].customer, 3u);  // in order of their ends
  EXPECT_EQ(records[0].exit, static_cast<uint32_t>(KOBLE_EXIT_ABANDONED));
  EXPECT_EQ(records[0].wait_ns, 30 * kSecond);
  EXPECT_EQ(records[0].waiting, 1u);
  EXPECT_EQ(records[0].flags, static_cast<uint32_t>(KOBLE_WORLD_MUST_WAIT));
  EXPECT_EQ(End(records[1]), 100);
  EXPECT_EQ(records[1].flags, 0u);
  EXPECT_EQ(records[2].wait_ns, 90 * kSecond);
  EXPECT_EQ(End(records[2]), 150);
}

// Ten seconds alone, then both at half speed: the first has 90 s left and needs 180, in which the second does 90 of its 100.
TEST(WorldTest, ConversationsAreTimedAnewWhenTheirNumberChanges) {
  Scene scene(R"({"channels": [{"name": "chat", "cost": 50}], "queues": [{"name": "q", "channel": "chat"}],
                  "agents": [{"name": "A"}]})");
  scene.Listed({0, 10}, {100, 100});
  scene.model.people[0].speeds = {1, 0.5};
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(End(records[0]), 190);
  EXPECT_EQ(End(records[1]), 200);
  EXPECT_EQ(scene.world->people().Spent(0, 200 * kSecond).talk_ns, 380 * kSecond);
  EXPECT_EQ(scene.world->people().Spent(0, 200 * kSecond).busy_ns, 200 * kSecond);
}

TEST(WorldTest, ServiceHangsOnTheAgentAndOnHisPractice) {
  Scene scene(R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}]})");
  scene.Listed({0, 1000, 2000}, {100, 100, 100});
  scene.model.factors = {2};
  scene.model.people[0].learning_first = 1.5;
  scene.model.people[0].learning_contacts = 1;
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].service_ns, 300 * kSecond);
  EXPECT_NEAR(static_cast<double>(records[1].service_ns), 200e9 * (1 + 0.5 * 0.36787944117144233), 2);
  EXPECT_NEAR(static_cast<double>(records[2].service_ns), 200e9 * (1 + 0.5 * 0.1353352832366127), 2);
}

TEST(WorldTest, WhoIsRefusedComesAgain) {
  Scene scene(R"({"queues": [{"name": "q", "max_length": 0}], "agents": [{"name": "A"}]})");
  StreamModel& stream = scene.Listed({0, 10}, {100, 50});
  stream.again_after = KOBLE_AGAIN_REFUSED;
  stream.again_probability = 1;
  stream.again_delay = Fixed(40);
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 5u);
  int attempts = 0;
  for (const auto& record : records) {
    if (record.customer != 2) continue;
    EXPECT_EQ(record.attempt, static_cast<uint32_t>(attempts));
    EXPECT_EQ(record.first_ns, 10 * kSecond);
    EXPECT_EQ(record.arrival_ns, (10 + 40 * attempts) * kSecond);
    EXPECT_EQ(record.again_ns, attempts < 3 ? 40 * kSecond : KOBLE_NEVER);
    ++attempts;
  }
  EXPECT_EQ(attempts, 4);
  EXPECT_EQ(records.back().service_ns, 50 * kSecond);
}

TEST(WorldTest, AttemptsEndWithTheirNumberAndWithTheHorizon) {
  for (const auto& [most, horizon, wanted] : {std::tuple{2u, int64_t{10} * 3600, 3u}, {0u, int64_t{95}, 3u}}) {
    Scene scene(R"({"queues": [{"name": "q", "max_length": 0}], "agents": []})");
    StreamModel& stream = scene.Listed({10}, {50});
    stream.again_after = 15;
    stream.again_probability = 1;
    stream.again_most = most;
    stream.again_delay = Fixed(40);
    scene.model.horizon_ns = horizon * kSecond;
    EXPECT_EQ(scene.Play().size(), wanted);
  }
}

TEST(WorldTest, WhoWouldHaveToWaitMayLeaveAtOnce) {
  Scene scene(R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}]})");
  scene.Listed({0, 10}, {100, 50}).balk = 1;
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].customer, 2u);
  EXPECT_EQ(records[0].wait_ns, 0);
  EXPECT_EQ(records[0].exit, static_cast<uint32_t>(KOBLE_EXIT_ABANDONED));
  EXPECT_EQ(records[0].flags, static_cast<uint32_t>(KOBLE_WORLD_MUST_WAIT | KOBLE_WORLD_BALKED));
  EXPECT_EQ(End(records[1]), 100);  // who need not wait stays
}

// From three to one at 50 s: the free one goes, and whoever ends first of the two who talk. The one who is left serves.
TEST(WorldTest, AsStaffFallsFreeOnesGoAndThenWhoeverEndsFirst) {
  Scene scene(kPlain);
  scene.model.presence.clear();
  scene.model.group_of_agent = {0, 0, 0};
  scene.model.levels = {{0, 0, 3}, {50 * kSecond, 0, 1}};
  scene.model.sample_ns = {49 * kSecond, 51 * kSecond, 150 * kSecond, 250 * kSecond};
  scene.Listed({0, 10, 60, 70}, {100, 200, 10, 10});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(End(records[0]), 100);
  EXPECT_EQ(records[0].agent, 0u);  // and he goes, though two wait
  EXPECT_EQ(End(records[1]), 210);  // who is left takes them
  EXPECT_EQ(End(records[2]), 220);
  EXPECT_EQ(records[2].agent, records[1].agent);
  EXPECT_EQ(End(records[3]), 230);
  const auto& samples = scene.world->samples();
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[0].free, 1u);
  EXPECT_EQ(samples[1].free, 0u);
  EXPECT_EQ(samples[1].present, 2u);
  EXPECT_EQ(samples[2].present, 1u);
  EXPECT_EQ(samples[2].waiting, 2u);
  EXPECT_EQ(samples[3].free, 1u);
}

TEST(WorldTest, AsStaffFallsAFreeOneGoesThoughBusyOnesStandBehindHim) {
  Scene scene(kPlain);
  scene.model.presence.clear();
  scene.model.group_of_agent = {0, 0, 0};
  scene.model.levels = {{0, 0, 3}, {50 * kSecond, 0, 2}};
  scene.Listed({0, 1, 2, 60}, {10, 200, 98, 5});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[2].customer, 4u);
  EXPECT_EQ(records[2].agent, 2u);  // the first is gone, so that it waits for the third
  EXPECT_EQ(records[2].wait_ns, 40 * kSecond);
}

TEST(WorldTest, AtOneInstantConversationsEndBeforeShifts) {
  Scene scene(R"({"queues": [{"name": "q", "offer": {"mode": "auto"}}], "agents": [{"name": "A"}]})");
  scene.model.presence.push_back({100 * kSecond, 0, 0, KOBLE_PRESENCE_OFFLINE});
  scene.Listed({0, 10}, {100, 50});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].wait_ns, 90 * kSecond);  // he takes it before he goes, and ends it
  EXPECT_EQ(End(records[1]), 150);
}

TEST(WorldTest, WhoWasToGoStaysWhenStaffRisesAgain) {
  Scene scene(kPlain);
  scene.model.presence.clear();
  scene.model.group_of_agent = {0, 0, 0};
  scene.model.levels = {{0, 0, 1}, {50 * kSecond, 0, 0}, {60 * kSecond, 0, 2}};
  scene.Listed({0, 70, 80}, {100, 100, 5});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].agent, 0u);
  EXPECT_EQ(records[1].agent, 0u);  // free at 100, though he was told to go at 50
  EXPECT_EQ(End(records[1]), 105);
  EXPECT_EQ(records[2].agent, 1u);  // came at 60
}

TEST(WorldTest, OffersAreAnsweredDeclinedAndMissed) {
  for (const auto& [decline, miss] : {std::pair{0.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}}) {
    Scene scene(R"({"queues": [{"name": "q", "offer": {"mode": "ring", "ring": "20s"}}], "agents": [{"name": "A"}]})");
    scene.Listed({0}, {100}, {60});
    scene.model.people[0].answer = Fixed(7);
    scene.model.people[0].decline = decline;
    scene.model.people[0].miss = miss;
    const auto records = scene.Play();
    ASSERT_EQ(records.size(), 1u);
    if (decline + miss == 0) {
      EXPECT_EQ(records[0].wait_ns, 7 * kSecond);
      EXPECT_EQ(records[0].offers, 1u);
      EXPECT_EQ(records[0].flags, 0u);  // offered at once
    } else {
      EXPECT_EQ(records[0].wait_ns, 60 * kSecond);
      EXPECT_EQ(records[0].exit, static_cast<uint32_t>(KOBLE_EXIT_ABANDONED));
    }
  }
}

TEST(WorldTest, WrapUpsAreDrawnAndThePlansIsTheLongest) {
  for (const auto& [drawn, length] : {std::pair{30.0, int64_t{30}}, {90.0, int64_t{60}}}) {
    Scene scene(R"({"queues": [{"name": "q", "wrap_up": "60s"}], "agents": [{"name": "A"}]})");
    scene.Listed({0, 10}, {100, 100});
    scene.model.people[0].wrap_up = Fixed(drawn);
    const auto records = scene.Play();
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[1].wait_ns, (90 + length) * kSecond);
    const auto spent = scene.world->people().Spent(0, 10 * kHour);
    EXPECT_EQ(spent.wrap_ns, 2 * length * kSecond);
    EXPECT_EQ(spent.busy_ns, (200 + 2 * length) * kSecond);
    EXPECT_EQ(spent.served, 2u);
  }
}

TEST(WorldTest, TimeIsCountedFromWindowToWindow) {
  Scene scene(R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}, {"name": "B"}]})");
  scene.Listed({0, 50}, {200, 100});
  scene.model.from_ns = 100 * kSecond;
  scene.model.to_ns = 1000 * kSecond;
  scene.Play();
  EXPECT_EQ(scene.world->SpentUntil(), 1000 * kSecond);
  const auto spent = scene.world->people().Spent(0, scene.world->SpentUntil());
  EXPECT_EQ(spent.busy_ns, 100 * kSecond);
  EXPECT_EQ(spent.present_ns, 900 * kSecond);
  EXPECT_EQ(spent.served, 0u);  // it began before
  EXPECT_EQ(scene.world->people().AllBusyNs(scene.world->SpentUntil()), 50 * kSecond);
}

TEST(WorldTest, BatchesComeTogether) {
  Scene scene(kPlain);
  StreamModel& stream = scene.Listed({0, 60}, {});
  stream.services_ns.clear();
  stream.service = Fixed(10);
  stream.batch = Fixed(2.5);  // contacts, rounded up
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 6u);
  for (const auto& record : records) EXPECT_EQ(record.arrival_ns, record.customer <= 3 ? 0 : 60 * kSecond);
}

TEST(WorldTest, AttributesAreDrawnByWeight) {
  Scene scene(R"({"attributes": [{"name": "size"}], "queues": [{"name": "q", "require": "contact.size >= 2"}],
                  "agents": [{"name": "A"}]})");
  StreamModel& stream = scene.Listed({}, {});
  stream.pieces = {{0, 1000, 1000}};
  stream.service = Fixed(1);
  stream.patience = Fixed(30);
  stream.attributes.push_back({1, {1, 2}, {0.25, 1.0}});
  const auto records = scene.Play();
  double served = 0;
  for (const auto& record : records) served += record.service_ns > 0 ? 1 : 0;
  ASSERT_GT(records.size(), 9000u);
  EXPECT_NEAR(served / static_cast<double>(records.size()), 0.75, 0.03);
}

// Everything that a stream can do, at random.
void Fill(Scene* scene) {
  StreamModel& stream = scene->model.streams.emplace_back();
  stream.queues = {0};
  stream.pieces = {{0, 20, 60}, {5 * kHour, 40, 0}};
  stream.batch = Exponential(1.2);
  stream.service = Exponential(200);
  stream.patience = Exponential(90);
  stream.balk = 0.2;
  stream.again_after = 15;
  stream.again_probability = 0.6;
  stream.again_delay = Exponential(300);
  PeopleModel& people = scene->model.people[0];
  people.answer = Exponential(8);
  people.wrap_up = Exponential(20);
  people.decline = 0.1;
  people.miss = 0.1;
  people.learning_first = 2;
  people.learning_contacts = 20;
}

constexpr const char* kRing = R"({"queues": [{"name": "q", "wrap_up": "1h", "offer": {"mode": "ring", "ring": "20s"}}],
    "agents": [{"name": "A"}, {"name": "B"}, {"name": "C"}]})";

TEST(WorldTest, BlocksDoNotMatter) {
  std::vector<koble_world_record> whole;
  for (const uint64_t block : {100000, 1, 7}) {
    Scene scene(kRing);
    Fill(&scene);
    const auto records = scene.Play(block);
    ASSERT_GT(records.size(), 300u);
    if (whole.empty()) whole = records;
    ASSERT_EQ(records.size(), whole.size());
    EXPECT_EQ(std::memcmp(records.data(), whole.data(), whole.size() * sizeof whole[0]), 0);
  }
}

// Everything that can be drawn has the same bits with every compiler and on every machine: this runs in all builds.
TEST(WorldTest, TheRunIsTheSameEverywhere) {
  Scene scene(kRing);
  Fill(&scene);
  StreamModel& more = scene.model.streams.emplace_back();
  more.queues = {0};
  more.pieces = {{0, 10, 30}};
  const std::vector<Law> parts = {{.kind = LawKind::kGamma, .a = 60e9, .b = 0.7},
                                  {.kind = LawKind::kLognormal, .a = 90e9, .b = 1.1}};
  const std::vector<double> weights = {1, 2};
  more.service = OwnLaw({.kind = LawKind::kMixture, .weights = weights, .parts = parts});
  more.patience = OwnLaw({.kind = LawKind::kWeibull, .a = 100e9, .b = 0.8});
  scene.model.people[0].speeds = {1, 0.7};
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const auto& record : scene.Play()) {
    for (const int64_t value : {record.arrival_ns, record.wait_ns, record.service_ns, record.again_ns,
                                static_cast<int64_t>(record.customer), static_cast<int64_t>(record.agent)}) {
      hash = (hash ^ static_cast<uint64_t>(value)) * 1099511628211u;
    }
  }
  EXPECT_EQ(hash, 8500222201654205556u);
}

// Whatever the plan, the same customers come, with the same work: common random numbers.
TEST(WorldTest, TheSameCustomersComeUnderAnotherPlan) {
  std::vector<std::map<uint64_t, int64_t>> first, service;
  for (const char* text : {kRing, kPlain}) {
    Scene scene(text);
    Fill(&scene);
    scene.model.people[0] = {};
    auto& firsts = first.emplace_back();
    auto& services = service.emplace_back();
    for (const auto& record : scene.Play()) {
      firsts[record.customer] = record.first_ns;
      if (record.service_ns > 0) services[record.customer] = record.service_ns;
    }
  }
  EXPECT_EQ(first[0], first[1]);
  int both = 0;
  for (const auto& [customer, length] : service[0]) {
    const auto other = service[1].find(customer);
    if (other == service[1].end()) continue;
    EXPECT_EQ(length, other->second);
    ++both;
  }
  EXPECT_GT(both, 20);
}

TEST(WorldTest, WhoIsLeftWaitingIsToldAtTheEnd) {
  Scene scene(R"({"queues": [{"name": "q"}], "agents": []})");
  scene.Listed({0, 10}, {100, 50});
  const auto records = scene.Play();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].exit, 0u);
  EXPECT_EQ(records[0].agent, UINT32_MAX);
  EXPECT_EQ(records[0].wait_ns, 10 * kSecond);
}

TEST(WorldTest, MistakesNameTheirPlace) {
  const auto mistake = [](auto change) {
    Scene scene(kPlain);
    scene.Listed({0}, {1});
    change(&scene.model);
    return Mistake(scene.model, *scene.plan);
  };
  EXPECT_EQ(mistake([](Model*) {}), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].queues = {1}; }).find("stream 0: the plan has no queue 1"),
            std::string::npos);
  EXPECT_NE(mistake([](Model* m) { m->streams[0].queues = {}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].pieces = {{0, 1, 1}}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].services_ns = {}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].services_ns = {1, 2}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].services_ns = {-1}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].patiences_ns = {-1}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].times_ns = {-1}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].balk = 1.5; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].again_after = 1; }), "");
  EXPECT_NE(mistake([](Model* m) { m->streams[0].again_after = 16; }), "");
  EXPECT_NE(mistake([](Model* m) { m->people[0].speeds = {0}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->people[0].decline = m->people[0].miss = 0.6; }), "");
  EXPECT_NE(mistake([](Model* m) { m->people[0].learning_contacts = 1; }), "");
  EXPECT_NE(mistake([](Model* m) { m->people_of_agent = {0, 0, 1}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->factors = {1, 1, 0}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->sample_ns = {2, 1}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->horizon_ns = 0; }), "");
  EXPECT_NE(mistake([](Model* m) { m->purpose = 3; }), "");
  EXPECT_NE(mistake([](Model* m) { m->from_ns = 5, m->to_ns = 4; }), "");
  EXPECT_NE(mistake([](Model* m) { m->presence = {{0, 0, 3, 1}}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->levels = {{0, 0, 1}}; }).find("has 0 agents"), std::string::npos);
  EXPECT_NE(mistake([](Model* m) { m->group_of_agent = {0}; }), "");
  EXPECT_NE(mistake([](Model* m) { m->group_of_agent = {0, 0, 0}, m->levels = {{5, 0, 1}, {4, 0, 1}}; }), "");
}

}  // namespace
}  // namespace koble::sim
