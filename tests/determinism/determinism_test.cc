// The constant that every compiler, build type, sanitizer, process and way of giving must reach (tests/determinism/run shows it over the whole matrix).
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "determinism/fixed_run.h"

namespace koble::determinism {
namespace {

std::string Expected() {
  std::ifstream in(KOBLE_SOURCE_DIR "/tests/determinism/expected.txt");
  std::string line;
  std::getline(in, line);
  return line;
}

TEST(Determinism, ARunOf200000CommandsEndsInTheKnownDigestHoweverItIsGiven) {
  const FixedRun run(KOBLE_SOURCE_DIR, 200'000);
  EXPECT_EQ(run.Singles().Text(), Expected());
  EXPECT_EQ(run.Batches().Text(), Expected());
  EXPECT_EQ(run.FromJournal().Text(), Expected());
  EXPECT_EQ(run.ThroughClones().Text(), Expected());
  EXPECT_EQ(run.ThroughSnapshots().Text(), Expected());
}

TEST(Determinism, TheKnownRunUsesEveryCommandAndEveryEventManyTimes) {
  const FixedRun::Census census = FixedRun(KOBLE_SOURCE_DIR, 200'000).Count();
  for (uint32_t kind = 1; kind < KOBLE_CMD_COUNT_; ++kind)
    EXPECT_GT(census.commands[kind], 10u) << engine::CommandName(kind);
  for (uint32_t kind = 1; kind < KOBLE_EVENT_COUNT_; ++kind)
    EXPECT_GT(census.events[kind], 10u) << engine::EventName(kind);
  for (const int32_t code : {KOBLE_ERR_UNKNOWN, KOBLE_ERR_ENDED, KOBLE_ERR_STATE, KOBLE_ERR_HELD, KOBLE_ERR_NONE,
                             KOBLE_ERR_EXISTS, KOBLE_ERR_ARGUMENT}) {
    EXPECT_GT(census.codes[static_cast<size_t>(-code)], 10u) << engine::ErrorName(code);
  }
}

}  // namespace
}  // namespace koble::determinism
