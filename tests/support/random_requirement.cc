#include "support/random_requirement.h"

namespace koble::testing {

std::vector<std::string> ValuesOf(const Entry& attribute) {
  std::vector<std::string> values;
  size_t at = attribute.json.find('[');
  if (at == std::string::npos) return values;
  for (at = attribute.json.find('"', at); at != std::string::npos; at = attribute.json.find('"', at + 1)) {
    const size_t end = attribute.json.find('"', at + 1);
    values.push_back(attribute.json.substr(at + 1, end - at - 1));
    at = end;
  }
  return values;
}

namespace {

// A number of a skill, an attribute, the skill that a contact names, or constants; some without a result for some.
std::string RandomNumber(const PlanText& plan, Random* random, size_t depth) {
  const std::string constant = std::to_string(random->Of({0, 1, 1, 2, 2, 3, 5, 1'000'000}));
  const size_t form = random->Below(depth == 0 ? 4 : 8);
  if (form >= 4) {
    const std::string one = RandomNumber(plan, random, depth - 1);
    const std::string two = RandomNumber(plan, random, depth - 1);
    // Where a constant alone would be a mistake of the plan it is none.
    if (form == 7) return "-(" + one + " + 0) * (" + two + ")";
    const std::string op = random->Of({" + ", " - ", " * ", " / (0 + ", " * 999999999999 * "});
    return one + op + two + (op[1] == '/' ? ")" : "");
  }
  const std::string skill = plan.skills.empty() ? constant : random->Of(plan.skills);
  if (form == 0 || plan.attributes.empty()) return form <= 1 ? skill : constant;
  const Entry& attribute = random->Of(plan.attributes);
  if (!ValuesOf(attribute).empty()) return "skill(contact." + attribute.name + ")";
  return random->Of<std::string>({"contact.", "contact.", "agent."}) + attribute.name;
}

// Of a plan with skills.
std::string RandomCalculation(const PlanText& plan, Random* random) {
  std::string left = RandomNumber(plan, random, 2);
  const std::string right = RandomNumber(plan, random, 1);
  const std::string op = random->Of({" = ", " != ", " < ", " <= ", " > ", " >= "});
  const auto constant = [](const std::string& text) {
    return text.find_first_not_of("0123456789 +-*/()") == std::string::npos;
  };
  if (constant(left) && constant(right)) left = plan.skills[0] + " + 1";
  return left + op + right;
}

// One comparison with an attribute, of which the plan has some.
std::string RandomComparison(const PlanText& plan, Random* random) {
  const Entry& attribute = random->Of(plan.attributes);
  const std::vector<std::string> values = ValuesOf(attribute);
  const std::string of = random->Of<std::string>({"contact.", "contact.", "agent."}) + attribute.name;
  const std::string any = random->Of({" = ", " != ", " < ", " <= ", " > ", " >= "});
  const std::string equal = random->Of({" = ", " = ", " == ", " != "});
  const std::string number = std::to_string(random->Between(-1, 4));
  const Entry& other = random->Of(plan.attributes);
  const std::string skill = plan.skills.empty() ? "" : random->Of(plan.skills);
  const bool alike = ValuesOf(other).empty() == values.empty();
  const size_t form = random->Below(6);
  if (form == 0) return of;
  if (form == 1 && alike) return "agent." + attribute.name + (values.empty() ? any : equal) + "contact." + other.name;
  if (form <= 3 && !values.empty())
    return "skill(contact." + attribute.name + ")" + random->Of({"", "", " >= 2", " < 1"});
  if (form <= 3 && !skill.empty()) return skill + any + "contact." + attribute.name;
  if (values.empty()) return of + any + number;
  const std::string& value = random->Of(values);
  return of + equal + (random->Percent(50) ? value : "\\\"" + value + "\\\"");
}

// One comparison of a condition of a queue that has the steps 0 to `steps`.
std::string RandomCounter(const PlanText& plan, int64_t steps, Random* random) {
  const std::string step = "[" + std::to_string(random->Between(0, steps)) + "]";
  const std::string counter =
      random->Of<std::string>({"free" + step, "free" + step, "able" + step, "available" + step, "waiting"});
  const std::string number = std::to_string(random->Of({0, 1, 1, 2, 2, 3, 1'000'000}));
  const std::string compared = counter + random->Of({" = ", " != ", " < ", " <= ", " > ", " >= "}) + number;
  const size_t form = random->Below(10);
  if (form == 0) return counter;
  if (form == 1) return "not " + counter;
  if (form > 3 || plan.attributes.empty()) return compared;
  const Entry& attribute = random->Of(plan.attributes);
  if (form == 2 || !ValuesOf(attribute).empty()) return "contact." + attribute.name;
  return "contact." + attribute.name + " >= " + number;
}

}  // namespace

std::string RandomRequirement(const PlanText& plan, Random* random) {
  if (!plan.skills.empty() && random->Percent(20)) {
    const std::string one = RandomCalculation(plan, random);
    const std::string skill = random->Of(plan.skills);
    switch (random->Below(4)) {
      case 0:
        return "not " + one;
      case 1:
        return one + " or " + skill;
      case 2:
        return "not (" + one + ") and " + skill;
      default:
        return one;
    }
  }
  if (!plan.attributes.empty() && random->Percent(40)) {
    const std::string one = RandomComparison(plan, random);
    const bool attribute = plan.skills.empty() || random->Percent(50);
    const std::string two = attribute ? RandomComparison(plan, random) : random->Of(plan.skills);
    switch (random->Below(5)) {
      case 0:
        return one;
      case 1:
        return "not " + one;
      case 2:
        return one + " and " + two;
      case 3:
        return one + " and not (" + two + " or true)" + " or " + two;
      default:
        return one + " or " + two;
    }
  }
  if (plan.skills.empty()) return "";
  // One draw in an expression: in which order operands are evaluated is the compiler's choice.
  const std::string skill = random->Of(plan.skills);
  const std::string other = random->Of(plan.skills);
  const std::string level = std::to_string(random->Between(0, 3));
  switch (random->Below(10)) {
    case 0:
    case 1:
    case 2:
      return "";
    case 3:
    case 4:
      return skill;
    case 5:
      return skill + " >= " + level;
    case 6:
      return skill + " and " + other;
    case 7:
      return skill + " or " + other + " > 1";
    case 8:
      return "not " + skill;
    default:
      return skill + random->Of({" = ", " != ", " < ", " <= "}) + level;
  }
}

std::string RandomCondition(const PlanText& plan, int64_t steps, Random* random) {
  const std::string one = RandomCounter(plan, steps, random);
  const std::string two = RandomCounter(plan, steps, random);
  const std::string both = random->Of<std::string>({" and ", " or ", " and not "});
  return random->Percent(60) ? one : one + both + two;
}

}  // namespace koble::testing
