// The verbs of transcripts: one table for the reader, the messages and the tests' coverage.
#ifndef KOBLE_LIB_TRANSCRIPT_VERBS_H_
#define KOBLE_LIB_TRANSCRIPT_VERBS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace koble::transcript {

enum class Act : uint8_t { kCommand, kExpect, kIgnore, kRebuild, kRemember, kAcknowledge, kAnswer, kOption };

struct Verb {
  std::string_view name;
  Act act;
  uint32_t kind;           // KOBLE_CMD_; Rebuild of kRebuild
  uint32_t code;           // outcome or by, where the verb says it
  std::string_view usage;  // for messages
  bool synonym = false;    // another spelling of a verb of the table
};

std::span<const Verb> Verbs();
// Null if there is none. Timed and untimed verbs are apart because `plan` is both.
const Verb* FindVerb(std::string_view name);
// "did you mean ..." or the whole list.
std::string VerbAdvice(std::string_view wrong);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_VERBS_H_
