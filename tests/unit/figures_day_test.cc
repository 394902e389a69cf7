// The golden day: every number below was worked out by hand (docs/measures.md shows how), not copied from a run.
#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

#include "figures/figures.h"
#include "unit/figures_day.h"

namespace koble::figures {
namespace {

Layout DayLayout() {
  Layout layout;
  layout.queues = {
      {"voice", 100, 20 * kSecond}, {"chat", 50, 60 * kSecond}, {"cases", 10, 0}, {"connect", 100, 20 * kSecond}};
  layout.agents = {{"A", 100}, {"B", 100}, {"C", 100}};
  return layout;
}

Options DayOptions() {
  return {.start_ns = 0, .interval_ns = 3600 * kSecond, .short_abandon_ns = 5 * kSecond, .target_ns = 0};
}

int32_t FoldAll(Figures* figures, const std::vector<koble_event>& events) {
  return figures->Fold(events.data(), sizeof(koble_event), events.size(), nullptr);
}

class GoldenDayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(FoldAll(&figures_, GoldenDay().events()), KOBLE_OK);
    ASSERT_EQ(figures_.Close(7200 * kSecond), KOBLE_OK);
  }
  koble_figures_queue_row Queue(uint32_t queue, int64_t interval) const {
    koble_figures_queue_row row{};
    EXPECT_TRUE(figures_.Queue(queue, interval, &row));
    return row;
  }
  koble_figures_agent_row Agent(uint32_t agent, int64_t interval) const {
    koble_figures_agent_row row{};
    EXPECT_TRUE(figures_.Agent(agent, interval, &row));
    return row;
  }
  // In seconds, in the order of KOBLE_SHOWN_.
  static std::vector<int64_t> Shown(const koble_figures_agent_row& row) {
    std::vector<int64_t> seconds;
    for (const int64_t ns : row.shown_ns) seconds.push_back(ns / kSecond);
    return seconds;
  }
  Figures figures_{DayLayout(), DayOptions()};
};

TEST_F(GoldenDayTest, VoiceInTheFirstHour) {
  // Arrived before 3600 and not moved to another queue: c1 to c7, c10, c11, c12.
  const auto row = Queue(kVoice, 0);
  EXPECT_EQ(row.offered, 10u);
  // Waits of the answered: c1 15-10=5, c2 75-20=55, c5 150-120=30, c6 285-200=85, c11 3052-3050=2, c12 3605-3590=15.
  EXPECT_EQ(row.answered, 6u);
  EXPECT_EQ(row.wait_answered_sum_ns, (5 + 55 + 30 + 85 + 2 + 15) * kSecond);
  EXPECT_EQ(row.wait_answered_max_ns, 85 * kSecond);
  EXPECT_EQ(row.answered_in_time, 3u);  // c1, c11, c12: at most 20 s
  // Abandoned: c3 after 4, c4 after 20, c7 after 5. In time: all, for 20 is within 20. Short (at most 5): c3, c7.
  EXPECT_EQ(row.abandoned, 3u);
  EXPECT_EQ(row.abandoned_in_time, 3u);
  EXPECT_EQ(row.abandoned_short, 2u);
  EXPECT_EQ(row.wait_abandoned_sum_ns, 29 * kSecond);
  EXPECT_EQ(row.wait_abandoned_max_ns, 20 * kSecond);
  EXPECT_EQ(row.exits[KOBLE_EXIT_ABANDONED], 3u);
  EXPECT_EQ(row.exits[KOBLE_EXIT_MAX_WAIT], 1u);  // c10 after 45
  EXPECT_EQ(row.left[KOBLE_EXIT_MAX_WAIT], 1u);
  EXPECT_EQ(row.left[KOBLE_EXIT_ABANDONED], 3u);
  EXPECT_EQ(row.wait_all_sum_ns, (192 + 29 + 45) * kSecond);
  EXPECT_EQ(row.wait_all_max_ns, 85 * kSecond);
  EXPECT_EQ(row.open, 0u);
  const std::vector<uint64_t> good(row.sl_good, row.sl_good + 4), of(row.sl_of, row.sl_of + 4);
  EXPECT_EQ(good, (std::vector<uint64_t>{3, 3, 3, 6}));
  EXPECT_EQ(of, (std::vector<uint64_t>{6, 10, 8, 10}));
  // Talk: c1, c2, c5, c12 100 each, c6 15, c11 200. Wrap-up: 30 each but c6 10. c2 was held 30.
  EXPECT_EQ(row.ended, 6u);
  EXPECT_EQ(row.talk_sum_ns, 615 * kSecond);
  EXPECT_EQ(row.talk_max_ns, 200 * kSecond);
  EXPECT_EQ(row.wrapups, 6u);
  EXPECT_EQ(row.wrapup_sum_ns, 160 * kSecond);
  EXPECT_EQ(row.handle_sum_ns, 775 * kSecond);
  EXPECT_EQ(row.handle_max_ns, 230 * kSecond);
  EXPECT_EQ(row.attention_sum_ns, 775 * kSecond);  // one call at a time: all of it
  EXPECT_EQ(row.holds, 1u);
  EXPECT_EQ(row.hold_sum_ns, 30 * kSecond);
  // Offers o1 to o7, o11, o12.
  EXPECT_EQ(row.offers, 9u);
  EXPECT_EQ(row.accepted, 6u);
  EXPECT_EQ(row.outcomes[KOBLE_OUTCOME_NO_ANSWER], 1u);
  EXPECT_EQ(row.outcomes[KOBLE_OUTCOME_DECLINED], 1u);
  EXPECT_EQ(row.outcomes[KOBLE_OUTCOME_WITHDRAWN], 1u);
}

