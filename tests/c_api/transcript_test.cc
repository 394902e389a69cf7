// koble_transcript.h from outside: run, report, rewrite, files from the host, wrong arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <koble/koble_transcript.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

using ::testing::HasSubstr;

constexpr std::string_view kText =
    "plan town.json\n"
    "ignore arrived presence\n"
    "0  presence A available\n"
    "0  arrive q\n"
    "   offered o1 c1 A q\n";

int32_t ReadTown(void* context, const char* path, void (*give)(void*, const void*, uint64_t), void* give_context) {
  ++*static_cast<int*>(context);
  if (std::strcmp(path, "town.json") != 0) return KOBLE_ERR_UNKNOWN;
  constexpr std::string_view kPlan = R"({"queues": [{"name": "q"}], "agents": [{"name": "A"}]})";
  give(give_context, kPlan.data(), kPlan.size());
  return KOBLE_OK;
}

using RunPtr = std::unique_ptr<koble_transcript, decltype(&koble_transcript_release)>;

RunPtr RunText(std::string_view text, const koble_transcript_options* options) {
  koble_transcript* run = nullptr;
  EXPECT_EQ(koble_transcript_run(text.data(), text.size(), "t", options, &run), KOBLE_OK);
  return RunPtr(run, &koble_transcript_release);
}

koble_transcript_summary Summary(const RunPtr& run) {
  koble_transcript_summary summary = KOBLE_TRANSCRIPT_SUMMARY_INIT;
  EXPECT_EQ(koble_transcript_summary_get(run.get(), &summary), KOBLE_OK);
  return summary;
}

TEST(CTranscript, RunsWithFilesOfTheHost) {
  int reads = 0;
  koble_transcript_options options = KOBLE_TRANSCRIPT_OPTIONS_INIT;
  options.read_fn = &ReadTown;
  options.read_context = &reads;
  for (const uint32_t rebuild :
       {KOBLE_TRANSCRIPT_AS_WRITTEN, KOBLE_TRANSCRIPT_CLONE, KOBLE_TRANSCRIPT_SNAPSHOT, KOBLE_TRANSCRIPT_REPLAY}) {
    options.rebuild = rebuild;
    const RunPtr run = RunText(kText, &options);
    EXPECT_STREQ(koble_transcript_report(run.get()), "");
    const koble_transcript_summary summary = Summary(run);
    EXPECT_EQ(summary.failures, 0U);
    EXPECT_EQ(summary.commands, 2U);
    EXPECT_EQ(summary.checks, 3U);
    uint64_t size = 0;
    EXPECT_EQ(koble_transcript_rewritten(run.get(), &size), kText);
    EXPECT_EQ(size, kText.size());
  }
  EXPECT_EQ(reads, 4);
}

TEST(CTranscript, ReportsAndRewrites) {
  int reads = 0;
  koble_transcript_options options = KOBLE_TRANSCRIPT_OPTIONS_INIT;
  options.read_fn = &ReadTown;
  options.read_context = &reads;
  const RunPtr run = RunText("plan town.json\n0 arrive q\n", &options);
  EXPECT_EQ(Summary(run).differences, 1U);
  EXPECT_THAT(koble_transcript_report(run.get()), HasSubstr("t:2: 0 arrive q"));
  EXPECT_STREQ(koble_transcript_rewritten(run.get(), nullptr), "plan town.json\n0 arrive q\n  arrived c1 q\n");

  const RunPtr mistaken = RunText("plan town.json\n", nullptr);
  EXPECT_EQ(Summary(mistaken).mistakes, 1U);
  EXPECT_EQ(Summary(mistaken).failures, 1U);
  EXPECT_THAT(koble_transcript_report(mistaken.get()), HasSubstr("t:1:6: `town.json`: this file cannot be read here"));
}

TEST(CTranscript, RefusesWrongArguments) {
  koble_transcript* run = nullptr;
  EXPECT_EQ(koble_transcript_run("", 0, nullptr, nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_transcript_run(nullptr, 1, nullptr, nullptr, &run), KOBLE_ERR_ARGUMENT);
  koble_transcript_options options = KOBLE_TRANSCRIPT_OPTIONS_INIT;
  options.struct_size = 4;
  EXPECT_EQ(koble_transcript_run("", 0, nullptr, &options, &run), KOBLE_ERR_ARGUMENT);
  options = KOBLE_TRANSCRIPT_OPTIONS_INIT;
  options.rebuild = 9;
  EXPECT_EQ(koble_transcript_run("", 0, nullptr, &options, &run), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(run, nullptr);
  EXPECT_EQ(koble_transcript_summary_get(nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_STREQ(koble_transcript_report(nullptr), "");
  EXPECT_STREQ(koble_transcript_rewritten(nullptr, nullptr), "");
  koble_transcript_release(nullptr);
}

}  // namespace
