#include "plan/requirement.h"

#include <algorithm>
#include <bitset>
#include <utility>

namespace koble::plan {
namespace {

// The parser bounds the nesting to 64; each level leaves at most two operands waiting.
constexpr size_t kStack = 192;

bool Compare(Requirement::Op op, int32_t level, int32_t wanted) {
  switch (op) {
    case Requirement::Op::kEqual:
      return level == wanted;
    case Requirement::Op::kNotEqual:
      return level != wanted;
    case Requirement::Op::kLess:
      return level < wanted;
    case Requirement::Op::kLessEqual:
      return level <= wanted;
    case Requirement::Op::kGreater:
      return level > wanted;
    default:
      return level >= wanted;
  }
}

int32_t LevelOf(std::span<const SkillLevel> skills, uint32_t skill) {
  const auto found = std::lower_bound(skills.begin(), skills.end(), skill,
                                      [](const SkillLevel& entry, uint32_t wanted) { return entry.skill < wanted; });
  return found != skills.end() && found->skill == skill ? found->level : 0;
}

}  // namespace

std::vector<uint32_t> Requirement::NamedSkills() const {
  std::vector<std::vector<uint32_t>> stack;
  for (const Term& term : program) {
    switch (term.op) {
      case Op::kTrue:
        stack.emplace_back();
        break;
      case Op::kAnd:
      case Op::kOr: {
        std::vector<uint32_t> right = std::move(stack.back());
        stack.pop_back();
        stack.back().insert(stack.back().end(), right.begin(), right.end());
        break;
      }
      case Op::kNot:
        stack.back().clear();
        break;
      default:
        stack.push_back({term.skill});
    }
  }
  std::vector<uint32_t> named = std::move(stack.back());
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

bool Requirement::Holds(std::span<const SkillLevel> skills) const {
  std::bitset<kStack> stack;
  size_t size = 0;
  for (const Term& term : program) {
    switch (term.op) {
      case Op::kTrue:
        stack[size++] = true;
        break;
      case Op::kAnd:
        --size;
        stack[size - 1] = stack[size - 1] && stack[size];
        break;
      case Op::kOr:
        --size;
        stack[size - 1] = stack[size - 1] || stack[size];
        break;
      case Op::kNot:
        stack[size - 1] = !stack[size - 1];
        break;
      default:
        stack[size++] = Compare(term.op, LevelOf(skills, term.skill), term.level);
    }
  }
  return stack[0];
}

}  // namespace koble::plan
