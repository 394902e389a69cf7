#include "transcript/pattern.h"

#include <algorithm>

#include "engine/engine.h"
#include "plan/text.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

std::string List(const std::set<std::string, std::less<>>& names) { return names.empty() ? "none" : Join(names, ", "); }

// Reads the value of one field. False where the word cannot be such a value. `name`: `none` is a queue's.
bool ReadValue(std::string_view word, uint32_t kind, const Vocabulary& vocabulary, bool name, FieldWant* want) {
  const auto take = [want](std::optional<int64_t> number) {
    if (number) want->number = *number;
    return number.has_value();
  };
  switch (want->field->value) {
    case Value::kContact: {
      want->text = word;
      if (vocabulary.aliases.contains(word)) return take(-1);
      const std::optional<uint64_t> serial = Numbered(word, 'c');
      return serial && take(static_cast<int64_t>(*serial));
    }
    case Value::kId:
      want->text = word;
      return vocabulary.aliases.contains(word) || Numbered(word, 'c') || Numbered(word, 'o') || Numbered(word, 'e') ||
             word.find(':') != std::string_view::npos;
    case Value::kOffer: {
      std::optional<uint64_t> number = Numbered(word, 'o');
      if (!number) number = Numbered(word, 'e');
      if (!number && word == "none") number = 0;
      return number && take(static_cast<int64_t>(*number));
    }
    case Value::kAgent:
      want->text = word;
      return vocabulary.agents.contains(word);
    case Value::kQueue:
      want->text = word == "none" && !name ? "" : word;
      return want->text.empty() || vocabulary.queues.contains(word);
    case Value::kReason: {
      const std::optional<uint32_t> reason = FindReason(kind, word);
      return reason && take(*reason);
    }
    case Value::kCause: {
      const std::optional<uint32_t> cause = FindCause(word);
      return cause && take(*cause);
    }
    case Value::kTime:
      return take(ReadTimeOrWord(word));
    case Value::kDuration:
      return word != "none" && take(ReadTimeOrWord(word));
    case Value::kSkill:
      want->text = word;
      return vocabulary.skills.contains(word);
    case Value::kChanges:
      return take(FindChanges(word));
    case Value::kNumber:
      return take(word == "revived" ? 1 : ParseInteger(word));
  }
  return false;
}

bool Has(const EventWant& want, const Field& field) {
  return std::any_of(want.fields.begin(), want.fields.end(),
                     [&](const FieldWant& other) { return other.field->slot == field.slot; });
}

// The first free field that the word fits. Numbers and ids before words, words with a meaning before names.
bool PlaceWord(const Token& token, const Vocabulary& vocabulary, EventWant* want) {
  static constexpr Value kOrder[] = {Value::kOffer, Value::kContact, Value::kId,     Value::kReason,
                                     Value::kCause, Value::kChanges, Value::kSkill,  Value::kAgent,
                                     Value::kQueue, Value::kTime,    Value::kNumber, Value::kDuration};
  for (const Value value : kOrder) {
    for (const Field& field : EventFields(want->kind)) {
      if (field.value != value || Has(*want, field)) continue;
      if (token.quoted && value != Value::kAgent && value != Value::kQueue && value != Value::kContact &&
          value != Value::kId) {
        continue;
      }
      if (token.text == "none" && value == Value::kOffer) continue;  // more likely a queue or a time
      FieldWant candidate;
      candidate.field = &field;
      if (!ReadValue(token.text, want->kind, vocabulary, token.quoted, &candidate)) continue;
      want->fields.push_back(std::move(candidate));
      return true;
    }
  }
  return false;
}

std::string Allowed(const EventWant& want, const Vocabulary& vocabulary) {
  std::string text = Cat("it takes `", EventUsage(want.kind), "`");
  for (const Field& field : EventFields(want.kind)) {
    if (field.value == Value::kReason) Append(&text, "; ", field.key, ": ", ReasonWords(want.kind));
    if (field.value == Value::kAgent) Append(&text, "; agents: ", List(vocabulary.agents));
    if (field.value == Value::kQueue) Append(&text, "; queues: ", List(vocabulary.queues));
  }
  return text;
}

bool PlaceKeyed(const Token& token, const Vocabulary& vocabulary, EventWant* want) {
  FieldWant candidate;
  candidate.field = FindField(want->kind, token.Key());
  candidate.keyed = true;
  const bool name = vocabulary.queues.contains(token.Value());
  if (candidate.field == nullptr || !ReadValue(token.Value(), want->kind, vocabulary, name, &candidate)) return false;
  want->fields.push_back(std::move(candidate));
  return true;
}

