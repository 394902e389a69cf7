// The fold: events in, cells out. Integers only; outside the engine's state and digest.
//
// Ownership: Figures own all they hold; a Layout is the little of a plan that they need, so that events can be folded without an
// engine or a plan. Threads: as the engine, all calls on one object are exclusive. Failure: a refused event changes nothing.
// What an event touches is small and lies together (docs/performance.md); what is seldom, such as the work of contacts that have returned, lies apart.
#ifndef KOBLE_LIB_FIGURES_FIGURES_H_
#define KOBLE_LIB_FIGURES_FIGURES_H_

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/by_slot.h"
#include "figures/cells.h"
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
  const std::string& queue_name(uint32_t queue) const { return queues_[queue].name; }
  const std::string& agent_name(uint32_t agent) const { return agents_[agent].name; }

  // False for a number past the last.
  bool Queue(uint32_t queue, int64_t interval, koble_figures_queue_row* row) const;
  bool Agent(uint32_t agent, int64_t interval, koble_figures_agent_row* row) const;
  bool Durations(uint32_t queue, int64_t interval, uint32_t duration, Histogram* out) const;

 private:
  struct QueueInfo {
    std::string name;
    int64_t target_ns = 0;
    // The cell that was asked for last, and of which interval.
    int64_t cell_interval = -1;
    QueueCell* cell = nullptr;
  };
  // What of one engagement counts, once it is over.
  struct Work {
    int64_t talk = 0, hold = 0, wrapup = 0, attention = 0;
    uint64_t holds = 0;
    void Add(const Work& other);
  };
  struct ContactInfo {
    int64_t interval = -1;  // of its arrival; -1: before start_ns, not counted
    int64_t arrival_ns = 0;
    uint32_t queue = 0;  // its first, until it is known which one it counts in
    bool served = false;
    bool routable = true;   // false: the plan has none of its queues, and it counts in the total alone
    bool returned = false;  // from engagements: their work is in earlier_
  };
  struct AgentInfo {
    koble_id id = 0;
    int64_t capacity = 100;
    int64_t used = 0;      // units of connecting, active, held and wrapping engagements
    int64_t since_ns = 0;  // times are counted up to here
    int64_t attention_since_ns = 0;
    uint32_t presence = KOBLE_PRESENCE_OFFLINE;
    uint32_t ringing = 0, connecting = 0, active = 0, held = 0, wrapping = 0;
    bool penalised = false;
    absl::InlinedVector<koble_id, 1> running;  // active, held, wrapping, in order of their begin or continuation
    // The cell that was asked for last, and of which interval.
    int64_t cell_interval = -1;
    AgentCell* cell = nullptr;
    std::string name;
  };
  enum class Phase : uint8_t { kConnecting, kActive, kHeld, kAside, kEnded, kWrapping };
  struct EngagementInfo {
    uint32_t agent = 0;
    uint32_t queue = 0;
    int64_t interval = -1;
    int64_t cost = 0;
    int64_t used = 0;        // the same, or nothing while it is silent or parked
    int64_t serving_ns = 0;  // or since when it continues
    int64_t since_ns = 0;    // of kHeld: when the hold began; of kEnded and kWrapping: when the talk ended
    Work work;
    Phase phase = Phase::kConnecting;
    bool after_others = false;  // of one that has ended: its contact's others have, too, and their work is in earlier_
  };
  using Key = std::pair<uint32_t, int64_t>;

  int32_t FoldOne(const koble_event& event);
  void PutInForce(const Layout& layout);
  uint32_t QueueIndex(const std::string& name, int64_t target_ns);
  uint32_t QueueOf(const koble_event& event) const;
  uint32_t AgentOf(koble_id id);
  // A stretch of time whose instants fall in one interval.
  struct Interval {
    int64_t number = -1;  // -1: before start_ns
    int64_t begin_ns = 0;
    int64_t end_ns = 0;  // the first instant behind it
    bool Has(int64_t time_ns) const { return time_ns >= begin_ns && time_ns < end_ns; }
  };
  Interval IntervalAt(int64_t time_ns) const;
  int64_t IntervalOf(int64_t time_ns) const {
    return current_.Has(time_ns) ? current_.number : IntervalAt(time_ns).number;
  }
  QueueCell* CellOf(uint32_t queue, int64_t interval) {  // null where nothing is counted
    if (interval < 0 || queue == KOBLE_QUEUE_NONE) return nullptr;
    QueueInfo& of = queues_[queue];
    if (of.cell_interval != interval) {
      of.cell = &queue_cells_[{queue, interval}];
      of.cell_interval = interval;
    }
    return of.cell;
  }
  QueueCell* CellOf(const ContactInfo& contact);
  // Precondition: not before start_ns.
  AgentCell& CellOfAgent(uint32_t index, int64_t interval) {
    AgentInfo& agent = agents_[index];
    if (agent.cell_interval != interval) {
      agent.cell = &agent_cells_[{index, interval}];
      agent.cell_interval = interval;
    }
    return *agent.cell;
  }
  // For what happens now; null where nothing is counted yet.
  AgentCell* CellOfAgentNow(uint32_t index) {
    return current_.number < 0 ? nullptr : &CellOfAgent(index, current_.number);
  }
  static int Shown(const AgentInfo& agent);
  static void StopRunning(AgentInfo& agent, koble_id engagement);
  // Counts the agent's time up to now.
  void Account(uint32_t index, int64_t now) {
    if (agents_[index].since_ns < now) AccountTime(index, now);
  }
  void AccountTime(uint32_t index, int64_t now);
  void AccountAttention(AgentInfo& agent, int64_t now);
  Work TakeEarlier(koble_id id);  // of a contact or an engagement that has some
  void Settle();                  // the engagement whose end was the last event, and that has no wrap-up
  void Finish(koble_id id, int64_t now);
  void MoveContact(ContactInfo& contact, uint32_t queue);

  void OnArrived(const koble_event& event);
  void OnOffer(const koble_event& event);
  void OnAccepted(const koble_event& event);
  void OnServing(const koble_event& event);
  void OnConnectFailed(const koble_event& event);
  void OnHold(const koble_event& event);
  void OnAside(const koble_event& event);
  void OnContinued(const koble_event& event);
  void OnReturned(const koble_event& event);
  void EndTalk(EngagementInfo& engagement, int64_t now);
  void CountEnded(const EngagementInfo& engagement, int64_t now);
  static void Handled(const Work& work, QueueCell* cell);
  void OnEnded(const koble_event& event);
  void OnWrapup(const koble_event& event);
  void OnExit(const koble_event& event);
  void OnAgent(const koble_event& event);

  Options options_;
  std::string message_;
  uint64_t last_seq_ = 0;
  int64_t last_ns_ = 0;
  std::vector<Layout> layouts_;    // known ones, by hash
  std::vector<uint32_t> numbers_;  // number in the plan in force -> index in queues_
  std::vector<int64_t> costs_;     // by number in the plan in force
  std::vector<QueueInfo> queues_;
  std::vector<AgentInfo> agents_;
  BySlot<uint32_t> agent_index_;
  BySlot<ContactInfo> contacts_;
  BySlot<EngagementInfo> engagements_;
  absl::flat_hash_map<koble_id, Work> earlier_;
  Interval current_;  // in which the last event, or close, fell
  koble_id just_ended_ = 0;
  std::map<Key, QueueCell> queue_cells_;  // cells stay where they are
  std::map<Key, AgentCell> agent_cells_;
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_FIGURES_H_
