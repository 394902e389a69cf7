#include "sim/trace.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace koble::sim {
namespace {

constexpr int64_t kSecond = 1000000000;
constexpr int64_t kBegin = 1000 * kSecond;  // agents sign in a little earlier than 0 of a sample path

std::shared_ptr<const plan::Plan> MustLoad(const std::string& text) {
  std::string report;
  int32_t code = 0;
  auto plan = plan::Load(text, &report, &code);
  EXPECT_NE(plan, nullptr) << report;
  return plan;
}

struct Played {
  std::vector<koble_sim_outcome> outcomes;
  koble_sim_run run = KOBLE_SIM_RUN_INIT;
  int32_t code = KOBLE_OK;
  std::string message;
};

Played Play(const std::shared_ptr<const plan::Plan>& plan, const std::vector<koble_sim_contact>& contacts,
            const std::vector<koble_sim_presence>& presence,
            koble_sim_trace_options options = KOBLE_SIM_TRACE_OPTIONS_INIT, figures::Figures* figures = nullptr) {
  Played run;
  run.outcomes.resize(contacts.size());
  run.code = RunTrace(plan, options, contacts, presence, run.outcomes, figures, &run.run, &run.message);
  return run;
}

koble_sim_contact Contact(int64_t arrival_s, int64_t service_s, int64_t patience_s = -1, uint32_t queue = 0) {
  return {.arrival_ns = kBegin + arrival_s * kSecond,
          .patience_ns = patience_s < 0 ? KOBLE_NEVER : patience_s * kSecond,
          .service_ns = service_s * kSecond,
          .priority = 0,
          .credit_ns = 0,
          .queue = queue,
          .serial = 0};
}

koble_sim_presence Change(int64_t at_s, uint32_t agent, uint32_t presence = KOBLE_PRESENCE_AVAILABLE) {
  return {.time_ns = kBegin + at_s * kSecond, .reason = 0, .agent = agent, .presence = presence};
}

// The worked sample paths of the shared data, call by call.
TEST(TraceTest, WorkedSamplePathsOfTheSharedData) {
  const char* folder = std::getenv("KOBLE_DATA");
  std::string path = folder != nullptr ? folder : std::string(KOBLE_SOURCE_DIR) + "/../shared/data";
  path += "/theory/cases.json";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "theory/cases.json is absent; set KOBLE_DATA to the folder of data";
  const nlohmann::json all = nlohmann::json::parse(std::ifstream(path));
  int checked = 0;
  for (const auto& one : all["deterministic_cases"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const auto& parameters = one["parameters"];
    const auto& ranks = parameters["class_priority_rank"];
    nlohmann::json plan = {{"skills", nlohmann::json::array()}, {"queues", nlohmann::json::array()}};
    std::map<std::string, uint32_t> queues;
    std::vector<koble_sim_contact> contacts;
    for (const auto& call : parameters["calls"]) {
      const std::string type = call["type"];
      const auto [at, fresh] = queues.try_emplace(type, static_cast<uint32_t>(queues.size()));
      if (fresh) {
        plan["skills"].push_back(type);
        const int base = ranks.is_null() ? 0 : 100 - ranks[type].get<int>();
        plan["queues"].push_back({{"name", type},
                                  {"require", type},
                                  {"offer", {{"mode", "auto"}}},
                                  {"priority", {{"base", base}}},
                                  {"wrap_up", std::to_string(parameters["wrap_up_s"].get<int>()) + "s"}});
      }
      contacts.push_back(Contact(call["arrival_s"], call["service_s"],
                                 call["patience_s"].is_null() ? -1 : call["patience_s"].get<int64_t>(), at->second));
    }
    std::multimap<int64_t, koble_sim_presence> by_time;
    std::vector<std::string> names;
    for (const auto& agent : parameters["agents"]) {
      nlohmann::json skills;
      for (const auto& [type, wait] : agent["skills_with_min_wait_s"].items()) skills[type] = 1;
      plan["agents"].push_back({{"name", agent["id"]}, {"skills", skills}});
      const int64_t idle_since = agent["idle_since_s"];
      by_time.emplace(idle_since, Change(idle_since, static_cast<uint32_t>(names.size())));
      names.push_back(agent["id"]);
    }
    std::vector<koble_sim_presence> presence;
    for (const auto& [at, change] : by_time) presence.push_back(change);

    const Played run = Play(MustLoad(plan.dump()), contacts, presence);
    ASSERT_EQ(run.code, KOBLE_OK) << run.message;
    for (size_t i = 0; i < contacts.size(); ++i) {
      const std::string id = parameters["calls"][i]["id"];
      SCOPED_TRACE(id);
      const auto& expected = one["expected"]["per_call"][id];
      const koble_sim_outcome& outcome = run.outcomes[i];
      if (expected.contains("wait")) {
        EXPECT_EQ(outcome.wait_ns, expected["wait"].get<int64_t>() * kSecond);
      }
      if (expected.contains("agent")) {
        ASSERT_LT(outcome.agent, names.size());
        EXPECT_EQ(names[outcome.agent], expected["agent"]);
      }
      if (expected.contains("end")) {
        EXPECT_EQ(contacts[i].arrival_ns + outcome.wait_ns + contacts[i].service_ns,
                  kBegin + expected["end"].get<int64_t>() * kSecond);
      }
      EXPECT_EQ(outcome.exit, expected.value("outcome", "served") == "abandoned" ? uint32_t{KOBLE_EXIT_ABANDONED} : 0u);
      ++checked;
    }
  }
  EXPECT_EQ(checked, 23);
}

constexpr char kOneLine[] =
    R"({"queues": [{"name": "q", "offer": {"mode": "auto"}, "target": {"within": "20s", "share": 0.8}}],
  "agents": [{"name": "A"}]})";

