// What each event does to the cells.
#include <algorithm>
#include <cstring>
#include <utility>

#include "figures/figures.h"

namespace koble::figures {

// What is to be seen of an event that is not plainly the next, in the interval of the one before.
int32_t Figures::Admit(const koble_event& event) {
  if (event.seq != 0 && last_seq_ != 0 && event.seq != last_seq_ + 1) {
    message_ = "events are missing: number " + std::to_string(last_seq_ + 1) + " was expected and " +
               std::to_string(event.seq) + " given; read them from the engine in order";
    return KOBLE_ERR_ARGUMENT;
  }
  if (event.time_ns < last_ns_) {
    message_ = "event " + std::to_string(event.seq) + " is earlier than what has been folded or closed";
    return KOBLE_ERR_TIME;
  }
  const Interval interval = IntervalAt(event.time_ns);
  if (interval.number >= KOBLE_FIGURES_INTERVALS_MAX) {
    message_ =
        "event " + std::to_string(event.seq) + " falls past the last interval; choose a later start or a longer one";
    return KOBLE_ERR_LIMIT;
  }
  if (event.kind == KOBLE_EVENT_PLAN) {
    const auto known = std::find_if(layouts_.begin(), layouts_.end(), [&](const Layout& layout) {
      return layout.hash[0] == static_cast<uint64_t>(event.a) && layout.hash[1] == static_cast<uint64_t>(event.b);
    });
    if (known == layouts_.end()) {
      message_ =
          "event " + std::to_string(event.seq) + " puts a plan in force that these figures do not know; give it first";
      return KOBLE_ERR_UNKNOWN;
    }
    live_agents_.Each([&](AgentInfo& agent) { Account(agent, event.time_ns); });  // capacities may change
    PutInForce(*known);
  }
  current_ = interval;
  return KOBLE_OK;
}

[[gnu::always_inline]] inline ContactInfo Figures::NewContact(const koble_event& arrived) const {
  return {.id = arrived.contact,
          .arrival_ns = arrived.time_ns,
          .interval = current_.number,
          .queue = PlannedOf(arrived.queue).queue,
          .routable = arrived.queue != KOBLE_QUEUE_NONE};
}

// Member by member: to copy what has just been written in parts would wait until they have arrived.
[[gnu::always_inline]] inline void Figures::Wait(const ContactInfo& contact) {
  ContactInfo& waiting = contacts_.Put(contact.id);
  waiting.arrival_ns = contact.arrival_ns;
  waiting.interval = contact.interval;
  waiting.queue = contact.queue;
  waiting.routable = contact.routable;
}

void Figures::MoveOffered(uint32_t from, uint32_t to, int32_t interval) {
  if (QueueCell* cell = CellOf(from, interval)) --cell->offered;
  if (QueueCell* cell = CellOf(to, interval)) ++cell->offered;
}

void Figures::OnOffer(const koble_event& event) {
  AgentInfo& agent = AgentOf(event.agent);
  Account(agent, event.time_ns);
  const ContactInfo* const contact = contacts_.Find(event.contact);
  QueueCell* cell = contact == nullptr ? nullptr : CellOf(PlannedOf(event.queue).queue, contact->interval);
  AgentCell& agent_cell = CellOf(agent);
  if (event.kind == KOBLE_EVENT_OFFERED) {
    agent.Begin(agent.ringing);
    if (agent.presence == KOBLE_PRESENCE_OFFLINE) agent.presence = KOBLE_PRESENCE_AVAILABLE;  // folding began midway
    if (cell != nullptr) ++cell->offers.made;
    ++agent_cell.offers.made;
    return;
  }
  if (event.reason == KOBLE_OUTCOME_ACCEPTED || event.reason >= kOutcomes) return;
  agent.End(agent.ringing);
  if (cell != nullptr) ++cell->offers.outcomes[event.reason];
  ++agent_cell.offers.outcomes[event.reason];
}

void Figures::OnAccepted(const koble_event& event) {
  AgentInfo& agent = AgentOf(event.agent);
  Account(agent, event.time_ns);
  agent.End(agent.ringing);
  EngagementInfo& engagement = engagements_.Put(event.engagement);
  engagement.agent = event.agent;
  engagement.queue = PlannedOf(event.queue).queue;
  engagement.cost = PlannedOf(event.queue).cost;
  if (const ContactInfo* const contact = contacts_.Find(event.contact)) {
    engagement.interval = contact->interval;
    if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->offers.accepted;
  }
  agent.Begin(agent.connecting);
  agent.used += engagement.cost;
  ++CellOf(agent).offers.accepted;
}

void Figures::OnServing(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = AgentOf(engagement.agent);
  Account(agent, event.time_ns);
  AccountAttention(agent, event.time_ns);
  agent.End(agent.connecting);
  ++agent.active;
  agent.running.Add(event.engagement);
  engagement.phase = Phase::kActive;
  engagement.serving_ns = event.time_ns;
  ++CellOf(agent).answered;

  Answered(TakeServed(event.contact), engagement, event.time_ns);
}

// What is known of a contact that is being served. One that had returned stays, the others are their engagements' from here on; of one that came before the
// first event nothing is to be counted any more.
[[gnu::always_inline]] inline ContactInfo Figures::TakeServed(koble_id id) {
  ContactInfo* const contact = contacts_.Find(id);
  if (contact == nullptr) return {.interval = -1, .served = true};
  const ContactInfo taken = *contact;
  if (!contact->served) contacts_.Erase(*contact);
  return taken;
}

[[gnu::always_inline]] inline void Figures::Answered(const ContactInfo& contact, EngagementInfo& engagement,
                                                     int64_t now) {
  engagement.again = contact.returned;
  if (contact.served) return;
  const uint32_t queue = CountIn(engagement.queue, contact);
  QueueCell* const cell = CellOf(queue, contact.interval);
  if (cell == nullptr) return;
  const int64_t wait = now - contact.arrival_ns;
  cell->wait_answered.Add(wait);
  if (const int64_t target = queues_[queue].target_ns; target > 0) {
    ++cell->answered_judged;
    if (wait <= target) ++cell->answered_good;
  }
}

// Of an offer and the two events behind it. Most contacts are given to their agents at once, and then these three stand one behind the other. (All in one
// jump: a compiler takes several that may go either way to lead to where one hardly ever comes, and makes what is there short instead of fast.)
[[gnu::always_inline]] inline bool Figures::IsServedAtOnce(const koble_event& offered, const koble_event& accepted,
                                                           const koble_event& serving) {
  const auto differ = [](auto a, auto b) { return static_cast<uint64_t>(a) ^ static_cast<uint64_t>(b); };
  return (differ(accepted.kind, KOBLE_EVENT_ACCEPTED) | differ(serving.kind, KOBLE_EVENT_SERVING) |
          differ(accepted.seq, offered.seq + 1) | differ(serving.seq, offered.seq + 2) |
          differ(accepted.time_ns, offered.time_ns) | differ(serving.time_ns, offered.time_ns) |
          differ(accepted.offer, offered.offer) | differ(serving.engagement, accepted.engagement)) == 0;
}

// The same of an arrival and the three behind it.
[[gnu::always_inline]] inline bool Figures::IsServedOnArrival(const koble_event& arrived, const Following& following) {
  if (following.count < 3) return false;
  const koble_event& offered = following[0];
  return offered.kind == KOBLE_EVENT_OFFERED && offered.contact == arrived.contact && offered.seq == arrived.seq + 1 &&
         offered.time_ns == arrived.time_ns && IsServedAtOnce(offered, following[1], following[2]);
}

// What OnOffer, OnAccepted and OnServing do in turn, in one look.
[[gnu::always_inline]] inline void Figures::ServedAtOnce(const koble_event& offered, koble_id id,
                                                         const ContactInfo& contact) {
  const int64_t now = offered.time_ns;
  AgentInfo& agent = AgentOf(offered.agent);
  Account(agent, now);
  AccountAttention(agent, now);
  if (agent.presence == KOBLE_PRESENCE_OFFLINE) agent.presence = KOBLE_PRESENCE_AVAILABLE;
  EngagementInfo& engagement = engagements_.Put(id);
  const Planned& planned = PlannedOf(offered.queue);
  engagement.agent = offered.agent;
  engagement.cost = planned.cost;
  engagement.serving_ns = now;
  engagement.interval = contact.interval;
  engagement.queue = planned.queue;
  engagement.phase = Phase::kActive;
  agent.used += planned.cost;
  ++agent.active;
  agent.running.Add(id);
  ++CellOf(agent).served_at_once;
  if (QueueCell* const cell = CellOf(planned.queue, contact.interval)) {
    ++cell->offers.made;
    ++cell->offers.accepted;
  }
  Answered(contact, engagement, now);
}

void Figures::OnConnectFailed(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = AgentOf(engagement.agent);
  Account(agent, event.time_ns);
  agent.End(agent.connecting);
  engagement.GiveBack(&agent.used);
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->offers.connect_failed;
  ++CellOf(agent).offers.connect_failed;
  engagements_.Erase(*found);
}

void Figures::OnHold(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = AgentOf(engagement.agent);
  const bool hold = event.kind == KOBLE_EVENT_HELD;
  if (engagement.phase != (hold ? Phase::kActive : Phase::kHeld)) return;
  Account(agent, event.time_ns);
  if (hold) {
    --agent.active;
    agent.Begin(agent.held);
    ++engagement.More().holds;
    engagement.since_ns = event.time_ns;
    engagement.phase = Phase::kHeld;
  } else {
    agent.End(agent.held);
    ++agent.active;
    engagement.More().hold += event.time_ns - engagement.since_ns;
    engagement.phase = Phase::kActive;
  }
}

// Nobody talks any more, or not for now.
[[gnu::always_inline]] inline void Figures::EndTalk(EngagementInfo& engagement, AgentInfo& agent, int64_t now) {
  Account(agent, now);
  AccountAttention(agent, engagement, now);
  if (engagement.phase == Phase::kHeld) {
    agent.End(agent.held);
    engagement.More().hold += now - engagement.since_ns;
  } else {
    --agent.active;
  }
}

// Silent or parked it takes nothing of the agent, and is none of his states.
void Figures::OnAside(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  if (engagement.phase != Phase::kActive && engagement.phase != Phase::kHeld) return;
  AgentInfo& agent = AgentOf(engagement.agent);
  EndTalk(engagement, agent, event.time_ns);
  engagement.More().talk += event.time_ns - engagement.serving_ns;
  agent.running.Remove(event.engagement);
  engagement.GiveBack(&agent.used);
  engagement.phase = Phase::kAside;
}

void Figures::OnContinued(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr || found->phase != Phase::kAside) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = AgentOf(engagement.agent);
  Account(agent, event.time_ns);
  AccountAttention(agent, event.time_ns);
  ++agent.active;
  agent.running.Add(event.engagement);
  engagement.takes = true;
  agent.used += engagement.cost;
  engagement.serving_ns = event.time_ns;
  engagement.phase = Phase::kActive;
}

