// Words and signs of requirements and of conditions of steps. docs/plan.md has the grammar.
#ifndef KOBLE_LIB_PLAN_REQUIREMENT_LEXER_H_
#define KOBLE_LIB_PLAN_REQUIREMENT_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/requirement.h"

namespace koble::plan {

struct RequirementToken {
  enum class Type : uint8_t {
    kEnd,
    kSkill,
    kContact,
    kAgent,
    kNumber,
    kOperator,
    kArithmetic,
    kOpen,
    kClose,
    kOpenStep,
    kCloseStep,
    kAnd,
    kOr,
    kNot,
    kTrue,
    kBad
  };
  Type type = Type::kEnd;
  std::string_view text;  // as it stands; without quotes, and of an attribute its name
  size_t at = 0;
  Requirement::Op op = Requirement::Op::kTrue;  // of kOperator and kArithmetic
  bool quoted = false;
};

// One token after the other. The text must outlive it and its tokens.
class RequirementLexer {
 public:
  // `brackets`: whether free[n] is written.
  RequirementLexer(std::string_view text, bool brackets) : text_(text), brackets_(brackets) {}
  // kEnd at the end, again and again; kBad for what is none.
  RequirementToken Next();
  // What is wrong with a token that is kBad, and what to write instead.
  const std::string& complaint() const { return complaint_; }

 private:
  void Number();
  void Operator();
  bool QuotedName();
  void Word();
  void Take(RequirementToken::Type type, size_t size);
  void Bad(std::string what);

  std::string_view text_;
  bool brackets_;
  RequirementToken token_;
  size_t at_ = 0;
  std::string complaint_;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_REQUIREMENT_LEXER_H_