TEST_F(GoldenDayTest, VoiceInTheSecondHour) {
  // c20 waits at the cut for 50 s: late whatever comes. c14 counts in connect, but it did leave voice.
  const auto row = Queue(kVoice, 1);
  EXPECT_EQ(row.offered, 1u);
  EXPECT_EQ(row.open, 1u);
  EXPECT_EQ(row.open_late, 1u);
  EXPECT_EQ(row.wait_open_sum_ns, 50 * kSecond);
  EXPECT_EQ(row.left[KOBLE_EXIT_MAX_WAIT], 1u);
  EXPECT_EQ(row.sl_of[KOBLE_SL_ANSWERED], 0u);
  EXPECT_EQ(row.sl_of[KOBLE_SL_OFFERED], 1u);
  EXPECT_EQ(row.sl_of[KOBLE_SL_WITHOUT_SHORT], 1u);
  EXPECT_EQ(row.sl_of[KOBLE_SL_ABANDONS_IN_TIME], 1u);
  EXPECT_EQ(row.sl_good[KOBLE_SL_ABANDONS_IN_TIME], 0u);
}

TEST_F(GoldenDayTest, ChatByElapsedAndByAttention) {
  // First hour: c15 700-1000, c16 800-1200, c17 1000-1300: elapsed 300 + 400 + 300.
  // Attention: c15 100 + 200/2, c16 200/2 + 200/2, c17 200/2 + 100: 200 each, together the 600 s from 700 to 1300.
  const auto first = Queue(kChat, 0);
  EXPECT_EQ(first.offered, 3u);
  EXPECT_EQ(first.answered, 3u);
  EXPECT_EQ(first.answered_in_time, 2u);  // c17 waited 150 s, the target is 60
  EXPECT_EQ(first.wait_answered_sum_ns, 150 * kSecond);
  EXPECT_EQ(first.talk_sum_ns, 1000 * kSecond);
  EXPECT_EQ(first.handle_sum_ns, 1000 * kSecond);
  EXPECT_EQ(first.wrapups, 0u);
  EXPECT_EQ(first.attention_sum_ns, 600 * kSecond);
  // Second hour: c18 6800-6950.000000001, c19 6800-6960. The odd nanosecond goes to the older; nothing is lost.
  const auto second = Queue(kChat, 1);
  EXPECT_EQ(second.talk_sum_ns, 150 * kSecond + 1 + 160 * kSecond);
  EXPECT_EQ(second.attention_sum_ns, 160 * kSecond);
}

