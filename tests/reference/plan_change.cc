// A plan replaced (section 8).
#include <algorithm>

#include "plan/rules.h"
#include "reference/router.h"

namespace koble::reference {
namespace {

const plan::AgentDefinition* Listed(const plan::Plan& plan, std::string_view name) {
  for (const plan::AgentDefinition& definition : plan.agents) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

const plan::Queue* QueueNamed(const plan::Plan& plan, std::string_view name) {
  for (const plan::Queue& queue : plan.queues) {
    if (queue.name == name) return &queue;
  }
  return nullptr;
}

uint32_t ChannelNamed(const plan::Plan& plan, std::string_view name) {  // the number of channels: none
  uint32_t channel = 0;
  while (channel < plan.channel_count && plan.channels[channel].name != name) ++channel;
  return channel;
}

// The same channel with the same label; without it, where no queue has the two together.
uint32_t MediumNamed(const plan::Plan& plan, uint32_t medium, const plan::Plan& next) {
  const plan::Channel& of = plan.channels[medium];
  for (uint32_t other = next.channel_count; other < next.channels.size(); ++other) {
    const plan::Channel& same = next.channels[other];
    if (of.label != plan::kNoLabel && same.name == of.name &&
        next.labels[same.label].name == plan.labels[of.label].name) {
      return other;
    }
  }
  return ChannelNamed(next, of.name);
}

bool Has(const plan::Plan& plan, const plan::Channel& channel) {
  return ChannelNamed(plan, channel.name) < plan.channel_count;
}

// As they are written.
std::vector<std::string> ConditionsOf(const plan::Plan& plan, const plan::Step& step) {
  std::vector<std::string> texts;
  for (const uint32_t condition : {step.when, step.early, step.hold}) {
    texts.push_back(condition == plan::kNoCondition ? "" : plan.conditions[condition].text);
  }
  return texts;
}

}  // namespace

int32_t Router::PlanReplace(std::string_view bytes) {
  int32_t code = KOBLE_OK;
  std::shared_ptr<const plan::Plan> next = plan::Load(bytes, nullptr, &code);
  if (next == nullptr) return code;
  if (!CanReplaceBy(*next)) return KOBLE_ERR_IN_USE;
  const std::vector<std::string> rules = plan::RulesOf(*plan_);
  const std::vector<std::string> own = plan::RulesOf(*next);
  std::vector<std::string> kept;  // that the new plan does not have itself
  for (const Contact& contact : contacts_) {
    for (const Standing& standing : contact.standings) {
      const std::string& text = rules[standing.rules];
      if (!standing.pinned || std::find(own.begin(), own.end(), text) != own.end()) continue;
      if (std::find(kept.begin(), kept.end(), text) == kept.end()) kept.push_back(text);
    }
  }
  next = plan::KeepRules(*next, kept, nullptr);
  if (next == nullptr) return KOBLE_ERR_IN_USE;
  if (options_.max_agents != 0 && AgentsAfter(*next) > options_.max_agents) return KOBLE_ERR_LIMIT;
  std::vector<std::string> symbols = SymbolsWith(*next);
  if (symbols.size() > KOBLE_SYMBOLS_MAX) return KOBLE_ERR_LIMIT;
  changed_ = true;
  symbols_ = std::move(symbols);
  koble_event& event = Emit(KOBLE_EVENT_PLAN);
  event.a = static_cast<int64_t>(next->hash[0]);
  event.b = static_cast<int64_t>(next->hash[1]);
  const std::shared_ptr<const plan::Plan> old = plan_;
  Renumber(*next);
  plan_ = next;
  for (Contact& contact : contacts_) {
    StepOpened(contact);  // 2.7
    for (Standing& standing : contact.standings) {
      const plan::Queue& was = old->queues[standing.rules];
      const std::string& text = rules[standing.rules];  // it names the queue, too
      standing.rules = standing.queue;
      for (size_t i = 0; i < kept.size(); ++i) {
        if (standing.pinned && kept[i] == text) standing.rules = plan_->queue_count + static_cast<uint32_t>(i);
      }
      const plan::Queue& queue = RulesOf(standing);
      std::set<uint32_t> open;
      standing.due.clear();
      for (uint32_t step = 0; step < queue.steps.size(); ++step) {
        const bool due = contact.step_clock + queue.steps[step].after_ns <= now_;
        if (due) standing.due.insert(step);
        const bool by_state = (queue.by_state >> step & 1) != 0;
        const bool same = step < was.steps.size() && queue.steps[step].after_ns == was.steps[step].after_ns &&
                          ConditionsOf(*plan_, queue.steps[step]) == ConditionsOf(*old, was.steps[step]);
        if (by_state ? same && standing.open.contains(step) : due) open.insert(step);
      }
      standing.open = open;
      const bool offering = contact.state != KOBLE_CONTACT_WAITING && SeeksIn(contact, standing.queue);
      const bool goes_on = contact.open ? queue.join : queue.mode == plan::OfferMode::kProgressive;
      if (offering && !goes_on) EndGrowth(contact);
      standing.delays = 0;
      for (const int64_t delay : plan_->queues[standing.queue].delays) {
        if (contact.step_clock + delay <= now_) ++standing.delays;
      }
    }
  }
  for (Agent& agent : agents_) {
    // Fails only for one who is leaving or gets another definition below.
    const std::optional<plan::Capability> can = plan_->Resolve(agent.definition, nullptr);
    if (can) {
      agent.own = *can;
    } else {
      agent.own.skills.clear();
    }
    std::erase_if(agent.changed_skills, [&](const auto& changed) { return !plan_->FindSkill(changed.first); });  // 3.10
    Lay(agent);
  }
  ChangeListedAgents(*old);
  for (Agent& agent : agents_) {
    const bool for_no_channel = !agent.request_every_channel && agent.request_mask == 0;
    if (!agent.can.pull || for_no_channel) EndRequest(agent, KOBLE_REQUEST_CANCELLED);
  }
  open_reserves_ = OpenReserves();
  turns_ = Turns();
  for (Contact& contact : contacts_) {
    if (GoesByAbsence(contact)) Release(contact);
  }
  for (const Contact& contact : contacts_) {
    if (contact.state == KOBLE_CONTACT_WAITING || Hungry(contact)) Trigger(contact);
  }
  return KOBLE_OK;
}

// 11.1
std::vector<std::string> Router::SymbolsWith(const plan::Plan& next) const {
  std::vector<std::string> symbols = symbols_;
  const auto add = [&](const std::string& name) {
    if (std::find(symbols.begin(), symbols.end(), name) == symbols.end()) symbols.push_back(name);
  };
  for (const plan::Attribute& attribute : next.attributes) {
    add(attribute.name);
    for (const std::string& value : attribute.values) add(value);
  }
  return symbols;
}

bool Router::CanReplaceBy(const plan::Plan& next) const {
  std::vector<uint32_t> needed;
  for (const Contact& contact : contacts_) {
    for (const Standing& standing : contact.standings) needed.push_back(standing.queue);
  }
  for (const Engagement& engagement : engagements_) {
    if (Aside(engagement)) needed.push_back(engagement.queue);
  }
  for (const uint32_t number : needed) {
    const plan::Queue& queue = plan_->queues[number];
    const plan::Queue* same = QueueNamed(next, queue.name);
    if (same == nullptr || next.channels[same->channel].name != plan_->channels[queue.channel].name) return false;
  }
  for (const Engagement& engagement : engagements_) {
    if (!Has(next, plan_->channels[engagement.channel])) return false;
  }
  for (const Agent& agent : agents_) {
    if (agent.leaving) continue;
    const plan::AgentDefinition* was = Listed(*plan_, agent.definition.name);
    const plan::AgentDefinition* is = Listed(next, agent.definition.name);
    const bool vanishes = was != nullptr && is == nullptr;
    const bool redefined = is != nullptr && (was == nullptr || was->bytes != is->bytes);
    if (!vanishes && !redefined && !next.Resolve(agent.definition, nullptr)) return false;
  }
  return true;
}

// How many agents will live: those who vanish without an engagement are gone at once.
uint64_t Router::AgentsAfter(const plan::Plan& next) const {
  uint64_t count = 0;
  for (const Agent& agent : agents_) {
    const bool vanishes =
        Listed(*plan_, agent.definition.name) != nullptr && Listed(next, agent.definition.name) == nullptr;
    if (!vanishes || HasEngagement(agent)) ++count;
  }
  for (const plan::AgentDefinition& definition : next.agents) {
    const bool lives = std::any_of(agents_.begin(), agents_.end(),
                                   [&](const Agent& agent) { return agent.definition.name == definition.name; });
    if (!lives && Listed(*plan_, definition.name) == nullptr) ++count;
  }
  return count;
}

void Router::Renumber(const plan::Plan& next) {
  const auto queue_number = [&](uint32_t queue) {
    const plan::Queue* same = QueueNamed(next, plan_->queues[queue].name);
    return same == nullptr ? KOBLE_QUEUE_NONE : static_cast<uint32_t>(same - next.queues.data());
  };
  for (Contact& contact : contacts_) {
    for (Standing& standing : contact.standings) standing.queue = queue_number(standing.queue);
  }
  for (Offer& offer : offers_) offer.queue = queue_number(offer.queue);
  for (Engagement& engagement : engagements_) {
    engagement.channel = MediumNamed(*plan_, engagement.channel, next);
    if (engagement.queue == KOBLE_QUEUE_NONE) continue;
    engagement.last_plan = plan_->queues[engagement.queue];
    engagement.queue = queue_number(engagement.queue);
    const bool clocked = engagement.state == KOBLE_ENGAGEMENT_ACTIVE;
    if (clocked && engagement.queue == KOBLE_QUEUE_NONE) engagement.deadline = plan::kNever;
  }
  std::erase_if(splits_, [&](const auto& split) {  // 11.6
    const auto parts = [&](const plan::Plan& plan) {
      std::vector<std::pair<std::string, int64_t>> named;
      const plan::Queue* queue = QueueNamed(plan, split.first);
      if (queue == nullptr || queue->split.shares.empty()) return named;
      const plan::Attribute& attribute = plan.attributes[queue->split.attribute];
      named.emplace_back(attribute.name, 0);
      for (const plan::Split::Share& share : queue->split.shares) {
        named.emplace_back(attribute.values[share.value], share.part);
      }
      return named;
    };
    return parts(*plan_) != parts(next);
  });
  std::erase_if(pointers_, [&](const auto& pointer) { return QueueNamed(next, pointer.first) == nullptr; });
  for (Agent& agent : agents_) {
    std::erase_if(agent.served_of, [&](const auto& of_queue) {  // 5.5
      const plan::Queue* queue = QueueNamed(next, of_queue.first);
      return queue == nullptr || queue->select != plan::SelectionRule::kFewestOfQueue;
    });
    uint32_t mask = 0;
    for (uint32_t channel = 0; channel < plan_->channel_count; ++channel) {
      const bool asked = (agent.request_mask >> channel & 1) != 0;
      if (asked && Has(next, plan_->channels[channel])) mask |= 1u << ChannelNamed(next, plan_->channels[channel].name);
    }
    agent.request_mask = mask;
  }
}

// 8(3)
void Router::ChangeListedAgents(const plan::Plan& old) {
  for (const plan::AgentDefinition& definition : old.agents) {
    Agent* agent = FindAgentByName(definition.name);
    const bool vanished = Listed(*plan_, definition.name) == nullptr;
    if (vanished && agent != nullptr && !agent->leaving) RemoveAgent(*agent, KOBLE_CAUSE_PLAN);
  }
  for (const plan::AgentDefinition& definition : plan_->agents) {
    const plan::AgentDefinition* was = Listed(old, definition.name);
    if (was != nullptr && was->bytes == definition.bytes) continue;
    const plan::Capability can = plan_->Resolve(definition, nullptr).value();
    Agent* agent = FindAgentByName(definition.name);
    if (agent != nullptr && !agent->leaving) {
      ChangeAgent(*agent, definition, can);
    } else if (was != nullptr) {
      continue;  // removed by a command: a changed entry does not bring him back
    } else if (agent != nullptr) {
      ReviveAgent(*agent, definition, can);
    } else {
      Emit(KOBLE_EVENT_AGENT_ADDED, AddAgent(definition, can));
    }
  }
}

}  // namespace koble::reference
