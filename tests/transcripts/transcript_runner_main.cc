// Runs transcripts: transcript_runner [--rewrite] [--reference] [--clone|--snapshot|--replay] FILE...
// Exit status 0: all passed; 1: something differed or is a mistake; 2: wrong usage or a file that cannot be read.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/run.h"
#include "transcripts/files.h"
#include "transcripts/reference_machine.h"

namespace {

using koble::transcript::Rebuild;
using koble::transcript::RunOptions;
using koble::transcript::RunResult;

int RunOne(const std::string& path, RunOptions options, bool rewrite) {
  const std::optional<std::string> text = koble::testing::ReadWhole(path);
  if (!text) {
    std::cerr << path << ": cannot be read\n";
    return 2;
  }
  options.name = path;
  options.read_file = koble::testing::ReaderBeside(path);
  const RunResult result = koble::transcript::Run(*text, options);
  std::cout << result.report;
  if (!result.unsupported.empty()) std::cout << path << ": " << result.unsupported << "\n";
  if (rewrite && result.rewritten != *text) {
    std::ofstream(path, std::ios::binary) << result.rewritten;
    std::cout << path << ": rewritten\n";
  }
  return result.mistakes + result.differences == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  RunOptions options;
  bool rewrite = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--rewrite")
      rewrite = true;
    else if (argument == "--reference")
      options.factory = koble::testing::ReferenceFactory();
    else if (argument == "--clone")
      options.rebuild = Rebuild::kClone;
    else if (argument == "--snapshot")
      options.rebuild = Rebuild::kSnapshot;
    else if (argument == "--replay")
      options.rebuild = Rebuild::kReplay;
    else
      files.emplace_back(argument);
  }
  if (files.empty()) {
    std::cerr << "usage: transcript_runner [--rewrite] [--reference] [--clone|--snapshot|--replay] FILE...\n";
    return 2;
  }
  int status = 0;
  for (const std::string& file : files) status = std::max(status, RunOne(file, options, rewrite));
  return status;
}
