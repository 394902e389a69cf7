// The naive reference router: docs/model.md written down as directly as possible, to be compared with the engine.
//
// Every decision is made by looking at everything: there are no lines, classes, heaps, caches or indexes, and nothing is
// shared with lib/engine or lib/routing. The numbers in comments ("4.6") are sections of docs/model.md.
#ifndef KOBLE_TESTS_REFERENCE_ROUTER_H_
#define KOBLE_TESTS_REFERENCE_ROUTER_H_

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "koble/koble_policy.h"
#include "plan/plan.h"

namespace koble::reference {

__extension__ typedef __int128 Int128;
inline constexpr Int128 kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kMaxPriority = 1'000'000'000 * KOBLE_POINT;

struct Options {
  uint64_t seed = 0;
  int64_t start_ns = 0;
  bool clamp_time = false;
  int64_t max_step_ns = 0;
  uint64_t max_contacts = 0;
  uint64_t max_agents = 0;
};

// A contact's stand in one queue.
struct Standing {
  uint32_t queue = 0;
  uint32_t rules = 0;       // number in the plan's queues: the queue itself, or one that keeps older rules (8)
  bool pinned = false;      // it keeps them
  std::set<uint32_t> open;  // steps
  std::set<uint32_t> due;   // steps whose time has come
  int64_t deadline = plan::kNever;
  bool remembered = false;         // the deadline fell in an offer (2.5)
  int64_t leaving = plan::kNever;  // by state (2.13)
  bool leaving_remembered = false;
  uint32_t delays = 0;  // of the queue that have passed (2.10)
  bool placed = false;  // at the place of a contact with these figures (5.9)
  int64_t arrival = 0;
  int64_t priority = 0;
  int64_t credit = 0;
  int64_t raised = 0;
  uint64_t serial = 0;
};

struct Exclusion {
  koble_id agent = 0;
  int64_t until = plan::kNever;
  bool until_step = false;
};

struct Contact {
  koble_id id = 0;
  uint64_t serial = 0;
  uint64_t host_ref = 0;
  int64_t arrival = 0;
  int64_t step_clock = 0;  // the arrival, moved by outages that do not count
  int64_t priority = 0;
  int64_t credit = 0;
  koble_id agent = 0;          // for whom it is meant
  bool reserved = false;       // only for him
  int64_t reserved_until = 0;  // where it is
  uint32_t state = KOBLE_CONTACT_WAITING;
  std::vector<Standing> standings;  // empty once served
  int64_t retry_until = 0;          // 0: in no retry delay
  uint32_t attempts = 0;            // times that it was offered
  std::vector<Exclusion> exclusions;
  int64_t tick = 0;     // of a group that grows (4.12); 0: none
  bool hungry = false;  // it takes the next agent
  bool open = false;    // others may join the group, up to this step and its tier
  uint32_t reach_step = 0;
  uint32_t reach_tier = 0;
  std::set<koble_id> asked;                // whose offers or connections of this group have failed
  std::map<uint32_t, int64_t> attributes;  // by key
};

struct Agent {
  koble_id id = 0;
  uint64_t number = 0;
  plan::AgentDefinition definition;
  plan::Capability can;                                               // with what commands have changed (3.10)
  plan::Capability own;                                               // by his definition
  std::map<std::string, std::pair<int64_t, int64_t>> changed_skills;  // by name: level, until
  uint32_t presence = KOBLE_PRESENCE_OFFLINE;
  int64_t presence_reason = 0;
  int64_t idle_since = 0;
  int64_t penalised_until = 0;  // 0: not penalised
  bool leaving = false;
  bool requests = false;  // a request stands
  bool request_every_channel = false;
  uint32_t request_mask = 0;
  int64_t request_until = plan::kNever;
  int64_t served = 0;                        // contacts
  std::map<std::string, int64_t> served_of;  // of queues that choose by it, by name
  int64_t talked = 0;                        // in conversations that have ended
  int64_t last_ended = 0;                    // end of the last one
  int64_t misses = 0;                        // in a row
  int64_t last_served = 0;
  int64_t handled = 0;       // conversations that are over, their wrap-ups too, or have paused
  int64_t handled_time = 0;  // in these, pauses apart
};

struct Offer {
  koble_id id = 0;
  uint64_t number = 0;
  koble_id group = 0;  // the first of those made for the contact together, or added since
  koble_id contact = 0;
  koble_id agent = 0;
  uint32_t queue = 0;
  int64_t begun = 0;
  int64_t expires = plan::kNever;
};

struct Engagement {
  koble_id id = 0;
  uint64_t number = 0;  // its offer's
  koble_id offer = 0;
  koble_id contact = 0;  // ended while wrapping
  uint64_t serial = 0;
  uint64_t host_ref = 0;
  koble_id agent = 0;
  uint32_t queue = 0;     // KOBLE_QUEUE_NONE: gone from the plan
  plan::Queue last_plan;  // its queue as it was last defined
  uint32_t channel = 0;
  uint32_t state = KOBLE_ENGAGEMENT_ACTIVE;
  int64_t since = 0;     // begin of the present state
  int64_t served = 0;    // begin of the conversation
  bool handled = false;  // counted so
  int64_t deadline = plan::kNever;
};

// The same for AGENT_SKILL (3.10).
bool SkillInRange(const koble_command& command, std::string_view data);
// Whether the members of a CONTACT_CHANGE are what they may be (2.12).
bool ChangeInRange(const koble_command& command, std::string_view data, std::span<const koble_attribute> attributes);
// Silent or parked: no capacity is taken (4a).
bool Aside(const Engagement& engagement);
// What a policy is asked (6.6): of the contacts and the agents one list holds the candidates, the other him for whom one is chosen.
struct Question {
  std::string policy;
  bool of_agent = false;
  uint32_t queue = KOBLE_QUEUE_NONE;
  std::vector<koble_choice_contact> contacts;
  std::vector<koble_choice_agent> agents;
};
struct Policy {
  std::function<int32_t(const Question&)> choose_agent;
  std::function<int32_t(const Question&)> choose_contact;
};

class Router {
 public:
  Router(std::shared_ptr<const plan::Plan> plan, const Options& options);

