#include "reference/requirements.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/int128.h"

namespace koble::reference {
namespace {

using Requirement = plan::Requirement;
using Op = Requirement::Op;
using Left = Requirement::Left;

using base::Int128;

// A level, a number, or a name.
struct Value {
  int64_t number = 0;
  std::string name;
};

// What a part of a comparison comes to; nothing where it comes to no number.
struct Number {
  std::optional<Int128> value;
  bool settled = false;  // by the contact alone
  std::set<uint32_t> named;
};

bool Compare(Op op, const Value& a, const Value& b) {
  const bool equal = a.number == b.number && a.name == b.name;
  switch (op) {
    case Op::kEqual:
      return equal;
    case Op::kNotEqual:
      return !equal;
    case Op::kLess:
      return a.number < b.number;
    case Op::kLessEqual:
      return a.number <= b.number;
    case Op::kGreater:
      return a.number > b.number;
    default:
      return a.number >= b.number;
  }
}

class Judgement {
 public:
  Judgement(const plan::Plan& plan, const plan::Capability& agent, const std::map<uint32_t, int64_t>& attributes,
            const std::vector<std::string>& symbols,
            const std::function<int64_t(const Requirement::Term&)>& count = nullptr)
      : plan_(plan), agent_(agent), attributes_(attributes), symbols_(symbols), count_(count) {}

  Verdict Of(const Requirement& requirement) {
    std::vector<Verdict> stack;
    std::vector<Number> numbers;
    for (const Requirement::Term& term : requirement.program) {
      if (term.op == Op::kNumber || term.op == Op::kQuality) {
        numbers.push_back(NumberOf(term));
      } else if (term.op == Op::kNegate) {
        Number& number = numbers.back();
        if (number.value) number.value = InRange(-*number.value);
      } else if (term.op >= Op::kAdd) {
        const Number right = numbers.back();
        numbers.pop_back();
        numbers.back() = Calculated(term.op, numbers.back(), right);
      } else if (term.left == Left::kNumbers) {
        stack.push_back(Compared(term.op, numbers[0], numbers[1]));
        numbers.clear();
      } else if (term.op == Op::kTrue) {
        stack.push_back({true, true, {}});
      } else if (term.op == Op::kNot) {
        stack.back().holds = !stack.back().holds;
        stack.back().named.clear();
      } else if (term.op == Op::kAnd || term.op == Op::kOr) {
        const Verdict right = stack.back();
        stack.pop_back();
        stack.back() = Join(term.op == Op::kAnd, stack.back(), right);
      } else {
        stack.push_back(Comparison(term));
      }
    }
    return stack.back();
  }

 private:
  static Verdict Join(bool both, const Verdict& left, const Verdict& right) {
    for (const Verdict* one : {&left, &right}) {
      if (one->settled && one->holds != both) return {one->holds, true, {}};
    }
    if (left.settled) return right;
    if (right.settled) return left;
    Verdict joined{both ? left.holds && right.holds : left.holds || right.holds, false, left.named};
    joined.named.insert(right.named.begin(), right.named.end());
    return joined;
  }

  static std::optional<Int128> InRange(Int128 value) {
    if (value < INT64_MIN || value > INT64_MAX) return std::nullopt;
    return value;
  }

  Number NumberOf(const Requirement::Term& term) const {
    if (term.op == Op::kNumber) return {term.value, true, {}};
    if (term.left >= Left::kFree) return {count_(term), false, {}};
    if (term.left == Left::kSkill) return {Quality(term.subject).value_or(0), false, {term.subject}};
    if (term.left == Left::kAgent) {
      const std::optional<int64_t> value = Quality(term.subject);
      return {value ? std::optional<Int128>(*value) : std::nullopt, false, {}};
    }
    const std::optional<Value> said = OfContact(term.subject);
    if (!said) return {std::nullopt, true, {}};
    if (term.left == Left::kContact) return {said->number, true, {}};
    const auto skill = std::find(plan_.skills.begin(), plan_.skills.end(), said->name);
    if (said->name.empty() || skill == plan_.skills.end()) return {0, true, {}};
    const auto number = static_cast<uint32_t>(skill - plan_.skills.begin());
    return {Quality(number).value_or(0), false, {number}};
  }

  // What a side that the contact alone makes no number takes with it, the other side's skills too; and so does a
  // division by what he makes 0.
  static bool EndsIt(const Number& left, const Number& right, bool divides) {
    return (left.settled && !left.value) || (right.settled && (!right.value || (divides && *right.value == 0)));
  }

  static Number Calculated(Op op, const Number& left, const Number& right) {
    if (EndsIt(left, right, op == Op::kDivide)) return {std::nullopt, true, {}};
    Number result{std::nullopt, left.settled && right.settled, left.named};
    result.named.insert(right.named.begin(), right.named.end());
    if (!left.value || !right.value) return result;
    const Int128 a = *left.value;
    const Int128 b = *right.value;
    if (op == Op::kAdd) result.value = InRange(a + b);
    if (op == Op::kSubtract) result.value = InRange(a - b);
    if (op == Op::kMultiply) result.value = InRange(a * b);
    if (op == Op::kDivide && b != 0) result.value = InRange(a / b);
    return result;
  }

