// What each event does to the cells.
#include <algorithm>
#include <cstring>

#include "figures/figures.h"

namespace koble::figures {

int32_t Figures::Fold(const void* events, uint32_t stride, uint64_t count, uint64_t* folded) {
  message_.clear();
  const auto* bytes = static_cast<const unsigned char*>(events);
  const bool in_place = stride >= sizeof(koble_event) && stride % alignof(koble_event) == 0 &&
                        reinterpret_cast<uintptr_t>(bytes) % alignof(koble_event) == 0;
  int32_t code = KOBLE_OK;
  uint64_t i = 0;
  for (; i < count; ++i) {
    koble_event copy;
    if (!in_place) {
      copy = koble_event{};
      std::memcpy(&copy, bytes + i * stride, std::min<size_t>(stride, sizeof(copy)));
    }
    code = FoldOne(in_place ? *reinterpret_cast<const koble_event*>(bytes + i * stride) : copy);
    if (code != KOBLE_OK) break;
  }
  if (folded != nullptr) *folded = i;
  return code;
}

int32_t Figures::FoldOne(const koble_event& event) {
  if (event.seq != 0 && event.seq <= last_seq_) return KOBLE_OK;
  if (event.seq != 0 && last_seq_ != 0 && event.seq != last_seq_ + 1) {
    message_ = "events are missing: number " + std::to_string(last_seq_ + 1) + " was expected and " +
               std::to_string(event.seq) + " given; read them from the engine in order";
    return KOBLE_ERR_ARGUMENT;
  }
  if (event.time_ns < last_ns_) {
    message_ = "event " + std::to_string(event.seq) + " is earlier than what has been folded or closed";
    return KOBLE_ERR_TIME;
  }
  if (!current_.Has(event.time_ns)) {
    const Interval interval = IntervalAt(event.time_ns);
    if (interval.number >= KOBLE_FIGURES_INTERVALS_MAX) {
      message_ =
          "event " + std::to_string(event.seq) + " falls past the last interval; choose a later start or a longer one";
      return KOBLE_ERR_LIMIT;
    }
    current_ = interval;
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
    for (uint32_t i = 0; i < agents_.size(); ++i) Account(i, event.time_ns);  // capacities may change
    PutInForce(*known);
  }
  if (event.seq != 0) last_seq_ = event.seq;
  last_ns_ = event.time_ns;
  // The end of an engagement and its wrap-up are neighbours; anything else in between means that there is none.
  if (just_ended_ != 0 && !(event.kind == KOBLE_EVENT_WRAPUP && event.engagement == just_ended_)) Settle();

  switch (event.kind) {
    case KOBLE_EVENT_ARRIVED:
      OnArrived(event);
      break;
    case KOBLE_EVENT_OFFERED:
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
      OnEnded(event);
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
  return KOBLE_OK;
}

void Figures::OnArrived(const koble_event& event) {
  ContactInfo& contact = contacts_.Put(event.contact);
  contact.queue = QueueOf(event);
  contact.arrival_ns = event.time_ns;
  contact.interval = current_.number;
  contact.routable = event.queue != KOBLE_QUEUE_NONE;
  if (QueueCell* cell = CellOf(contact)) ++cell->offered;
}

// A contact counts in the queue that served it or that it left last.
void Figures::MoveContact(ContactInfo& contact, uint32_t queue) {
  if (queue == contact.queue || queue == KOBLE_QUEUE_NONE) return;
  if (QueueCell* cell = CellOf(contact.queue, contact.interval)) --cell->offered;
  if (QueueCell* cell = CellOf(queue, contact.interval)) ++cell->offered;
  contact.queue = queue;
}

void Figures::OnOffer(const koble_event& event) {
  const uint32_t index = AgentOf(event.agent);
  AgentInfo& agent = agents_[index];
  Account(index, event.time_ns);
  const ContactInfo* const contact = contacts_.Find(event.contact);
  QueueCell* cell = contact == nullptr ? nullptr : CellOf(QueueOf(event), contact->interval);
  AgentCell* agent_cell = CellOfAgentNow(index);
  if (event.kind == KOBLE_EVENT_OFFERED) {
    ++agent.ringing;
    if (agent.presence == KOBLE_PRESENCE_OFFLINE) agent.presence = KOBLE_PRESENCE_AVAILABLE;  // folding began midway
    if (cell != nullptr) ++cell->offers.made;
    if (agent_cell != nullptr) ++agent_cell->offers.made;
    return;
  }
  if (event.reason == KOBLE_OUTCOME_ACCEPTED || event.reason >= kOutcomes) return;
  if (agent.ringing > 0) --agent.ringing;
  if (cell != nullptr) ++cell->offers.outcomes[event.reason];
  if (agent_cell != nullptr) ++agent_cell->offers.outcomes[event.reason];
}

void Figures::OnAccepted(const koble_event& event) {
  const uint32_t index = AgentOf(event.agent);
  AgentInfo& agent = agents_[index];
  Account(index, event.time_ns);
  if (agent.ringing > 0) --agent.ringing;
  EngagementInfo& engagement = engagements_.Put(event.engagement);
  engagement.agent = index;
  engagement.queue = QueueOf(event);
  engagement.cost = event.queue < costs_.size() ? costs_[event.queue] : 0;
  if (const ContactInfo* const contact = contacts_.Find(event.contact)) {
    engagement.interval = contact->interval;
    if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->offers.accepted;
  }
  ++agent.connecting;
  engagement.used = engagement.cost;
  agent.used += engagement.used;
  if (AgentCell* cell = CellOfAgentNow(index)) ++cell->offers.accepted;
}

void Figures::OnServing(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = agents_[engagement.agent];
  Account(engagement.agent, event.time_ns);
  AccountAttention(agent, event.time_ns);
  if (agent.connecting > 0) --agent.connecting;
  ++agent.active;
  agent.running.push_back(event.engagement);
  engagement.phase = Phase::kActive;
  engagement.serving_ns = event.time_ns;
  if (AgentCell* cell = CellOfAgentNow(engagement.agent)) ++cell->answered;

  ContactInfo* const waiting = contacts_.Find(event.contact);
  if (waiting == nullptr || waiting->served) return;
  ContactInfo& contact = *waiting;
  MoveContact(contact, engagement.queue);
  contact.served = true;
  QueueCell* cell = CellOf(contact.queue, contact.interval);
  if (cell == nullptr) return;
  const int64_t wait = event.time_ns - contact.arrival_ns;
  cell->wait_answered.Add(wait);
  if (const int64_t target = queues_[contact.queue].target_ns; target > 0) {
    ++cell->answered_judged;
    if (wait <= target) ++cell->answered_good;
  }
}

void Figures::OnConnectFailed(const koble_event& event) {
  const EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  const EngagementInfo& engagement = *found;
  AgentInfo& agent = agents_[engagement.agent];
  Account(engagement.agent, event.time_ns);
  if (agent.connecting > 0) --agent.connecting;
  agent.used -= engagement.used;
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->offers.connect_failed;
  if (AgentCell* cell = CellOfAgentNow(engagement.agent)) ++cell->offers.connect_failed;
  engagements_.Erase(event.engagement);
}

void Figures::OnHold(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = agents_[engagement.agent];
  const bool hold = event.kind == KOBLE_EVENT_HELD;
  if (engagement.phase != (hold ? Phase::kActive : Phase::kHeld)) return;
  Account(engagement.agent, event.time_ns);
  if (hold) {
    --agent.active;
    ++agent.held;
    ++engagement.work.holds;
    engagement.since_ns = event.time_ns;
    engagement.phase = Phase::kHeld;
  } else {
    --agent.held;
    ++agent.active;
    engagement.work.hold += event.time_ns - engagement.since_ns;
    engagement.phase = Phase::kActive;
  }
}

// Nobody talks any more, or not for now.
void Figures::EndTalk(EngagementInfo& engagement, int64_t now) {
  AgentInfo& agent = agents_[engagement.agent];
  Account(engagement.agent, now);
  AccountAttention(agent, now);
  if (engagement.phase == Phase::kHeld) {
    --agent.held;
    engagement.work.hold += now - engagement.since_ns;
  } else {
    --agent.active;
  }
  engagement.work.talk += now - engagement.serving_ns;
}

void Figures::StopRunning(AgentInfo& agent, koble_id engagement) {
  agent.running.erase(std::remove(agent.running.begin(), agent.running.end(), engagement), agent.running.end());
}

// Silent or parked it takes nothing of the agent, and is none of his states.
void Figures::OnAside(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  if (engagement.phase != Phase::kActive && engagement.phase != Phase::kHeld) return;
  EndTalk(engagement, event.time_ns);
  AgentInfo& agent = agents_[engagement.agent];
  StopRunning(agent, event.engagement);
  agent.used -= engagement.used;
  engagement.used = 0;
  engagement.phase = Phase::kAside;
}

void Figures::OnContinued(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr || found->phase != Phase::kAside) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = agents_[engagement.agent];
  Account(engagement.agent, event.time_ns);
  AccountAttention(agent, event.time_ns);
  ++agent.active;
  agent.running.push_back(event.engagement);
  engagement.used = engagement.cost;
  agent.used += engagement.used;
  engagement.serving_ns = event.time_ns;
  engagement.phase = Phase::kActive;
}

// The engagement is over; what was done in it counts when the contact has ended, once.
void Figures::OnReturned(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr || found->phase != Phase::kAside) return;
  CountEnded(*found, event.time_ns);
  if (ContactInfo* const contact = contacts_.Find(event.contact)) {
    earlier_[event.contact].Add(found->work);
    contact->returned = true;
  }
  engagements_.Erase(event.engagement);
}