  // Judges one command; `data` and `attributes` are what its offsets count into. Appends to `events` (journal_seq is 0).
  int32_t Apply(const koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                koble_result* result, std::vector<koble_event>* events);
  void SetPolicy(const std::string& name, Policy policy) { policies_[name] = std::move(policy); }
  int64_t NextDeadline() const;
  std::unique_ptr<Router> Clone() const { return std::make_unique<Router>(*this); }

  int64_t now() const { return now_; }
  uint64_t last_serial() const { return last_serial_; }
  const plan::Plan& plan() const { return *plan_; }
  const std::vector<std::string>& symbols() const { return symbols_; }  // number - 1
  uint32_t FindSymbol(std::string_view name) const;                     // 0: none
  // 1-based, of those that wait in the queue; 0: it does not wait there.
  uint32_t PositionIn(const Contact& contact, uint32_t queue) const;
  const std::list<Contact>& contacts() const { return contacts_; }
  const std::list<Agent>& agents() const { return agents_; }
  const std::list<Offer>& offers() const { return offers_; }
  const std::list<Engagement>& engagements() const { return engagements_; }

 private:
  // In the order in which timers of one deadline fire (1.4).
  enum class TimerKind {
    kExpiry,
    kConnect,
    kWrapUp,
    kSilence,
    kForgetting,
    kParkingEnd,
    kPenalty,
    kRequest,
    kSkill,
    kDelay,
    kStep,
    kQueueDelay,
    kRelease,
    kTick,
    kLeaving,
    kMaxWait
  };
  struct Timer {
    int64_t deadline = 0;
    TimerKind kind = TimerKind::kExpiry;
    uint64_t owner = 0;
    size_t place = 0;  // of the queue in the contact
    koble_id id = 0;
    koble_id agent = 0;  // of an exclusion
    uint32_t step = 0;
  };
  struct Place {
    int64_t weight = 0;
    Int128 score = 0;
    Int128 v = 0;
    int64_t arrival = 0;
    uint64_t serial = 0;
    size_t order = 0;  // among those at the place of the contact of that serial
  };
  struct Slot {
    uint32_t generation = 1;
    bool living = false;
  };

