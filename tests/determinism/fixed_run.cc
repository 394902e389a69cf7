#include "determinism/fixed_run.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/digest.h"
#include "determinism/author.h"
#include "record/record.h"

namespace koble::determinism {
namespace {

constexpr uint64_t kSeed = 20261122;
constexpr size_t kChangeEvery = 9973;  // a prime, so that the changes fall anywhere

engine::Options OptionsWith(uint32_t journal) {
  engine::Options options;
  options.journal = journal;
  options.seed = kSeed;
  options.clamp_time = true;
  return options;
}

// Reads and acknowledges what a machine has given.
class Witness {
 public:
  void Code(int32_t code) { codes_.Mix(static_cast<uint64_t>(int64_t{code})); }
  void Events(engine::Engine& engine) {
    for (const koble_event& event : engine.Events(engine.EventsFirst())) Event(event);
    engine.AcknowledgeEvents(engine.EventsLast());
  }
  void Event(const koble_event& e) {
    for (const uint64_t field :
         {e.seq, static_cast<uint64_t>(e.time_ns), static_cast<uint64_t>(e.due_ns), uint64_t{e.kind} << 32 | e.reason,
          e.contact, e.serial, e.agent, e.offer, e.engagement, e.host_ref, uint64_t{e.queue} << 32 | e.tenant,
          static_cast<uint64_t>(e.a), static_cast<uint64_t>(e.b)}) {
      events_.Mix(field);
    }
  }
  Fingerprint Finish(engine::Engine& engine) const {
    Fingerprint out = Finish();
    engine.Digest(out.digest);
    return out;
  }
  Fingerprint Finish() const {
    Fingerprint out;
    const base::Sum128 events = events_.Finish();
    out.events[0] = events.lo;
    out.events[1] = events.hi;
    out.codes = codes_.Finish().lo;
    return out;
  }

