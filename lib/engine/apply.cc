// The one path of every command: checks, advance, judgement, worklist, journal (docs/model.md, section 1).
#include <absl/strings/str_cat.h>

#include <new>
#include <utility>

#include "engine/engine.h"
#include "engine/machine.h"
#include "plan/text.h"

namespace koble::engine {
namespace {

// Members of a command that a kind may use; the others must be 0.
enum Member : uint32_t {
  kTarget = 1,
  kCode = 2,
  kA = 4,
  kB = 8,
  kHostRef = 16,
  kQueue = 32,
  kData = 64,
  kAttributes = 128,
  kAgent = 256,
  kC = 512,
  kEvery = 1023,
};

constexpr uint32_t UsesOf(uint32_t kind) {
  switch (kind) {
    case KOBLE_CMD_RESUME:
      return kA;
    case KOBLE_CMD_PLAN_REPLACE:
    case KOBLE_CMD_AGENT_ADD:
    case KOBLE_CMD_SYMBOL:
      return kData;
    case KOBLE_CMD_AGENT_CHANGE:
      return kTarget | kData;
    case KOBLE_CMD_AGENT_PRESENCE:
    case KOBLE_CMD_AGENT_REQUEST:
      return kTarget | kCode | kA;
    case KOBLE_CMD_CONTACT_ARRIVE:
      return kEvery;
    case KOBLE_CMD_AGENT_SKILL:
      return kTarget | kA | kB | kData;
    case KOBLE_CMD_CONTACT_PLACE:
      return kTarget | kCode | kQueue;
    case KOBLE_CMD_CONTACT_CHANGE:
      return kTarget | kCode | kA | kB | kData | kAttributes | kC;
    case KOBLE_CMD_CONTACT_GONE:
    case KOBLE_CMD_OFFER_END:
      return kTarget | kCode;
    case KOBLE_CMD_OFFER_MAKE:
      return kTarget | kCode | kQueue | kAgent;
    case KOBLE_CMD_RECONCILE:
      return kCode | kData;
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return kTarget | kA;
    case KOBLE_CMD_ADVANCE:
      return 0;
    default:
      return kTarget;
  }
}

// The command's kind, where it is not known when this is compiled.
template <uint32_t kKind>
uint32_t KindOf(const koble_command& command) {
  return kKind != 0 ? kKind : command.kind;
}

bool IsBy(uint32_t code) { return code - KOBLE_BY_CUSTOMER <= KOBLE_BY_HOST - KOBLE_BY_CUSTOMER; }

// Whether it is one of the two that every contact has, and says nothing that has to be judged: all in one look.
template <uint32_t kKind>
[[gnu::always_inline]] inline bool IsPlain(const koble_command& c, std::string_view data,
                                           std::span<const koble_attribute> attributes) {
  const uint64_t others = static_cast<uint64_t>(c.a) | static_cast<uint64_t>(c.b) | static_cast<uint64_t>(c.c) |
                          c.agent | c.data_offset | c.attributes_offset | c.reserved | data.size() | attributes.size();
  if (others != 0 || static_cast<uint64_t>(c.time_ns) > KOBLE_TIME_MAX) return false;
  if (kKind == KOBLE_CMD_CONTACT_ARRIVE) return c.target == 0;
  return kKind == KOBLE_CMD_CONTACT_GONE && (c.host_ref | c.queue) == 0 && IsBy(c.code);
}

// The record of a command that says nothing but this.
[[gnu::always_inline]] inline koble_command PlainCommand(uint32_t kind, int64_t time_ns, koble_id target, uint32_t code,
                                                         uint32_t queue, uint64_t host_ref) {
  return {.time_ns = time_ns,
          .kind = kind,
          .code = code,
          .target = target,
          .host_ref = host_ref,
          .a = 0,
          .b = 0,
          .queue = queue,
          .data_size = 0,
          .data_offset = 0,
          .attributes_offset = 0,
          .attributes_count = 0,
          .reserved = 0,
          .agent = 0,
          .c = 0};
}

// Those that the command has set.
uint32_t MembersOf(const koble_command& c, std::string_view data, std::span<const koble_attribute> attributes) {
  const auto bit = [](bool set, Member member) { return set ? member : 0u; };
  return bit(c.target != 0, kTarget) | bit(c.code != 0, kCode) | bit(c.a != 0, kA) | bit(c.b != 0, kB) |
         bit(c.host_ref != 0, kHostRef) | bit(c.queue != 0, kQueue) | bit(!data.empty(), kData) |
         bit(!attributes.empty(), kAttributes) | bit(c.agent != 0, kAgent) | bit(c.c != 0, kC);
}

bool InRange(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

uint32_t QueueAt(const koble_command& command, std::string_view data, size_t i) {
  if (i == 0) return command.queue;
  uint32_t queue;
  __builtin_memcpy(&queue, data.data() + (i - 1) * sizeof(queue), sizeof(queue));
  return queue;
}

}  // namespace

int32_t Machine::Refuse(int32_t code, std::string message) {
  message_ = std::move(message);
  return code;
}

int32_t Machine::RefuseId(int32_t code, uint32_t kind, koble_id id) {
  static constexpr const char* kNames[] = {"?", "contact", "agent", "offer", "engagement"};
  const std::string what = absl::StrCat(kNames[kind], " ", KOBLE_ID_SLOT(id), ".", KOBLE_ID_GENERATION(id));
  switch (code) {
    case KOBLE_ERR_KIND:
      return Refuse(code, absl::StrCat("the id is of a", KOBLE_ID_KIND(id) == KOBLE_KIND_CONTACT ? " " : "n ",
                                       kNames[KOBLE_ID_KIND(id)], "; give the id of a",
                                       kind == KOBLE_KIND_CONTACT ? " " : "n ", kNames[kind]));
    case KOBLE_ERR_ENDED:
      return Refuse(code, absl::StrCat(what, " has ended; nothing was changed"));
    default:
      return Refuse(code,
                    absl::StrCat(what, " has never existed here; ids come from this engine's own events and results"));
  }
}

int32_t Machine::CheckShape(const koble_command& c, std::string_view data) {
  if (c.kind == 0 || c.kind >= KOBLE_CMD_COUNT_)
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("unknown command kind ", c.kind));
  if (!InRange(c.time_ns, 0, KOBLE_TIME_MAX)) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("time ", c.time_ns, " ns is outside 0 to ", KOBLE_TIME_MAX));
  }
  const bool astray = (data.empty() && c.data_offset != 0) || (attributes_.empty() && c.attributes_offset != 0);
  const bool fits = (MembersOf(c, data, attributes_) & ~UsesOf(c.kind)) == 0;
  if (!fits || astray || c.reserved != 0) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("members that ", CommandName(c.kind), " does not use must be 0"));
  }
  const auto require = [&](bool good, const char* what) { return good ? KOBLE_OK : Refuse(KOBLE_ERR_ARGUMENT, what); };
  switch (c.kind) {
    case KOBLE_CMD_RESUME:
      return require(InRange(c.a, 0, KOBLE_TIME_MAX), "down_since_ns must be 0 or a time");
    case KOBLE_CMD_AGENT_PRESENCE:
      return require(c.code <= KOBLE_PRESENCE_BREAK, "presence must be offline (0), available (1) or break (2)");
    case KOBLE_CMD_AGENT_REQUEST:
      return require(InRange(c.a, 0, KOBLE_TIME_MAX) || c.a == KOBLE_NEVER,
                     "until_ns must be 0, a time or KOBLE_NEVER");
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return require(InRange(c.a, 0, KOBLE_TIME_MAX), "until_ns must be 0 or a time");
    case KOBLE_CMD_CONTACT_GONE:
      return require(InRange(c.code, KOBLE_BY_CUSTOMER, KOBLE_BY_HOST),
                     "by must be customer (1), agent (2) or host (3)");
    case KOBLE_CMD_OFFER_END:
      return require(InRange(c.code, KOBLE_OUTCOME_DECLINED, KOBLE_OUTCOME_FAILED),
                     "outcome must be declined (2), busy (3), unreachable (4), no_answer (5) or failed (6)");
    case KOBLE_CMD_OFFER_MAKE:
      return require(c.code <= (KOBLE_OFFER_INSIST | KOBLE_OFFER_ACCEPTED),
                     "flags must be a sum of KOBLE_OFFER_INSIST (1) and KOBLE_OFFER_ACCEPTED (2)");
    case KOBLE_CMD_RECONCILE:
      return CheckReconcile(c, data);
    case KOBLE_CMD_SYMBOL:
      return require(
          !data.empty() && data.size() <= KOBLE_SYMBOL_BYTES_MAX && plan::IsUtf8(data) && !plan::HasControl(data),
          "a symbol's name has 1 to 255 bytes of UTF-8 without control characters");
    case KOBLE_CMD_CONTACT_CHANGE:
      return CheckChange(c, data);
    case KOBLE_CMD_AGENT_SKILL:
      return CheckSkill(c, data);
    case KOBLE_CMD_CONTACT_ARRIVE:
      break;
    default:
      return KOBLE_OK;
  }
  if (data.size() % sizeof(uint32_t) != 0 || data.size() / sizeof(uint32_t) >= KOBLE_CONTACT_QUEUES_MAX) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("a contact stands in 1 to ", KOBLE_CONTACT_QUEUES_MAX, " queues"));
  }
  if (!InRange(c.a, 0, 1'000'000'000 * KOBLE_POINT))
    return Refuse(KOBLE_ERR_ARGUMENT, "priority must be 0 to 10^9 points");
  if (!InRange(c.b, 0, KOBLE_DURATION_MAX)) return Refuse(KOBLE_ERR_ARGUMENT, "credit_ns must be 0 to 100 years");
  if (c.target > KOBLE_SERIAL_MAX) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("serial ", c.target, " is greater than KOBLE_SERIAL_MAX, ",
                                                   KOBLE_SERIAL_MAX, "; give 0 for the next"));
  }
  if (!(InRange(c.c, 0, KOBLE_DURATION_MAX) || c.c == KOBLE_NEVER) || (c.agent == 0 && c.c != 0)) {
    return Refuse(KOBLE_ERR_ARGUMENT,
                  "agent_ns must be 0, a duration of at most 100 years or KOBLE_NEVER; 0 without an agent");
  }
  const size_t queues = 1 + data.size() / sizeof(uint32_t);
  for (size_t i = 1; i < queues; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool absent = c.target != 0 && QueueAt(c, data, i) == KOBLE_QUEUE_NONE;
      if (QueueAt(c, data, i) == QueueAt(c, data, j) && !absent) {
        return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("queue ", QueueAt(c, data, i), " is given twice"));
      }
    }
  }
  return CheckAttributes();
}

