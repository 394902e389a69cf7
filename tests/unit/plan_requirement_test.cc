// Requirements: what they mean, and what is said of those that mean nothing.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plan/requirement_parser.h"

namespace koble::plan {
namespace {

const Plan& Vocabulary() {
  static const std::shared_ptr<const Plan> plan = [] {
    int32_t code = 0;
    return Load(
        "{\"skills\": [\"en\", \"no\", \"tier-2\", \"first line\", \"bl\xc3\xa5\", \"2nd\"],"
        "\"attributes\": [{\"name\": \"language\", \"values\": [\"no\", \"en\", \"sami\"]},"
        "{\"name\": \"vip\"}, {\"name\": \"floor\"}, {\"name\": \"hot line\"},"
        "{\"name\": \"site\", \"values\": [\"oslo\", \"no\"]}]}",
        nullptr, &code);
  }();
  return *plan;
}

Requirement Parse(std::string_view text) {
  RequirementMistake mistake;
  const auto requirement = ParseRequirement(text, Vocabulary(), &mistake);
  EXPECT_TRUE(requirement) << text << ": " << mistake.message;
  return requirement.value_or(Requirement{{{}}});
}

bool Holds(std::string_view text, std::vector<SkillLevel> skills) { return Parse(text).Holds(skills); }

std::string Mistake(std::string_view text) {
  RequirementMistake mistake;
  EXPECT_FALSE(ParseRequirement(text, Vocabulary(), &mistake)) << text;
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
  EXPECT_FALSE(ParseRequirement("fr and en or de >= 2 or not fr", Vocabulary(), &mistake));
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
  EXPECT_EQ(Mistake("en >="), "column 6: expected a number, a skill or an attribute, got the end");
  EXPECT_EQ(Mistake("en >= 1000001"), "column 7: level 1000001 is out of range; allowed is 0 to 1000000");
  EXPECT_EQ(Mistake("en >= 99999999999999999999999"),
            "column 7: number 99999999999999999999 is out of range; allowed are 18 digits");
  EXPECT_EQ(Mistake("en = -1"),
            "column 6: levels are not negative, and a skill whose name begins with \"-\" stands in double quotes");
  EXPECT_EQ(Mistake("2nd"),
            "column 1: a level is a whole number; a skill whose name begins with a digit stands in double quotes, and "
            "before a minus a blank");
  EXPECT_EQ(Mistake("en && no"), "column 4: write \"and\"");
  EXPECT_EQ(Mistake("en | no"), "column 4: write \"or\"");
  EXPECT_EQ(Mistake("!en"), "column 1: write \"not\", or \"!=\" for unequal");
  EXPECT_EQ(Mistake("\"en"), "column 1: the double quote is not closed");
  EXPECT_EQ(Mistake("\"\""), "column 1: a skill's name is missing between the double quotes");
  EXPECT_EQ(Mistake("en # no"),
            "column 4: unexpected \"#\"; a skill with such a letter in its name stands in double quotes");
  EXPECT_EQ(Mistake("bl\xc3\xa5 )"), "column 5: this \")\" closes nothing") << "columns count characters, not bytes";
}

// For one contact; language and site have names (no 1, en 2, sami 3, oslo 4), vip and floor numbers.
std::vector<Requirement::Term> Settled(std::string_view text, std::vector<ContactValue> values) {
  return Parse(text).Resolve(values, Vocabulary().value_skills);
}

bool HoldsFor(std::string_view text, std::vector<ContactValue> values, std::vector<SkillLevel> qualities) {
  return plan::Holds(Settled(text, std::move(values)), qualities);
}

TEST(PlanRequirement, WhatTheContactSaysIsSettledAndFoldedAway) {
  const auto kTrue = Parse("true").program;
  const std::vector<Requirement::Term> kFalse{{.op = Requirement::Op::kFalse}};
  EXPECT_EQ(Settled("contact.vip", {{1, 2}}), kTrue);
  EXPECT_EQ(Settled("contact.vip", {{1, 0}}), kFalse);
  EXPECT_EQ(Settled("contact.vip", {}), kFalse);
  EXPECT_EQ(Settled("contact.language", {{0, 0}}), kTrue) << "there, though none of the declared";
  EXPECT_EQ(Settled("contact.language != sami", {}), kFalse) << "absent: every comparison is false";
  EXPECT_EQ(Settled("not contact.language != sami", {}), kTrue);
  EXPECT_EQ(Settled("contact.vip and en", {{1, 1}}), Parse("en").program);
  EXPECT_EQ(Settled("en and contact.vip", {}), kFalse);
  EXPECT_EQ(Settled("en or contact.vip", {{1, 1}}), kTrue);
  EXPECT_EQ(Settled("en and no or contact.vip and en", {}), Parse("en and no").program);
  EXPECT_EQ(Settled("not (contact.vip and en)", {{1, 1}}), Parse("not en").program);
  EXPECT_EQ(Settled("contact.\"hot line\" >= -3", {{3, -3}}), kTrue);
  EXPECT_EQ(Settled("skill(contact.language) >= contact.vip", {{0, 2}, {1, 5}}), Parse("en >= 5").program);
  EXPECT_EQ(Settled("skill(contact.language)", {{0, 3}}), kFalse) << "names no skill: level 0";
  EXPECT_EQ(Settled("skill(contact.language) < 1", {{0, 3}}), kTrue);
  EXPECT_EQ(Settled("skill(contact.language) < 1", {}), kFalse);
}

TEST(PlanRequirement, AgentsAttributesStandBehindTheSkills) {
  const uint32_t behind = 6;
  EXPECT_TRUE(HoldsFor("agent.floor >= -2", {}, {{behind + 2, -2}}));
  EXPECT_FALSE(HoldsFor("agent.floor != 3", {}, {})) << "absent";
  EXPECT_TRUE(HoldsFor("agent.site = oslo", {}, {{behind + 4, 4}}));
  EXPECT_TRUE(HoldsFor("agent.site", {}, {{behind + 4, 4}}));
  EXPECT_FALSE(HoldsFor("agent.vip", {}, {{behind + 1, 0}}));
  EXPECT_TRUE(HoldsFor("agent.site = contact.language", {{0, 1}}, {{behind + 4, 1}})) << "values are one by name";
  EXPECT_FALSE(HoldsFor("agent.site != contact.language", {}, {{behind + 4, 1}}));
  EXPECT_TRUE(Parse("agent.site = oslo and en").NamedSkills() == std::vector<uint32_t>{0});
  EXPECT_TRUE(Holds("\"en\" and en", {{0, 1}}));
}

TEST(PlanRequirement, MistakesWithAttributesSayTheRemedy) {
  EXPECT_EQ(Mistake("contact.langauge = no"), "column 1: unknown attribute \"langauge\"; did you mean \"language\"?");
  EXPECT_EQ(Mistake("contact.language = sammi"),
            "column 20: unknown value \"sammi\" of attribute \"language\"; did you mean \"sami\"?");
  EXPECT_EQ(Mistake("contact.language >= no"),
            "column 18: the values of attribute \"language\" are names and have no order; compare with \"=\" or "
            "\"!=\"");
  EXPECT_EQ(Mistake("contact.language = 2"),
            "column 20: expected a value of attribute \"language\", in double quotes where it is no word, got \"2\"");
  EXPECT_EQ(Mistake("contact.floor > 1234567890123456789"),
            "column 17: number 1234567890123456789 is out of range; allowed are 18 digits");
  EXPECT_EQ(Mistake("agent.site = contact.floor"),
            "column 14: one of the attributes \"site\" and \"floor\" has names for values and the other numbers");
  EXPECT_EQ(Mistake("contact.site = contact.language"),
            "column 16: of two attributes whose values are names, one is the agent's and the other the contact's");
  EXPECT_EQ(Mistake("en >= contact.language"),
            "column 7: attribute \"language\" has names for values; only \"=\" and \"!=\" look at it, and it stands "
            "before a name, as in \"agent.site = oslo\"");
  EXPECT_EQ(Mistake("en + contact.language >= 2"),
            "column 6: attribute \"language\" has names for values; only \"=\" and \"!=\" look at it, and it stands "
            "before a name, as in \"agent.site = oslo\"");
  EXPECT_EQ(Mistake("skill(contact.floor)"),
            "column 7: attribute \"floor\" declares no values, so none of them names a skill; give it \"values\"");
  EXPECT_EQ(Mistake("skill(en)"),
            "column 7: expected \"contact.\" with an attribute, whose value names the skill, got \"en\"");
}

TEST(PlanRequirement, NumbersAreCalculated) {
  EXPECT_TRUE(Holds("en + no >= 5", {{0, 2}, {1, 3}}));
  EXPECT_FALSE(Holds("en + no >= 5", {{0, 2}, {1, 2}}));
  EXPECT_TRUE(Holds("en + no >= 5", {{1, 5}})) << "a skill that is lacking has level 0";
  EXPECT_TRUE(Holds("en - no = -3", {{1, 3}}));
  EXPECT_TRUE(Holds("en > no", {{0, 2}, {1, 1}}));
  EXPECT_TRUE(Holds("2 * en > no", {{0, 2}, {1, 3}}));
  EXPECT_TRUE(Holds("10 - en - no = 5", {{0, 2}, {1, 3}})) << "from the left";
  EXPECT_TRUE(Holds("10 - (en - no) = 11", {{0, 2}, {1, 3}}));
  EXPECT_TRUE(Holds("en + no * 2 = 8", {{0, 2}, {1, 3}})) << "products before sums";
  EXPECT_TRUE(Holds("-en * no = -6", {{0, 2}, {1, 3}}));
  EXPECT_TRUE(Holds("- - en = 2", {{0, 2}}));
  EXPECT_TRUE(Holds("7 / en * 2 = 6", {{0, 2}}));
  EXPECT_TRUE(Holds("-7 / en = -3", {{0, 2}})) << "rounded towards 0";
  EXPECT_TRUE(Holds("not en + no >= 5", {{0, 2}})) << "comparisons before not";
  EXPECT_TRUE(Holds("(en) + (no) >= 2 and (en)", {{0, 2}}));
  EXPECT_TRUE(Holds("tier-2 -1 = 4", {{2, 5}}));
}

TEST(PlanRequirement, ComparisonsOfOneQualityAreOneTermEitherWayRound) {
  EXPECT_EQ(Parse("2 <= en"), Parse("en >= 2"));
  EXPECT_EQ(Parse("2 > en"), Parse("en < 2"));
  EXPECT_EQ(Parse("(en) = 2"), Parse("en = 2"));
  EXPECT_EQ(Parse("contact.vip <= en"), Parse("en >= contact.vip"));
  EXPECT_EQ(Parse("contact.vip < agent.floor"), Parse("agent.floor > contact.vip"));
  EXPECT_EQ(Parse("-3 < contact.vip"), Parse("contact.vip > -3"));
  EXPECT_EQ(Parse("contact.site = agent.language"), Parse("agent.language = contact.site"));
  EXPECT_EQ(Parse("en - 1 >= 2").program.size(), 5u);
}

TEST(PlanRequirement, WithoutAResultAComparisonIsFalse) {
  for (const char* op : {"=", "!=", "<", "<=", ">", ">="}) {
    const std::string text = std::string("5 / en ") + op + " 5";
    EXPECT_FALSE(Holds(text, {})) << text;
    EXPECT_TRUE(Holds("not " + text, {})) << text;
    EXPECT_FALSE(Holds(std::string("en + agent.floor ") + op + " 1", {{0, 1}})) << "absent";
  }
  constexpr const char* kBig = "999999999999999999";
  const std::string sum = std::string("en * ") + kBig;
  EXPECT_TRUE(Holds(sum + " > 1", {{0, 9}}));
  EXPECT_FALSE(Holds(sum + " > 1", {{0, 10}})) << "past 64 bits";
  EXPECT_FALSE(Holds(sum + " - " + sum + " = 0", {{0, 10}}));
  EXPECT_EQ(Calculate(Requirement::Op::kDivide, INT64_MIN, -1), std::nullopt);
  EXPECT_EQ(Calculate(Requirement::Op::kNegate, INT64_MIN, 0), std::nullopt);
  EXPECT_EQ(Calculate(Requirement::Op::kSubtract, INT64_MIN, 1), std::nullopt);
  EXPECT_EQ(Calculate(Requirement::Op::kDivide, -7, 2), -3);
}

TEST(PlanRequirement, NumbersOfTheContactAreFoldedAway) {
  const auto kTrue = Parse("true").program;
  const std::vector<Requirement::Term> kFalse{{.op = Requirement::Op::kFalse}};
  EXPECT_EQ(Settled("contact.vip * 2 >= contact.floor + 1", {{1, 2}, {2, 3}}), kTrue);
  EXPECT_EQ(Settled("contact.vip * 2 >= contact.floor + 1", {{1, 2}, {2, 4}}), kFalse);
  EXPECT_EQ(Settled("contact.vip != contact.floor", {{1, 2}}), kFalse) << "absent";
  EXPECT_EQ(Settled("en >= contact.vip + 1", {{1, 2}}), Parse("en >= 3").program) << "one class with those of level 3";
  EXPECT_EQ(Settled("contact.vip - 3 <= en", {{1, 5}}), Parse("en >= 2").program);
  EXPECT_EQ(Settled("skill(contact.language) - 1 >= contact.vip", {{0, 2}, {1, 5}}), Parse("en - 1 >= 5").program);
  EXPECT_EQ(Settled("skill(contact.language) - 1 = -1", {{0, 3}}), kTrue) << "names no skill: level 0";
  EXPECT_EQ(Settled("skill(contact.language) + 1 > 0", {}), kFalse);
  EXPECT_EQ(Settled("en / contact.vip >= 0 or no", {{1, 0}}), Parse("no").program) << "divided by 0, whoever it is";
  EXPECT_EQ(Settled("en * (1 / contact.vip) >= 0 or no", {{1, 0}}), Parse("no").program);
  EXPECT_EQ(Settled("-contact.vip * en <= -4", {{1, 2}}).size(), 5u);
  EXPECT_TRUE(HoldsFor("-contact.vip * en <= -4", {{1, 2}}, {{0, 2}}));
  EXPECT_EQ(Settled("contact.vip > 1 / contact.vip and en", {{1, 2}}), Parse("en").program);
  EXPECT_TRUE(HoldsFor("agent.floor * 2 >= contact.floor + 100", {{2, 20}}, {{8, 60}}));
  EXPECT_FALSE(HoldsFor("agent.floor * 2 >= contact.floor + 100", {{2, 21}}, {{8, 60}}));
}

TEST(PlanRequirement, SkillsInNumbersAreNamed) {
  EXPECT_EQ(Parse("en - no >= 2 and not tier-2 * 2 > 1").NamedSkills(), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(Parse("no + no + agent.floor > 2").NamedSkills(), std::vector<uint32_t>{1});
}

TEST(PlanRequirement, MistakesOfArithmeticSayTheRemedy) {
  EXPECT_EQ(Mistake("en + no"),
            "column 1: this number is no condition; compare it, as in \"english + norwegian >= 5\"");
  EXPECT_EQ(Mistake("en and (2)"),
            "column 8: number 2 is no condition; compare it, as in \"english + norwegian >= 5\"");
  EXPECT_EQ(Mistake("(en or no) + 1 > 2"), "column 1: \"+\" is for numbers, and this is a condition");
  EXPECT_EQ(Mistake("en > (no and en)"), "column 6: \">\" is for numbers, and this is a condition");
  EXPECT_EQ(Mistake("-true > 1"), "column 2: \"-\" is for numbers, and this is a condition");
  EXPECT_EQ(Mistake("en + > 2"), "column 6: expected a number, a skill or an attribute, got \">\"");
  EXPECT_EQ(Mistake("en-1 > 2"),
            "column 1: unknown skill \"en-1\"; \"-\" is part of a name, so put a blank before a minus");
  EXPECT_EQ(Mistake("en / (1 - 1) + no / 0 > 2"),
            "column 21: nothing is divided by 0; the comparison would hold for nobody");
  EXPECT_EQ(Mistake("2 = -2"),
            "column 1: two numbers are compared, which says nothing of anybody; leave it out, or write true");
  EXPECT_EQ(Mistake("en > no > 1"), "column 9: expected \"and\", \"or\" or the end, got \">\"");
  EXPECT_EQ(Mistake("-1 > en"),
            "column 1: levels are not negative, and a skill whose name begins with \"-\" stands in double quotes");
}

TEST(PlanRequirement, SizeAndNestingAreBounded) {
  std::string wide = "en";
  for (int i = 1; i < 512; ++i) wide += " or en";
  EXPECT_EQ(Parse(wide).program.size(), 1023u);
  EXPECT_EQ(Mistake(wide + " or en"),
            "column 3075: more than 512 skills, attributes, values and numbers in one requirement");

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

  // And at every level a comparison, a sum and a product.
  text = "en = 1 and (";
  for (int i = 0; i < 62; ++i) text += i == 0 ? "1 = no + en * (" : "1 - 1 + en * (";
  text += "en" + std::string(62, ')') + ")";
  EXPECT_TRUE(Holds(text, {{0, 1}}));
  EXPECT_TRUE(HoldsFor(text + " and contact.vip", {{1, 1}}, {{0, 1}}));
}

}  // namespace
}  // namespace koble::plan
