#include "transcripts/reference_machine.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "reference/router.h"

namespace koble::testing {
namespace {

using reference::Router;

template <typename List>
auto* Find(const List& list, koble_id id) {
  const auto found = std::find_if(list.begin(), list.end(), [id](const auto& entry) { return entry.id == id; });
  return found == list.end() ? nullptr : &*found;
}

class ReferenceMachine : public transcript::Machine {
 public:
  explicit ReferenceMachine(std::unique_ptr<Router> router) : router_(std::move(router)) {}

  Result Apply(const koble_command& command, std::string_view data,
               std::span<const koble_attribute> attributes) override {
    Result result;
    koble_result raw = KOBLE_RESULT_INIT;
    result.code = router_->Apply(command, data, attributes, &raw, &result.events);
    result.id = raw.id;
    result.value = raw.value;
    result.time_ns = raw.time_ns;
    result.clamped = raw.clamped != 0;
    for (const koble_event& event : result.events) Note(event);
    return result;
  }

  void SetPolicy(const std::string& name, transcript::PolicyFunction function) override {
    const auto choose = [this, function](const reference::Question& asked) {
      transcript::PolicyQuestion question;
      for (const koble_choice_agent& agent : asked.agents) {
        if (asked.of_agent) question.agents.push_back(AgentName(agent.id));
      }
      for (const koble_choice_contact& contact : asked.contacts) {
        if (!asked.of_agent) question.serials.push_back(contact.serial);
      }
      return function(question);
    };
    router_->SetPolicy(name, {choose, choose});
  }

  int64_t Now() const override { return router_->now(); }
  int64_t NextDeadline() const override { return router_->NextDeadline(); }
  uint64_t LastEvent() const override { return last_event_; }
  bool Digest(uint64_t*) override { return false; }
  const plan::Plan& Plan() const override { return router_->plan(); }

  koble_id FindAgent(std::string_view name) const override {
    for (const reference::Agent& agent : router_->agents()) {
      if (agent.definition.name == name) return agent.id;
    }
    return 0;
  }
  std::string AgentName(koble_id id) const override {
    const reference::Agent* agent = Find(router_->agents(), id);
    return agent != nullptr ? agent->definition.name : "";
  }

  uint32_t FindSymbol(std::string_view name) const override { return router_->FindSymbol(name); }
  std::string SymbolName(int64_t number) const override {
    const std::vector<std::string>& symbols = router_->symbols();
    return number >= 1 && static_cast<uint64_t>(number) <= symbols.size() ? symbols[static_cast<size_t>(number) - 1]
                                                                          : "";
  }
  int32_t ContactAttributes(koble_id id, std::vector<koble_attribute>* out) const override {
    const reference::Contact* contact = Find(router_->contacts(), id);
    if (contact == nullptr) return Missing(id, KOBLE_KIND_CONTACT);
    for (const auto& [key, value] : contact->attributes) out->push_back({key, 0, value});
    return KOBLE_OK;
  }

  int32_t Contact(koble_id id, koble_contact_info* out) const override {
    const reference::Contact* contact = Find(router_->contacts(), id);
    if (contact == nullptr) return Missing(id, KOBLE_KIND_CONTACT);
    out->state = contact->state;
    out->serial = contact->serial;
    out->host_ref = contact->host_ref;
    out->arrival_ns = contact->arrival;
    out->agent = contact->agent;
    out->priority = contact->priority;
    out->credit_ns = contact->credit;
    out->retry_until_ns = contact->retry_until;
    out->next_ring_ns = contact->tick;
    out->attempts = contact->attempts;
    out->hungry = contact->hungry ? 1 : 0;
    out->reserved_until_ns = contact->reserved ? contact->reserved_until : 0;
    for (const reference::Engagement& engagement : router_->engagements()) {
      if (engagement.contact == id && engagement.state != KOBLE_ENGAGEMENT_WRAPPING) out->engagement = engagement.id;
    }
    for (const reference::Offer& offer : router_->offers()) out->offer_count += offer.contact == id;
    for (const reference::Standing& standing : contact->standings) {
      out->queues[out->queue_count] = standing.queue;
      out->steps[out->queue_count] = *standing.open.rbegin();
      for (const uint32_t step : standing.open) out->open_steps[out->queue_count] |= uint64_t{1} << step;
      out->positions[out->queue_count++] = router_->PositionIn(*contact, standing.queue);
    }
    return KOBLE_OK;
  }

  int32_t AgentSkills(koble_id id, std::vector<koble_skill>* out) const override {
    const reference::Agent* agent = Find(router_->agents(), id);
    if (agent == nullptr) return Missing(id, KOBLE_KIND_AGENT);
    for (uint32_t number = 0; number < Plan().skills.size(); ++number) {
      const auto changed = agent->changed_skills.find(Plan().skills[number]);
      if (changed != agent->changed_skills.end()) {
        out->push_back({number, 1, changed->second.first, changed->second.second});
        continue;
      }
      for (const plan::SkillLevel& skill : agent->can.skills) {
        if (skill.skill == number) out->push_back({number, 0, skill.level, 0});
      }
    }
    return KOBLE_OK;
  }

