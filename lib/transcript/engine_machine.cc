// The engine as a machine for transcripts.
#include <algorithm>
#include <map>
#include <utility>

#include "record/record.h"
#include "transcript/machine.h"
#include "transcript/text.h"

namespace koble::transcript {
namespace {

class EngineMachine : public Machine {
 public:
  explicit EngineMachine(std::unique_ptr<engine::Engine> engine)
      : engine_(std::move(engine)), header_(record::JournalHeader(*engine_)) {}

  Result Apply(const koble_command& command, std::string_view data,
               std::span<const koble_attribute> attributes) override {
    Result result;
    koble_result raw = KOBLE_RESULT_INIT;
    result.code = engine_->Apply(command, data, attributes, &raw);
    result.id = raw.id;
    result.value = raw.value;
    result.time_ns = raw.time_ns;
    result.clamped = raw.clamped != 0;
    result.message = engine_->message();
    if (raw.event_count > 0) {
      const auto events = engine_->Events(raw.event_first);
      result.events.assign(events.begin(), events.end());
    }
    if (engine_->JournalLast() > recorded_) {
      journal_ += engine_->JournalBytes(recorded_ + 1);
      recorded_ = engine_->JournalLast();
    }
    return result;
  }

  void SetPolicy(const std::string& name, PolicyFunction function) override {
    policies_[name] = std::move(function);
    GivePolicies();
  }

  int64_t Now() const override { return engine_->now(); }
  int64_t NextDeadline() const override { return engine_->NextDeadline(); }
  uint64_t LastEvent() const override { return engine_->EventsLast(); }
  bool Digest(uint64_t digest[2]) override {
    engine_->Digest(digest);
    return true;
  }
  const plan::Plan& Plan() const override { return *engine_->plan(); }
  koble_id FindAgent(std::string_view name) const override { return engine_->FindAgent(name); }
  std::string AgentName(koble_id agent) const override {
    const char* name = engine_->AgentName(agent);
    return name != nullptr ? name : "";
  }
  uint32_t FindSymbol(std::string_view name) const override { return engine_->FindSymbol(name); }
  std::string SymbolName(int64_t number) const override {
    const char* name = engine_->SymbolName(number);
    return name != nullptr ? name : "";
  }
  int32_t Contact(koble_id id, koble_contact_info* out) const override { return engine_->Contact(id, out); }
  int32_t ContactAttributes(koble_id id, std::vector<koble_attribute>* out) const override {
    out->resize(KOBLE_CONTACT_ATTRIBUTES_MAX);
    uint64_t count = 0;
    const int32_t code = engine_->ContactAttributes(id, *out, &count);
    out->resize(count);
    return code;
  }
  int32_t AgentSkills(koble_id id, std::vector<koble_skill>* out) const override {
    uint64_t count = 0;
    const int32_t code = engine_->AgentSkills(id, {}, &count);
    out->resize(count);
    return code != KOBLE_OK ? code : engine_->AgentSkills(id, *out, &count);
  }
  int32_t Agent(koble_id id, koble_agent_info* out) const override { return engine_->Agent(id, out); }
  int32_t Offer(koble_id id, koble_offer_info* out) const override { return engine_->Offer(id, out); }
  int32_t Engagement(koble_id id, koble_engagement_info* out) const override { return engine_->Engagement(id, out); }
  void Count(koble_counts* out) const override { engine_->Count(out); }
  int32_t QueueWaiting(uint32_t queue, uint64_t* waiting) const override {
    return engine_->QueueWaiting(queue, waiting);
  }

  void Acknowledge() override {
    engine_->AcknowledgeEvents(engine_->EventsLast());
    if (engine_->options().journal == KOBLE_JOURNAL_BOUNDED) engine_->AcknowledgeJournal(engine_->JournalLast());
  }

  std::string RebuildBy(Rebuild how) override {
    int32_t code = KOBLE_OK;
    std::string message;
    std::unique_ptr<engine::Engine> made;
    switch (how) {
      case Rebuild::kNone:
        return "";
      case Rebuild::kClone:
        made = engine_->Clone();
        break;
      case Rebuild::kSnapshot:
        made = record::Restore(record::Snapshot(*engine_), engine_->options(), &code, &message);
        break;
      case Rebuild::kReplay:
        if (engine_->options().journal == KOBLE_JOURNAL_OFF) return "a replay needs a journal, and it is off";
        made = Replayed(&code, &message);
        break;
    }
    if (made == nullptr || code != KOBLE_OK) return Cat("! ", engine::ErrorName(code), " ", message);
    engine_ = std::move(made);
    GivePolicies();
    return "";
  }

 private:
  void GivePolicies() {
    for (const auto& [name, function] : policies_) {
      const auto ask = [this, answer = function](const engine::Choice& choice) {
        PolicyQuestion question;
        for (uint32_t i = 0; i < choice.count(); ++i) {
          koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
          if (choice.of_agent()) {
            question.agents.push_back(AgentName(choice.CandidateId(i)));
          } else if (choice.ReadContact(i, &contact)) {
            question.serials.push_back(contact.serial);
          }
        }
        return answer(question);
      };
      engine_->SetPolicy(name, {ask, ask});
    }
  }

  // What a journal does not hold the host sees to: what it has read, and the time.
  std::unique_ptr<engine::Engine> Replayed(int32_t* code, std::string* message) const {
    std::unique_ptr<engine::Engine> made = record::Open(header_, engine_->options(), code, message);
    if (made == nullptr) return nullptr;
    uint64_t replayed = 0;
    *code = record::Replay(made.get(), journal_, &replayed, message);
    if (*code != KOBLE_OK) return nullptr;
    if (engine_->EventsFirst() > 1) made->AcknowledgeEvents(engine_->EventsFirst() - 1);
    const int64_t step_ns = engine_->options().max_step_ns;
    while (*code == KOBLE_OK && made->now() < engine_->now()) {
      koble_command advance = {};
      advance.kind = KOBLE_CMD_ADVANCE;
      const int64_t left_ns = engine_->now() - made->now();
      advance.time_ns = made->now() + (step_ns != 0 ? std::min(step_ns, left_ns) : left_ns);
      *code = made->Apply(advance, {}, {}, nullptr);
    }
    return made;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::string header_;   // of the journal
  std::string journal_;  // every record so far, as a host would keep them
  uint64_t recorded_ = 0;
  std::map<std::string, PolicyFunction> policies_;
};

}  // namespace

MachineFactory EngineFactory() {
  return [](std::shared_ptr<const plan::Plan> plan, const engine::Options& options,
            std::string* message) -> std::unique_ptr<Machine> {
    int32_t code = KOBLE_OK;
    std::unique_ptr<engine::Engine> engine = engine::Engine::Create(std::move(plan), options, &code, message);
    if (engine == nullptr) {
      *message = Cat("! ", engine::ErrorName(code), " ", *message);
      return nullptr;
    }
    return std::make_unique<EngineMachine>(std::move(engine));
  };
}

}  // namespace koble::transcript
