#include "plan/requirement_parser.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "plan/requirement_lexer.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Left = Requirement::Left;
using Term = Requirement::Term;
using Token = RequirementToken;
using Type = Token::Type;

constexpr int64_t kTopLevel = 1'000'000;
constexpr int64_t kTopValue = 999'999'999'999'999'999;
constexpr std::string_view kNegative =
    "levels are not negative, and a skill whose name begins with \"-\" stands in double quotes";
constexpr std::string_view kCounters[] = {"free", "able", "available", "waiting"};
constexpr std::string_view kLater[] = {"time", "date", "weekday", "hour", "wait", "ewt", "position"};

// What has been read and stands at the program's end.
struct Piece {
  enum class Is : uint8_t {
    kCondition,
    kNumber,  // where it is a quality alone, it may still become a condition
    kName,    // an attribute whose values are names
  };
  Is is = Is::kCondition;
  size_t at = 0;            // in the text
  size_t begin = 0;         // in the program
  uint32_t attribute = 0;   // of kName
  std::string_view number;  // the text of a constant alone
};
using Is = Piece::Is;

class Parser {
 public:
  // `steps`: of the queue whose condition it is, its own requirement counted; 0: it is a requirement.
  Parser(std::string_view text, const Plan& plan, size_t steps, RequirementMistake* mistake)
      : text_(text), plan_(plan), steps_(steps), mistake_(*mistake), lexer_(text, steps != 0) {}

  std::optional<Requirement> Parse() {
    Next();
    if (token_.type == Type::kEnd) return Requirement{{Term{}}};
    Piece part;
    if (!Or(&part)) return std::nullopt;
    if (token_.type != Type::kEnd) {
      if (token_.type == Type::kClose) {
        Fail("this \")\" closes nothing");
      } else {
        Unexpected("\"and\", \"or\" or the end");
      }
      return std::nullopt;
    }
    if (!Condition(&part) || !mistake_.unknown_skills.empty()) return std::nullopt;
    return std::move(result_);
  }

 private:
  bool Or(Piece* part) { return Chain(Type::kOr, Op::kOr, &Parser::And, part); }
  bool And(Piece* part) { return Chain(Type::kAnd, Op::kAnd, &Parser::Not, part); }

  bool Chain(Type word, Op op, bool (Parser::*operand)(Piece*), Piece* part) {
    if (!(this->*operand)(part)) return false;
    while (token_.type == word) {
      if (!Condition(part)) return false;
      Next();
      Piece right;
      if (!(this->*operand)(&right) || !Condition(&right)) return false;
      Emit({.op = op});
    }
    return true;
  }

  bool Not(Piece* part) {
    size_t nots = 0;
    for (; token_.type == Type::kNot; Next()) {
      ++nots;
      if (!Deeper()) return false;
    }
    if (!Comparison(part)) return false;
    if (nots != 0 && !Condition(part)) return false;
    for (size_t i = 0; i < nots; ++i) Emit({.op = Op::kNot});
    depth_ -= nots;
    return true;
  }

  // What has been read is to be a condition. Of a skill alone its level, of a number of contact or agent that it is not 0.
  bool Condition(Piece* part) {
    if (part->is == Is::kCondition) return true;
    Term& term = result_.program.back();
    if (part->is == Is::kNumber && (result_.program.size() - part->begin != 1 || term.op != Op::kQuality)) {
      const std::string what = part->number.empty() ? "this number" : "number " + std::string(part->number);
      return FailAt(part->at, what + " is no condition; compare it, as in \"english + norwegian >= 5\"");
    }
    const bool level = term.left == Left::kSkill || term.left == Left::kNamed || term.left >= Left::kFree;
    term.op = level || part->is == Is::kName ? Op::kGreaterEqual : Op::kNotEqual;
    term.value = level ? 1 : 0;  // a name: whatever it is, once it is there
    part->is = Is::kCondition;
    return true;
  }

