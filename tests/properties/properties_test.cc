// Promises that hold over random, hostile runs, each by its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "koble/koble_record.h"
#include "properties/observer.h"
#include "properties/runs.h"

namespace koble::testing {
namespace {

constexpr uint64_t kRuns = ShareOf(300);
constexpr uint64_t kLongRuns = 6000;

RunShape Shape(size_t commands = 200) {
  RunShape shape;
  shape.commands = commands;
  return shape;
}

// Gives every run to an engine under observation; the first breach of the promise fails the test.
void Observe(Promise promise, uint64_t first_seed, uint64_t runs, const RunShape& shape) {
  for (uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
    const Script run = RandomRun(seed, shape);
    EngineMachine engine(run);
    Observer observer(run);
    const auto name = [&](koble_id id) { return std::string(koble_agent_name(engine.engine(), id)); };
    size_t seen = 0;
    for (size_t index = 0; index < run.commands.size(); ++index) {
      const Answer answer = engine.Apply(run.commands[index]);
      koble_counts counts = {};
      counts.struct_size = sizeof(counts);
      ASSERT_EQ(koble_count(engine.engine(), &counts), KOBLE_OK);
      observer.See(run.commands[index], answer, engine.NextDeadline(), counts, name);
      for (; seen < observer.breaches().size(); ++seen) {
        const Breach& breach = observer.breaches()[seen];
        ASSERT_NE(breach.promise, promise) << "seed " << seed << ", command " << index << " ("
                                           << Describe(run.commands[index]) << "): " << breach.what;
      }
    }
  }
}

RunShape RestartShape() {
  RunShape shape = Shape();
  shape.default_outage = true;
  return shape;
}

TEST(Properties, EveryContactIsAccountedFor) { Observe(Promise::kConservation, 1, kRuns, Shape()); }
TEST(Properties, CapacityIsNeverExceeded) { Observe(Promise::kCapacity, 1001, kRuns, Shape()); }
TEST(Properties, EveryOfferEndsOnce) { Observe(Promise::kOneOutcome, 2001, kRuns, Shape()); }
TEST(Properties, NobodyWaitsBesideAFreeAgent) { Observe(Promise::kNobodyWaits, 3001, kRuns, Shape()); }
TEST(Properties, OrderIsRespected) { Observe(Promise::kOrder, 4001, kRuns, Shape()); }
TEST(Properties, NoTimerIsEarlyOrLate) { Observe(Promise::kTimers, 5001, kRuns, Shape()); }
TEST(Properties, ARestartPunishesNobody) { Observe(Promise::kRestart, 6001, kRuns, RestartShape()); }
TEST(Properties, GroupsGrowByTheRules) { Observe(Promise::kGroups, 6601, kRuns, Shape()); }
TEST(Properties, AReserveStaysFree) { Observe(Promise::kReserve, 6501, kRuns, Shape()); }
TEST(Properties, StepsGoByTheState) { Observe(Promise::kSteps, 7201, kRuns, Shape()); }

TEST(Properties, ConversationsPauseAndGoOn) { Observe(Promise::kSilence, 6801, kRuns, Shape()); }

TEST(PropertiesLong, EveryContactIsAccountedFor) { Observe(Promise::kConservation, 100001, kLongRuns, Shape()); }
TEST(PropertiesLong, CapacityIsNeverExceeded) { Observe(Promise::kCapacity, 110001, kLongRuns, Shape()); }
TEST(PropertiesLong, EveryOfferEndsOnce) { Observe(Promise::kOneOutcome, 120001, kLongRuns, Shape()); }
TEST(PropertiesLong, NobodyWaitsBesideAFreeAgent) { Observe(Promise::kNobodyWaits, 130001, kLongRuns, Shape()); }
TEST(PropertiesLong, OrderIsRespected) { Observe(Promise::kOrder, 140001, kLongRuns, Shape()); }
TEST(PropertiesLong, NoTimerIsEarlyOrLate) { Observe(Promise::kTimers, 150001, kLongRuns, Shape()); }
TEST(PropertiesLong, ARestartPunishesNobody) { Observe(Promise::kRestart, 160001, kLongRuns, RestartShape()); }
TEST(PropertiesLong, AReserveStaysFree) { Observe(Promise::kReserve, 165001, kLongRuns, Shape()); }
TEST(PropertiesLong, ConversationsPauseAndGoOn) { Observe(Promise::kSilence, 168001, kLongRuns, Shape()); }
TEST(PropertiesLong, StepsGoByTheState) { Observe(Promise::kSteps, 172001, kLongRuns, Shape()); }

// A refused command leaves exactly what an advance to its time leaves, and one refused before that nothing at all.
TEST(Properties, RejectedChangesNothing) {
  size_t rejected = 0;
  for (uint64_t seed = 7001; seed < 7001 + kRuns / 3; ++seed) {
    const Script run = RandomRun(seed, Shape());
    EngineMachine engine(run);
    for (const Command& command : run.commands) {
      const std::unique_ptr<EngineMachine> before = engine.Clone();
      const int64_t now = koble_now(engine.engine());
      const Answer answer = engine.Apply(command);
      if (answer.result.code == KOBLE_OK) continue;
      ++rejected;
      std::vector<koble_event> events;
      if (koble_now(engine.engine()) != now || !answer.events.empty()) {
        Command advance;
        advance.command.kind = KOBLE_CMD_ADVANCE;
        advance.command.time_ns = answer.result.time_ns;
        events = before->Apply(advance).events;
      }
      ASSERT_EQ(EventsDifference(answer.events, events), "") << "seed " << seed << ", " << Describe(command);
      ASSERT_EQ(engine.Digest(), before->Digest()) << "seed " << seed << ", " << Describe(command);
      ASSERT_EQ(engine.NextDeadline(), before->NextDeadline()) << "seed " << seed << ", " << Describe(command);
      ASSERT_EQ(koble_now(engine.engine()), koble_now(before->engine()))
          << "seed " << seed << ", " << Describe(command);
    }
  }
  EXPECT_GT(rejected, ShareOf(1000));
}

// At one random point of every run the engine gets a twin by `twin`; both are given the rest.
void CompareTwins(uint64_t first_seed, uint32_t journal,
                  const std::function<std::unique_ptr<EngineMachine>(const EngineMachine&)>& twin) {
  for (uint64_t seed = first_seed; seed < first_seed + kRuns; ++seed) {
    const Script run = RandomRun(seed, Shape());
    EngineMachine engine(run, journal);
    std::unique_ptr<EngineMachine> other;
    const size_t point = Random(seed).Below(run.commands.size());
    for (size_t index = 0; index < run.commands.size(); ++index) {
      if (index == point) other = twin(engine);
      const Answer answer = engine.Apply(run.commands[index]);
      if (other == nullptr) continue;
      const Answer same = other->Apply(run.commands[index]);
      ASSERT_EQ(answer.result.code, same.result.code) << "seed " << seed << ", command " << index;
      ASSERT_EQ(answer.result.id, same.result.id) << "seed " << seed << ", command " << index;
      ASSERT_EQ(EventsDifference(answer.events, same.events), "") << "seed " << seed << ", command " << index;
      ASSERT_EQ(engine.NextDeadline(), other->NextDeadline()) << "seed " << seed << ", command " << index;
      ASSERT_EQ(engine.Digest(), other->Digest()) << "seed " << seed << ", command " << index;
    }
  }
}

TEST(Properties, ACloneIsTheOriginal) {
  CompareTwins(8001, KOBLE_JOURNAL_OFF, [](const EngineMachine& engine) { return engine.Clone(); });
}

TEST(Properties, ASnapshotIsTheOriginal) {
  CompareTwins(9001, KOBLE_JOURNAL_OFF, [](const EngineMachine& engine) {
    const std::string bytes = SnapshotOf(engine);
    koble_engine* restored = nullptr;
    EXPECT_EQ(koble_snapshot_restore(bytes.data(), bytes.size(), nullptr, &restored), KOBLE_OK);
    return EngineMachine::Own(restored);
  });
}

// A snapshot of what a snapshot gave is the same bytes.
TEST(Properties, ASnapshotOfASnapshotIsEqual) {
  for (uint64_t seed = 10001; seed < 10001 + kRuns / 3; ++seed) {
    const Script run = RandomRun(seed, Shape());
    EngineMachine engine(run);
    for (const Command& command : run.commands) engine.Apply(command);
    const std::string bytes = SnapshotOf(engine);
    koble_engine* restored = nullptr;
    ASSERT_EQ(koble_snapshot_restore(bytes.data(), bytes.size(), nullptr, &restored), KOBLE_OK);
    EXPECT_EQ(SnapshotOf(*EngineMachine::Own(restored)), bytes) << "seed " << seed;
  }
}

TEST(Properties, BatchesAreSingles) {
  for (uint64_t seed = 11001; seed < 11001 + kRuns; ++seed) {
    Script run = RandomRun(seed, Shape());
    std::erase_if(run.commands, [](const Command& command) { return !DataIsWhole(command); });
    EngineMachine singly(run);
    EngineMachine batched(run);
    Random random(seed);
    for (size_t first = 0; first < run.commands.size();) {
      const size_t last = std::min(run.commands.size(), first + 1 + random.Below(40));
      std::vector<int32_t> codes;
      std::vector<koble_id> ids;
      const Answer batch = batched.ApplyBatch(run.commands, first, last, &codes, &ids);
      std::vector<koble_event> events;
      for (size_t index = first; index < last; ++index) {
        const Answer single = singly.Apply(run.commands[index]);
        ASSERT_EQ(single.result.code, codes[index - first]) << "seed " << seed << ", command " << index;
        ASSERT_EQ(single.result.id, ids[index - first]) << "seed " << seed << ", command " << index;
        events.insert(events.end(), single.events.begin(), single.events.end());
      }
      ASSERT_EQ(EventsDifference(events, batch.events), "")
          << "seed " << seed << ", commands " << first << " to " << last;
      ASSERT_EQ(singly.Digest(), batched.Digest()) << "seed " << seed << ", commands " << first << " to " << last;
      first = last;
    }
  }
}

}  // namespace
}  // namespace koble::testing