// One agent; c1 0-10, c2 waits for him, c3's patience ends at the instant at which c2 ends, c4's a second earlier.
TEST(TraceTest, TiesAtOneInstant) {
  const auto plan = MustLoad(kOneLine);
  const std::vector<koble_sim_contact> contacts = {Contact(0, 10), Contact(1, 10), Contact(2, 10, 18),
                                                   Contact(3, 10, 16), Contact(30, 10)};
  const Played run = Play(plan, contacts, {Change(0, 0)});
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  EXPECT_EQ(run.outcomes[0].wait_ns, 0);  // he came to the very instant of the arrival: presence is first
  EXPECT_EQ(run.outcomes[1].wait_ns, 9 * kSecond);
  EXPECT_EQ(run.outcomes[2].exit, 0u);  // served at 20, the last instant of his patience
  EXPECT_EQ(run.outcomes[2].wait_ns, 18 * kSecond);
  EXPECT_EQ(run.outcomes[3].exit, KOBLE_EXIT_ABANDONED);
  EXPECT_EQ(run.outcomes[3].wait_ns, 16 * kSecond);
  EXPECT_EQ(run.outcomes[4].wait_ns, 0);  // c3 ends at 30 exactly: ends before arrivals
}

TEST(TraceTest, FiguresAgreeWithTheOutcomes) {
  const auto plan = MustLoad(kOneLine);
  std::vector<koble_sim_contact> contacts;
  for (int64_t i = 0; i < 200; ++i) contacts.push_back(Contact(i * 7, 3 + i % 11, i % 5 == 0 ? 4 : -1));
  figures::Figures figures(figures::LayoutOf(*plan), {.start_ns = kBegin, .interval_ns = 60 * kSecond});
  const Played run = Play(plan, contacts, {Change(0, 0), Change(600, 0, KOBLE_PRESENCE_BREAK), Change(700, 0)},
                          KOBLE_SIM_TRACE_OPTIONS_INIT, &figures);
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(0, -1, &row));
  uint64_t answered = 0, in_time = 0;
  int64_t sum = 0;
  for (const koble_sim_outcome& outcome : run.outcomes) {
    if (outcome.exit == 0) ++answered;
    if (outcome.exit == 0 && outcome.wait_ns <= 20 * kSecond) ++in_time;
    sum += outcome.wait_ns;
  }
  EXPECT_EQ(row.offered, 200u);
  EXPECT_EQ(row.answered, answered);
  EXPECT_EQ(row.abandoned, 200 - answered);
  EXPECT_GT(row.abandoned, 0u);
  EXPECT_EQ(row.answered_in_time, in_time);
  EXPECT_EQ(row.wait_all_sum_ns, sum);
  koble_figures_agent_row agent{};
  ASSERT_TRUE(figures.Agent(0, -1, &agent));
  EXPECT_EQ(figures.agent_name(0), "A");
  EXPECT_EQ(agent.answered, answered);
  int64_t shown = 0;
  for (const int64_t ns : agent.shown_ns) shown += ns;
  EXPECT_EQ(shown, agent.signed_in_ns);
  EXPECT_EQ(agent.signed_in_ns, run.run.end_ns - kBegin);
  EXPECT_EQ(agent.talk_sum_ns, agent.shown_ns[KOBLE_SHOWN_ACTIVE]);
}

TEST(TraceTest, SameTraceSameDigest) {
  const auto plan = MustLoad(kOneLine);
  std::vector<koble_sim_contact> contacts;
  for (int64_t i = 0; i < 100; ++i) contacts.push_back(Contact(i * 3, 5, 9));
  const Played a = Play(plan, contacts, {Change(0, 0)}), b = Play(plan, contacts, {Change(0, 0)});
  EXPECT_EQ(a.run.digest[0], b.run.digest[0]);
  EXPECT_EQ(a.run.digest[1], b.run.digest[1]);
  EXPECT_EQ(a.run.events, b.run.events);
}

