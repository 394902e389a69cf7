// koble_figures.h and koble_sim.h through the shared library: what the binding itself decides.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "koble/koble_figures.h"
#include "koble/koble_sim.h"
#include "scene.h"

namespace {

using koble::testing::kSecond;

class FiguresApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string text =
        R"({"queues": [{"name": "q", "offer": {"mode": "auto"}, "target": {"within": "20s", "share": 0.8}}],
      "agents": [{"name": "A"}, {"name": "B"}]})";
    char report[1000];
    ASSERT_EQ(koble_plan_load(text.data(), text.size(), &plan_, report, sizeof report), KOBLE_OK) << report;
    koble_figures_options options = KOBLE_FIGURES_OPTIONS_INIT;
    options.interval_ns = 60 * kSecond;
    ASSERT_EQ(koble_figures_create(plan_, &options, &figures_), KOBLE_OK);
  }
  void TearDown() override {
    koble_figures_destroy(figures_);
    koble_plan_release(plan_);
  }
  koble_plan* plan_ = nullptr;
  koble_figures* figures_ = nullptr;
};

TEST_F(FiguresApiTest, TraceIntoFigures) {
  std::vector<koble_sim_contact> contacts(6, koble_sim_contact{});
  for (size_t i = 0; i < contacts.size(); ++i) {
    contacts[i].arrival_ns = static_cast<int64_t>(i) * 30 * kSecond;
    contacts[i].patience_ns = KOBLE_NEVER;
    contacts[i].service_ns = 100 * kSecond;
  }
  std::vector<koble_sim_presence> presence = {{0, 0, 0, KOBLE_PRESENCE_AVAILABLE}, {0, 0, 1, KOBLE_PRESENCE_AVAILABLE}};
  std::vector<koble_sim_outcome> outcomes(6);
  koble_sim_run run = KOBLE_SIM_RUN_INIT;
  char message[200];
  ASSERT_EQ(koble_sim_trace(plan_, nullptr, contacts.data(), 6, presence.data(), 2, outcomes.data(), figures_, &run,
                            message, sizeof message),
            KOBLE_OK)
      << message;
  // Two agents, 100 s each, an arrival every 30 s: waits 0, 0, 40, 40, 80, 80 (the worked path det_D_D_2_fcfs).
  koble_figures_queue_row row{};
  row.struct_size = sizeof row;
  ASSERT_EQ(koble_figures_queue(figures_, 0, KOBLE_FIGURES_EVERY_INTERVAL, &row), KOBLE_OK);
  EXPECT_EQ(row.wait_answered_sum_ns, 240 * kSecond);
  EXPECT_EQ(row.answered_in_time, 2u);
  ASSERT_EQ(koble_figures_queue(figures_, KOBLE_FIGURES_ALL, 2, &row), KOBLE_OK);  // arrivals at 120 and 150
  EXPECT_EQ(row.offered, 2u);
  EXPECT_EQ(row.begin_ns, 120 * kSecond);
  koble_figures_agent_row agent{};
  agent.struct_size = sizeof agent;
  ASSERT_EQ(koble_figures_by_agent(figures_, KOBLE_FIGURES_ALL, KOBLE_FIGURES_EVERY_INTERVAL, &agent), KOBLE_OK);
  EXPECT_EQ(agent.shown_ns[KOBLE_SHOWN_ACTIVE], 600 * kSecond);
  EXPECT_STREQ(koble_figures_agent_name(figures_, 1), "B");
  EXPECT_STREQ(koble_figures_queue_name(figures_, 0), "q");
  EXPECT_EQ(koble_figures_queue_name(figures_, 1), nullptr);
  int64_t median = 0;
  ASSERT_EQ(koble_figures_quantile(figures_, 0, -1, KOBLE_DURATION_WAIT_ALL, 500000, &median), KOBLE_OK);
  EXPECT_GE(median, 40 * kSecond);
  EXPECT_LE(median, 40 * kSecond + 40 * kSecond / 128);
  uint64_t buckets = 0;
  ASSERT_EQ(koble_figures_histogram(figures_, 0, -1, KOBLE_DURATION_HANDLE, nullptr, nullptr, 0, &buckets), KOBLE_OK);
  EXPECT_EQ(buckets, 1u);
  int64_t upper = 0;
  uint64_t count = 0;
  ASSERT_EQ(koble_figures_histogram(figures_, 0, -1, KOBLE_DURATION_HANDLE, &upper, &count, 1, &buckets), KOBLE_OK);
  EXPECT_EQ(count, 6u);
  EXPECT_GE(upper, 100 * kSecond);
}

