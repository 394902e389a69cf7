// Memory that runs out, at every allocation of every command of random runs: a refused command changed nothing beyond instants
// of time that were carried out wholly, and with memory again the engine goes on as if nothing had been.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "koble/koble_query.h"
#include "koble/koble_record.h"
#include "properties/runs.h"

namespace koble::testing {
namespace {

// Gives `left` blocks more, then none.
struct Ration {
  uint64_t left = UINT64_MAX;
  static void* Realloc(void* context, void* block, uint64_t, uint64_t new_size) {
    auto& ration = *static_cast<Ration*>(context);
    if (new_size == 0) {
      std::free(block);
      return nullptr;
    }
    if (ration.left == 0) {
      return nullptr;  // none
    }
    --ration.left;
    return std::realloc(block, new_size);
  }
};

struct Tally {
  uint64_t refused = 0;
  uint64_t partly = 0;  // after some instants of the advance had been carried out
};

// Gives the command with 0 blocks, with 1, and so on, until it is not refused for want of memory.
Answer Insist(EngineMachine& engine, Ration& ration, const Command& command, Tally& tally) {
  std::vector<koble_event> events;
  for (uint64_t blocks = 0;; ++blocks) {
    const auto digest = engine.Digest();
    const uint64_t records = koble_journal_last(engine.engine());
    ration.left = blocks;
    Answer answer = engine.Apply(command);
    ration.left = UINT64_MAX;
    events.insert(events.end(), answer.events.begin(), answer.events.end());
    if (answer.result.code != KOBLE_ERR_NO_MEMORY) {
      answer.events = events;
      return answer;
    }
    ++tally.refused;
    tally.partly += answer.events.empty() ? 0 : 1;
    if (answer.events.empty() && koble_journal_last(engine.engine()) == records) {
      EXPECT_EQ(engine.Digest(), digest);
    }
    if (blocks > 10'000) {
      ADD_FAILURE() << "refused however much memory there is";
      return answer;
    }
  }
}

void Starve(uint64_t first_seed, uint64_t runs, const RunShape& shape, Tally& tally) {
  for (uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
    const Script run = RandomRun(seed, shape);
    EngineMachine fed(run);
    Ration ration;
    auto starved = std::make_unique<EngineMachine>(run, KOBLE_JOURNAL_KEEP_ALL, Ration::Realloc, &ration);
    uint64_t header_size = 0;
    koble_journal_header(starved->engine(), nullptr, 0, &header_size);
    std::string header(header_size, '\0');
    ASSERT_EQ(koble_journal_header(starved->engine(), header.data(), header.size(), &header_size), KOBLE_OK);
    Random random(seed);
    for (size_t index = 0; index < run.commands.size(); ++index) {
      // A clone has room for what it holds and no more: nearly every command after it must ask for some.
      if (random.Percent(33)) starved = starved->Clone();
      const Answer expected = fed.Apply(run.commands[index]);
      const Answer answer = Insist(*starved, ration, run.commands[index], tally);
      const std::string where = "seed " + std::to_string(seed) + ", command " + std::to_string(index) + " (" +
                                Describe(run.commands[index]) + ")";
      ASSERT_EQ(answer.result.code, expected.result.code) << where;
      ASSERT_EQ(answer.result.id, expected.result.id) << where;
      ASSERT_EQ(EventsDifference(answer.events, expected.events), "") << where;
      ASSERT_EQ(starved->Digest(), fed.Digest()) << where;
      ASSERT_EQ(starved->NextDeadline(), fed.NextDeadline()) << where;
    }
    // Advances that came halfway are in the journal as what they were.
    std::string records(uint64_t{64} << 20, '\0');
    uint64_t size = 0;
    uint64_t next = 0;
    uint64_t played = 0;
    const int32_t read = koble_journal_read(starved->engine(), 1, records.data(), records.size(), &size, &next);
    ASSERT_EQ(read, KOBLE_OK);
    koble_engine* replayed = nullptr;
    ASSERT_EQ(koble_replay(header.data(), header.size(), records.data(), size, nullptr, &replayed, &played), KOBLE_OK)
        << "seed " << seed;
    EXPECT_EQ(EngineMachine::Own(replayed)->Digest(), fed.Digest()) << "seed " << seed;
  }
}

TEST(Memory, ARefusedCommandChangesNothing) {
  Tally tally;
  RunShape shape;
  shape.commands = 150;
  Starve(20001, ShareOf(60), shape, tally);
  EXPECT_GT(tally.refused, ShareOf(10'000));
  EXPECT_GT(tally.partly, ShareOf(10));
}

TEST(Memory, NorDoesItInALargeCentre) {
  Tally tally;
  RunShape shape;
  shape.commands = 250;
  shape.large = true;
  Starve(21001, ShareOf(8), shape, tally);
  EXPECT_GT(tally.refused, ShareOf(2'000));
}

Command Make(uint32_t kind, int64_t time_s, koble_id target) {
  Command command;
  command.command.kind = kind;
  command.command.time_ns = time_s * 1'000'000'000;
  command.command.target = target;
  return command;
}

// He becomes available; `engine` knows his id.
Command SignIn(const EngineMachine& engine, const std::string& name) {
  Command presence = Make(KOBLE_CMD_AGENT_PRESENCE, 0, koble_agent_find(engine.engine(), name.c_str()));
  presence.command.code = KOBLE_PRESENCE_AVAILABLE;
  return presence;
}

// A standing request takes over a group of 300 phones when its agent comes free: they stop, and each of their agents takes one of those who wait. A clone
// has no room for all that, and the command asks for it before it changes anything.
TEST(Memory, ARequestThatTakesOverAGroupAsksForItsRoomFirst) {
  constexpr int kPhones = 300;
  Script run;
  run.plan = R"({"profiles": [{"name": "pull", "pull": true, "queues": [{"queue": "all"}], "others": "never"}],
      "queues": [{"name": "all", "offer": {"mode": "ring_all", "join": true, "ring": "1h"}, "priority": {"base": 9}},
                 {"name": "rest", "offer": {"ring": "1h"}}],
      "agents": [{"name": "P", "profile": "pull"})";
  for (int i = 0; i < kPhones; ++i) run.plan += ", {\"name\": \"A" + std::to_string(i) + "\"}";
  run.plan += "]}";
  EngineMachine fed(run);
  Ration ration;
  auto starved = std::make_unique<EngineMachine>(run, KOBLE_JOURNAL_OFF, Ration::Realloc, &ration);
  const auto must = [&](const Command& command) {
    EXPECT_EQ(starved->Apply(command).result.code, KOBLE_OK);
    const Answer answer = fed.Apply(command);
    EXPECT_EQ(answer.result.code, KOBLE_OK) << Describe(command);
    return answer;
  };
  Command request = Make(KOBLE_CMD_AGENT_REQUEST, 0, koble_agent_find(fed.engine(), "P"));
  request.command.a = KOBLE_NEVER;
  must(SignIn(fed, "P"));
  must(request);
  const koble_id first = must(Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0)).result.id;  // his
  must(request);                                                                // for when he has served it
  for (int i = 0; i < kPhones; ++i) must(SignIn(fed, "A" + std::to_string(i)));
  must(Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0));  // all other phones ring
  for (int i = 0; i < 2 * kPhones; ++i) {
    Command waits = Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0);
    waits.command.queue = 1;
    EXPECT_EQ(must(waits).events.size(), 1u);  // nobody is free for it
  }

  starved = starved->Clone();
  Tally tally;
  Command gone = Make(KOBLE_CMD_CONTACT_GONE, 1, first);
  gone.command.code = KOBLE_BY_AGENT;
  const Answer answer = Insist(*starved, ration, gone, tally);
  const Answer expected = fed.Apply(gone);
  EXPECT_EQ(EventsDifference(answer.events, expected.events), "");
  EXPECT_EQ(starved->Digest(), fed.Digest());
  EXPECT_GT(tally.refused, 0u);
  const auto count = [&](uint32_t kind) {
    return std::count_if(answer.events.begin(), answer.events.end(),
                         [&](const koble_event& e) { return e.kind == kind; });
  };
  EXPECT_EQ(count(KOBLE_EVENT_OUTCOME), kPhones);
  EXPECT_EQ(count(KOBLE_EVENT_OFFERED), kPhones + 1);
}

// The plainest centre of all: whoever ends a conversation is offered the next contact. A clone has no room for that offer, its timer and their events.
TEST(Memory, AConversationsEndAsksForTheRoomOfTheNextOfferFirst) {
  Script run;
  run.plan = R"({"queues": [{"name": "served", "offer": {"mode": "auto"}}, {"name": "rung", "offer": {"ring": "20s"}}],
                 "agents": [{"name": "A"}, {"name": "B"}]})";
  EngineMachine fed(run);
  Ration ration;
  auto starved = std::make_unique<EngineMachine>(run, KOBLE_JOURNAL_OFF, Ration::Realloc, &ration);
  const auto must = [&](const Command& command) {
    EXPECT_EQ(starved->Apply(command).result.code, KOBLE_OK);
    return fed.Apply(command);
  };
  must(SignIn(fed, "A"));
  const koble_id first = must(Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0)).result.id;
  must(SignIn(fed, "B"));
  Command rings = Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0);
  rings.command.queue = 1;
  EXPECT_EQ(must(rings).events.size(), 2u);  // B's phone, with the one offer that there has been room for
  EXPECT_EQ(must(rings).events.size(), 1u);  // this one waits

  starved = starved->Clone();
  Tally tally;
  Command gone = Make(KOBLE_CMD_CONTACT_GONE, 1, first);
  gone.command.code = KOBLE_BY_AGENT;
  const Answer answer = Insist(*starved, ration, gone, tally);
  const Answer expected = fed.Apply(gone);
  EXPECT_EQ(answer.result.code, KOBLE_OK);
  EXPECT_EQ(EventsDifference(answer.events, expected.events), "");
  EXPECT_EQ(starved->Digest(), fed.Digest());
  EXPECT_GT(tally.refused, 0u);
  ASSERT_EQ(answer.events.size(), 2u);  // `ended`, `offered`
  EXPECT_EQ(answer.events.back().kind, static_cast<uint32_t>(KOBLE_EVENT_OFFERED));
}