  bool Comparison(Piece* part) {
    if (!Sum(steps_ != 0 ? "a counter" : "a skill", part)) return false;
    if (token_.type != Type::kOperator || part->is == Is::kCondition) return true;
    const Token op = token_;
    if (part->is == Is::kName && op.op != Op::kEqual && op.op != Op::kNotEqual) {
      return Fail("the values of attribute " + NameOf(*part) +
                  " are names and have no order; compare with \"=\" or \"!=\"");
    }
    Next();
    if (part->is == Is::kName) return Value(op.op, part);
    Piece right;
    if (!Sum(NumberWanted(), &right) || !Numeric(right, op)) return false;
    if (!part->number.empty() && !right.number.empty()) {
      return FailAt(part->at, "two numbers are compared, which says nothing of anybody; leave it out, or write true");
    }
    if (!Level(*part, right) || !Level(right, *part)) return false;
    AppendComparison(op.op, part->begin, right.begin, &result_.program);
    WarnOfNothing(result_.program.back());
    part->is = Is::kCondition;
    return true;
  }

  // A skill alone is compared with a level.
  bool Level(const Piece& skill, const Piece& level) {
    if (level.number.empty() || skill.is != Is::kNumber) return true;
    const Term& term = result_.program[skill.begin];
    const size_t end = skill.begin < level.begin ? level.begin : result_.program.size();
    if (end - skill.begin != 1 || term.op != Op::kQuality || (term.left != Left::kSkill && term.left != Left::kNamed)) {
      return true;
    }
    const int64_t value = result_.program[level.begin].value;
    if (value < 0) return FailAt(level.at, std::string(kNegative));
    return value <= kTopLevel ||
           FailAt(level.at, "level " + std::string(level.number) + " is out of range; allowed is 0 to 1000000");
  }

  bool Sum(std::string_view wanted, Piece* part) {
    return Calculation(Op::kAdd, Op::kSubtract, &Parser::Product, wanted, part);
  }
  bool Product(std::string_view wanted, Piece* part) {
    return Calculation(Op::kMultiply, Op::kDivide, &Parser::Signed, wanted, part);
  }

  bool Calculation(Op one, Op other, bool (Parser::*operand)(std::string_view, Piece*), std::string_view wanted,
                   Piece* part) {
    if (!(this->*operand)(wanted, part)) return false;
    while (token_.type == Type::kArithmetic && (token_.op == one || token_.op == other)) {
      const Token op = token_;
      if (!Numeric(*part, op)) return false;
      Next();
      Piece right;
      if (!(this->*operand)(NumberWanted(), &right) || !Numeric(right, op)) return false;
      if (op.op == Op::kDivide && result_.program.back().op == Op::kNumber && result_.program.back().value == 0) {
        return FailAt(right.at, "nothing is divided by 0; the comparison would hold for nobody");
      }
      part->number = {};
      Emit({.op = op.op});
    }
    return true;
  }

  bool Signed(std::string_view wanted, Piece* part) {
    const Token sign = token_;
    size_t signs = 0;
    for (; token_.type == Type::kArithmetic && token_.op == Op::kSubtract; Next()) {
      ++signs;
      if (!Deeper()) return false;
    }
    if (!Primary(signs == 0 ? wanted : NumberWanted(), part)) return false;
    depth_ -= signs;
    if (signs == 0) return true;
    if (!Numeric(*part, sign)) return false;
    part->at = sign.at;
    for (size_t i = 0; i < signs; ++i) {
      if (part->number.empty()) {
        Emit({.op = Op::kNegate});
      } else {
        result_.program.back().value = -result_.program.back().value;
      }
    }
    return true;
  }

  // Arithmetic and order are for numbers. `op`: what wants one.
  bool Numeric(const Piece& part, const Token& op) {
    if (part.is == Is::kNumber) return true;
    if (part.is == Is::kCondition) {
      return FailAt(part.at, Quoted(op.text) + " is for numbers, and this is a condition");
    }
    return FailAt(part.at, "attribute " + NameOf(part) +
                               " has names for values; only \"=\" and \"!=\" look at it, and it stands before a name, "
                               "as in \"agent.site = oslo\"");
  }

