#include "plan/requirement.h"

#include <algorithm>
#include <bitset>
#include <utility>

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Left = Requirement::Left;
using Term = Requirement::Term;

// The parser bounds the nesting to 64; each level leaves at most two operands waiting.
constexpr size_t kStack = 192;

bool Compare(Op op, int64_t value, int64_t wanted) {
  switch (op) {
    case Op::kEqual:
      return value == wanted;
    case Op::kNotEqual:
      return value != wanted;
    case Op::kLess:
      return value < wanted;
    case Op::kLessEqual:
      return value <= wanted;
    case Op::kGreater:
      return value > wanted;
    default:
      return value >= wanted;
  }
}

const SkillLevel* Find(std::span<const SkillLevel> qualities, uint32_t number) {
  const auto found = std::lower_bound(qualities.begin(), qualities.end(), number,
                                      [](const SkillLevel& entry, uint32_t wanted) { return entry.skill < wanted; });
  return found != qualities.end() && found->skill == number ? &*found : nullptr;
}

bool HoldsAlone(const Term& term, std::span<const SkillLevel> qualities) {
  const SkillLevel* quality = Find(qualities, term.subject);
  if (quality == nullptr && term.left == Left::kAgent) return false;
  return Compare(term.op, quality == nullptr ? 0 : quality->level, term.value);
}

const ContactValue* Find(std::span<const ContactValue> values, uint32_t attribute) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const ContactValue& value) { return value.attribute == attribute; });
  return found == values.end() ? nullptr : &*found;
}

// Folds a program whose comparisons may turn out true or false. Constants stand for themselves and emit nothing.
class Folder {
 public:
  void Constant(bool value) { stack_[size_++] = {out_.size(), value ? Is::kTrue : Is::kFalse}; }
  void Open(const Term& term) {
    stack_[size_++] = {out_.size(), Is::kOpen};
    out_.push_back(term);
  }
  void Not() {
    Operand& operand = stack_[size_ - 1];
    if (operand.is == Is::kOpen) {
      out_.push_back({.op = Op::kNot});
    } else {
      operand.is = operand.is == Is::kTrue ? Is::kFalse : Is::kTrue;
    }
  }
  // `and`: false absorbs, true gives way; `or` the other way round.
  void Join(Op op) {
    const Is absorbing = op == Op::kAnd ? Is::kFalse : Is::kTrue;
    const Operand right = stack_[--size_];
    Operand& left = stack_[size_ - 1];
    if (left.is == absorbing || right.is == absorbing) {
      out_.resize(left.begin);
      left.is = absorbing;
    } else if (left.is == Is::kOpen && right.is == Is::kOpen) {
      out_.push_back({.op = op});
    } else if (left.is != Is::kOpen) {
      left.is = right.is;
    }
  }
  std::vector<Term> Finish() {
    if (stack_[0].is != Is::kOpen) out_.push_back({.op = stack_[0].is == Is::kTrue ? Op::kTrue : Op::kFalse});
    return std::move(out_);
  }

 private:
  enum class Is : uint8_t { kTrue, kFalse, kOpen };
  struct Operand {
    size_t begin = 0;  // of its part of the program
    Is is = Is::kOpen;
  };
  std::vector<Term> out_;
  Operand stack_[kStack];
  size_t size_ = 0;
};

// One comparison for one contact.
void ResolveComparison(const Term& term, std::span<const ContactValue> values,
                       std::span<const std::optional<uint32_t>> skills, Folder* folder) {
  Term settled = term;
  if (term.against_contact) {
    const ContactValue* value = Find(values, static_cast<uint32_t>(term.value));
    if (value == nullptr) return folder->Constant(false);
    settled.value = value->value;
    settled.against_contact = false;
  }
  if (term.left == Left::kContact || term.left == Left::kNamed) {
    const ContactValue* value = Find(values, term.subject);
    if (value == nullptr) return folder->Constant(false);
    if (term.left == Left::kContact) return folder->Constant(Compare(settled.op, value->value, settled.value));
    const std::optional<uint32_t> skill =
        value->value == 0 ? std::nullopt : skills[static_cast<size_t>(value->value) - 1];
    if (!skill) return folder->Constant(Compare(settled.op, 0, settled.value));
    settled.left = Left::kSkill;
    settled.subject = *skill;
  }
  folder->Open(settled);
}

}  // namespace

std::vector<uint32_t> NamedSkills(std::span<const Term> program) {
  std::vector<std::vector<uint32_t>> stack;
  for (const Term& term : program) {
    if (term.op == Op::kAnd || term.op == Op::kOr) {
      std::vector<uint32_t> right = std::move(stack.back());
      stack.pop_back();
      stack.back().insert(stack.back().end(), right.begin(), right.end());
    } else if (term.op == Op::kNot) {
      stack.back().clear();
    } else {
      stack.emplace_back();
      if (term.Compares() && term.left == Left::kSkill) stack.back().push_back(term.subject);
    }
  }
  std::vector<uint32_t> named = std::move(stack.back());
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

bool Holds(std::span<const Term> program, std::span<const SkillLevel> qualities) {
  std::bitset<kStack> stack;
  size_t size = 0;
  for (const Term& term : program) {
    switch (term.op) {
      case Op::kTrue:
      case Op::kFalse:
        stack[size++] = term.op == Op::kTrue;
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
        stack[size++] = HoldsAlone(term, qualities);
    }
  }
  return stack[0];
}

std::vector<uint32_t> Requirement::NamedSkills() const { return plan::NamedSkills(program); }

bool Requirement::Holds(std::span<const SkillLevel> qualities) const { return plan::Holds(program, qualities); }

bool Requirement::AsksContact() const {
  return std::any_of(program.begin(), program.end(), [](const Term& term) { return term.AsksContact(); });
}

std::vector<Term> Requirement::Resolve(std::span<const ContactValue> values,
                                       std::span<const std::optional<uint32_t>> skills) const {
  Folder folder;
  for (const Term& term : program) {
    if (term.op == Op::kAnd || term.op == Op::kOr) {
      folder.Join(term.op);
    } else if (term.op == Op::kNot) {
      folder.Not();
    } else if (term.Compares()) {
      ResolveComparison(term, values, skills, &folder);
    } else {
      folder.Constant(term.op == Op::kTrue);
    }
  }
  return folder.Finish();
}

}  // namespace koble::plan
