// The engine against the reference router: the same commands, every answer and every event compared.
#ifndef KOBLE_TESTS_AGREEMENT_COMPARE_H_
#define KOBLE_TESTS_AGREEMENT_COMPARE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/machine.h"

namespace koble::testing {

using MakeMachine = std::function<std::unique_ptr<Machine>(const Script&)>;

struct Difference {
  size_t index = 0;  // of the command
  std::string what;
  Answer expected;  // the reference's
  Answer actual;    // the engine's
};

// The first difference, if there is one.
std::optional<Difference> Compare(const Script& run, const MakeMachine& make);

// A run with a difference, with everything left out that is not needed for there being one.
Script Shrink(Script run, const MakeMachine& make);

// Plan, options, the last commands and both lists of events.
std::string Report(const Script& run, const Difference& difference);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_AGREEMENT_COMPARE_H_
