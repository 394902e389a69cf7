// Figures are the same however the events are given: one by one, in batches, or where they cannot be read in place. Events that no engine gives harm nothing.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "koble/koble_figures.h"
#include "properties/runs.h"
#include "support/engine_machine.h"
#include "support/random.h"
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

Script RunOf(uint64_t seed) {
  RunShape shape;
  shape.plan_changes = false;  // which figures would have to be told of
  return RandomRun(seed, shape);
}

std::vector<koble_event> EventsOf(const Script& run) {
  EngineMachine engine(run);
  std::vector<koble_event> events;
  for (const Command& command : run.commands) {
    const Answer answer = engine.Apply(command);
    events.insert(events.end(), answer.events.begin(), answer.events.end());
  }
  return events;
}

const koble_plan* PlanOf(const Script& run) {
  koble_plan* plan = nullptr;
  char report[1000];
  EXPECT_EQ(koble_plan_load(run.plan.data(), run.plan.size(), &plan, report, sizeof(report)), KOBLE_OK) << report;
  return plan;
}

TEST(FiguresTest, AreTheSameHoweverEventsAreGiven) {
  uint64_t seen = 0;
  for (uint64_t seed = 7001; seed < 7001 + ShareOf(40); ++seed) {
    const Script run = RunOf(seed);
    const std::vector<koble_event> events = EventsOf(run);
    seen += events.size();
    const koble_plan* const plan = PlanOf(run);
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

// What may be damaged where events were kept: a member is nothing, or another event's.
void Damage(const koble_event& other, Random* random, koble_event* event) {
  const bool nothing = random->Percent(50);
  const auto id = [&](koble_id koble_event::*member) { event->*member = nothing ? 0 : other.*member; };
  switch (random->Below(7)) {
    case 0:
      return id(&koble_event::contact);
    case 1:
      return id(&koble_event::agent);
    case 2:
      return id(&koble_event::engagement);
    case 3:
      event->queue = nothing ? KOBLE_QUEUE_NONE : other.queue;
      return;
    case 4:
      event->kind = nothing ? 0 : other.kind;
      return;
    case 5:
      event->reason = nothing ? UINT32_MAX : other.reason;
      return;
    default:
      event->time_ns = nothing ? 0 : other.time_ns;
      return;
  }
}

TEST(FiguresTest, DamagedEventsHarmNothing) {
  uint64_t refused = 0, counted = 0;
  for (uint64_t seed = 7101; seed < 7101 + ShareOf(100); ++seed) {
    const Script run = RunOf(seed);
    std::vector<koble_event> events = EventsOf(run);
    Random random(seed);
    for (koble_event& event : events) {
      event.seq = 0;  // so that it is not asked which are missing
      if (random.Percent(25)) Damage(events[random.Below(events.size())], &random, &event);
    }
    const koble_plan* const plan = PlanOf(run);
    koble_figures_options options = KOBLE_FIGURES_OPTIONS_INIT;
    options.start_ns = run.options.start_ns;
    koble_figures* made = nullptr;
    ASSERT_EQ(koble_figures_create(plan, &options, &made), KOBLE_OK);
    const Figures figures(made, &koble_figures_destroy);
    for (uint64_t at = 0; at < events.size(); ++at) {
      uint64_t folded = 0;
      const int32_t code =
          koble_figures_fold(made, events.data() + at, sizeof(koble_event), events.size() - at, &folded);
      at += folded;  // and passes over the one that was refused
      counted += folded;
      refused += code != KOBLE_OK ? 1 : 0;
    }
    EXPECT_EQ(koble_figures_close(made, KOBLE_TIME_MAX), KOBLE_OK);
    EXPECT_FALSE(Everything(made).empty());
    koble_plan_release(plan);
  }
  EXPECT_GT(refused, ShareOf(100));
  EXPECT_GT(counted, ShareOf(10'000));
}

}  // namespace
}  // namespace koble::testing
