// The one description of the plan's language: a table of fields for each struct of spec.h.
//
// The JSON reader and writer, the binary form, the JSON Schema, plan.proto and the reference table of docs/plan.md are
// all loops over these tables, so that a field added here exists everywhere at once and nowhere differently.
#ifndef KOBLE_LIB_PLAN_DESCRIPTION_H_
#define KOBLE_LIB_PLAN_DESCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plan/spec.h"

namespace koble::plan {

enum class Kind : uint8_t {
  kName,         // std::string of 1 to 100 bytes
  kRequirement,  // std::string: an expression over what agents have
  kCondition,    // std::string: an expression over counters
  kInteger,      // int64_t
  kDecimal,      // int64_t, millionths
  kDuration,     // int64_t, nanoseconds
  kBoolean,      // int64_t, 0 or 1
  kWord,         // int64_t, index into `words`
  kStruct,       // a struct by value; absent is the same as all defaults
  kList,         // std::vector of structs
  kNames,        // std::vector<std::string>
  kLevels,       // std::vector<LevelSpec>; in JSON an object from names to integers
  kValues,       // std::vector<LevelSpec>; in JSON an object from names to integers or names
};

struct Struct;

// A word that may stand in place of a duration, and the number that stands for it.
struct Instead {
  std::string_view word;
  int64_t value;
};

struct Field {
  std::string_view key;
  uint32_t number = 0;  // in the binary form; never reused
  Kind kind = Kind::kInteger;
  void* (*member)(void* object) = nullptr;
  std::string_view documentation;

  int64_t standard = kAbsent;  // the default; kAbsent: none
  int64_t minimum = 0;         // of a number (for kLevels and kValues: of each)
  int64_t maximum = INT64_MAX;
  bool required = false;
  std::span<const Instead> instead;  // words that a duration may be, too
  int64_t on_true = kAbsent;         // a duration that may also be true (this value) or false (absent)
  std::string_view standard_note;    // says the default in words, where it is no single value
  std::span<const std::string_view> words;
  size_t least = 0;  // entries of a list that is given
  size_t most = 0;

  const Struct* type = nullptr;  // of kStruct and of the entries of kList
  void* (*append)(void* list) = nullptr;
  size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, size_t index) = nullptr;

  template <class T>
  T& In(void* object) const {
    return *static_cast<T*>(member(object));
  }
  template <class T>
  const T& In(const void* object) const {
    return *static_cast<const T*>(member(const_cast<void*>(object)));
  }
  bool IsNumber() const { return kind >= Kind::kInteger && kind <= Kind::kWord; }
  bool IsText() const { return kind <= Kind::kCondition; }
  bool IsLevels() const { return kind == Kind::kLevels || kind == Kind::kValues; }
};

struct Struct {
  std::string_view name;  // of the message in plan.proto
  std::string_view documentation;
  std::span<const Field> fields;  // by number
};

extern const Struct& kPlanStruct;
extern const Struct& kAgentStruct;
extern const Struct& kLevelStruct;                          // the entries of kLevels in the binary form
extern const Struct& kValueStruct;                          // of kValues
extern const std::span<const std::string_view> kModeWords;  // of offers, by OfferMode

// Every struct once, those that others need first.
std::span<const Struct* const> AllStructs();

inline constexpr int64_t kLongest = 3155760000 * kSecond;  // KOBLE_DURATION_MAX: 100 years
inline constexpr size_t kNameBytes = 100;
inline constexpr size_t kRequirementBytes = 65536;
inline constexpr size_t kInputBytes = size_t{256} << 20;

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_DESCRIPTION_H_
