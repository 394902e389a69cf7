// The committed texts that are generated from the description; tests compare them with what is generated now.
#ifndef KOBLE_LIB_PLAN_DOCUMENTS_H_
#define KOBLE_LIB_PLAN_DOCUMENTS_H_

#include <string>

namespace koble::plan {

std::string ProtoText();        // lib/plan/plan.proto
std::string ReferenceTables();  // the reference in docs/plan.md

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_DOCUMENTS_H_