  bool Primary(std::string_view wanted, Piece* part) {
    part->at = token_.at;
    part->begin = result_.program.size();
    switch (token_.type) {
      case Type::kOpen: {
        const size_t opened = token_.at;
        if (!Deeper()) return false;
        Next();
        if (!Or(part)) return false;
        part->at = opened;
        if (token_.type != Type::kClose) {
          return Unexpected("\")\" for the \"(\" of column " + std::to_string(Column(opened)));
        }
        --depth_;
        Next();
        return true;
      }
      case Type::kTrue:
        Next();
        part->is = Is::kCondition;
        return Emit({});
      case Type::kSkill:
        return steps_ != 0 ? Counter(part) : Skill(part);
      case Type::kContact:
        return OfAttribute(Left::kContact, part);
      case Type::kAgent:
        if (steps_ != 0) return Fail("a condition looks at no single agent; count them with free[n] or able[n]");
        return OfAttribute(Left::kAgent, part);
      case Type::kNumber:
        return Constant(part);
      default:
        return Unexpected(std::string(wanted));
    }
  }

  // free[n], able[n], available[n] or waiting.
  bool Counter(Piece* part) {
    const std::string_view name = token_.text;
    const bool known = std::find(std::begin(kCounters), std::end(kCounters), name) != std::end(kCounters);
    if (token_.quoted || !known) return Fail(NoCounter(name));
    Term term{.op = Op::kQuality, .left = Left::kWaiting};
    Next();
    if (name != "waiting") {
      term.left = name == "free" ? Left::kFree : name == "able" ? Left::kAble : Left::kAvailable;
      if (!StepNumber(name, &term.subject)) return false;
    }
    part->is = Is::kNumber;
    return Emit(term);
  }

  bool StepNumber(std::string_view counter, uint32_t* step) {
    if (token_.type != Type::kOpenStep) {
      return Unexpected("\"[\" and the number of a step, as in " + std::string(counter) +
                        "[0], which goes by the queue's own requirement");
    }
    Next();
    if (token_.type != Type::kNumber) return Unexpected("the number of a step, 0 for the queue's own requirement");
    uint64_t number = 0;
    for (const char c : token_.text) number = std::min<uint64_t>(number * 10 + static_cast<uint64_t>(c - '0'), steps_);
    if (number >= steps_) {
      return Fail("there is no step " + std::string(token_.text.substr(0, 20)) + "; the queue has 0, its own " +
                  "requirement" + (steps_ == 1 ? "" : ", to " + std::to_string(steps_ - 1)));
    }
    *step = static_cast<uint32_t>(number);
    Next();
    if (token_.type != Type::kCloseStep) return Unexpected("\"]\"");
    Next();
    return true;
  }

  std::string NoCounter(std::string_view name) const {
    const std::string what = Quoted(name);
    if (std::find(std::begin(kLater), std::end(kLater), name) != std::end(kLater)) {
      return what +
             " comes later: this version counts free[n], able[n], available[n] and waiting, and compares contact.NAME";
    }
    if (plan_.FindSkill(name)) {
      return what + " is a skill and belongs into \"require\"; count who has it with free[n] or able[n]";
    }
    const auto nearest = Nearest(name, std::size(kCounters), [](size_t i) { return kCounters[i]; });
    return "unknown counter " + what +
           (nearest ? "; did you mean " + Quoted(*nearest) + "?"
                    : "; there are free[n], able[n], available[n] and waiting, and contact.NAME");
  }

  // Counters begin at 0.
  void WarnOfNothing(const Term& term) {
    if (!term.Counts() || term.value != 0 || (term.op != Op::kLess && term.op != Op::kGreaterEqual)) return;
    const bool never = term.op == Op::kLess;
    mistake_.warnings.push_back(std::string("a counter is compared with ") + (never ? "\"< 0\"" : "\">= 0\"") +
                                ", which " + (never ? "never" : "always") + " holds");
  }

