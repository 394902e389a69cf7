#include "plan/requirement_parser.h"

#include <algorithm>
#include <utility>

#include "plan/text.h"

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Left = Requirement::Left;
using Term = Requirement::Term;

constexpr int64_t kTopLevel = 1'000'000;
constexpr int64_t kTopValue = 999'999'999'999'999'999;
constexpr std::string_view kNegative =
    "levels are not negative, and a skill whose name begins with \"-\" stands in double quotes";
constexpr std::string_view kOfContact = "contact.";
constexpr std::string_view kOfAgent = "agent.";

struct Token {
  enum class Type : uint8_t {
    kEnd,
    kSkill,
    kContact,
    kAgent,
    kNumber,
    kOperator,
    kOpen,
    kClose,
    kAnd,
    kOr,
    kNot,
    kTrue,
    kBad
  };
  Type type = Type::kEnd;
  std::string_view text;  // as it stands; without quotes, and of an attribute its name
  size_t at = 0;
  Op op = Op::kTrue;  // of kOperator
  bool quoted = false;
};
using Type = Token::Type;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool ContinuesName(char c) { return StartsName(c) || IsDigit(c) || c == '-'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, const Plan& plan, RequirementMistake* mistake)
      : text_(text), plan_(plan), mistake_(*mistake) {}

  std::optional<Requirement> Parse() {
    Next();
    if (token_.type == Type::kEnd) return Requirement{{Term{}}};
    if (!Or()) return std::nullopt;
    if (token_.type != Type::kEnd) {
      if (token_.type == Type::kClose) {
        Fail("this \")\" closes nothing");
      } else {
        Unexpected("\"and\", \"or\" or the end");
      }
      return std::nullopt;
    }
    if (!mistake_.unknown_skills.empty()) return std::nullopt;
    return std::move(result_);
  }

 private:
  bool Or() { return Chain(Type::kOr, Op::kOr, &Parser::And); }
  bool And() { return Chain(Type::kAnd, Op::kAnd, &Parser::Not); }

  bool Chain(Type word, Op op, bool (Parser::*part)()) {
    if (!(this->*part)()) return false;
    while (token_.type == word) {
      Next();
      if (!(this->*part)()) return false;
      Emit({.op = op});
    }
    return true;
  }

  bool Not() {
    size_t nots = 0;
    for (; token_.type == Type::kNot; Next()) {
      ++nots;
      if (!Deeper()) return false;
    }
    if (!Primary()) return false;
    for (size_t i = 0; i < nots; ++i) Emit({.op = Op::kNot});
    depth_ -= nots;
    return true;
  }

  bool Primary() {
    switch (token_.type) {
      case Type::kOpen: {
        const size_t opened = token_.at;
        if (!Deeper()) return false;
        Next();
        if (!Or()) return false;
        if (token_.type != Type::kClose) {
          return Unexpected("\")\" for the \"(\" of column " + std::to_string(Column(opened)));
        }
        --depth_;
        Next();
        return true;
      }
      case Type::kTrue:
        Next();
        return Count() && Emit({});
      case Type::kSkill:
        return Comparison();
      case Type::kContact:
        return OfAttribute(Left::kContact);
      case Type::kAgent:
        return OfAttribute(Left::kAgent);
      case Type::kNumber:
        return Fail("expected a skill, got number " + std::string(token_.text) +
                    "; write the skill first, as in \"en >= 2\", and a skill whose name begins so in double quotes");
      default:
        return Unexpected("a skill");
    }
  }

  bool Comparison() {
    const Token name = token_;
    if (!Count()) return false;
    Term term{.op = Op::kGreaterEqual, .left = Left::kSkill, .against_contact = false, .subject = 0, .value = 1};
    Next();
    if (name.text == "skill" && !name.quoted && token_.type == Type::kOpen) {
      if (!NamedSkill(&term)) return false;
    } else if (const auto skill = plan_.FindSkill(name.text)) {
      term.subject = *skill;
    } else if (std::find(mistake_.unknown_skills.begin(), mistake_.unknown_skills.end(), name.text) ==
               mistake_.unknown_skills.end()) {
      mistake_.unknown_skills.emplace_back(name.text);
    }
    if (token_.type == Type::kOperator) {
      term.op = token_.op;
      Next();
      if (!(token_.type == Type::kContact ? AgainstContact(&term) : Level(&term.value))) return false;
    }
    return Emit(term);
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

  // contact.NAME or agent.NAME, and what it is compared with.
  bool OfAttribute(Left left) {
    if (!Count()) return false;
    Term term{.op = Op::kNotEqual, .left = left, .against_contact = false, .subject = 0, .value = 0};
    uint32_t number = 0;
    if (!Attribute(&number)) return false;
    const plan::Attribute& attribute = plan_.attributes[number];
    // Numbers behind the skills: an agent's skills and attributes are one list.
    term.subject = left == Left::kAgent ? static_cast<uint32_t>(plan_.skills.size()) + number : number;
    Next();
    if (token_.type == Type::kOperator) {
      const bool ordered = token_.op != Op::kEqual && token_.op != Op::kNotEqual;
      if (ordered && !attribute.values.empty()) {
        return Fail("the values of attribute " + Quoted(attribute.name) +
                    " are names and have no order; compare with \"=\" or \"!=\"");
      }
      term.op = token_.op;
      Next();
      if (!Value(attribute, left, &term)) return false;
    } else if (!attribute.values.empty()) {
      term.op = Op::kGreaterEqual;  // whatever it is, once it is there
    }
    return Emit(term);
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

  // The right side of a comparison with a contact's attribute.
  bool AgainstContact(Term* term) {
    uint32_t number = 0;
    if (!Attribute(&number)) return false;
    const plan::Attribute& attribute = plan_.attributes[number];
    if (!attribute.values.empty()) {
      return Fail("attribute " + Quoted(attribute.name) + " has names for values; a level is compared with a number");
    }
    term->against_contact = true;
    term->value = number;
    Next();
    return true;
  }

  bool Value(const plan::Attribute& attribute, Left left, Term* term) {
    if (token_.type == Type::kContact && left == Left::kAgent) {
      uint32_t number = 0;
      if (!Attribute(&number)) return false;
      if (plan_.attributes[number].values.empty() != attribute.values.empty()) {
        return Fail("one of the attributes " + Quoted(attribute.name) + " and " +
                    Quoted(plan_.attributes[number].name) + " has names for values and the other numbers");
      }
      term->against_contact = true;
      term->value = number;
      Next();
      return true;
    }
    if (token_.type == Type::kContact || token_.type == Type::kAgent) {
      return Fail("an agent's attribute is compared with a contact's, and the agent's stands first");
    }
    if (attribute.values.empty()) return Number(attribute, &term->value);
    if (token_.type != Type::kSkill) {
      return Unexpected("a value of attribute " + Quoted(attribute.name) + ", in double quotes where it is no word");
    }
    const auto& values = attribute.values;
    if (std::find(values.begin(), values.end(), token_.text) == values.end()) {
      const auto nearest = Nearest(token_.text, values.size(), [&](size_t i) { return std::string_view(values[i]); });
      return Fail("unknown value " + Quoted(token_.text) + " of attribute " + Quoted(attribute.name) +
                  (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in the attribute's \"values\""));
    }
    term->value = *plan_.FindValue(token_.text);
    Next();
    return true;
  }

  bool Number(const plan::Attribute& attribute, int64_t* number) {
    if (token_.type != Type::kNumber) {
      return Unexpected("a whole number: attribute " + Quoted(attribute.name) + " declares no values");
    }
    const bool negative = token_.text.front() == '-';
    int64_t value = 0;
    for (const char c : token_.text.substr(negative ? 1 : 0)) {
      value = value > kTopValue / 10 ? kTopValue + 1 : value * 10 + (c - '0');
    }
    if (value > kTopValue) {
      return Fail("number " + std::string(token_.text.substr(0, 20)) + " is out of range; allowed are 18 digits");
    }
    *number = negative ? -value : value;
    Next();
    return true;
  }

  bool Level(int64_t* level) {
    if (token_.type != Type::kNumber) return Unexpected("a level, a whole number from 0 to 1000000");
    if (token_.text.front() == '-') return Fail(std::string(kNegative));
    int64_t value = 0;
    for (const char c : token_.text) value = std::min<int64_t>(value * 10 + (c - '0'), kTopLevel + 1);
    if (value > kTopLevel) {
      return Fail("level " + std::string(token_.text.substr(0, 20)) + " is out of range; allowed is 0 to 1000000");
    }
    *level = value;
    Next();
    return true;
  }

  bool Emit(const Term& term) {
    result_.program.push_back(term);
    return true;
  }
  bool Count() {
    return ++terms_ <= kTerms || Fail("more than " + std::to_string(kTerms) + " comparisons in one requirement");
  }
  bool Deeper() { return ++depth_ <= kNesting || Fail("nested deeper than " + std::to_string(kNesting) + " levels"); }

  size_t Column(size_t at) const {
    return 1 + static_cast<size_t>(std::count_if(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at), [](char c) {
             return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
           }));
  }
  bool Unexpected(const std::string& wanted) {
    if (token_.type == Type::kBad) return Fail(bad_);
    std::string got = token_.type == Type::kEnd ? "the end" : Quoted(token_.text);
    if (token_.text == "AND" || token_.text == "OR" || token_.text == "NOT") got += " (keywords are lower case)";
    return Fail("expected " + wanted + ", got " + got);
  }
  bool Fail(const std::string& what) {
    mistake_.message = "column " + std::to_string(Column(token_.at)) + ": " + what;
    return false;
  }

  void Next();
  void Operator();
  void QuotedSkill();
  bool QuotedName();
  void Word();
  void Take(Type type, size_t size) {
    token_.type = type;
    token_.text = text_.substr(at_, size);
    at_ += size;
  }
  void Bad(std::string what) {
    token_.type = Type::kBad;
    token_.text = text_.substr(at_, 1);
    bad_ = std::move(what);
  }

  std::string_view text_;
  const Plan& plan_;
  RequirementMistake& mistake_;
  Requirement result_;
  Token token_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t terms_ = 0;
  std::string bad_;
};

void Parser::Next() {
  const bool after_operator = token_.type == Type::kOperator;
  while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  token_ = {.type = Type::kEnd, .text = {}, .at = at_, .op = Op::kTrue, .quoted = false};
  if (at_ == text_.size()) return;
  const char c = text_[at_];
  if (c == '(') return Take(Type::kOpen, 1);
  if (c == ')') return Take(Type::kClose, 1);
  if (c == '"') return QuotedSkill();
  if (StartsName(c)) return Word();
  const bool negative = c == '-' && after_operator && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]);
  if (IsDigit(c) || negative) {
    size_t size = 1;
    while (at_ + size < text_.size() && IsDigit(text_[at_ + size])) ++size;
    if (at_ + size < text_.size() && ContinuesName(text_[at_ + size])) {
      return Bad("a level is a whole number; a skill whose name begins with a digit stands in double quotes");
    }
    return Take(Type::kNumber, size);
  }
  Operator();
}

