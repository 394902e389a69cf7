// Files for the tests of transcripts; lib/transcript opens none itself.
#ifndef KOBLE_TESTS_TRANSCRIPTS_FILES_H_
#define KOBLE_TESTS_TRANSCRIPTS_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "transcript/script.h"

namespace koble::testing {

std::optional<std::string> ReadWhole(const std::string& path);
// Reads paths relative to the folder of `transcript`.
transcript::ReadFile ReaderBeside(const std::string& transcript);
// The paths of all files of that folder that end in ".transcript", sorted.
std::vector<std::string> TranscriptsIn(const std::string& folder);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_TRANSCRIPTS_FILES_H_
