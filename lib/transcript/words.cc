#include "transcript/words.h"

#include <array>
#include <vector>

#include <absl/strings/ascii.h>
#include "engine/engine.h"
#include "plan/text.h"
#include "transcript/text.h"

namespace koble::transcript {
namespace {

using enum Field::Shown;

constexpr Field Contact(Field::Shown shown = kAlways) { return {"contact", Value::kContact, Slot::kContact, shown}; }
constexpr Field Offer(Field::Shown shown = kAlways) { return {"offer", Value::kOffer, Slot::kOffer, shown}; }
constexpr Field Agent(Field::Shown shown = kAlways) { return {"agent", Value::kAgent, Slot::kAgent, shown}; }
constexpr Field Queue(Field::Shown shown = kAlways) { return {"queue", Value::kQueue, Slot::kQueue, shown}; }
constexpr Field Reason(std::string_view key = "reason") { return {key, Value::kReason, Slot::kReason, kAlways}; }
constexpr Field InA(std::string_view key, Value value, Field::Shown shown) { return {key, value, Slot::kA, shown}; }

constexpr std::array kArrived = {Contact(), Queue(), InA("queues", Value::kNumber, kNever)};
constexpr std::array kOffered = {Offer(),
                                 Contact(),
                                 Agent(),
                                 Queue(),
                                 Field{"how", Value::kReason, Slot::kReason, kNotZero},
                                 InA("expires", Value::kTime, kNever),
                                 Field{"group", Value::kOffer, Slot::kGroup, kNever}};
constexpr std::array kAccepted = {Offer(), Contact(kNever), Agent(kNever), Queue(kNever),
                                  Field{"how", Value::kReason, Slot::kReason, kNotZero}};
constexpr std::array kOutcome = {Offer(),       Contact(kNever), Agent(kNever),
                                 Queue(kNever), Reason(),        InA("cause", Value::kCause, kNotZero)};
constexpr std::array kServing = {Offer(kNever), Contact(), Agent(), Queue(kNever)};
constexpr std::array kConnectFailed = {Offer(), Contact(kNever), Agent(kNever), Queue(kNever), Reason()};
constexpr std::array kHeld = {Offer(kNever), Contact(), Agent(), Queue(kNever)};
constexpr std::array kAside = {Offer(kNever), Contact(), Agent(), Queue(kNever), InA("until", Value::kTime, kNotZero)};
constexpr std::array kEnded = {Offer(kNever), Contact(), Agent(kNever), Queue(kNever), Reason("by")};
constexpr std::array kWrapup = {Offer(), Contact(kNever), Agent(), Queue(kNever), InA("until", Value::kTime, kAlways)};
constexpr std::array kWrapupEnd = {Offer(),       Contact(kNever), Agent(),
                                   Queue(kNever), Reason(),        InA("until", Value::kTime, kNever)};
constexpr std::array kPenalised = {Agent(), Reason(), InA("until", Value::kTime, kAlways)};
constexpr std::array kAgentOnly = {Agent()};
constexpr std::array kStep = {Contact(), Queue(), InA("step", Value::kNumber, kAlways)};
constexpr std::array kLeft = {Contact(), Queue(), Reason()};
constexpr std::array kExit = {Contact(), Queue(kNever), Reason()};
constexpr std::array kContactOnly = {Contact()};
constexpr std::array kAgentAdded = {Agent(), InA("revived", Value::kNumber, kNotZero)};
constexpr std::array kPresence = {Agent(), Reason("presence"), InA("why", Value::kNumber, kNotZero),
                                  Field{"misses", Value::kNumber, Slot::kB, kNotZero, false}};
constexpr std::array kRequestEnd = {Agent(), Reason()};
constexpr std::array kResumed = {InA("since", Value::kTime, kAlways),
                                 Field{"outage", Value::kDuration, Slot::kB, kAlways}};
constexpr std::array kUnknown = {Reason("kind"), InA("id", Value::kId, kAlways)};
constexpr std::array kReconciled = {InA("ended", Value::kNumber, kAlways),
                                    Field{"unknown", Value::kNumber, Slot::kB, kAlways}};

constexpr std::array kReleased = {Contact(), Agent()};
constexpr std::array kSkillChanged = {Agent(), Field{"skill", Value::kSkill, Slot::kReason, kAlways},
                                      InA("level", Value::kNumber, kAlways),
                                      Field{"until", Value::kDuration, Slot::kB, kNotZero}};
constexpr std::array kPlaced = {Contact(), Queue(), InA("position", Value::kNumber, kAlways)};
constexpr std::array kContactChanged = {Contact(), InA("changes", Value::kChanges, kAlways)};
constexpr std::array kPolicyFault = {Reason(), Contact(kNotZero), Agent(kNotZero), Queue(kNever)};

Field Keyed(std::string_view key, Value value, Slot slot) { return {key, value, slot, kNever, false}; }

struct Synonym {
  std::string_view word;
  std::string_view means;
};
constexpr Synonym kEventSynonyms[] = {{"wrap_up", "wrapup"},           {"wrap_up_end", "wrapup_end"},
                                      {"penalized", "penalised"},      {"agent_presence", "presence"},
                                      {"plan_replaced", "plan"},       {"left_queue", "left"},
                                      {"penalised_end", "penalty_end"}};
constexpr Synonym kReasonSynonyms[] = {{"canceled", "cancelled"}, {"abandon", "abandoned"}, {"time_out", "timeout"}};
constexpr Synonym kKeySynonyms[] = {{"ref", "host_ref"},     {"expiry", "expires"}, {"time", "time"},
                                    {"reason", "by"},        {"reason", "how"},     {"reason", "presence"},
                                    {"down_since", "since"}, {"index", "step"},     {"length", "outage"}};
constexpr std::array<const char*, 5> kCauses = {nullptr, "contact", "agent", "plan", "restart"};

template <typename Change>
std::string Changed(std::string_view text, Change change) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::span<const Field> EventFields(uint32_t kind) {
  switch (kind) {
    case KOBLE_EVENT_ARRIVED:
      return kArrived;
    case KOBLE_EVENT_OFFERED:
      return kOffered;
    case KOBLE_EVENT_ACCEPTED:
      return kAccepted;
    case KOBLE_EVENT_OUTCOME:
      return kOutcome;
    case KOBLE_EVENT_SERVING:
      return kServing;
    case KOBLE_EVENT_CONNECT_FAILED:
      return kConnectFailed;
    case KOBLE_EVENT_HELD:
    case KOBLE_EVENT_RETRIEVED:
    case KOBLE_EVENT_CONTINUED:
      return kHeld;
    case KOBLE_EVENT_SILENT:
    case KOBLE_EVENT_PARKED:
    case KOBLE_EVENT_RETURNED:
      return kAside;
    case KOBLE_EVENT_ENDED:
      return kEnded;
    case KOBLE_EVENT_WRAPUP:
      return kWrapup;
    case KOBLE_EVENT_WRAPUP_END:
      return kWrapupEnd;
    case KOBLE_EVENT_PENALISED:
      return kPenalised;
    case KOBLE_EVENT_STEP:
    case KOBLE_EVENT_STEP_CLOSED:
      return kStep;
    case KOBLE_EVENT_LEFT:
      return kLeft;
    case KOBLE_EVENT_EXIT:
      return kExit;
    case KOBLE_EVENT_EXHAUSTED:
      return kContactOnly;
    case KOBLE_EVENT_AGENT_ADDED:
      return kAgentAdded;
    case KOBLE_EVENT_PRESENCE:
      return kPresence;
    case KOBLE_EVENT_REQUEST_END:
      return kRequestEnd;
    case KOBLE_EVENT_RESUMED:
      return kResumed;
    case KOBLE_EVENT_UNKNOWN:
      return kUnknown;
    case KOBLE_EVENT_RECONCILED:
      return kReconciled;
    case KOBLE_EVENT_RELEASED:
      return kReleased;
    case KOBLE_EVENT_AGENT_SKILL_CHANGED:
      return kSkillChanged;
    case KOBLE_EVENT_PLACED:
      return kPlaced;
    case KOBLE_EVENT_CONTACT_CHANGED:
      return kContactChanged;
    case KOBLE_EVENT_POLICY_FAULT:
      return kPolicyFault;
    case KOBLE_EVENT_PENALTY_END:
    case KOBLE_EVENT_AGENT_CHANGED:
    case KOBLE_EVENT_AGENT_REMOVED:
    case KOBLE_EVENT_AGENT_GONE:
      return kAgentOnly;
    default:
      return {};
  }
}

std::span<const Field> CommonFields() {
  static const std::array kFields = {Keyed("contact", Value::kContact, Slot::kContact),
                                     Keyed("offer", Value::kOffer, Slot::kOffer),
                                     Keyed("engagement", Value::kOffer, Slot::kEngagement),
                                     Keyed("agent", Value::kAgent, Slot::kAgent),
                                     Keyed("queue", Value::kQueue, Slot::kQueue),
                                     Keyed("host_ref", Value::kNumber, Slot::kRef),
                                     Keyed("serial", Value::kNumber, Slot::kSerial),
                                     Keyed("seq", Value::kNumber, Slot::kSeq),
                                     Keyed("tenant", Value::kNumber, Slot::kTenant),
                                     Keyed("journal_seq", Value::kNumber, Slot::kJournal),
                                     Keyed("time", Value::kTime, Slot::kTime),
                                     Keyed("due", Value::kTime, Slot::kDue),
                                     Keyed("a", Value::kNumber, Slot::kA),
                                     Keyed("b", Value::kNumber, Slot::kB)};
  return kFields;
}

const Field* FindField(uint32_t kind, std::string_view key) {
  const auto find = [kind](std::string_view wanted) -> const Field* {
    for (const Field& field : EventFields(kind)) {
      if (field.key == wanted) return &field;
    }
    for (const Field& field : CommonFields()) {
      if (field.key == wanted) return &field;
    }
    return nullptr;
  };
  if (const Field* field = find(key)) return field;
  for (const Synonym& synonym : kKeySynonyms) {
    if (synonym.word != key) continue;
    if (const Field* field = find(synonym.means)) return field;
  }
  return nullptr;
}

std::optional<uint32_t> FindEvent(std::string_view name) {
  for (const Synonym& synonym : kEventSynonyms) {
    if (synonym.word == name) name = synonym.means;
  }
  for (uint32_t kind = 1; kind < KOBLE_EVENT_COUNT_; ++kind) {
    const char* word = engine::EventName(kind);
    if (word != nullptr && name == word) return kind;
  }
  return std::nullopt;
}

std::optional<uint32_t> FindReason(uint32_t event_kind, std::string_view word) {
  for (const Synonym& synonym : kReasonSynonyms) {
    if (synonym.word == word) word = synonym.means;
  }
  for (uint32_t reason = 0; reason < kReasonsMax; ++reason) {
    const char* name = engine::ReasonName(event_kind, reason);
    if (name != nullptr && word == name) return reason;
  }
  return std::nullopt;
}

std::optional<uint32_t> FindCause(std::string_view word) {
  for (uint32_t cause = 1; cause < kCauses.size(); ++cause) {
    if (word == kCauses[cause]) return cause;
  }
  return std::nullopt;
}

const char* CauseName(uint32_t cause) { return cause < kCauses.size() ? kCauses[cause] : nullptr; }

std::string ChangeWords(int64_t mask) {
  std::vector<std::string> words;
  for (uint32_t bit = 0; bit < 32; ++bit) {
    if ((mask >> bit & 1) == 0) continue;
    const char* name = engine::ChangeName(1U << bit);
    words.push_back(name != nullptr ? name : Cat(1U << bit));
  }
  return words.empty() ? "none" : Join(words, "+");
}

std::optional<int64_t> FindChanges(std::string_view words) {
  int64_t mask = 0;
  for (const std::string_view word : Split(words, "+,")) {
    uint32_t change = 1;
    while (engine::ChangeName(change) != nullptr && word != engine::ChangeName(change)) change *= 2;
    if (engine::ChangeName(change) == nullptr) return std::nullopt;
    mask |= change;
  }
  return mask;
}

std::optional<int32_t> FindError(std::string_view word) {
  std::string lower = Changed(word, absl::ascii_tolower);
  if (lower.starts_with("koble_err_")) lower.erase(0, 10);
  if (lower == "ok" || lower == "koble_ok") return KOBLE_OK;
  for (int32_t code = -1; code >= KOBLE_ERR_BUSY; --code) {
    if (lower == engine::ErrorName(code)) return code;
  }
  return std::nullopt;
}

std::string EventUsage(uint32_t kind) {
  std::string text(engine::EventName(kind));
  for (const Field& field : EventFields(kind)) {
    Append(&text, " [", Changed(field.key, absl::ascii_toupper), "]");
  }
  return text;
}

std::string ReasonWords(uint32_t event_kind) {
  std::vector<std::string> words;
  for (uint32_t reason = 0; reason < kReasonsMax; ++reason) {
    if (const char* name = engine::ReasonName(event_kind, reason)) words.emplace_back(name);
  }
  return Join(words, ", ");
}

std::string EventWords() {
  std::vector<std::string> words;
  for (uint32_t kind = 1; kind < KOBLE_EVENT_COUNT_; ++kind) words.emplace_back(engine::EventName(kind));
  return Join(words, ", ");
}

std::string EventAdvice(std::string_view wrong) {
  const std::optional<std::string_view> nearest = plan::Nearest(
      wrong, KOBLE_EVENT_COUNT_ - 1, [](size_t i) { return engine::EventName(static_cast<uint32_t>(i) + 1); });
  return nearest ? Cat("did you mean `", *nearest, "`?") : Cat("events: ", EventWords());
}

std::string ErrorWords() {
  std::vector<std::string> words;
  for (int32_t code = -1; code >= KOBLE_ERR_BUSY; --code) words.emplace_back(engine::ErrorName(code));
  return Join(words, ", ");
}

}  // namespace koble::transcript
