// A contact arrives (docs/model.md, 2.1): what it asks for is checked, what it may need is made ready, and then it joins its queues.
#include <absl/container/fixed_array.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <bit>

#include "engine/machine.h"

namespace koble::engine {

// A queue that it names.
struct Machine::Joining {
  uint32_t queue = 0;
  uint32_t variant = 0;
  uint32_t barred = 0;  // why it does not join: KOBLE_EXIT_; 0: it does
  Spot spot;
};

// Whether it names one queue and nothing of it has to be judged: all in one look.
inline bool Machine::IsPlainArrival(const koble_command& command, std::string_view data) const {
  const state::State& s = *state_;
  return data.empty() && attributes_.empty() && command.queue < s.plan->queue_count &&
         (command.agent | command.target) == 0 && s.serials != KOBLE_SERIAL_MAX && s.contacts.Count() < MaxContacts();
}

int32_t Machine::CheckArrival(const koble_command& command, std::span<const uint32_t> queues) {
  const state::State& s = *state_;
  for (const uint32_t queue : queues) {
    if (queue >= s.plan->queue_count) {
      return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("unknown queue ", queue, "; the plan has ", s.plan->queue_count));
    }
  }
  if (!attributes_.empty()) {
    if (const int32_t code = CheckKeys(); code != KOBLE_OK) return code;
  }
  for (const uint32_t queue : queues) {
    if (ChannelOf(queue) == ChannelOf(queues[0])) continue;
    return Refuse(KOBLE_ERR_ARGUMENT,
                  absl::StrCat("queues \"", QueueOf(queues[0]).name, "\" and \"", QueueOf(queue).name,
                               "\" are of different channels; a contact has one"));
  }
  if (command.agent != 0) {
    if (const int32_t code = CheckAgent(command.agent); code != KOBLE_OK) return code;
  }
  if (command.target != 0 && command.target <= s.serials) {
    return Refuse(KOBLE_ERR_ARGUMENT,
                  absl::StrCat("serial ", command.target, " is not greater than the last, ", s.serials,
                               "; give a record's contacts in order, or 0 for the next"));
  }
  if (command.target == 0 && s.serials == KOBLE_SERIAL_MAX) {
    return Refuse(KOBLE_ERR_LIMIT, "the greatest serial has been given; no contact can arrive any more");
  }
  if (s.contacts.Count() >= MaxContacts()) {
    return Refuse(KOBLE_ERR_LIMIT, absl::StrCat(s.contacts.Count(), " contacts are living, the limit set at creation"));
  }
  return KOBLE_OK;
}

// Its variant of the queue.
[[gnu::always_inline]] inline uint32_t Machine::VariantOf(uint32_t queue) {
  if (index_.HasOneVariant(queue)) [[likely]] {
    return index_.OneVariant(queue);
  }
  return index_.PrepareVariant(*state_, queue, ValuesGiven());
}

// The same, and whether it is let in.
[[gnu::always_inline]] inline void Machine::Admit(Joining* joining) {
  const plan::Queue& queue = QueueOf(joining->queue);
  if (queue.closed) {
    joining->barred = KOBLE_EXIT_CLOSED;
    return;
  }
  joining->variant = VariantOf(joining->queue);
  if (queue.refuse != plan::kNoCondition && index_.Refuses(joining->variant)) joining->barred = KOBLE_EXIT_REFUSED;
}

// What it will need there, and may cause.
[[gnu::always_inline]] inline void Machine::CountJoining(Reach& reach, const koble_command& command, uint32_t owner,
                                                         Joining* joining) {
  const state::State& s = *state_;
  const plan::Queue& queue = QueueOf(joining->queue);
  if (command.code != 0) {
    const uint64_t serial = command.target != 0 ? command.target : s.serials + 1;
    const int64_t raised = queue.PriorityOf(queue.OpenAtJoin());
    joining->spot = RequestedSpot(joining->queue, {s.now_ns, command.a, command.b, serial, 0, raised}, command.code);
  }
  PrepareLines(joining->queue, queue.at_join, {joining->variant, 0, 0, owner});
  if (queue.by_state != 0) {
    reach.room.entries += queue.steps.size();
    reach.steps_by_state += static_cast<uint64_t>(std::popcount(queue.by_state));
  }
  reach.leaving += queue.leave != plan::kNoCondition ? 1 : 0;
  reach.zero_wait |= queue.max_wait_ns == 0;
}

// Of a contact that is in no queue.
void Machine::ExitAtOnce(uint32_t contact, uint32_t queue, uint32_t reason) {
  koble_event& exit = EmitContact(KOBLE_EVENT_EXIT, contact);
  exit.queue = queue;
  exit.reason = reason;
  FreeContact(contact);
}

