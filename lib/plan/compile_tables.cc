// The part of the compilation that is about profiles' tables of queues: rank, delay, tier.
#include <algorithm>
#include <map>
#include <set>

#include "plan/compile.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

constexpr size_t kDelays = 16;       // distinct ones of a queue
constexpr uint32_t kUnlisted = 100;  // a rank behind all that can be given

class TableCompiler {
 public:
  TableCompiler(const PlanSpec& spec, Plan* plan, Mistakes* mistakes, Mistakes* warnings)
      : spec_(spec), plan_(*plan), mistakes_(*mistakes), warnings_(*warnings) {}

  void CollectDelays() {
    for (const ProfileSpec& profile : spec_.profiles) {
      for (const RankingSpec& entry : profile.queues) {
        const auto queue = Find(plan_.lookup->queues, entry.queue);
        if (queue && entry.delay > 0) plan_.queues[*queue].delays.push_back(entry.delay);
      }
    }
    for (size_t q = 0; q < plan_.queues.size(); ++q) {
      std::vector<int64_t>& delays = plan_.queues[q].delays;
      std::sort(delays.begin(), delays.end());
      delays.erase(std::unique(delays.begin(), delays.end()), delays.end());
      if (delays.size() <= kDelays) continue;
      mistakes_.Add([&] {
        return "queues[" + std::to_string(q) + "]: the profiles give it " + std::to_string(delays.size()) +
               " different delays; at most " + std::to_string(kDelays) + " are allowed: let profiles share some";
      });
    }
  }

  uint32_t Number(size_t profile, const Capability& capability) {
    const ProfileSpec& spec = spec_.profiles[profile];
    index_ = profile;
    if (spec.queues.empty() && spec.others == 0) return 0;
    seen_.clear();
    Table table;
    table.others.rank = kUnlisted;
    table.others.never = spec.others != 0;
    for (size_t i = 0; i < spec.queues.size(); ++i) AddEntry(spec.queues[i], i, capability, &table);
    const bool some =
        std::any_of(table.listed.begin(), table.listed.end(), [](const auto& entry) { return !entry.second.never; });
    if (table.others.never && !some) {
      Mistake("others", [] {
        return "\"never\" and no queue listed that is not \"never\" leaves nothing to serve; list the queues that "
               "these agents serve, or leave \"others\" out";
      });
    }
    std::sort(table.listed.begin(), table.listed.end());
    return Intern(std::move(table));
  }

 private:
  void AddEntry(const RankingSpec& entry, size_t i, const Capability& capability, Table* table) {
    const std::string part = "queues[" + std::to_string(i) + "]";
    if (entry.queue.empty()) return;  // reported by the reader
    const auto queue = Find(plan_.lookup->queues, entry.queue);
    if (!queue) {
      Mistake(part + ".queue", [&] {
        const auto nearest =
            Nearest(entry.queue, plan_.queues.size(), [&](size_t q) { return std::string_view(plan_.queues[q].name); });
        return "unknown queue " + Quoted(entry.queue) +
               (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in \"queues\"");
      });
      return;
    }
    if (!seen_.insert(*queue).second) {
      Mistake(part + ".queue", [&] { return Quoted(entry.queue) + " is listed twice; keep one"; });
      return;
    }
    if (entry.never != 0 && (entry.rank != 1 || entry.delay != 0 || entry.tier != 1)) {
      Mistake(part, [] { return "\"never\" leaves nothing for rank, delay or tier to say; leave them out"; });
    }
    const Queue& q = plan_.queues[*queue];
    const auto at = std::lower_bound(q.delays.begin(), q.delays.end(), entry.delay);
    QueueView view;
    view.rank = static_cast<uint32_t>(entry.rank);
    view.tier = static_cast<uint32_t>(entry.tier);
    view.delay = entry.delay == 0 ? 0 : static_cast<uint32_t>(at - q.delays.begin()) + 1;
    view.never = entry.never != 0;
    table->listed.emplace_back(*queue, view);
    if (view.never) return;
    if (capability.channel_max[q.channel] == 0) {
      Warn(part, "has no effect, as the profile does not serve channel " + Quoted(plan_.channels[q.channel].name));
    }
    if (entry.delay != 0 && entry.delay >= q.max_wait_ns) {
      Warn(part + ".delay", "no contact is ever seen: they leave the queue after its max_wait, \"" +
                                FormatDuration(q.max_wait_ns) + '"');
    }
  }

  uint32_t Intern(Table table) {
    auto key = std::pair(table.listed, table.others);
    const auto [at, fresh] = numbers_.try_emplace(std::move(key), static_cast<uint32_t>(plan_.tables.size()));
    if (fresh) plan_.tables.push_back(std::move(table));
    return at->second;
  }

  std::string Place(const std::string& part) const { return "profiles[" + std::to_string(index_) + "]." + part; }
  template <class What>
  void Mistake(const std::string& part, const What& what) {
    mistakes_.Add([&] { return Place(part) + ": " + what(); });
  }
  void Warn(const std::string& part, const std::string& what) {
    warnings_.Add([&] { return Place(part) + ": " + what; });
  }

  const PlanSpec& spec_;
  Plan& plan_;
  Mistakes& mistakes_;
  Mistakes& warnings_;
  std::map<std::pair<std::vector<std::pair<uint32_t, QueueView>>, QueueView>, uint32_t> numbers_;
  size_t index_ = 0;
  std::set<uint32_t> seen_;  // queues that the profile has listed so far
};

}  // namespace

void CompileTables(const PlanSpec& spec, Plan* plan, std::vector<Capability>* profiles, Mistakes* mistakes,
                   Mistakes* warnings) {
  plan->tables.emplace_back();
  TableCompiler compiler(spec, plan, mistakes, warnings);
  compiler.CollectDelays();
  for (size_t i = 0; i < spec.profiles.size(); ++i) (*profiles)[i].table = compiler.Number(i, (*profiles)[i]);
}

}  // namespace koble::plan
