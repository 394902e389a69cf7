#include "support/engine_machine.h"

#include <stdexcept>

#include "support/policies.h"

namespace koble::testing {
namespace {

void Require(int32_t code, const char* call) {
  if (code != KOBLE_OK) throw std::runtime_error(std::string(call) + ": " + koble_error_name(code));
}

}  // namespace

EngineMachine::EngineMachine(const Script& run, uint32_t journal, koble_realloc_fn realloc_fn, void* realloc_context) {
  koble_plan* plan = nullptr;
  Require(koble_plan_load(run.plan.data(), run.plan.size(), &plan, nullptr, 0), "koble_plan_load");
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = journal;
  options.seed = run.options.seed;
  options.start_ns = run.options.start_ns;
  options.clamp_time = run.options.clamp_time ? 1 : 0;
  options.max_step_ns = run.options.max_step_ns;
  options.max_contacts = run.options.max_contacts;
  options.max_agents = run.options.max_agents;
  options.realloc_fn = realloc_fn;
  options.realloc_context = realloc_context;
  const int32_t code = koble_engine_create(plan, &options, &engine_);
  koble_plan_release(plan);
  Require(code, "koble_engine_create");
  SetPolicies(engine_);
}

EngineMachine::~EngineMachine() { koble_engine_destroy(engine_); }

Answer EngineMachine::Apply(const Command& command) {
  koble_batch batch = KOBLE_BATCH_INIT;
  int32_t code = KOBLE_OK;
  koble_id id = 0;
  batch.commands = &command.command;
  batch.count = 1;
  batch.data = command.data.data();
  batch.data_size = command.data.size();
  batch.attributes = command.attributes.data();
  batch.attributes_size = command.attributes.size();
  batch.codes = &code;
  batch.ids = &id;
  uint64_t taken = 0;
  Answer answer;
  Require(koble_apply(engine_, &batch, &taken, &answer.result), "koble_apply");
  if (taken != 1) throw std::runtime_error("koble_apply took nothing");
  answer.result.code = code;
  answer.result.id = id;
  answer.events = ReadEvents(answer.result);
  return answer;
}

Answer EngineMachine::ApplyBatch(const std::vector<Command>& commands, size_t first, size_t last,
                                 std::vector<int32_t>* codes, std::vector<koble_id>* ids) {
  std::vector<koble_command> records;
  std::string data;
  std::vector<koble_attribute> attributes;
  for (size_t index = first; index < last; ++index) {
    records.push_back(commands[index].command);
    // Where the offset is odd on purpose it stays out of everything.
    if (records.back().data_size != 0 || !commands[index].data.empty()) records.back().data_offset += data.size();
    data += commands[index].data;
    const std::vector<koble_attribute>& own = commands[index].attributes;
    if (records.back().attributes_count != 0 || !own.empty()) records.back().attributes_offset += attributes.size();
    attributes.insert(attributes.end(), own.begin(), own.end());
  }
  codes->assign(records.size(), 0);
  ids->assign(records.size(), 0);
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = records.data();
  batch.count = records.size();
  batch.data = data.data();
  batch.data_size = data.size();
  batch.attributes = attributes.data();
  batch.attributes_size = attributes.size();
  batch.codes = codes->data();
  batch.ids = ids->data();
  uint64_t taken = 0;
  Answer answer;
  Require(koble_apply(engine_, &batch, &taken, &answer.result), "koble_apply");
  if (taken != records.size()) throw std::runtime_error("koble_apply stopped early");
  answer.events = ReadEvents(answer.result);
  return answer;
}

std::vector<koble_attribute> EngineMachine::AttributesOf(koble_id contact) const {
  std::vector<koble_attribute> attributes(KOBLE_CONTACT_ATTRIBUTES_MAX);
  uint64_t count = 0;
  koble_contact_attributes(engine_, contact, attributes.data(), attributes.size(), &count);
  attributes.resize(count);
  return attributes;
}

std::vector<std::string> EngineMachine::Symbols() const {
  std::vector<std::string> names;
  for (uint32_t number = 1; number <= koble_symbol_count(engine_); ++number) {
    names.emplace_back(koble_symbol_name(engine_, number));
  }
  return names;
}

std::vector<koble_event> EngineMachine::ReadEvents(const koble_result& result) {
  std::vector<koble_event> events(result.event_count);
  uint64_t count = 0;
  Require(koble_events_read(engine_, result.event_first, events.data(), sizeof(koble_event), events.size(), &count),
          "koble_events_read");
  if (count != result.event_count) throw std::runtime_error("koble_events_read gave fewer events than announced");
  if (count != 0) Require(koble_events_acknowledge(engine_, events.back().seq), "koble_events_acknowledge");
  return events;
}

std::unique_ptr<EngineMachine> EngineMachine::Clone() const {
  koble_engine* clone = nullptr;
  Require(koble_engine_clone(engine_, &clone), "koble_engine_clone");
  return Own(clone);
}

std::unique_ptr<EngineMachine> EngineMachine::Own(koble_engine* engine) {
  std::unique_ptr<EngineMachine> machine(new EngineMachine());
  machine->engine_ = engine;
  SetPolicies(engine);
  return machine;
}

std::array<uint64_t, 2> EngineMachine::Digest() const {
  std::array<uint64_t, 2> digest = {};
  koble_digest(engine_, digest.data());
  return digest;
}

}  // namespace koble::testing