int32_t Machine::RefuseForRoom() {
  const state::State& s = *state_;
  if (s.poisoned) {
    return Refuse(KOBLE_ERR_POISONED,
                  "an internal promise was broken; changes are refused: rebuild the engine from its journal");
  }
  if (s.settings.max_events != 0 && s.events.Kept() >= s.settings.max_events) {
    return Refuse(KOBLE_ERR_FULL,
                  absl::StrCat(s.events.Kept(), " events are waiting: read and acknowledge them first"));
  }
  return Refuse(KOBLE_ERR_FULL,
                absl::StrCat(s.journal.KeptBytes(), " bytes of journal are waiting: store and acknowledge them first"));
}

inline int32_t Machine::CheckRoom() {
  const state::State& s = *state_;
  const bool no_events = s.settings.max_events != 0 && s.events.Kept() >= s.settings.max_events;
  const bool no_journal =
      s.settings.journal == KOBLE_JOURNAL_BOUNDED && s.journal.KeptBytes() >= s.settings.max_journal_bytes;
  return s.poisoned || no_events || no_journal ? RefuseForRoom() : KOBLE_OK;
}

int32_t Machine::RefuseForTime(int64_t time_ns) {
  const int64_t now_ns = state_->now_ns;
  return Refuse(KOBLE_ERR_TIME,
                absl::StrCat("time ", time_ns, " ns is ", now_ns - time_ns,
                             " ns before the engine's now; keep the clock from going back, or set clamp_time"));
}

