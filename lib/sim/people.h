// The agents of a simulated world: who is there, what each has on hand, how fast it gets on, and how the time was spent.
#ifndef KOBLE_LIB_SIM_PEOPLE_H_
#define KOBLE_LIB_SIM_PEOPLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "koble/koble_world.h"
#include "sim/model.h"

namespace koble::sim {

// A conversation in work. The rest is of its length at speed 1.
struct Work {
  uint32_t person = 0;  // slot, of the world's
  double rest_ns = 0;
};

class People {
 public:
  People(const Model& model, uint32_t agents);  // the model must outlive it

  uint32_t size() const { return static_cast<uint32_t>(agents_.size()); }
  const PeopleModel& KindOf(uint32_t agent) const {
    return model_.people[model_.people_of_agent.empty() ? 0 : model_.people_of_agent[agent]];
  }
  // How long a contact that would take so long anywhere takes with this agent, who learns by it.
  double Length(uint32_t agent, uint32_t stream, int64_t service_ns);

  bool IsBusy(uint32_t agent) const { return !agents_[agent].work.empty() || agents_[agent].wrapping > 0; }
  bool IsThere(uint32_t agent) const { return agents_[agent].available || IsBusy(agent); }
  void SetAvailable(uint32_t agent, bool available, int64_t now);
  void Begin(uint32_t agent, uint32_t person, double length_ns, int64_t now);
  void End(uint32_t agent, uint32_t person, int64_t now);
  void BeginWrapUp(uint32_t agent, int64_t now);
  void EndWrapUp(uint32_t agent, int64_t now);

  // What the agent has in work, after Begin or End; EndNs says when it will be done if nothing else comes.
  std::span<const Work> Working(uint32_t agent) const { return agents_[agent].work; }
  int64_t EndNs(uint32_t agent, const Work& work, int64_t now) const;
  // Whether the speed of his conversations hangs on their number, so that all have to be timed anew.
  bool Varies(uint32_t agent) const { return KindOf(agent).speeds.size() > 1; }

  // What has been up to now.
  koble_world_agent Spent(uint32_t agent, int64_t now) const;
  int64_t AllBusyNs(int64_t now) const;
  uint32_t present() const { return present_; }
  uint32_t busy() const { return busy_; }
  uint32_t free() const { return free_; }

 private:
  struct Agent {
    bool available = false;
    uint32_t wrapping = 0;
    std::vector<Work> work;
    int64_t settled_ns = 0;
    uint64_t handled = 0;
    koble_world_agent spent{};
  };
  int64_t Overlap(int64_t begin, int64_t end) const;
  double Speed(uint32_t agent) const;
  void Settle(Agent& agent, double speed, int64_t now) const;
  void Count(const Agent& agent, int sign);
  template <typename Step>
  void Change(uint32_t agent, int64_t now, Step step);

  const Model& model_;
  std::vector<Agent> agents_;
  uint32_t present_ = 0, busy_ = 0, free_ = 0;
  int64_t counted_ns_ = 0;  // up to when all_busy_ns_ is known
  int64_t all_busy_ns_ = 0;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_PEOPLE_H_