int64_t NumberIn(const koble_event& event, Slot slot) {
  switch (slot) {
    case Slot::kReason:
      return event.reason;
    case Slot::kA:
      return event.a;
    case Slot::kB:
      return event.b;
    case Slot::kRef:
      return static_cast<int64_t>(event.host_ref);
    case Slot::kSerial:
      return static_cast<int64_t>(event.serial);
    case Slot::kSeq:
      return static_cast<int64_t>(event.seq);
    case Slot::kTenant:
      return event.tenant;
    case Slot::kJournal:
      return static_cast<int64_t>(event.journal_seq);
    case Slot::kTime:
      return event.time_ns;
    case Slot::kDue:
      return event.due_ns;
    default:
      return 0;
  }
}

// Held and retrieved name their engagement only; it has its offer's number.
uint64_t OfferIn(const Happening& happening, Slot slot) {
  if (slot == Slot::kGroup) return happening.group;
  if (slot == Slot::kEngagement) return happening.engagement;
  return happening.offer != 0 ? happening.offer : happening.engagement;
}

bool FieldMatches(const FieldWant& want, const Happening& happening) {
  switch (want.field->value) {
    case Value::kContact:
      return want.number < 0 ? want.text == happening.contact
                             : static_cast<uint64_t>(want.number) == happening.event.serial;
    case Value::kId:
      return want.text == happening.id;
    case Value::kOffer:
      return static_cast<uint64_t>(want.number) == OfferIn(happening, want.field->slot);
    case Value::kAgent:
      return want.text == happening.agent;
    case Value::kQueue:
      return want.text == happening.queue;
    case Value::kSkill:
      return want.text == happening.skill;
    default:
      return want.number == NumberIn(happening.event, want.field->slot);
  }
}

std::string ValueText(const Field& field, const Happening& happening) {
  const int64_t number = NumberIn(happening.event, field.slot);
  switch (field.value) {
    case Value::kContact:
      return happening.contact.empty() ? "none" : NameText(happening.contact);
    case Value::kId:
      return NameText(happening.id);
    case Value::kOffer: {
      const uint64_t offer = OfferIn(happening, field.slot);
      return offer == 0 ? "none" : Cat("o", offer);
    }
    case Value::kAgent:
      return happening.agent.empty() ? "none" : NameText(happening.agent);
    case Value::kQueue:
      return happening.queue.empty() ? "none" : NameText(happening.queue);
    case Value::kReason: {
      const char* name = engine::ReasonName(happening.event.kind, happening.event.reason);
      return name != nullptr ? name : Cat(number);
    }
    case Value::kCause: {
      const char* name = number > 0 ? CauseName(static_cast<uint32_t>(number)) : nullptr;
      return name != nullptr ? name : Cat(number);
    }
    case Value::kTime:
      return TimeOrWord(number, field.slot == Slot::kA && field.key != "since");
    case Value::kDuration:
      return TimeOrWord(number, false);
    case Value::kSkill:
      return NameText(happening.skill);
    case Value::kChanges:
      return ChangeWords(number);
    case Value::kNumber:
      return Cat(number);
  }
  return "";
}

void AppendField(const Field& field, bool keyed, const Happening& happening, std::string* text) {
  const std::string value = ValueText(field, happening);
  if (field.key == "revived" && value == "1" && !keyed) {
    Append(text, " revived");
  } else if (value == "none" && !keyed && field.value != Value::kQueue && field.value != Value::kTime) {
    return;  // an absent name has no place of its own
  } else if (value == "none" && field.value == Value::kTime) {
    Append(text, " ", field.key, "=none");  // by itself the word is a queue's
  } else {
    Append(text, " ", keyed ? Cat(field.key, "=") : "", value);
  }
}

}  // namespace

std::optional<std::string> NearestName(std::string_view wrong, const std::set<std::string, std::less<>>& names) {
  const std::vector<std::string_view> all(names.begin(), names.end());
  const std::optional<std::string_view> nearest = plan::Nearest(wrong, all.size(), [&all](size_t i) { return all[i]; });
  return nearest ? std::optional<std::string>(*nearest) : std::nullopt;
}

std::optional<uint64_t> Numbered(std::string_view word, char letter) {
  if (word.size() < 2 || word[0] != letter || word[1] < '0' || word[1] > '9') return std::nullopt;
  const std::optional<int64_t> number = ParseInteger(word.substr(1));
  if (!number || *number < 0) return std::nullopt;
  return static_cast<uint64_t>(*number);
}