// A time that has passed becomes now, or is refused.
inline int32_t Machine::CheckTime(koble_command& command) {
  const state::State& s = *state_;
  if (command.time_ns >= s.now_ns) return KOBLE_OK;
  if (!s.settings.clamp_time) return RefuseForTime(command.time_ns);
  command.time_ns = s.now_ns;
  return KOBLE_OK;
}

int32_t Machine::RefuseForStep(int64_t time_ns) {
  return Refuse(KOBLE_ERR_AHEAD,
                absl::StrCat("time ", time_ns, " ns is ", time_ns - state_->now_ns,
                             " ns after the engine's now, more than max_step_ns; advance in steps, or resume"));
}

// Not asked in a replay: calls in which nothing happened have left no record.
inline int32_t Machine::CheckStep(const koble_command& command) {
  const state::State& s = *state_;
  const int64_t step = s.settings.max_step_ns;
  const bool ahead = step != 0 && command.kind != KOBLE_CMD_RESUME && command.time_ns - s.now_ns > step;
  return ahead ? RefuseForStep(command.time_ns) : KOBLE_OK;
}

// What is asked of a command before anything is done, in the order in which it is refused.
int32_t Machine::Check(koble_command& command, std::string_view data, bool plain) {
  int32_t code = plain ? static_cast<int32_t>(KOBLE_OK) : CheckShape(command, data);
  if (code == KOBLE_OK) code = CheckRoom();
  if (code == KOBLE_OK) code = CheckTime(command);
  if (code == KOBLE_OK) code = CheckStep(command);
  return code;
}