// Whether it may seek before it stands anywhere.
inline bool Machine::SeeksFirst(const koble_command& command) const {
  const uint32_t queue = command.queue;
  const bool may = QueueOf(queue).serves_at_once && (command.agent | command.code) == 0;
  if (features_.any) [[unlikely]] {
    return may && !HasPolicy(queue) && !index_.WatchesWaiting(queue) && !AnyUnjudged();
  }
  return may;
}

// The agent who takes one of the queue's variant as it arrives; kNil if nobody is free for it.
inline uint32_t Machine::FreeAgentFor(uint32_t queue, uint32_t variant) const {
  static const state::Contact kNew;
  const routing::Seeker seeker{queue, variant, 0, &kNew};
  for (uint64_t rest = QueueOf(queue).seeks_at_join; rest != 0; rest &= rest - 1) {
    const uint32_t agent = index_.BestAgent(*state_, seeker, static_cast<uint32_t>(std::countr_zero(rest)));
    if (agent != kNil) return agent;
  }
  return kNil;
}

// The contact itself, in no queue yet, and its event.
[[gnu::always_inline]] inline uint32_t Machine::NewContact(const koble_command& command,
                                                           std::span<const uint32_t> queues, uint32_t given) {
  state::State& s = *state_;
  s.serials = command.target != 0 ? command.target : s.serials + 1;
  const uint32_t contact = s.contacts.Allocate();
  state::Contact& fresh = s.contacts[contact];
  fresh.serial = s.serials;
  fresh.host_ref = command.host_ref;
  fresh.arrival_ns = s.now_ns;
  fresh.priority = command.a;
  fresh.credit_ns = command.b;
  fresh.agent = command.agent;
  result_id_ = s.contacts.Id(contact);
  if (!arriving_.empty()) {
    SetAttributes(contact);
    CountSplits(queues);
  }
  MarkContact(contact);
  About about{.contact = result_id_, .serial = fresh.serial, .host_ref = fresh.host_ref};
  if (!queues.empty()) about.queue = queues[0];
  Emit(KOBLE_EVENT_ARRIVED, about).a = given;
  return contact;
}

// It is served as it arrives. Nobody has come free, so nobody else seeks for that.
[[gnu::always_inline]] inline void Machine::ArriveServed(const koble_command& command, uint32_t queue, uint32_t agent) {
  constexpr uint64_t kTimers = 2;  // silence, and the agent's, whose request ends
  constexpr uint64_t kEvents = 4;
  const auto room = [this] {
    state::Room all;
    all.contacts = 1;
    all.offers = 1;
    all.engagements = 1;
    all.attributes = arriving_.size();
    all.timers = kTimers;
    all.events = kEvents;
    return all;
  };
  if (GoesFar() || !arriving_.empty()) {
    Reach reach;
    reach.contacts = 1;
    reach.room = room();
    Begin(reach);
  } else {
    BeginAlone(room, kTimers, kEvents);
  }
  const uint32_t contact = NewContact(command, {&queue, 1}, 1);
  state::Contact& c = state_->contacts[contact];
  c.offering_queue = queue;
  c.attempts = 1;
  TakeTurn(queue, agent);
  ServeAtOnce(contact, queue, agent);
}

// Whether nothing is to be looked at but where one of the queue stands, when it has found nobody.
inline bool Machine::JustWaits(const plan::Queue& queue) const {
  return !features_.any && arriving_.empty() && queue.max_length == plan::kUnset && queue.max_wait_ns != 0;
}

// It has found nobody, and joins its queue: what NewEntry and BeginWaiting do for it. Nobody seeks for that.
[[gnu::hot]] void Machine::ArriveWaiting(const koble_command& command, uint32_t queue, uint32_t variant) {
  const auto room = [] {
    state::Room all;
    all.contacts = all.entries = all.timers = all.events = 1;
    return all;
  };
  const plan::Queue& q = QueueOf(queue);
  PrepareLines(queue, q.at_join, {variant, 0, 0, kNil});
  BeginAlone(room, 1, 1);
  const uint32_t contact = NewContact(command, {&queue, 1}, 1);
  const uint32_t entry = NewEntry(contact, queue, 0, variant, {});
  state_->contacts[contact].entries = entry;
  CountWaiting(queue, true);
  index_.EntryEnters(*state_, entry);
  const bool timed = q.max_wait_ns != plan::kNever || q.steps.size() > 1 || !q.delays.empty();
  if (timed) SetContactTimer(contact);
}

// Of one queue: whether it is served, or waits there, and that is all; else *sought says whether it has sought. (What it finds is handed on number by
// number: in a structure it would be read as a whole right after its parts were written, which stalls.)
[[gnu::always_inline]] inline bool Machine::ArriveAtOnce(const koble_command& command, bool* sought) {
  const uint32_t queue = command.queue;
  *sought = SeeksFirst(command);
  if (!*sought) return false;
  const uint32_t variant = VariantOf(queue);
  const uint32_t agent = FreeAgentFor(queue, variant);
  if (agent == kNil) {
    if (!JustWaits(QueueOf(queue))) return false;
    ArriveWaiting(command, queue, variant);
    return true;
  }
  state_->PrefetchAgent(agent);
  ArriveServed(command, queue, agent);
  return true;
}

