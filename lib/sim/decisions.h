// A world that stops where somebody has to be chosen: a semi-Markov decision process. koble_decision.h says what each part means.
#ifndef KOBLE_LIB_SIM_DECISIONS_H_
#define KOBLE_LIB_SIM_DECISIONS_H_

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "koble/koble_decision.h"
#include "sim/model.h"
#include "sim/world.h"

namespace koble::sim {

// What things cost, by stream.
struct Costs {
  std::vector<double> waiting_per_hour, abandoned, refused, served;
  double discount_per_hour = 0;
};

class Decisions {
 public:
  // The engine is the world's, to which no command has been given; all must outlive it. `message` says what is wrong, else it is empty.
  Decisions(World* world, const Model* model, const engine::Engine& engine, std::vector<uint32_t> group_of_agent,
            uint32_t groups, Costs costs, std::string* message);

  uint32_t Actions() const { return streams_ * groups_ + 1; }
  uint32_t Observed() const { return 2 * streams_ + 3 * groups_ + 1; }
  int64_t Defer() const { return Actions() - 1; }
  uint8_t state() const { return state_; }
  // Whether the action may be given now; -1 only to begin.
  bool Legal(int32_t action) const;

  // Gives a legal action and plays on. Since the last call: time passed and reward.
  int32_t Act(int32_t action);
  double elapsed_s() const { return elapsed_s_; }
  double reward() const { return reward_; }
  void Observe(std::span<float> out) const;
  void Mask(std::span<uint8_t> out) const;
  const std::string& message() const { return world_->message(); }

 private:
  // Who would get whom; no contact: nobody may.
  struct Pair {
    koble_id contact = 0;
    uint32_t agent = 0;
  };
  // Somebody with room for one more.
  struct Ready {
    int64_t idle_since_ns;
    uint64_t sequence;
    uint32_t agent;
    auto operator<=>(const Ready&) const = default;
  };
  std::string Mistake() const;
  bool SomebodyWaits() const;
  bool FindPairs();  // whether there is one
  Pair FindPair(uint32_t stream, uint32_t group) const;
  void FindReady();
  void Pass(int64_t until_ns);  // time goes by
  void Count(const koble_world_record& record);
  void End(int64_t next_ns);
  double Discount(int64_t at) const;

  World* world_;
  const Model* model_;
  const engine::Engine& engine_;
  const std::vector<uint32_t> group_of_agent_;
  const uint32_t streams_, groups_;
  const Costs costs_;
  int64_t least_cost_ = 0;                 // units of the cheapest contact
  std::vector<std::vector<Ready>> ready_;  // by group, longest idle first
  std::vector<Pair> pairs_;                // streams x groups; none while no decision is open
  std::vector<koble_world_record> records_;
  int64_t since_ns_ = 0;   // of the last decision
  int64_t passed_ns_ = 0;  // up to when rewards are known
  double elapsed_s_ = 0, reward_ = 0;
  bool begun_ = false;
  uint8_t state_ = KOBLE_DECISION_OPEN;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_DECISIONS_H_
