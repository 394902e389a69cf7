// Who could be asked, and whose turn it is (docs/model.md, 3, 5 and 6): counted anew from what the events have said.
#include <algorithm>
#include <map>
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
  const plan::Queue& queue = RulesOf(standing);
  if (queue.mode == plan::OfferMode::kExternal || !HasTurn(contact, standing.queue)) return false;
  const Agent& agent = agents_.at(id);
  for (const uint32_t step : InForce(standing)) {
    if (!Meets(agent, queue.steps[step], contact) || !MayJoin(contact, step, ViewOf(agent, standing))) continue;
    if (Disposable(queue, step, contact, without_offers_of, id) > 0) return true;
  }
  return false;
}

// Nobody stands before it where contacts are offered one by one. The order of one queue is the same at any time.
bool Observer::HasTurn(const Contact& contact, uint32_t queue) const {
  if (!plan_->queues[queue].one_by_one) return true;
  const Place own = PlaceOf(contact, queue, 0);
  return std::none_of(contacts_.begin(), contacts_.end(), [&](const auto& other) {
    return std::any_of(other.second.standings.begin(), other.second.standings.end(), [&](const Standing& standing) {
      return standing.queue == queue && Better(PlaceOf(other.second, queue, 0), own);
    });
  });
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
    case Rule::kFewestOfQueue: {
      const auto of_queue = agent.served_of.find(queue.name);
      return of_queue == agent.served_of.end() ? 0 : of_queue->second;
    }
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
  const plan::Queue& queue = RulesOf(standing);
  if (queue.mode == plan::OfferMode::kExternal || !HasTurn(contact, standing.queue)) return {};
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
      const Int128 key_a = RuleKey(a, contact, standing.rules, step, without_offers_of);
      const Int128 key_b = RuleKey(b, contact, standing.rules, step, without_offers_of);
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

}  // namespace koble::testing