void Figures::Work::Add(const Work& other) {
  talk += other.talk;
  hold += other.hold;
  wrapup += other.wrapup;
  attention += other.attention;
  holds += other.holds;
}

Figures::Work Figures::TakeEarlier(koble_id id) {
  const auto found = earlier_.find(id);
  if (found == earlier_.end()) return {};
  const Work work = found->second;
  earlier_.erase(found);
  return work;
}

// For its agent.
void Figures::CountEnded(const EngagementInfo& engagement, int64_t now) {
  const int64_t interval = IntervalOf(now);
  AgentCell* cell = interval < 0 ? nullptr : &CellOfAgent(engagement.agent, interval);
  if (cell == nullptr) return;
  ++cell->ended;
  cell->talk_sum += engagement.work.talk;
  cell->hold_sum += engagement.work.hold;
  cell->wrapup_sum += engagement.work.wrapup;
}

void Figures::OnEnded(const koble_event& event) {
  const ContactInfo* const contact = contacts_.Find(event.contact);
  const bool returned = contact != nullptr && contact->returned;
  const Work earlier = returned ? TakeEarlier(event.contact) : Work{};
  if (contact != nullptr) contacts_.Erase(event.contact);
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  const bool talks = engagement.phase == Phase::kActive || engagement.phase == Phase::kHeld;
  if (!talks && engagement.phase != Phase::kAside) return;
  if (talks) EndTalk(engagement, event.time_ns);
  if (returned) earlier_[event.engagement] = earlier;
  engagement.after_others = returned;
  engagement.since_ns = event.time_ns;
  engagement.phase = Phase::kEnded;
  just_ended_ = event.engagement;
}

