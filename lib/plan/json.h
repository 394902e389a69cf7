// JSON in and out, for any struct of the description.
#ifndef KOBLE_LIB_PLAN_JSON_H_
#define KOBLE_LIB_PLAN_JSON_H_

#include <string>
#include <string_view>

#include "plan/description.h"
#include "plan/mistakes.h"

namespace koble::plan {

// Reads `text` into `object`, a fresh struct described by `type`. Everything that is wrong goes to `mistakes`, in the
// order of the text; places are written like "queues[3].require", behind `prefix` and a point where it is not empty.
void ReadJson(std::string_view text, const Struct& type, std::string_view prefix, void* object, Mistakes* mistakes);

// Writes canonical JSON: fields in the order of the description, defaults left out, two spaces of indentation.
std::string WriteJson(const Struct& type, const void* object);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_JSON_H_
