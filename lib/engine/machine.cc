// Making the machine, and deriving what follows from its state: capabilities, counts, lines, timers.
#include "engine/machine.h"

#include <algorithm>
#include <utility>

#include "routing/figures.h"

namespace koble::engine {

using state::kNone;

namespace {

// So many bytes of journal are not too many.
uint64_t BytesOfJournal(const state::Settings& settings) {
  return settings.journal == KOBLE_JOURNAL_BOUNDED ? settings.max_journal_bytes : UINT64_MAX;
}

}  // namespace

Machine::Machine(std::unique_ptr<state::State> state)
    : state_(std::move(state)),
      index_(state_->memory),
      instant_ns_(state_->now_ns),
      arriving_(state_->memory),
      agent_triggers_(state_->memory),
      contact_triggers_(state_->memory),
      candidates_(state_->memory),
      released_(state_->memory),
      placed_(state_->memory),
      unjudged_(state_->memory),
      judging_(state_->memory),
      changed_ladders_(state_->memory),
      ranked_(state_->memory),
      returning_(state_->memory),
      parked_(state_->memory),
      lost_requests_(state_->memory),
      choices_(state_->memory),
      contacts_aside_(state_->memory),
      agents_aside_(state_->memory),
      limited_(state_->settings.max_events != 0 || state_->settings.max_step_ns != 0),
      journal_bytes_(BytesOfJournal(state_->settings)) {
  arriving_.reserve(KOBLE_CONTACT_ATTRIBUTES_MAX);
  agent_triggers_.reserve(1);  // who ends a conversation asks for no more
  Derive(nullptr);
  state_->ReserveMarks();
}

Machine::Machine(const Machine& other)
    : state_(std::make_unique<state::State>(*other.state_)),
      index_(other.index_),
      message_(other.message_),
      instant_ns_(other.instant_ns_),
      record_(other.record_),
      arriving_(state_->memory),
      agent_triggers_(state_->memory),
      contact_triggers_(state_->memory),
      candidates_(state_->memory),
      released_(state_->memory),
      placed_(state_->memory),
      unjudged_(other.unjudged_),
      judging_(state_->memory),
      changed_ladders_(state_->memory),
      ranked_(state_->memory),
      returning_(state_->memory),
      parked_(state_->memory),
      lost_requests_(state_->memory),
      policies_(other.policies_),
      replayed_(other.replayed_),
      choices_(other.choices_, state_->memory),
      choices_kept_(other.choices_kept_),
      contacts_aside_(state_->memory),
      agents_aside_(state_->memory),
      features_(other.features_),
      limited_(other.limited_),
      journal_bytes_(other.journal_bytes_) {
  arriving_.reserve(KOBLE_CONTACT_ATTRIBUTES_MAX);
  agent_triggers_.reserve(1);  // who ends a conversation asks for no more
  index_.MakeRoom();
}

Machine::~Machine() = default;

int32_t Machine::TakePlan() {
  const plan::Plan& plan = *state_->plan;
  InternNames(plan);
  DeriveSplits();
  if (plan.agents.size() > MaxAgents())
    return Refuse(KOBLE_ERR_LIMIT, "the plan lists more agents than max_agents allows");
  for (const plan::AgentDefinition& definition : plan.agents) {
    std::string report;
    const auto capability = plan.Resolve(definition, &report);
    if (!capability) return Refuse(KOBLE_ERR_PLAN, std::move(report));
    Refresh(NewAgent(definition, *capability));
  }
  return KOBLE_OK;
}

void Machine::Derive(const std::vector<std::optional<plan::Capability>>* capabilities) {
  state::State& s = *state_;
  s.queue_waiting.assign(s.plan->queues.size(), 0);
  index_.Rebuild(s);
  DeriveSplits();
  features_ = FeaturesOf(*s.plan);
  s.standing_requests = 0;

  s.agent_channels.assign(uint64_t{s.agents.Size()} * s.Channels(), state::AgentChannel{});
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    s.agents[agent].skills = kNil;
    s.agents[agent].engagements = 0;
    s.agents[agent].lines = 0;
  }
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (!s.offers.Live(o)) continue;
    ++s.Of(s.offers[o].agent, s.offers[o].channel).offers;
    SetOfferTimer(o);
  }
  s.last_engagements.resize(std::max<uint64_t>(s.last_engagements.size(), s.contacts.Size()));
  for (uint32_t e = 0; e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e)) continue;
    const state::Engagement& engagement = s.engagements[e];
    ++s.agents[engagement.agent].engagements;
    if (s.contacts.Check(engagement.contact) == KOBLE_OK) {
      s.last_engagements[KOBLE_ID_SLOT(engagement.contact)] = {e, engagement.agent};
    }
    ++s.Of(engagement.agent, engagement.channel).In(engagement.state);
    SetEngagementTimer(e);
  }
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    state::Agent& a = s.agents[agent];
    std::optional<plan::Capability> capability;
    if (capabilities != nullptr) {
      capability = (*capabilities)[agent];
    } else {
      std::string report;
      capability = s.plan->Resolve({std::string(a.texts.name()), std::string(a.texts.definition())}, &report);
    }
    if (!capability) {  // one who is leaving, or about to be redefined: able to do nothing new, with the wrap-up that he had
      capability.emplace();
      capability->channel_max.assign(s.Channels(), 0);
      capability->wrap_up_ns = a.wrap_up_ns;
      capability->pull = a.pull;
    }
    NoteOwnLevels(agent, *capability);
    SetCapability(agent, *capability, index_.InternSkills(Laid(agent, *capability)));
    if (a.request_until_ns != kNone) ++s.standing_requests;
    SetAgentTimer(agent);
    Refresh(agent);
  }
  DeriveReserved();
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    const state::Contact& c = s.contacts[contact];
    const routing::ContactValues values = ValuesOf(contact);
    for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
      state::Entry& entry = s.entries[e];
      entry.in_line = false;
      if (RulesOf(entry).HasLadder()) s.MakeLadder(e);
      for (uint32_t stand = s.LadderOf(entry).stands; stand != kNil;) {  // of the plan before
        const uint32_t next = s.entries[stand].next;
        s.entries.Free(stand);
        stand = next;
      }
      if (entry.ladder != kNil) s.ladders[entry.ladder].stands = kNil;
      if (!entry.placed) entry.figures = routing::OwnFigures(c, RulesOf(entry), s.LadderOf(entry).open);
      index_.Seat(s, e);
      entry.variant = index_.PrepareVariant(s, entry.rules, values);
      const uint32_t queue = entry.queue;
      index_.Join(s, e);  // may move the entries
      if (c.state == KOBLE_CONTACT_WAITING) CountWaiting(queue, true);
    }
    if (Seeks(contact)) EnterLines(contact);
    SetContactTimer(contact);
  }
  index_.DropUnused();
  index_.SettleReserves();
  index_.SettleTurns(s);
  DeriveJudgement();
  if (!unjudged_.empty()) features_.judges = features_.any = true;  // what the plan before has left
}

}  // namespace koble::engine