  static Verdict Compared(Op op, const Number& left, const Number& right) {
    if (EndsIt(left, right, false)) return {false, true, {}};
    Verdict verdict{false, left.settled && right.settled, left.named};
    verdict.named.insert(right.named.begin(), right.named.end());
    if (left.value && right.value) {
      verdict.holds = Compare(op, {static_cast<int64_t>(*left.value), ""}, {static_cast<int64_t>(*right.value), ""});
    }
    return verdict;
  }

  Verdict Comparison(const Requirement::Term& term) {
    std::optional<Value> right = Value{term.value, ""};
    if (term.against_contact) {
      right = OfContact(static_cast<uint32_t>(term.value));
      if (!right) return {false, true, {}};
    } else if (term.left == Left::kContact || term.left == Left::kAgent) {
      const uint32_t behind = term.left == Left::kAgent ? static_cast<uint32_t>(plan_.skills.size()) : 0;
      if (!plan_.attributes[term.subject - behind].values.empty()) {
        right = Value{0, term.value == 0 ? "" : plan_.values[static_cast<size_t>(term.value) - 1]};
      }
    }
    switch (term.left) {
      case Left::kFree:
      case Left::kAble:
      case Left::kAvailable:
      case Left::kWaiting:
        return {Compare(term.op, {count_(term), ""}, *right), false, {}};
      case Left::kContact: {
        const std::optional<Value> left = OfContact(term.subject);
        return {left && Compare(term.op, *left, *right), true, {}};
      }
      case Left::kAgent: {
        const auto attribute = term.subject - static_cast<uint32_t>(plan_.skills.size());
        const std::optional<int64_t> value = Quality(term.subject);
        if (!value) return {false, false, {}};
        Value left{*value, ""};
        if (!plan_.attributes[attribute].values.empty()) left = {0, plan_.values[static_cast<size_t>(*value) - 1]};
        return {Compare(term.op, left, *right), false, {}};
      }
      case Left::kNamed: {
        const std::optional<Value> name = OfContact(term.subject);
        if (!name) return {false, true, {}};
        const auto skill = std::find(plan_.skills.begin(), plan_.skills.end(), name->name);
        if (name->name.empty() || skill == plan_.skills.end()) return {Compare(term.op, {0, ""}, *right), true, {}};
        return OfSkill(term.op, static_cast<uint32_t>(skill - plan_.skills.begin()), *right);
      }
      default:
        return OfSkill(term.op, term.subject, *right);
    }
  }

  Verdict OfSkill(Op op, uint32_t skill, const Value& wanted) {
    return {Compare(op, {Quality(skill).value_or(0), ""}, wanted), false, {skill}};
  }

  std::optional<int64_t> Quality(uint32_t number) const {
    for (const plan::SkillLevel& quality : agent_.skills) {
      if (quality.skill == number) return quality.level;
    }
    return std::nullopt;
  }

  // A name that the plan declares for no attribute is nobody's.
  std::optional<Value> OfContact(uint32_t attribute) const {
    const plan::Attribute& declared = plan_.attributes[attribute];
    for (const auto& [key, value] : attributes_) {
      if (symbols_[key - 1] != declared.name) continue;
      if (declared.values.empty()) return Value{value, ""};
      if (value < 1 || value > static_cast<int64_t>(symbols_.size())) return Value{0, ""};
      const std::string& name = symbols_[static_cast<size_t>(value) - 1];
      const bool known =
          std::any_of(plan_.attributes.begin(), plan_.attributes.end(), [&](const plan::Attribute& other) {
            return std::find(other.values.begin(), other.values.end(), name) != other.values.end();
          });
      return Value{0, known ? name : ""};
    }
    return std::nullopt;
  }

  const plan::Plan& plan_;
  const plan::Capability& agent_;
  const std::map<uint32_t, int64_t>& attributes_;
  const std::vector<std::string>& symbols_;
  std::function<int64_t(const Requirement::Term&)> count_;
};

}  // namespace

Verdict Judge(const plan::Plan& plan, const plan::Requirement& requirement, const plan::Capability& agent,
              const std::map<uint32_t, int64_t>& attributes, const std::vector<std::string>& symbols) {
  return Judgement(plan, agent, attributes, symbols).Of(requirement);
}

bool JudgeCondition(const plan::Plan& plan, const plan::Requirement& condition,
                    const std::map<uint32_t, int64_t>& attributes, const std::vector<std::string>& symbols,
                    const std::function<int64_t(const plan::Requirement::Term&)>& count) {
  return Judgement(plan, plan::Capability(), attributes, symbols, count).Of(condition).holds;
}

std::set<uint32_t> CountedSkills(const plan::Plan& plan, const plan::Step& step,
                                 const std::map<uint32_t, int64_t>& attributes,
                                 const std::vector<std::string>& symbols) {
  const plan::Requirement& requirement = plan.requirements[step.requirement];
  if (!step.counts_named || !requirement.AsksContact()) {
    return {step.counted_skills.begin(), step.counted_skills.end()};
  }
  return Judge(plan, requirement, plan::Capability(), attributes, symbols).named;
}

}  // namespace koble::reference