TEST_F(GoldenDayTest, QueuesWithoutTargetAreNotJudged) {
  // c8 full at once, c9 withdrawn after 10 s.
  const auto row = Queue(kCases, 0);
  EXPECT_EQ(row.offered, 2u);
  EXPECT_EQ(row.exits[KOBLE_EXIT_FULL], 1u);
  EXPECT_EQ(row.exits[KOBLE_EXIT_WITHDRAWN], 1u);
  EXPECT_EQ(row.wait_all_sum_ns, 10 * kSecond);
  for (const uint64_t of : row.sl_of) EXPECT_EQ(of, 0u);
}

TEST_F(GoldenDayTest, ContactsCountInTheQueueThatAnswered) {
  // c13 waits 20 (in time, closed), c14 52. Three offers accepted, one connection failed. Talk 60 + 100.
  const auto row = Queue(kConnect, 1);
  EXPECT_EQ(row.offered, 2u);
  EXPECT_EQ(row.answered, 2u);
  EXPECT_EQ(row.answered_in_time, 1u);
  EXPECT_EQ(row.wait_answered_sum_ns, 72 * kSecond);
  EXPECT_EQ(row.offers, 3u);
  EXPECT_EQ(row.accepted, 3u);
  EXPECT_EQ(row.connect_failed, 1u);
  EXPECT_EQ(row.talk_sum_ns, 160 * kSecond);
}

TEST_F(GoldenDayTest, TotalsAreSums) {
  const auto all = Queue(KOBLE_FIGURES_ALL, KOBLE_FIGURES_EVERY_INTERVAL);
  EXPECT_EQ(all.offered, 20u);
  EXPECT_EQ(all.answered, 13u);  // voice 6, chat 3 + 2, connect 2
  uint64_t exits = 0;
  for (const uint64_t count : all.exits) exits += count;
  EXPECT_EQ(all.offered, all.answered + exits + all.open);  // 20 = 13 + 6 + 1
  // Judged: voice 3/6, chat 4/5, connect 1/2.
  EXPECT_EQ(all.sl_good[KOBLE_SL_ANSWERED], 8u);
  EXPECT_EQ(all.sl_of[KOBLE_SL_ANSWERED], 13u);
  EXPECT_EQ(all.sl_of[KOBLE_SL_OFFERED], 18u);        // the 13, 3 abandoned, c10, c20
  EXPECT_EQ(all.sl_of[KOBLE_SL_WITHOUT_SHORT], 16u);  // less c3, c7
  EXPECT_EQ(all.sl_good[KOBLE_SL_ABANDONS_IN_TIME], 11u);
  EXPECT_EQ(figures_.interval_count(), 2);
}

