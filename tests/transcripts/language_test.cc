// The language: what is accepted, what is said about mistakes and differences, and that nothing makes it fall over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/run.h"
#include "transcript/time_text.h"
#include "transcripts/files.h"

namespace koble::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using transcript::ParseTime;
using transcript::RunOptions;
using transcript::RunResult;
using transcript::TimeText;

constexpr std::string_view kPlan =
    R"(plan { "queues": [{"name": "q", "wrap_up": "5s"}], "agents": [{"name": "A"}, {"name": "B"}] }
)";

RunResult RunText(std::string_view body) {
  RunOptions options;
  options.name = "t";
  return transcript::Run(std::string(kPlan) + std::string(body), options);
}

TEST(TranscriptTime, ReadsAndWrites) {
  EXPECT_EQ(ParseTime("20"), 20'000'000'000);
  EXPECT_EQ(ParseTime("20.000000001"), 20'000'000'001);
  EXPECT_EQ(ParseTime("1m30s"), 90'000'000'000);
  EXPECT_EQ(ParseTime("500ms"), 500'000'000);
  EXPECT_EQ(ParseTime("1.5h"), 5'400'000'000'000);
  EXPECT_EQ(ParseTime("-1"), -1'000'000'000);
  for (const char* wrong :
       {"", "-", "s", "1x", "20.0000000001", "1..2", "99999999999999999999", "0.1ns", "+1", "1 s"}) {
    EXPECT_EQ(ParseTime(wrong), std::nullopt) << wrong;
  }
  for (const int64_t ns : {int64_t{0}, int64_t{1}, int64_t{-5}, int64_t{1'500'000'000}, INT64_MAX}) {
    EXPECT_EQ(ParseTime(TimeText(ns)), ns) << TimeText(ns);
  }
  EXPECT_EQ(TimeText(INT64_MIN), "-9223372036.854775808");
}

TEST(TranscriptLanguage, AcceptsManyForms) {
  const RunResult result = RunText(R"(
ignore presence
0 presence A available
0 arrive q -> vip   => arrived c1; offered o1 vip A q
0 presence B available => nothing
3 accept o1 -> accepted o1
)");
  EXPECT_THAT(result.report, HasSubstr("t:7:13: `->`: only `arrive` names something"));

  const RunResult passed = RunText(R"(
ignore presence arrived
0 presence A available => nothing
0   presence B available
    0  arrive q -> vip      0 offered c1 A
  3s  accept e1  =>  accepted o1, serving vip A
 10   end vip
      ! ok
      10 ended vip by=agent; (due 10) wrapup o1 A
100   advance
      100 (due 15) wrapup_end A
100   arrive q    offered o2 q B
 expect deadline=120
 expect queue q waiting=0
 expect waiting q=0
100.5 expect deadline 120
)");
  EXPECT_THAT(passed.report,
              HasSubstr("t:17: 100.5 expect deadline 120\n    `expect` looks at the present, which is 100"));
  EXPECT_EQ(passed.differences, 1U) << passed.report;
}

// Ways in which people who have read the model's page, or other notations, write the same.
TEST(TranscriptLanguage, AcceptsTheModelsNotation) {
  const RunResult result = RunText(R"(
ignore arrived, presence
   0  presence A available
   0  arrive q                           0 offered o1 c1 A q
   1  gone c1 by host                    1 outcome(withdrawn) o1 contact; 1 left(withdrawn) c1 q; 1 exit(withdrawn) c1
   2  arrive q                           offered(o2) c2
   3  presence A break
      outcome o2 withdrawn(agent)
   4  presence A available               offered o3 c2 A
   4  gone c2                            outcome o3 withdrawn(contact), left(abandoned), exit(abandoned)
   5  accept o3                          ! KOBLE_ERR_ENDED
   5  accept o3                          !ended
   5  accept o4                          ! unknown  ...
)");
  EXPECT_EQ(result.report, "");
}

struct Wrong {
  std::string_view line;
  std::string_view report;
};

class TranscriptMistakes : public ::testing::TestWithParam<Wrong> {};

TEST_P(TranscriptMistakes, AreSaidWithPlaceAndRemedy) {
  const RunResult result = RunText(GetParam().line);
  EXPECT_EQ(result.mistakes, 1U) << result.report;
  EXPECT_THAT(result.report, HasSubstr(GetParam().report));
  EXPECT_EQ(result.rewritten, std::string(kPlan) + std::string(GetParam().line));
}

constexpr Wrong kWrong[] = {
    {"0 arive q", "t:2:3: `arive` is no verb; did you mean `arrive`?"},
    {"arrive q", "t:2:1: a command begins with its time: `TIME arrive"},
    {"0", "t:2:1: a time alone; write `100 advance`"},
    {"0 arrive", "t:2:1: this is not how `arrive` is written; write `TIME arrive QUEUE"},
    {"0 arrive p", "t:2:1: no queue `p` in this transcript"},
    {"0 arrive q prio=5", "t:2:12: `prio=5`: no such key"},
    {"0 symbol topic\n0 arrive q topic=5", "t:3:12: `topic=5`: an attribute stands behind `with`"},
    {"0 arrive q with", "t:2:10: this is not how `arrive` is written"},
    {"0 arrive with topic=5", "t:2:15: `topic=5`: no such key"},
    {"0 arrive q with topic", "t:2:17: `topic`: behind `with` stand attributes, name=value"},
    {"0 arrive q with topic=5", "t:2:17: no attribute or symbol `topic` in this transcript; known: none"},
    {"0 symbol topic\n0 arrive q with topic=topci", "no symbol `topci` in this transcript; did you mean `topic`?"},
    {"0 symbol", "t:2:1: this is not how `symbol` is written; write `TIME symbol NAME`"},
    {"0 arrive q priority=high", "t:2:12: `priority=high`: a priority is a number"},
    {"0 arrive q serial=0", "t:2:12: `serial=0`: a serial is a whole number from 1"},
    {"0 arrive q missing=9", "t:2:12: `missing=9`: how many queues of the record the plan has not"},
    {"0 presence C available", "t:2:12: no agent `C` in this transcript"},
    {"0 presence A away", "t:2:14: `away`: no presence; write"},
    {"0 accept 1", "t:2:10: `1`: no offer: o1 is the first that is made"},
    {"0 gone x", "t:2:8: `x`: no contact: c1 is the first that arrives"},
    {"0 outcome o1 lost", "t:2:14: `lost`: no outcome"},
    {"0 request A voice soon", "no channel `soon` in this transcript"},
    {"0 reconcile c1", "t:2:13: `c1`: no such key; write `TIME reconcile [contacts="},
    {"0 reconcile contacts=o1+x", "`x`: no contact: c1 is the first that arrives"},
    {"0 reconcile legs=x", "`x`: no offer: o1 is the first that is made"},
    {"0 resume yesterday", "t:2:10: `yesterday`: no time"},
    {"0 plan nowhere.json", "t:2:8: `nowhere.json`: this file cannot be read here"},
    {"0 agent_add C capacity=much", "t:2:15: `capacity=much`: the value of a skill"},
    {"0 agent_add C voice", "t:2:15: `voice`: not key=value"},
    {"0 arrive q => offred o1", "t:2:15: `offred` is no event; did you mean `offered`?"},
    {"0 arrive q => offered o1 c1 C q", "t:2:29: `C` does not fit the event `offered`; it takes `offered [OFFER]"},
    {"0 arrive q => left c1 q bored", "reason: abandoned, withdrawn, max_wait"},
    {"0 arrive q ! oops", "t:2:14: `oops` is no error; errors: argument, time"},
    {"0 arrive q !", "t:2:12: an error must follow"},
    {"0 arrive q ! full ! time", "t:2:19: a second error for one command"},
    {"0 arrive q => 12", "t:2:15: a time without an event"},
    {"0 arrive q => {}", "t:2:15: `{}` has no meaning in an expectation"},
    {"   offered o1", "t:2:4: an expectation that follows no command"},
    {"0 advance\nexpect weather", "t:3:8: `weather`: nothing that can be asked"},
    {"0 advance\nexpect now 0 {\n}", "t:3:14: `{\n}`: no value: a value ends on the line where it begins"},
    {"0 advance\nexpect now x={\n}", "t:3:12: `x={\n}`: no value"},
    {"0 advance\nexpect now 0 => offered", "t:3:17: `expect` asks and causes no events"},
    {"0 advance\noption seed 1", "t:3:1: options stand before the first command"},
    {"option sed 1", "t:2:8: no option `sed`"},
    {"option seed x", "t:2:8: seed is a whole number"},
    {"start soon", "t:2:7: start is a time"},
    {"ignore offerd", "t:2:8: `offerd`: no event"},
    {"5 clone", "t:2:1: `clone` takes no time"},
    {"clone => offered", "t:2:7: `clone` expects nothing"},
    {"plan { }", "t:2:1: a second plan"},
    {"0 presence \"A available", "t:2:12: a quote that is not closed"},
    {"0 advance (due", "t:2:11: a parenthesis that is not closed"},
    {"0 plan {", "t:2:8: a `{` without its `}`"},
};
INSTANTIATE_TEST_SUITE_P(All, TranscriptMistakes, ::testing::ValuesIn(kWrong));

TEST(TranscriptLanguage, PlacesInAPlanArePlacesInTheFile) {
  RunOptions options;
  options.name = "t";
  const RunResult result = transcript::Run("# a\nplan {\n  \"queues\": [{\"name\" \"q\"}]\n}\n0 arrive q\n", options);
  EXPECT_EQ(result.mistakes, 1U) << result.report;
  EXPECT_THAT(result.report, HasSubstr("t:3:24: in the plan: not valid JSON"));
  EXPECT_THAT(transcript::Run("", options).report, HasSubstr("t:1:1: no plan"));
}

constexpr std::string_view kDiffering = R"(
ignore presence arrived
0   presence A available
0   arrive q
    offered o1 c1 B q          # B? no: only A is there
    accepted o1
3   accept o1  ! held          # a comment stays
9   end c1
    ended c1 customer; wrapup o1 A 15
9   arrive q  ...
20  advance  => penalty_end A
expect agent A idle_since=3 used=100   # and this one
expect contact c1 state=waiting
)";

TEST(TranscriptLanguage, ShowsDifferencesSideBySide) {
  EXPECT_EQ(RunText(kDiffering).report, R"(t:5: 0   arrive q
    expected          | got
    (not asked)       | arrived c1 q
  * offered o1 c1 B q | offered o1 c1 A q
  * accepted o1       |
t:8: 3   accept o1
    expected | got
  * ! held   |
  *          | accepted o1
  *          | serving c1 A
t:9: 9   end c1
    expected          | got
  * ended c1 customer | ended c1 agent
  * wrapup o1 A 15    | wrapup o1 A 14
t:12: 20  advance
    expected      | got
  * penalty_end A |
  *               | 20(due 14) wrapup_end o1 A expired
  *               | 20(due 14) offered o2 c2 A q
t:13: expect agent A idle_since=3 used=100
    expected     | got
  * idle_since=3 | idle_since=14
t:14: expect contact c1 state=waiting
    expected | got
  *          | ! ended
)");
}

TEST(TranscriptLanguage, RewritesInPlace) {
  const std::string expected = std::string(kPlan) + R"(
ignore presence arrived
0   presence A available
0   arrive q
    offered o1 c1 A q          # B? no: only A is there
3   accept o1  => accepted o1; serving c1 A  # a comment stays
9   end c1
    ended c1 agent; wrapup o1 A 14
9   arrive q  ...
20  advance  => 20(due 14) wrapup_end o1 A expired; 20(due 14) offered o2 c2 A q
expect agent A idle_since=14 used=100   # and this one
expect contact c1  ! ended
)";
  const RunResult once = RunText(kDiffering);
  EXPECT_EQ(once.rewritten, expected);
  RunOptions options;
  options.name = "t";
  const RunResult again = transcript::Run(once.rewritten, options);
  EXPECT_EQ(again.report, "");
  EXPECT_EQ(again.rewritten, once.rewritten);
}

// A refusal may stand behind one blank, the event of another instant that happens instead only behind two.
TEST(TranscriptLanguage, RewritesWithRoomForATime) {
  const std::string text = R"(
ignore presence arrived
0   presence A available
0   arrive q     => ...
1   accept o1    => ...
2   end c1       => ended c1
    wrapup o1 A 7
)";
  EXPECT_EQ(RunText(text + "20  advance ! ended\n").rewritten,
            std::string(kPlan) + text + "20  advance  20(due 7) wrapup_end o1 A expired\n");
}

// An outcome without a cause stands where one with a cause was expected: what is written can be read again.
TEST(TranscriptLanguage, RewritesAnOutcomeWithoutItsCause) {
  const std::string text = R"(ignore arrived presence penalised
0  presence A available
0  arrive q  => offered o1
)";
  const RunResult result = RunText(text + "1  decline o1  => outcome o1 withdrawn(contact); exhausted c1\n");
  EXPECT_EQ(result.rewritten, std::string(kPlan) + text + "1  decline o1  => outcome o1 declined; exhausted c1\n");
}

// A state that is an event's name, too, is put in the place of another, and can be read there.
TEST(TranscriptLanguage, RewritesAStateIntoAnEventsName) {
  const std::string text = R"(ignore arrived presence offered accepted serving
0  presence A available
0  arrive q
0  accept o1
1  hold o1    => held o1
)";
  EXPECT_EQ(RunText(text + "expect contact c1   active\n").rewritten,
            std::string(kPlan) + text + "expect contact c1   held\n");
  EXPECT_EQ(RunText(text + "expect contact c1   held\n").report, "");
}

// A transcript without any expectation, rewritten, passes and says what happened.
TEST(TranscriptLanguage, WritesExpectationsForBareCommands) {
  for (const std::string& path : TranscriptsIn(KOBLE_SOURCE_DIR "/tests/scenarios")) {
    RunOptions options;
    options.name = path;
    options.read_file = ReaderBeside(path);
    std::string text = ReadWhole(path).value_or("");
    // Expectations behind `=>` and below their command go; so does `ignore`.
    std::string bare;
    size_t from = 0;
    while (from < text.size()) {
      const size_t end = text.find('\n', from);
      std::string line = text.substr(from, end - from);
      from = end + 1;
      const size_t arrow = line.find("=>");
      if (arrow != std::string::npos) line.resize(arrow);
      if (line.starts_with("ignore")) continue;
      bare += line + "\n";
    }
    const RunResult once = transcript::Run(bare, options);
    if (once.mistakes > 0) continue;
    const RunResult again = transcript::Run(once.rewritten, options);
    EXPECT_EQ(again.mistakes, 0U) << again.report << once.rewritten;
    EXPECT_EQ(again.differences, 0U) << again.report << once.rewritten;
  }
}

// The examples of the language's own page.
TEST(TranscriptLanguage, ExamplesInTheDocumentationPass) {
  const std::string page = ReadWhole(KOBLE_SOURCE_DIR "/docs/transcripts.md").value_or("");
  constexpr std::string_view kOpen = "```transcript\n";
  size_t examples = 0;
  for (size_t at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at + 1)) {
    const size_t begin = at + kOpen.size();
    RunOptions options;
    options.name = "example";
    const RunResult result = transcript::Run(page.substr(begin, page.find("```", begin) - begin), options);
    EXPECT_EQ(result.report, "");
    ++examples;
  }
  EXPECT_GE(examples, 2U);
}