// The engagement is over; what was done in it counts when the contact has ended, once.
void Figures::OnReturned(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr || found->phase != Phase::kAside) return;
  const Work done = found->Done(0, 0);
  CountEnded(AgentOf(found->agent), done, event.time_ns);
  earlier_[event.contact].Add(done);
  if (!found->again) {
    ContactInfo& contact = contacts_.Put(event.contact);
    contact.interval = found->interval;
    contact.queue = found->queue;
    contact.served = contact.returned = true;
  }
  engagements_.Erase(*found);
}

Work Figures::TakeEarlier(koble_id id) {
  const auto found = earlier_.find(id);
  if (found == earlier_.end()) return {};
  const Work work = found->second;
  earlier_.erase(found);
  return work;
}

void Figures::EndContact(koble_id id, EngagementInfo& last) {
  if (ContactInfo* const contact = contacts_.Find(id)) contacts_.Erase(*contact);
  earlier_[last.id] = TakeEarlier(id);
  last.after_others = true;
}

[[gnu::always_inline]] inline void Figures::CountEnded(AgentInfo& agent, const Work& work, int64_t now) {
  const int32_t interval = current_.Has(now) ? current_.number : IntervalAt(now).number;
  if (interval < 0) return;
  AgentCell& cell = CellOf(agent, interval);
  ++cell.ended;
  cell.talk_sum.Add(work.talk);
  if (work.hold != 0) cell.hold_sum.Add(work.hold);
  if (work.wrapup != 0) cell.wrapup_sum.Add(work.wrapup);
}