 private:
  base::Hasher events_{1};
  base::Hasher codes_{2};
};

// What the plan's policies answer: mostly one of the candidates, by what they are shown of him for whom they choose.
int32_t Answer(uint32_t count, const koble_choice_contact& contact, const koble_choice_agent& agent) {
  testing::Random random(contact.serial + uint64_t{contact.attempts} * 1009 + agent.sequence * 10007 + agent.served);
  switch (random.Below(16)) {
    case 0:
    case 1:
      return KOBLE_CHOOSE_DEFER;
    case 2:
      return KOBLE_CHOOSE_FAILED;
    case 3:
      return static_cast<int32_t>(count);  // there is no such candidate
    default:
      return static_cast<int32_t>(random.Below(count));
  }
}

int32_t Choose(void*, const koble_choice* choice) {
  koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
  koble_choice_agent agent = KOBLE_CHOICE_AGENT_INIT;
  koble_choice_read_contact(choice, 0, &contact);
  koble_choice_read_agent(choice, 0, &agent);
  return Answer(koble_choice_count(choice), contact, agent);
}

void SetPolicies(const plan::Plan& plan, koble_engine* engine) {
  koble_policy policy = KOBLE_POLICY_INIT;
  policy.choose_agent = policy.choose_contact = Choose;
  for (const std::string& name : plan.policies) koble_engine_set_policy(engine, name.c_str(), &policy);
}

void SetPolicies(const plan::Plan& plan, engine::Engine* engine) {
  const auto choose = [](const engine::Choice& choice) {
    koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
    koble_choice_agent agent = KOBLE_CHOICE_AGENT_INIT;
    choice.ReadContact(0, &contact);
    choice.ReadAgent(0, &agent);
    return Answer(choice.count(), contact, agent);
  };
  for (const std::string& name : plan.policies) engine->SetPolicy(name, {choose, choose});
}

// Through the C API, in batches of 1 to 700; takes the engine.
Fingerprint GiveInBatches(koble_engine* engine, const std::vector<Step>& steps) {
  Witness witness;
  testing::Random random(7);
  for (size_t begin = 0; begin < steps.size();) {
    const size_t end = std::min(steps.size(), begin + 1 + random.Below(700));
    std::vector<koble_command> commands;
    std::string data;
    std::vector<koble_attribute> attributes;
    for (size_t i = begin; i < end; ++i) {
      commands.push_back(steps[i].command);
      commands.back().data_size = static_cast<uint32_t>(steps[i].data.size());
      commands.back().data_offset = steps[i].data.empty() ? 0 : data.size();
      data += steps[i].data;
      commands.back().attributes_count = static_cast<uint32_t>(steps[i].attributes.size());
      commands.back().attributes_offset = steps[i].attributes.empty() ? 0 : attributes.size();
      attributes.insert(attributes.end(), steps[i].attributes.begin(), steps[i].attributes.end());
    }
    std::vector<int32_t> codes(commands.size());
    koble_batch batch = KOBLE_BATCH_INIT;
    batch.commands = commands.data();
    batch.count = commands.size();
    batch.data = data.data();
    batch.data_size = data.size();
    batch.attributes = attributes.data();
    batch.attributes_size = attributes.size();
    batch.codes = codes.data();
    uint64_t taken = 0;
    koble_result result = KOBLE_RESULT_INIT;
    if (koble_apply(engine, &batch, &taken, &result) != KOBLE_OK || taken != commands.size())
      throw std::runtime_error("batch");
    for (const int32_t code : codes) witness.Code(code);
    std::vector<koble_event> events(result.event_count);
    uint64_t count = 0;
    koble_events_read(engine, result.event_first, events.data(), sizeof(koble_event), events.size(), &count);
    for (const koble_event& event : events) witness.Event(event);
    koble_events_acknowledge(engine, koble_events_last(engine));
    begin = end;
  }
  Fingerprint out = witness.Finish();
  koble_digest(engine, out.digest);
  koble_engine_destroy(engine);
  return out;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

std::string Fingerprint::Text() const {
  char text[128];
  std::snprintf(text, sizeof(text),
                "digest %016" PRIx64 "%016" PRIx64 " events %016" PRIx64 "%016" PRIx64 " codes %016" PRIx64, digest[1],
                digest[0], events[1], events[0], codes);
  return text;
}

FixedRun::FixedRun(const std::string& source_dir, size_t commands)
    : plan_text_(ReadFile(source_dir + "/tests/determinism/rich.json")) {
  std::string report;
  int32_t code = KOBLE_OK;
  plan_ = plan::Load(plan_text_, &report, &code);
  if (plan_ == nullptr) throw std::runtime_error(report);
  const auto engine = Make(KOBLE_JOURNAL_OFF);
  Author author(kSeed, *plan_, plan_text_);
  while (steps_.size() < commands) {
    steps_.push_back(author.Next(*engine));
    engine->Apply(steps_.back().command, steps_.back().data, steps_.back().attributes, nullptr);
    author.Look(engine->Events(engine->EventsFirst()));
    engine->AcknowledgeEvents(engine->EventsLast());
  }
}

std::unique_ptr<engine::Engine> FixedRun::Make(uint32_t journal) const {
  int32_t code = KOBLE_OK;
  std::string message;
  auto engine = engine::Engine::Create(plan_, OptionsWith(journal), &code, &message);
  if (engine == nullptr) throw std::runtime_error(message);
  SetPolicies(*plan_, engine.get());
  return engine;
}

// Plays the run; every kChangeEvery commands `change` may put another engine in the place of the present one.
template <class Change>
Fingerprint FixedRun::Play(Change change) const {
  auto engine = Make(KOBLE_JOURNAL_OFF);
  Witness witness;
  for (size_t i = 0; i < steps_.size(); ++i) {
    witness.Code(engine->Apply(steps_[i].command, steps_[i].data, steps_[i].attributes, nullptr));
    // Where an engine is changed its unread events must come along.
    if (i % kChangeEvery == kChangeEvery - 1) change(engine);
    witness.Events(*engine);
  }
  return witness.Finish(*engine);
}

FixedRun::Census FixedRun::Count() const {
  Census census{std::vector<uint64_t>(KOBLE_CMD_COUNT_), std::vector<uint64_t>(KOBLE_EVENT_COUNT_),
                std::vector<uint64_t>(1 - KOBLE_ERR_BUSY)};
  const auto engine = Make(KOBLE_JOURNAL_OFF);
  for (const Step& step : steps_) {
    const int32_t code = engine->Apply(step.command, step.data, step.attributes, nullptr);
    ++census.codes[static_cast<size_t>(-code)];
    if (code == KOBLE_OK) ++census.commands[step.command.kind];
    for (const koble_event& event : engine->Events(engine->EventsFirst())) ++census.events[event.kind];
    engine->AcknowledgeEvents(engine->EventsLast());
  }
  return census;
}

Fingerprint FixedRun::Singles() const {
  return Play([](std::unique_ptr<engine::Engine>&) {});
}

Fingerprint FixedRun::ThroughClones() const {
  return Play([](std::unique_ptr<engine::Engine>& engine) { engine = engine->Clone(); });
}

Fingerprint FixedRun::ThroughSnapshots() const {
  return Play([this](std::unique_ptr<engine::Engine>& engine) {
    int32_t code = KOBLE_OK;
    std::string message;
    engine = record::Restore(record::Snapshot(*engine), OptionsWith(KOBLE_JOURNAL_OFF), &code, &message);
    if (engine == nullptr) throw std::runtime_error(message);
    SetPolicies(*plan_, engine.get());
  });
}

Fingerprint FixedRun::FromJournal() const {
  const auto recorded = Make(KOBLE_JOURNAL_KEEP_ALL);
  Witness witness;  // codes are not in a journal: taken from the recording
  for (const Step& step : steps_) {
    witness.Code(recorded->Apply(step.command, step.data, step.attributes, nullptr));
    recorded->AcknowledgeEvents(recorded->EventsLast());
  }
  int32_t code = KOBLE_OK;
  std::string message;
  auto engine = record::Open(record::JournalHeader(*recorded), OptionsWith(KOBLE_JOURNAL_OFF), &code, &message);
  if (engine == nullptr) throw std::runtime_error(message);
  // Record by record, so that the events can be read on the way.
  std::string_view records = recorded->JournalBytes(1);
  while (!records.empty()) {
    koble_journal_record record{};
    uint64_t replayed = 0;
    if (record::Decode(records, &record) != KOBLE_OK ||
        record::Replay(engine.get(), records.substr(0, record.size), &replayed, &message) != KOBLE_OK) {
      throw std::runtime_error("replay: " + message);
    }
    records.remove_prefix(record.size);
    witness.Events(*engine);
  }
  return witness.Finish(*engine);
}

Fingerprint FixedRun::Batches() const {
  koble_plan* plan = nullptr;
  if (koble_plan_load(plan_text_.data(), plan_text_.size(), &plan, nullptr, 0) != KOBLE_OK)
    throw std::runtime_error("plan");
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.seed = kSeed;
  options.clamp_time = 1;
  koble_engine* engine = nullptr;
  const int32_t created = koble_engine_create(plan, &options, &engine);
  koble_plan_release(plan);
  if (created != KOBLE_OK) throw std::runtime_error("engine");
  SetPolicies(*plan_, engine);
  return GiveInBatches(engine, steps_);
}

}  // namespace koble::determinism
