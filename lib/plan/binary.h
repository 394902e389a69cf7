// The binary form: the wire format of protobuf as plan.proto describes it, in one canonical spelling.
//
// Canonical: fields by rising number, defaults left out, names in a map by rising bytes. Equal plans have equal bytes.
#ifndef KOBLE_LIB_PLAN_BINARY_H_
#define KOBLE_LIB_PLAN_BINARY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/description.h"
#include "plan/mistakes.h"

namespace koble::plan {

// What stands before the message: two letters and the version of the form.
inline constexpr std::string_view kPlanPrefix = "KP\x01";
inline constexpr std::string_view kAgentPrefix = "KA\x01";

// Appends the message (without prefix) for a valid `object`.
void AppendBinary(const Struct& type, const void* object, std::string* out);

// Reads a message (prefix included) into `object`, a fresh struct. KOBLE_OK, or KOBLE_ERR_CORRUPT (damaged or cut),
// KOBLE_ERR_VERSION (a field or prefix of a version not known here) or KOBLE_ERR_PLAN (values that are not allowed).
int32_t ReadBinary(std::string_view bytes, std::string_view prefix, const Struct& type, void* object,
                   Mistakes* mistakes);

// The messages of the agents in the canonical bytes of a plan (prefix included); each lies inside `plan`.
std::vector<std::string_view> AgentMessages(std::string_view plan);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_BINARY_H_
