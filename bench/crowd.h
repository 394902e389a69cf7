// A crowd of agents who all differ and queues that ask for levels of skills: the shape of W5 and of the growth along one axis.
#ifndef KOBLE_BENCH_CROWD_H_
#define KOBLE_BENCH_CROWD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "koble/koble.h"

namespace koble::bench {

struct Level {
  uint32_t skill;
  uint32_t level;
};

struct Crowd {
  uint32_t skills = 0;
  std::vector<std::vector<Level>> agents;  // in the order in which they were drawn
  std::vector<std::vector<Level>> queues;  // each requires all of its levels
};

struct CrowdSize {
  uint32_t agents = 10'000;
  uint32_t queues = 1'000;
  uint32_t skills = 200;
};

// splitmix64 with seed 1 draws everything, agent by agent and then queue by queue: 5 skills at levels 1 to 5 an agent; one to three
// `skill >= level` a queue, each taken from an agent, so that somebody can serve it. More queues begin with the same ones.
Crowd DrawCrowd(const CrowdSize& size);
bool Meets(const std::vector<Level>& agent, const std::vector<Level>& queue);
// For each agent the first of the queues below `end` that he can serve, or KOBLE_QUEUE_NONE.
std::vector<uint32_t> FirstQueues(const Crowd& crowd, uint32_t end);
std::string PlanOf(const Crowd& crowd);  // JSON

// What the host of a crowd knows: who serves which contact.
class Host {
 public:
  explicit Host(koble_engine* engine) : engine_(engine) {}

  // Everybody signs in at 0; the agents in the order of the plan.
  std::vector<koble_id> SignIn();

  void Arrive(int64_t now, uint32_t queue);
  // An engagement ends, the agent is offered the next contact. Not inlined, so that a profiler can be told to look at it alone.
  int32_t MeasuredDecision(int64_t now, koble_id contact);

  // Reads what the last command added, and forgets it. Returns the queue of the contact that is served now, or KOBLE_QUEUE_NONE.
  uint32_t Follow();

  koble_id ServedBy(koble_id agent) const;       // 0: nobody
  koble_id contact() const { return contact_; }  // who was served last

 private:
  koble_engine* engine_;
  koble_result result_ = KOBLE_RESULT_INIT;
  koble_id contact_ = 0;
  std::vector<koble_id> serving_;  // by the agent's slot
};

}  // namespace koble::bench

#endif  // KOBLE_BENCH_CROWD_H_
