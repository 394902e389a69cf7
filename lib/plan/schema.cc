// The JSON Schema of the plan's language, from its description.
#include "plan/description.h"
#include "plan/json_text.h"
#include "plan/plan.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

constexpr std::string_view kDurationPattern =
    "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?([0-9]+ns)?$";

void Bounds(const Field& field, JsonText* json) {
  json->RawPair("minimum", field.IsLevels() ? std::to_string(field.minimum) : Shown(field, field.minimum));
  json->RawPair("maximum", field.IsLevels() ? std::to_string(field.maximum) : Shown(field, field.maximum));
}

void Name(JsonText* json) {
  json->Pair("type", "string");
  json->RawPair("minLength", "1");
  json->RawPair("maxLength", std::to_string(kNameBytes));
}

void DurationForms(const Field& field, JsonText* json) {
  json->Key("anyOf");
  json->Open('[');
  json->Entry();
  json->Raw("{\"$ref\": \"#/$defs/duration\"}");
  for (const Instead& one : field.instead) {
    json->Entry();
    json->Raw("{\"const\": \"" + std::string(one.word) + "\"}");
  }
  if (field.on_true != kAbsent) {
    json->Entry();
    json->Raw("{\"type\": \"boolean\"}");
  }
  json->Close(']');
}

// The members that rule the value of a field.
void Rule(const Field& field, JsonText* json) {
  switch (field.kind) {
    case Kind::kName:
      Name(json);
      break;
    case Kind::kRequirement:
    case Kind::kCondition:
      json->Pair("type", "string");
      break;
    case Kind::kInteger:
      json->Pair("type", "integer");
      Bounds(field, json);
      break;
    case Kind::kDecimal:
      json->Pair("type", "number");
      Bounds(field, json);
      break;
    case Kind::kDuration:
      if (!field.instead.empty() || field.on_true != kAbsent) {
        DurationForms(field, json);
      } else {
        json->Pair("$ref", "#/$defs/duration");
      }
      break;
    case Kind::kBoolean:
      json->Pair("type", "boolean");
      break;
    case Kind::kWord:
      json->Key("enum");
      json->Open('[');
      for (const std::string_view word : field.words) {
        json->Entry();
        json->String(word);
      }
      json->Close(']');
      break;
    case Kind::kStruct:
      json->Pair("$ref", "#/$defs/" + std::string(field.type->name));
      break;
    case Kind::kList:
    case Kind::kNames:
      json->Pair("type", "array");
      json->RawPair("maxItems", std::to_string(field.most));
      json->Key("items");
      json->Open('{');
      if (field.kind == Kind::kList) {
        json->Pair("$ref", "#/$defs/" + std::string(field.type->name));
      } else {
        Name(json);
      }
      json->Close('}');
      break;
    case Kind::kLevels:
    case Kind::kValues:
      json->Pair("type", "object");
      if (field.least > 0) json->RawPair("minProperties", std::to_string(field.least));
      json->RawPair("maxProperties", std::to_string(field.most));
      json->Key("propertyNames");
      json->Open('{');
      Name(json);
      json->Close('}');
      json->Key("additionalProperties");
      json->Open('{');
      if (field.kind == Kind::kValues) {
        json->RawPair("type", "[\"integer\", \"string\"]");
        json->RawPair("minLength", "1");
        json->RawPair("maxLength", std::to_string(kNameBytes));
      } else {
        json->Pair("type", "integer");
      }
      Bounds(field, json);
      json->Close('}');
      break;
  }
}

void Object(const Struct& type, JsonText* json) {
  json->Pair("description", type.documentation);
  json->Pair("type", "object");
  json->RawPair("additionalProperties", "false");
  bool any_required = false;
  for (const Field& field : type.fields) any_required |= field.required;
  if (any_required) {
    json->Key("required");
    json->Open('[');
    for (const Field& field : type.fields) {
      if (!field.required) continue;
      json->Entry();
      json->String(field.key);
    }
    json->Close(']');
  }
  json->Key("properties");
  json->Open('{');
  for (const Field& field : type.fields) {
    json->Key(field.key);
    json->Open('{');
    json->Pair("description", field.documentation);
    Rule(field, json);
    if (field.IsNumber() && field.standard != kAbsent) json->RawPair("default", Shown(field, field.standard));
    json->Close('}');
  }
  json->Close('}');
}

std::string MakeSchema() {
  JsonText json;
  json.Open('{');
  json.Pair("$schema", "https://json-schema.org/draft/2020-12/schema");
  json.Pair("title", "Koble plan");
  Object(kPlanStruct, &json);
  json.Key("$defs");
  json.Open('{');
  json.Key("duration");
  json.Open('{');
  json.Pair("description",
            "A length of time such as \"500ms\", \"20s\", \"1m30s\", \"2h\" or \"1d\"; at most 100 years.");
  json.Pair("type", "string");
  json.Pair("pattern", kDurationPattern);
  json.Close('}');
  for (const Struct* type : AllStructs()) {
    if (type == &kPlanStruct || type == &kLevelStruct || type == &kValueStruct) continue;
    json.Key(type->name);
    json.Open('{');
    Object(*type, &json);
    json.Close('}');
  }
  json.Close('}');
  json.Close('}');
  return json.Take();
}

}  // namespace

const std::string& Schema() {
  static const std::string* const text = new std::string(MakeSchema());
  return *text;
}

}  // namespace koble::plan
