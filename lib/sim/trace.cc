#include "sim/trace.h"

#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "sim/world.h"

namespace koble::sim {
namespace {

std::string MistakeOfContacts(std::span<const koble_sim_contact> contacts, const plan::Plan& plan) {
  const auto duration = [](int64_t value) { return value >= 0 && value <= KOBLE_DURATION_MAX; };
  int64_t last = 0;
  uint64_t serial = 0;
  for (size_t i = 0; i < contacts.size(); ++i) {
    const koble_sim_contact& contact = contacts[i];
    const std::string place = "contact " + std::to_string(i) + ": ";
    if (contact.arrival_ns < last) return place + "arrives before the one in front of it; sort by arrival_ns";
    last = contact.arrival_ns;
    if (contact.arrival_ns > KOBLE_TIME_MAX / 2) return place + "arrival_ns is too late for a run";
    if (contact.patience_ns != KOBLE_NEVER && !duration(contact.patience_ns))
      return place + "patience_ns is no duration";
    if (!duration(contact.service_ns)) return place + "service_ns is no duration";
    const bool absent = contact.serial != 0 && contact.queue == KOBLE_QUEUE_NONE;
    if (contact.queue >= plan.queue_count && !absent)
      return place + "the plan has no queue " + std::to_string(contact.queue);
    if (contact.serial != 0 && contact.serial <= serial)
      return place + "its serial is not greater than the one in front of it";
    serial = contact.serial != 0 ? contact.serial : serial + 1;
  }
  return "";
}

// The contacts of a list; each is the customer with its number in the list, from 1.
class Listed final : public Source {
 public:
  explicit Listed(std::span<const koble_sim_contact> contacts) : contacts_(contacts) {}
  int64_t NextNs() const override { return next_ < contacts_.size() ? contacts_[next_].arrival_ns : KOBLE_NEVER; }
  void Take(Customer* customer) override {
    const koble_sim_contact& contact = contacts_[next_++];
    customer->arrival_ns = contact.arrival_ns;
    customer->service_ns = contact.service_ns;
    customer->patience_ns = contact.patience_ns;
    customer->priority = contact.priority;
    customer->credit_ns = contact.credit_ns;
    customer->number = next_;
    customer->serial = contact.serial;
    customer->queue = contact.queue;
  }

 private:
  std::span<const koble_sim_contact> contacts_;
  size_t next_ = 0;
};

Model ModelOf(const koble_sim_trace_options& options, std::span<const koble_sim_presence> presence) {
  Model model;
  model.streams.emplace_back();
  PeopleModel& people = model.people.emplace_back();
  if (options.answer_ns > 0)
    people.answer.emplace(Law{LawKind::kDeterministic, static_cast<double>(options.answer_ns)});
  model.presence.assign(presence.begin(), presence.end());
  model.seed = options.seed;
  return model;
}

}  // namespace

int32_t RunTrace(const std::shared_ptr<const plan::Plan>& plan, const koble_sim_trace_options& options,
                 std::span<const koble_sim_contact> contacts, std::span<const koble_sim_presence> presence,
                 std::span<koble_sim_outcome> outcomes, figures::Figures* figures, koble_sim_run* run,
                 std::string* message) {
  const Model model = ModelOf(options, presence);
  *message = MistakeOfContacts(contacts, *plan);
  if (message->empty()) *message = MistakeOfPresence(model.presence, *plan);
  if (options.answer_ns < 0 || options.answer_ns > KOBLE_DURATION_MAX) *message = "options.answer_ns: give a duration";
  if (outcomes.size() != contacts.size()) *message = "outcomes: give one place for each contact";
  if (!message->empty()) return KOBLE_ERR_ARGUMENT;

  engine::Options engine_options;
  engine_options.seed = options.seed;
  int32_t code = KOBLE_OK;
  const auto engine = engine::Engine::Create(plan, engine_options, &code, message);
  if (engine == nullptr) return code;
  Listed source(contacts);
  World world(engine.get(), &model, &source, figures);
  for (koble_sim_outcome& outcome : outcomes) outcome = {0, 0, UINT32_MAX, KOBLE_QUEUE_NONE, 0};
  std::vector<koble_world_record> records;
  while (!world.over()) {
    records.clear();
    code = world.Run(1 << 16, options.end_ns, &records);
    if (code != KOBLE_OK) {
      *message = world.message();
      return code;
    }
    for (const koble_world_record& record : records) {
      outcomes[record.customer - 1] = {record.wait_ns, record.exit, record.agent, record.queue, record.offers};
    }
  }
  if (run != nullptr) {
    run->commands = world.commands();
    run->events = world.events();
    run->end_ns = world.now();
    engine->Digest(run->digest);
  }
  return KOBLE_OK;
}

}  // namespace koble::sim
