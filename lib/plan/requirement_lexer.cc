#include "plan/requirement_lexer.h"

#include <utility>

#include "plan/text.h"

namespace koble::plan {
namespace {

using Op = Requirement::Op;
using Type = RequirementToken::Type;

constexpr std::string_view kOfContact = "contact.";
constexpr std::string_view kOfAgent = "agent.";

bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool ContinuesName(char c) { return StartsName(c) || IsDigit(c) || c == '-'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

RequirementToken RequirementLexer::Next() {
  while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  token_ = {.type = Type::kEnd, .text = {}, .at = at_, .op = Op::kTrue, .quoted = false};
  if (at_ == text_.size()) return token_;
  const char c = text_[at_];
  if (c == '(') {
    Take(Type::kOpen, 1);
  } else if (c == ')') {
    Take(Type::kClose, 1);
  } else if (c == '[' && brackets_) {
    Take(Type::kOpenStep, 1);
  } else if (c == ']' && brackets_) {
    Take(Type::kCloseStep, 1);
  } else if (c == '"') {
    if (QuotedName()) token_.type = Type::kSkill;
  } else if (StartsName(c)) {
    Word();
  } else if (IsDigit(c)) {
    Number();
  } else {
    Operator();
  }
  return token_;
}

void RequirementLexer::Number() {
  size_t size = 1;
  while (at_ + size < text_.size() && IsDigit(text_[at_ + size])) ++size;
  if (at_ + size == text_.size() || !ContinuesName(text_[at_ + size])) return Take(Type::kNumber, size);
  Bad("a level is a whole number; a skill whose name begins with a digit stands in double quotes, and before a minus "
      "a blank");
}

void RequirementLexer::Operator() {
  struct Spelling {
    std::string_view text;
    Op op;
  };
  // Longer spellings first.
  static constexpr Spelling kSpellings[] = {{"==", Op::kEqual},        {"!=", Op::kNotEqual}, {"<=", Op::kLessEqual},
                                            {">=", Op::kGreaterEqual}, {"=", Op::kEqual},     {"<", Op::kLess},
                                            {">", Op::kGreater},       {"+", Op::kAdd},       {"-", Op::kSubtract},
                                            {"*", Op::kMultiply},      {"/", Op::kDivide}};
  for (const Spelling& spelling : kSpellings) {
    if (text_.substr(at_, spelling.text.size()) != spelling.text) continue;
    token_.op = spelling.op;
    return Take(spelling.op >= Op::kAdd ? Type::kArithmetic : Type::kOperator, spelling.text.size());
  }
  const char c = text_[at_];
  if (c == '&') return Bad("write \"and\"");
  if (c == '|') return Bad("write \"or\"");
  if (c == '!') return Bad("write \"not\", or \"!=\" for unequal");
  Bad("unexpected " + Quoted(text_.substr(at_, 1)) +
      "; a skill with such a letter in its name stands in double quotes");
}

bool RequirementLexer::QuotedName() {
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

void RequirementLexer::Word() {
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

void RequirementLexer::Take(Type type, size_t size) {
  token_.type = type;
  token_.text = text_.substr(at_, size);
  at_ += size;
}

void RequirementLexer::Bad(std::string what) {
  token_.type = Type::kBad;
  token_.text = text_.substr(at_, 1);
  complaint_ = std::move(what);
}

}  // namespace koble::plan