TEST(TraceTest, RingConfirmPullAndWrapUp) {
  const auto plan = MustLoad(R"({"queues": [{"name": "ring", "offer": {"mode": "ring", "ring": "20s", "confirm": true},
    "wrap_up": "5s"}, {"name": "short", "offer": {"mode": "ring", "ring": "2s"}}],
    "agents": [{"name": "A"}, {"name": "P", "pull": true}]})");
  koble_sim_trace_options options = KOBLE_SIM_TRACE_OPTIONS_INIT;
  options.answer_ns = 4 * kSecond;
  // A rings 4 s. P asks by himself and is asked first for the second. The third waits for A: 4 + 10 + 5 of wrap-up, and rings.
  Played run = Play(plan, {Contact(0, 10), Contact(1, 100), Contact(2, 10)}, {Change(0, 0), Change(0, 1)}, options);
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  EXPECT_EQ(run.outcomes[0].agent, 0u);
  EXPECT_EQ(run.outcomes[0].wait_ns, 4 * kSecond);
  EXPECT_EQ(run.outcomes[1].agent, 1u);
  EXPECT_EQ(run.outcomes[1].wait_ns, 0);
  EXPECT_EQ(run.outcomes[2].agent, 0u);
  EXPECT_EQ(run.outcomes[2].wait_ns, (19 - 2 + 4) * kSecond);
  // It rings out before anyone answers, again and again, until the caller's patience ends.
  run = Play(plan, {Contact(0, 10, 100, 1)}, {Change(0, 0)}, options);
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  EXPECT_EQ(run.outcomes[0].exit, KOBLE_EXIT_ABANDONED);
  EXPECT_GT(run.outcomes[0].offers, 1u);
}

TEST(TraceTest, EndsWhereItIsTold) {
  koble_sim_trace_options options = KOBLE_SIM_TRACE_OPTIONS_INIT;
  options.end_ns = kBegin + 50 * kSecond;
  const Played run =
      Play(MustLoad(kOneLine), {Contact(0, 1000), Contact(20, 10), Contact(60, 10)}, {Change(0, 0)}, options);
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  EXPECT_EQ(run.run.end_ns, options.end_ns);
  EXPECT_EQ(run.outcomes[1].agent, UINT32_MAX);
  EXPECT_EQ(run.outcomes[1].wait_ns, 30 * kSecond);
  EXPECT_EQ(run.outcomes[2].wait_ns, 0);
}

// A record under a plan that lacks a queue: serials stay, and who cannot be routed is nowhere for no time.
TEST(TraceTest, SerialsAndQueuesThatThePlanLacks) {
  auto first = Contact(0, 10), lacking = Contact(1, 10, -1, KOBLE_QUEUE_NONE), last = Contact(2, 10);
  first.serial = 4;
  lacking.serial = 9;
  last.serial = 10;
  const auto plan = MustLoad(kOneLine);
  figures::Figures figures(figures::LayoutOf(*plan), {});
  const Played run = Play(plan, {first, lacking, last}, {Change(0, 0)}, KOBLE_SIM_TRACE_OPTIONS_INIT, &figures);
  ASSERT_EQ(run.code, KOBLE_OK) << run.message;
  EXPECT_EQ(run.outcomes[1].exit, uint32_t{KOBLE_EXIT_NOT_ROUTABLE});
  EXPECT_EQ(run.outcomes[1].wait_ns, 0);
  EXPECT_EQ(run.outcomes[1].queue, KOBLE_QUEUE_NONE);
  EXPECT_EQ(run.outcomes[2].wait_ns, 8 * kSecond);
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(KOBLE_FIGURES_ALL, -1, &row));
  EXPECT_EQ(row.offered, 3u);
  EXPECT_EQ(row.exits[KOBLE_EXIT_NOT_ROUTABLE], 1u);
}

TEST(TraceTest, MistakesNameTheirPlace) {
  const auto plan = MustLoad(kOneLine);
  const auto refused = [&](const std::vector<koble_sim_contact>& contacts,
                           const std::vector<koble_sim_presence>& presence) {
    const Played run = Play(plan, contacts, presence);
    EXPECT_EQ(run.code, KOBLE_ERR_ARGUMENT);
    return run.message;
  };
  EXPECT_NE(refused({Contact(5, 1), Contact(4, 1)}, {}).find("contact 1"), std::string::npos);
  EXPECT_NE(refused({Contact(5, 1, -1, 3)}, {}).find("no queue 3"), std::string::npos);
  EXPECT_NE(refused({Contact(5, 1, -1, KOBLE_QUEUE_NONE)}, {}).find("no queue 4294967295"), std::string::npos);
  auto late = Contact(5, 1);
  late.serial = 1;
  EXPECT_NE(refused({Contact(5, 1), late}, {}).find("serial is not greater"), std::string::npos);
  auto negative = Contact(5, 1);
  negative.service_ns = -1;
  EXPECT_NE(refused({negative}, {}).find("service_ns"), std::string::npos);
  EXPECT_NE(refused({}, {Change(5, 9)}).find("no agent 9"), std::string::npos);
  EXPECT_NE(refused({}, {Change(5, 0), Change(4, 0)}).find("presence change 1"), std::string::npos);
  EXPECT_NE(refused({}, {Change(5, 0, 7)}).find("no presence 7"), std::string::npos);
}

}  // namespace
}  // namespace koble::sim