  // router.cc: calls and the commands, one function each.
  using Pairs = std::span<const koble_attribute>;
  int32_t Judge(const koble_command& command, std::string_view data, Pairs attributes, koble_result* result);
  int32_t JudgeAfterAdvance(const koble_command& command, std::string_view data, Pairs attributes,
                            koble_result* result);
  int32_t Resume(int64_t time, int64_t down_since);
  int32_t Reconcile(const std::vector<koble_id>& contacts, const std::vector<koble_id>& legs);
  int32_t AgentAdd(std::string_view bytes, koble_id* id);
  int32_t AgentChange(koble_id id, std::string_view bytes);
  int32_t AgentRemove(koble_id id);
  int32_t AgentPresence(koble_id id, uint32_t presence, int64_t reason);
  int32_t AgentSkill(const koble_command& command, std::string_view name);  // agent_skill.cc
  void Lay(Agent& agent);
  void ExpireSkills(Agent& agent);
  int32_t AgentRequest(koble_id id, uint32_t mask, int64_t until, koble_id* offer);
  int32_t AgentRequestCancel(koble_id id);
  int32_t ContactArrive(const koble_command& command, std::string_view data, Pairs attributes, koble_id* id);
  void Split(Contact& contact, const plan::Queue& queue);
  int32_t ContactChange(const koble_command& command, std::string_view data, Pairs attributes);  // contact_change.cc
  void Join(Contact& contact, uint32_t queue);
  int32_t ContactGone(koble_id id, uint32_t by);
  int32_t OfferMake(const koble_command& command, koble_id* offer);
  // place.cc (5.9)
  std::vector<std::pair<Contact*, Standing*>> OthersInOrder(const Contact& contact, uint32_t queue);
  void RequestPosition(Contact& contact, Standing& standing, uint32_t position);
  void PutAt(Contact& contact, Standing& standing, const Contact& other, const Standing& at, bool ahead,
             size_t position);
  int32_t ContactPlace(koble_id id, uint32_t queue, uint32_t position);
  int32_t OfferAccept(koble_id id, koble_id* engagement);
  int32_t OfferEnd(koble_id id, uint32_t outcome);
  int32_t OfEngagement(uint32_t kind, koble_id id);
  int32_t Symbol(std::string_view name, int64_t* number);

  // silence.cc (section 4a).
  int32_t Activity(koble_id id);
  int32_t Park(koble_id id, int64_t until);
  int32_t Reply(koble_id id, koble_id* active);
  Engagement* ConversationOf(const Contact& contact);  // null: none
  int64_t SilenceFrom(const Engagement& engagement) const;
  void EndTalk(const Engagement& engagement);
  void SetAside(Engagement& engagement, uint32_t state, int64_t deadline);
  void Continue(Engagement& engagement);
  void ContinueOrReturn(Engagement& engagement);
  void Return(Engagement& engagement);
  void ReturnParkedOf(koble_id agent);

  // reconcile.cc (section 7a).
  void WithdrawLost(const std::vector<Offer>& lost);
  int64_t ReportUnknown(const std::vector<koble_id>& ids);
  bool Named(const Offer& offer, const std::vector<koble_id>& legs) const;
  bool Named(const Engagement& engagement, const std::vector<koble_id>& legs) const;

  // plan_change.cc (section 8).
  int32_t PlanReplace(std::string_view bytes);
  bool CanReplaceBy(const plan::Plan& next) const;
  uint64_t AgentsAfter(const plan::Plan& next) const;
  std::vector<std::string> SymbolsWith(const plan::Plan& next) const;
  void Renumber(const plan::Plan& next);
  void ChangeListedAgents(const plan::Plan& old);

  // timers.cc: time (section 1).
  std::vector<Timer> Timers() const;
  void FireInstant(int64_t deadline);
  void FireOverdue(bool matching);
  void Fire(const Timer& timer);
  void MaxWait(Contact& contact, size_t place);
  void ShiftDeadlines(int64_t down_since, int64_t length);