// Characters lost, doubled, changed, lines shuffled: whatever comes out, it is judged and nothing breaks.
TEST(TranscriptLanguage, SurvivesMutations) {
  std::mt19937 random(7);
  const auto below = [&random](size_t n) { return n == 0 ? 0 : static_cast<size_t>(random() % n); };
  const std::vector<std::string> paths = TranscriptsIn(KOBLE_SOURCE_DIR "/tests/scenarios");
  constexpr std::string_view kBytes = "\"{}()#=>-!;.\n\t c1o2 :+,\\\xC3\xFF";
  for (int round = 0; round < 1500; ++round) {
    const std::string& path = paths[below(paths.size())];
    std::string text = ReadWhole(path).value_or("");
    for (size_t k = 1 + below(6); k > 0 && !text.empty(); --k) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(20));
          break;
        case 1:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        case 2:
          text[at] = kBytes[below(kBytes.size())];
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
      }
    }
    RunOptions options;
    options.name = "mutant";
    options.read_file = ReaderBeside(path);
    const RunResult result = transcript::Run(text, options);
    if (result.mistakes + result.differences > 0) {
      EXPECT_NE(result.report, "");
    } else {
      EXPECT_EQ(result.rewritten, text);
    }
    if (result.mistakes > 0) {
      EXPECT_EQ(result.rewritten, text);
    }
    if (result.differences > 0) {
      const RunResult again = transcript::Run(result.rewritten, options);
      EXPECT_EQ(again.mistakes, 0U) << again.report << text << "\n----\n" << result.rewritten;
      // What is left are sentences ("nothing is remembered as ..."): these no event can mend.
      EXPECT_THAT(again.report, Not(HasSubstr("expected"))) << text << "\n----\n" << result.rewritten;
    }
  }
}

}  // namespace
}  // namespace koble::testing
