#include "plan/rules.h"

#include <utility>

#include "plan/binary.h"
#include "plan/compile.h"
#include "plan/description.h"

namespace koble::plan {
namespace {

PlanSpec SpecOf(std::string_view bytes, Mistakes* mistakes) {
  PlanSpec spec;
  ReadBinary(bytes, kPlanPrefix, kPlanStruct, &spec, mistakes);
  return spec;
}

}  // namespace

std::vector<std::string> RulesOf(const Plan& plan) {
  Mistakes mistakes;
  PlanSpec spec = SpecOf(plan.binary, &mistakes);
  std::vector<std::string> all;
  all.reserve(plan.queues.size());
  for (QueueSpec& queue : spec.queues) {
    PlanSpec rules;
    QueueSpec& only = rules.queues.emplace_back();
    only.name = std::move(queue.name);
    only.require = std::move(queue.require);
    only.steps = std::move(queue.steps);
    only.reserve = queue.reserve;
    std::string& bytes = all.emplace_back(kPlanPrefix);
    AppendBinary(kPlanStruct, &rules, &bytes);
  }
  all.insert(all.end(), plan.kept.begin(), plan.kept.end());
  return all;
}

std::shared_ptr<const Plan> KeepRules(const Plan& plan, std::span<const std::string> rules, std::string* report) {
  auto extended = std::make_shared<Plan>(plan);
  extended->queues.resize(plan.queue_count);
  extended->kept.assign(rules.begin(), rules.end());
  Mistakes mistakes;
  const PlanSpec spec = SpecOf(plan.binary, &mistakes);
  for (const std::string& bytes : rules) {
    PlanSpec kept = SpecOf(bytes, &mistakes);
    const auto number = kept.queues.size() == 1 ? plan.FindQueue(kept.queues[0].name) : std::nullopt;
    if (!number) {
      mistakes.Add([] { return std::string("rules of a queue that the plan lacks"); });
      break;
    }
    QueueSpec queue = spec.queues[*number];
    queue.require = std::move(kept.queues[0].require);
    queue.steps = std::move(kept.queues[0].steps);
    queue.reserve = kept.queues[0].reserve;
    CompileKept(&queue, *number, extended.get(), &mistakes);
  }
  if (report != nullptr) *report = mistakes.Text("; ");
  return mistakes.empty() ? extended : nullptr;
}

}  // namespace koble::plan
