// The promises, each checked by looking at everything the observer knows.
#include <algorithm>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>

#include "base/philox.h"
#include "properties/observer.h"
#include "reference/requirements.h"

namespace koble::testing {
namespace {

__extension__ typedef __int128 Int128;
constexpr Int128 kSecond = 1'000'000'000;

}  // namespace

bool Observer::HasRoom(koble_id id, uint32_t channel, koble_id without_offers_of) const {
  const Agent& agent = agents_.at(id);
  const plan::Channel& wanted = plan_->channels[channel];
  std::map<uint32_t, int64_t> on{{channel, 1}};  // contacts by medium, with the new one
  for (const auto& [number, offer] : offers_) {
    if (offer.agent != id || (offer.contact == without_offers_of && offer.fresh)) continue;
    ++on[plan_->queues[offer.queue].channel];
  }
  for (const auto& [number, engagement] : engagements_) {
    if (engagement.agent == id && !Aside(engagement)) ++on[engagement.channel];
  }
  const std::set<uint32_t> interrupts(wanted.interrupts.begin(), wanted.interrupts.end());
  std::map<uint32_t, int64_t> of_channel, of_label, in_use;
  int64_t units = 0;
  for (const auto& [medium, count] : on) {
    const plan::Channel& of = plan_->channels[medium];
    of_channel[of.channel] += count;
    of_label[of.label] += count;
    if (interrupts.contains(medium)) continue;
    in_use[of.channel] += count * of.cost;
    units += count * of.cost;
  }
  for (const uint32_t other : wanted.spares) {
    if (agent.can.channel_max[other] == 0) continue;
    units += std::max<int64_t>(plan_->channels[other].reserve - in_use[other], 0);
  }
  for (const uint32_t other : wanted.excluded_by) {
    if (on[other] != 0) return false;
  }
  if (wanted.label != plan::kNoLabel && of_label[wanted.label] > agent.can.label_max[wanted.label]) return false;
  return units <= agent.can.capacity && of_channel[wanted.channel] <= agent.can.channel_max[wanted.channel];
}

bool Observer::Fits(koble_id id, uint32_t channel, koble_id without_offers_of) const {
  const plan::Channel& wanted = plan_->channels[channel];
  const auto ringing = std::count_if(offers_.begin(), offers_.end(), [&](const auto& offer) {
    const bool without = offer.second.contact == without_offers_of && offer.second.fresh;
    const uint32_t its = plan_->channels[plan_->queues[offer.second.queue].channel].channel;
    return offer.second.agent == id && !without && its == wanted.channel;
  });
  return HasRoom(id, channel, without_offers_of) && ringing < wanted.max_open_offers;
}

bool Observer::Free(koble_id id, uint32_t channel, koble_id without_offers_of) const {
  const Agent& agent = agents_.at(id);
  if (agent.leaving || agent.presence != KOBLE_PRESENCE_AVAILABLE || agent.penalised_until != 0) return false;
  if (agent.can.pull && (!agent.requests || (agent.mask >> plan_->channels[channel].channel & 1) == 0)) return false;
  return Fits(id, channel, without_offers_of);
}

bool Observer::Excluded(const Contact& contact, koble_id agent, int64_t instant) const {
  const auto found = contact.exclusions.find(agent);
  if (found != contact.exclusions.end() && found->second > instant) return true;
  if (!Grows(contact)) return false;
  // Of a group that grows: whoever rings, and whoever rang.
  return contact.asked.contains(agent) || std::any_of(offers_.begin(), offers_.end(), [&](const auto& offer) {
           const Offer& one = offer.second;
           return &contacts_.at(one.contact) == &contact && one.agent == agent && !one.fresh;
         });
}

// The lots of docs/model.md, 5.8.
void Observer::DrawLots(const Contact& contact, const plan::Queue& queue, std::vector<koble_id>* agents) const {
  uint32_t draws = 0;
  for (auto next = agents->begin(); next != agents->end(); ++next) {
    const auto weight = [&](koble_id id) {
      return queue.select == plan::SelectionRule::kRandom ? 1 : static_cast<uint64_t>(agents_.at(id).can.weight);
    };
    uint64_t total = 0;
    for (auto at = next; at != agents->end(); ++at) total += weight(*at);
    uint64_t lot = 0;
    do {
      lot = base::Draw(seed_, 1 + 256 * draws++, contact.serial, contact.attempts)[0];
    } while (lot / total == UINT64_MAX / total && UINT64_MAX % total != total - 1);
    lot %= total;
    auto drawn = next;
    for (; lot >= weight(*drawn); ++drawn) lot -= weight(*drawn);
    std::rotate(next, drawn, drawn + 1);
  }
}

bool Observer::Waits(const Contact& contact, int64_t instant) const {
  return contact.state == KOBLE_CONTACT_WAITING && contact.retry_until <= instant;
}

// Its group takes one more, in the queue whose offers are open: a tick has passed, and no maximum wait is remembered.
bool Observer::Hungry(const Contact& contact, int64_t instant) const {
  if (contact.state != KOBLE_CONTACT_OFFERED || !Grows(contact) || contact.tick > instant) return false;
  if (contact.open && !HasRoom(contact)) return false;
  return std::any_of(contact.standings.begin(), contact.standings.end(), [&](const Standing& standing) {
    return standing.queue == contact.last_offering && standing.deadline > instant;
  });
}

// Open offers, without those that are being made.
bool Observer::HasRoom(const Contact& contact) const {
  const auto open = std::count_if(offers_.begin(), offers_.end(), [&](const auto& offer) {
    return &contacts_.at(offer.second.contact) == &contact && !offer.second.fresh;
  });
  const plan::Queue& queue = plan_->queues[contact.last_offering];
  return queue.mode == plan::OfferMode::kRingAll || open < queue.group_size;
}

// Who was passed over when the group was made does not join.
bool Observer::MayJoin(const Contact& contact, uint32_t step, const plan::QueueView& view) const {
  if (!contact.open || step < contact.reach_step) return true;
  return step == contact.reach_step && view.tier <= contact.reach_tier;
}

// One that is offered seeks nowhere else.
bool Observer::SeeksIn(const Contact& contact, const Standing& standing) const {
  return contact.state == KOBLE_CONTACT_WAITING || standing.queue == contact.last_offering;
}

// One who is leaving may be able to do what an older plan said.
bool Observer::Meets(const Agent& agent, const plan::Step& step, const Contact& contact) const {
  return !agent.leaving &&
         reference::Judge(*plan_, plan_->requirements[step.requirement], agent.can, contact.attributes, symbols_).holds;
}

bool Observer::MayServe(koble_id id, const Contact& contact, const Standing& standing,
                        koble_id without_offers_of) const {
  const plan::Queue& queue = plan_->queues[standing.queue];
  if (queue.mode == plan::OfferMode::kExternal) return false;
  const Agent& agent = agents_.at(id);
  for (const uint32_t step : InForce(standing)) {
    if (!Meets(agent, queue.steps[step], contact) || !MayJoin(contact, step, ViewOf(agent, standing))) continue;
    if (Disposable(queue, step, contact, without_offers_of, id) > 0) return true;
  }
  return false;
}

// Free agents of the step beyond its reserve; `asking` counts as free.
int64_t Observer::Disposable(const plan::Queue& queue, uint32_t step, const Contact& contact,
                             koble_id without_offers_of, koble_id asking) const {
  int64_t free = 0;
  for (const auto& [id, agent] : agents_) {
    if (!Meets(agent, queue.steps[step], contact)) continue;
    free += id == asking || Free(id, queue.channel, without_offers_of);
  }
  return free - queue.steps[step].reserve;
}

// Whether it is reserved for somebody else.
bool Observer::Others(const Contact& contact, koble_id agent) const {
  return contact.reserved_until != 0 && contact.agent != agent;
}

// The one for whom it is meant, where he can take it now.
std::vector<koble_id> Observer::NamedAgent(const Contact& contact, const Standing& standing, int64_t instant,
                                           koble_id without_offers_of) const {
  const auto agent = agents_.find(contact.agent);
  if (agent == agents_.end() || agent->second.leaving) return {};
  const uint32_t channel = plan_->queues[standing.queue].channel;
  if (!Free(contact.agent, channel, without_offers_of) || Excluded(contact, contact.agent, instant) ||
      !Sees(agent->second, contact, standing, instant) ||
      !MayServe(contact.agent, contact, standing, without_offers_of)) {
    return {};
  }
  return {contact.agent};
}

// None comes back: an outage that moves the clock leaves what has passed.
size_t Observer::DelaysPassed(const Contact& contact, const Standing& standing, int64_t instant) const {
  const std::vector<int64_t>& delays = plan_->queues[standing.queue].delays;
  const auto passed =
      std::count_if(delays.begin(), delays.end(), [&](int64_t delay) { return contact.step_clock + delay <= instant; });
  return std::max(standing.delays, static_cast<size_t>(passed));
}

bool Observer::Sees(const Agent& agent, const Contact& contact, const Standing& standing, int64_t instant) const {
  if (agent.leaving) return false;  // what he can may be of an older plan
  const plan::QueueView& view = ViewOf(agent, standing);
  return !view.never && DelaysPassed(contact, standing, instant) >= view.delay;
}

Int128 Observer::RuleKey(koble_id id, const Contact& contact, uint32_t queue_number, uint32_t step,
                         koble_id without_offers_of) const {
  using Rule = plan::SelectionRule;
  const Agent& agent = agents_.at(id);
  const plan::Queue& queue = plan_->queues[queue_number];
  const auto number = static_cast<int64_t>(agent.number);
  int64_t used = 0;
  int64_t open = 0;
  for (const auto& [offer_id, offer] : offers_) {
    if (offer.agent != id || (offer.contact == without_offers_of && offer.fresh)) continue;
    ++open;
    used += plan_->channels[plan_->queues[offer.queue].channel].cost;
  }
  for (const auto& [engagement_id, engagement] : engagements_) {
    if (engagement.agent != id) continue;
    ++open;
    if (!Aside(engagement)) used += plan_->channels[engagement.channel].cost;
  }
  int64_t levels = 0;
  const auto counted = reference::CountedSkills(*plan_, queue.steps[step], contact.attributes, symbols_);
  for (const plan::SkillLevel& skill : agent.can.skills) {
    if (counted.contains(skill.skill)) levels += skill.level;
  }
  const auto pointer = pointers_.find(queue.name);
  switch (queue.select) {
    case Rule::kLongestIdle:
      return 0;
    case Rule::kListed:
      return number;
    case Rule::kRoundRobin:
      return pointer != pointers_.end() && agent.number <= pointer->second ? number + static_cast<int64_t>(last_agent_)
                                                                           : number;
    case Rule::kLeastRecent:
      return agent.last_ended;
    case Rule::kFewestContacts:
      return agent.served;
    case Rule::kLeastTalkTime:
      return agent.talked;
    case Rule::kLeastLoaded:
      return agent.can.capacity == 0 ? 0 : used * 1'000'000 / agent.can.capacity;
    case Rule::kMostSpare:
      return used - agent.can.capacity;
    case Rule::kMostSkilled:
      return -levels;
    case Rule::kLeastSkilled:
      return levels;
    case Rule::kByShare:
      return Int128{agent.served} * 1'000'000 / agent.can.weight;
    case Rule::kMostContacts:
      return -agent.served;
    case Rule::kShortestHandling:
      return agent.Handling();
    case Rule::kLeastRecentStart:
      return agent.last_served;
    case Rule::kFewestOpen:
      return open;
    case Rule::kRandom:
    case Rule::kWeightedRandom:
      return number;
    case Rule::kScore: {
      Int128 score = 0;
      for (const plan::ScoreTerm& term : plan_->scores[queue.score]) {
        const int64_t load = agent.can.capacity == 0 ? 0 : used * 1'000'000 / agent.can.capacity;
        int64_t level = 0;
        for (const plan::SkillLevel& skill : agent.can.skills) level += skill.skill == term.skill ? skill.level : 0;
        const Int128 values[] = {-agent.idle_since,
                                 agent.served * kSecond,
                                 agent.talked,
                                 load * (kSecond / 1'000'000),
                                 (agent.can.capacity - used) * kSecond,
                                 -agent.last_ended,
                                 level * kSecond,
                                 number * kSecond,
                                 agent.Handling(),
                                 -agent.last_served,
                                 open * kSecond};
        score += values[static_cast<size_t>(term.feature)] * term.weight_micro;
      }
      return -score;
    }
  }
  return 0;
}

std::vector<koble_id> Observer::Candidates(const Contact& contact, const Standing& standing, int64_t instant,
                                           koble_id without_offers_of) const {
  const plan::Queue& queue = plan_->queues[standing.queue];
  if (queue.mode == plan::OfferMode::kExternal) return {};
  for (const uint32_t step : InForce(standing)) {
    std::vector<koble_id> found;
    for (const auto& [id, agent] : agents_) {
      if (Meets(agent, queue.steps[step], contact) && Sees(agent, contact, standing, instant) &&
          MayJoin(contact, step, ViewOf(agent, standing)) && Free(id, queue.channel, without_offers_of) &&
          !Excluded(contact, id, instant) && !Others(contact, id)) {
        found.push_back(id);
      }
    }
    const int64_t disposable = Disposable(queue, step, contact, without_offers_of, 0);
    if (found.empty() || disposable <= 0) continue;
    uint32_t tier = UINT32_MAX;
    for (const koble_id id : found) tier = std::min(tier, ViewOf(agents_.at(id), standing).tier);
    std::erase_if(found, [&](koble_id id) { return ViewOf(agents_.at(id), standing).tier != tier; });
    std::sort(found.begin(), found.end(), [&](koble_id a, koble_id b) {
      const Agent& one = agents_.at(a);
      const Agent& other = agents_.at(b);
      const Int128 key_a = RuleKey(a, contact, standing.queue, step, without_offers_of);
      const Int128 key_b = RuleKey(b, contact, standing.queue, step, without_offers_of);
      return std::tie(key_a, one.idle_since, one.number) < std::tie(key_b, other.idle_since, other.number);
    });
    if (plan::IsRandom(queue.select)) DrawLots(contact, queue, &found);
    // A group leaves the reserve free; who asked for work takes the contact alone, in a broadcast where he is one of those it may ask.
    const bool asked = std::any_of(found.begin(), found.end(), [&](koble_id id) { return agents_.at(id).can.pull; });
    if (plan::AsksSeveral(queue.mode) && (!asked || queue.mode == plan::OfferMode::kBroadcast))
      found.resize(std::min(found.size(), static_cast<size_t>(disposable)));
    return found;
  }
  return {};
}

Observer::Place Observer::PlaceOf(const Contact& contact, uint32_t number, int64_t now) const {
  const plan::Queue& queue = plan_->queues[number];
  Standing own;
  for (const Standing& standing : contact.standings) {
    if (standing.queue == number) own = standing;
  }
  const bool placed = own.serial != 0;
  const int64_t arrival = placed ? own.arrival : contact.arrival;
  const uint64_t serial = placed ? own.serial : contact.serial;
  int64_t order = 0;
  if (const auto shared = shared_places_.find(serial); shared != shared_places_.end()) {
    const std::pair<uint64_t, std::string> who(contact.serial, placed ? queue.name : "");
    order = std::find(shared->second.begin(), shared->second.end(), who) - shared->second.begin();
  }
  const int64_t priority = placed ? own.priority : contact.priority;
  const Int128 base = Int128{queue.base_micro} + std::min(priority, queue.own_priority_max_micro) + RaisedBy(own);
  const Int128 rate = queue.rate_micro;
  const Int128 credit =
      Int128{queue.credit_ns} + std::min(placed ? own.credit : contact.credit, queue.own_credit_max_ns);
  const Int128 head_start = credit + (rate == 0 ? 0 : (base * kSecond + rate - 1) / rate);
  const Int128 v = arrival - std::min<Int128>(head_start, KOBLE_DURATION_MAX);
  const Int128 score = rate == 0 ? base * kSecond : rate * (now - v);
  return {queue.weight, std::min(score, queue.cap_micro * kSecond), v, arrival, serial, order};
}

bool Observer::Better(const Place& a, const Place& b) {
  if (a.weight != b.weight) return a.weight > b.weight;
  if (a.score != b.score) return a.score > b.score;
  return std::tie(a.v, a.arrival, a.serial, a.order) < std::tie(b.v, b.arrival, b.serial, b.order);
}

// A policy may let it wait beside whoever is free.
bool Observer::MayBeDeferred(const Contact& contact) const {
  return std::any_of(contact.standings.begin(), contact.standings.end(), [&](const Standing& standing) {
    return plan_->queues[standing.queue].policy.policy != plan::kNoPolicy;
  });
}

// His policy may let contacts wait, or choose one of worse place.
bool Observer::MayDefer(const Agent& agent) const { return agent.can.policy.policy != plan::kNoPolicy; }

void Observer::CheckOffer(const koble_event& event) {
  const Contact& contact = contacts_[event.contact];
  const plan::Queue& queue = plan_->queues[event.queue];
  const bool of_group = event.b != static_cast<int64_t>(event.offer);
  const bool grows = of_group && static_cast<koble_id>(event.b) != group_.first;
  if (grows && !Hungry(contact, event.due_ns)) Note(Promise::kGroups, "an offer more, before its time", &event);
  if (grows && contact.asked.contains(event.agent)) Note(Promise::kGroups, "asked twice in a round", &event);
  if (grows && std::none_of(offers_.begin(), offers_.end(), [&](const auto& offer) {
        return offer.second.contact == event.contact && static_cast<int64_t>(offer.second.group) == event.b;
      })) {
    Note(Promise::kGroups, "an offer more of a group that does not ring", &event);
  }
  if (!Fits(event.agent, queue.channel, 0)) Note(Promise::kCapacity, "an offer that does not fit", &event);
  if (contact.state != (of_group ? KOBLE_CONTACT_OFFERED : KOBLE_CONTACT_WAITING) ||
      contact.retry_until > event.due_ns ||
      (Excluded(contact, event.agent, event.due_ns) && !(event.offer == made_ && insisted_))) {
    Note(Promise::kOrder, "an offer of a contact that is not to be offered to this agent", &event);
  }
  // The request that the command made may stand before a step opens by it, in the same worklist.
  if (event.agent == standing_ && !Free(event.agent, queue.channel, 0)) Stand();
  if (event.offer == made_ ? Others(contact, event.agent) : queue.mode == plan::OfferMode::kExternal)
    Note(Promise::kOrder, "an offer that only the host may make, or not even he", &event);
  if (event.offer != requested_ && !Free(event.agent, queue.channel, 0))
    Note(Promise::kOrder, "an offer to a busy agent", &event);
  if (event.a != 0 && event.a != ExpiryOf(event, grows && contact.open)) {
    Note(Promise::kTimers, "an offer that rings for another time", &event);
  }
}

// Who joins a group rings as long as the first of it, unless that time is over.
int64_t Observer::ExpiryOf(const koble_event& event, bool joins) const {
  const int64_t own = event.time_ns + plan_->queues[event.queue].ring_ns;
  const Offer* first = nullptr;
  for (const auto& [id, offer] : offers_) {
    if (offer.contact == event.contact && (first == nullptr || offer.number < first->number)) first = &offer;
  }
  return joins && first != nullptr && first->expires > event.time_ns ? first->expires : own;
}

// All offers of a group have been seen, and nothing after them.
void Observer::CheckGroup() {
  if (group_.agents.empty()) return;
  const Group group = group_;
  group_ = {};
  if (!group.asked && !group.made) {
    const size_t known = breaches_.size();
    CheckAgentsOf(group);
    if (breaches_.size() > known && standing_ != 0) {  // the advance is over: his request stands, and he counts as free
      breaches_.erase(breaches_.begin() + static_cast<std::ptrdiff_t>(known), breaches_.end());
      Stand();
      CheckAgentsOf(group);
    }
  }
  if (!group.made || !insisted_) CheckReserve(group);
  if (!group.made) CheckPlaceOf(group);
  const plan::Queue& queue = plan_->queues[group.queue];
  if (queue.select == plan::SelectionRule::kRoundRobin && queue.mode != plan::OfferMode::kRingAll) {
    pointers_[queue.name] = agents_.at(group.agents.back()).number;
  }
  ++contacts_.at(group.contact).attempts;
  SeeGrowth(group);
  for (auto& [id, offer] : offers_) offer.fresh = false;
}

// What follows is of agents who join it, at once: who has room for one more is free as before.
bool Observer::IsWhole(const Group& group) const {
  if (group.agents.empty() || !plan_->queues[group.queue].join) return false;
  const Contact& contact = contacts_.at(group.contact);
  const auto standing = std::find_if(contact.standings.begin(), contact.standings.end(),
                                     [&](const Standing& one) { return one.queue == group.queue; });
  if (standing == contact.standings.end()) return false;
  size_t size = Candidates(contact, *standing, group.instant, group.contact).size();
  const plan::Queue& queue = plan_->queues[group.queue];
  if (queue.mode == plan::OfferMode::kBroadcast) size = std::min<size_t>(size, queue.group_size);
  return group.agents.size() >= size;
}

// Some step in force may spare as many as were asked.
void Observer::CheckReserve(const Group& group) {
  const plan::Queue& queue = plan_->queues[group.queue];
  const Contact& contact = contacts_.at(group.contact);
  for (const Standing& standing : contact.standings) {
    if (standing.queue != group.queue) continue;
    for (const uint32_t step : InForce(standing)) {
      const bool meet = std::all_of(group.agents.begin(), group.agents.end(),
                                    [&](koble_id id) { return Meets(agents_.at(id), queue.steps[step], contact); });
      const koble_id asking = group.asked ? group.agents.front() : 0;
      const auto asked = static_cast<int64_t>(group.agents.size());
      if (meet && Disposable(queue, step, contact, group.contact, asking) >= asked) return;
    }
  }
  Note(Promise::kReserve, "contact " + std::to_string(contacts_.at(group.contact).serial) + " got agents of a reserve");
}

// The first queue and step with candidates made the offer, to those whom the queue's rule chooses, or to one of the first whom its policy was shown.
void Observer::CheckAgentsOf(const Group& group) {
  const Contact& contact = contacts_.at(group.contact);
  // Whom it is meant for has it before all others.
  for (const Standing& standing : contact.standings) {
    if (group.grows && standing.queue != group.queue) continue;
    const std::vector<koble_id> named = NamedAgent(contact, standing, group.instant, group.contact);
    if (named.empty()) continue;
    if (standing.queue != group.queue || named != group.agents) {
      Note(Promise::kOrder,
           "contact " + std::to_string(contact.serial) + " was not offered to the agent it is meant for");
    }
    return;
  }
  for (const Standing& standing : contact.standings) {
    if (group.grows && standing.queue != group.queue) continue;
    std::vector<koble_id> expected = Candidates(contact, standing, group.instant, group.contact);
    if (expected.empty()) continue;
    const plan::Queue& queue = plan_->queues[standing.queue];
    if (queue.mode == plan::OfferMode::kBroadcast && expected.size() > queue.group_size)
      expected.resize(queue.group_size);
    if (plan::AsksSeveral(queue.mode) && !group.grows) {
      const auto pull =
          std::find_if(expected.begin(), expected.end(), [&](koble_id id) { return agents_.at(id).can.pull; });
      if (pull != expected.end()) expected = {*pull};
    } else if (queue.policy.policy != plan::kNoPolicy) {
      expected.resize(std::min<size_t>(expected.size(), queue.policy.candidates));
      if (std::count(expected.begin(), expected.end(), group.agents.front()) != 0) expected = {group.agents.front()};
    } else {
      expected.resize(1);
    }
    if (standing.queue != group.queue || expected != group.agents) {
      Note(Promise::kOrder,
           "contact " + std::to_string(contact.serial) + " was not offered to those whom the rule chooses");
    }
    return;
  }
  Note(Promise::kOrder, "contact " + std::to_string(contact.serial) + " was offered without a free agent");
}

// Where only one agent could have been asked, he had no better contact. (Where there were several, the contact he was found
// for may have been given to another.)
void Observer::CheckPlaceOf(const Group& group) {
  const Contact& contact = contacts_.at(group.contact);
  const koble_id agent = group.agents.front();
  if (MayDefer(agents_.at(agent))) return;
  Place best = PlaceOf(contact, group.queue, group.now);
  uint32_t rank = UINT32_MAX;  // the smallest by which the agent may have found the contact
  for (const Standing& standing : contact.standings) {
    if ((group.asked || group.grows) && standing.queue != group.queue) continue;
    if (!Sees(agents_.at(agent), contact, standing, group.instant) ||
        !MayServe(agent, contact, standing, group.contact))
      continue;
    const bool first = contact.reserved_until != 0 && plan_->queues[standing.queue].reserved_first;
    rank = std::min(rank, first ? 0 : ViewOf(agents_.at(agent), standing).rank);
  }
  if (!group.asked) {
    std::set<koble_id> all;
    for (const Standing& standing : contact.standings) {
      if (group.grows && standing.queue != group.queue) continue;
      best = std::min(best, PlaceOf(contact, standing.queue, group.now), Better);
      const uint32_t channel = plan_->queues[standing.queue].channel;
      for (const auto& [id, other] : agents_) {
        const bool may = MayServe(id, contact, standing, group.contact) && !Others(contact, id) &&
                         Sees(other, contact, standing, group.instant) && !Excluded(contact, id, group.instant);
        if (may && Free(id, channel, group.contact)) all.insert(id);
      }
    }
    if (all.size() != 1) return;
  }
  for (const auto& [id, other] : contacts_) {
    const bool seeks = Waits(other, group.instant) || (id != group.contact && Hungry(other, group.instant));
    if (!seeks || Excluded(other, agent, group.instant) || Others(other, agent) || MayBeDeferred(other)) continue;
    for (const Standing& standing : other.standings) {
      if (!SeeksIn(other, standing)) continue;
      const uint32_t channel = plan_->queues[standing.queue].channel;
      const bool free = group.asked ? (request_mask_ >> plan_->channels[channel].channel & 1) != 0 &&
                                          Fits(agent, channel, group.contact)
                                    : Free(agent, channel, group.contact);
      const Agent& he = agents_.at(agent);
      const bool may =
          free && MayServe(agent, other, standing, group.contact) && Sees(he, other, standing, group.instant);
      // A request finds by rank and place. What else seeks does so by its place alone where it was triggered itself.
      const bool first = other.reserved_until != 0 && plan_->queues[standing.queue].reserved_first;
      const uint32_t other_rank = first ? 0 : ViewOf(he, standing).rank;
      const bool better = Better(PlaceOf(other, standing.queue, group.now), best);
      if (may && (other_rank == rank ? better : other_rank < rank && (better || group.asked))) {
        Note(Promise::kOrder, "contact " + std::to_string(other.serial) + " had a better place than contact " +
                                  std::to_string(contact.serial));
      }
      if (may && other_rank == rank && standing.queue == group.queue) CheckNoLead(contact, other, group.queue);
    }
  }
}

// Where a queue ranks nobody by priority, nobody is overtaken by one who came later than the greatest credit after him.
void Observer::CheckNoLead(const Contact& served, const Contact& passed, uint32_t number) {
  const plan::Queue& queue = plan_->queues[number];
  if (queue.own_priority_max_micro != 0 || served.standings.size() != 1) return;
  for (const Contact* contact : {&served, &passed}) {  // but for those whom somebody put elsewhere
    for (const Standing& standing : contact->standings) {
      if (standing.queue == number && standing.serial != 0) return;
    }
  }
  if (Int128{passed.arrival} + queue.own_credit_max_ns < served.arrival) {
    Note(Promise::kOrder,
         "contact " + std::to_string(passed.serial) + " was overtaken by more than the greatest credit");
  }
}

void Observer::CheckTime(const koble_event& event, const Command& command) {
  const auto must = [&](bool holds, const char* what) {
    if (!holds) Note(Promise::kTimers, what, &event);
  };
  must(event.due_ns <= event.time_ns, "due after now");
  const auto offer = offers_.find(event.offer);
  const auto engagement = engagements_.find(event.engagement);
  const auto agent = agents_.find(event.agent);
  switch (event.kind) {
    case KOBLE_EVENT_OUTCOME: {
      if (offer == offers_.end()) return;
      const koble_command& c = command.command;
      const bool by_host = c.kind == KOBLE_CMD_OFFER_END && c.target == event.offer && event.due_ns == event.time_ns;
      const bool failed = event.reason >= KOBLE_OUTCOME_DECLINED && event.reason <= KOBLE_OUTCOME_FAILED;
      must(!failed || by_host || event.due_ns == offer->second.expires,
           "an offer failed at another time than its expiry");
      if (failed && !by_host) {
        const bool declined = plan_->queues[offer->second.queue].on_expiry == plan::OnExpiry::kDeclined;
        must(plan_->queues[offer->second.queue].on_expiry != plan::OnExpiry::kAccept &&
                 event.reason == (declined ? KOBLE_OUTCOME_DECLINED : KOBLE_OUTCOME_NO_ANSWER),
             "an offer expired in another way than its queue says");
      }
      if (event.reason != KOBLE_OUTCOME_WITHDRAWN) must(event.due_ns <= offer->second.expires, "an offer ended late");
      return;
    }
    case KOBLE_EVENT_ACCEPTED:
      if (offer == offers_.end()) return;
      if (event.reason != KOBLE_ACCEPTED_EXPIRED)
        return must(event.due_ns < offer->second.expires, "accepted too late");
      must(event.due_ns == offer->second.expires &&
               plan_->queues[offer->second.queue].on_expiry == plan::OnExpiry::kAccept,
           "accepted by another expiry than its own");
      return;
    case KOBLE_EVENT_CONNECT_FAILED:
      must(event.reason != KOBLE_CONNECT_TIMEOUT ||
               (engagement != engagements_.end() && event.due_ns == engagement->second.deadline),
           "a connection timed out at another time than its limit");
      return;
    case KOBLE_EVENT_WRAPUP_END:
      must(event.reason != KOBLE_WRAPUP_EXPIRED ||
               (engagement != engagements_.end() && event.due_ns == engagement->second.deadline),
           "a wrap-up expired at another time than its end");
      return;
    case KOBLE_EVENT_PENALTY_END:
      must(agent != agents_.end() && event.due_ns == agent->second.penalised_until, "a penalty ended at another time");
      return;
    case KOBLE_EVENT_REQUEST_END:
      must(event.reason != KOBLE_REQUEST_EXPIRED ||
               (agent != agents_.end() && event.due_ns == agent->second.request_until),
           "a request expired at another time");
      return;
    case KOBLE_EVENT_STEP:
    case KOBLE_EVENT_STEP_CLOSED:
    case KOBLE_EVENT_LEFT: {
      const auto contact = contacts_.find(event.contact);
      if (contact == contacts_.end()) return;
      for (const Standing& standing : contact->second.standings) {
        if (standing.queue != event.queue) continue;
        if (event.kind == KOBLE_EVENT_LEFT) {
          must(event.reason != KOBLE_EXIT_MAX_WAIT || standing.deadline <= event.due_ns,
               "left before its maximum wait");
          must(event.reason != KOBLE_EXIT_LET_GO || EarliestLeaving(contact->second, standing) <= event.due_ns,
               "let go before the state lasted long enough");
          continue;
        }
        const plan::Queue& queue = plan_->queues[event.queue];
        const auto step = static_cast<size_t>(event.a);
        if (step >= queue.steps.size()) return Note(Promise::kTimers, "no such step", &event);
        const bool open = (standing.open >> step & 1) != 0;
        must(open == (event.kind == KOBLE_EVENT_STEP_CLOSED), "a step that is open opens, or a closed one closes");
        const bool by_state = (queue.by_state >> step & 1) != 0;
        const plan::Step& of = queue.steps[step];
        must(event.kind == KOBLE_EVENT_STEP || of.hold != plan::kNoCondition, "a step closed that stays open");
        must(by_state || event.due_ns == contact->second.step_clock + of.after_ns, "a step opened at another time");
        // A contact that a late host brings back joins at now, behind the instant.
        must(event.kind == KOBLE_EVENT_STEP_CLOSED || of.early != plan::kNoCondition || of.after_ns == 0 ||
                 StepDue(contact->second, standing, step, event.due_ns),
             "a step opened before its time");
      }
      return;
    }
    default:
      return;
  }
}

// 7: nobody is penalised, misses an offer or loses a place because of the restart itself. What was due before the engine
// went down is not the restart's doing.
void Observer::CheckRestart(const Answer& answer) {
  const plan::OutageRule& outage = plan_->outage;
  if (outage.max_wait || outage.ring || outage.connect || outage.retry) return;
  int64_t down_since = 0;
  for (const koble_event& event : answer.events) {
    if (event.kind == KOBLE_EVENT_RESUMED) down_since = event.a;
  }
  std::set<koble_id> due_before;  // contacts and agents whose connection timed out before
  for (const koble_event& event : answer.events) {
    if (event.kind == KOBLE_EVENT_CONNECT_FAILED && engagements_.at(event.engagement).deadline <= down_since) {
      due_before.insert({event.contact, event.agent});
    } else if (event.kind == KOBLE_EVENT_OUTCOME) {
      const bool withdrawn = event.reason == KOBLE_OUTCOME_WITHDRAWN && event.a == KOBLE_CAUSE_RESTART;
      if (!withdrawn) Note(Promise::kRestart, "an offer that ended otherwise", &event);
    } else if (event.kind == KOBLE_EVENT_PENALISED || event.kind == KOBLE_EVENT_CONNECT_FAILED) {
      if (due_before.count(event.agent) == 0) Note(Promise::kRestart, "punished by a restart", &event);
    } else if (event.kind == KOBLE_EVENT_PRESENCE) {
      if (due_before.count(event.agent) == 0) Note(Promise::kRestart, "taken out by a restart", &event);
    } else if (event.kind == KOBLE_EVENT_LEFT && due_before.count(event.contact) == 0) {
      for (const Standing& standing : contacts_.at(event.contact).standings) {
        if (event.reason != KOBLE_EXIT_LET_GO && standing.queue == event.queue && standing.deadline > down_since) {
          Note(Promise::kRestart, "thrown out by a restart", &event);
        }
      }
    }
  }
}

// 7a: what is not there any more is nobody's fault.
void Observer::CheckReconciled(const Answer& answer) {
  bool begun = false;  // behind the advance
  for (const koble_event& event : answer.events) {
    begun = begun || event.kind == KOBLE_EVENT_UNKNOWN ||
            (event.kind == KOBLE_EVENT_CONNECT_FAILED && event.reason == KOBLE_CONNECT_LOST) ||
            (event.kind == KOBLE_EVENT_OUTCOME && event.a == KOBLE_CAUSE_RESTART);
    if (event.kind == KOBLE_EVENT_RECONCILED) return;
    if (begun && event.kind == KOBLE_EVENT_PENALISED) Note(Promise::kRestart, "punished by a reconcile", &event);
  }
  if (answer.result.code == KOBLE_OK) Note(Promise::kConservation, "a reconcile without its event");
}

// 7a: at the event `reconciled` nothing lives that was not named, but what is newer than the lists.
void Observer::CheckNamed(const koble_event& event, const Command& command) {
  std::set<koble_id> named;
  for (size_t at = 0; at < command.data.size(); at += sizeof(koble_id)) {
    koble_id id = 0;
    std::memcpy(&id, command.data.data() + at, sizeof(id));
    named.insert(id);
  }
  const auto must = [&](bool good, const char* what) {
    if (!good) Note(Promise::kConservation, what, &event);
  };
  for (const auto& [id, contact] : contacts_) must(named.count(id) != 0, "a contact lives that was not named");
  for (const auto& [id, offer] : offers_) {
    must(named.count(id) != 0 || offer.begun == event.time_ns, "an offer is open that was not named");
  }
  for (const auto& [id, engagement] : engagements_) {
    const bool has_leg = engagement.state != KOBLE_ENGAGEMENT_WRAPPING && !Aside(engagement);
    const bool judged = has_leg && engagement.since != event.time_ns;
    must(!judged || named.count(id) != 0 || named.count(engagement.offer) != 0,
         "an engagement goes on that was not named");
  }
}

// 3.11: the engine sets a presence at the miss that is one too many, and only then.
void Observer::CheckMisses(const koble_event& event) {
  Agent& agent = agents_.at(event.agent);
  const bool expected = std::exchange(agent.missed_enough, false);
  if (expected != (event.b != 0)) return Note(Promise::kMisses, "taken out for no misses, or not for misses", &event);
  if (!expected) return;
  const plan::MissRule& rule = agent.can.misses;
  if (event.b != agent.misses || event.reason != rule.presence || event.a != rule.reason) {
    Note(Promise::kMisses, "not as the agent's rule for misses says", &event);
  }
}

void Observer::CheckNobodyWaits(int64_t now) {
  for (const auto& [id, contact] : contacts_) {
    if ((!Waits(contact, now) && !Hungry(contact, now)) || MayBeDeferred(contact)) continue;
    for (const Standing& standing : contact.standings) {
      if (!SeeksIn(contact, standing)) continue;
      const std::vector<koble_id> candidates = Candidates(contact, standing, now, 0);
      if (std::all_of(candidates.begin(), candidates.end(),
                      [&](koble_id agent) { return MayDefer(agents_.at(agent)); }))
        continue;
      Note(Promise::kNobodyWaits,
           "contact " + std::to_string(contact.serial) + " waits beside a free agent at " + std::to_string(now));
    }
  }
}

// Nothing that is due is left over, and the smallest of what is to come is the next deadline.
void Observer::CheckDeadlines(int64_t now, int64_t next_deadline) {
  int64_t next = plan::kNever;
  int64_t earliest = plan::kNever;  // that somebody is let go by state
  int64_t latest = plan::kNever;
  const auto pending = [&](int64_t deadline, const char* what) {
    if (deadline <= now) Note(Promise::kTimers, std::string("late: ") + what + " at " + std::to_string(now));
    next = std::min(next, deadline);
  };
  for (auto& [id, contact] : contacts_) {
    if (contact.retry_until <= now) contact.retry_until = 0;
    if (contact.retry_until != 0) pending(contact.retry_until, "retry");
    if (contact.reserved_until != 0) pending(contact.reserved_until, "release");
    CloseIfRemembered(&contact, now);
    if (contact.tick > now) next = std::min(next, contact.tick);
    std::erase_if(contact.exclusions, [&](const auto& exclusion) { return exclusion.second <= now; });
    for (const auto& [agent, until] : contact.exclusions) pending(until, "again");
    for (Standing& standing : contact.standings) {
      const std::vector<int64_t>& delays = plan_->queues[standing.queue].delays;
      standing.delays = DelaysPassed(contact, standing, now);
      if (standing.delays < delays.size()) pending(contact.step_clock + delays[standing.delays], "queue delay");
      const std::vector<plan::Step>& steps = plan_->queues[standing.queue].steps;
      for (size_t step = 1; step < steps.size(); ++step) {
        const int64_t time = contact.step_clock + steps[step].after_ns;
        const bool by_state = (plan_->queues[standing.queue].by_state >> step & 1) != 0;
        if (by_state && StepDue(contact, standing, step, now)) standing.due |= uint64_t{1} << step;
        const bool open = (standing.open >> step & 1) != 0;
        if (open && steps[step].hold == plan::kNoCondition) continue;
        if ((standing.due >> step & 1) == 0) pending(time, "step");
      }
      const bool remembered = standing.deadline <= now && contact.state != KOBLE_CONTACT_WAITING;
      if (!remembered) pending(standing.deadline, "maximum wait");
      // From when on it counts is known but for what came and went inside of a command.
      const uint32_t leave = plan_->queues[standing.queue].leave;
      if (leave == plan::kNoCondition || !Holds(leave, false, contact, standing.queue)) continue;
      earliest = std::min(earliest, EarliestLeaving(contact, standing));
      if (contact.state != KOBLE_CONTACT_WAITING || standing.stayed == kUnknown) continue;
      const plan::Queue& queue = plan_->queues[standing.queue];
      latest = std::min(latest, std::max(now + queue.leave_for_ns, contact.step_clock + queue.leave_after_ns));
    }
  }
  for (const auto& [id, offer] : offers_) pending(offer.expires, "expiry");
  for (const auto& [id, engagement] : engagements_) pending(engagement.deadline, "connect limit or wrap-up");
  for (const auto& [id, agent] : agents_) {
    if (agent.penalised_until != 0) pending(agent.penalised_until, "penalty");
    if (agent.requests) pending(agent.request_until, "request");
    for (const auto& [name, changed] : agent.changed_skills) pending(changed.second, "skill");
  }
  const bool leaving = next_deadline < next && next_deadline > now && earliest <= next_deadline;
  if (next_deadline > latest || (next != next_deadline && !leaving)) {
    Note(Promise::kTimers, "next_deadline is " + std::to_string(next_deadline) + ", not " + std::to_string(next));
  }
}

void Observer::CheckCounts(const koble_counts& counts) {
  if (arrived_ != contacts_.size() + ended_ + exited_ || counts.contacts != contacts_.size() ||
      counts.serials != last_serial_) {
    Note(Promise::kConservation, "arrived " + std::to_string(arrived_) + ", ended " + std::to_string(ended_) +
                                     ", exited " + std::to_string(exited_) + ", living " +
                                     std::to_string(counts.contacts));
  }
  if (counts.offers != offers_.size()) Note(Promise::kOneOutcome, "another number of open offers");
  if (counts.engagements != engagements_.size() || counts.agents != agents_.size()) {
    Note(Promise::kConservation, "another number of engagements or agents");
  }
}

}  // namespace koble::testing
