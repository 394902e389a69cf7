// An event as written and an event as happened: reading, comparing, writing.
#ifndef KOBLE_LIB_TRANSCRIPT_PATTERN_H_
#define KOBLE_LIB_TRANSCRIPT_PATTERN_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "koble/koble.h"
#include "transcript/token.h"
#include "transcript/words.h"

namespace koble::transcript {

// The names that a transcript may use, from its plans and commands.
struct Vocabulary {
  std::set<std::string, std::less<>> agents;
  std::set<std::string, std::less<>> queues;
  std::set<std::string, std::less<>> channels;
  std::set<std::string, std::less<>> skills;
  std::set<std::string, std::less<>> symbols;
  std::set<std::string, std::less<>> aliases;  // of contacts: `arrive q -> name`
};

// "c12" -> 12, with letter 'c'.
std::optional<uint64_t> Numbered(std::string_view word, char letter);

// The name that was probably meant.
std::optional<std::string> NearestName(std::string_view wrong, const std::set<std::string, std::less<>>& names);

struct FieldWant {
  const Field* field = nullptr;
  bool keyed = false;  // written as key=value
  int64_t number = 0;  // value, number of an offer, serial of a contact (-1: by alias)
  std::string text;    // name of an agent, queue, or contact
};

struct EventWant {
  uint32_t kind = 0;
  std::optional<int64_t> time;
  std::optional<int64_t> due;
  std::vector<FieldWant> fields;
};

// An event with the names that held when it happened.
struct Happening {
  koble_event event = {};
  std::string contact, agent, queue, skill;       // "" where it has none
  std::string id;                                 // of an unknown event: the name of what was given
  uint64_t offer = 0, engagement = 0, group = 0;  // numbers of offers; 0: none
};

// Reads `offered o1 c1 A q`, perhaps with a time before it. What is wrong goes to `mistakes` and nothing is returned.
std::optional<EventWant> ReadEvent(std::span<const Token> tokens, const Vocabulary& vocabulary,
                                   std::vector<Mistake>* mistakes);
// A time as in `100`, `100(due 33)`, `(due 33)`.
bool ReadEventTime(std::string_view word, std::optional<int64_t>* time, std::optional<int64_t>* due);

bool Matches(const EventWant& want, const Happening& happening);

// The event in the language. `like` (may be null): an event of the same kind whose choice of fields is followed.
// `show_time`: also where due and time are both `command_time`.
std::string WriteEvent(const Happening& happening, const EventWant* like, int64_t command_time, bool show_time);
// A name as it must be written to be read as a name again.
std::string NameText(std::string_view name);
// The same for any word: `none`, and names that are joined, stay as they are.
std::string WordText(std::string_view word);
// A time that may be `none` (0, where `zero_is_none`) or `never`.
std::string TimeOrWord(int64_t ns, bool zero_is_none);
// The other way; nothing where the word is neither.
std::optional<int64_t> ReadTimeOrWord(std::string_view word);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_PATTERN_H_
