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

}  // namespace
}  // namespace koble::determinism
