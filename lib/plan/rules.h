// Rules that outlive their plan. The *rules* of a queue say whom its contacts ask for: `require`, `steps` and `reserve`. Where a queue pins them
// (`pin_rules`), who has joined keeps them when the plan is replaced: the new plan then has that queue once more, behind its own, with the old rules and
// all else as it says itself (Plan::queues, kept).
#ifndef KOBLE_LIB_PLAN_RULES_H_
#define KOBLE_LIB_PLAN_RULES_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace koble::plan {

// Of each of the plan's queues, in order, those kept included: its name and its rules, as the binary form of a plan that says nothing else. Equal rules of
// equal names are equal bytes. Costs a reading of the whole plan.
std::vector<std::string> RulesOf(const Plan& plan);

// The plan, with queues behind its own that keep these rules. Null where it lacks something that they name; `report` then receives what. The names of the
// queues are in the plan.
std::shared_ptr<const Plan> KeepRules(const Plan& plan, std::span<const std::string> rules, std::string* report);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_RULES_H_
