// The world that plays against an engine: customers from a source, people from a model. The engine decides who takes whom and when; the
// world says who comes, how long each would wait and talk, and what agents do about what they are offered. koble_world.h has the order at one instant.
#ifndef KOBLE_LIB_SIM_WORLD_H_
#define KOBLE_LIB_SIM_WORLD_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "figures/figures.h"
#include "koble/koble_world.h"
#include "sim/levels.h"
#include "sim/model.h"
#include "sim/people.h"
#include "sim/source.h"

namespace koble::sim {

// What the host has to say between commands; a negative answer ends the run.
struct Hooks {
  std::function<int32_t(uint32_t stream, uint64_t customer)> choose_queue;  // a place among the stream's queues
  std::function<int32_t()> follow;                                          // empty: not wanted
};

// Who waits of a stream, by arrival.
struct InLine {
  int64_t arrival_ns = 0;
  uint64_t order = 0;  // of attempts, in which they began
  uint32_t slot = 0;
  koble_id contact = 0;
  friend bool operator<(const InLine& a, const InLine& b) {
    return std::tie(a.arrival_ns, a.order) < std::tie(b.arrival_ns, b.order);
  }
};
using Line = std::set<InLine>;

class World {
 public:
  // All must outlive it; `figures` may be null, otherwise every event is folded into it, and it is closed at the end. The engine has been
  // given no command.
  World(engine::Engine* engine, const Model* model, Source* source, figures::Figures* figures);

  void SetHooks(Hooks hooks) { hooks_ = std::move(hooks); }

  // Plays until `most` records are there, nothing more can happen, or something would happen after until_ns. Appends the records of attempts
  // that have ended; at the end of the run those of whoever still waits or talks, too.
  int32_t Run(uint64_t most, int64_t until_ns, std::vector<koble_world_record>* records);

  // The same by single steps, for a host who has a say in between (Decisions). From HostDecides on, which comes before the first step:
  // WaitingOf tells who waits, and whoever arrives makes up his mind whether to wait, and for how long, when the host has had its say.
  void HostDecides() { lines_.resize(model_->streams.size()); }
  const Line& WaitingOf(uint32_t stream) const { return lines_[stream]; }
  int64_t NextNs() const;  // of the next step, at least now()
  int32_t Once(std::vector<koble_world_record>* records);
  // The next step only carries on with what the last began: what follows from it at once, timers that are due, ...
  bool Busy() const { return !connecting_.empty() || !asking_.empty() || engine_->NextDeadline() <= now_; }
  // ... or, if not that, how an arrival ends for whom the host had nobody.
  bool HasUndecided() const { return undecided_.contact != 0; }
  // Gives the agent a contact that waits, at once. Precondition: the engine's MayOffer.
  int32_t Assign(koble_id contact, uint32_t agent);
  koble_id AgentId(uint32_t agent) const { return agent_ids_[agent]; }

  bool over() const { return over_ && done_.empty(); }
  const std::string& message() const { return message_; }

  int64_t now() const { return now_; }
  // Up to when time has been spent: once it is over nothing changes any more, and the window goes to its end.
  int64_t SpentUntil() const { return over_ && model_->to_ns != KOBLE_NEVER ? std::max(now_, model_->to_ns) : now_; }
  const People& people() const { return people_; }
  const std::vector<koble_world_sample>& samples() const { return samples_; }
  uint64_t commands() const { return commands_; }
  uint64_t events() const { return events_; }

 private:
  enum class Act : uint8_t { kServiceEnd, kWrapUpEnd, kPresence, kAnswer, kHangUp, kAgain, kArrival };
  enum class Stage : uint8_t { kFree, kWaiting, kServing, kOrbit, kGone };

  // One attempt of a customer. Slots are used again, `order` is not: it tells whether what is due is still about the same attempt.
  struct Person {
    Customer customer;
    Stage stage = Stage::kFree;
    uint32_t attempt = 0;
    uint32_t timing = 0;  // of the end of service: what is due of an older one counts no more
    uint64_t order = 0;   // of arrival, attempts included
    int64_t first_ns = 0, arrival_ns = 0, start_ns = 0;
    koble_id id = 0;
    koble_world_record record{};
  };
  struct Due {
    int64_t time_ns;
    Act act;
    bool declines;  // kAnswer
    uint32_t slot;  // of the person; kWrapUpEnd: none
    uint32_t timing;
    uint64_t order;  // of the person
    koble_id id;     // contact, offer or engagement
    // For a heap with the earliest on top.
    friend bool operator<(const Due& a, const Due& b) {
      if (a.time_ns != b.time_ns) return a.time_ns > b.time_ns;
      if (a.act != b.act) return a.act > b.act;
      if (a.order != b.order) return a.order > b.order;
      return a.id > b.id;
    }
  };

  int64_t NextOwnNs() const;
  int32_t Give(const koble_command& command, std::string_view data = {},
               std::span<const koble_attribute> attributes = {});
  int32_t Play(int64_t until_ns);
  int32_t Step(int64_t at);
  void StopsWaiting(uint32_t slot);
  int32_t Arrive(uint32_t slot, int64_t at);
  int32_t MakeUpMind(const InLine& who);
  InLine InLineOf(uint32_t slot) const;
  int32_t Choose(Person* person);
  int32_t Perform(const Due& due);
  int32_t Change(const koble_sim_presence& change);
  int32_t ChangeLevel(int64_t at);
  int32_t Ask(uint32_t agent);
  int32_t Connect();

  void See(const koble_event& event);
  void SeeOffered(const koble_event& event, uint32_t slot);
  void SeeServing(const koble_event& event, uint32_t slot);
  void SeeWrapUp(const koble_event& event, uint32_t slot);
  void Retime(uint32_t agent);
  void Finish(uint32_t slot, uint32_t exit, int64_t at);
  bool TriesAgain(const Person& person, uint32_t exit, int64_t at, int64_t* delay_ns) const;
  int32_t Close();
  void Sample(int64_t up_to);

  uint32_t NewSlot();
  uint32_t AgentOf(koble_id id) const;
  bool Has(uint64_t host_ref) const { return host_ref >= 1 && host_ref <= persons_.size(); }
  uint32_t PurposeOf(const Person& person, Draws what) const { return model_->PurposeOf(person.customer.stream, what); }

  engine::Engine* engine_;
  const Model* model_;
  Source* source_;
  figures::Figures* figures_;
  Hooks hooks_;
  People people_;
  Levels levels_;

  std::vector<koble_id> agent_ids_;
  std::vector<uint32_t> agent_of_slot_;
  std::vector<char> pulls_;  // by listed agent
  std::vector<Person> persons_;
  std::vector<Line> lines_;                // by stream; empty where the engine decides
  InLine undecided_;                       // who has just arrived, where the host decides; no contact: nobody
  std::vector<uint32_t> free_, released_;  // slots; those released in a command are free when its events have been seen
  std::priority_queue<Due> due_;
  std::vector<std::pair<koble_id, uint32_t>> asking_;  // pull agents who have just been given something
  std::vector<koble_id> connecting_;
  std::vector<koble_world_record> done_;
  std::vector<koble_world_sample> samples_;
  size_t next_presence_ = 0;
  uint32_t waiting_ = 0, serving_ = 0, orbit_ = 0;
  uint64_t commands_ = 0, events_ = 0, orders_ = 0;
  int64_t now_ = 0;
  bool over_ = false;
  int32_t failed_ = KOBLE_OK;
  std::string message_;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_WORLD_H_
