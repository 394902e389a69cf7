#include "plan/values.h"

#include <algorithm>

#include "plan/plan.h"
#include "plan/text.h"

namespace koble::plan {

bool InRange(const Field& field, int64_t value) {
  return (value >= field.minimum && value <= field.maximum) ||
         std::any_of(field.instead.begin(), field.instead.end(),
                     [&](const Instead& one) { return one.value == value; });
}

std::string OrWords(const Field& field, char quote) {
  std::string text;
  for (const Instead& one : field.instead) text += " or " + (quote + std::string(one.word) + quote);
  return text;
}

std::string Shown(const Field& field, int64_t value) {
  switch (field.kind) {
    case Kind::kDecimal:
      return FormatDecimal(value);
    case Kind::kDuration:
      for (const Instead& one : field.instead) {
        if (value == one.value) return '"' + std::string(one.word) + '"';
      }
      if (value == kNever) return "\"never\"";
      return value < 0 ? std::to_string(value) + " ns" : '"' + FormatDuration(value) + '"';
    case Kind::kBoolean:
      return value == 0 ? "false" : value == 1 ? "true" : std::to_string(value);
    case Kind::kWord:
      if (value < 0 || value >= static_cast<int64_t>(field.words.size())) return std::to_string(value);
      return '"' + std::string(field.words[static_cast<size_t>(value)]) + '"';
    default:
      return std::to_string(value);
  }
}

std::string OutOfRange(const Field& field, int64_t value) {
  if (field.minimum == field.maximum) {
    return Shown(field, value) + " is not known to this version of Koble, which reads " + Shown(field, field.minimum);
  }
  return Shown(field, value) + " is out of range; allowed is " + Shown(field, field.minimum) + " to " +
         Shown(field, field.maximum) + OrWords(field, '"');
}

std::string TextMistake(const Field& field, std::string_view text) {
  // Nearly all: a short name of plain ASCII.
  if (!text.empty() && text.size() <= kNameBytes &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
    return "";
  }
  if (!IsUtf8(text)) return "the text is not UTF-8";
  if (field.kind == Kind::kCondition && text.empty()) return "the condition is empty; leave the key out";
  if (field.kind == Kind::kRequirement || field.kind == Kind::kCondition) {
    if (text.size() <= kRequirementBytes) return "";
    return std::string(field.kind == Kind::kRequirement ? "the requirement has " : "the condition has ") +
           std::to_string(text.size()) + " bytes; at most " + std::to_string(kRequirementBytes) + " are allowed";
  }
  if (text.empty()) return "the name is empty; give it 1 to 100 bytes";
  if (text.size() > kNameBytes) {
    return "the name has " + std::to_string(text.size()) + " bytes; at most 100 are allowed";
  }
  if (HasControl(text)) return Quoted(text) + " contains a control character; names are plain text";
  return "";
}

std::string Expected(const Field& field) {
  switch (field.kind) {
    case Kind::kName:
      return "a name in quotes";
    case Kind::kRequirement:
      return "a requirement such as \"en >= 2 and no\"";
    case Kind::kCondition:
      return "a condition such as \"free[1] >= 2 and waiting > 10\"";
    case Kind::kLevels:
      return "an object such as {\"name\": 2}";
    case Kind::kValues:
      return "an object such as {\"name\": \"value\"} or {\"name\": 2}";
    case Kind::kInteger:
      return "a whole number from " + std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
    case Kind::kDecimal:
      return "a number from " + FormatDecimal(field.minimum) + " to " + FormatDecimal(field.maximum) +
             " with at most six decimals";
    case Kind::kDuration:
      return std::string("a duration such as \"20s\"") + OrWords(field, '"') +
             (field.on_true != kAbsent ? " or true" : "");
    case Kind::kBoolean:
      return "true or false";
    case Kind::kWord: {
      std::string text = field.words.size() > 1 ? "one of " : "";
      for (const std::string_view word : field.words) {
        if (word != field.words.front()) text += ", ";
        text += '"' + std::string(word) + '"';
      }
      return text;
    }
    case Kind::kStruct:
      return "an object {...}";
    case Kind::kList:
      return "a list [{...}, ...]";
    case Kind::kNames:
      return "a list of names";
  }
  return "";
}

bool IsLeftOut(const Field& field, int64_t value) {
  return value == kAbsent || (!field.required && value == field.standard);
}

const std::string* SortLevels(std::vector<LevelSpec>* levels) {
  const auto by_name = [](const LevelSpec& a, const LevelSpec& b) { return a.name < b.name; };
  if (!std::is_sorted(levels->begin(), levels->end(), by_name)) {
    std::stable_sort(levels->begin(), levels->end(), by_name);
  }
  const auto twice = std::adjacent_find(levels->begin(), levels->end(),
                                        [](const LevelSpec& a, const LevelSpec& b) { return a.name == b.name; });
  return twice == levels->end() ? nullptr : &twice->name;
}

const Field* FindField(const Struct& type, std::string_view key) {
  for (const Field& field : type.fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

const Field* FindField(const Struct& type, uint32_t number) {
  // Numbers run from 1 without gaps until a field is taken out of the language.
  if (number - 1 < type.fields.size() && type.fields[number - 1].number == number) return &type.fields[number - 1];
  for (const Field& field : type.fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

}  // namespace koble::plan