TEST_F(GoldenDayTest, AgentsTimesSumToSignedIn) {
  using V = std::vector<int64_t>;
  // Order: active, held, wrap-up, connecting, ringing, break, penalised, available.
  // A, hour 1: active 100 (c1) + 100 (c5) + 15 (c6); wrap-up 30 + 30 + 10; ringing 5 + 5 + 5 and 10 of c12's 15;
  // break 3000-3300; available 0-10, 310-3000, 3300-3590.
  EXPECT_EQ(Shown(Agent(kA, 0)), (V{215, 0, 70, 0, 25, 300, 0, 2990}));
  // A, hour 2: c12 rings 5 more, 100, 30; c13 rings 3, connecting 7, penalised 20; available 3735-4000 and 4030-7000.
  EXPECT_EQ(Shown(Agent(kA, 1)), (V{100, 0, 30, 7, 8, 0, 20, 3235}));
  EXPECT_EQ(Agent(kA, 1).signed_in_ns, 3400 * kSecond);
  // B, hour 1: c2 25 + 45 active, 30 held, 30 wrap-up; c11 200, 30; ringing 20, 5, 5 (c6), 5 (c7), 2; penalised 40-70;
  // available 0-20, 210-400, 405-3050, 3282-3600.
  EXPECT_EQ(Shown(Agent(kB, 0)), (V{270, 30, 60, 0, 37, 0, 30, 3173}));
  // B, hour 2: c13 ringing 1, connecting 4, 60; c14 connecting 2, 100; available 3600-4015, 4080-4150, 4252-7100.
  EXPECT_EQ(Shown(Agent(kB, 1)), (V{160, 0, 0, 6, 1, 0, 0, 3333}));
  // C: available 600-700, 1300-6800; serving 700-1300 and 6800-6960, the last 60 s of it offline.
  EXPECT_EQ(Shown(Agent(kC, 0)), (V{600, 0, 0, 0, 0, 0, 0, 2400}));
  EXPECT_EQ(Shown(Agent(kC, 1)), (V{160, 0, 0, 0, 0, 0, 0, 3200}));
  for (const uint32_t agent : {0u, 1u, 2u}) {
    for (const int64_t interval : {-1, 0, 1}) {
      const auto row = Agent(agent, interval);
      int64_t sum = 0;
      for (const int64_t ns : row.shown_ns) sum += ns;
      EXPECT_EQ(sum, row.signed_in_ns);
    }
  }
}

TEST_F(GoldenDayTest, OccupancyAndLoad) {
  const auto a = Agent(kA, 0);  // (215 + 0 + 70) / (285 + 2990)
  EXPECT_EQ(a.busy_ns, 285 * kSecond);
  EXPECT_EQ(a.busy_of_ns, 3275 * kSecond);
  // C's units: 50 from 700, 100 from 800 to 1200 (c16 and then c17 beside it), 50 until 1300; capacity 100 x 3000 s.
  const auto c = Agent(kC, 0);
  EXPECT_EQ(c.load_unit_ms, (50 * 100 + 100 * 400 + 50 * 100) * 1000);
  EXPECT_EQ(c.capacity_unit_ms, 100 * 3000 * 1000);
  EXPECT_EQ(a.offers, 4u);    // o1, o4, o6, o12
  EXPECT_EQ(a.accepted, 3u);  // o12 is accepted in the second hour
  EXPECT_EQ(a.answered, 3u);
  EXPECT_EQ(a.ended, 3u);
  EXPECT_EQ(a.wrapup_sum_ns, 70 * kSecond);
  const auto b = Agent(kB, KOBLE_FIGURES_EVERY_INTERVAL);
  EXPECT_EQ(b.outcomes[KOBLE_OUTCOME_NO_ANSWER], 1u);
  EXPECT_EQ(b.outcomes[KOBLE_OUTCOME_DECLINED], 1u);
  EXPECT_EQ(b.outcomes[KOBLE_OUTCOME_WITHDRAWN], 1u);
  EXPECT_EQ(b.hold_sum_ns, 30 * kSecond);
  const auto all = Agent(KOBLE_FIGURES_ALL, KOBLE_FIGURES_EVERY_INTERVAL);
  EXPECT_EQ(all.connect_failed, 1u);
  EXPECT_EQ(all.answered, 13u);
}

TEST_F(GoldenDayTest, QuantilesAreWithinTheirError) {
  // Waits of voice's answered in order: 2, 5, 15, 30, 55, 85. The median is the third.
  Histogram waits;
  ASSERT_TRUE(figures_.Durations(kVoice, 0, KOBLE_DURATION_WAIT_ANSWERED, &waits));
  const int64_t median = waits.Quantile(500000);
  EXPECT_GE(median, 15 * kSecond);
  EXPECT_LE(median, 15 * kSecond + 15 * kSecond / 128);
  EXPECT_EQ(waits.Quantile(1000000), 85 * kSecond);  // never more than the exact maximum
  ASSERT_TRUE(figures_.Durations(kVoice, 1, KOBLE_DURATION_WAIT_ANSWERED, &waits));
  EXPECT_EQ(waits.Quantile(500000), -1);
}