void Figures::OnWrapup(const koble_event& event) {
  EngagementInfo* const found = engagements_.Find(event.engagement);
  if (found == nullptr) return;
  EngagementInfo& engagement = *found;
  AgentInfo& agent = agents_[engagement.agent];
  if (event.kind == KOBLE_EVENT_WRAPUP) {
    if (engagement.phase != Phase::kEnded) return;
    Account(engagement.agent, event.time_ns);
    ++agent.wrapping;
    engagement.phase = Phase::kWrapping;
    just_ended_ = 0;
    return;
  }
  if (engagement.phase != Phase::kWrapping) return;
  Account(engagement.agent, event.time_ns);
  AccountAttention(agent, event.time_ns);
  --agent.wrapping;
  engagement.work.wrapup = event.time_ns - engagement.since_ns;
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) ++cell->wrapups;
  Finish(event.engagement, event.time_ns);
}

void Figures::Settle() {
  const koble_id id = just_ended_;
  just_ended_ = 0;
  if (const EngagementInfo* const found = engagements_.Find(id)) Finish(id, found->since_ns);
}

void Figures::Finish(koble_id id, int64_t now) {
  const EngagementInfo& engagement = *engagements_.Find(id);
  AgentInfo& agent = agents_[engagement.agent];
  agent.used -= engagement.used;
  StopRunning(agent, id);
  Work work = engagement.work;
  if (engagement.after_others) work.Add(TakeEarlier(id));
  if (QueueCell* cell = CellOf(engagement.queue, engagement.interval)) Handled(work, cell);
  CountEnded(engagement, now);
  engagements_.Erase(id);
}

// A contact that has been served is over.
void Figures::Handled(const Work& work, QueueCell* cell) {
  cell->handle.Add(work.talk + work.wrapup);
  cell->talk_sum += work.talk;
  cell->talk_max = std::max(cell->talk_max, work.talk);
  cell->holds += work.holds;
  cell->hold_sum += work.hold;
  cell->wrapup_sum += work.wrapup;
  cell->attention_sum += work.attention;
}

void Figures::OnExit(const koble_event& event) {
  ContactInfo* const found = contacts_.Find(event.contact);
  if (found == nullptr) return;
  ContactInfo& contact = *found;
  const uint32_t queue = event.queue == KOBLE_QUEUE_NONE ? contact.queue : QueueOf(event);
  if (event.kind == KOBLE_EVENT_EXHAUSTED) {
    if (QueueCell* cell = CellOf(contact.queue, contact.interval)) ++cell->exhausted;
    return;
  }
  if (event.reason >= kExits) return;
  if (event.kind == KOBLE_EVENT_LEFT) {
    if (QueueCell* cell = CellOf(queue, contact.interval)) ++cell->left[event.reason];
    return;
  }
  if (!contact.served) MoveContact(contact, queue);
  const ContactInfo gone = contact;
  contacts_.Erase(event.contact);
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
  const uint32_t index = AgentOf(event.agent);
  AgentInfo& agent = agents_[index];
  Account(index, event.time_ns);
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
      if (agent_index_.Find(event.agent) != nullptr) agent_index_.Erase(event.agent);
      [[fallthrough]];
    default:  // added (also revived), removed, gone: offline
      agent.presence = KOBLE_PRESENCE_OFFLINE;
      break;
  }
}

}  // namespace koble::figures
