// Who may serve whom, and matching (sections 3, 5 and 6).
#include <algorithm>
#include <tuple>
#include <utility>

#include "base/philox.h"
#include "reference/requirements.h"
#include "reference/router.h"

namespace koble::reference {
// 3.2
bool Router::HasRoom(const Agent& agent, uint32_t wanted_medium) const {
  std::vector<int64_t> contacts(plan_->channels.size());  // by medium
  for (const Offer& offer : offers_) {
    if (offer.agent == agent.id) ++contacts[plan_->queues[offer.queue].channel];
  }
  for (const Engagement& engagement : engagements_) {
    if (engagement.agent == agent.id && !Aside(engagement)) ++contacts[engagement.channel];
  }
  const auto lists = [&](const std::vector<uint32_t>& list, uint32_t other) {
    return std::find(list.begin(), list.end(), other) != list.end();
  };
  const plan::Channel& wanted = plan_->channels[wanted_medium];
  int64_t on_channel = 0;
  int64_t on_label = 0;
  int64_t counted = 0;
  for (uint32_t channel = 0; channel < plan_->channel_count; ++channel) {
    int64_t units = 0;
    for (uint32_t medium = 0; medium < plan_->channels.size(); ++medium) {
      const plan::Channel& of = plan_->channels[medium];
      if (of.channel != channel) continue;
      if (!lists(wanted.interrupts, medium)) units += contacts[medium] * of.cost;
      if (contacts[medium] > 0 && lists(wanted.excluded_by, medium)) return false;
      if (of.label != plan::kNoLabel && of.label == wanted.label) on_label += contacts[medium];
      if (channel == wanted.channel) on_channel += contacts[medium];
    }
    const int64_t unused = plan_->channels[channel].reserve - units;
    const bool keeps =
        channel != wanted.channel && agent.can.channel_max[channel] > 0 && !lists(wanted.interrupts, channel);
    counted += units + (keeps && unused > 0 ? unused : 0);
  }
  if (wanted.label != plan::kNoLabel && on_label + 1 > agent.can.label_max[wanted.label]) return false;
  return counted + wanted.cost <= agent.can.capacity && on_channel + 1 <= agent.can.channel_max[wanted.channel];
}

// 3.2
bool Router::Fits(const Agent& agent, uint32_t medium) const {
  const plan::Channel& wanted = plan_->channels[medium];
  const auto open_offers = std::count_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
    return offer.agent == agent.id && plan_->channels[plan_->queues[offer.queue].channel].channel == wanted.channel;
  });
  return HasRoom(agent, medium) && open_offers < wanted.max_open_offers;
}

// 3.4
bool Router::Free(const Agent& agent, uint32_t channel) const {
  if (agent.presence != KOBLE_PRESENCE_AVAILABLE || agent.leaving || agent.penalised_until != 0) return false;
  if (agent.can.pull) {
    if (!agent.requests) return false;
    const uint32_t asked = plan_->channels[channel].channel;
    if (!agent.request_every_channel && (agent.request_mask >> asked & 1) == 0) return false;
  }
  return Fits(agent, channel);
}

bool Router::Excluded(const Contact& contact, const Agent& agent, bool for_good) const {
  return std::any_of(contact.exclusions.begin(), contact.exclusions.end(), [&](const Exclusion& exclusion) {
    return exclusion.agent == agent.id && (!for_good || exclusion.until == plan::kNever);
  });
}

bool Router::Meets(const Agent& agent, uint32_t requirement, const Contact& contact) const {
  return reference::Judge(*plan_, plan_->requirements[requirement], agent.can, contact.attributes, symbols_).holds;
}

// 5.4: of the open steps those from the last on that replaces those before it.
std::vector<uint32_t> Router::InForce(const Standing& standing) const {
  std::vector<uint32_t> steps;
  for (const uint32_t step : standing.open) {
    if ((RulesOf(standing).replacing >> step & 1) != 0) steps.clear();
    if ((RulesOf(standing).serving >> step & 1) != 0) steps.push_back(step);
  }
  return steps;
}

bool Router::MeetsOneInForce(const Agent& agent, const Standing& standing, const Contact& contact) const {
  const plan::Queue& queue = RulesOf(standing);
  for (const uint32_t step : InForce(standing)) {
    if (Meets(agent, queue.steps[step].requirement, contact)) return true;
  }
  return false;
}