template <uint32_t kKind>
[[gnu::always_inline]] inline int32_t Machine::Judge(const koble_command& c, std::string_view data) {
  switch (KindOf<kKind>(c)) {
    case KOBLE_CMD_PLAN_REPLACE:
      return ReplacePlan(data, std::exchange(replacement_, nullptr));
    case KOBLE_CMD_AGENT_ADD:
      return AddAgent(data);
    case KOBLE_CMD_AGENT_CHANGE:
      return ChangeAgent(c.target, data);
    case KOBLE_CMD_AGENT_REMOVE:
      return RemoveAgent(c.target);
    case KOBLE_CMD_AGENT_PRESENCE:
      return ChangePresence(c.target, c.code, c.a);
    case KOBLE_CMD_AGENT_REQUEST:
      return Request(c.target, c.code, c.a);
    case KOBLE_CMD_AGENT_REQUEST_CANCEL:
      return CancelRequest(c.target);
    case KOBLE_CMD_CONTACT_ARRIVE:
      return Arrive(c, data);
    case KOBLE_CMD_CONTACT_CHANGE:
      return ChangeContact(c, data);
    case KOBLE_CMD_AGENT_SKILL:
      return SetSkill(c.target, data, c.a, c.b);
    case KOBLE_CMD_CONTACT_PLACE:
      return PlaceContact(c.target, c.queue, c.code);
    case KOBLE_CMD_CONTACT_GONE:
      return Gone(c.target, c.code);
    case KOBLE_CMD_OFFER_MAKE:
      return HostOffer(c.target, c.agent, c.queue, c.code);
    case KOBLE_CMD_OFFER_ACCEPT:
      return AcceptOffer(c.target);
    case KOBLE_CMD_OFFER_END:
      return EndOffer(c.target, c.code);
    case KOBLE_CMD_CONNECTED:
      return Connected(c.target);
    case KOBLE_CMD_CONNECT_FAILED:
      return ConnectFailed(c.target);
    case KOBLE_CMD_HOLD:
      return HoldOrRetrieve(c.target, true);
    case KOBLE_CMD_RETRIEVE:
      return HoldOrRetrieve(c.target, false);
    case KOBLE_CMD_RECONCILE:
      OnCopy(data.size(), [&](Machine& copy) { copy.Reconcile(c.code, data); });
      return KOBLE_OK;
    case KOBLE_CMD_SYMBOL:
      return Intern(data);
    case KOBLE_CMD_ENGAGEMENT_ACTIVITY:
      return Activity(c.target);
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return Park(c.target, c.a);
    case KOBLE_CMD_CONTACT_REPLY:
      return Reply(c.target);
    default:
      return EndWrapUp(c.target);
  }
}