// The only conversation of its agent, never held or laid aside, of a contact that had no other; no wrap-up follows. What EndTalk and Finish do, in one look.
[[gnu::always_inline]] inline void Figures::EndPlainly(EngagementInfo& engagement, AgentInfo& agent, int64_t now) {
  const int64_t talk = now - engagement.serving_ns;
  Account(agent, now);
  const int64_t attention = engagement.attention + std::max<int64_t>(TakeAttention(agent, now), 0);
  --agent.active;
  agent.used -= engagement.cost;
  agent.running.Clear();
  if (current_.number >= 0) {
    AgentCell& cell = CellOf(agent);
    ++cell.ended;
    cell.talk_sum.Add(talk);
  }
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) {
    cell->handle.Add(talk);
    cell->talk_sum.Add(talk);
    cell->talk_max = std::max(cell->talk_max, talk);
    cell->attention_sum.Add(attention);
  }
  engagements_.Erase(engagement);
}

[[gnu::always_inline]] inline void Figures::OnEnded(const koble_event& event, const Following& following) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  const bool no_wrapup = following.count != 0 && following[0].seq == event.seq + 1 &&
                         !(following[0].kind == KOBLE_EVENT_WRAPUP && following[0].engagement == event.engagement);
  const bool plain = no_wrapup && engagement.IsPlain();
  const bool talks = engagement.phase == Phase::kActive || engagement.phase == Phase::kHeld;
  if (!talks && engagement.phase != Phase::kAside) return;
  AgentInfo& agent = AgentOf(engagement.agent);
  if (plain && agent.running.IsOnly(engagement.id)) [[likely]] {
    return EndPlainly(engagement, agent, event.time_ns);
  }
  if (talks) {
    EndTalk(engagement, agent, event.time_ns);
  } else {
    engagement.serving_ns = event.time_ns;  // how long it talked is known
  }
  if (engagement.again) [[unlikely]]
    EndContact(event.contact, engagement);
  engagement.since_ns = event.time_ns;
  engagement.phase = Phase::kEnded;
  if (no_wrapup) return Finish(engagement, agent, event.time_ns, 0);
  just_ended_ = event.engagement;
}