// 5.3: by a step whose reserve does not keep him.
bool Router::MayTake(const Agent& agent, const Standing& standing, const Contact& contact) const {
  const plan::Queue& queue = RulesOf(standing);
  for (const uint32_t step : InForce(standing)) {
    const plan::Step& of = queue.steps[step];
    if (!Meets(agent, of.requirement, contact) || !MayJoin(contact, step, ViewOf(agent, standing.queue))) continue;
    if (of.reserve == 0 || FreeWhoMeet(queue.channel, of.requirement, &agent, contact) > of.reserve) return true;
  }
  return false;
}

// The asking one counts in any case (3.9).
int64_t Router::FreeWhoMeet(uint32_t channel, uint32_t requirement, const Agent* asking, const Contact& contact) const {
  return std::count_if(agents_.begin(), agents_.end(), [&](const Agent& agent) {
    return (&agent == asking || Free(agent, channel)) && Meets(agent, requirement, contact);
  });
}

// Offers and engagements, whatever their state.
int64_t Router::Open(const Agent& agent) const {
  const auto his = [&](const auto& one) { return one.agent == agent.id; };
  return std::count_if(offers_.begin(), offers_.end(), his) +
         std::count_if(engagements_.begin(), engagements_.end(), his);
}

int64_t Router::Units(const Agent& agent) const {
  int64_t units = 0;
  for (const Offer& offer : offers_) {
    if (offer.agent == agent.id) units += plan_->channels[plan_->queues[offer.queue].channel].cost;
  }
  for (const Engagement& engagement : engagements_) {
    if (engagement.agent != agent.id || Aside(engagement)) continue;
    units += plan_->channels[engagement.channel].cost;
  }
  return units;
}

// 5.8: each takes as many numbers from 0 as his weight; whoever has the number that is drawn comes next.
std::vector<const Agent*> Router::InOrderOfLots(std::vector<const Agent*> agents, const Contact& contact,
                                                bool weighted) const {
  std::vector<const Agent*> order;
  uint32_t draws = 0;
  while (!agents.empty()) {
    std::vector<size_t> numbers;
    for (size_t i = 0; i < agents.size(); ++i) {
      numbers.insert(numbers.end(), weighted ? static_cast<size_t>(agents[i]->can.weight) : 1, i);
    }
    const Int128 all = Int128{1} << 64;
    Int128 draw = 0;
    do {
      draw = base::Draw(options_.seed, 1 + 256 * draws++, contact.serial, contact.attempts)[0];
    } while (draw >= all - all % static_cast<Int128>(numbers.size()));
    const size_t next = numbers[static_cast<size_t>(draw % static_cast<Int128>(numbers.size()))];
    order.push_back(agents[next]);
    agents.erase(agents.begin() + static_cast<std::ptrdiff_t>(next));
  }
  return order;
}

// 5.7: in micro-points x 10^-9.
Int128 Router::Score(const Agent& agent, const std::vector<plan::ScoreTerm>& terms) const {
  constexpr int64_t kCountsAtMost = 1'000'000'000'000;
  Int128 sum = 0;
  for (const plan::ScoreTerm& term : terms) {
    Int128 value = 0;
    switch (term.feature) {
      case plan::ScoreFeature::kIdle:
        value = -agent.idle_since;
        break;
      case plan::ScoreFeature::kServed:
        value = std::min(agent.served, kCountsAtMost) * kNsPerSecond;
        break;
      case plan::ScoreFeature::kTalked:
        value = agent.talked;
        break;
      case plan::ScoreFeature::kLoad:
        value = agent.can.capacity == 0 ? 0 : Int128{Units(agent)} * 1'000'000 / agent.can.capacity * 1000;
        break;
      case plan::ScoreFeature::kSpare:
        value = (agent.can.capacity - Units(agent)) * kNsPerSecond;
        break;
      case plan::ScoreFeature::kLastEnded:
        value = -agent.last_ended;
        break;
      case plan::ScoreFeature::kSkill:
        for (const plan::SkillLevel& skill : agent.can.skills) {
          if (skill.skill == term.skill) value = skill.level * kNsPerSecond;
        }
        break;
      case plan::ScoreFeature::kListed:
        value = std::min<int64_t>(static_cast<int64_t>(agent.number), kCountsAtMost) * kNsPerSecond;
        break;
      case plan::ScoreFeature::kHandling:
        value = agent.handled == 0 ? 0 : agent.handled_time / agent.handled;
        break;
      case plan::ScoreFeature::kLastServed:
        value = -agent.last_served;
        break;
      case plan::ScoreFeature::kOpen:
        value = Open(agent) * kNsPerSecond;
        break;
    }
    sum += value * term.weight_micro;
  }
  return sum;
}

