// The naive reference router as a machine for transcripts.
#ifndef KOBLE_TESTS_TRANSCRIPTS_REFERENCE_MACHINE_H_
#define KOBLE_TESTS_TRANSCRIPTS_REFERENCE_MACHINE_H_

#include "transcript/machine.h"

namespace koble::testing {

// No digest, no journal, no limit on events: transcripts that need them are unsupported or judged without.
transcript::MachineFactory ReferenceFactory();

}  // namespace koble::testing

#endif  // KOBLE_TESTS_TRANSCRIPTS_REFERENCE_MACHINE_H_
