// Random runs: a plan, an engine's options and commands, some of them hostile. Everything follows from a seed.
#ifndef KOBLE_TESTS_SUPPORT_RANDOM_RUN_H_
#define KOBLE_TESTS_SUPPORT_RANDOM_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "koble/koble.h"
#include "reference/router.h"
#include "support/random.h"
#include "support/random_plan.h"

namespace koble::testing {

struct Command {
  koble_command command = {};  // data_offset counts into `data`
  std::string data;
  std::vector<koble_attribute> attributes;  // attributes_offset counts into them
};

struct Script {
  uint64_t seed = 0;
  std::string plan;  // JSON
  reference::Options options;
  std::vector<Command> commands;
};

struct RunShape {
  size_t commands = 300;
  bool large = false;           // dozens of agents and queues, hundreds of contacts
  bool hostile = true;          // values out of range, made-up ids, times that go back
  bool limits = true;           // max_contacts, max_agents, max_step
  bool plan_changes = true;     // plans replaced
  bool resumes = true;          // restarts
  bool default_outage = false;  // what an outage does is left to the defaults
};

// The commands are drawn while the reference router runs them, so that most of them name things that live.
Script RandomRun(uint64_t seed, const RunShape& shape);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_RANDOM_RUN_H_
