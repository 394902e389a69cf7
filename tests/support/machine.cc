#include "support/machine.h"

#include <cstdio>
#include <cstring>

#include "engine/engine.h"
#include "support/policies.h"

namespace koble::testing {
namespace {

class ReferenceMachine : public Machine {
 public:
  explicit ReferenceMachine(const Script& run) : router_(LoadPlan(run.plan), run.options) { SetPolicies(&router_); }

  Answer Apply(const Command& command) override {
    Answer answer;
    router_.Apply(command.command, command.data, command.attributes, &answer.result, &answer.events);
    return answer;
  }
  int64_t NextDeadline() const override { return router_.NextDeadline(); }
  std::vector<koble_attribute> AttributesOf(koble_id id) const override {
    std::vector<koble_attribute> attributes;
    for (const reference::Contact& contact : router_.contacts()) {
      if (contact.id != id) continue;
      for (const auto& [key, value] : contact.attributes) attributes.push_back({key, 0, value});
    }
    return attributes;
  }
  std::vector<std::string> Symbols() const override { return router_.symbols(); }

 private:
  static std::shared_ptr<const plan::Plan> LoadPlan(const std::string& json) {
    int32_t code = KOBLE_OK;
    return plan::Load(json, nullptr, &code);
  }

  reference::Router router_;
};

// "?" for a number that has no word.
const char* Word(const char* name) { return name == nullptr ? "?" : name; }

// "c3.1": kind, slot and generation.
std::string IdText(koble_id id) {
  if (id == 0) return "0";
  const char* kinds = "-caoe";
  const uint32_t kind = KOBLE_ID_KIND(id);
  const std::string letter = kind <= 4 ? std::string(1, kinds[kind]) : "kind" + std::to_string(kind) + ":";
  return letter + std::to_string(KOBLE_ID_SLOT(id)) + "." + std::to_string(KOBLE_ID_GENERATION(id));
}

// Seconds where it is a whole number of milliseconds.
std::string TimeText(int64_t ns) {
  if (ns == KOBLE_NEVER) return "never";
  if (ns < 0 || ns % 1'000'000 != 0) return std::to_string(ns) + "ns";
  char text[40];
  std::snprintf(text, sizeof(text), "%lld.%03ds", static_cast<long long>(ns / 1'000'000'000),
                static_cast<int>(ns / 1'000'000 % 1000));
  return text;
}

void Add(const char* key, const std::string& value, std::string* line) {
  *line += std::string(" ") + key + "=" + value;
}

}  // namespace

std::unique_ptr<Machine> MakeReference(const Script& run) { return std::make_unique<ReferenceMachine>(run); }

std::string Describe(const Command& command) {
  const koble_command& c = command.command;
  std::string line = TimeText(c.time_ns) + " " + Word(engine::CommandName(c.kind));
  if (c.kind >= KOBLE_CMD_COUNT_ || c.kind == 0) Add("kind", std::to_string(c.kind), &line);
  const bool serial = c.kind == KOBLE_CMD_CONTACT_ARRIVE;
  if (c.target != 0) Add(serial ? "serial" : "target", serial ? std::to_string(c.target) : IdText(c.target), &line);
  if (c.code != 0) Add("code", std::to_string(c.code), &line);
  if (c.kind == KOBLE_CMD_CONTACT_ARRIVE || c.queue != 0) Add("queue", std::to_string(c.queue), &line);
  if (c.kind == KOBLE_CMD_CONTACT_ARRIVE) {
    for (size_t at = 0; at + 4 <= command.data.size(); at += 4) {
      uint32_t queue = 0;
      std::memcpy(&queue, command.data.data() + at, sizeof(queue));
      line += "," + std::to_string(queue);
    }
  }
  if (c.kind == KOBLE_CMD_RECONCILE) {
    for (size_t at = 0; at + 8 <= command.data.size(); at += 8) {
      koble_id id = 0;
      std::memcpy(&id, command.data.data() + at, sizeof(id));
      line += (at == 0 ? " ids=" : ",") + IdText(id);
    }
  }
  if (c.a != 0) Add("a", TimeText(c.a), &line);
  if (c.b != 0) Add("b", TimeText(c.b), &line);
  if (c.host_ref != 0) Add("ref", std::to_string(c.host_ref), &line);
  if (c.data_size != command.data.size()) Add("data_size", std::to_string(c.data_size), &line);
  if (c.data_offset != 0) Add("data_offset", std::to_string(c.data_offset), &line);
  for (const koble_attribute& pair : command.attributes) {
    Add("attribute", std::to_string(pair.key) + ":" + std::to_string(pair.value), &line);
    if (pair.reserved != 0) line += "(reserved " + std::to_string(pair.reserved) + ")";
  }
  if (c.attributes_count != command.attributes.size())
    Add("attributes_count", std::to_string(c.attributes_count), &line);
  if (c.attributes_offset != 0) Add("attributes_offset", std::to_string(c.attributes_offset), &line);
  if (c.reserved != 0) Add("reserved", std::to_string(c.reserved), &line);
  if (c.agent != 0) Add("agent", std::to_string(c.agent), &line);
  if (c.c != 0) Add("c", TimeText(c.c), &line);
  const bool text =
      (c.kind >= KOBLE_CMD_PLAN_REPLACE && c.kind <= KOBLE_CMD_AGENT_CHANGE) || c.kind == KOBLE_CMD_SYMBOL;
  if (text && !command.data.empty()) line += " " + command.data;
  return line;
}

std::string Describe(const koble_event& e) {
  std::string line = std::to_string(e.seq) + ": " + TimeText(e.time_ns);
  if (e.due_ns != e.time_ns) line += "(due " + TimeText(e.due_ns) + ")";
  line += std::string(" ") + Word(engine::EventName(e.kind));
  if (e.reason != 0) Add("reason", std::to_string(e.reason), &line);
  if (e.contact != 0) Add("contact", IdText(e.contact) + "#" + std::to_string(e.serial), &line);
  if (e.agent != 0) Add("agent", IdText(e.agent), &line);
  if (e.offer != 0) Add("offer", IdText(e.offer), &line);
  if (e.engagement != 0) Add("engagement", IdText(e.engagement), &line);
  if (e.queue != KOBLE_QUEUE_NONE) Add("queue", std::to_string(e.queue), &line);
  if (e.host_ref != 0) Add("ref", std::to_string(e.host_ref), &line);
  if (e.tenant != 0) Add("tenant", std::to_string(e.tenant), &line);
  const bool number =
      e.kind == KOBLE_EVENT_STEP || e.kind == KOBLE_EVENT_STEP_CLOSED || e.kind == KOBLE_EVENT_RECONCILED;
  const bool id = e.kind == KOBLE_EVENT_UNKNOWN;
  if (id) Add("a", IdText(static_cast<koble_id>(e.a)), &line);
  if (e.a != 0 && !id) Add("a", number ? std::to_string(e.a) : TimeText(e.a), &line);
  if (e.b != 0) Add("b", e.kind == KOBLE_EVENT_OFFERED ? IdText(static_cast<koble_id>(e.b)) : TimeText(e.b), &line);
  return line;
}

}  // namespace koble::testing
