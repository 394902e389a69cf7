#include "plan/json.h"
#include "plan/json_text.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

void WriteObject(const Struct& type, const void* object, JsonText* json);

void WriteList(const Field& field, const void* list, JsonText* json) {
  const size_t count = field.size(list);
  if (count == 0) return;
  const bool levels = field.IsLevels();
  json->Key(field.key);
  json->Open(levels ? '{' : '[');
  for (size_t i = 0; i < count; ++i) {
    const void* entry = field.at(list, i);
    if (levels) {
      const auto& level = *static_cast<const LevelSpec*>(entry);
      if (level.text.empty()) {
        json->RawPair(level.name, std::to_string(level.level));
      } else {
        json->Pair(level.name, level.text);
      }
      continue;
    }
    json->Entry();
    if (field.kind == Kind::kNames) {
      json->String(*static_cast<const std::string*>(entry));
    } else {
      WriteObject(*field.type, entry, json);
    }
  }
  json->Close(levels ? '}' : ']');
}

void WriteMember(const Field& field, const void* object, JsonText* json) {
  const void* member = field.member(const_cast<void*>(object));
  if (field.IsText()) {
    const auto& text = *static_cast<const std::string*>(member);
    if (!text.empty()) json->Pair(field.key, text);
  } else if (field.IsNumber()) {
    const int64_t value = *static_cast<const int64_t*>(member);
    if (!IsLeftOut(field, value)) json->RawPair(field.key, Shown(field, value));
  } else if (field.kind == Kind::kStruct) {
    // An object that turns out empty says nothing and is taken back.
    const JsonText::Mark mark = json->Here();
    json->Key(field.key);
    const size_t before = json->Here().size;
    WriteObject(*field.type, member, json);
    if (json->Here().size == before + 2) json->BackTo(mark);
  } else {
    WriteList(field, member, json);
  }
}

void WriteObject(const Struct& type, const void* object, JsonText* json) {
  json->Open('{');
  for (const Field& field : type.fields) WriteMember(field, object, json);
  json->Close('}');
}

}  // namespace

std::string WriteJson(const Struct& type, const void* object) {
  JsonText json;
  WriteObject(type, object, &json);
  return json.Take();
}

}  // namespace koble::plan