void Figures::OnWrapup(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = AgentOf(engagement.agent);
  if (event.kind == KOBLE_EVENT_WRAPUP) {
    if (engagement.phase != Phase::kEnded) return;
    Account(agent, event.time_ns);
    agent.Begin(agent.wrapping);
    engagement.phase = Phase::kWrapping;
    just_ended_ = 0;
    return;
  }
  if (engagement.phase != Phase::kWrapping) return;
  Account(agent, event.time_ns);
  AccountAttention(agent, engagement, event.time_ns);
  agent.End(agent.wrapping);
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->wrapups;
  Finish(engagement, agent, event.time_ns, event.time_ns - engagement.since_ns);
}

void Figures::Settle() {
  EngagementInfo* const found = engagements_.Find(std::exchange(just_ended_, 0));
  if (found != nullptr) Finish(*found, AgentOf(found->agent), found->since_ns, 0);
}

[[gnu::always_inline]] inline void Figures::Finish(EngagementInfo& engagement, AgentInfo& agent, int64_t now,
                                                   int64_t wrapup_ns) {
  engagement.GiveBack(&agent.used);
  agent.running.Remove(engagement.id);
  Work done = engagement.Done(engagement.since_ns - engagement.serving_ns, wrapup_ns);
  CountEnded(agent, done, now);
  if (engagement.after_others) done.Add(TakeEarlier(engagement.id));
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) Handled(done, cell);
  engagements_.Erase(engagement);
}

// A contact that has been served is over.
[[gnu::always_inline]] inline void Figures::Handled(const Work& work, QueueCell* cell) {
  cell->handle.Add(work.talk + work.wrapup);
  cell->talk_sum.Add(work.talk);
  cell->talk_max = std::max(cell->talk_max, work.talk);
  cell->attention_sum.Add(work.attention);
  if (work.wrapup != 0) cell->wrapup_sum.Add(work.wrapup);
  if (work.holds == 0) return;
  cell->holds += work.holds;
  cell->hold_sum.Add(work.hold);
}