template <uint32_t kKind>
[[gnu::always_inline]] inline int32_t Machine::Execute(koble_command& command, std::string_view data, int64_t last_ns) {
  const uint32_t kind = KindOf<kKind>(command);
  if (kind == KOBLE_CMD_RESUME) {
    instant_ns_ = command.time_ns;
    const int32_t code = Resume(command.time_ns, &command.a);
    changed_ = code == KOBLE_OK;
    return code;
  }
  AdvanceTo(command.time_ns, last_ns);
  if (kind == KOBLE_CMD_ADVANCE) return KOBLE_OK;
  changed_ = true;  // unless the command says otherwise
  const bool knows_serial = kind == KOBLE_CMD_CONTACT_ARRIVE || kind == KOBLE_CMD_CONTACT_GONE;  // itself
  if (!knows_serial && state_->settings.journal != KOBLE_JOURNAL_OFF) {
    serial_ = SerialOf(command);  // before its offer or engagement ends
  }
  const int32_t code = Judge<kKind>(command, data);
  if (code != KOBLE_OK) [[unlikely]] {
    changed_ = false;
    choices_.resize(choices_kept_);
    return code;
  }
  if (kind == KOBLE_CMD_CONTACT_ARRIVE) serial_ = state_->serials;
  const bool on_copy = kind == KOBLE_CMD_PLAN_REPLACE || kind == KOBLE_CMD_RECONCILE;
  // The copy has done what follows; and those of kKind always change something.
  if (on_copy || (kKind == 0 && !changed_)) return KOBLE_OK;
  Worklist();
  WorkInstants(command.time_ns, true);  // zero delays
  if (kind == KOBLE_CMD_CONTACT_ARRIVE && judge_fullness_ != 0) JudgeFullness(std::exchange(judge_fullness_, 0));
  return KOBLE_OK;
}

inline void Machine::Record(const koble_command& command, int64_t stamp_ns, std::string_view data) {
  state::State& s = *state_;
  if (!changed_ && !fired_) [[unlikely]] {
    return;
  }
  s.last_journalled_ns = command.time_ns;
  ++s.records;
  if (s.settings.journal != KOBLE_JOURNAL_OFF) WriteRecord(command, stamp_ns, data);
}

// Everything behind the checks; failures of memory end here. (Run, Execute and Judge are one way in three parts: a call between them is not worth it.)
template <uint32_t kKind>
[[gnu::always_inline]] inline int32_t Machine::Run(koble_command& command, int64_t stamp_ns, std::string_view data,
                                                   int64_t last_ns) {
  state::State& s = *state_;
  int32_t code = KOBLE_OK;
  changed_ = fired_ = changing_ = false;
  if (!choices_.empty()) [[unlikely]] {
    choices_.clear();
    choices_kept_ = 0;
  }
  try {
    if (s.settings.journal != KOBLE_JOURNAL_OFF) {
      record_ = s.journal.last() + 1;
      record_bytes_ = data.size() + attributes_.size_bytes();
      s.journal.Reserve(record_bytes_);
      serial_ = 0;
    }
    code = Execute<kKind>(command, data, last_ns);
  } catch (const std::bad_alloc&) {
    code = KOBLE_ERR_NO_MEMORY;
    changed_ = false;
    choices_.resize(choices_kept_);
    s.poisoned |= changing_;  // cannot be: Begin has made the room
    SayNoMemory();
  }
  index_.DropUnused();
  Record(command, stamp_ns, data);
  if (state_->poisoned && code == KOBLE_OK) [[unlikely]] {
    code = KOBLE_ERR_INTERNAL;
  }
  if (code != KOBLE_OK) [[unlikely]] {
    result_id_ = 0;
    result_value_ = 0;
  }
  return code;
}

// Whether there is nothing for which a plain command would be refused: it is on time, and no limit is near.
[[gnu::always_inline]] inline bool Machine::IsOnTime(int64_t time_ns) const {
  const state::State& s = *state_;
  return !limited_ && !s.poisoned && time_ns >= s.now_ns && s.journal.BytesUsed() < journal_bytes_;
}

// What has come of a command, whose events are those from `event_first` on. `clamped`: its time became now.
[[gnu::always_inline]] inline void Machine::Tell(int32_t code, uint64_t event_first, int64_t judged_ns, bool clamped,
                                                 koble_result* result) const {
  if (result == nullptr) return;
  result->code = code;
  result->id = result_id_;
  result->event_first = event_first;
  result->event_count = state_->events.last() + 1 - event_first;
  result->time_ns = judged_ns;
  result->clamped = clamped ? 1 : 0;
  result->reserved = 0;
  result->journal_seq = state_->journal.last();
  result->value = result_value_;
}

