// What the JSON and the binary reader ask of single values, and in which words they refuse them.
#ifndef KOBLE_LIB_PLAN_VALUES_H_
#define KOBLE_LIB_PLAN_VALUES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/description.h"

namespace koble::plan {

bool InRange(const Field& field, int64_t value);
// " or "never"", for each word that may stand in place of a duration.
std::string OrWords(const Field& field, char quote);
std::string OutOfRange(const Field& field, int64_t value);

// What is wrong with a text; empty where nothing is.
std::string TextMistake(const Field& field, std::string_view text);

// "a duration such as "20s"": what may stand in the field.
std::string Expected(const Field& field);

// A number in the unit of its field as people write it: 20000000000 -> "20s" (with its quotes where JSON has them).
std::string Shown(const Field& field, int64_t value);

// A number or text that a writer leaves out because its absence says the same.
bool IsLeftOut(const Field& field, int64_t value);

// Puts entries in the order of their names. Returns the name that occurs twice, or null.
const std::string* SortLevels(std::vector<LevelSpec>* levels);

const Field* FindField(const Struct& type, std::string_view key);
const Field* FindField(const Struct& type, uint32_t number);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_VALUES_H_
