// Matching (docs/model.md, section 6): the worklist and the seeking of a contact.
#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "engine/machine.h"

namespace koble::engine {

using state::Contact;
using state::kNone;

[[gnu::always_inline]] inline plan::MediaSet Machine::FreeMedia(uint32_t agent) const {
  plan::MediaSet free;
  if (agent != freed_ && state_->agents[agent].lines == 0) return free;
  for (uint32_t ch = 0; ch < state_->Channels(); ++ch) free[ch] = IsIdle(agent, ch);
  return free;
}

bool Machine::Seeks(uint32_t contact) const {
  const Contact& c = state_->contacts[contact];
  if (c.set_aside) return false;
  return c.state == KOBLE_CONTACT_WAITING ? c.retry_until_ns == kNone : c.state == KOBLE_CONTACT_OFFERED && c.hungry;
}

routing::Place Machine::BestPlace(uint32_t contact) const {
  const state::State& s = *state_;
  if (s.contacts[contact].hungry) return routing::Index::PlaceOf(s, s.entries[OfferingEntry(contact)]);
  uint32_t e = s.contacts[contact].entries;
  routing::Place best = routing::Index::PlaceOf(s, s.entries[e]);
  for (e = s.entries[e].next; e != kNil; e = s.entries[e].next) {
    const routing::Place place = routing::Index::PlaceOf(s, s.entries[e]);
    if (place.Before(best)) best = place;
  }
  return best;
}

// Best place first; those that do not seek drop out. Scores do not move inside a worklist, so one sorting suffices.
void Machine::SortTriggeredContacts(size_t from) {
  const state::State& s = *state_;
  placed_.clear();
  for (size_t i = from; i < contact_triggers_.size(); ++i) {
    const koble_id id = contact_triggers_[i];
    if (s.contacts.Check(id) != KOBLE_OK) continue;
    const uint32_t contact = KOBLE_ID_SLOT(id);
    if (Seeks(contact)) placed_.emplace_back(BestPlace(contact), id);
  }
  std::sort(placed_.begin(), placed_.end(), [](const auto& a, const auto& b) { return a.first.Before(b.first); });
  contact_triggers_.resize(from);
  for (const auto& [place, id] : placed_) contact_triggers_.push_back(id);
}

// Whether the contact has no choice where he is the only one who is free for it: it stands in one queue, and the plan has nothing by which more or others
// would be asked.
inline bool Machine::IsHis(uint32_t contact) const {
  return !features_.any && state_->entries[state_->contacts[contact].entries].next == kNil;
}

// Whoever waits and is for him, one after the other. `nobody_else`: nobody else is free for any of them. False if an internal promise was broken.
[[gnu::always_inline]] inline bool Machine::Employ(uint32_t agent, bool nobody_else) {
  state::State& s = *state_;
  // The contact may choose another agent, so the same agent is asked for again until nothing is left for him.
  for (;;) {
    const plan::MediaSet free = FreeMedia(agent);
    if (free.none()) break;
    const size_t asked = choices_.size();
    const uint32_t entry = ContactFor(agent, free);
    if (entry == kNil) {
      if (choices_.size() > asked) SetAsideAgent(agent);  // his policy wants none
      break;
    }
    const uint32_t contact = s.entries[entry].contact;
    if (nobody_else && IsHis(contact)) {
      Take(entry, agent);
    } else if (!Seek(contact, nobody_else ? agent : kNil) && !s.contacts[contact].set_aside) {
      s.poisoned = true;
      message_ = "a contact that an agent could take found nobody";
      return false;
    }
    if (freed_ != kNil) SettleFreed();
    if (HasEnough(s.agents[agent])) return true;
  }
  if (freed_ != kNil) SettleFreed();
  return true;
}

// One agent has come free, nothing else has happened, and of the plan nothing follows from what he does.
[[gnu::hot]] void Machine::WorkOffOne() {
  const koble_id id = agent_triggers_.front();
  if (!index_.AnybodyWaits()) {
    if (freed_ != kNil) SettleFreed();
  } else if (state_->agents.Check(id) == KOBLE_OK && !Employ(KOBLE_ID_SLOT(id), true)) {
    return;
  }
  assert(agent_triggers_.size() == 1 && contact_triggers_.empty());
  agent_triggers_.clear();
}

[[gnu::hot]] void Machine::WorkOff() {
  if (!features_.any && OneAgentSeeks()) return WorkOffOne();
  WorkOffAll();
}

void Machine::WorkOffAll() {
  state::State& s = *state_;
  if (contact_triggers_.empty() && !index_.AnybodyWaits() && freed_ == kNil && !MayFollow()) {
    agent_triggers_.clear();  // there is nobody for them
    return;
  }
  size_t agents_done = 0;
  size_t contacts_done = 0;
  size_t contacts_sorted = 0;
  // Where anybody else may do something first, it takes its place among them.
  if (newcomer_ != kNil && (contact_triggers_.size() != 1 || features_.reserves || index_.TurnTakers() != 0))
    SettleNewcomer();
  if (freed_ != kNil &&
      !(OneAgentSeeks() && index_.AnybodyWaits() && !features_.group_modes && !features_.growing && !index_.Counts())) {
    SettleFreed();
  }
  for (;;) {
    while (agents_done < agent_triggers_.size()) {
      const koble_id id = agent_triggers_[agents_done++];
      if (s.agents.Check(id) != KOBLE_OK) continue;
      const uint32_t agent = KOBLE_ID_SLOT(id);
      if (s.agents[agent].set_aside || !index_.AnybodyWaits()) continue;
      // All was at rest: nobody else was free for anybody who waits, so where nothing else has happened nobody else is now.
      if (!Employ(agent, OneAgentSeeks())) return;
    }
    agent_triggers_.clear();
    agents_done = 0;
    if (features_.reserves && TriggerReleased()) continue;
    if (index_.AnyTurnMoved()) index_.EachNewFirst(s, [&](uint32_t contact) { TriggerContact(contact); });
    if (contacts_sorted < contact_triggers_.size()) {
      if (contact_triggers_.size() - contacts_done > 1) SortTriggeredContacts(contacts_done);
      contacts_sorted = contact_triggers_.size();
    }
    if (contacts_done == contact_triggers_.size()) {
      if (AnyUnjudged() && JudgeConditions()) continue;
      break;
    }
    const koble_id id = contact_triggers_[contacts_done++];
    if (s.contacts.Check(id) != KOBLE_OK) continue;
    while (Seeks(KOBLE_ID_SLOT(id)) && Seek(KOBLE_ID_SLOT(id))) {  // others may join
    }
    if (newcomer_ != kNil) SettleNewcomer();
  }
  contact_triggers_.clear();
  if (!changed_ladders_.empty()) EndJudgement();
  if (features_.policies) EndSettingAside();
}

// And nothing else has happened.
bool Machine::OneAgentSeeks() const {
  if (agent_triggers_.size() != 1 || !contact_triggers_.empty()) return false;
  return !features_.any || (!features_.reserves && !features_.policies && index_.TurnTakers() == 0);
}

// Who has come free takes his place in idle lines only when it has been seen that nobody who waits is for him: with a backlog, somebody is most often.
void Machine::SettleFreed() { TakePlaces(std::exchange(freed_, kNil)); }

// Who has arrived stands in no line, and nothing of it is timed, until it has been seen whether somebody takes it at once: most often so.
void Machine::SettleNewcomer() {
  const uint32_t contact = std::exchange(newcomer_, kNil);
  const Contact& c = state_->contacts[contact];
  if (c.entries == kNil) return;  // it is served
  if (c.state == KOBLE_CONTACT_WAITING && !c.set_aside) EnterLines(contact);
  SetContactTimer(contact);
}

// Those of whom a reserve has let go, by number. (Whoever was freed has been seen to; the others may take what he may not.) They are no more
// than the reserve and those who came free since it was judged last.
bool Machine::TriggerReleased() {
  const state::State& s = *state_;
  released_.clear();
  while (index_.JudgeReserve(s, &released_)) {
    std::sort(released_.begin(), released_.end(),
              [&](uint32_t a, uint32_t b) { return s.agents[a].sequence < s.agents[b].sequence; });
    released_.erase(std::unique(released_.begin(), released_.end()), released_.end());
  }
  for (const uint32_t agent : released_) TriggerAgent(agent);
  return !released_.empty();
}

// `freed`: the only agent who may take it, where that is known.
bool Machine::Seek(uint32_t contact, uint32_t freed) {
  state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  if (c.agent != 0) {
    uint32_t e = kNil;
    const uint32_t agent = FreeNamedAgent(contact, &e);
    if (agent != kNil) {
      AskOne(e, agent);
      return true;
    }
    if (c.reserved_until_ns != kNone) return false;
  }
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    const state::Entry& entry = s.entries[e];
    if ((c.hungry && !entry.in_line) || !index_.HasTurn(s, e)) continue;
    const plan::Queue& queue = QueueOf(entry.queue);
    if (queue.mode == plan::OfferMode::kExternal) continue;
    for (uint64_t rest = RulesOf(entry).InForce(s.LadderOf(entry).open) & c.Reach(); rest != 0; rest &= rest - 1) {
      const auto step = static_cast<uint32_t>(std::countr_zero(rest));
      const bool known = freed != kNil && !c.hungry;
      uint32_t agent = !known ? index_.BestAgent(s, routing::SeekerOf(s, entry), step)
                       : IsIdle(freed, queue.channel) && index_.MayTakeBy(s, freed, entry, step) ? freed
                                                                                                 : kNil;
      assert(index_.BestAgent(s, routing::SeekerOf(s, entry), step) == (freed_ != kNil ? kNil : agent));
      if (agent == kNil) continue;
      if (step == c.reach_step && TierOf(entry.queue, agent) > c.reach_tier) continue;
      if (c.hungry || !plan::AsksSeveral(queue.mode)) {
        if (HasPolicy(entry.queue)) {
          agent = ChooseAgent(e, step);
          if (agent == kNil) {
            SetAsideContact(contact);
            return false;
          }
        } else if (plan::IsRandom(queue.select) && !known) {
          index_.AllAgents(s, entry, step, 1, &candidates_);
          agent = candidates_.front();
        }
        const bool first = c.offers == kNil;
        AskOne(e, agent);
        if (queue.mode == plan::OfferMode::kProgressive && first && c.state == KOBLE_CONTACT_OFFERED)
          BeginTick(contact);
        return true;
      }
      const uint64_t disposable = index_.Disposable(entry.variant, step);
      index_.AllAgents(s, entry, step, UINT64_MAX, &candidates_);
      if (queue.mode == plan::OfferMode::kBroadcast) {
        candidates_.resize(std::min<uint64_t>({candidates_.size(), queue.group_size, disposable}));
      }
      // An agent with a standing request has asked for work: the best such takes the contact alone, and no phone rings.
      const auto asking = std::find_if(candidates_.begin(), candidates_.end(),
                                       [&](uint32_t candidate) { return s.agents[candidate].pull; });
      if (asking != candidates_.end()) {
        agent = *asking;
        AskOne(e, agent);
      } else {
        const uint64_t count = std::min<uint64_t>(candidates_.size(), disposable);
        MakeOffers(contact, entry.queue, candidates_.data(), static_cast<uint32_t>(count), false);
        if (queue.join) OpenGroup(contact, step, TierOf(entry.queue, agent));
      }
      return true;
    }
  }
  return false;
}

}  // namespace koble::engine
