// The fold: events in, cells out. Integers only; outside the engine's state and digest.
//
// Ownership: Figures own all they hold; a Layout is the little of a plan that they need, so that events can be folded without an
// engine or a plan. Threads: as the engine, all calls on one object are exclusive. Failure: a refused event changes nothing.
// What an event touches is small and lies together (docs/performance.md); what is seldom, such as the work of contacts that have returned, lies apart.
#ifndef KOBLE_LIB_FIGURES_FIGURES_H_
#define KOBLE_LIB_FIGURES_FIGURES_H_

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/by_slot.h"
#include "figures/cells.h"
#include "figures/people.h"
#include "koble/koble.h"
#include "koble/koble_figures.h"

namespace koble::plan {
struct Plan;
}

namespace koble::figures {

// What figures need of a plan.
struct Layout {
  struct Queue {
    std::string name;
    int64_t cost = 100;     // units of its channel
    int64_t target_ns = 0;  // 0: none
  };
  struct Agent {
    std::string name;
    int64_t capacity = 100;
  };
  std::vector<Queue> queues;
  std::vector<Agent> agents;
  uint64_t hash[2] = {0, 0};
};
Layout LayoutOf(const plan::Plan& plan);

struct Options {
  int64_t start_ns = 0;
  int64_t interval_ns = 0;
  int64_t short_abandon_ns = 0;
  int64_t target_ns = 0;
};
// Empty where the options are good, otherwise what is wrong with them.
std::string Mistake(const Options& options);

class Figures {
 public:
  Figures(const Layout& layout, const Options& options);

  void AddLayout(const Layout& layout);
  int32_t NameAgent(koble_id agent, std::string_view name, int64_t capacity);

  int32_t Fold(const void* events, uint32_t stride, uint64_t count, uint64_t* folded);
  int32_t Close(int64_t at_ns);
  int32_t Merge(const Figures& from);

  const std::string& message() const { return message_; }
  const Options& options() const { return options_; }
  uint32_t queue_count() const { return static_cast<uint32_t>(queues_.size()); }
  uint32_t agent_count() const { return static_cast<uint32_t>(agents_.size()); }
  int64_t interval_count() const;
  const std::string& queue_name(uint32_t queue) const { return queue_names_[queue]; }
  const std::string& agent_name(uint32_t agent) const { return agents_[agent].name; }

  // False for a number past the last.
  bool Queue(uint32_t queue, int64_t interval, koble_figures_queue_row* row) const;
  bool Agent(uint32_t agent, int64_t interval, koble_figures_agent_row* row) const;
  bool Durations(uint32_t queue, int64_t interval, uint32_t duration, Histogram* out) const;

 private:
  struct alignas(32) QueueInfo {
    int64_t target_ns = 0;
    // The cell that was asked for last, and of which interval.
    QueueCell* cell = nullptr;
    int32_t cell_interval = AgentInfo::kNoInterval;
  };
  struct AgentName {
    koble_id id = 0;
    std::string name;
  };
  using Key = std::pair<uint32_t, int32_t>;

