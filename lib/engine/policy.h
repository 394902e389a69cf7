// Choices that the host makes (docs/model.md, 6.6): what a policy is shown, and what it may answer. The machine asks; bindings and tests answer.
#ifndef KOBLE_LIB_ENGINE_POLICY_H_
#define KOBLE_LIB_ENGINE_POLICY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "koble/koble_policy.h"

namespace koble::routing {
class Index;
}
namespace koble::state {
struct State;
}

namespace koble::engine {

// Answers as the journal's record holds them: the place of a candidate, or one of these. Those from kFailed down are faults, and
// -1 - answer is the reason of the event.
enum RecordedChoice : int32_t {
  kDeferred = KOBLE_CHOOSE_DEFER,
  kFailed = KOBLE_CHOOSE_FAILED,
  kAbsent = -3,
  kInvalid = -4,
};

// A question. Nothing is copied before it is asked for; all of it is valid during the call only.
class Choice {
 public:
  // `contact` and `agent`: slots. Of an agent for the contact that stands in a queue by `entry`; `candidates` are slots of agents.
  static Choice OfAgent(const state::State& state, const routing::Index& index, uint32_t entry,
                        std::span<const uint32_t> candidates);
  // Of a contact for the agent; `candidates` are entries.
  static Choice OfContact(const state::State& state, const routing::Index& index, uint32_t agent,
                          std::span<const uint32_t> candidates);

  bool of_agent() const { return of_agent_; }
  uint32_t count() const { return static_cast<uint32_t>(candidates_.size()); }
  uint32_t queue() const;             // KOBLE_QUEUE_NONE where a contact is chosen
  const std::string& policy() const;  // its name
  int64_t now_ns() const;

  // A candidate, or what is chosen for, by 0. False past the last. struct_size is neither read nor written.
  bool ReadContact(uint32_t index, koble_choice_contact* out) const;
  bool ReadAgent(uint32_t index, koble_choice_agent* out) const;
  int32_t Level(uint32_t index, uint32_t skill) const;
  bool Attribute(uint32_t index, uint32_t key, int64_t* value) const;
  koble_id CandidateId(uint32_t index) const;
  koble_id SeekerId() const;

 private:
  Choice(const state::State& state, const routing::Index& index, bool of_agent, uint32_t seeker,
         std::span<const uint32_t> candidates)
      : state_(state), index_(index), of_agent_(of_agent), seeker_(seeker), candidates_(candidates) {}
  std::span<const uint32_t> Entries() const { return of_agent_ ? std::span<const uint32_t>(&seeker_, 1) : candidates_; }
  std::span<const uint32_t> Agents() const { return of_agent_ ? candidates_ : std::span<const uint32_t>(&seeker_, 1); }

  const state::State& state_;
  const routing::Index& index_;
  const bool of_agent_;
  const uint32_t seeker_;  // an entry, or an agent's slot
  const std::span<const uint32_t> candidates_;
};

// Either function may be empty: such a choice is none of its business. What it throws counts as KOBLE_CHOOSE_FAILED.
struct Policy {
  std::function<int32_t(const Choice&)> choose_agent;
  std::function<int32_t(const Choice&)> choose_contact;
};

// The policies of an engine by name; few.
using Policies = std::vector<std::pair<std::string, Policy>>;

// A record's answers, on their way into a replay.
struct RecordedChoices {
  std::span<const int32_t> answers;
  size_t next = 0;
  bool fits = true;  // so far the record has what is asked for
};

}  // namespace koble::engine

#endif  // KOBLE_LIB_ENGINE_POLICY_H_
