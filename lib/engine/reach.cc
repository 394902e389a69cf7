// How far a change can go at most: counted before it begins, so that memory for all of it is there and nothing can fail in the middle.
//
// What a command or timer itself ends is counted thing by thing. What the worklist then does is bounded by one fact (docs/model.md, 6.4): before
// the change no contact waited while an agent who could take it was free. So every offer that the worklist makes either is for a contact that the change
// triggered, or goes to an agent whom the change freed, or of whom a reserve has let go: at most `contacts` + `places` groups of offers.
#include <algorithm>
#include <bit>

#include "engine/machine.h"

namespace koble::engine {

using state::Agent;
using state::AgentChannel;
using state::Engagement;

namespace {

// Of one command, an arrival: its own, that of a maximum wait of 0, and that after fullness.
constexpr uint64_t kWorklists = 3;

// Of one contact: a step, a delay and a deadline in each queue, released, a retry, a tick, coming back.
constexpr uint64_t kTriggers = 3 * KOBLE_CONTACT_QUEUES_MAX + 4;

// How often the divisor, which is positive, fits in what is not negative: most often never or once, and a division takes longer than all else here.
int64_t Quotient(int64_t units, int64_t divisor) {
  if (units < divisor) return 0;
  return units == divisor ? 1 : units / divisor;
}

// Contacts of one channel that an agent may take when something that holds `freed` units has ended: rounded up so that the sum over several
// things bounds what he may take when all of them have ended. What ends frees as many units at most, and none for a channel that interrupts it.
template <class UnitsLeft>
uint64_t Places(UnitsLeft units_left, int64_t freed, int64_t cost, int64_t contacts_left) {
  const int64_t by_contacts = std::max<int64_t>(contacts_left, 0) + 1;
  if (cost == 0 || by_contacts == 1) return static_cast<uint64_t>(by_contacts);
  const int64_t by_units = Quotient(std::max<int64_t>(units_left(), 0), cost) + Quotient(freed, cost) + 1;
  return static_cast<uint64_t>(std::min(by_units, by_contacts));
}

}  // namespace

// Contacts that the agent may take when something that holds so many units has ended.
uint64_t Machine::PlacesFreed(uint32_t agent, int64_t units) const {
  uint64_t places = 0;
  const Agent& a = state_->agents[agent];
  const uint32_t channels = state_->Channels();
  const AgentChannel* of_agent = &state_->Of(agent, 0);
  for (uint32_t ch = 0; ch < channels; ++ch) {
    const AgentChannel& on = of_agent[ch];
    if (on.max == 0) continue;
    const int64_t contacts_left = int64_t{on.max} - on.Taken();
    const plan::Channel& channel = state_->plan->channels[ch];
    const auto units_left = [&] { return channel.alone ? a.capacity - a.used : UnitsLeft(agent, ch); };
    places += Places(units_left, units, channel.cost, contacts_left);
  }
  return places;
}

void Machine::CountFreed(Reach& reach, uint32_t agent, int64_t units) {
  const Agent& a = state_->agents[agent];
  ++reach.agents;
  reach.places += PlacesFreed(agent, units);
  if (features_.reserves) CountReleased(reach, a.skills);
  if (a.leaving) CountReleases(reach, agent);
}

// The lines in which a contact may stand in the queue, whose step matters where only open ones have lines.
[[gnu::hot]] void Machine::PrepareLines(uint32_t queue, uint64_t open, routing::LineWish wish) {
  const plan::Queue& q = QueueOf(queue);
  wish.step = plan::LastStep(open);
  if (q.by_state == 0) return index_.PrepareLine(*state_, wish);
  for (wish.step = 0; wish.step < q.steps.size(); ++wish.step) index_.PrepareLine(*state_, wish);
}

// The contacts reserved for him are released.
void Machine::CountReleases(Reach& reach, uint32_t agent) {
  const state::State& s = *state_;
  for (uint32_t c = s.agents[agent].reserved; c != kNil; c = s.contacts[c].reserved_next) {
    ++reach.contacts;
    ++reach.room.events;
    for (uint32_t e = s.contacts[c].entries; e != kNil; e = s.entries[e].next) {
      const state::Entry& entry = s.entries[e];
      PrepareLines(entry.rules, s.LadderOf(entry).open, {entry.variant, 0, entry.passed});
    }
  }
}

void Machine::CountFreed(Reach& reach, uint32_t agent, const plan::Capability& capability, uint32_t skills) const {
  const Agent& a = state_->agents[agent];
  ++reach.agents;
  for (uint32_t ch = 0; ch < state_->Channels(); ++ch) {
    const int64_t contacts_left = int64_t{capability.channel_max[ch]} - state_->Of(agent, ch).Taken();
    if (capability.channel_max[ch] == 0) continue;
    const auto units_left = [&] {  // without reserves, at most
      return capability.capacity - a.used + UnitsInterrupted(agent, ch);
    };
    reach.places += Places(units_left, 0, state_->plan->channels[ch].cost, contacts_left);
  }
  CountReleased(reach, skills);
}

// One more free agent of this skill set, and others of whom reserves then let go: for each need no more of them than its reserve.
void Machine::CountReleased(Reach& reach, uint32_t skills) const {
  if (!features_.reserves) return;
  index_.EachKept(*state_, skills, [&](uint32_t agent, uint32_t channel) {
    const int64_t contacts_left = int64_t{state_->Of(agent, channel).max} - state_->Of(agent, channel).Taken();
    reach.places +=
        Places([&] { return UnitsLeft(agent, channel); }, 0, state_->plan->channels[channel].cost, contacts_left);
  });
}

// It ends without success: `outcome`, the contact is back, `penalised`, `agent_gone`.
void Machine::CountOfferEnd(Reach& reach, uint32_t offer) {
  const state::Offer& o = state_->offers[offer];
  ++reach.contacts;
  reach.room.exclusions += 2;  // by the rule and from the round
  reach.room.timers += 2;
  reach.room.events += 1 + kLeavingEvents + 2;
  CountFreed(reach, o.agent, state_->plan->channels[o.channel].cost);
}

// Rescinded or withdrawn.
void Machine::CountDismissal(Reach& reach, uint32_t offer) {
  const state::Offer& o = state_->offers[offer];
  ++reach.room.events;
  CountFreed(reach, o.agent, state_->plan->channels[o.channel].cost);
}

// All of them.
void Machine::CountOffersOf(Reach& reach, uint32_t contact) {
  const state::State& s = *state_;
  for (uint32_t o = s.contacts[contact].offers; o != kNil; o = s.offers[o].contact_next) CountDismissal(reach, o);
}

// The agent's offers are withdrawn, and their contacts come back.
void Machine::CountWithdrawal(Reach& reach, uint32_t agent) const {
  for (uint32_t o = state_->agents[agent].offers; o != kNil; o = state_->offers[o].agent_next) {
    ++reach.contacts;
    ++reach.agents;
    ++reach.room.timers;
    reach.room.events += 1 + kLeavingEvents;
  }
}

// A miss may take him out: `presence`, his other offers withdrawn, what is reserved for him released, `request_end`.
void Machine::CountMissed(Reach& reach, uint32_t agent) {
  const plan::MissRule& rule = state_->agents[agent].miss_rule;
  if (rule.limit == 0) return;
  reach.room.events += 2;
  CountWithdrawal(reach, agent);
  if (rule.presence == KOBLE_PRESENCE_OFFLINE) CountReleases(reach, agent);
}

// `accepted`, `serving`, the others of the group rescinded.
void Machine::CountAcceptance(Reach& reach, uint32_t contact) {
  ++reach.agents;  // the accepting one is triggered, too
  ++reach.room.engagements;
  ++reach.room.timers;
  reach.room.events += 2;
  CountOffersOf(reach, contact);
}

// Connecting: as an offer's end.
void Machine::CountEngagementEnd(Reach& reach, uint32_t engagement) {
  const Engagement& e = state_->engagements[engagement];
  if (e.state == KOBLE_ENGAGEMENT_CONNECTING) {
    ++reach.contacts;
    reach.room.exclusions += 2;
    reach.room.events += 1 + kLeavingEvents + 2;
    CountMissed(reach, e.agent);
  } else {
    reach.room.events += kEndEvents;
  }
  reach.room.timers += kEndTimers;
  CountFreed(reach, e.agent, state_->plan->channels[e.channel].cost);
}

// A silent or parked one continues, or its contact goes back to its queue: `continued` or `returned`, `agent_gone`.
void Machine::CountReturn(Reach& reach, uint32_t engagement) {
  state::State& s = *state_;
  Engagement& e = s.engagements[engagement];
  const uint32_t contact = KOBLE_ID_SLOT(e.contact);
  ++reach.contacts;
  ++reach.room.entries;
  reach.room.timers += 2;
  reach.room.events += 2 + kLeavingEvents;
  const plan::Queue& queue = QueueOf(e.queue);
  reach.zero_wait |= queue.max_wait_ns == 0;
  e.variant = index_.PrepareVariant(s, e.queue, ValuesOf(contact));
  for (const uint32_t owner : {kNil, e.agent}) {
    PrepareLines(e.queue, queue.at_join, {e.variant, 0, 0, owner});
  }
  if (queue.by_state != 0) reach.room.entries += queue.steps.size();
  reach.steps_by_state += static_cast<uint64_t>(std::popcount(queue.by_state));
  reach.leaving += queue.leave != plan::kNoCondition ? 1 : 0;
  if (s.agents[e.agent].leaving) CountFreed(reach, e.agent, 0);
}

// Those that the agent has parked.
void Machine::CountReturns(Reach& reach, uint32_t agent) {
  ListParkedOf(agent);
  for (const auto& [sequence, engagement] : parked_) CountReturn(reach, engagement);
}

Machine::Reach Machine::CountInstant(int64_t due_ns) {
  state::State& s = *state_;
  Reach reach;
  s.timers.EachDue(due_ns, [&](const base::Timer& timer) {
    switch (timer.owner_kind) {
      case KOBLE_KIND_CONTACT: {
        const state::Contact& c = s.contacts[timer.owner_slot];
        ++reach.contacts;
        ++reach.room.timers;
        reach.room.events +=
            KOBLE_CONTACT_QUEUES_MAX + 1 + kLeavingEvents;  // steps, `released`, then whatever makes it leave
        CountOffersOf(reach, timer.owner_slot);
        for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
          const state::Entry& entry = s.entries[e];
          const bool opens = NextStep(entry) <= due_ns;
          const bool passes = NextQueueDelay(entry) <= due_ns;
          const uint64_t open =
              s.LadderOf(entry).open | (opens ? s.LadderOf(entry).open + 1 : 0);  // without conditions: one step more
          // A reserved contact may be released before, between or after.
          for (const uint32_t owner : {kNil, c.Owner()}) {
            if (owner == kNil && c.Owner() != kNil)
              PrepareLines(entry.rules, s.LadderOf(entry).open, {entry.variant, 0, entry.passed});
            if (opens) PrepareLines(entry.rules, open, {entry.variant, 0, entry.passed, owner});
            if (passes) PrepareLines(entry.rules, open, {entry.variant, 0, entry.passed + 1u, owner});
          }
        }
        break;
      }
      case KOBLE_KIND_AGENT:
        reach.room.events += 2;  // `penalty_end`, `request_end`
        CountExpiry(reach, timer.owner_slot, due_ns);
        CountFreed(reach, timer.owner_slot, 0);
        break;
      case KOBLE_KIND_OFFER: {
        const state::Offer& o = s.offers[timer.owner_slot];
        CountOfferEnd(reach, timer.owner_slot);
        // Once for all that he misses at this instant.
        const bool first = o.agent_previous == kNil || s.offers[o.agent_previous].expires_ns > due_ns;
        if (first) CountMissed(reach, o.agent);
        // One of the group is accepted, and the others are rescinded.
        const bool accepts = QueueOf(o.queue).on_expiry == plan::OnExpiry::kAccept;
        const bool leads = o.contact_previous == kNil || s.offers[o.contact_previous].expires_ns > due_ns;
        if (accepts && leads) CountAcceptance(reach, o.contact);
        break;
      }
      default:
        CountEngagementEnd(reach, timer.owner_slot);
        if (s.engagements[timer.owner_slot].state == KOBLE_ENGAGEMENT_PARKED) CountReturn(reach, timer.owner_slot);
        break;
    }
  });
  return reach;
}