// 5.5
Int128 Router::RuleKey(const Agent& agent, const plan::Queue& queue, const plan::Step& step,
                       const Contact& contact) const {
  int64_t levels = 0;
  const std::set<uint32_t> counted_skills = CountedSkills(*plan_, step, contact.attributes, symbols_);
  for (const plan::SkillLevel& skill : agent.can.skills) {
    for (const uint32_t counted : counted_skills) levels += counted == skill.skill ? skill.level : 0;
  }
  const auto number = static_cast<int64_t>(agent.number);
  switch (queue.select) {
    case plan::SelectionRule::kLongestIdle:
      return 0;
    case plan::SelectionRule::kListed:
      return number;
    case plan::SelectionRule::kRoundRobin: {
      const auto pointer = pointers_.find(queue.name);
      const bool had_his_turn = pointer != pointers_.end() && agent.number <= pointer->second;
      return had_his_turn ? number + 1'000'000'000'000 : number;
    }
    case plan::SelectionRule::kLeastRecent:
      return agent.last_ended;
    case plan::SelectionRule::kFewestContacts:
      return agent.served;
    case plan::SelectionRule::kLeastTalkTime:
      return agent.talked;
    case plan::SelectionRule::kLeastLoaded:
      return agent.can.capacity == 0 ? 0 : Units(agent) * 1'000'000 / agent.can.capacity;
    case plan::SelectionRule::kMostSpare:
      return Units(agent) - agent.can.capacity;
    case plan::SelectionRule::kMostSkilled:
      return -levels;
    case plan::SelectionRule::kLeastSkilled:
      return levels;
    case plan::SelectionRule::kByShare:
      return Int128{agent.served} * 1'000'000 / agent.can.weight;
    case plan::SelectionRule::kMostContacts:
      return -agent.served;
    case plan::SelectionRule::kShortestHandling:
      return agent.handled == 0 ? 0 : agent.handled_time / agent.handled;
    case plan::SelectionRule::kLeastRecentStart:
      return agent.last_served;
    case plan::SelectionRule::kFewestOpen:
      return Open(agent);
    case plan::SelectionRule::kFewestOfQueue: {
      const auto of_queue = agent.served_of.find(queue.name);
      return of_queue == agent.served_of.end() ? 0 : of_queue->second;
    }
    case plan::SelectionRule::kRandom:
    case plan::SelectionRule::kWeightedRandom:
      return number;  // the order in which they stand for the lots
    case plan::SelectionRule::kScore:
      return -Score(agent, plan_->scores[queue.score]);
  }
  return 0;
}

// 5.6
plan::QueueView Router::ViewOf(const Agent& agent, uint32_t queue) const {
  const plan::Table& table = plan_->tables[agent.can.table];
  for (const auto& [listed, view] : table.listed) {
    if (listed == queue) return view;
  }
  return table.others;
}

bool Router::Sees(const Agent& agent, const Standing& standing) const {
  const plan::QueueView view = ViewOf(agent, standing.queue);
  return !view.never && standing.delays >= view.delay;
}

// 4.12
bool Router::Hungry(const Contact& contact) const {
  return contact.state == KOBLE_CONTACT_OFFERED && (contact.hungry || (contact.open && HasRoom(contact)));
}

// 4.14
bool Router::HasRoom(const Contact& contact) const {
  const std::vector<koble_id> offers = OpenOffersOf(contact);
  for (const Offer& offer : offers_) {
    if (offer.contact != contact.id) continue;
    const plan::Queue& queue = plan_->queues[offer.queue];
    return queue.mode == plan::OfferMode::kRingAll || offers.size() < queue.group_size;
  }
  return false;
}

bool Router::MayJoin(const Contact& contact, uint32_t step, const plan::QueueView& view) const {
  if (!contact.open) return true;
  return step < contact.reach_step || (step == contact.reach_step && view.tier <= contact.reach_tier);
}

