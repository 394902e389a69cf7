// An engine as Python holds it: the handle, the last result, and the names that its events are read with.
#ifndef KOBLE_BINDINGS_PYTHON_ENGINE_H_
#define KOBLE_BINDINGS_PYTHON_ENGINE_H_

#include "native.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event.h"

namespace koble_python {

struct Policy;

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The handle, for one call. Raises where the engine is closed, or in use by another thread.
  koble_engine* Use() const {
    if (engine_ == nullptr || busy_ || asking_) RaiseUnusable();
    return engine_;
  }
  // The handle, to read from: also while a policy or a hook of a world is asked, for nothing changes meanwhile.
  koble_engine* Look() const {
    if (engine_ == nullptr || (busy_ && !asking_)) RaiseUnusable();
    return engine_;
  }
  // Takes over a new handle and learns its names.
  void Adopt(koble_engine* engine);
  // Takes over the names that another engine has learned: a clone has the same unread events.
  void CopyNames(const Engine& other);
  void Close();

  // policy.cc: the host's functions, kept alive with the engine. None takes one away.
  void SetPolicy(const std::string& name, nb::handle policy);
  void CopyPolicies(const Engine& other);
  void DropPolicies();
  int Traverse(visitproc visit, void* arg) const;
  void Clear();  // of an engine that is garbage
  void KeepPolicyError(nb::handle error) { policy_error_ = nb::borrow(error); }
  nb::object TakePolicyError() {
    return policy_error_.is_valid() ? std::exchange(policy_error_, nb::object()) : nb::none();
  }
  // While a policy is asked the engine can be read, and not be changed.
  class Asking {
   public:
    explicit Asking(Engine& engine) : asking_(engine.asking_), before_(engine.asking_) { asking_ = true; }
    ~Asking() { asking_ = before_; }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    bool& asking_;
    bool before_;
  };

  // Raises the engine's own message for a refused call.
  [[noreturn]] void Fail(int32_t code) const {
    Raise(code, engine_ != nullptr ? koble_engine_message(engine_) : nullptr);
  }
  void Check(int32_t code) const {
    if (code != KOBLE_OK) Fail(code);
  }

  // Conversions that know this engine's names.
  int64_t Time(nb::handle at) const { return at.is_none() ? koble_now(Use()) : ToTime(at); }
  uint32_t Queue(nb::handle queue) const;
  koble_id Agent(nb::handle agent) const;

  // Names are learned before they can be forgotten: at the start, and after every command that adds agents or replaces the
  // plan. `event_first` and `event_count` say where to look for the event `plan`, from which new numbers hold.
  void LearnAgent(koble_id agent);
  void LearnAgents();
  void LearnQueues(uint64_t event_first, uint64_t event_count);
  Event MakeEvent(const koble_event& record);
  nb::object AgentLabel(uint64_t agent);  // the name that events of this agent have, or None
  nb::list QueueEpochs() const;           // (first event, names), oldest first

  koble_result* Prepare() {
    result_ = KOBLE_RESULT_INIT;
    return &result_;
  }
  const koble_result& result() const { return result_; }

 private:
  friend class Long;
  struct AgentName {
    koble_id id = 0;
    nb::object name;
  };
  struct QueueNames {  // in force from event `first` on
    uint64_t first = 0;
    std::vector<nb::object> names;
  };

  [[noreturn]] void RaiseUnusable() const;
  void GivePolicy(const std::string& name, nb::object choose_agent, nb::object choose_contact);

  koble_engine* engine_ = nullptr;
  bool busy_ = false;    // changed under the GIL only
  bool asking_ = false;  // likewise
  std::map<std::string, std::unique_ptr<Policy>> policies_;
  nb::object policy_error_;
  koble_result result_ = KOBLE_RESULT_INIT;
  std::vector<AgentName> agent_names_;  // by slot
  std::vector<QueueNames> queue_names_;
  nb::dict queue_numbers_;
};

// A section without the GIL. Other threads that call on the engine meanwhile get BusyError instead of a data race.
class Long {
 public:
  explicit Long(const Engine& engine) : mark_(const_cast<bool&>(engine.busy_)) {}

 private:
  struct Mark {
    explicit Mark(bool& busy) : busy_(busy), before_(busy) { busy_ = true; }
    ~Mark() { busy_ = before_; }
    bool& busy_;
    bool before_;
  };
  Mark mark_;
  nb::gil_scoped_release release_;  // taken back first
};

// The pairs of a mapping (or None) from names to names and integers; at most `room`. Returns how many.
uint32_t ToAttributes(const Engine& self, nb::handle mapping, koble_attribute* attributes, uint32_t room);
// The steps of a mask, rising.
nb::tuple ToSteps(uint64_t mask);
// The keys of an iterable; the same.
uint32_t ToKeys(const Engine& self, nb::handle keys, uint32_t* numbers, uint32_t room);

// The parts of the class, each in its own file.
void BindAttributes(nb::class_<Engine>& engine);
void BindCommands(nb::class_<Engine>& engine);
void BindEvents(nb::module_& module, nb::class_<Engine>& engine);
void BindPolicies(nb::class_<Engine>& engine);
void BindQueries(nb::class_<Engine>& engine);

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_ENGINE_H_