void Figures::OnExit(const koble_event& event) {
  ContactInfo* const found = contacts_.Find(event.contact);
  if (found == nullptr) return;
  ContactInfo& contact = *found;
  const uint32_t queue = event.queue == KOBLE_QUEUE_NONE ? contact.queue : PlannedOf(event.queue).queue;
  if (event.kind == KOBLE_EVENT_EXHAUSTED) {
    if (QueueCell* cell = CellOf(contact.queue, contact.interval)) ++cell->exhausted;
    return;
  }
  if (event.reason >= kExits) return;
  if (event.kind == KOBLE_EVENT_LEFT) {
    if (QueueCell* cell = CellOf(queue, contact.interval)) ++cell->left[event.reason];
    return;
  }
  if (!contact.served) contact.queue = CountIn(queue, contact);
  const ContactInfo gone = contact;
  contacts_.Erase(*found);
  const Work earlier = gone.returned ? TakeEarlier(event.contact) : Work{};
  QueueCell* cell = CellOf(gone);
  if (cell == nullptr) return;
  if (gone.served) return Handled(earlier, cell);  // it had returned, and is counted as answered
  const int64_t wait = event.time_ns - gone.arrival_ns;
  const int64_t target = gone.routable ? queues_[gone.queue].target_ns : 0;
  ++cell->exits[event.reason];
  if (event.reason == KOBLE_EXIT_ABANDONED) {
    const bool is_short = options_.short_abandon_ns > 0 && wait <= options_.short_abandon_ns;
    cell->wait_abandoned.Add(wait);
    if (is_short) ++cell->abandoned_short;
    if (target > 0) {
      ++cell->abandoned_judged;
      if (wait <= target) ++cell->abandoned_good;
      // A short abandon later than the target was no success in any definition; it leaves the denominator all the same.
      if (is_short) ++cell->short_judged;
    }
  } else {
    cell->wait_other.Add(wait);
    if (target > 0 && event.reason != KOBLE_EXIT_WITHDRAWN) ++cell->others_judged;
  }
}

void Figures::OnAgent(const koble_event& event) {
  AgentInfo& agent = AgentOf(event.agent);
  Account(agent, event.time_ns);
  switch (event.kind) {
    case KOBLE_EVENT_PRESENCE:
      agent.presence = event.reason;
      break;
    case KOBLE_EVENT_PENALISED:
      agent.penalised = true;
      break;
    case KOBLE_EVENT_PENALTY_END:
      agent.penalised = false;
      break;
    case KOBLE_EVENT_AGENT_GONE:
      PutAway(agent);
      live_agents_.Erase(agent);
      break;
    default:  // added (also revived), removed: offline
      agent.presence = KOBLE_PRESENCE_OFFLINE;
      break;
  }
}