void Parser::Operator() {
  struct Spelling {
    std::string_view text;
    Op op;
  };
  // Longer spellings first.
  static constexpr Spelling kSpellings[] = {{"==", Op::kEqual},        {"!=", Op::kNotEqual}, {"<=", Op::kLessEqual},
                                            {">=", Op::kGreaterEqual}, {"=", Op::kEqual},     {"<", Op::kLess},
                                            {">", Op::kGreater}};
  for (const Spelling& spelling : kSpellings) {
    if (text_.substr(at_, spelling.text.size()) != spelling.text) continue;
    token_.op = spelling.op;
    return Take(Type::kOperator, spelling.text.size());
  }
  const char c = text_[at_];
  if (c == '-') return Bad(std::string(kNegative));
  if (c == '&') return Bad("write \"and\"");
  if (c == '|') return Bad("write \"or\"");
  if (c == '!') return Bad("write \"not\", or \"!=\" for unequal");
  Bad("unexpected " + Quoted(text_.substr(at_, 1)) +
      "; a skill with such a letter in its name stands in double quotes");
}

void Parser::QuotedSkill() {
  if (QuotedName()) token_.type = Type::kSkill;
}

bool Parser::QuotedName() {
  const size_t end = text_.find('"', at_ + 1);
  if (end == std::string_view::npos || end == at_ + 1) {
    Bad(end == at_ + 1 ? "a skill's name is missing between the double quotes" : "the double quote is not closed");
    return false;
  }
  token_.quoted = true;
  token_.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return true;
}

void Parser::Word() {
  size_t size = 1;
  while (at_ + size < text_.size() && ContinuesName(text_[at_ + size])) ++size;
  const std::string_view word = text_.substr(at_, size);
  Take(word == "and"    ? Type::kAnd
       : word == "or"   ? Type::kOr
       : word == "not"  ? Type::kNot
       : word == "true" ? Type::kTrue
                        : Type::kSkill,
       size);
  for (const auto& [prefix, type] : {std::pair(kOfContact, Type::kContact), std::pair(kOfAgent, Type::kAgent)}) {
    if (word.substr(0, prefix.size()) != prefix) continue;
    token_.type = type;
    token_.text = word.substr(prefix.size());
    // contact."hot line"
    if (token_.text.empty() && at_ < text_.size() && text_[at_] == '"' && !QuotedName()) return;
  }
}

}  // namespace

std::optional<Requirement> ParseRequirement(std::string_view text, const Plan& plan, RequirementMistake* mistake) {
  return Parser(text, plan, mistake).Parse();
}

}  // namespace koble::plan
