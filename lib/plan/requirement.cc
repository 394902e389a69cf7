#include "plan/requirement.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Left = Requirement::Left;
using Term = Requirement::Term;

// The parser bounds the nesting to 64; each level leaves at most two operands waiting.
constexpr size_t kStack = 192;
// And three numbers: the left sides of a comparison, a sum and a product.
constexpr size_t kNumbers = 196;

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

// The same with its sides exchanged.
Op Mirrored(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessEqual:
      return Op::kGreaterEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterEqual:
      return Op::kLessEqual;
    default:
      return op;
  }
}

// What a term looks at.
class OfAgent {
 public:
  explicit OfAgent(std::span<const SkillLevel> qualities) : qualities_(qualities) {}
  std::optional<int64_t> operator()(const Term& term) const {
    if (const SkillLevel* quality = Find(qualities_, term.subject)) return quality->level;
    return term.left == Left::kAgent ? std::nullopt : std::optional<int64_t>(0);
  }

 private:
  std::span<const SkillLevel> qualities_;
};

// A comparison of numbers that begins at `*at`, which is left behind its end.
template <class NumberOf>
bool HoldsOfNumbers(std::span<const Term> program, size_t* at, const NumberOf& number_of) {
  struct Number {
    int64_t value;
    bool known;
  };
  std::array<Number, kNumbers> stack;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  size_t size = 0;
  for (;; ++*at) {
    const Term& term = program[*at];
    if (term.op == Op::kNumber || term.op == Op::kQuality) {
      const std::optional<int64_t> number = term.op == Op::kNumber ? std::optional(term.value) : number_of(term);
      stack[size++] = {number.value_or(0), number.has_value()};
      continue;
    }
    if (term.op != Op::kNegate) --size;
    Number& left = stack[size - 1];
    const Number& right = stack[size];
    const bool known = left.known && (term.op == Op::kNegate || right.known);
    if (term.Compares()) {
      ++*at;
      return known && Compare(term.op, left.value, right.value);
    }
    const std::optional<int64_t> result =
        known ? Calculate(term.op, left.value, term.op == Op::kNegate ? 0 : right.value) : std::nullopt;
    left = {result.value_or(0), result.has_value()};
  }
}

template <class NumberOf>
bool HoldsBy(std::span<const Term> program, const NumberOf& number_of) {
  std::bitset<kStack> stack;
  size_t size = 0;
  for (size_t at = 0; at < program.size();) {
    const Term& term = program[at];
    if (term.Calculates()) {
      stack[size++] = HoldsOfNumbers(program, &at, number_of);
      continue;
    }
    ++at;
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
      default: {
        const std::optional<int64_t> number = number_of(term);
        stack[size++] = number && Compare(term.op, *number, term.value);
      }
    }
  }
  return stack[0];
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
  void Open(const std::vector<Term>& comparison) {
    stack_[size_++] = {out_.size(), Is::kOpen};
    out_.insert(out_.end(), comparison.begin(), comparison.end());
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

// Folds the numbers of a comparison. Each is known, in one term; or known to be none; or open, which the agents decide.
class NumberFolder {
 public:
  void Known(int64_t value) { Push({.op = Op::kNumber, .value = value}, Is::kKnown); }
  void None() { Push({.op = Op::kNumber}, Is::kNone); }
  void Open(const Term& term) { Push(term, Is::kOpen); }
  void Negate() {
    Operand& operand = stack_[size_ - 1];
    if (operand.is == Is::kKnown) return Settle(&operand, Calculate(Op::kNegate, out_[operand.begin].value, 0));
    if (operand.is == Is::kOpen) out_.push_back({.op = Op::kNegate});
  }
  void Join(Op op) {
    const Operand right = stack_[--size_];
    Operand& left = stack_[size_ - 1];
    if (left.is == Is::kNone || right.is == Is::kNone || (op == Op::kDivide && IsNought(right))) {
      Settle(&left, std::nullopt);
    } else if (left.is == Is::kKnown && right.is == Is::kKnown) {
      Settle(&left, Calculate(op, out_[left.begin].value, out_[right.begin].value));
    } else {
      left.is = Is::kOpen;
      out_.push_back({.op = op});
    }
  }
  // The comparison as it is left, or whether it holds.
  std::optional<bool> Finish(Op op, std::vector<Term>* comparison) {
    const Operand& left = stack_[0];
    const Operand& right = stack_[1];
    if (left.is == Is::kNone || right.is == Is::kNone) return false;
    if (left.is == Is::kKnown && right.is == Is::kKnown) {
      return Compare(op, out_[left.begin].value, out_[right.begin].value);
    }
    AppendComparison(op, left.begin, right.begin, &out_);
    *comparison = std::move(out_);
    return std::nullopt;
  }

 private:
  enum class Is : uint8_t { kKnown, kNone, kOpen };
  struct Operand {
    size_t begin = 0;  // of its part of the program
    Is is = Is::kOpen;
  };
  void Push(const Term& term, Is is) {
    stack_[size_++] = {out_.size(), is};
    out_.push_back(term);
  }
  bool IsNought(const Operand& operand) const { return operand.is == Is::kKnown && out_[operand.begin].value == 0; }
  void Settle(Operand* operand, std::optional<int64_t> result) {
    out_.resize(operand->begin);
    out_.push_back({.op = Op::kNumber, .value = result.value_or(0)});
    operand->is = result ? Is::kKnown : Is::kNone;
  }
  std::vector<Term> out_;
  Operand stack_[kNumbers];
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

void ResolveQuality(const Term& term, std::span<const ContactValue> values,
                    std::span<const std::optional<uint32_t>> skills, NumberFolder* folder) {
  if (!term.AsksContact()) return folder->Open(term);
  const ContactValue* value = Find(values, term.subject);
  if (value == nullptr) return folder->None();
  if (term.left == Left::kContact) return folder->Known(value->value);
  const std::optional<uint32_t> skill =
      value->value == 0 ? std::nullopt : skills[static_cast<size_t>(value->value) - 1];
  if (!skill) return folder->Known(0);
  folder->Open({.op = Op::kQuality, .left = Left::kSkill, .subject = *skill});
}

// A comparison of numbers for one contact, which begins at `at`. Gives its last term.
size_t ResolveNumbers(std::span<const Term> program, size_t at, std::span<const ContactValue> values,
                      std::span<const std::optional<uint32_t>> skills, Folder* folder) {
  NumberFolder numbers;
  for (; program[at].Calculates(); ++at) {
    const Term& term = program[at];
    if (term.op == Op::kNumber) {
      numbers.Known(term.value);
    } else if (term.op == Op::kQuality) {
      ResolveQuality(term, values, skills, &numbers);
    } else if (term.op == Op::kNegate) {
      numbers.Negate();
    } else {
      numbers.Join(term.op);
    }
  }
  std::vector<Term> open;
  if (const std::optional<bool> holds = numbers.Finish(program[at].op, &open)) {
    folder->Constant(*holds);
  } else {
    folder->Open(open);
  }
  return at;
}

}  // namespace

std::optional<int64_t> Calculate(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
      return result;
    case Op::kSubtract:
      if (__builtin_sub_overflow(a, b, &result)) return std::nullopt;
      return result;
    case Op::kMultiply:
      if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
      return result;
    case Op::kDivide:
      if (b == 0 || (a == INT64_MIN && b == -1)) return std::nullopt;
      return a / b;
    default:
      if (a == INT64_MIN) return std::nullopt;
      return -a;
  }
}

