#include "plan/plan.h"

#include <algorithm>

#include "base/digest.h"
#include "koble/koble.h"
#include "plan/binary.h"
#include "plan/compile.h"
#include "plan/description.h"
#include "plan/json.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool StartsWith(std::string_view bytes, std::string_view prefix) { return bytes.substr(0, 2) == prefix.substr(0, 2); }

int32_t ReadSpec(std::string_view bytes, PlanSpec* spec, Mistakes* mistakes) {
  const auto refuse = [&](const char* line, int32_t code) {
    mistakes->Add([&] { return std::string(line); });
    return code;
  };
  if (bytes.size() > kInputBytes) return refuse("plan: larger than 256 MiB, the most that is read", KOBLE_ERR_PLAN);
  if (StartsWith(bytes, kPlanPrefix)) return ReadBinary(bytes, kPlanPrefix, kPlanStruct, spec, mistakes);
  if (StartsWith(bytes, kAgentPrefix)) {
    return refuse("plan: this is the binary form of one agent, not of a plan", KOBLE_ERR_PLAN);
  }
  if (IsBlank(bytes)) {
    return refuse("plan: the text is empty; the least plan is {}, a useful one {\"queues\": [{\"name\": \"calls\"}]}",
                  KOBLE_ERR_PLAN);
  }
  ReadJson(bytes, kPlanStruct, "", spec, mistakes);
  return mistakes->empty() ? KOBLE_OK : KOBLE_ERR_PLAN;
}

std::string AgentBytes(const AgentSpec& agent) {
  std::string bytes(kAgentPrefix);
  AppendBinary(kAgentStruct, &agent, &bytes);
  return bytes;
}

}  // namespace

const OutcomeRule& Queue::Rule(uint32_t outcome) const {
  switch (outcome) {
    case KOBLE_OUTCOME_DECLINED:
      return declined;
    case KOBLE_OUTCOME_BUSY:
      return busy;
    case KOBLE_OUTCOME_UNREACHABLE:
      return unreachable;
    case KOBLE_OUTCOME_NO_ANSWER:
      return no_answer;
    default:
      return failed;
  }
}

int64_t Queue::SumOfPriorities(uint64_t open) const {
  int64_t sum = 0;
  for (uint64_t rest = open & raising; rest != 0; rest &= rest - 1) {
    sum += steps[static_cast<size_t>(std::countr_zero(rest))].priority_micro;
  }
  return sum;
}

const QueueView& Table::Of(uint32_t queue) const {
  const auto at = std::lower_bound(listed.begin(), listed.end(), queue,
                                   [](const auto& entry, uint32_t q) { return entry.first < q; });
  return at != listed.end() && at->first == queue ? at->second : others;
}

std::optional<uint32_t> Plan::FindChannel(std::string_view wanted) const { return Find(lookup->channels, wanted); }
std::optional<uint32_t> Plan::FindLabel(std::string_view wanted) const { return Find(lookup->labels, wanted); }
std::optional<uint32_t> Plan::FindMedium(uint32_t channel, uint32_t label) const {
  if (label == kNoLabel) return channel;
  const auto at = lookup->media.find({channel, label});
  return at == lookup->media.end() ? std::nullopt : std::optional(at->second);
}
std::optional<uint32_t> Plan::FindSkill(std::string_view wanted) const { return Find(lookup->skills, wanted); }
std::optional<uint32_t> Plan::FindQueue(std::string_view wanted) const { return Find(lookup->queues, wanted); }
std::optional<uint32_t> Plan::FindAgent(std::string_view wanted) const { return Find(lookup->agents, wanted); }

std::optional<uint32_t> Plan::FindAttribute(std::string_view wanted) const { return Find(lookup->attributes, wanted); }
std::optional<uint32_t> Plan::FindValue(std::string_view wanted) const { return Find(lookup->values, wanted); }

std::optional<Capability> Plan::Resolve(const AgentDefinition& definition, std::string* report) const {
  Mistakes mistakes;
  AgentSpec agent;
  Capability capability;
  if (ReadBinary(definition.bytes, kAgentPrefix, kAgentStruct, &agent, &mistakes) == KOBLE_OK) {
    const auto where = [&](const char*) { return "agent " + Quoted(agent.name); };
    CheckAgent(*this, agent, where, &mistakes);
    capability = ResolveAgent(*this, agent);
  }
  if (report != nullptr) *report = mistakes.Text("; ");
  if (!mistakes.empty()) return std::nullopt;
  return capability;
}

std::shared_ptr<const Plan> Load(std::string_view bytes, std::string* report, int32_t* code) {
  Mistakes mistakes;
  Mistakes warnings;
  PlanSpec spec;
  *code = ReadSpec(bytes, &spec, &mistakes);
  std::shared_ptr<Plan> plan;
  // What the reader found wrong does not keep the rest from being checked, unless nothing was understood.
  if (*code == KOBLE_OK || *code == KOBLE_ERR_PLAN) {
    plan = Compile(&spec, &mistakes, &warnings);
    if (!mistakes.empty()) *code = KOBLE_ERR_PLAN;
  }
  if (report != nullptr) *report = *code == KOBLE_OK ? warnings.Text() : mistakes.Text();
  if (*code != KOBLE_OK) return nullptr;

  plan->binary = kPlanPrefix;
  plan->binary.reserve(bytes.size());
  AppendBinary(kPlanStruct, &spec, &plan->binary);
  // An agent's definition is what the plan's own bytes say of it.
  const std::vector<std::string_view> messages = AgentMessages(plan->binary);
  plan->agents.reserve(spec.agents.size());
  for (size_t i = 0; i < spec.agents.size(); ++i) {
    std::string definition;
    definition.reserve(kAgentPrefix.size() + messages[i].size());
    definition += kAgentPrefix;
    definition += messages[i];
    plan->agents.push_back({std::move(spec.agents[i].name), std::move(definition)});
  }
  const base::Sum128 hash = base::HashBytes(plan->binary);
  plan->hash[0] = hash.lo;
  plan->hash[1] = hash.hi;
  return plan;
}

std::string ToJson(const Plan& plan) {
  Mistakes mistakes;
  PlanSpec spec;
  ReadBinary(plan.binary, kPlanPrefix, kPlanStruct, &spec, &mistakes);
  return WriteJson(kPlanStruct, &spec);
}

std::optional<AgentDefinition> ReadAgent(std::string_view bytes, std::string* report) {
  Mistakes mistakes;
  AgentSpec agent;
  if (StartsWith(bytes, kAgentPrefix)) {
    ReadBinary(bytes, kAgentPrefix, kAgentStruct, &agent, &mistakes);
  } else if (bytes.size() > kInputBytes) {
    mistakes.Add([] { return std::string("agent: larger than 256 MiB, the most that is read"); });
  } else if (IsBlank(bytes)) {
    mistakes.Add([] { return std::string("agent: the text is empty; write at least {\"name\": \"A\"}"); });
  } else {
    ReadJson(bytes, kAgentStruct, "agent", &agent, &mistakes);
  }
  if (report != nullptr) *report = mistakes.Text();
  if (!mistakes.empty()) return std::nullopt;
  return AgentDefinition{agent.name, AgentBytes(agent)};
}

}  // namespace koble::plan
