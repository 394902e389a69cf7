// Follows an engine by its commands and events alone, decides nothing, and notes every breach of a promise of docs/model.md.
//
// What the engine does silently (the end of a retry delay or of an exclusion) is computed from the plan.
#ifndef KOBLE_TESTS_PROPERTIES_OBSERVER_H_
#define KOBLE_TESTS_PROPERTIES_OBSERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "koble/koble.h"
#include "plan/plan.h"
#include "support/machine.h"

namespace koble::testing {

enum class Promise {
  kConservation,  // arrived = living + ended + exited, and nothing happens to what has ended
  kCapacity,      // no offer that does not fit
  kOneOutcome,    // each offer ends exactly once
  kNobodyWaits,   // no eligible contact waits while an eligible agent is free whom no reserve keeps
  kOrder,         // of agents in an offer, of contacts for an agent
  kTimers,        // nothing early, nothing late, next_deadline is the next
  kRestart,       // a restart punishes nobody
  kMisses,        // who misses as often as the plan says is taken out, and nobody else
  kGroups,        // nobody is asked twice in a round, nor joins a group that has no room
  kReserve,       // as many agents as a step reserves stay free when it offers
  kSilence,       // a conversation pauses and goes on when it should, with whom it should
  kSteps,         // what goes by state is open or closed as its conditions say
};

struct Breach {
  Promise promise;
  std::string what;
};

class Observer {
 public:
  using AgentName = std::function<std::string(koble_id)>;

  explicit Observer(const Script& run);

  // Everything the engine answered to one command, and what it says about itself afterwards.
  void See(const Command& command, const Answer& answer, int64_t next_deadline, const koble_counts& counts,
           const AgentName& agent_name);
  const std::vector<Breach>& breaches() const { return breaches_; }

 private:
  static constexpr int64_t kUnknown = -1;
  struct Standing {
    uint32_t queue = 0;
    uint64_t open = 1;  // mask of steps
    int64_t deadline = plan::kNever;
    size_t delays = 0;          // of the queue that have passed, at least
    uint64_t due = 0;           // mask of steps whose time had come when last looked
    int64_t stayed = kUnknown;  // when it was last seen that nothing of the state lets it go
    // At the place of a contact with these figures, and where among those who stand there; 0: its own.
    uint64_t serial = 0;
    int64_t arrival = 0;
    int64_t priority = 0;
    int64_t credit = 0;
    int64_t raised = 0;
    uint32_t rules = 0;   // among the plan's queues: the queue, or one with rules of a plan before
    bool pinned = false;  // which it keeps
  };
  struct Contact {
    uint64_t serial = 0;
    int64_t arrival = 0;
    int64_t step_clock = 0;
    int64_t priority = 0;
    int64_t credit = 0;
    koble_id agent = 0;          // for whom it is meant
    int64_t reserved_until = 0;  // and for nobody else; 0: no
    uint32_t state = KOBLE_CONTACT_WAITING;
    std::vector<Standing> standings;
    int64_t retry_until = 0;
    uint32_t last_offering = 0;              // queue
    uint32_t attempts = 0;                   // groups of offers so far
    std::map<koble_id, int64_t> exclusions;  // until, by agent
    std::set<koble_id> until_step;           // those of them that end when a step opens
    std::map<uint32_t, int64_t> attributes;  // by symbol
    int64_t tick = 0;                        // when its group may take one more agent; 0: never
    bool open = false;                       // others may join its group, up to this step and its tier
    uint32_t reach_step = 0;
    uint32_t reach_tier = 0;
    std::set<koble_id> asked;  // agents who failed in this group
  };
  struct Agent {
    uint64_t number = 0;
    plan::AgentDefinition definition;
    plan::Capability can;
    uint32_t presence = KOBLE_PRESENCE_OFFLINE;
    int64_t idle_since = 0;
    int64_t served = 0;
    std::map<std::string, int64_t> served_of;  // of queues that choose by it
    int64_t talked = 0;
    int64_t last_ended = 0;
    int64_t last_served = 0;
    int64_t handled = 0;
    int64_t handled_time = 0;
    int64_t Handling() const { return handled == 0 ? 0 : handled_time / handled; }
    void Handle(int64_t length, bool counted) {
      if (!counted) ++handled;
      handled_time = std::min(handled_time + length, KOBLE_TIME_MAX);
    }
    int64_t penalised_until = 0;
    int64_t misses = 0;
    bool missed_enough = false;  // the next of his events but penalties must take him out
    std::map<std::string, std::pair<int64_t, int64_t>> changed_skills;  // by name: level, until
    bool leaving = false;
    bool requests = false;
    uint32_t mask = 0;  // all ones: every channel
    int64_t request_until = plan::kNever;
  };
  struct Offer {
    koble_id contact = 0;
    koble_id agent = 0;
    uint32_t queue = 0;
    int64_t expires = plan::kNever;
    int64_t begun = 0;
    koble_id group = 0;
    uint64_t number = 0;
    bool fresh = true;  // of the group that is being checked
  };
  struct Engagement {
    koble_id offer = 0;
    koble_id contact = 0;
    koble_id agent = 0;
    uint32_t channel = 0;
    uint32_t queue = 0;
    plan::Queue definition;  // of that queue, the last there was
    uint32_t state = KOBLE_ENGAGEMENT_ACTIVE;
    int64_t deadline = plan::kNever;
    int64_t since = 0;    // of the present state
    int64_t served = 0;   // begin of the conversation
    bool paused = false;  // before
  };
  struct Place {
    int64_t weight;
    __extension__ __int128 score;
    __extension__ __int128 v;
    int64_t arrival;
    uint64_t serial;
    int64_t order;  // among those at one contact's place
  };
  // Offers that are made together, while their events come in.
  struct Group {
    koble_id first = 0;  // offer, to whose group the next may belong; 0: none
    koble_id contact = 0;
    uint32_t queue = 0;
    std::vector<koble_id> agents;
    int64_t now = 0;
    int64_t instant = 0;
    bool asked = false;  // found by a request
    bool rings = false;  // not accepted at once
    bool grows = false;  // one more beside those who ring
    bool made = false;   // by the host
  };