template <uint32_t kKind>
[[gnu::always_inline]] inline int32_t Machine::ApplyAs(koble_command& command, std::string_view data,
                                                       std::span<const koble_attribute> attributes,
                                                       koble_result* result) {
  if (!message_.empty()) [[unlikely]] {
    message_.clear();
  }
  result_id_ = 0;
  result_value_ = 0;
  if (kKind == KOBLE_CMD_CONTACT_GONE) state_->PrefetchConversation(KOBLE_ID_SLOT(command.target));
  const bool plain = IsPlain<kKind>(command, data, attributes);
  if (!plain) attributes_ = attributes;  // a plain one has none
  const int64_t stamp_ns = command.time_ns;
  const uint64_t event_first = state_->events.last() + 1;
  int64_t judged_ns = state_->now_ns;
  int32_t code = plain && IsOnTime(stamp_ns) ? static_cast<int32_t>(KOBLE_OK) : Check(command, data, plain);
  if (code == KOBLE_OK) [[likely]] {
    judged_ns = command.time_ns;
    code = Run<kKind>(command, stamp_ns, data, judged_ns);
  }
  Tell(code, event_first, judged_ns, command.time_ns != stamp_ns, result);
  if (!plain) attributes_ = {};
  return code;
}

// One that is plain as it is. `may_be`: whether what it says may be so, beside its time.
template <uint32_t kKind>
[[gnu::always_inline]] inline int32_t Machine::ApplyPlain(koble_command& command, bool may_be, koble_result* result) {
  const int64_t time_ns = command.time_ns;
  const bool sound = may_be && message_.empty() && time_ns <= KOBLE_TIME_MAX && IsOnTime(time_ns);
  if (!sound) [[unlikely]] {
    return Apply(command, {}, {}, result);
  }
  result_id_ = 0;
  result_value_ = 0;
  const uint64_t event_first = state_->events.last() + 1;
  const int32_t code = Run<kKind>(command, time_ns, {}, time_ns);
  Tell(code, event_first, time_ns, false, result);
  return code;
}

[[gnu::hot]] int32_t Machine::ApplyArrival(int64_t time_ns, uint32_t queue, uint64_t host_ref, koble_result* result) {
  koble_command command = PlainCommand(KOBLE_CMD_CONTACT_ARRIVE, time_ns, 0, 0, queue, host_ref);
  return ApplyPlain<KOBLE_CMD_CONTACT_ARRIVE>(command, true, result);
}

[[gnu::hot]] int32_t Machine::ApplyGone(int64_t time_ns, koble_id contact, uint32_t by, koble_result* result) {
  state_->PrefetchConversation(KOBLE_ID_SLOT(contact));
  koble_command command = PlainCommand(KOBLE_CMD_CONTACT_GONE, time_ns, contact, by, 0, 0);
  return ApplyPlain<KOBLE_CMD_CONTACT_GONE>(command, IsBy(by), result);
}

int32_t Machine::Apply(koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                       koble_result* result) {
  switch (command.kind) {
    case KOBLE_CMD_CONTACT_ARRIVE:
      return ApplyAs<KOBLE_CMD_CONTACT_ARRIVE>(command, data, attributes, result);
    case KOBLE_CMD_CONTACT_GONE:
      return ApplyAs<KOBLE_CMD_CONTACT_GONE>(command, data, attributes, result);
    default:
      return ApplyAs<0>(command, data, attributes, result);
  }
}

int32_t Machine::Replay(const koble_command& given, int64_t stamp_ns, std::string_view data,
                        std::span<const koble_attribute> attributes, std::span<const int32_t> choices) {
  message_.clear();
  attributes_ = attributes;
  RecordedChoices recorded{choices};
  replayed_ = &recorded;
  koble_command command = given;
  // An advance for whose last instants memory was missing: the record says how far it came.
  const int64_t last_ns = command.kind == KOBLE_CMD_ADVANCE && command.a != 0 ? command.a : KOBLE_TIME_MAX;
  if (command.kind == KOBLE_CMD_ADVANCE) command.a = 0;
  int32_t code = CheckShape(command, data);
  if (code == KOBLE_OK && state_->poisoned) code = CheckRoom();
  if (code == KOBLE_OK) code = CheckTime(command);
  if (code == KOBLE_OK) code = Run<0>(command, stamp_ns, data, last_ns);
  attributes_ = {};
  replayed_ = nullptr;
  if (code == KOBLE_OK && (!recorded.fits || recorded.next != choices.size())) {
    code = Refuse(KOBLE_ERR_DIVERGED, "policies were asked for other choices than the record holds");
  }
  return code;
}

