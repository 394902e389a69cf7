// A transcript from text to verdict: what the C API, the tests' runner and the command line call.
#ifndef KOBLE_LIB_TRANSCRIPT_RUN_H_
#define KOBLE_LIB_TRANSCRIPT_RUN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "transcript/interpreter.h"
#include "transcript/machine.h"
#include "transcript/script.h"

namespace koble::transcript {

struct RunOptions {
  std::string name = "transcript";  // before every line of the report
  ReadFile read_file;               // null: `plan FILE` is a mistake
  MachineFactory factory;           // null: the engine
  Rebuild rebuild = Rebuild::kNone;
};

struct RunResult {
  uint32_t mistakes = 0;
  uint32_t differences = 0;
  uint32_t commands = 0;
  uint32_t checks = 0;
  std::string report;     // "" if it passed
  std::string rewritten;  // the text with its differences replaced by what happened
  Coverage coverage;
  std::string unsupported;  // the machine has not the options that the transcript asks for; nothing was run
};

RunResult Run(std::string_view text, const RunOptions& options);

// "name:12: ..." and the two sides, for one difference.
std::string DescribeDifference(const Script& script, const Difference& difference, std::string_view name);
// The text with the places of these differences replaced.
std::string Rewrite(std::string_view text, const Script& script, const std::vector<Difference>& differences);
// A statement without its expectations, as written, on one line.
std::string StatementText(const Script& script, const Statement& statement);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_RUN_H_