  // life.cc: what happens to contacts, agents, offers and engagements (sections 2 to 4).
  Agent& AddAgent(const plan::AgentDefinition& definition, const plan::Capability& can);
  void ReviveAgent(Agent& agent, const plan::AgentDefinition& definition, const plan::Capability& can);
  void ChangeAgent(Agent& agent, const plan::AgentDefinition& definition, const plan::Capability& can);
  void RemoveAgent(Agent& agent, int64_t cause);
  void WithdrawOffersOf(Agent& agent, int64_t cause);
  void WithdrawOffersOf(Contact& contact, int64_t cause, uint32_t outcome);
  void EndRequest(Agent& agent, uint32_t reason);
  bool GoesByAbsence(const Contact& contact);
  void Release(Contact& contact);
  void ReleaseAbsent(const Agent& agent);
  void SetPresence(Agent& agent, uint32_t presence, int64_t reason, int64_t misses);
  void Missed(Agent& agent, const plan::OutcomeRule& rule);
  void Penalise(Agent& agent, int64_t length, uint32_t outcome);
  void Idle(Agent& agent);
  void GoneIfLeft(koble_id agent);
  koble_id MakeOffer(const Contact& contact, uint32_t queue, koble_id agent, int64_t expires, koble_id group);
  koble_id MakeOffers(Contact& contact, uint32_t queue, const std::vector<koble_id>& agents, bool accept_at_once);
  koble_id Grow(Contact& contact, koble_id agent);
  void Tick(Contact& contact);
  void EndGrowth(Contact& contact);
  koble_id Accept(koble_id offer, uint32_t how);
  void Serve(Engagement& engagement);
  void EndOffer(koble_id offer, uint32_t outcome, int64_t cause);
  void OfferFailed(koble_id offer, uint32_t outcome);
  void ConnectFailed(koble_id engagement, uint32_t reason);
  void EndServed(Contact& contact, uint32_t by);
  void EndEngagement(koble_id engagement);
  void WrapUpEnd(koble_id engagement, uint32_t reason);
  void CountHandled(Engagement& engagement);
  void Exclude(Contact& contact, koble_id agent, int64_t length);
  void StepOpened(Contact& contact);
  void ComeBack(Contact& contact, uint32_t queue, const plan::OutcomeRule* rule);
  bool Exhausted(const Contact& contact) const;
  void Leave(Contact& contact, size_t place, uint32_t reason);
  void LeaveAll(Contact& contact, uint32_t reason);
  void EndContact(koble_id contact);
  bool JudgeFullness(koble_id contact);  // whether it has left a queue

  // matching.cc: order and matching (sections 5 and 6).
  int64_t RaisedBy(const Standing& standing) const;
  Int128 VirtualArrival(int64_t arrival, Int128 base, int64_t credit, const plan::Queue& queue) const;
  Place PlaceOf(const Contact& contact, const Standing& standing) const;
  static bool Better(const Place& a, const Place& b);
  bool HasRoom(const Agent& agent, uint32_t channel) const;
  bool Fits(const Agent& agent, uint32_t channel) const;
  bool Free(const Agent& agent, uint32_t channel) const;
  bool Excluded(const Contact& contact, const Agent& agent, bool for_good) const;
  int64_t Units(const Agent& agent) const;
  int64_t Open(const Agent& agent) const;
  std::vector<const Agent*> InOrderOfLots(std::vector<const Agent*> agents, const Contact& contact,
                                          bool weighted) const;
  Int128 Score(const Agent& agent, const std::vector<plan::ScoreTerm>& terms) const;
  Int128 RuleKey(const Agent& agent, const plan::Queue& queue, const plan::Step& step, const Contact& contact) const;
  bool Meets(const Agent& agent, uint32_t requirement, const Contact& contact) const;
  const plan::Queue& RulesOf(const Standing& standing) const { return plan_->queues[standing.rules]; }
  std::vector<uint32_t> InForce(const Standing& standing) const;
  bool MeetsOneInForce(const Agent& agent, const Standing& standing, const Contact& contact) const;
  bool MayTake(const Agent& agent, const Standing& standing, const Contact& contact) const;
  int64_t FreeWhoMeet(uint32_t channel, uint32_t requirement, const Agent* asking, const Contact& contact) const;
  bool Hungry(const Contact& contact) const;
  bool Grows(const Contact& contact) const { return contact.tick != 0 || contact.hungry || contact.open; }
  bool Seeks(const Contact& contact) const;
  bool SeeksIn(const Contact& contact, uint32_t queue) const;
  bool HasRoom(const Contact& contact) const;
  bool MayJoin(const Contact& contact, uint32_t step, const plan::QueueView& view) const;
  bool MayNotAsk(const Contact& contact, const Agent& agent) const;
  const Agent* NamedAgent(const Contact& contact, uint32_t* queue) const;
  plan::QueueView ViewOf(const Agent& agent, uint32_t queue) const;
  bool Sees(const Agent& agent, const Standing& standing) const;
  const Contact* FirstIn(uint32_t queue) const;
  bool HasTurn(const Contact& contact, uint32_t queue) const;
  std::map<std::string, uint64_t> Turns() const;
  void TriggerTurns();
  struct Pair {
    koble_id contact = 0;
    uint32_t queue = 0;
    uint32_t rank = 0;
    Place place;
  };
  std::vector<Pair> PairsFor(const Agent& agent, const std::vector<bool>& channels) const;
  bool BestContactFor(const Agent& agent, const std::vector<bool>& channels, koble_id* contact, uint32_t* queue);
  void Seek(Contact& contact);
  void Trigger(const Agent& agent);
  void Trigger(const Contact& contact);
  void Worklist();
  // Contact, queue, step.
  using StepKey = std::tuple<koble_id, uint32_t, uint32_t>;
  int64_t Count(const plan::Requirement::Term& counter, const Contact& contact, uint32_t queue) const;
  bool Holds(uint32_t condition, bool otherwise, const Contact& contact, uint32_t queue) const;
  bool JudgeSteps(Contact& contact);
  void JudgeLeaving(Contact& contact);
  // Queue, step; and, where it asks for the contact, who and what he says.
  using ReserveKey = std::tuple<uint32_t, uint32_t, koble_id, std::map<uint32_t, int64_t>>;
  std::map<ReserveKey, bool> OpenReserves() const;
  bool TriggerReleased();

