// Words for numbers, one table a kind. A test holds them against the constants of koble.h.
#include <bit>
#include <cstddef>

#include "engine/engine.h"

namespace koble::engine {
namespace {

struct ErrorWords {
  const char* name;
  const char* text;
};
constexpr ErrorWords kErrors[] = {
    {"ok", "done"},
    {"argument", "a null pointer, a wrong struct_size, or a value outside its range"},
    {"time", "the time is earlier than the engine's now"},
    {"ahead", "the time is further ahead than max_step allows"},
    {"unknown", "no such id, name or number has ever existed here"},
    {"ended", "the id names something that has ended"},
    {"kind", "an id of another kind"},
    {"state", "it exists, but is not in a state in which this can be done"},
    {"held", "another answer of the group awaits its connection"},
    {"none", "nothing found; nothing changed"},
    {"exists", "an agent of that name exists"},
    {"in_use", "the new plan lacks something that is in use"},
    {"limit", "a limit is reached"},
    {"full", "the event buffer or the journal is full: read and acknowledge first"},
    {"plan", "a plan or an agent's definition is not valid"},
    {"no_memory", "the allocator gave nothing"},
    {"poisoned", "an internal promise was broken: reads are allowed, changes are refused"},
    {"corrupt", "a journal, snapshot or binary plan is damaged or cut"},
    {"version", "written by a version or under rules that this library does not read"},
    {"diverged", "a replayed record gave another result than it did when it was written"},
    {"gone", "acknowledged and no longer kept"},
    {"internal", "a defect of Koble; please report it with the journal"},
    {"busy", "a policy is being asked: it may read the engine, not change it"},
};

constexpr const char* kCommands[] = {
    nullptr,
    "advance",
    "resume",
    "plan_replace",
    "agent_add",
    "agent_change",
    "agent_remove",
    "agent_presence",
    "agent_request",
    "agent_request_cancel",
    "contact_arrive",
    "contact_gone",
    "offer_accept",
    "offer_end",
    "connected",
    "connect_failed",
    "hold",
    "retrieve",
    "wrap_up_end",
    "reconcile",
    "symbol",
    "contact_change",
    "engagement_activity",
    "engagement_park",
    "contact_reply",
    "offer_make",
    "contact_place",
    "agent_skill",
};
static_assert(std::size(kCommands) == KOBLE_CMD_COUNT_);

constexpr const char* kEvents[] = {
    nullptr,
    "arrived",
    "offered",
    "accepted",
    "outcome",
    "serving",
    "connect_failed",
    "held",
    "retrieved",
    "ended",
    "wrapup",
    "wrapup_end",
    "penalised",
    "penalty_end",
    "step",
    "left",
    "exit",
    "exhausted",
    "agent_added",
    "agent_changed",
    "agent_removed",
    "agent_gone",
    "presence",
    "request_end",
    "plan",
    "resumed",
    "unknown",
    "reconciled",
    "released",
    "contact_changed",
    "silent",
    "parked",
    "continued",
    "returned",
    "step_closed",
    "placed",
    "agent_skill_changed",
    "policy_fault",
};
static_assert(std::size(kEvents) == KOBLE_EVENT_COUNT_);

constexpr const char* kOffered[] = {nullptr, "preview"};
constexpr const char* kAccepted[] = {nullptr, "expired"};
constexpr const char* kOutcomes[] = {nullptr,     "accepted", "declined",  "busy",     "unreachable",
                                     "no_answer", "failed",   "rescinded", "withdrawn"};
constexpr const char* kConnects[] = {nullptr, "host", "timeout", "gone", "lost"};
constexpr const char* kBys[] = {nullptr, "customer", "agent", "host", "silence"};
constexpr const char* kWrapUps[] = {nullptr, "expired", "early"};
constexpr const char* kExits[] = {nullptr,  "abandoned", "withdrawn",    "max_wait", "full",
                                  "closed", "exhausted", "not_routable", "refused",  "let_go"};
constexpr const char* kPresences[] = {"offline", "available", "break"};
// What an unknown id is of: no command takes an agent's in a list.
constexpr const char* kUnknowns[] = {nullptr, "contact", nullptr, "offer", "engagement"};
constexpr const char* kChanges[] = {"priority", "credit", "max_wait", "attributes", "refusals", "agent", "relative"};
constexpr const char* kPolicies[] = {nullptr, "failed", "absent", "invalid"};
constexpr const char* kRequests[] = {nullptr, "expired", "cancelled", "presence", "removed"};

template <size_t N>
const char* At(const char* const (&words)[N], uint32_t i) {
  return i < N ? words[i] : nullptr;
}

}  // namespace

const char* ErrorName(int32_t code) {
  const int64_t i = -int64_t{code};
  return i >= 0 && i < static_cast<int64_t>(std::size(kErrors)) ? kErrors[i].name : "unknown_error";
}

const char* ErrorText(int32_t code) {
  const int64_t i = -int64_t{code};
  return i >= 0 && i < static_cast<int64_t>(std::size(kErrors)) ? kErrors[i].text : "not an error code of this library";
}

const char* CommandName(uint32_t kind) { return At(kCommands, kind); }
const char* EventName(uint32_t kind) { return At(kEvents, kind); }

const char* ChangeName(uint32_t change) {
  return std::has_single_bit(change) ? At(kChanges, static_cast<uint32_t>(std::countr_zero(change))) : nullptr;
}

const char* ReasonName(uint32_t event_kind, uint32_t reason) {
  switch (event_kind) {
    case KOBLE_EVENT_OFFERED:
      return At(kOffered, reason);
    case KOBLE_EVENT_ACCEPTED:
      return At(kAccepted, reason);
    case KOBLE_EVENT_OUTCOME:
    case KOBLE_EVENT_PENALISED:
      return At(kOutcomes, reason);
    case KOBLE_EVENT_CONNECT_FAILED:
      return At(kConnects, reason);
    case KOBLE_EVENT_ENDED:
      return At(kBys, reason);
    case KOBLE_EVENT_WRAPUP_END:
      return At(kWrapUps, reason);
    case KOBLE_EVENT_LEFT:
    case KOBLE_EVENT_EXIT:
      return At(kExits, reason);
    case KOBLE_EVENT_PRESENCE:
      return At(kPresences, reason);
    case KOBLE_EVENT_REQUEST_END:
      return At(kRequests, reason);
    case KOBLE_EVENT_POLICY_FAULT:
      return At(kPolicies, reason);
    case KOBLE_EVENT_UNKNOWN:
      return At(kUnknowns, reason);
    default:
      return nullptr;
  }
}

}  // namespace koble::engine
