// The words of events: their names, the fields that may be written after them, the words of reasons and errors.
#ifndef KOBLE_LIB_TRANSCRIPT_WORDS_H_
#define KOBLE_LIB_TRANSCRIPT_WORDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "koble/koble.h"

namespace koble::transcript {

// How a field is written.
enum class Value : uint8_t {
  kContact,   // c1, or a name given by `arrive q -> name`
  kId,        // of something that may never have lived: c1, o1, e1, or contact:SLOT:GENERATION
  kOffer,     // o1; an engagement has its offer's name
  kAgent,     // a name
  kQueue,     // a name, or `none`
  kReason,    // a word that depends on the event
  kCause,     // why an offer was withdrawn: contact agent plan restart
  kTime,      // an absolute time; `none` for 0, `never`
  kDuration,  // the same without `none`, or a time behind a number
  kNumber,
  kSkill,    // a skill's name in the plan in force
  kChanges,  // words of a mask of KOBLE_CHANGE_, joined by +
};

// Where the value is found in koble_event.
enum class Slot : uint8_t {
  kContact,
  kOffer,
  kEngagement,
  kGroup,
  kAgent,
  kQueue,
  kReason,
  kA,
  kB,
  kRef,
  kSerial,
  kSeq,
  kTenant,
  kJournal,
  kTime,
  kDue
};

struct Field {
  std::string_view key;
  Value value;
  Slot slot;
  // Written by --rewrite: always, never, or only where it is not 0.
  enum class Shown : uint8_t { kAlways, kNever, kNotZero } shown;
  bool positional = true;  // may be written without its key
};

// Fields of one kind of event in the order in which they are written.
std::span<const Field> EventFields(uint32_t kind);
// Fields that every event has, written as key=value only.
std::span<const Field> CommonFields();
// By key, among both; null if there is none.
const Field* FindField(uint32_t kind, std::string_view key);

std::optional<uint32_t> FindEvent(std::string_view name);
std::optional<uint32_t> FindReason(uint32_t event_kind, std::string_view word);
std::optional<uint32_t> FindCause(std::string_view word);
// "priority+credit" of a mask of KOBLE_CHANGE_, and back.
std::string ChangeWords(int64_t mask);
std::optional<int64_t> FindChanges(std::string_view words);
std::optional<int32_t> FindError(std::string_view word);
const char* CauseName(uint32_t cause);  // null if none

// For messages: "offered o1 c1 A q [expires=TIME group=O]", "abandoned, withdrawn, ...".
std::string EventUsage(uint32_t kind);
std::string ReasonWords(uint32_t event_kind);
std::string EventWords();
// "did you mean ..." or all events.
std::string EventAdvice(std::string_view wrong);
std::string ErrorWords();

inline constexpr uint32_t kReasonsMax = 32;  // no kind of event has that many

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_WORDS_H_