  int32_t Agent(koble_id id, koble_agent_info* out) const override {
    const reference::Agent* agent = Find(router_->agents(), id);
    if (agent == nullptr) return Missing(id, KOBLE_KIND_AGENT);
    out->presence = agent->presence;
    out->presence_reason = agent->presence_reason;
    out->idle_since_ns = agent->idle_since;
    out->penalised_until_ns = agent->penalised_until;
    out->request_until_ns = agent->requests ? agent->request_until : 0;
    out->sequence = agent->number;
    out->capacity = agent->can.capacity;
    out->leaving = agent->leaving;
    out->served = static_cast<uint64_t>(agent->served);
    out->talked_ns = agent->talked;
    out->last_ended_ns = agent->last_ended;
    out->misses = static_cast<uint32_t>(agent->misses);
    out->last_served_ns = agent->last_served;
    out->handled = static_cast<uint64_t>(agent->handled);
    out->handled_ns = agent->handled_time;
    for (const reference::Offer& offer : router_->offers()) {
      if (offer.agent != id) continue;
      ++out->offers;
      out->used += Plan().channels[Plan().queues[offer.queue].channel].cost;
    }
    for (const reference::Engagement& engagement : router_->engagements()) {
      if (engagement.agent != id) continue;
      uint32_t* counts[] = {nullptr,        &out->connecting, &out->active, &out->held,
                            &out->wrapping, &out->silent,     &out->parked};
      ++*counts[engagement.state];
      if (!reference::Aside(engagement)) out->used += Plan().channels[engagement.channel].cost;
    }
    return KOBLE_OK;
  }

  int32_t Offer(koble_id id, koble_offer_info* out) const override {
    const reference::Offer* offer = Find(router_->offers(), id);
    if (offer == nullptr) return Missing(id, KOBLE_KIND_OFFER);
    out->queue = offer->queue;
    out->contact = offer->contact;
    out->agent = offer->agent;
    out->expires_ns = offer->expires;
    const Noted& noted = noted_.at(id);
    out->begun_ns = noted.time;
    out->group = noted.group;
    return KOBLE_OK;
  }

  int32_t Engagement(koble_id id, koble_engagement_info* out) const override {
    const reference::Engagement* engagement = Find(router_->engagements(), id);
    if (engagement == nullptr) return Missing(id, KOBLE_KIND_ENGAGEMENT);
    out->state = engagement->state;
    out->queue = engagement->queue;
    out->contact = engagement->contact;
    out->agent = engagement->agent;
    out->since_ns = noted_.at(id).time;
    out->deadline_ns = engagement->deadline;
    return KOBLE_OK;
  }

  void Count(koble_counts* out) const override {
    out->contacts = router_->contacts().size();
    out->agents = router_->agents().size();
    out->offers = router_->offers().size();
    out->engagements = router_->engagements().size();
    out->serials = serials_;
  }

  int32_t QueueWaiting(uint32_t queue, uint64_t* waiting) const override {
    if (queue >= Plan().queues.size()) return KOBLE_ERR_UNKNOWN;
    *waiting = 0;
    for (const reference::Contact& contact : router_->contacts()) *waiting += router_->PositionIn(contact, queue) != 0;
    return KOBLE_OK;
  }

  void Acknowledge() override {}
  std::string RebuildBy(transcript::Rebuild how) override {
    if (how == transcript::Rebuild::kClone) router_ = router_->Clone();
    return "";
  }

 private:
  struct Noted {
    int64_t time = 0;
    koble_id group = 0;
  };

  // What queries tell and the router does not keep.
  void Note(const koble_event& event) {
    last_event_ = event.seq;
    serials_ = std::max(serials_, event.kind == KOBLE_EVENT_ARRIVED ? event.serial : 0);
    seen_[event.contact] = seen_[event.agent] = true;
    if (event.kind == KOBLE_EVENT_OFFERED) noted_[event.offer] = {event.time_ns, static_cast<koble_id>(event.b)};
    switch (event.kind) {
      case KOBLE_EVENT_ACCEPTED:
      case KOBLE_EVENT_SERVING:
      case KOBLE_EVENT_HELD:
      case KOBLE_EVENT_RETRIEVED:
      case KOBLE_EVENT_SILENT:
      case KOBLE_EVENT_PARKED:
      case KOBLE_EVENT_CONTINUED:
      case KOBLE_EVENT_WRAPUP:
        noted_[event.engagement].time = event.time_ns;
        break;
      default:
        break;
    }
  }

  int32_t Missing(koble_id id, uint32_t kind) const {
    const uint32_t is = KOBLE_ID_KIND(id);
    if (is == 0 || is > KOBLE_KIND_ENGAGEMENT) return KOBLE_ERR_UNKNOWN;
    if (is != kind) return KOBLE_ERR_KIND;
    return seen_.contains(id) || noted_.contains(id) ? KOBLE_ERR_ENDED : KOBLE_ERR_UNKNOWN;
  }

  std::unique_ptr<Router> router_;
  std::map<koble_id, Noted> noted_;  // offers and engagements
  std::map<koble_id, bool> seen_;    // contacts and agents
  uint64_t last_event_ = 0;
  uint64_t serials_ = 0;
};

}  // namespace

transcript::MachineFactory ReferenceFactory() {
  return [](std::shared_ptr<const plan::Plan> plan, const engine::Options& options,
            std::string* message) -> std::unique_ptr<transcript::Machine> {
    if (options.max_events != 0 || options.max_journal_bytes != 0) {
      *message = "unsupported: the reference has no limit on events or journal";
      return nullptr;
    }
    reference::Options own;
    own.seed = options.seed;
    own.start_ns = options.start_ns;
    own.clamp_time = options.clamp_time;
    own.max_step_ns = options.max_step_ns;
    own.max_contacts = options.max_contacts;
    own.max_agents = options.max_agents;
    return std::make_unique<ReferenceMachine>(std::make_unique<Router>(std::move(plan), own));
  };
}

}  // namespace koble::testing
