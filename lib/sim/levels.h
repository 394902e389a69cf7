// Staff that is given as numbers: how many of a group are there from when on, whoever they are.
#ifndef KOBLE_LIB_SIM_LEVELS_H_
#define KOBLE_LIB_SIM_LEVELS_H_

#include <cstdint>
#include <vector>

#include "sim/model.h"
#include "sim/people.h"

namespace koble::sim {

class Levels {
 public:
  explicit Levels(const Model& model);  // which must outlive it

  int64_t NextNs() const { return next_ < model_.levels.size() ? model_.levels[next_].time_ns : KOBLE_NEVER; }

  // Who comes and who goes now, by the next level. Precondition: there is one.
  struct Turn {
    std::vector<uint32_t> come, go;
  };
  Turn Take(const People& people);
  // He ends a conversation: whether he goes with it, because too many are there. Then he counts as gone.
  bool Leaves(uint32_t agent);

 private:
  struct Group {
    std::vector<uint32_t> members;  // in order of the plan
    uint32_t here = 0;
    uint32_t surplus = 0;  // of those who are here; they go when they end a conversation
  };
  const Model& model_;
  std::vector<Group> groups_;
  std::vector<char> here_;  // by agent
  size_t next_ = 0;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_LEVELS_H_