// Whoever arrives and is served at once: whichever block is missing, all are asked for before the contact is there. Each time from a clone, which has no
// room, so that each block is the missing one once.
TEST(Memory, WhoIsServedAtOnceHasAskedForAllRoomFirst) {
  Script run;
  run.plan = R"({"queues": [{"name": "q", "offer": {"mode": "auto"}}],
                 "agents": [{"name": "A"}, {"name": "B"}, {"name": "C"}]})";
  EngineMachine fed(run);
  Ration ration;
  EngineMachine served(run, KOBLE_JOURNAL_OFF, Ration::Realloc, &ration);
  for (EngineMachine* engine : {&fed, &served}) engine->Digest();  // from now on what changes is marked
  const Command arrives = Make(KOBLE_CMD_CONTACT_ARRIVE, 0, 0);
  for (const char* name : {"A", "B", "C"}) {
    for (EngineMachine* engine : {&fed, &served}) EXPECT_EQ(engine->Apply(SignIn(*engine, name)).result.code, KOBLE_OK);
  }
  for (EngineMachine* engine : {&fed, &served}) EXPECT_EQ(engine->Apply(arrives).events.size(), 4u);
  const auto before = fed.Digest();
  const Answer expected = fed.Apply(arrives);
  uint64_t blocks = 0;
  for (bool refused = true; refused; ++blocks) {
    const std::unique_ptr<EngineMachine> clone = served.Clone();
    ration.left = blocks;
    Answer answer = clone->Apply(arrives);
    ration.left = UINT64_MAX;
    refused = answer.result.code == KOBLE_ERR_NO_MEMORY;
    if (refused) {
      EXPECT_EQ(clone->Digest(), before) << blocks;
      answer = clone->Apply(arrives);
    }
    ASSERT_EQ(answer.result.code, KOBLE_OK) << blocks;
    EXPECT_EQ(EventsDifference(answer.events, expected.events), "") << blocks;
    EXPECT_EQ(clone->Digest(), fed.Digest()) << blocks;
  }
  EXPECT_GT(blocks, 10u);
}

// In parts, which may run side by side.
class MemoryLong : public ::testing::TestWithParam<uint64_t> {};

TEST_P(MemoryLong, ARefusedCommandChangesNothing) {
  Tally tally;
  RunShape shape;
  shape.commands = 200;
  constexpr uint64_t kEach = 250;
  Starve(200001 + GetParam() * kEach, kEach, shape, tally);
  EXPECT_GT(tally.refused, 25'000u);
}

INSTANTIATE_TEST_SUITE_P(Parts, MemoryLong, ::testing::Range<uint64_t>(0, 4));

}  // namespace
}  // namespace koble::testing
