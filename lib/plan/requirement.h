// Who may serve: a Boolean expression over skills, levels and attributes, compiled to a small postfix program.
//
// Grammar and precedence are in docs/plan.md. A skill that an agent lacks has level 0; a bare skill means >= 1. An
// attribute that is absent makes every comparison false, and so does arithmetic without a result. What a requirement
// asks of the contact is settled once for each contact (Resolve): what is left asks only for qualities of agents.
#ifndef KOBLE_LIB_PLAN_REQUIREMENT_H_
#define KOBLE_LIB_PLAN_REQUIREMENT_H_

#include <absl/functional/function_ref.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace koble::plan {

inline constexpr int64_t kMostLevel = 1'000'000;  // of a skill

// What an agent has: a skill with its level, or, numbered behind the plan's skills, an attribute with its value.
struct SkillLevel {
  uint32_t skill = 0;
  int32_t level = 0;
  friend auto operator<=>(const SkillLevel&, const SkillLevel&) = default;
};

// What a contact says: an attribute of the plan with its value; where the attribute declares values, the number of that
// value's name in the plan (from 1), and 0 where the plan declares it nowhere.
struct ContactValue {
  uint32_t attribute = 0;
  int64_t value = 0;
};

struct Requirement {
  enum class Op : uint8_t {
    kTrue,
    kFalse,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kAnd,
    kOr,
    kNot,
    // Of the numbers that are compared where one of them is more than a quality or a constant.
    kNumber,   // `value`
    kQuality,  // `left` and `subject`
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kNegate
  };
  // What a comparison, or one of its numbers, looks at.
  enum class Left : uint8_t {
    kSkill,    // the agent's level of skill `subject`
    kAgent,    // the agent's attribute, `subject` being its number behind the skills
    kContact,  // the contact's attribute `subject`
    kNamed,    // the agent's level of the skill that the contact's attribute `subject` names
    kNumbers,  // the two numbers before it in the program
    // Of conditions (docs/model.md, 6a), `subject` being the number of a step:
    kFree,       // agents who are free and meet the step's requirement
    kAble,       // agents who are signed in and meet it
    kAvailable,  // those of them who are not on break
    kWaiting,    // contacts that wait in the queue
  };
  struct Term {
    Op op = Op::kTrue;
    Left left = Left::kSkill;
    bool against_contact = false;  // `value` is the number of an attribute, of the contact
    uint32_t subject = 0;
    int64_t value = 0;
    friend bool operator==(const Term&, const Term&) = default;
    bool Compares() const { return op >= Op::kEqual && op <= Op::kGreaterEqual; }
    bool ComparesNumbers() const { return Compares() && left == Left::kNumbers; }
    bool Calculates() const { return op >= Op::kNumber; }  // its result is a number
    bool Counts() const { return left >= Left::kFree && (Compares() || op == Op::kQuality); }
    bool AsksContact() const { return left == Left::kContact || left == Left::kNamed || against_contact; }
  };
  std::vector<Term> program;  // postfix; never empty

  // Skills that it names outside `not`, by number, rising, each once.
  std::vector<uint32_t> NamedSkills() const;
  // Of one that does not ask for the contact. `qualities` by number, rising.
  bool Holds(std::span<const SkillLevel> qualities) const;
  bool AsksContact() const;
  // The same for one contact: comparisons with what he says are settled, and what is then true or false is folded
  // away. `values` by attribute, rising; `skills`: of each declared value (by its number - 1) the skill of that name.
  std::vector<Term> Resolve(std::span<const ContactValue> values,
                            std::span<const std::optional<uint32_t>> skills) const;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// Two operands, of kNegate the first alone. Exact in 64 bits, quotients rounded towards 0; nothing where the result
// does not fit or the divisor is 0.
std::optional<int64_t> Calculate(Requirement::Op op, int64_t a, int64_t b);
// Puts a comparison behind the numbers that it compares, `right` being where the second begins. A quality against a
// constant, either way round, becomes one term.
void AppendComparison(Requirement::Op op, size_t left, size_t right, std::vector<Requirement::Term>* program);

bool Holds(std::span<const Requirement::Term> program, std::span<const SkillLevel> qualities);
// The same where `number_of` gives the number at which a term looks.
bool Holds(std::span<const Requirement::Term> program, absl::FunctionRef<int64_t(const Requirement::Term&)> number_of);
std::vector<uint32_t> NamedSkills(std::span<const Requirement::Term> program);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_REQUIREMENT_H_