void AppendComparison(Op op, size_t left, size_t right, std::vector<Term>* program) {
  const auto one_term = [](const Term& looked_at, const Term& against) {
    return looked_at.op == Op::kQuality &&
           (against.op == Op::kNumber || (against.left == Left::kContact && looked_at.left != Left::kContact));
  };
  const auto join = [&](Op joined_op, Term joined, const Term& against) {
    joined.op = joined_op;
    joined.against_contact = against.op == Op::kQuality;
    joined.value = joined.against_contact ? against.subject : against.value;
    program->resize(left);
    program->push_back(joined);
  };
  if (right - left == 1 && program->size() - right == 1) {
    const Term first = (*program)[left];
    const Term second = (*program)[right];
    if (one_term(first, second)) return join(op, first, second);
    if (one_term(second, first)) return join(Mirrored(op), second, first);
  }
  program->push_back({.op = op, .left = Left::kNumbers});
}

std::vector<uint32_t> NamedSkills(std::span<const Term> program) {
  std::vector<std::vector<uint32_t>> stack;
  std::vector<uint32_t> numbers;  // in the comparison that is being read
  for (const Term& term : program) {
    if (term.op == Op::kAnd || term.op == Op::kOr) {
      std::vector<uint32_t> right = std::move(stack.back());
      stack.pop_back();
      stack.back().insert(stack.back().end(), right.begin(), right.end());
    } else if (term.op == Op::kNot) {
      stack.back().clear();
    } else if (term.Calculates()) {
      if (term.op == Op::kQuality && term.left == Left::kSkill) numbers.push_back(term.subject);
    } else {
      stack.push_back(std::exchange(numbers, {}));
      if (term.Compares() && term.left == Left::kSkill) stack.back().push_back(term.subject);
    }
  }
  std::vector<uint32_t> named = std::move(stack.back());
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

bool Holds(std::span<const Term> program, std::span<const SkillLevel> qualities) {
  return HoldsBy(program, OfAgent(qualities));
}

bool Holds(std::span<const Term> program, absl::FunctionRef<int64_t(const Term&)> number_of) {
  return HoldsBy(program, [&](const Term& term) { return std::optional<int64_t>(number_of(term)); });
}

std::vector<uint32_t> Requirement::NamedSkills() const { return plan::NamedSkills(program); }

bool Requirement::Holds(std::span<const SkillLevel> qualities) const { return plan::Holds(program, qualities); }

bool Requirement::AsksContact() const {
  return std::any_of(program.begin(), program.end(), [](const Term& term) { return term.AsksContact(); });
}

std::vector<Term> Requirement::Resolve(std::span<const ContactValue> values,
                                       std::span<const std::optional<uint32_t>> skills) const {
  Folder folder;
  for (size_t at = 0; at < program.size(); ++at) {
    const Term& term = program[at];
    if (term.Calculates()) {
      at = ResolveNumbers(program, at, values, skills, &folder);
    } else if (term.op == Op::kAnd || term.op == Op::kOr) {
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
