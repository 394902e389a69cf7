// Requirements: what they mean, and what is said of those that mean nothing.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plan/requirement_parser.h"

namespace koble::plan {
namespace {

const std::vector<std::string> kSkills{"en", "no", "tier-2", "first line", "bl\xc3\xa5", "2nd"};

std::optional<uint32_t> FindIn(std::string_view name) {
  for (size_t i = 0; i < kSkills.size(); ++i) {
    if (kSkills[i] == name) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

Requirement Parse(std::string_view text) {
  RequirementMistake mistake;
  const auto requirement = ParseRequirement(text, FindIn, &mistake);
  EXPECT_TRUE(requirement) << text << ": " << mistake.message;
  return requirement.value_or(Requirement{{{}}});
}

bool Holds(std::string_view text, std::vector<SkillLevel> skills) { return Parse(text).Holds(skills); }

std::string Mistake(std::string_view text) {
  RequirementMistake mistake;
  EXPECT_FALSE(ParseRequirement(text, FindIn, &mistake)) << text;
  return mistake.message;
}

TEST(PlanRequirement, EmptyAndTrueHoldForEverybody) {
  for (const char* text : {"", "  ", "true", "(true)", "true or en"}) EXPECT_TRUE(Holds(text, {})) << text;
  EXPECT_FALSE(Holds("not true", {}));
}

TEST(PlanRequirement, BareSkillMeansAtLeastOne) {
  EXPECT_TRUE(Holds("en", {{0, 1}}));
  EXPECT_TRUE(Holds("en", {{0, 1'000'000}}));
  EXPECT_FALSE(Holds("en", {}));
  EXPECT_FALSE(Holds("en", {{1, 1}}));
  EXPECT_EQ(Parse("en"), Parse("en >= 1"));
}

TEST(PlanRequirement, SkillThatIsLackingHasLevelZero) {
  EXPECT_TRUE(Holds("en = 0", {}));
  EXPECT_TRUE(Holds("en < 1", {{1, 5}}));
  EXPECT_TRUE(Holds("en != 2", {}));
  EXPECT_FALSE(Holds("en > 0", {}));
}

TEST(PlanRequirement, EachOperatorComparesAsItSays) {
  const auto at = [](std::string text, int32_t level) { return Holds("en " + text, {{0, level}}); };
  for (int32_t level = 1; level <= 3; ++level) {
    EXPECT_EQ(at("= 2", level), level == 2);
    EXPECT_EQ(at("== 2", level), level == 2);
    EXPECT_EQ(at("!= 2", level), level != 2);
    EXPECT_EQ(at("< 2", level), level < 2);
    EXPECT_EQ(at("<= 2", level), level <= 2);
    EXPECT_EQ(at("> 2", level), level > 2);
    EXPECT_EQ(at(">= 2", level), level >= 2);
  }
}

TEST(PlanRequirement, OrBindsLeastThenAndThenNotThenComparisons) {
  EXPECT_EQ(Parse("en or no and tier-2"), Parse("en or (no and tier-2)"));
  EXPECT_EQ(Parse("en and no or tier-2"), Parse("(en and no) or tier-2"));
  EXPECT_EQ(Parse("not en and no"), Parse("(not en) and no"));
  EXPECT_EQ(Parse("not en >= 2"), Parse("not (en >= 2)"));
  EXPECT_TRUE(Holds("not en >= 2", {{0, 1}}));
  EXPECT_FALSE(Holds("not en >= 2", {{0, 2}}));
  EXPECT_TRUE(Holds("not not en", {{0, 1}}));
  EXPECT_FALSE(Holds("not (en or no)", {{1, 1}}));
}

TEST(PlanRequirement, NamesMayHaveHyphensDotsAndLettersBeyondAscii) {
  EXPECT_TRUE(Holds("tier-2", {{2, 1}}));
  EXPECT_TRUE(Holds("bl\xc3\xa5>=1", {{4, 1}}));
  EXPECT_TRUE(Holds("\"first line\" >= 3", {{3, 3}}));
  EXPECT_TRUE(Holds("\"2nd\" and \"en\"", {{0, 1}, {5, 1}}));
  EXPECT_TRUE(Holds("(en)and(no)", {{0, 1}, {1, 1}}));
}

TEST(PlanRequirement, UnknownSkillsAreCollectedAllOnce) {
  RequirementMistake mistake;
  EXPECT_FALSE(ParseRequirement("fr and en or de >= 2 or not fr", FindIn, &mistake));
  EXPECT_EQ(mistake.message, "");
  EXPECT_EQ(mistake.unknown_skills, (std::vector<std::string>{"fr", "de"}));
}

TEST(PlanRequirement, MistakesSayTheColumn) {
  EXPECT_EQ(Mistake("en and"), "column 7: expected a skill, got the end");
  EXPECT_EQ(Mistake("and en"), "column 1: expected a skill, got \"and\"");
  EXPECT_EQ(Mistake("en no"), "column 4: expected \"and\", \"or\" or the end, got \"no\"");
  EXPECT_EQ(Mistake("en AND no"),
            "column 4: expected \"and\", \"or\" or the end, got \"AND\" (keywords are lower case)");
  EXPECT_EQ(Mistake("(en"), "column 4: expected \")\" for the \"(\" of column 1, got the end");
  EXPECT_EQ(Mistake("en)"), "column 3: this \")\" closes nothing");
  EXPECT_EQ(Mistake("()"), "column 2: expected a skill, got \")\"");
  EXPECT_EQ(Mistake("en >="), "column 6: expected a level, a whole number from 0 to 1000000, got the end");
  EXPECT_EQ(Mistake("en >= no"), "column 7: expected a level, a whole number from 0 to 1000000, got \"no\"");
  EXPECT_EQ(Mistake("en >= 1000001"), "column 7: level 1000001 is out of range; allowed is 0 to 1000000");
  EXPECT_EQ(Mistake("en >= 99999999999999999999999"),
            "column 7: level 99999999999999999999 is out of range; allowed is 0 to 1000000");
  EXPECT_EQ(Mistake("en = -1"),
            "column 6: levels are not negative, and a skill whose name begins with \"-\" stands in double quotes");
  EXPECT_EQ(
      Mistake("2 <= en"),
      "column 1: expected a skill, got number 2; write the skill first, as in \"en >= 2\", and a skill whose name "
      "begins so in double quotes");
  EXPECT_EQ(Mistake("2nd"),
            "column 1: a level is a whole number; a skill whose name begins with a digit stands in double quotes");
  EXPECT_EQ(Mistake("en && no"), "column 4: write \"and\"");
  EXPECT_EQ(Mistake("en | no"), "column 4: write \"or\"");
  EXPECT_EQ(Mistake("!en"), "column 1: write \"not\", or \"!=\" for unequal");
  EXPECT_EQ(Mistake("\"en"), "column 1: the double quote is not closed");
  EXPECT_EQ(Mistake("\"\""), "column 1: a skill's name is missing between the double quotes");
  EXPECT_EQ(Mistake("en # no"),
            "column 4: unexpected \"#\"; a skill with such a letter in its name stands in double quotes");
  EXPECT_EQ(Mistake("bl\xc3\xa5 )"), "column 5: this \")\" closes nothing") << "columns count characters, not bytes";
}

TEST(PlanRequirement, SizeAndNestingAreBounded) {
  std::string wide = "en";
  for (int i = 1; i < 256; ++i) wide += " or en";
  EXPECT_EQ(Parse(wide).program.size(), 511u);
  EXPECT_EQ(Mistake(wide + " or en"), "column 1537: more than 256 skills in one requirement");

  const auto nested = [](size_t depth) { return std::string(depth, '(') + "en" + std::string(depth, ')'); };
  Parse(nested(64));
  EXPECT_EQ(Mistake(nested(65)), "column 65: nested deeper than 64 levels");
  std::string nots;
  for (int i = 0; i < 64; ++i) nots += "not ";
  EXPECT_TRUE(Holds(nots + "en", {{0, 1}}));
  EXPECT_EQ(Mistake("not " + nots + "en"), "column 257: nested deeper than 64 levels");
  EXPECT_EQ(Mistake(std::string(100'000, '(')), "column 65: nested deeper than 64 levels");
}

TEST(PlanRequirement, DeepestAndWidestProgramIsEvaluatedInBounds) {
  // At every level both an `or` and an `and` wait for their right side.
  std::string text;
  for (int i = 0; i < 64; ++i) text += "no or en and (";
  text += "no or en and en" + std::string(64, ')');
  EXPECT_TRUE(Holds(text, {{0, 1}}));
  EXPECT_FALSE(Holds(text, {}));
}

}  // namespace
}  // namespace koble::plan