  std::string_view NumberWanted() const {
    return steps_ != 0 ? "a number, a counter or an attribute of the contact" : "a number, a skill or an attribute";
  }

  bool Skill(Piece* part) {
    const Token name = token_;
    Term term{.op = Op::kQuality, .left = Left::kSkill};
    Next();
    if (name.text == "skill" && !name.quoted && token_.type == Type::kOpen) {
      if (!NamedSkill(&term)) return false;
    } else if (const auto skill = plan_.FindSkill(name.text)) {
      term.subject = *skill;
    } else {
      if (LooksLikeDifference(name)) return false;
      if (std::find(mistake_.unknown_skills.begin(), mistake_.unknown_skills.end(), name.text) ==
          mistake_.unknown_skills.end()) {
        mistake_.unknown_skills.emplace_back(name.text);
      }
    }
    part->is = Is::kNumber;
    return Emit(term);
  }

  // english-1: one name to the grammar.
  bool LooksLikeDifference(const Token& name) {
    const size_t hyphen = name.text.find('-');
    if (name.quoted || hyphen == std::string_view::npos || !plan_.FindSkill(name.text.substr(0, hyphen))) return false;
    FailAt(name.at, "unknown skill " + Quoted(name.text) + "; \"-\" is part of a name, so put a blank before a minus");
    return true;
  }

  bool Constant(Piece* part) {
    int64_t value = 0;
    for (const char c : token_.text) value = value > kTopValue / 10 ? kTopValue + 1 : value * 10 + (c - '0');
    if (value > kTopValue) {
      return Fail("number " + std::string(token_.text.substr(0, 20)) + " is out of range; allowed are 18 digits");
    }
    part->is = Is::kNumber;
    part->number = token_.text;
    Next();
    return Emit({.op = Op::kNumber, .value = value});
  }

  // skill(contact.NAME): the "(" has been read.
  bool NamedSkill(Term* term) {
    Next();
    if (token_.type != Type::kContact) return Unexpected("\"contact.\" with an attribute, whose value names the skill");
    if (!Attribute(&term->subject)) return false;
    const plan::Attribute& attribute = plan_.attributes[term->subject];
    if (attribute.values.empty()) {
      return Fail("attribute " + Quoted(attribute.name) +
                  " declares no values, so none of them names a skill; give it \"values\"");
    }
    for (const std::string& value : attribute.values) {
      if (plan_.FindSkill(value)) continue;
      mistake_.warnings.push_back("value " + Quoted(value) + " of attribute " + Quoted(attribute.name) +
                                  " names no skill, so that everybody has it at level 0");
    }
    term->left = Left::kNamed;
    Next();
    if (token_.type != Type::kClose) return Unexpected("\")\"");
    Next();
    return true;
  }

  // contact.NAME or agent.NAME
  bool OfAttribute(Left left, Piece* part) {
    uint32_t number = 0;
    if (!Attribute(&number)) return false;
    Next();
    part->is = plan_.attributes[number].values.empty() ? Is::kNumber : Is::kName;
    part->attribute = number;
    // Numbers behind the skills: an agent's skills and attributes are one list.
    const auto behind = left == Left::kAgent ? static_cast<uint32_t>(plan_.skills.size()) : 0;
    return Emit({.op = Op::kQuality, .left = left, .subject = behind + number});
  }

  bool Attribute(uint32_t* number) {
    const auto found = plan_.FindAttribute(token_.text);
    if (!found) {
      const auto& all = plan_.attributes;
      const auto nearest = Nearest(token_.text, all.size(), [&](size_t i) { return std::string_view(all[i].name); });
      return Fail("unknown attribute " + Quoted(token_.text) +
                  (nearest ? "; did you mean " + Quoted(*nearest) + "?"
                           : "; list it in \"attributes\", or write a skill of such a name in double quotes"));
    }
    *number = *found;
    return true;
  }

