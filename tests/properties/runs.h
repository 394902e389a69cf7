// Random runs given to the engine, for tests.
#ifndef KOBLE_TESTS_PROPERTIES_RUNS_H_
#define KOBLE_TESTS_PROPERTIES_RUNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "support/engine_machine.h"

namespace koble::testing {

// So many of the random runs of a quick test does this build carry out (tests/CMakeLists.txt).
constexpr uint64_t ShareOf(uint64_t runs) { return runs * KOBLE_RANDOM_SHARE / 100; }

// "" where equal in everything, journal_seq apart.
std::string EventsDifference(const std::vector<koble_event>& a, const std::vector<koble_event>& b);

// Whether a command says the same wherever its data lies in a batch.
bool DataIsWhole(const Command& command);

std::string SnapshotOf(const EngineMachine& machine);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_PROPERTIES_RUNS_H_