TEST(FiguresTest, AnyCutOfTheStreamGivesTheSame) {
  const auto day = GoldenDay().events();
  Figures whole(DayLayout(), DayOptions()), pieces(DayLayout(), DayOptions());
  ASSERT_EQ(FoldAll(&whole, day), KOBLE_OK);
  for (size_t i = 0; i < day.size(); ++i) {
    ASSERT_EQ(pieces.Fold(&day[i], sizeof(koble_event), 1, nullptr), KOBLE_OK);
    const bool between =
        day[i].kind == KOBLE_EVENT_ENDED && i + 1 < day.size() && day[i + 1].kind == KOBLE_EVENT_WRAPUP;
    if (!between) {
      ASSERT_EQ(pieces.Close(day[i].time_ns), KOBLE_OK);
    }
    if (i > 0) {
      ASSERT_EQ(pieces.Fold(&day[i - 1], sizeof(koble_event), 1, nullptr), KOBLE_OK);  // read again
    }
  }
  ASSERT_EQ(whole.Close(7200 * kSecond), KOBLE_OK);
  ASSERT_EQ(pieces.Close(7200 * kSecond), KOBLE_OK);
  for (const uint32_t queue : {0u, 1u, 2u, 3u}) {
    for (const int64_t interval : {0, 1}) {
      koble_figures_queue_row a{}, b{};
      ASSERT_TRUE(whole.Queue(queue, interval, &a));
      ASSERT_TRUE(pieces.Queue(queue, interval, &b));
      EXPECT_EQ(std::memcmp(&a, &b, sizeof(a)), 0);
    }
  }
  for (const uint32_t agent : {0u, 1u, 2u}) {
    koble_figures_agent_row a{}, b{};
    ASSERT_TRUE(whole.Agent(agent, -1, &a));
    ASSERT_TRUE(pieces.Agent(agent, -1, &b));
    EXPECT_EQ(std::memcmp(&a, &b, sizeof(a)), 0);
  }
}

TEST(FiguresTest, OpenWaitsAreCountedAnewAtEveryClose) {
  EventList list;
  list.At(0).Arrive(1, kVoice).At(10).Arrive(2, kVoice);
  Figures figures(DayLayout(), DayOptions());
  ASSERT_EQ(FoldAll(&figures, list.events()), KOBLE_OK);
  koble_figures_queue_row row{};
  ASSERT_EQ(figures.Close(15 * kSecond), KOBLE_OK);
  ASSERT_TRUE(figures.Queue(kVoice, 0, &row));
  EXPECT_EQ(row.open, 2u);
  EXPECT_EQ(row.open_late, 0u);
  EXPECT_EQ(row.sl_of[KOBLE_SL_OFFERED], 0u);  // nobody is judged yet
  ASSERT_EQ(figures.Close(30 * kSecond), KOBLE_OK);
  ASSERT_TRUE(figures.Queue(kVoice, 0, &row));
  EXPECT_EQ(row.open_late, 1u);  // 30 > 20; the other waits exactly 20: still in time
  EXPECT_EQ(row.wait_open_sum_ns, 50 * kSecond);
  EXPECT_EQ(figures.Close(29 * kSecond), KOBLE_ERR_TIME);
  EXPECT_NE(figures.message(), "");
}

