// The commands about agents (section 3).
#include "reference/router.h"

namespace koble::reference {

// 3.6
int32_t Router::AgentAdd(std::string_view bytes, koble_id* id) {
  const std::optional<plan::AgentDefinition> definition = plan::ReadAgent(bytes, nullptr);
  if (!definition) return KOBLE_ERR_PLAN;
  Agent* agent = FindAgentByName(definition->name);
  if (agent != nullptr && !agent->leaving) return KOBLE_ERR_EXISTS;
  const std::optional<plan::Capability> can = plan_->Resolve(*definition, nullptr);
  if (!can) return KOBLE_ERR_PLAN;
  if (agent != nullptr) {
    ReviveAgent(*agent, *definition, *can);
  } else {
    if (options_.max_agents != 0 && agents_.size() >= options_.max_agents) return KOBLE_ERR_LIMIT;
    agent = &AddAgent(*definition, *can);
    Emit(KOBLE_EVENT_AGENT_ADDED, *agent);
  }
  changed_ = true;
  *id = agent->id;
  return KOBLE_OK;
}

// 3.7
int32_t Router::AgentChange(koble_id id, std::string_view bytes) {
  if (const int32_t code = Check(id, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(id);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  const std::optional<plan::AgentDefinition> definition = plan::ReadAgent(bytes, nullptr);
  if (!definition) return KOBLE_ERR_PLAN;
  if (definition->name != agent.definition.name) return KOBLE_ERR_ARGUMENT;
  const std::optional<plan::Capability> can = plan_->Resolve(*definition, nullptr);
  if (!can) return KOBLE_ERR_PLAN;
  ChangeAgent(agent, *definition, *can);
  return KOBLE_OK;
}

// 3.8
int32_t Router::AgentRemove(koble_id id) {
  if (const int32_t code = Check(id, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(id);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  changed_ = true;
  RemoveAgent(agent, KOBLE_CAUSE_AGENT);
  return KOBLE_OK;
}

// 3.1
int32_t Router::AgentPresence(koble_id id, uint32_t presence, int64_t reason) {
  if (const int32_t code = Check(id, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(id);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  if (agent.presence == presence && agent.presence_reason == reason) return KOBLE_OK;
  changed_ = true;
  SetPresence(agent, presence, reason, 0);
  return KOBLE_OK;
}

// 3.9
int32_t Router::AgentRequest(koble_id id, uint32_t mask, int64_t until, koble_id* offer) {
  if (const int32_t code = Check(id, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(id);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  if (!agent.can.pull || agent.presence != KOBLE_PRESENCE_AVAILABLE) return KOBLE_ERR_STATE;
  if (uint64_t{mask} >> plan_->channel_count != 0) return KOBLE_ERR_UNKNOWN;
  if (until != 0 && until <= now_) return KOBLE_ERR_ARGUMENT;
  std::vector<bool> channels;
  for (uint32_t channel = 0; channel < plan_->channels.size(); ++channel) {
    const bool asked = mask == 0 || (mask >> plan_->channels[channel].channel & 1) != 0;
    channels.push_back(asked && Fits(agent, channel));
  }
  koble_id contact = 0;
  uint32_t queue = 0;
  if (agent.penalised_until == 0 && BestContactFor(agent, channels, &contact, &queue)) {
    changed_ = true;
    Contact& found = *FindContact(contact);
    *offer = Hungry(found) ? Grow(found, id) : MakeOffers(found, queue, {id}, true);
    return KOBLE_OK;
  }
  if (until == 0) {
    aside_.clear();
    return KOBLE_ERR_NONE;
  }
  changed_ = true;
  agent.requests = true;
  agent.request_every_channel = mask == 0;
  agent.request_mask = mask;
  agent.request_until = until;
  Trigger(agent);
  return KOBLE_OK;
}

int32_t Router::AgentRequestCancel(koble_id id) {
  if (const int32_t code = Check(id, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(id);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  if (!agent.requests) return KOBLE_ERR_STATE;
  changed_ = true;
  EndRequest(agent, KOBLE_REQUEST_CANCELLED);
  return KOBLE_OK;
}

}  // namespace koble::reference
