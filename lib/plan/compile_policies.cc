// The part of the compilation that is about choices which the host makes.
#include <string>

#include "plan/compile.h"
#include "plan/text.h"

namespace koble::plan {

void CompilePolicies(const PlanSpec& spec, Plan* plan, std::vector<Capability>* profiles, Mistakes* mistakes) {
  Index numbers;
  const auto use = [&](const PolicySpec& policy) -> PolicyUse {
    if (policy.name.empty()) return {};  // none, or reported by the reader
    const auto [at, fresh] = numbers.try_emplace(policy.name, static_cast<uint32_t>(plan->policies.size()));
    if (fresh) plan->policies.push_back(policy.name);
    return {at->second, static_cast<uint32_t>(policy.candidates)};
  };
  for (size_t i = 0; i < spec.profiles.size(); ++i) (*profiles)[i].policy = use(spec.profiles[i].policy);
  for (size_t i = 0; i < spec.queues.size(); ++i) {
    plan->queues[i].policy = use(spec.queues[i].policy);
    const OfferMode mode = plan->queues[i].mode;
    const bool several = AsksSeveral(mode);
    if (plan->queues[i].policy.policy == kNoPolicy || (!several && mode != OfferMode::kExternal)) continue;
    mistakes->Add([&] {
      return "queues[" + std::to_string(i) + "].policy: chooses one agent, and the offer's mode asks " +
             (several ? "several" : "nobody") +
             "; choose mode \"ring\", \"auto\", \"preview\" or \"progressive\", or " + "leave the policy out";
    });
  }
}

}  // namespace koble::plan
