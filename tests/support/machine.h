// What the reference router and the engine, behind its C API, have in common: commands in, answers out.
#ifndef KOBLE_TESTS_SUPPORT_MACHINE_H_
#define KOBLE_TESTS_SUPPORT_MACHINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "koble/koble.h"
#include "support/random_run.h"

namespace koble::testing {

struct Answer {
  koble_result result = KOBLE_RESULT_INIT;
  std::vector<koble_event> events;
};

class Machine {
 public:
  virtual ~Machine() = default;
  virtual Answer Apply(const Command& command) = 0;
  virtual int64_t NextDeadline() const = 0;
  // What the contact brought along, in order of keys; empty where it is none.
  virtual std::vector<koble_attribute> AttributesOf(koble_id contact) const = 0;
  virtual std::vector<std::string> Symbols() const = 0;  // by number
};

std::unique_ptr<Machine> MakeReference(const Script& run);

// A command and an event as one line, for people.
std::string Describe(const Command& command);
std::string Describe(const koble_event& event);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_MACHINE_H_
