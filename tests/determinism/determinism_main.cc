// koble_determinism SOURCE_DIR [COMMANDS]: prints the fingerprint of the fixed run for each way of giving it, one a line. All must be the same; tests/determinism/run compares
// them over compilers, builds and processes.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "determinism/fixed_run.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: koble_determinism SOURCE_DIR [COMMANDS]\n");
    return 2;
  }
  try {
    const koble::determinism::FixedRun run(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000);
    std::printf("%s singles\n", run.Singles().Text().c_str());
    std::printf("%s batches\n", run.Batches().Text().c_str());
    std::printf("%s journal\n", run.FromJournal().Text().c_str());
    std::printf("%s clones\n", run.ThroughClones().Text().c_str());
    std::printf("%s snapshots\n", run.ThroughSnapshots().Text().c_str());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "koble_determinism: %s\n", failure.what());
    return 1;
  }
  return 0;
}
