// Every scenario, on the engine in four ways and on the reference; and that together they show everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "transcript/run.h"
#include "transcripts/files.h"
#include "transcripts/reference_machine.h"

namespace koble::testing {
namespace {

using transcript::Coverage;
using transcript::Rebuild;
using transcript::RunOptions;
using transcript::RunResult;

constexpr size_t kLinesMax = 60;
constexpr size_t kFilesMin = 40;

std::vector<std::string> Scenarios() { return TranscriptsIn(KOBLE_SOURCE_DIR "/tests/scenarios"); }

std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = std::filesystem::path(info.param).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

RunOptions OptionsFor(const std::string& path) {
  RunOptions options;
  options.name = std::filesystem::path(path).filename().string();
  options.read_file = ReaderBeside(path);
  return options;
}

class Scenario : public ::testing::TestWithParam<std::string> {
 protected:
  RunResult Run(RunOptions options) { return transcript::Run(text_, options); }

  std::string text_ = ReadWhole(GetParam()).value_or("");
  RunOptions options_ = OptionsFor(GetParam());
};

TEST_P(Scenario, Engine) {
  const RunResult result = Run(options_);
  EXPECT_EQ(result.report, "");
  EXPECT_GT(result.checks, 0U);
  EXPECT_EQ(result.rewritten, text_) << "rewriting what passes changes nothing";
}

TEST_P(Scenario, Reference) {
  options_.factory = ReferenceFactory();
  EXPECT_EQ(Run(options_).report, "");
}

TEST_P(Scenario, EngineRebuiltAfterEveryCommand) {
  for (const Rebuild how : {Rebuild::kClone, Rebuild::kSnapshot, Rebuild::kReplay}) {
    options_.rebuild = how;
    EXPECT_EQ(Run(options_).report, "");
  }
}

TEST_P(Scenario, IsShort) {
  EXPECT_LE(std::count(text_.begin(), text_.end(), '\n'), kLinesMax);
  EXPECT_TRUE(text_.starts_with("# ")) << "it begins by saying what it shows";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Scenario, ::testing::ValuesIn(Scenarios()), NameOf);

// What no text can provoke, each for its reason.
const Coverage& OutOfReach() {
  static const Coverage kItems = {
      "error no_memory",             // the allocator's
      "error poisoned",              // a defect's consequence
      "error internal",              // a defect
      "error corrupt",               // bytes of plans, journals and snapshots are not text
      "error version",               // the same
      "error diverged",              // the same
      "error busy",                  // of calls that a policy makes
      "error gone",                  // of reading events, which a transcript does by itself
      "reason outcome:accepted",     // the event `accepted` says it
      "reason penalised:accepted",   // no penalty follows these
      "reason penalised:rescinded",  //
      "reason penalised:withdrawn",  //
      "reason left:not_routable",    // it stands in no queue that it could leave
  };
  return kItems;
}

TEST(Scenarios, ShowEverything) {
  const std::vector<std::string> paths = Scenarios();
  EXPECT_GE(paths.size(), kFilesMin);
  Coverage shown;
  for (const std::string& path : paths) {
    RunResult result = transcript::Run(ReadWhole(path).value_or(""), OptionsFor(path));
    shown.merge(result.coverage);
  }
  Coverage missing;
  for (const std::string& item : transcript::EverythingCoverable()) {
    if (!shown.contains(item) && !OutOfReach().contains(item)) missing.insert(item);
  }
  EXPECT_EQ(missing, Coverage()) << "asserted in no scenario";
  for (const std::string& item : OutOfReach())
    EXPECT_FALSE(shown.contains(item)) << item << " can be provoked after all";
}

}  // namespace
}  // namespace koble::testing