// 5.3
bool Router::Seeks(const Contact& contact) const {
  if (aside_.contains(contact.id)) return false;
  if (contact.state == KOBLE_CONTACT_WAITING) return contact.retry_until == 0;
  return Hungry(contact);
}

bool Router::SeeksIn(const Contact& contact, uint32_t queue) const {
  if (contact.state == KOBLE_CONTACT_WAITING) return true;
  for (const Offer& offer : offers_) {
    if (offer.contact == contact.id) return offer.queue == queue;
  }
  return false;
}

// 6.7: of all that stand there; null: nobody does.
const Contact* Router::FirstIn(uint32_t queue) const {
  const Contact* first = nullptr;
  Place best;
  for (const Contact& contact : contacts_) {
    for (const Standing& standing : contact.standings) {
      if (standing.queue != queue) continue;
      const Place place = PlaceOf(contact, standing);
      if (first != nullptr && !Better(place, best)) continue;
      first = &contact;
      best = place;
    }
  }
  return first;
}

bool Router::HasTurn(const Contact& contact, uint32_t queue) const {
  return !plan_->queues[queue].one_by_one || FirstIn(queue) == &contact;
}

std::map<std::string, uint64_t> Router::Turns() const {
  std::map<std::string, uint64_t> turns;
  for (uint32_t queue = 0; queue < plan_->queue_count; ++queue) {
    const Contact* first = plan_->queues[queue].one_by_one ? FirstIn(queue) : nullptr;
    if (first != nullptr) turns[plan_->queues[queue].name] = first->serial;
  }
  return turns;
}

void Router::TriggerTurns() {
  const std::map<std::string, uint64_t> before = std::exchange(turns_, Turns());
  for (const auto& [queue, serial] : turns_) {
    const auto was = before.find(queue);
    if (was != before.end() && was->second == serial) continue;
    for (const Contact& contact : contacts_) {
      if (contact.serial == serial) Trigger(contact);
    }
  }
}

// He is excluded, or of the group that rings, or was.
bool Router::MayNotAsk(const Contact& contact, const Agent& agent) const {
  if (Excluded(contact, agent, false)) return true;
  if (!Hungry(contact)) return false;
  if (contact.asked.contains(agent.id)) return true;
  return std::any_of(offers_.begin(), offers_.end(),
                     [&](const Offer& offer) { return offer.contact == contact.id && offer.agent == agent.id; });
}

// 5.3, best first.
std::vector<Router::Pair> Router::PairsFor(const Agent& agent, const std::vector<bool>& channels) const {
  std::vector<Pair> pairs;
  for (const Contact& contact : contacts_) {
    if (!Seeks(contact)) continue;
    if (MayNotAsk(contact, agent) || (contact.reserved && contact.agent != agent.id)) continue;
    for (const Standing& standing : contact.standings) {
      if (!SeeksIn(contact, standing.queue)) continue;
      const plan::Queue& queue = plan_->queues[standing.queue];
      if (queue.mode == plan::OfferMode::kExternal || !HasTurn(contact, standing.queue)) continue;
      if (!channels[queue.channel] || !MayTake(agent, standing, contact) || !Sees(agent, standing)) continue;
      const bool first = contact.reserved && queue.reserved_first;
      pairs.push_back(
          {contact.id, standing.queue, first ? 0 : ViewOf(agent, standing.queue).rank, PlaceOf(contact, standing)});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return a.rank != b.rank ? a.rank < b.rank : Better(a.place, b.place);
  });
  return pairs;
}

bool Router::BestContactFor(const Agent& agent, const std::vector<bool>& channels, koble_id* contact, uint32_t* queue) {
  const std::vector<Pair> pairs = PairsFor(agent, channels);
  if (pairs.empty()) return false;
  if (agent.can.policy.policy != plan::kNoPolicy) return ChooseContact(agent, pairs, contact, queue);
  *contact = pairs.front().contact;
  *queue = pairs.front().queue;
  return true;
}

// 2.11
const Agent* Router::NamedAgent(const Contact& contact, uint32_t* queue) const {
  for (const Agent& agent : agents_) {
    if (agent.id != contact.agent || MayNotAsk(contact, agent)) continue;
    for (const Standing& standing : contact.standings) {
      if (plan_->queues[standing.queue].mode == plan::OfferMode::kExternal) continue;
      if (!SeeksIn(contact, standing.queue) || !HasTurn(contact, standing.queue)) continue;
      if (!Free(agent, plan_->queues[standing.queue].channel)) continue;
      if (!MayTake(agent, standing, contact) || !Sees(agent, standing)) continue;
      *queue = standing.queue;
      return &agent;
    }
  }
  return nullptr;
}