TEST(FiguresTest, WhatHappenedBeforeTheStartIsNotCounted) {
  Options options = DayOptions();
  options.start_ns = 3600 * kSecond;
  Figures figures(DayLayout(), options);
  ASSERT_EQ(FoldAll(&figures, GoldenDay().events()), KOBLE_OK);
  ASSERT_EQ(figures.Close(7200 * kSecond), KOBLE_OK);
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(KOBLE_FIGURES_ALL, -1, &row));
  EXPECT_EQ(row.offered, 5u);  // c13, c14, c18, c19, c20; c12 arrived earlier
  koble_figures_agent_row agent{};
  ASSERT_TRUE(figures.Agent(kA, -1, &agent));
  EXPECT_EQ(agent.signed_in_ns, 3400 * kSecond);
  EXPECT_EQ(agent.shown_ns[KOBLE_SHOWN_RINGING], 8 * kSecond);
}

// A contact of which the plan has no queue: in the total, and in no queue's row.
TEST(FiguresTest, NotRoutableCountsInTheTotal) {
  EventList list;
  list.At(0).Arrive(1, KOBLE_QUEUE_NONE).ExitNowhere(1).Arrive(2, kVoice);
  Figures figures(DayLayout(), DayOptions()), more(DayLayout(), DayOptions());
  ASSERT_EQ(FoldAll(&figures, list.events()), KOBLE_OK);
  ASSERT_EQ(FoldAll(&more, list.events()), KOBLE_OK);
  ASSERT_EQ(figures.Merge(more), KOBLE_OK);
  ASSERT_EQ(figures.Close(5 * kSecond), KOBLE_OK);
  koble_figures_queue_row all{}, row{};
  ASSERT_TRUE(figures.Queue(KOBLE_FIGURES_ALL, -1, &all));
  EXPECT_EQ(all.offered, 4u);
  EXPECT_EQ(all.exits[KOBLE_EXIT_NOT_ROUTABLE], 2u);
  EXPECT_EQ(all.open, 1u);  // the other's is not known here
  EXPECT_EQ(all.sl_of[KOBLE_SL_OFFERED], 0u);
  for (uint32_t queue = 0; queue < figures.queue_count(); ++queue) {
    ASSERT_TRUE(figures.Queue(queue, -1, &row));
    EXPECT_EQ(row.offered, queue == kVoice ? 2u : 0u);
    EXPECT_EQ(row.exits[KOBLE_EXIT_NOT_ROUTABLE], 0u);
  }
}

TEST(FiguresTest, MergeAddsByName) {
  Figures a(DayLayout(), DayOptions());
  Layout other = DayLayout();
  std::swap(other.queues[0], other.queues[1]);  // another numbering
  std::swap(other.agents[0], other.agents[2]);
  other.agents.push_back({"D", 100});
  Figures b(other, DayOptions());
  EventList one, two;
  one.At(0).Presence(0, KOBLE_PRESENCE_AVAILABLE).Arrive(1, 0).At(7).Exit(1, 0, KOBLE_EXIT_ABANDONED);
  two.At(0).Presence(2, KOBLE_PRESENCE_AVAILABLE).Arrive(1, 1).At(9).Exit(1, 1, KOBLE_EXIT_ABANDONED);
  ASSERT_EQ(FoldAll(&a, one.events()), KOBLE_OK);
  ASSERT_EQ(FoldAll(&b, two.events()), KOBLE_OK);
  ASSERT_EQ(a.Close(10 * kSecond), KOBLE_OK);
  ASSERT_EQ(b.Close(10 * kSecond), KOBLE_OK);
  ASSERT_EQ(a.Merge(b), KOBLE_OK);
  koble_figures_queue_row row{};
  ASSERT_TRUE(a.Queue(kVoice, 0, &row));
  EXPECT_EQ(row.offered, 2u);
  EXPECT_EQ(row.wait_abandoned_sum_ns, 16 * kSecond);
  koble_figures_agent_row agent{};
  ASSERT_TRUE(a.Agent(kA, 0, &agent));
  EXPECT_EQ(agent.signed_in_ns, 20 * kSecond);
  EXPECT_EQ(a.agent_count(), 4u);
  Options hourless = DayOptions();
  hourless.interval_ns = 0;
  EXPECT_EQ(a.Merge(Figures(DayLayout(), hourless)), KOBLE_ERR_ARGUMENT);
}

