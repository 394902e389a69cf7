// From the text of a requirement to its program. The grammar is in docs/plan.md.
#ifndef KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_
#define KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace koble::plan {

inline constexpr size_t kOperands = 512;  // skills, attributes, values, numbers and `true` in one requirement
inline constexpr size_t kNesting = 64;    // parentheses, `not` and signs around one of them

// What is wrong with a requirement. Either it does not follow the grammar (`message` says where), or it names skills
// that the plan lacks. `warnings`: what is only strange.
struct RequirementMistake {
  std::string message;
  std::vector<std::string> unknown_skills;
  std::vector<std::string> warnings;
};

// Of the plan, skills, attributes and their values are asked for.
std::optional<Requirement> ParseRequirement(std::string_view text, const Plan& plan, RequirementMistake* mistake);

// The same for a condition over counters, of a queue with so many steps, its own requirement counted.
std::optional<Requirement> ParseCondition(std::string_view text, const Plan& plan, size_t steps,
                                          RequirementMistake* mistake);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_