  void See(const koble_event& event, const Command& command, const AgentName& agent_name);
  void SeeContact(const koble_event& event, const Command& command);
  void SeeOffer(const koble_event& event);
  void SeeEngagement(const koble_event& event);
  void SeeAgent(const koble_event& event, const Command& command, const AgentName& agent_name);
  void SeeSkill(const koble_event& event, const Command& command);
  void Lay(Agent* agent) const;
  void SeePlan(const koble_event& event, const Command& command);
  void SeeResumed(const koble_event& event);
  void Arrive(const koble_event& event, const Command& command);
  void Change(const koble_event& event, const Command& command);
  void EndOffer(const koble_event& event);
  void Stand();
  void BackToWaiting(Contact* contact, const plan::OutcomeRule* rule, int64_t now);
  void StepOpened(Contact* contact);
  void Missed(koble_id id, const plan::OutcomeRule& rule, int64_t instant);
  void Exclude(Contact* contact, koble_id agent, int64_t length, int64_t now);

  // silence.cc
  static bool Aside(const Engagement& engagement);
  int64_t SilenceFrom(const Engagement& engagement, int64_t now) const;
  void SeeActivity(const Command& command, const Answer& answer);
  void SeePause(const koble_event& event, const Command& command);
  void CheckPause(const koble_event& event, const Command& command);
  void EndTalk(const Engagement& engagement, int64_t now);

  // checks.cc
  bool MayBeDeferred(const Contact& contact) const;
  bool MayDefer(const Agent& agent) const;
  void CheckOffer(const koble_event& event);
  void CheckGroup();
  void CheckAgentsOf(const Group& group);
  void CheckPlaceOf(const Group& group);
  void CheckReserve(const Group& group);
  bool IsWhole(const Group& group) const;
  void CheckNoLead(const Contact& served, const Contact& passed, uint32_t queue);
  void CheckTime(const koble_event& event, const Command& command);
  void CheckRestart(const Answer& answer);
  void CheckReconciled(const Answer& answer);
  void CheckNamed(const koble_event& event, const Command& command);
  void CheckMisses(const koble_event& event);
  void CheckNobodyWaits(int64_t now);
  void CheckSteps(int64_t now, const Answer& answer);
  bool Holds(uint32_t condition, bool otherwise, const Contact& contact, uint32_t queue) const;
  // The steps that are open on a contact's clock, whatever the state.
  static uint64_t OpenSteps(const plan::Queue& queue, int64_t clock, int64_t now);
  void Pin(Standing* standing) const;
  void KeepRules(const plan::Plan& old);
  const plan::Queue& RulesOf(const Standing& standing) const { return plan_->queues[standing.rules]; }
  std::vector<uint32_t> InForce(const Standing& standing) const;
  int64_t EarliestLeaving(const Contact& contact, const Standing& standing) const;
  void NoteWhoStays(int64_t now);
  void CheckDeadlines(int64_t now, int64_t next_deadline);
  void CheckCounts(const koble_counts& counts);