// The ids that figures expect of listed agents are those that an engine gives.
TEST_F(FiguresApiTest, ListedAgentsAreKnownByTheEnginesIds) {
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan_, nullptr, &engine), KOBLE_OK);
  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_agent_presence(engine, kSecond, koble_agent_find(engine, "B"), KOBLE_PRESENCE_AVAILABLE, 0, &result),
            KOBLE_OK);
  std::vector<koble_event> events(result.event_count);
  uint64_t count = 0;
  ASSERT_EQ(koble_events_read(engine, result.event_first, events.data(), sizeof(koble_event), events.size(), &count),
            KOBLE_OK);
  ASSERT_EQ(koble_figures_fold(figures_, events.data(), sizeof(koble_event), count, nullptr), KOBLE_OK);
  ASSERT_EQ(koble_figures_close(figures_, 11 * kSecond), KOBLE_OK);
  EXPECT_EQ(koble_figures_agent_count(figures_), 2u);
  koble_figures_agent_row agent{};
  agent.struct_size = sizeof agent;
  ASSERT_EQ(koble_figures_by_agent(figures_, 1, KOBLE_FIGURES_EVERY_INTERVAL, &agent), KOBLE_OK);
  EXPECT_EQ(agent.signed_in_ns, 10 * kSecond);
  koble_engine_destroy(engine);
}

// The event of a replaced plan carries the hash by which figures know it.
TEST_F(FiguresApiTest, AReplacedPlanIsAskedFor) {
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan_, nullptr, &engine), KOBLE_OK);
  const std::string text = R"({"queues": [{"name": "new"}, {"name": "q"}], "agents": [{"name": "A"}, {"name": "B"}]})";
  koble_plan* second = nullptr;
  ASSERT_EQ(koble_plan_load(text.data(), text.size(), &second, nullptr, 0), KOBLE_OK);
  ASSERT_EQ(koble_plan_replace(engine, kSecond, second, nullptr), KOBLE_OK);
  const uint32_t queue = 1;  // "q" in the new plan
  koble_arrival arrival{};
  arrival.struct_size = sizeof arrival;
  arrival.queue_count = 1;
  arrival.queues = &queue;
  ASSERT_EQ(koble_contact_arrive(engine, 2 * kSecond, &arrival, nullptr), KOBLE_OK);
  std::vector<koble_event> events(koble_events_last(engine));
  uint64_t count = 0, folded = 0;
  ASSERT_EQ(koble_events_read(engine, 1, events.data(), sizeof(koble_event), events.size(), &count), KOBLE_OK);
  EXPECT_EQ(koble_figures_fold(figures_, events.data(), sizeof(koble_event), count, &folded), KOBLE_ERR_UNKNOWN);
  EXPECT_STRNE(koble_figures_message(figures_), "");
  ASSERT_EQ(koble_figures_plan(figures_, second), KOBLE_OK);
  ASSERT_EQ(koble_figures_fold(figures_, events.data() + folded, sizeof(koble_event), count - folded, nullptr),
            KOBLE_OK);
  koble_figures_queue_row row{};
  row.struct_size = sizeof row;
  ASSERT_EQ(koble_figures_queue(figures_, 0, KOBLE_FIGURES_EVERY_INTERVAL, &row), KOBLE_OK);
  EXPECT_EQ(row.offered, 1u);
  EXPECT_STREQ(koble_figures_queue_name(figures_, 1), "new");
  koble_plan_release(second);
  koble_engine_destroy(engine);
}

