#include "plan/documents.h"

#include <string_view>

#include "plan/description.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

std::string Upper(std::string_view key) {
  std::string text;
  for (const char c : key) text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// "at_deadline" -> "AtDeadline"
std::string Camel(std::string_view key) {
  std::string text;
  bool start = true;
  for (const char c : key) {
    if (c != '_') text += start ? Upper(std::string_view(&c, 1)) : std::string(1, c);
    start = c == '_';
  }
  return text;
}

std::string ProtoType(const Field& field) {
  switch (field.kind) {
    case Kind::kName:
    case Kind::kRequirement:
    case Kind::kCondition:
    case Kind::kNames:
      return "string";
    case Kind::kInteger:
    case Kind::kDecimal:
    case Kind::kDuration:
      return "int64";
    case Kind::kBoolean:
      return "bool";
    case Kind::kWord:
      return Camel(field.key);
    case Kind::kLevels:
      return std::string(kLevelStruct.name);
    case Kind::kValues:
      return std::string(kValueStruct.name);
    case Kind::kStruct:
    case Kind::kList:
      return std::string(field.type->name);
  }
  return "";
}

std::string ProtoWord(const Field& field, int64_t value) {
  return Upper(field.key) + "_" + Upper(field.words[static_cast<size_t>(value)]);
}

std::string ProtoDefault(const Field& field) {
  if (!field.IsNumber() || field.required || field.standard == kAbsent || field.standard == 0) return "";
  const std::string value = field.kind == Kind::kWord      ? ProtoWord(field, field.standard)
                            : field.kind == Kind::kBoolean ? Shown(field, field.standard)
                                                           : std::to_string(field.standard);
  return " [default = " + value + "]";
}

std::string ProtoUnit(const Field& field) {
  if (field.kind == Kind::kDecimal) return " Millionths.";
  if (field.kind != Kind::kDuration) return "";
  std::string text = " Nanoseconds";
  for (const Instead& one : field.instead) text += "; " + std::to_string(one.value) + ": " + std::string(one.word);
  return text + ".";
}

void ProtoMessage(const Struct& type, std::string* out) {
  *out += "\n// " + std::string(type.documentation) + "\nmessage " + std::string(type.name) + " {\n";
  for (const Field& field : type.fields) {
    if (field.kind != Kind::kWord) continue;
    *out += "  enum " + Camel(field.key) + " {\n";
    for (size_t i = 0; i < field.words.size(); ++i) {
      *out += "    " + ProtoWord(field, static_cast<int64_t>(i)) + " = " + std::to_string(i) + ";\n";
    }
    *out += "  }\n";
  }
  for (const Field& field : type.fields) {
    *out += "  // " + std::string(field.documentation) + ProtoUnit(field) + "\n";
    *out += field.append != nullptr ? "  repeated " : "  optional ";
    *out += ProtoType(field) + " " + std::string(field.key) + " = " + std::to_string(field.number);
    *out += ProtoDefault(field) + ";\n";
  }
  *out += "}\n";
}

std::string Anchor(const Struct& type) {
  std::string text;
  for (const char c : type.name) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return "[" + std::string(type.name) + "](#" + text + ")";
}

// "`20s`", without the quotes of JSON.
std::string Code(std::string text) {
  if (text.size() > 1 && text.front() == '"') text = text.substr(1, text.size() - 2);
  return "`" + text + "`";
}

std::string RangeText(const Field& field) {
  return Code(Shown(field, field.minimum)) + " to " + Code(Shown(field, field.maximum));
}

std::string TypeText(const Field& field) {
  switch (field.kind) {
    case Kind::kName:
      return "name";
    case Kind::kRequirement:
      return "requirement";
    case Kind::kCondition:
      return "condition";
    case Kind::kInteger:
      return field.minimum == field.maximum ? Code(Shown(field, field.minimum)) : "integer, " + RangeText(field);
    case Kind::kDecimal:
      return "decimal, " + RangeText(field);
    case Kind::kDuration:
      return std::string("duration") + (field.minimum > 0 ? " above 0" : "") + OrWords(field, '`') +
             (field.on_true != kAbsent ? ", `true` or `false`" : "");
    case Kind::kBoolean:
      return "`true` or `false`";
    case Kind::kWord: {
      std::string text;
      for (const std::string_view word : field.words) text += (text.empty() ? "" : ", ") + Code(std::string(word));
      return text;
    }
    case Kind::kStruct:
      return Anchor(*field.type);
    case Kind::kList:
      return "list of " + Anchor(*field.type) + ", at most " + std::to_string(field.most);
    case Kind::kNames:
      return "list of names, at most " + std::to_string(field.most);
    case Kind::kLevels:
      return "object: name to integer, 0 to " + std::to_string(field.maximum);
    case Kind::kValues:
      return "object: name to name, or to integer, " + std::to_string(field.minimum) + " to " +
             std::to_string(field.maximum);
  }
  return "";
}

std::string DefaultText(const Field& field) {
  if (field.required) return "*required*";
  if (!field.standard_note.empty()) return std::string(field.standard_note);
  if (field.IsNumber()) return Code(Shown(field, field.standard));
  if (field.kind == Kind::kRequirement) return "anyone";
  return field.kind == Kind::kStruct ? "its defaults" : "none";
}

}  // namespace

std::string ProtoText() {
  std::string text =
      "// The binary form of a plan. Generated from lib/plan/description.cc, which is the place to change anything; a "
      "test\n"
      "// compares, and KOBLE_REWRITE=1 makes it write this file anew.\n"
      "//\n"
      "// A file is \"KP\", the byte 1, and a message Plan (for one agent: \"KA\", the byte 1, and a message Agent). "
      "Koble\n"
      "// writes it canonically: fields by number, defaults left out, entries of Level and Value by rising name. It "
      "reads any "
      "order, but\n"
      "// no field that is not listed here. What is required, and what values are allowed, stands in docs/plan.md.\n"
      "syntax = \"proto2\";\n\npackage koble.plan.v1;\n\noption optimize_for = LITE_RUNTIME;\n";
  for (const Struct* type : AllStructs()) ProtoMessage(*type, &text);
  return text;
}

std::string ReferenceTables() {
  std::string text;
  const auto structs = AllStructs();
  for (size_t i = structs.size(); i > 0; --i) {  // the whole first, then its parts
    const Struct& type = *structs[i - 1];
    if (&type == &kLevelStruct || &type == &kValueStruct) continue;
    text += "### " + std::string(type.name) + "\n\n" + std::string(type.documentation) + "\n\n";
    text += "| key | value | default | meaning |\n|---|---|---|---|\n";
    for (const Field& field : type.fields) {
      text += "| `" + std::string(field.key) + "` | " + TypeText(field) + " | " + DefaultText(field) + " | " +
              std::string(field.documentation) + " |\n";
    }
    text += "\n";
  }
  return text;
}

}  // namespace koble::plan
