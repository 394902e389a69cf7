// Figures are the same however the events are given: one by one, in batches, or where they cannot be read in place.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "koble/koble_figures.h"
#include "properties/runs.h"
#include "support/engine_machine.h"
#include "support/random_run.h"

namespace koble::testing {
namespace {

using Figures = std::unique_ptr<koble_figures, decltype(&koble_figures_destroy)>;

template <class Row>
Row Empty() {
  Row row;
  std::memset(&row, 0, sizeof(row));
  row.struct_size = sizeof(row);
  return row;
}

template <class T>
void Put(std::string* out, const T* items, size_t count) {
  out->append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

// Every row and histogram there is, as bytes.
std::string Everything(const koble_figures* figures) {
  std::string out;
  const auto numbers = [](uint32_t count) {
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < count; ++i) all.push_back(i);
    all.push_back(KOBLE_FIGURES_ALL);
    return all;
  };
  for (int64_t interval = KOBLE_FIGURES_EVERY_INTERVAL; interval < koble_figures_interval_count(figures); ++interval) {
    for (const uint32_t queue : numbers(koble_figures_queue_count(figures))) {
      auto row = Empty<koble_figures_queue_row>();
      EXPECT_EQ(koble_figures_queue(figures, queue, interval, &row), KOBLE_OK);
      Put(&out, &row, 1);
      for (uint32_t duration = 0; duration <= KOBLE_DURATION_HANDLE; ++duration) {
        int64_t upper_ns[1000];
        uint64_t counts[1000];
        uint64_t buckets = 0;
        EXPECT_EQ(koble_figures_histogram(figures, queue, interval, duration, upper_ns, counts, 1000, &buckets),
                  KOBLE_OK);
        EXPECT_LE(buckets, 1000u);
        Put(&out, upper_ns, buckets);
        Put(&out, counts, buckets);
      }
    }
    for (const uint32_t agent : numbers(koble_figures_agent_count(figures))) {
      auto row = Empty<koble_figures_agent_row>();
      EXPECT_EQ(koble_figures_by_agent(figures, agent, interval, &row), KOBLE_OK);
      Put(&out, &row, 1);
    }
  }
  return out;
}

// `together`: so many events are given at a time, `stride` bytes apart.
std::string FoldedBy(const koble_plan* plan, const koble_figures_options& options,
                     const std::vector<koble_event>& events, size_t together, uint32_t stride) {
  koble_figures* made = nullptr;
  EXPECT_EQ(koble_figures_create(plan, &options, &made), KOBLE_OK);
  const Figures figures(made, &koble_figures_destroy);
  std::string bytes(events.size() * stride, '\0');
  for (size_t i = 0; i < events.size(); ++i) std::memcpy(&bytes[i * stride], &events[i], sizeof(koble_event));
  for (size_t at = 0; at < events.size(); at += together) {
    const uint64_t count = std::min(together, events.size() - at);
    uint64_t folded = 0;
    const auto* const first = reinterpret_cast<const koble_event*>(&bytes[at * stride]);
    EXPECT_EQ(koble_figures_fold(made, first, stride, count, &folded), KOBLE_OK) << koble_figures_message(made);
    EXPECT_EQ(folded, count);
  }
  EXPECT_EQ(koble_figures_close(made, events.empty() ? options.start_ns : events.back().time_ns), KOBLE_OK);
  return Everything(made);
}

TEST(FiguresTest, AreTheSameHoweverEventsAreGiven) {
  uint64_t seen = 0;
  for (uint64_t seed = 7001; seed < 7001 + ShareOf(40); ++seed) {
    RunShape shape;
    shape.plan_changes = false;  // which figures would have to be told of
    const Script run = RandomRun(seed, shape);
    EngineMachine engine(run);
    std::vector<koble_event> events;
    for (const Command& command : run.commands) {
      const Answer answer = engine.Apply(command);
      events.insert(events.end(), answer.events.begin(), answer.events.end());
    }
    seen += events.size();
    koble_plan* plan = nullptr;
    char report[1000];
    ASSERT_EQ(koble_plan_load(run.plan.data(), run.plan.size(), &plan, report, sizeof(report)), KOBLE_OK) << report;
    koble_figures_options options = KOBLE_FIGURES_OPTIONS_INIT;
    options.start_ns = run.options.start_ns + (seed % 3 == 0 ? int64_t{100'000'000'000} : 0);
    options.interval_ns = seed % 2 == 0 ? int64_t{3'600'000'000'000} : 0;
    options.short_abandon_ns = int64_t{5'000'000'000};
    options.target_ns = int64_t{20'000'000'000};
    const std::string one_by_one = FoldedBy(plan, options, events, 1, sizeof(koble_event));
    EXPECT_TRUE(FoldedBy(plan, options, events, events.size() + 1, sizeof(koble_event)) == one_by_one) << seed;
    EXPECT_TRUE(FoldedBy(plan, options, events, 7, sizeof(koble_event)) == one_by_one) << seed;
    EXPECT_TRUE(FoldedBy(plan, options, events, events.size() + 1, sizeof(koble_event) + 1) == one_by_one) << seed;
    koble_plan_release(plan);
  }
  EXPECT_GT(seen, ShareOf(4'000));
}

}  // namespace
}  // namespace koble::testing