[[gnu::hot]] int32_t Machine::Arrive(const koble_command& command, std::string_view data) {
  if (!IsPlainArrival(command, data)) return ArriveGiven(command, data);
  ReadArriving({&command.queue, 1});
  bool sought = false;
  if (!ArriveAtOnce(command, &sought)) JoinQueues(command, {&command.queue, 1}, 1, sought);
  return KOBLE_OK;
}

// The same for one of which anything may be said.
int32_t Machine::ArriveGiven(const koble_command& command, std::string_view data) {
  const auto given = static_cast<uint32_t>(1 + data.size() / sizeof(uint32_t));
  uint32_t queues[KOBLE_CONTACT_QUEUES_MAX] = {command.queue};
  if (given > 1) __builtin_memcpy(queues + 1, data.data(), data.size());
  uint32_t count = given;
  if (command.target != 0) {  // of a record: what is not in this plan is left out
    count = static_cast<uint32_t>(std::remove(queues, queues + given, KOBLE_QUEUE_NONE) - queues);
  }
  if (const int32_t code = CheckArrival(command, {queues, count}); code != KOBLE_OK) return code;
  ReadArriving({queues, count});
  bool sought = false;
  const bool done = given == 1 && count == 1 && ArriveAtOnce(command, &sought);
  if (!done) JoinQueues(command, {queues, count}, given, sought);
  return KOBLE_OK;
}

// It is not served yet; `given`: how many queues it named, of which some may not be in the plan. `sought`: it has found nobody.
void Machine::JoinQueues(const koble_command& command, std::span<const uint32_t> queues, uint32_t given, bool sought) {
  state::State& s = *state_;
  const auto count = static_cast<uint32_t>(queues.size());
  absl::FixedArray<Joining, KOBLE_CONTACT_QUEUES_MAX> all(count);
  bool joins = false;
  bool limited = false;          // by how many may wait
  bool goes_by_absence = false;  // what is reserved for an agent who is not here is anybody's
  for (uint32_t i = 0; i < count; ++i) {
    all[i].queue = queues[i];
    Admit(&all[i]);
    if (all[i].barred != 0) continue;
    joins = true;
    limited |= QueueOf(queues[i]).max_length != plan::kUnset;
    goes_by_absence |= QueueOf(queues[i]).release_reserved;
  }
  const bool release = goes_by_absence && command.agent != 0 &&
                       s.agents[KOBLE_ID_SLOT(command.agent)].presence == KOBLE_PRESENCE_OFFLINE;
  const uint32_t owner = command.c != 0 && !release ? KOBLE_ID_SLOT(command.agent) : kNil;
  Reach reach;
  reach.contacts = 1;
  reach.room.contacts = 1;
  reach.room.entries = count;
  reach.room.attributes = arriving_.size();
  reach.room.timers = 1;
  // Closed queues and those that refuse it at once, full ones at the end; a place in each.
  reach.room.events = 3 + kLeavingEvents + kLeavingEvents + KOBLE_CONTACT_QUEUES_MAX;
  for (Joining& joining : all) {
    if (joining.barred == 0) CountJoining(reach, command, owner, &joining);
  }
  Begin(reach);

  const uint32_t contact = NewContact(command, queues, given);
  if (count == 0) return ExitAtOnce(contact, KOBLE_QUEUE_NONE, KOBLE_EXIT_NOT_ROUTABLE);
  state::Contact& fresh = s.contacts[contact];
  if (joins && owner != kNil) {
    fresh.reserved_until_ns = command.c == KOBLE_NEVER ? KOBLE_NEVER : Later(s.now_ns, command.c);
    LinkReserved(contact);
  }
  uint32_t* link = &fresh.entries;
  for (uint32_t i = 0; i < count; ++i) {
    if (all[i].barred != 0) {
      koble_event& left = EmitContact(KOBLE_EVENT_LEFT, contact);
      left.queue = queues[i];
      left.reason = all[i].barred;
      continue;
    }
    *link = NewEntry(contact, queues[i], i, all[i].variant, all[i].spot);
    link = &s.entries[*link].next;
  }
  if (!joins) return ExitAtOnce(contact, queues[count - 1], all[count - 1].barred);
  if (command.c != 0 && release) EmitReleased(contact);
  CountsAsWaiting(contact);
  newcomer_ = contact;
  sought ? SettleNewcomer() : TriggerContact(contact);
  if (AnyUnjudged()) JudgeConditions();  // before it seeks: all was at rest, and one more waits
  if (limited) judge_fullness_ = result_id_;
}

}  // namespace koble::engine
