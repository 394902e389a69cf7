// What `expect` can ask: the machine's queries as keys and values.
#ifndef KOBLE_LIB_TRANSCRIPT_QUERY_H_
#define KOBLE_LIB_TRANSCRIPT_QUERY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/machine.h"
#include "transcript/names.h"
#include "transcript/script.h"

namespace koble::transcript {

struct Fact {
  enum class Kind : uint8_t { kNumber, kTime, kTimeOrNone, kWord };  // kTimeOrNone: 0 is `none`
  std::string key;                                                   // "" where the subject has one value only
  Kind kind = Kind::kNumber;
  int64_t number = 0;
  std::string word;

  std::string Text() const;
  bool Is(std::string_view value) const;
};

struct Answer {
  int32_t code = KOBLE_OK;
  std::vector<Fact> facts;
};

// Whether the plan declares names for the values of the attribute.
bool IsSymbolic(std::string_view attribute, const plan::Plan& plan);

// Everything but `digest`. `last` is the result of the last command.
Answer Ask(const Statement& statement, const Machine& machine, const Names& names, const Machine::Result& last);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_QUERY_H_