  // The events behind one, as far as they have been given as well and can be read where they are.
  struct Following {
    const unsigned char* bytes = nullptr;
    uint32_t stride = 0;
    uint64_t count = 0;
    const koble_event& operator[](uint64_t i) const {
      return *reinterpret_cast<const koble_event*>(bytes + i * stride);
    }
  };
  uint64_t FoldInPlace(const unsigned char* bytes, uint32_t stride, uint64_t count, int32_t* code);
  uint64_t FoldSome(const koble_event& event, const Following& following, int32_t* code);
  int32_t Admit(const koble_event& event);
  void Prefetch(const koble_event& event) const;
  void PutInForce(const Layout& layout);
  uint32_t QueueIndex(const std::string& name, int64_t target_ns);
  // A queue of the plan in force.
  struct Planned {
    uint32_t queue = KOBLE_QUEUE_NONE;  // of queues_
    int64_t cost = 0;
  };
  const Planned& PlannedOf(uint32_t number) const {
    static constexpr Planned kNone;
    if (number < planned_.size()) [[likely]] {
      return planned_[number];
    }
    return kNone;
  }
  AgentInfo& AgentOf(koble_id id) {
    AgentInfo* const known = live_agents_.Find(id);
    if (known != nullptr) [[likely]] {
      return *known;
    }
    return AddAgent(id, "");
  }
  AgentInfo& AddAgent(koble_id id, std::string_view name);
  // A stretch of time whose instants fall in one interval.
  struct Interval {
    int32_t number = -1;  // -1: before start_ns
    int64_t begin_ns = 0;
    int64_t end_ns = 0;  // the first instant behind it
    bool Has(int64_t time_ns) const { return time_ns >= begin_ns && time_ns < end_ns; }
  };
  Interval IntervalAt(int64_t time_ns) const;
  // The cell of a queue in an interval; null where nothing is counted, which is before start_ns.
  QueueCell* CellOf(uint32_t queue, int32_t interval) {
    if (queue == KOBLE_QUEUE_NONE) return nullptr;
    const QueueInfo& of = queues_[queue];
    if (of.cell_interval == interval) [[likely]] {
      return of.cell;
    }
    return FindCell(queue, interval);
  }
  // Contacts that are not routable have a cell of no queue, which only the total shows.
  QueueCell* CellOf(const ContactInfo& contact) {
    if (contact.routable) return CellOf(contact.queue, contact.interval);
    return contact.interval < 0 ? nullptr : &queue_cells_[{KOBLE_QUEUE_NONE, contact.interval}];
  }
  QueueCell* FindCell(uint32_t queue, int32_t interval);
  // The agent's cell of the present interval. (Before start_ns one that is thrown away.)
  AgentCell& CellOf(AgentInfo& agent) {
    if (agent.interval != current_.number) [[unlikely]] {
      Turn(agent);
    }
    return agent.cell;
  }
  // Calls `visit(number of an agent, interval, cell)` for all that has been counted of agents; of one and an interval perhaps twice.
  template <class Visit>
  void EachAgentCell(Visit visit) const {
    for (const auto& [key, cell] : agent_cells_) visit(key.first, key.second, cell);
    live_agents_.Each([&](const AgentInfo& agent) {
      if (agent.interval >= 0) visit(agent.number, agent.interval, agent.ToldCell());
    });
  }
  void Turn(AgentInfo& agent);                             // to the present interval
  void PutAway(AgentInfo& agent);                          // what has been counted in his cell
  AgentCell& CellOf(AgentInfo& agent, int32_t interval) {  // of any; not before start_ns
    return interval == agent.interval ? agent.cell : OtherCell(agent, interval);
  }
  AgentCell& OtherCell(AgentInfo& agent, int32_t interval);
  // Counts the agent's time up to now.
  void Account(AgentInfo& agent, int64_t now) {
    if (agent.since_ns >= now) return;
    if (agent.since_ns < current_.begin_ns || now > current_.end_ns) return AccountAcross(agent, now);
    if (const int shown = agent.Shown(); shown >= 0) {
      CellOf(agent).Pass(shown, agent.used, now - agent.since_ns);
    }
    agent.since_ns = now;
  }
  void AccountAcross(AgentInfo& agent, int64_t now);  // of time that does not all fall in the present interval
  // Every nanosecond of the agent goes to exactly one of the engagements he runs: the quotient to each, the remainder one by one to the oldest. So
  // attention times sum to the time in which he ran any.
  void AccountAttention(AgentInfo& agent, int64_t now) {
    const int64_t passed = TakeAttention(agent, now);
    if (passed > 0 && !agent.running.Empty()) ShareAttention(agent, passed);
  }
  // The same, of which most often all is for this one.
  void AccountAttention(AgentInfo& agent, EngagementInfo& engagement, int64_t now) {
    if (!agent.running.IsOnly(engagement.id)) return AccountAttention(agent, now);
    engagement.attention += std::max<int64_t>(TakeAttention(agent, now), 0);
  }
  static int64_t TakeAttention(AgentInfo& agent, int64_t now) {
    return now - std::exchange(agent.attention_since_ns, now);
  }
  void ShareAttention(AgentInfo& agent, int64_t passed);  // he runs some
  Work TakeEarlier(koble_id id);                          // of a contact or an engagement that has some
  // One that had returned: its earlier work goes to its last engagement.
  void EndContact(koble_id contact, EngagementInfo& last);
  void Settle();  // the engagement whose end was the last event, and that has no wrap-up
  void Finish(EngagementInfo& engagement, AgentInfo& agent, int64_t now, int64_t wrapup_ns);
  // A contact counts in the queue that served it or that it left last: which that is, after `queue`.
  uint32_t CountIn(uint32_t queue, const ContactInfo& contact) {
    const bool moves = queue != contact.queue && queue != KOBLE_QUEUE_NONE;
    if (moves) MoveOffered(contact.queue, queue, contact.interval);
    return moves ? queue : contact.queue;
  }
  void MoveOffered(uint32_t from, uint32_t to, int32_t interval);

  ContactInfo NewContact(const koble_event& arrived) const;
  void Wait(const ContactInfo& contact);
  void OnOffer(const koble_event& event);
  void OnAccepted(const koble_event& event);
  void OnServing(const koble_event& event);
  void Answered(const ContactInfo& contact, EngagementInfo& engagement, int64_t now);
  static bool IsServedAtOnce(const koble_event& offered, const koble_event& accepted, const koble_event& serving);
  static bool IsServedOnArrival(const koble_event& arrived, const Following& following);
  void ServedAtOnce(const koble_event& offered, koble_id engagement, const ContactInfo& contact);
  ContactInfo TakeServed(koble_id contact);
  void OnConnectFailed(const koble_event& event);
  void OnHold(const koble_event& event);
  void OnAside(const koble_event& event);
  void OnContinued(const koble_event& event);
  void OnReturned(const koble_event& event);
  void EndTalk(EngagementInfo& engagement, AgentInfo& agent, int64_t now);
  void CountEnded(AgentInfo& agent, const Work& work, int64_t now);
  static void Handled(const Work& work, QueueCell* cell);
  void EndPlainly(EngagementInfo& engagement, AgentInfo& agent, int64_t now);
  void OnEnded(const koble_event& event, const Following& following);
  void OnWrapup(const koble_event& event);
  void OnExit(const koble_event& event);
  void OnAgent(const koble_event& event);

  Options options_;
  std::string message_;
  uint64_t last_seq_ = 0;
  int64_t last_ns_ = 0;
  std::vector<Layout> layouts_;   // known ones, by hash
  std::vector<Planned> planned_;  // by number in the plan in force
  std::vector<QueueInfo> queues_;
  std::vector<std::string> queue_names_;
  std::vector<AgentName> agents_;  // by number; also those who have gone
  BySlot<AgentInfo> live_agents_;
  BySlot<ContactInfo> contacts_;
  BySlot<EngagementInfo> engagements_;
  absl::flat_hash_map<koble_id, Work> earlier_;
  Interval current_;  // in which the last event, or close, fell
  koble_id just_ended_ = 0;
  std::map<Key, QueueCell> queue_cells_;  // cells stay where they are
  std::map<Key, AgentCell> agent_cells_;  // but for those of live_agents_
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_FIGURES_H_
