// Random plans over the whole language: few names and round times, so that things collide.
#ifndef KOBLE_TESTS_SUPPORT_RANDOM_PLAN_H_
#define KOBLE_TESTS_SUPPORT_RANDOM_PLAN_H_

#include <string>
#include <vector>

#include "support/random.h"

namespace koble::testing {

// One entry of a list of the plan, as JSON.
struct Entry {
  std::string name;
  std::string json;
};

// A plan in pieces, so that a changed one can be made from it.
struct PlanText {
  std::vector<Entry> channels;
  std::vector<std::string> skills;
  std::vector<Entry> profiles;
  std::vector<Entry> agents;
  std::vector<Entry> queues;
  std::vector<Entry> attributes;
  std::vector<Entry> labels;
  std::string outage;
  bool large = false;     // dozens of agents, skills and queues
  bool policies = false;  // the host chooses here and there

  std::string Json() const;
};

PlanText RandomPlan(bool large, Random* random);
inline PlanText RandomPlan(Random* random) { return RandomPlan(false, random); }
// What an operator's next version looks like: grown, shrunk, reordered, sometimes not valid.
PlanText ChangedPlan(const PlanText& plan, Random* random);
// {"name": ..., ...} of one agent for commands; mostly resolvable against `plan`.
std::string RandomAgent(const PlanText& plan, const std::string& name, Random* random);
// A name of an attribute or of a value, or, rarely, of neither.
std::string RandomSymbol(Random* random);
// "A" to "J", or to "J7" in a large plan.
std::string RandomAgentName(const PlanText& plan, Random* random);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_RANDOM_PLAN_H_