TEST_F(FiguresApiTest, WrongArgumentsAreRefused) {
  koble_figures* other = nullptr;
  koble_figures_options options = KOBLE_FIGURES_OPTIONS_INIT;
  options.interval_ns = 5;
  EXPECT_EQ(koble_figures_create(plan_, &options, &other), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(other, nullptr);
  options = KOBLE_FIGURES_OPTIONS_INIT;
  options.struct_size = 3;
  EXPECT_EQ(koble_figures_create(plan_, &options, &other), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_figures_create(nullptr, nullptr, &other), KOBLE_ERR_ARGUMENT);
  koble_event event{};
  EXPECT_EQ(koble_figures_fold(figures_, &event, 8, 1, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_STRNE(koble_figures_message(figures_), "");
  EXPECT_EQ(koble_figures_fold(figures_, nullptr, sizeof event, 0, nullptr), KOBLE_OK);
  EXPECT_STREQ(koble_figures_message(figures_), "");
  koble_figures_queue_row row{};
  EXPECT_EQ(koble_figures_queue(figures_, 0, -1, &row), KOBLE_ERR_ARGUMENT);  // struct_size 0
  row.struct_size = sizeof row;
  EXPECT_EQ(koble_figures_queue(figures_, 9, -1, &row), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(koble_figures_merge(figures_, figures_), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_figures_agent(figures_, 0, "X", 100), KOBLE_ERR_ARGUMENT);
  koble_figures_destroy(nullptr);
  EXPECT_EQ(koble_figures_queue_count(nullptr), 0u);
}

TEST(SimApiTest, DrawsLawsAndArrivals) {
  const uint32_t counter[4] = {0, 0, 0, 0}, key[2] = {0, 0};
  uint32_t out[4];
  koble_sim_philox(counter, key, out);
  EXPECT_EQ(out[0], 0x6627e8d5u);
  double u[3];
  ASSERT_EQ(koble_sim_uniforms(1, KOBLE_SIM_USER, 5, 0, 3, u), KOBLE_OK);
  double again = 0;
  ASSERT_EQ(koble_sim_uniforms(1, KOBLE_SIM_USER, 7, 0, 1, &again), KOBLE_OK);
  EXPECT_EQ(u[2], again);
  koble_law law{};
  law.struct_size = sizeof law;
  law.kind = KOBLE_LAW_EXPONENTIAL;
  law.a = 1e9;
  int64_t values[3], quantiles[3];
  ASSERT_EQ(koble_sim_values(&law, 1, KOBLE_SIM_USER, 5, 0, 3, values), KOBLE_OK);
  ASSERT_EQ(koble_sim_quantiles(&law, u, 3, quantiles), KOBLE_OK);
  EXPECT_EQ(std::memcmp(values, quantiles, sizeof values), 0);
  u[0] = 1;
  EXPECT_EQ(koble_sim_quantiles(&law, u, 3, quantiles), KOBLE_ERR_ARGUMENT);
  law.a = -1;
  EXPECT_EQ(koble_sim_values(&law, 1, KOBLE_SIM_USER, 5, 0, 3, values), KOBLE_ERR_ARGUMENT);
  const int64_t begin = 0;
  const double rate = 3600;
  int64_t times[10];
  uint64_t count = 0;
  ASSERT_EQ(koble_sim_arrivals(&begin, &rate, 1, 3600 * kSecond, 1, KOBLE_SIM_ARRIVAL, times, 10, &count), KOBLE_OK);
  EXPECT_EQ(count, 10u);
  EXPECT_EQ(koble_sim_arrivals(&begin, &rate, 1, 0, 1, KOBLE_SIM_ARRIVAL, times, 10, &count), KOBLE_ERR_ARGUMENT);
}

}  // namespace
