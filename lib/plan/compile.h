// From the plan as written to the plan that the engine reads: references resolved, the whole validated.
#ifndef KOBLE_LIB_PLAN_COMPILE_H_
#define KOBLE_LIB_PLAN_COMPILE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/mistakes.h"
#include "plan/plan.h"
#include "plan/spec.h"

namespace koble::plan {

// Ordered, because Abseil's tables do not survive memory that runs out while they grow.
using Index = std::map<std::string, uint32_t, std::less<>>;

// What name leads to what number, and the profiles, which nothing but the resolution of agents needs.
struct Plan::Lookup {
  Index channels, labels, skills, queues, agents, profiles, attributes, values;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> media;  // by channel and label
  std::vector<std::string> profile_names;
  std::vector<Capability> profile_capabilities;
};

std::optional<uint32_t> Find(const Index& index, std::string_view name);

// Says where a part of an agent or profile stands: ("skills") -> "agents[2].skills" or "agent "A"".
using Where = std::function<std::string(const char* part)>;

// Reports profile, skills and channels that the plan lacks.
void CheckAgent(const Plan& plan, const AgentSpec& agent, const Where& where, Mistakes* mistakes);
// An agent's own entries laid over its profile; what the plan lacks is passed over.
Capability ResolveAgent(const Plan& plan, const AgentSpec& agent);

// "unknown channel "chta"; did you mean "chat"?"
std::string UnknownChannel(const Plan& plan, std::string_view name);

std::string UnknownLabel(const Plan& plan, std::string_view name);

// The media that queues make of channels and labels, and what these are to each other; names have their numbers. Part of Compile.
void CompileMedia(const PlanSpec& spec, Plan* plan, Plan::Lookup* lookup, Mistakes* mistakes, Mistakes* warnings);
// Contacts at once of an agent's media, from those of channels and labels.
void SettleMedia(const Plan& plan, Capability* capability);

// Compiles all but agents' bytes, binary form and hash. What is wrong goes to `mistakes`, and what is only strange to
// `warnings`. Outcome settings that say what holds anyway are taken out of `spec`, so that equal plans get equal bytes.
std::shared_ptr<Plan> Compile(PlanSpec* spec, Mistakes* mistakes, Mistakes* warnings);

// Tables of queues, once the queues are there: `plan` receives the tables, its queues their delays, and the capability of each profile its table.
void CompileTables(const PlanSpec& spec, Plan* plan, std::vector<Capability>* profiles, Mistakes* mistakes,
                   Mistakes* warnings);

// Policies of profiles and queues, once both are there: `plan` receives their names, each once.
void CompilePolicies(const PlanSpec& spec, Plan* plan, std::vector<Capability>* profiles, Mistakes* mistakes);

// Appends queue `number` once more, with the rules of `spec`, which is otherwise that queue's. All else of `plan` is there.
void CompileKept(QueueSpec* spec, uint32_t number, Plan* plan, Mistakes* mistakes);

// Queues; the rest of `plan` is there. Part of Compile.
void CompileQueues(PlanSpec* spec, Plan* plan, Mistakes* mistakes, Mistakes* warnings);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_COMPILE_H_