// Counts an event, and those of the following that it is counted together with. How many; 0: it is refused, and `code` says why.
[[gnu::always_inline]] inline uint64_t Figures::FoldSome(const koble_event& event, const Following& following,
                                                         int32_t* code) {
  const bool plain = event.seq == last_seq_ + 1 && event.time_ns >= last_ns_ && event.time_ns < current_.end_ns &&
                     event.kind != KOBLE_EVENT_PLAN;
  if (!plain) [[unlikely]] {
    if (event.seq != 0 && event.seq <= last_seq_) return 1;
    *code = Admit(event);
    if (*code != KOBLE_OK) return 0;
  }
  if (event.seq != 0) last_seq_ = event.seq;
  last_ns_ = event.time_ns;
  // The end of an engagement and its wrap-up are neighbours; anything else in between means that there is none.
  const bool settles = just_ended_ != 0 && !(event.kind == KOBLE_EVENT_WRAPUP && event.engagement == just_ended_);
  if (settles) [[unlikely]] {
    Settle();
  }

  switch (event.kind) {
    case KOBLE_EVENT_ARRIVED: {
      const ContactInfo contact = NewContact(event);
      if (QueueCell* cell = CellOf(contact)) ++cell->offered;
      if (IsServedOnArrival(event, following)) {
        ServedAtOnce(following[0], following[1].engagement, contact);
        last_seq_ += 3;
        return 4;
      }
      Wait(contact);
      break;
    }
    case KOBLE_EVENT_OFFERED:
      if (following.count >= 2 && IsServedAtOnce(event, following[0], following[1])) {
        ServedAtOnce(event, following[0].engagement, TakeServed(event.contact));
        last_seq_ += 2;
        return 3;
      }
      [[fallthrough]];
    case KOBLE_EVENT_OUTCOME:
      OnOffer(event);
      break;
    case KOBLE_EVENT_ACCEPTED:
      OnAccepted(event);
      break;
    case KOBLE_EVENT_SERVING:
      OnServing(event);
      break;
    case KOBLE_EVENT_CONNECT_FAILED:
      OnConnectFailed(event);
      break;
    case KOBLE_EVENT_HELD:
    case KOBLE_EVENT_RETRIEVED:
      OnHold(event);
      break;
    case KOBLE_EVENT_SILENT:
    case KOBLE_EVENT_PARKED:
      OnAside(event);
      break;
    case KOBLE_EVENT_CONTINUED:
      OnContinued(event);
      break;
    case KOBLE_EVENT_RETURNED:
      OnReturned(event);
      break;
    case KOBLE_EVENT_ENDED:
      OnEnded(event, following);
      break;
    case KOBLE_EVENT_WRAPUP:
    case KOBLE_EVENT_WRAPUP_END:
      OnWrapup(event);
      break;
    case KOBLE_EVENT_LEFT:
    case KOBLE_EVENT_EXIT:
    case KOBLE_EVENT_EXHAUSTED:
      OnExit(event);
      break;
    case KOBLE_EVENT_PRESENCE:
    case KOBLE_EVENT_PENALISED:
    case KOBLE_EVENT_PENALTY_END:
    case KOBLE_EVENT_AGENT_ADDED:
    case KOBLE_EVENT_AGENT_REMOVED:
    case KOBLE_EVENT_AGENT_GONE:
      OnAgent(event);
      break;
    default:
      break;  // steps, requests, plans, resumptions: nothing to count
  }
  return 1;
}

// Of what the event will be about: in a large centre it is in no cache. (Whatever it says of them: of which kind the next is cannot be foretold, and a
// line that nobody needs costs less than a jump.)
[[gnu::always_inline]] inline void Figures::Prefetch(const koble_event& event) const {
  live_agents_.Prefetch(event.agent);
  engagements_.Prefetch(event.engagement);
}

// Of events that can be read where they are. How many have been counted.
[[gnu::hot]] uint64_t Figures::FoldInPlace(const unsigned char* bytes, uint32_t stride, uint64_t count, int32_t* code) {
  // Events: what a fold of them takes is about what memory takes.
  constexpr uint64_t kAhead = 8, kAtATime = 16;
  uint64_t left = count;
  uint64_t to_ask = live_agents_.Large() || engagements_.Large() ? count : 0;  // of the last
  while (left != 0) {
    if (to_ask != 0 && left < to_ask + kAhead) [[unlikely]] {
      const unsigned char* at = bytes + (left - to_ask) * stride;
      for (uint64_t n = std::min(to_ask, kAtATime); n != 0; --n, --to_ask, at += stride) {
        Prefetch(*reinterpret_cast<const koble_event*>(at));
      }
    }
    const uint64_t folded =
        FoldSome(*reinterpret_cast<const koble_event*>(bytes), {bytes + stride, stride, left - 1}, code);
    if (folded == 0) break;
    bytes += folded * stride;
    left -= folded;
  }
  return count - left;
}

int32_t Figures::Fold(const void* events, uint32_t stride, uint64_t count, uint64_t* folded) {
  message_.clear();
  const auto* bytes = static_cast<const unsigned char*>(events);
  const bool in_place = stride >= sizeof(koble_event) && stride % alignof(koble_event) == 0 &&
                        reinterpret_cast<uintptr_t>(bytes) % alignof(koble_event) == 0;
  int32_t code = KOBLE_OK;
  uint64_t done = in_place ? FoldInPlace(bytes, stride, count, &code) : 0;
  while (!in_place && done < count) {
    koble_event copy{};
    std::memcpy(&copy, bytes + done * stride, std::min<size_t>(stride, sizeof(copy)));
    if (FoldInPlace(reinterpret_cast<const unsigned char*>(&copy), sizeof(copy), 1, &code) == 0) break;
    ++done;
  }
  if (folded != nullptr) *folded = done;
  return code;
}

}  // namespace koble::figures
