#include "plan/requirement_parser.h"

#include <algorithm>

#include "plan/text.h"

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Term = Requirement::Term;

constexpr int64_t kTopLevel = 1'000'000;

struct Token {
  enum class Type : uint8_t { kEnd, kSkill, kNumber, kOperator, kOpen, kClose, kAnd, kOr, kNot, kTrue, kBad };
  Type type = Type::kEnd;
  std::string_view text;  // as it stands; of a quoted skill without its quotes
  size_t at = 0;
  Op op = Op::kTrue;  // of kOperator
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
  Parser(std::string_view text, const FindSkill& find, RequirementMistake* mistake)
      : text_(text), find_(find), mistake_(*mistake) {}

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
      case Type::kNumber:
        return Fail("expected a skill, got number " + std::string(token_.text) +
                    "; write the skill first, as in \"en >= 2\", and a skill whose name begins so in double quotes");
      default:
        return Unexpected("a skill");
    }
  }

  bool Comparison() {
    const std::string_view name = token_.text;
    if (!Count()) return false;
    Term term{.op = Op::kGreaterEqual, .skill = 0, .level = 1};
    const auto skill = find_(name);
    if (skill) {
      term.skill = *skill;
    } else if (std::find(mistake_.unknown_skills.begin(), mistake_.unknown_skills.end(), name) ==
               mistake_.unknown_skills.end()) {
      mistake_.unknown_skills.emplace_back(name);
    }
    Next();
    if (token_.type == Type::kOperator) {
      term.op = token_.op;
      Next();
      if (!Level(&term.level)) return false;
    }
    return Emit(term);
  }

  bool Level(int32_t* level) {
    if (token_.type != Type::kNumber) return Unexpected("a level, a whole number from 0 to 1000000");
    int64_t value = 0;
    for (const char c : token_.text) value = std::min<int64_t>(value * 10 + (c - '0'), kTopLevel + 1);
    if (value > kTopLevel) {
      return Fail("level " + std::string(token_.text.substr(0, 20)) + " is out of range; allowed is 0 to 1000000");
    }
    *level = static_cast<int32_t>(value);
    Next();
    return true;
  }

  bool Emit(const Term& term) {
    result_.program.push_back(term);
    return true;
  }
  bool Count() {
    return ++terms_ <= kTerms || Fail("more than " + std::to_string(kTerms) + " skills in one requirement");
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
  const FindSkill& find_;
  RequirementMistake& mistake_;
  Requirement result_;
  Token token_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t terms_ = 0;
  std::string bad_;
};

void Parser::Next() {
  while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  token_ = {.type = Type::kEnd, .text = {}, .at = at_, .op = Op::kTrue};
  if (at_ == text_.size()) return;
  const char c = text_[at_];
  if (c == '(') return Take(Type::kOpen, 1);
  if (c == ')') return Take(Type::kClose, 1);
  if (c == '"') return QuotedSkill();
  if (StartsName(c)) return Word();
  if (IsDigit(c)) {
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
  if (c == '-') return Bad("levels are not negative, and a skill whose name begins with \"-\" stands in double quotes");
  if (c == '&') return Bad("write \"and\"");
  if (c == '|') return Bad("write \"or\"");
  if (c == '!') return Bad("write \"not\", or \"!=\" for unequal");
  Bad("unexpected " + Quoted(text_.substr(at_, 1)) +
      "; a skill with such a letter in its name stands in double quotes");
}

void Parser::QuotedSkill() {
  const size_t end = text_.find('"', at_ + 1);
  if (end == std::string_view::npos) return Bad("the double quote is not closed");
  if (end == at_ + 1) return Bad("a skill's name is missing between the double quotes");
  token_.type = Type::kSkill;
  token_.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
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
}

}  // namespace

std::optional<Requirement> ParseRequirement(std::string_view text, const FindSkill& find, RequirementMistake* mistake) {
  return Parser(text, find, mistake).Parse();
}

}  // namespace koble::plan
