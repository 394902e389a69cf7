// Who may serve: a Boolean expression over skills and levels, compiled to a small postfix program.
//
// Grammar and precedence are in docs/plan.md. A skill that an agent lacks has level 0; a bare skill means >= 1.
#ifndef KOBLE_LIB_PLAN_REQUIREMENT_H_
#define KOBLE_LIB_PLAN_REQUIREMENT_H_

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace koble::plan {

struct SkillLevel {
  uint32_t skill = 0;
  int32_t level = 0;
  friend auto operator<=>(const SkillLevel&, const SkillLevel&) = default;
};

struct Requirement {
  enum class Op : uint8_t { kTrue, kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kAnd, kOr, kNot };
  struct Term {
    Op op = Op::kTrue;
    uint32_t skill = 0;
    int32_t level = 0;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> program;  // postfix; never empty

  // Skills that it names outside `not`, by number, rising, each once.
  std::vector<uint32_t> NamedSkills() const;
  // `skills` by skill number, rising.
  bool Holds(std::span<const SkillLevel> skills) const;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_REQUIREMENT_H_
