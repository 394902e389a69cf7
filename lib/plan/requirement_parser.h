// From the text of a requirement to its program. The grammar is in docs/plan.md.
#ifndef KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_
#define KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/requirement.h"

namespace koble::plan {

inline constexpr size_t kTerms = 256;   // skills, comparisons and `true` in one requirement
inline constexpr size_t kNesting = 64;  // parentheses and `not` around one of them

using FindSkill = std::function<std::optional<uint32_t>(std::string_view)>;

// What is wrong with a requirement. Either it does not follow the grammar (`message` says where), or it names skills
// that the plan lacks.
struct RequirementMistake {
  std::string message;
  std::vector<std::string> unknown_skills;
};

std::optional<Requirement> ParseRequirement(std::string_view text, const FindSkill& find, RequirementMistake* mistake);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_REQUIREMENT_PARSER_H_