// 6.3 and 4.1
void Router::Seek(Contact& contact) {
  uint32_t queue_of_his = 0;
  if (const Agent* agent = NamedAgent(contact, &queue_of_his)) {
    const bool at_once = plan_->queues[queue_of_his].mode == plan::OfferMode::kAuto || agent->can.pull;
    if (Hungry(contact)) {
      Grow(contact, agent->id);
    } else {
      MakeOffers(contact, queue_of_his, {agent->id}, at_once);
    }
    return;
  }
  if (contact.reserved) return;
  for (const Standing& standing : contact.standings) {
    if (!SeeksIn(contact, standing.queue)) continue;
    const plan::Queue& queue = RulesOf(standing);
    if (queue.mode == plan::OfferMode::kExternal || !HasTurn(contact, standing.queue)) continue;
    for (const uint32_t step : InForce(standing)) {
      const uint32_t reserve = queue.steps[step].reserve;
      const int64_t free = FreeWhoMeet(queue.channel, queue.steps[step].requirement, nullptr, contact);
      if (free <= reserve) continue;
      std::vector<const Agent*> candidates;
      for (const Agent& agent : agents_) {
        if (Free(agent, queue.channel) && Meets(agent, queue.steps[step].requirement, contact) &&
            MayJoin(contact, step, ViewOf(agent, standing.queue)) && Sees(agent, standing) &&
            !MayNotAsk(contact, agent)) {
          candidates.push_back(&agent);
        }
      }
      if (candidates.empty()) continue;
      uint32_t tier = UINT32_MAX;  // the lowest that has any
      for (const Agent* agent : candidates) tier = std::min(tier, ViewOf(*agent, standing.queue).tier);
      std::erase_if(candidates, [&](const Agent* agent) { return ViewOf(*agent, standing.queue).tier != tier; });
      std::sort(candidates.begin(), candidates.end(), [&](const Agent* a, const Agent* b) {  // 5.5
        const Int128 key_a = RuleKey(*a, queue, queue.steps[step], contact);
        const Int128 key_b = RuleKey(*b, queue, queue.steps[step], contact);
        return std::tie(key_a, a->idle_since, a->number) < std::tie(key_b, b->idle_since, b->number);
      });
      if (plan::IsRandom(queue.select)) {
        candidates = InOrderOfLots(candidates, contact, queue.select == plan::SelectionRule::kWeightedRandom);
      }
      const bool grows = Hungry(contact);
      if (!grows && queue.mode == plan::OfferMode::kBroadcast) {
        const auto most = static_cast<size_t>(std::min<int64_t>(queue.group_size, free - reserve));
        if (candidates.size() > most) candidates.resize(most);
      }
      if (!grows && plan::AsksSeveral(queue.mode)) {
        const auto asking =
            std::find_if(candidates.begin(), candidates.end(), [](const Agent* agent) { return agent->can.pull; });
        if (asking != candidates.end()) {
          MakeOffers(contact, standing.queue, {(*asking)->id}, true);
          return;
        }
        std::vector<koble_id> group;
        for (const Agent* agent : candidates) {
          if (static_cast<int64_t>(group.size()) < free - reserve) group.push_back(agent->id);
        }
        MakeOffers(contact, standing.queue, group, false);
        contact.open = queue.join;
        contact.reach_step = step;
        contact.reach_tier = tier;
        return;
      }
      const Agent* chosen = candidates.front();
      if (queue.policy.policy != plan::kNoPolicy) chosen = ChooseAgent(contact, standing.queue, candidates);
      if (chosen == nullptr) return;
      const Agent& best = *chosen;
      if (grows) {
        Grow(contact, best.id);
        return;
      }
      MakeOffers(contact, standing.queue, {best.id}, queue.mode == plan::OfferMode::kAuto || best.can.pull);
      const bool rings = contact.state == KOBLE_CONTACT_OFFERED;
      if (queue.mode == plan::OfferMode::kProgressive && rings) contact.tick = now_ + queue.delay_ns;
      return;
    }
  }
}

