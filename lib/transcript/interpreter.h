// Runs a script on a machine and notes every difference.
#ifndef KOBLE_LIB_TRANSCRIPT_INTERPRETER_H_
#define KOBLE_LIB_TRANSCRIPT_INTERPRETER_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "transcript/align.h"
#include "transcript/machine.h"
#include "transcript/names.h"
#include "transcript/pattern.h"
#include "transcript/script.h"

namespace koble::transcript {

// A value of an `expect` line that was different.
struct Correction {
  size_t check = 0;
  std::string text;  // what it is
};

struct Difference {
  size_t statement = 0;
  std::string note;  // a sentence, where the comparison alone does not say it
  // Commands: the expectations without the error, set against what happened.
  std::vector<size_t> items;  // numbers of the statement's items that are no error
  std::vector<Happening> happenings;
  std::vector<Row> rows;
  int64_t time_ns = 0;  // of the command
  int32_t code = KOBLE_OK;
  int32_t expected_code = KOBLE_OK;
  std::string message;  // of the machine, about the code
  std::string alias;    // the contact's name, where the one after `->` was wrong
  // Expect lines.
  std::vector<Correction> corrections;
};

// What a transcript has asserted: "verb accept", "command offer_accept", "event offered", "reason outcome:busy",
// "cause agent", "error ended", "expect agent".
using Coverage = std::set<std::string>;
// Everything that could be asserted by some transcript.
Coverage EverythingCoverable();

struct Record {
  std::vector<Difference> differences;
  std::string impossible;  // why the machine could not be made; then nothing was run
  uint32_t commands = 0;
  uint32_t checks = 0;
  Coverage coverage;
};

// `rebuild` is done after every command, beside what the script says.
Record Interpret(const Script& script, const MachineFactory& factory, Rebuild rebuild);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_INTERPRETER_H_
