#include "transcript/run.h"

#include <algorithm>

#include "transcript/text.h"

namespace koble::transcript {
namespace {

// More than anybody mends at once; the count goes on.
constexpr size_t kShownMax = 50;

std::string MistakeText(const Text& text, const Mistake& mistake, std::string_view name) {
  const uint32_t line = mistake.place.line;
  const std::string_view content = line < text.lines.size() ? text.lines[line] : std::string_view();
  return Cat(name, ":", line + 1, ":", Column(content, mistake.place.byte), ": ", mistake.text, "\n");
}

}  // namespace

RunResult Run(std::string_view text, const RunOptions& options) {
  RunResult result;
  result.rewritten = std::string(text);
  std::vector<Mistake> mistakes;
  const Script script = ReadScript(text, options.read_file, &mistakes);
  result.mistakes = static_cast<uint32_t>(mistakes.size());
  for (size_t i = 0; i < std::min(mistakes.size(), kShownMax); ++i) {
    result.report += MistakeText(script.text, mistakes[i], options.name);
  }
  if (!mistakes.empty()) return result;

  Record record = Interpret(script, options.factory ? options.factory : EngineFactory(), options.rebuild);
  if (record.impossible.starts_with("unsupported")) {
    result.unsupported = record.impossible;
    return result;
  }
  if (!record.impossible.empty()) {
    result.mistakes = 1;
    result.report = Cat(options.name, ":1:1: ", record.impossible, "\n");
    return result;
  }
  result.commands = record.commands;
  result.checks = record.checks;
  result.coverage = std::move(record.coverage);
  result.differences = static_cast<uint32_t>(record.differences.size());
  for (size_t i = 0; i < std::min(record.differences.size(), kShownMax); ++i) {
    result.report += DescribeDifference(script, record.differences[i], options.name);
  }
  if (!record.differences.empty()) result.rewritten = Rewrite(text, script, record.differences);
  return result;
}

}  // namespace koble::transcript
