// Random requirements and conditions, as a plan writes them.
#ifndef KOBLE_TESTS_SUPPORT_RANDOM_REQUIREMENT_H_
#define KOBLE_TESTS_SUPPORT_RANDOM_REQUIREMENT_H_

#include <string>
#include <vector>

#include "support/random.h"
#include "support/random_plan.h"

namespace koble::testing {

// What the attribute declares: the words of its list.
std::vector<std::string> ValuesOf(const Entry& attribute);
// Over the plan's skills and attributes; empty: whoever.
std::string RandomRequirement(const PlanText& plan, Random* random);
// Of a queue that has the steps 0 to `steps`.
std::string RandomCondition(const PlanText& plan, int64_t steps, Random* random);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_RANDOM_REQUIREMENT_H_