void Machine::SayNoMemory() {
  try {
    message_ = "no memory: the command changed nothing; free some and give it again";
  } catch (const std::bad_alloc&) {
    message_.clear();  // not even for these words
  }
}

// References to the state do not outlive this.
void Machine::OnCopy(uint64_t data_size, absl::FunctionRef<void(Machine&)> change) {
  Machine copy(*this);
  for (uint32_t e = 0; e < copy.state_->engagements.Size(); ++e) copy.state_->engagements[e].variant = kNil;
  copy.origin_ = this;
  change(copy);
  copy.Worklist();
  copy.WorkInstants(copy.state_->now_ns, true);  // zero delays; a copy takes memory as it goes
  copy.index_.DropUnused();
  copy.state_->ReserveMarks();
  if (state_->settings.journal != KOBLE_JOURNAL_OFF) {
    copy.state_->journal.Reserve(data_size + copy.choices_.size() * sizeof(int32_t));
  }
  std::swap(choices_, copy.choices_);
  std::swap(state_, copy.state_);
  std::swap(index_, copy.index_);
  std::swap(unjudged_, copy.unjudged_);
  std::swap(features_, copy.features_);
}

uint64_t Machine::SerialOf(const koble_command& command) const {
  const state::State& s = *state_;
  const uint32_t slot = KOBLE_ID_SLOT(command.target);
  if (s.contacts.Check(command.target) == KOBLE_OK) return s.contacts[slot].serial;
  if (s.offers.Check(command.target) == KOBLE_OK) return s.contacts[s.offers[slot].contact].serial;
  if (s.engagements.Check(command.target) == KOBLE_OK) return s.engagements[slot].serial;
  return 0;
}

// A command that changed something is one record, with the advance before it; an advance that fired on behalf of anything else is an ADVANCE record.
[[gnu::hot]] void Machine::WriteRecord(const koble_command& command, int64_t stamp_ns, std::string_view data) {
  state::State& s = *state_;
  state::JournalEntry entry{.command = &command,
                            .stamp_ns = stamp_ns,
                            .event_last = s.events.last(),
                            .data = {},
                            .serial = 0,
                            .attributes = {},
                            .choices = choices_};
  koble_command advance;
  if (changed_) {
    entry.data = command.kind == KOBLE_CMD_PLAN_REPLACE ? std::string_view(s.plan->binary) : data;
    entry.serial = serial_;
    entry.attributes = attributes_;
  } else {
    advance = koble_command{};
    advance.kind = KOBLE_CMD_ADVANCE;
    advance.time_ns = command.time_ns;
    // Memory was missing for the rest: the record says how far it came.
    if (!s.timers.Empty() && s.timers.First().due_ns <= command.time_ns) advance.a = fired_ns_;
    entry.command = &advance;
  }
  s.journal.Append(entry);
}

koble_event& Machine::EmitContact(uint32_t kind, uint32_t contact) {
  const state::Contact& c = state_->contacts[contact];
  return Emit(kind, {.contact = state_->contacts.Id(contact), .serial = c.serial, .host_ref = c.host_ref});
}

koble_event& Machine::EmitBond(uint32_t kind, const Bond& bond) {
  const state::Contact& c = state_->contacts[bond.contact];
  const koble_id contact = state_->contacts.Id(bond.contact), agent = state_->agents.Id(bond.agent);
  return Emit(kind, {contact, c.serial, c.host_ref, agent, bond.offer, 0, bond.queue});
}

koble_event& Machine::EmitEngagement(uint32_t kind, uint32_t engagement) {
  const state::Engagement& e = state_->engagements[engagement];
  return EmitAbout(kind, e, state_->agents.Id(e.agent), state_->engagements.Id(engagement));
}

koble_event& Machine::EmitAgent(uint32_t kind, uint32_t agent) {
  return Emit(kind, {.agent = state_->agents.Id(agent)});
}

}  // namespace koble::engine