TEST(FiguresTest, AnewPlanRenumbersQueues) {
  Layout second = DayLayout();
  second.queues = {{"fax", 100, 5 * kSecond}, {"voice", 100, 5 * kSecond}};
  second.agents = {{"A", 200}};
  second.hash[0] = 77;
  EventList list;
  list.At(0)
      .Presence(kA, KOBLE_PRESENCE_AVAILABLE)
      .Arrive(1, kVoice)
      .At(10)
      .Plan(77)
      .At(12)
      .Exit(1, 1, KOBLE_EXIT_ABANDONED);
  list.At(20).Arrive(2, 0).Exit(2, 0, KOBLE_EXIT_CLOSED);
  Figures figures(DayLayout(), DayOptions());
  uint64_t folded = 0;
  EXPECT_EQ(figures.Fold(list.events().data(), sizeof(koble_event), list.events().size(), &folded), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(folded, 2u);
  figures.AddLayout(second);
  EXPECT_EQ(FoldAll(&figures, list.events()), KOBLE_OK);  // the first two are passed over
  ASSERT_EQ(figures.Close(20 * kSecond), KOBLE_OK);
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(kVoice, 0, &row));
  EXPECT_EQ(row.offered, 1u);
  EXPECT_EQ(row.abandoned, 1u);
  EXPECT_EQ(row.abandoned_in_time, 0u);  // judged by the target in force when the wait ended
  EXPECT_EQ(figures.queue_name(4), "fax");
  ASSERT_TRUE(figures.Queue(4, 0, &row));
  EXPECT_EQ(row.exits[KOBLE_EXIT_CLOSED], 1u);
  koble_figures_agent_row agent{};
  ASSERT_TRUE(figures.Agent(kA, 0, &agent));
  EXPECT_EQ(agent.capacity_unit_ms, (100 * 10 + 200 * 10) * 1000);
}

TEST(FiguresTest, BadEventsAreRefusedAndChangeNothing) {
  EventList list;
  list.At(10).Arrive(1, kVoice).Arrive(2, kVoice);
  Figures figures(DayLayout(), DayOptions());
  auto events = list.events();
  events[1].seq = 5;
  uint64_t folded = 9;
  EXPECT_EQ(figures.Fold(events.data(), sizeof(koble_event), 2, &folded), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(folded, 1u);
  EXPECT_NE(figures.message().find("number 2"), std::string::npos);
  events[1].seq = 2;
  events[1].time_ns = 9 * kSecond;
  EXPECT_EQ(figures.Fold(&events[1], sizeof(koble_event), 1, nullptr), KOBLE_ERR_TIME);
  events[1].time_ns = INT64_C(3600) * kSecond * KOBLE_FIGURES_INTERVALS_MAX;
  EXPECT_EQ(figures.Fold(&events[1], sizeof(koble_event), 1, nullptr), KOBLE_ERR_LIMIT);
  // Kinds of a later version, and ids never seen, are passed over.
  events[1].time_ns = 10 * kSecond;
  events[1].kind = 9999;
  EXPECT_EQ(figures.Fold(&events[1], sizeof(koble_event), 1, nullptr), KOBLE_OK);
  EventList stray;
  stray.At(20).Of(KOBLE_EVENT_ENDED, 50, 50, kA, kVoice).Of(KOBLE_EVENT_WRAPUP_END, 51, 51, kA, kVoice);
  stray.Of(KOBLE_EVENT_HELD, 50, 50, kA, kVoice).Exit(60, 99, KOBLE_EXIT_ABANDONED).Outcome(3, 60, kA, 99, 2);
  for (koble_event event : stray.events()) {
    event.seq = 0;
    EXPECT_EQ(figures.Fold(&event, sizeof(koble_event), 1, nullptr), KOBLE_OK);
  }
  ASSERT_EQ(figures.Close(30 * kSecond), KOBLE_OK);
  koble_figures_queue_row row{};
  EXPECT_TRUE(figures.Queue(KOBLE_FIGURES_ALL, -1, &row));
  EXPECT_EQ(row.offered, 1u);
  EXPECT_FALSE(figures.Queue(4, -1, &row));
  EXPECT_FALSE(figures.Queue(0, -2, &row));
  EXPECT_FALSE(figures.Queue(0, INT64_MAX, &row));
}

TEST(FiguresTest, AnEngagementWithoutAnIdIsPassedOver) {
  EventList list;
  list.Presence(kA, KOBLE_PRESENCE_AVAILABLE);
  list.At(10).Arrive(1, kChat).Serve(1, 1, kA, kChat);
  list.At(20).Arrive(2, kChat).Serve(2, 2, kA, kChat);
  list.At(30).Arrive(3, kChat).Serve(3, 3, kA, kChat);
  list.At(40).Of(KOBLE_EVENT_ENDED, 1, 1, kA, kChat);
  list.At(60).Of(KOBLE_EVENT_ENDED, 3, 3, kA, kChat).At(70).Presence(kA, KOBLE_PRESENCE_OFFLINE);
  auto events = list.events();
  for (koble_event& event : events) {
    if (event.contact == EventList::Contact(2)) event.engagement = 0;
  }
  Figures figures(DayLayout(), DayOptions());
  ASSERT_EQ(figures.Fold(events.data(), sizeof(koble_event), events.size(), nullptr), KOBLE_OK);
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(kChat, -1, &row));
  EXPECT_EQ(row.ended, 2u);
  EXPECT_EQ(row.attention_sum_ns, 50 * kSecond);  // all of the time in which the two were served
}