void Router::Trigger(const Agent& agent) {
  if (std::find(triggered_agents_.begin(), triggered_agents_.end(), agent.id) == triggered_agents_.end()) {
    triggered_agents_.push_back(agent.id);
  }
}

void Router::Trigger(const Contact& contact) {
  if (std::find(triggered_contacts_.begin(), triggered_contacts_.end(), contact.id) == triggered_contacts_.end()) {
    triggered_contacts_.push_back(contact.id);
  }
}

// 6.2: of each step with a reserve, whether more agents are free than that; where it asks for the contact, of each who stands there.
std::map<Router::ReserveKey, bool> Router::OpenReserves() const {
  std::map<ReserveKey, bool> open;
  for (uint32_t number = 0; number < plan_->queues.size(); ++number) {
    const plan::Queue& queue = plan_->queues[number];
    for (uint32_t step = 0; step < queue.steps.size(); ++step) {
      const plan::Step& of = queue.steps[step];
      if (of.reserve == 0) continue;
      const auto judge = [&](const Contact& contact) {
        return FreeWhoMeet(queue.channel, of.requirement, nullptr, contact) > of.reserve;
      };
      if (!queue.asks_contact) {
        open[{number, step, 0, {}}] = judge(Contact());
        continue;
      }
      for (const Contact& contact : contacts_) {
        const bool stands = std::any_of(contact.standings.begin(), contact.standings.end(),
                                        [&](const Standing& standing) { return standing.rules == number; });
        if (stands) open[{number, step, contact.id, contact.attributes}] = judge(contact);
      }
    }
  }
  return open;
}

// One that was not judged before has nobody to release.
bool Router::TriggerReleased() {
  const std::map<ReserveKey, bool> were_open = std::exchange(open_reserves_, OpenReserves());
  for (const Agent& agent : agents_) {
    for (const auto& [key, open] : open_reserves_) {
      const auto was = were_open.find(key);
      if (!open || was == were_open.end() || was->second) continue;
      const auto& [number, step, id, attributes] = key;
      const plan::Queue& queue = plan_->queues[number];
      Contact contact;
      contact.attributes = attributes;
      if (Free(agent, queue.channel) && Meets(agent, queue.steps[step].requirement, contact)) Trigger(agent);
    }
  }
  return !triggered_agents_.empty();
}

// 6.2
void Router::Worklist() {
  for (;;) {
    if (!triggered_agents_.empty()) {
      Agent* agent = FindAgent(triggered_agents_.front());
      triggered_agents_.erase(triggered_agents_.begin());
      while (agent != nullptr && aside_.count(agent->id) == 0) {
        std::vector<bool> channels;
        for (uint32_t channel = 0; channel < plan_->channels.size(); ++channel) {
          channels.push_back(Free(*agent, channel));
        }
        koble_id contact = 0;
        uint32_t queue = 0;
        if (!BestContactFor(*agent, channels, &contact, &queue)) break;
        Seek(*FindContact(contact));
      }
      continue;
    }
    if (TriggerReleased()) continue;
    TriggerTurns();
    if (triggered_contacts_.empty()) {
      bool some = false;
      for (Contact& contact : contacts_) some |= JudgeSteps(contact);
      if (some) continue;
      changed_steps_.clear();
      aside_.clear();
      return;
    }
    // The triggered contact whose best pair has the best place; one that has ended or is served stands nowhere.
    size_t best_index = 0;
    Place best;
    bool found = false;
    for (size_t index = 0; index < triggered_contacts_.size(); ++index) {
      const Contact* contact = FindContact(triggered_contacts_[index]);
      if (contact == nullptr) continue;
      for (const Standing& standing : contact->standings) {
        if (!SeeksIn(*contact, standing.queue)) continue;
        const Place place = PlaceOf(*contact, standing);
        if (found && !Better(place, best)) continue;
        found = true;
        best = place;
        best_index = index;
      }
    }
    Contact* contact = FindContact(triggered_contacts_[best_index]);
    triggered_contacts_.erase(triggered_contacts_.begin() + static_cast<std::ptrdiff_t>(best_index));
    uint64_t before = UINT64_MAX;
    while (contact != nullptr && Seeks(*contact) && before != last_offer_) {  // several may join
      before = last_offer_;
      Seek(*contact);
    }
  }
}

}  // namespace koble::reference