bool ReadEventTime(std::string_view word, std::optional<int64_t>* time, std::optional<int64_t>* due) {
  std::string_view rest = word;
  const size_t open = word.find('(');
  if (open != std::string_view::npos) {
    std::string_view inside = word.substr(open + 1);
    if (!inside.ends_with(')')) return false;
    inside.remove_suffix(1);
    if (!inside.starts_with("due")) return false;
    inside.remove_prefix(3);
    while (!inside.empty() && (inside.front() == ' ' || inside.front() == '=')) inside.remove_prefix(1);
    *due = ParseTime(inside);
    if (!*due) return false;
    rest = word.substr(0, open);
    if (rest.empty()) return true;
  }
  *time = ParseTime(rest);
  return time->has_value();
}

std::optional<EventWant> ReadEvent(std::span<const Token> tokens, const Vocabulary& vocabulary,
                                   std::vector<Mistake>* mistakes) {
  EventWant want;
  size_t i = 0;
  while (i < tokens.size() && !tokens[i].quoted && ReadEventTime(tokens[i].text, &want.time, &want.due)) ++i;
  if (want.time && !want.due) want.due = want.time;
  if (i == tokens.size()) {
    mistakes->push_back({tokens[0].begin, "a time without an event; write `12 offered o1 c1 A q`"});
    return std::nullopt;
  }
  const std::optional<uint32_t> kind = FindEvent(tokens[i].text);
  if (!kind) {
    mistakes->push_back({tokens[i].begin, Cat("`", tokens[i].text, "` is no event; ", EventAdvice(tokens[i].text))});
    return std::nullopt;
  }
  want.kind = *kind;
  for (++i; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.equals != std::string::npos ? PlaceKeyed(token, vocabulary, &want)
                                          : PlaceWord(token, vocabulary, &want)) {
      continue;
    }
    mistakes->push_back({token.begin, Cat("`", token.text, "` does not fit the event `", engine::EventName(want.kind),
                                          "`; ", Allowed(want, vocabulary))});
    return std::nullopt;
  }
  return want;
}

bool Matches(const EventWant& want, const Happening& happening) {
  if (want.kind != happening.event.kind) return false;
  if (want.time && *want.time != happening.event.time_ns) return false;
  if (want.due && *want.due != happening.event.due_ns) return false;
  return std::all_of(want.fields.begin(), want.fields.end(),
                     [&](const FieldWant& field) { return FieldMatches(field, happening); });
}

std::string WriteEvent(const Happening& happening, const EventWant* like, int64_t command_time, bool show_time) {
  const koble_event& event = happening.event;
  std::string text;
  if (event.due_ns != event.time_ns) {
    Append(&text, TimeText(event.time_ns), "(due ", TimeText(event.due_ns), ") ");
  } else if (show_time || event.time_ns != command_time) {
    Append(&text, TimeText(event.time_ns), " ");
  }
  const char* name = engine::EventName(event.kind);
  Append(&text, name != nullptr ? name : Cat("event_", event.kind));
  if (like != nullptr && like->kind == event.kind && !like->fields.empty()) {
    for (const FieldWant& want : like->fields) {
      const bool no_cause = want.field->value == Value::kCause && NumberIn(event, want.field->slot) == 0;
      if (!no_cause) AppendField(*want.field, want.keyed, happening, &text);  // there is no word for "no cause"
    }
    return text;
  }
  for (const Field& field : EventFields(event.kind)) {
    if (field.shown == Field::Shown::kNever) continue;
    if (field.shown == Field::Shown::kNotZero && NumberIn(event, field.slot) == 0) continue;
    AppendField(field, !field.positional, happening, &text);
  }
  return text;
}

namespace {

// Whether it is read as one word when it is written as it is.
bool IsPlain(std::string_view word) {
  if (word.empty() || word[0] == '#' || word[0] == '!' || word[0] == '{') return false;
  if (word.find_first_of(" \t;\"(=\\") != std::string_view::npos) return false;
  return word.find("->") == std::string_view::npos && !word.starts_with("...");
}

std::string InQuotes(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace

std::string NameText(std::string_view name) {
  const bool joined = name.find('+') != std::string_view::npos;
  return IsPlain(name) && !joined && name != "none" ? std::string(name) : InQuotes(name);
}

std::string WordText(std::string_view word) { return IsPlain(word) ? std::string(word) : InQuotes(word); }

std::string TimeOrWord(int64_t ns, bool zero_is_none) {
  if (ns == KOBLE_NEVER) return "never";
  if (ns == 0 && zero_is_none) return "none";
  return TimeText(ns);
}

std::optional<int64_t> ReadTimeOrWord(std::string_view word) {
  if (word == "never") return KOBLE_NEVER;
  if (word == "none" || word == "None") return 0;
  return ParseTime(word);
}

}  // namespace koble::transcript