// `asked`: how often contacts may be asked about in one worklist, each once and again when a step of it has changed: an offer follows, or it is set
// aside. An agent asks for each of these, and once more in vain; those whom reserves let go ask, too.
void Machine::ReserveChoices(uint64_t asked, uint64_t agents, state::Room* room) {
  for (uint32_t ch = 0; ch < state_->Channels(); ++ch) agents += index_.IdleCount(ch);
  const uint64_t choices = kWorklists * (2 * asked + agents);
  base::ReserveMore(choices_, choices);
  base::ReserveMore(contacts_aside_, asked);
  base::ReserveMore(agents_aside_, agents);
  base::ReserveMore(candidates_, plan::kPolicyCandidatesMax);
  if (state_->settings.journal != KOBLE_JOURNAL_OFF) {
    state_->journal.Reserve(record_bytes_ + (choices_.size() + choices) * sizeof(int32_t));
  }
  room->events += kWorklists * 2 * asked;  // `policy_fault`
}

// Where something in the plan or of the contacts lets a change go further than from the contacts that seek to an offer for each; makes room for what
// only those need.
Machine::Bound Machine::FurtherBound(Reach& reach) {
  state::State& s = *state_;
  if (features_.growing && s.standing_requests != 0) CountTakeovers(reach);
  state::Room& room = reach.room;
  // Each step that goes by state may change once in a worklist, and may make its contact seek.
  const uint64_t changes = index_.StepsByState() + reach.steps_by_state;
  const uint64_t contacts = s.contacts.Count() + room.contacts + (reach.zero_wait ? 1 : 0);
  // Of those who are offered one by one all may get their turn.
  const uint64_t turns = index_.TurnTakers();
  Bound bound;
  // Whoever a policy has left waiting beside a free agent may be taken by anybody now.
  bound.groups = features_.policies ? contacts : std::min(reach.contacts + reach.places + changes + turns, contacts);
  const uint64_t leaving = index_.Leaving() + reach.leaving;
  room.timers += leaving;
  if (changes + leaving != 0) {
    room.events += kWorklists * changes;
    const uint64_t judged = unjudged_.size() + 4 * (changes + leaving) +
                            reach.contacts;  // turned before or in the worklist, due, left over
    for (Triggers* list : {&unjudged_, &judging_}) base::ReserveMore(*list, judged);
    base::ReserveMore(changed_ladders_, changes);
  }
  bound.offers = bound.groups;
  if (features_.group_modes) {
    uint64_t widest = 0;  // a group's members at most
    uint64_t ringing = 0;
    for (uint32_t ch = 0; ch < s.Channels(); ++ch) {
      const uint64_t idle = index_.IdleCount(ch) + reach.agents;
      widest = std::max(widest, idle);
      ringing += idle * static_cast<uint64_t>(s.plan->channels[ch].max_open_offers);
    }
    bound.offers += std::min(bound.groups * widest, ringing);
    // A group made in this very worklist may be taken over in it.
    if (features_.growing && s.standing_requests != 0) {
      bound.offers *= 2;
      reach.agents += bound.offers;
      room.events += bound.offers;
    }
  }
  if (features_.policies) ReserveChoices(contacts + changes, reach.agents, &room);
  if (features_.lists) {
    uint64_t listed = 0;
    for (uint32_t ch = 0; ch < s.Channels(); ++ch) listed = std::max(listed, index_.IdleCount(ch) + reach.agents);
    candidates_.clear();
    base::ReserveMore(candidates_, listed);
  }
  uint64_t released = 0;  // whoever is free may be looked at again
  if (features_.reserves) {
    for (uint32_t ch = 0; ch < s.Channels(); ++ch) released += index_.IdleCount(ch) + reach.agents;
    released_.clear();
    base::ReserveMore(released_, 2 * released);
  }
  bound.agents = reach.agents;
  if (reach.zero_wait) {  // the contact's offers may be withdrawn at once, and its other queues tried
    bound.agents += bound.offers;
    room.events += 2 * bound.offers + kLeavingEvents + 2;
  }
  bound.agents = std::max(bound.agents, released);
  bound.triggers = reach.contacts * kTriggers + 2 * changes + turns;
  return bound;
}

void Machine::Begin(Reach& reach) {
  state::State& s = *state_;
  state::Room& room = reach.room;
  const uint64_t groups = std::min(reach.contacts + reach.places, s.contacts.Count() + room.contacts);
  Bound bound{groups, groups, reach.agents, reach.contacts * kTriggers};
  if (GoesFar() || reach.zero_wait || (reach.steps_by_state | reach.leaving) != 0) bound = FurtherBound(reach);
  AddOffers(room, bound.offers, bound.groups);
  base::ReserveMore(agent_triggers_, bound.agents);
  if (bound.triggers >
      contact_triggers_.capacity()) {  // they are empty; placed_ comes first, so that it has never less room
    const uint64_t room_for = std::max<uint64_t>(bound.triggers, 2 * contact_triggers_.capacity());
    placed_.reserve(room_for);
    contact_triggers_.reserve(room_for);
  }
  if (returning_.capacity() < reach.contacts) returning_.reserve(reach.contacts);
  s.Reserve(room);
  changing_ = true;
}

}  // namespace koble::engine