  // What an attribute whose values are names is compared with: one of them, or an attribute of the other side.
  bool Value(Op op, Piece* part) {
    Term& term = result_.program.back();
    term.op = op;
    part->is = Is::kCondition;
    const plan::Attribute& attribute = plan_.attributes[part->attribute];
    if (token_.type == Type::kContact || token_.type == Type::kAgent) return OtherSide(attribute, &term);
    if (token_.type != Type::kSkill) {
      return Unexpected("a value of attribute " + Quoted(attribute.name) + ", in double quotes where it is no word");
    }
    const auto& values = attribute.values;
    if (std::find(values.begin(), values.end(), token_.text) == values.end()) {
      const auto nearest = Nearest(token_.text, values.size(), [&](size_t i) { return std::string_view(values[i]); });
      return Fail("unknown value " + Quoted(token_.text) + " of attribute " + Quoted(attribute.name) +
                  (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in the attribute's \"values\""));
    }
    if (!Count()) return false;
    term.value = *plan_.FindValue(token_.text);
    Next();
    return true;
  }

  // The agent's against the contact's, in either order.
  bool OtherSide(const plan::Attribute& attribute, Term* term) {
    const bool of_contact = token_.type == Type::kContact;
    uint32_t number = 0;
    if (!Attribute(&number)) return false;
    if (plan_.attributes[number].values.empty()) {
      return Fail("one of the attributes " + Quoted(attribute.name) + " and " + Quoted(plan_.attributes[number].name) +
                  " has names for values and the other numbers");
    }
    if (of_contact == (term->left == Left::kContact)) {
      return Fail("of two attributes whose values are names, one is the agent's and the other the contact's");
    }
    if (!Count()) return false;
    const auto behind = static_cast<uint32_t>(plan_.skills.size());
    term->value = of_contact ? number : term->subject;
    if (!of_contact) term->subject = behind + number;
    term->left = Left::kAgent;
    term->against_contact = true;
    Next();
    return true;
  }

  std::string NameOf(const Piece& part) const { return Quoted(plan_.attributes[part.attribute].name); }
  bool Emit(const Term& term) {
    result_.program.push_back(term);
    const bool operand = term.op == Op::kQuality || term.op == Op::kNumber || term.op == Op::kTrue;
    return !operand || Count();
  }
  bool Count() {
    return ++operands_ <= kOperands || Fail("more than " + std::to_string(kOperands) +
                                            " skills, attributes, values and numbers in one requirement");
  }
  bool Deeper() { return ++depth_ <= kNesting || Fail("nested deeper than " + std::to_string(kNesting) + " levels"); }

  size_t Column(size_t at) const {
    return 1 + static_cast<size_t>(std::count_if(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at), [](char c) {
             return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
           }));
  }
  bool Unexpected(const std::string& wanted) {
    if (token_.type == Type::kBad) return Fail(lexer_.complaint());
    std::string got = token_.type == Type::kEnd ? "the end" : Quoted(token_.text);
    if (token_.text == "AND" || token_.text == "OR" || token_.text == "NOT") got += " (keywords are lower case)";
    return Fail("expected " + wanted + ", got " + got);
  }
  bool Fail(const std::string& what) { return FailAt(token_.at, what); }
  bool FailAt(size_t at, const std::string& what) {
    mistake_.message = "column " + std::to_string(Column(at)) + ": " + what;
    return false;
  }

  void Next() { token_ = lexer_.Next(); }

  std::string_view text_;
  const Plan& plan_;
  size_t steps_;
  RequirementMistake& mistake_;
  RequirementLexer lexer_;
  Requirement result_;
  Token token_;
  size_t depth_ = 0;
  size_t operands_ = 0;
};

}  // namespace

std::optional<Requirement> ParseRequirement(std::string_view text, const Plan& plan, RequirementMistake* mistake) {
  return Parser(text, plan, 0, mistake).Parse();
}

std::optional<Requirement> ParseCondition(std::string_view text, const Plan& plan, size_t steps,
                                          RequirementMistake* mistake) {
  return Parser(text, plan, steps, mistake).Parse();
}

}  // namespace koble::plan