// What an agent could have done counts by what he was able to at the time, however often he is asked for in between.
TEST(FiguresTest, CapacityCountsAsItWas) {
  EventList list;
  list.At(0).Presence(kA, KOBLE_PRESENCE_AVAILABLE);
  Figures figures(DayLayout(), DayOptions());
  ASSERT_EQ(FoldAll(&figures, list.events()), KOBLE_OK);
  const auto units = [&](int64_t interval) {
    koble_figures_agent_row row{};
    EXPECT_TRUE(figures.Agent(kA, interval, &row));
    return row.capacity_unit_ms / 1000;  // unit seconds
  };
  ASSERT_EQ(figures.Close(10 * kSecond), KOBLE_OK);
  EXPECT_EQ(units(0), 10 * 100);
  ASSERT_EQ(figures.NameAgent(EventList::Agent(kA), "", 300), KOBLE_OK);
  EXPECT_EQ(units(0), 10 * 100);
  ASSERT_EQ(figures.Close(15 * kSecond), KOBLE_OK);  // and nobody asks
  ASSERT_EQ(figures.NameAgent(EventList::Agent(kA), "", 50), KOBLE_OK);
  ASSERT_EQ(figures.Close((3 * 3600 + 20) * kSecond), KOBLE_OK);
  EXPECT_EQ(units(0), 10 * 100 + 5 * 300 + 3585 * 50);
  EXPECT_EQ(units(1), 3600 * 50);
  EXPECT_EQ(units(3), 20 * 50);
  EXPECT_EQ(units(-1), 10 * 100 + 5 * 300 + (3 * 3600 + 5) * 50);
}

TEST(FiguresTest, OptionsAreChecked) {
  EXPECT_EQ(Mistake(DayOptions()), "");
  EXPECT_NE(Mistake({.interval_ns = 5}), "");
  EXPECT_NE(Mistake({.start_ns = -1}), "");
  EXPECT_NE(Mistake({.short_abandon_ns = -1}), "");
  EXPECT_NE(Mistake({.target_ns = INT64_MAX}), "");
}

}  // namespace
}  // namespace koble::figures