  bool HasRoom(koble_id agent, uint32_t channel, koble_id without_offers_of) const;
  bool Fits(koble_id agent, uint32_t channel, koble_id without_offers_of) const;
  bool Free(koble_id agent, uint32_t channel, koble_id without_offers_of) const;
  bool Others(const Contact& contact, koble_id agent) const;
  std::vector<koble_id> NamedAgent(const Contact& contact, const Standing& standing, int64_t instant,
                                   koble_id without_offers_of) const;
  bool Excluded(const Contact& contact, koble_id agent, int64_t instant) const;
  bool Waits(const Contact& contact, int64_t instant) const;
  bool Hungry(const Contact& contact, int64_t instant) const;
  bool SeeksIn(const Contact& contact, const Standing& standing) const;
  bool Grows(const Contact& contact) const { return contact.tick != 0 || contact.open; }
  bool HasRoom(const Contact& contact) const;
  bool MayJoin(const Contact& contact, uint32_t step, const plan::QueueView& view) const;
  bool Rings(koble_id contact) const;
  void SeeGrowth(const Group& group);
  static void Close(Contact* contact);
  static void CloseIfRemembered(Contact* contact, int64_t now);
  int64_t ExpiryOf(const koble_event& event, bool joins) const;
  bool MayServe(koble_id agent, const Contact& contact, const Standing& standing, koble_id without_offers_of) const;
  bool Meets(const Agent& agent, const plan::Step& step, const Contact& contact) const;
  void DrawLots(const Contact& contact, const plan::Queue& queue, std::vector<koble_id>* agents) const;
  int64_t Disposable(const plan::Queue& queue, uint32_t step, const Contact& contact, koble_id without_offers_of,
                     koble_id asking) const;
  size_t DelaysPassed(const Contact& contact, const Standing& standing, int64_t instant) const;
  const plan::QueueView& ViewOf(const Agent& agent, const Standing& standing) const {
    return plan_->tables[agent.can.table].Of(standing.queue);
  }
  bool StepDue(const Contact& contact, const Standing& standing, size_t step, int64_t instant) const;
  bool Sees(const Agent& agent, const Contact& contact, const Standing& standing, int64_t instant) const;
  // Free agents of the lowest tier by the queue's rule at the lowest step that has any.
  __extension__ __int128 RuleKey(koble_id agent, const Contact& contact, uint32_t queue, uint32_t step,
                                 koble_id without_offers_of) const;
  std::vector<koble_id> Candidates(const Contact& contact, const Standing& standing, int64_t instant,
                                   koble_id without_offers_of) const;
  int64_t RaisedBy(const Standing& standing) const;
  Place PlaceOf(const Contact& contact, uint32_t queue, int64_t now) const;
  void SeePlaced(const koble_event& event, const Command& command);
  static bool Better(const Place& a, const Place& b);
  bool HasTurn(const Contact& contact, uint32_t queue) const;
  void Note(Promise promise, const std::string& what, const koble_event* event = nullptr);

  void LearnNames();
  void Split(const plan::Queue& queue, std::map<uint32_t, int64_t>* attributes);

  std::shared_ptr<const plan::Plan> plan_;
  uint64_t seed_ = 0;
  std::vector<std::string> symbols_;  // number - 1
  std::map<koble_id, Contact> contacts_;
  std::map<koble_id, Agent> agents_;
  std::map<koble_id, Offer> offers_;
  std::map<koble_id, Engagement> engagements_;
  std::map<koble_id, int> outcomes_;                          // of every offer that ever was
  std::map<std::string, uint64_t> pointers_;                  // of round robin, by queue's name
  std::map<std::string, std::map<int64_t, int64_t>> splits_;  // contacts by value (a symbol), by queue's name
  // Steps, by contact and queue, that have changed in a worklist and may have to change again in the next.
  std::set<std::tuple<koble_id, uint32_t, uint32_t>> unjudged_;
  // Serial of a contact at whose place others stand: who, and in which queue ("": itself), from the first.
  std::map<uint64_t, std::vector<std::pair<uint64_t, std::string>>> shared_places_;
  Group group_;
  koble_id made_ = 0;       // the offer that the host made
  bool insisted_ = false;   // whatever else says
  koble_id requested_ = 0;  // the offer of the request being judged
  uint32_t request_mask_ = UINT32_MAX;
  koble_id standing_ = 0;  // whose request the command makes stand, once the advance before it is over
  int64_t request_until_ = plan::kNever;
  uint64_t last_seq_ = 0;
  uint64_t last_serial_ = 0;
  uint64_t last_agent_ = 0;
  uint64_t last_offer_ = 0;
  uint64_t arrived_ = 0;
  uint64_t exited_ = 0;
  uint64_t ended_ = 0;
  std::vector<Breach> breaches_;
};

}  // namespace koble::testing

#endif  // KOBLE_TESTS_PROPERTIES_OBSERVER_H_
