// The engine as a machine for transcripts.
#include <utility>

#include "record/record.h"
#include "transcript/machine.h"
#include "transcript/text.h"

namespace koble::transcript {
namespace {

class EngineMachine : public Machine {
 public:
  EngineMachine(std::unique_ptr<engine::Engine> engine) : engine_(std::move(engine)) {}

  Result Apply(const koble_command& command, std::string_view data) override {
    Result result;
    koble_result raw = KOBLE_RESULT_INIT;
    result.code = engine_->Apply(command, data, &raw);
    result.id = raw.id;
    result.time_ns = raw.time_ns;
    result.clamped = raw.clamped != 0;
    result.message = engine_->message();
    if (raw.event_count > 0) {
      const auto events = engine_->Events(raw.event_first);
      result.events.assign(events.begin(), events.end());
    }
    return result;
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
  int32_t Contact(koble_id id, koble_contact_info* out) const override { return engine_->Contact(id, out); }
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
    if (how == Rebuild::kClone) {
      engine_ = engine_->Clone();
      return "";
    }
    int32_t code = KOBLE_OK;
    std::string message;
    std::unique_ptr<engine::Engine> made;
    if (how == Rebuild::kSnapshot) {
      made = record::Restore(record::Snapshot(*engine_), engine_->options(), &code, &message);
    } else if (engine_->options().journal != KOBLE_JOURNAL_KEEP_ALL) {
      return "a replay needs `option journal keep_all`";
    } else if (engine_->JournalFirst() > 1) {
      return "a replay needs the whole journal; a snapshot does not carry it on";
    } else {
      made = record::Open(record::JournalHeader(*engine_), engine_->options(), &code, &message);
      uint64_t replayed = 0;
      if (made != nullptr) {
        code = record::Replay(made.get(), engine_->JournalBytes(engine_->JournalFirst()), &replayed, &message);
      }
      if (code != KOBLE_OK) made = nullptr;
    }
    if (made == nullptr) return Cat("! ", engine::ErrorName(code), " ", message);
    engine_ = std::move(made);
    return "";
  }

 private:
  std::unique_ptr<engine::Engine> engine_;
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
