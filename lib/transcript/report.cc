// A difference for people: both sides in the language itself.
#include <algorithm>
#include <vector>

#include "transcript/run.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

// Characters, not bytes: names may have letters outside ASCII.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view WithoutBlanksAtEnd(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t") + 1); }

std::string ItemText(const Script& script, const Item& item) {
  return std::string(script.text.lines[item.begin.line].substr(item.begin.byte, item.end.byte - item.begin.byte));
}

struct Side {
  std::string expected, got;
  bool differs = false;
};

std::string CodeText(int32_t code) { return code == KOBLE_OK ? "" : Cat("! ", engine::ErrorName(code)); }

std::vector<Side> CommandSides(const Script& script, const Statement& statement, const Difference& difference) {
  std::vector<Side> sides;
  if (difference.code != KOBLE_OK || difference.expected_code != KOBLE_OK) {
    const bool same = difference.code == difference.expected_code;
    sides.push_back({CodeText(difference.expected_code), CodeText(difference.code), !same});
  }
  if (!difference.alias.empty()) {
    sides.push_back({Cat("-> ", statement.alias), Cat("-> ", difference.alias), true});
  }
  for (const Row& row : difference.rows) {
    Side side;
    const Item* item = row.item == kNothing ? nullptr : &statement.items[difference.items[row.item]];
    if (item != nullptr) side.expected = ItemText(script, *item);
    if (row.happening != kNothing) {
      const Happening& happening = difference.happenings[row.happening];
      const EventWant* like = item != nullptr ? &item->event : nullptr;
      side.got = WriteEvent(happening, like, difference.time_ns, item != nullptr && item->event.time.has_value());
    }
    side.differs = !row.fine;
    if (row.fine && item == nullptr) side.expected = "(not asked)";
    sides.push_back(std::move(side));
  }
  return sides;
}

std::vector<Side> ExpectSides(const Statement& statement, const Difference& difference) {
  std::vector<Side> sides;
  if (difference.code != difference.expected_code) {
    sides.push_back({CodeText(difference.expected_code), CodeText(difference.code), true});
  }
  for (const Correction& correction : difference.corrections) {
    const Check& check = statement.checks[correction.check];
    const std::string key = check.key.empty() ? "" : Cat(check.key, "=");
    sides.push_back({Cat(key, check.value), Cat(key, correction.text), true});
  }
  return sides;
}

void AppendTable(const std::vector<Side>& sides, std::string* text) {
  if (sides.empty()) return;
  size_t width = Width("expected");
  for (const Side& side : sides) width = std::max(width, Width(side.expected));
  width = std::min<size_t>(width, 60);
  const auto row = [&](std::string_view mark, std::string_view expected, std::string_view got) {
    const size_t used = Width(expected);
    std::string line = Cat("  ", mark, " ", expected, std::string(used < width ? width - used : 0, ' '), " | ", got);
    Append(text, WithoutBlanksAtEnd(line), "\n");
  };
  row(" ", "expected", "got");
  for (const Side& side : sides) row(side.differs ? "*" : " ", side.expected, side.got);
}

}  // namespace

std::string StatementText(const Script& script, const Statement& statement) {
  const std::string_view line = script.text.lines[statement.begin.line];
  if (statement.begin.line == statement.head_end.line) {
    return std::string(line.substr(statement.begin.byte, statement.head_end.byte - statement.begin.byte));
  }
  const std::string_view first = WithoutBlanksAtEnd(line.substr(statement.begin.byte));
  return Cat(first, " ...");
}

std::string DescribeDifference(const Script& script, const Difference& difference, std::string_view name) {
  const Statement& statement = script.statements[difference.statement];
  std::string text = Cat(name, ":", statement.begin.line + 1, ": ", StatementText(script, statement), "\n");
  if (!difference.note.empty()) Append(&text, "    ", difference.note, "\n");
  const bool command = statement.act == Act::kCommand;
  AppendTable(command ? CommandSides(script, statement, difference) : ExpectSides(statement, difference), &text);
  if (difference.code != KOBLE_OK && difference.code != difference.expected_code && !difference.message.empty()) {
    Append(&text, "    the machine says: ", difference.message, "\n");
  }
  return text;
}

}  // namespace koble::transcript