  // policies.cc: choices of the host (6.6).
  koble_choice_contact Show(const Contact& contact, uint32_t queue) const;
  koble_choice_agent Show(const Agent& agent) const;
  bool Ask(const Question& question, size_t* answer);
  const Agent* ChooseAgent(const Contact& contact, uint32_t queue, std::vector<const Agent*> candidates);
  bool ChooseContact(const Agent& agent, const std::vector<Pair>& pairs, koble_id* contact, uint32_t* queue);

  // entities.cc: ids (section 9), looking things up, events.
  koble_id NewId(uint32_t kind);
  void FreeId(koble_id id);
  int32_t Check(koble_id id, uint32_t kind) const;
  Contact* FindContact(koble_id id);
  Agent* FindAgent(koble_id id);
  Agent* FindAgentByName(std::string_view name);
  Offer* FindOffer(koble_id id);
  Engagement* FindEngagement(koble_id id);
  std::vector<koble_id> OpenOffersOf(const Contact& contact) const;
  bool HasEngagement(const Agent& agent) const;
  const plan::Queue& QueueOf(const Engagement& engagement) const;
  koble_event& Emit(uint32_t kind, uint32_t reason = 0);
  koble_event& Emit(uint32_t kind, const Agent& agent, uint32_t reason = 0);
  koble_event& Emit(uint32_t kind, const Contact& contact, uint32_t queue, uint32_t reason = 0);
  koble_event& Emit(uint32_t kind, const Offer& offer, uint32_t reason = 0);
  koble_event& Emit(uint32_t kind, const Engagement& engagement, uint32_t reason = 0);

  std::shared_ptr<const plan::Plan> plan_;
  Options options_;
  int64_t now_ = 0;
  int64_t instant_ = 0;
  int64_t last_journalled_ = 0;
  std::vector<std::string> symbols_;   // 11.1
  std::list<Contact> contacts_;        // in order of serial
  std::list<Agent> agents_;            // in order of number
  std::list<Offer> offers_;            // in order of number
  std::list<Engagement> engagements_;  // in order of acceptance
  uint64_t last_serial_ = 0;
  uint64_t last_agent_ = 0;
  uint64_t last_offer_ = 0;
  uint64_t last_event_ = 0;
  std::map<std::string, std::map<std::string, int64_t>> splits_;  // counts by value, by queue's name
  // By serial: who stands at that contact's place, first to last: its own serial and no queue, or serial and queue's name.
  std::map<uint64_t, std::vector<std::pair<uint64_t, std::string>>> shared_places_;
  std::map<std::string, uint64_t> pointers_;  // round robin, by queue's name
  std::vector<Slot> slots_[5];                // by kind of id
  std::map<ReserveKey, bool> open_reserves_;  // as judged last
  std::map<std::string, uint64_t> turns_;     // the same: who is first, by serial, where they are offered one by one
  std::map<std::string, Policy> policies_;
  std::set<koble_id> aside_;  // of whom a policy wanted nothing more in this worklist
  std::vector<koble_id> triggered_agents_;
  std::vector<koble_id> triggered_contacts_;
  std::set<StepKey> changed_steps_;  // by state, in the worklist that runs or is about to
  // During one call:
  bool fired_ = false;
  bool changed_ = false;
  std::vector<koble_event>* events_ = nullptr;
};

}  // namespace koble::reference

#endif  // KOBLE_TESTS_REFERENCE_ROUTER_H_
