// What a transcript drives: commands in, events out. The engine is one such machine, a reference router in the tests another.
#ifndef KOBLE_LIB_TRANSCRIPT_MACHINE_H_
#define KOBLE_LIB_TRANSCRIPT_MACHINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::transcript {

// Ways to put another machine with the same state in a machine's place.
enum class Rebuild : uint8_t { kNone, kClone, kSnapshot, kReplay };

// What a policy of the plan is asked: which of these agents, or which of these contacts, both in the order in which they are shown.
struct PolicyQuestion {
  std::vector<std::string> agents;
  std::vector<uint64_t> serials;  // of contacts; empty where agents are shown
};
using PolicyFunction = std::function<int32_t(const PolicyQuestion&)>;

class Machine {
 public:
  struct Result {
    int32_t code = KOBLE_OK;
    koble_id id = 0;
    int64_t value = 0;  // number of the symbol
    int64_t time_ns = 0;
    bool clamped = false;
    std::vector<koble_event> events;  // added by this command
    std::string message;              // why it was refused, where the machine says so
  };

  virtual ~Machine() = default;
  virtual Result Apply(const koble_command& command, std::string_view data,
                       std::span<const koble_attribute> attributes) = 0;

  // Answers for the policy of that name, for this machine and what it is rebuilt as.
  virtual void SetPolicy(const std::string& name, PolicyFunction function) = 0;

  virtual int64_t Now() const = 0;
  virtual int64_t NextDeadline() const = 0;  // KOBLE_NEVER if none
  virtual uint64_t LastEvent() const = 0;
  // False where the machine has no digest: what a transcript says of it is then not judged.
  virtual bool Digest(uint64_t digest[2]) = 0;
  virtual const plan::Plan& Plan() const = 0;

  // As the engine's queries (engine/engine.h).
  virtual koble_id FindAgent(std::string_view name) const = 0;
  virtual std::string AgentName(koble_id agent) const = 0;  // "" if none
  virtual uint32_t FindSymbol(std::string_view name) const = 0;
  virtual std::string SymbolName(int64_t number) const = 0;  // "" if none
  virtual int32_t Contact(koble_id id, koble_contact_info* out) const = 0;
  virtual int32_t ContactAttributes(koble_id id, std::vector<koble_attribute>* out) const = 0;
  virtual int32_t AgentSkills(koble_id id, std::vector<koble_skill>* out) const = 0;
  virtual int32_t Agent(koble_id id, koble_agent_info* out) const = 0;
  virtual int32_t Offer(koble_id id, koble_offer_info* out) const = 0;
  virtual int32_t Engagement(koble_id id, koble_engagement_info* out) const = 0;
  virtual void Count(koble_counts* out) const = 0;
  virtual int32_t QueueWaiting(uint32_t queue, uint64_t* waiting) const = 0;

  // The events read so far are not needed any more.
  virtual void Acknowledge() = 0;
  // Goes on as a copy made in that way. "" if that was done (or is not known to this machine), else what went wrong.
  virtual std::string RebuildBy(Rebuild how) = 0;
};

// Null with `message` where the machine cannot be made. What options a machine cannot have it says in `message`, beginning
// with "unsupported".
using MachineFactory = std::function<std::unique_ptr<Machine>(std::shared_ptr<const plan::Plan> plan,
                                                              const engine::Options& options, std::string* message)>;

// Makes machines around engine::Engine.
MachineFactory EngineFactory();

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_MACHINE_H_
