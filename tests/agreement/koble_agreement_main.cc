// koble_agreement: random runs through the engine and the reference router, until they differ.
//
//   koble_agreement [--seeds FROM:COUNT] [--commands N] [--seconds S] [--large] [--no-shrink]
//
// Exit status 0: they agreed. 1: they did not; the run is printed, whole and shrunk.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "agreement/compare.h"
#include "support/engine_machine.h"

namespace koble::testing {
namespace {

struct Arguments {
  uint64_t from = 1;
  uint64_t count = 1000;
  size_t commands = 300;
  double seconds = 0;  // 0: no limit
  bool large = false;
  bool shrink = true;
};

bool Parse(int argc, char** argv, Arguments* arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string key = argv[i];
    if (key == "--no-shrink") {
      arguments->shrink = false;
      continue;
    }
    if (key == "--large") {
      arguments->large = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    char* end = nullptr;
    const char* value = argv[++i];
    if (key == "--seeds") {
      arguments->from = std::strtoull(value, &end, 10);
      if (*end != ':') return false;
      arguments->count = std::strtoull(end + 1, &end, 10);
    } else if (key == "--commands") {
      arguments->commands = std::strtoull(value, &end, 10);
    } else if (key == "--seconds") {
      arguments->seconds = std::strtod(value, &end);
    } else {
      return false;
    }
    if (*end != '\0') return false;
  }
  return true;
}

int Main(const Arguments& arguments) {
  // Half the runs keep a journal: it must not change anything.
  const MakeMachine make = [](const Script& run) -> std::unique_ptr<Machine> {
    return std::make_unique<EngineMachine>(run, run.seed % 2 == 0 ? KOBLE_JOURNAL_KEEP_ALL : KOBLE_JOURNAL_OFF);
  };
  const auto begin = std::chrono::steady_clock::now();
  uint64_t commands = 0;
  uint64_t runs = 0;
  for (uint64_t seed = arguments.from; seed < arguments.from + arguments.count; ++seed) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (arguments.seconds > 0 && elapsed.count() > arguments.seconds) break;
    RunShape shape;
    shape.commands = arguments.commands;
    shape.large = arguments.large;
    const Script run = RandomRun(seed, shape);
    ++runs;
    commands += run.commands.size();
    const std::optional<Difference> difference = Compare(run, make);
    if (!difference) continue;
    std::printf("DIFFERENCE\n%s", Report(run, *difference).c_str());
    if (arguments.shrink) {
      const Script small = Shrink(run, make);
      std::printf("\nSHRUNK\n%s", Report(small, *Compare(small, make)).c_str());
    }
    return 1;
  }
  std::printf("%llu runs, %llu commands: the engine and the reference agree\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(commands));
  return 0;
}

}  // namespace
}  // namespace koble::testing

int main(int argc, char** argv) {
  koble::testing::Arguments arguments;
  if (!koble::testing::Parse(argc, argv, &arguments)) {
    std::fprintf(stderr,
                 "usage: koble_agreement [--seeds FROM:COUNT] [--commands N] [--seconds S] [--large] [--no-shrink]\n");
    return 2;
  }
  return koble::testing::Main(arguments);
}
