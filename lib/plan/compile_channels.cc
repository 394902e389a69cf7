// The part of the compilation that is about what channels are to each other: which interrupt, exclude, and are kept free for.
#include <algorithm>

#include "plan/compile.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

class ChannelCompiler {
 public:
  ChannelCompiler(const PlanSpec& spec, Plan* plan, Mistakes* mistakes, Mistakes* warnings)
      : spec_(spec), plan_(*plan), mistakes_(*mistakes), warnings_(*warnings) {}

  void Compile() {
    for (index_ = 0; index_ < spec_.channels.size(); ++index_) {
      const ChannelSpec& channel = spec_.channels[index_];
      const std::vector<uint32_t> interrupting = Numbers("interrupted_by", channel.interrupted_by);
      const std::vector<uint32_t> excluded = Numbers("excludes", channel.excludes);
      for (const uint32_t other : interrupting) {
        plan_.channels[other].interrupts.push_back(static_cast<uint32_t>(index_));
        if (std::find(excluded.begin(), excluded.end(), other) == excluded.end()) continue;
        Mistake("excludes", [&] {
          return Quoted(plan_.channels[other].name) +
                 " is in \"interrupted_by\", too; it cannot come in any case and not at all: keep one of the two";
        });
      }
      for (const uint32_t other : excluded) plan_.channels[other].excluded_by.push_back(static_cast<uint32_t>(index_));
      CheckReserve(channel);
    }
    for (Channel& channel : plan_.channels) FindSpares(&channel);
  }

 private:
  // Those named that are other channels of the plan.
  std::vector<uint32_t> Numbers(const char* key, const std::vector<std::string>& names) {
    std::vector<uint32_t> numbers;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      if (name.empty()) continue;  // reported by the reader
      const auto number = Find(plan_.lookup->channels, name);
      const auto say = [&](const auto& what) { Mistake(std::string(key) + '[' + std::to_string(i) + ']', what); };
      if (!number) {
        say([&] { return UnknownChannel(plan_, name); });
      } else if (name == spec_.channels[index_].name) {
        say([&] {
          return Quoted(name) +
                 " is the channel itself; how many of its own contacts go together is said by \"cost\" and \"max\"";
        });
      } else if (std::find(numbers.begin(), numbers.end(), *number) != numbers.end()) {
        say([&] { return Quoted(name) + " is named twice; keep one"; });
      } else {
        numbers.push_back(*number);
      }
    }
    return numbers;
  }

  void CheckReserve(const ChannelSpec& channel) {
    if (channel.reserve == 0) return;
    if (spec_.channels.size() == 1) {
      Warn("has no effect, as there is no other channel that could leave anything free");
    } else if (channel.reserve < channel.cost) {
      Warn(std::to_string(channel.reserve) + " is less than the cost of one contact, " + std::to_string(channel.cost) +
           ", so that none may fit into what is left free");
    } else if (channel.max != 0 && channel.reserve > channel.cost * channel.max) {
      Warn(std::to_string(channel.reserve) + " is more than \"max\" contacts take, " +
           std::to_string(channel.cost * channel.max));
    }
  }

  // An error in a name leaves the lists unordered or doubled, and the plan is refused.
  void FindSpares(Channel* channel) {
    for (uint32_t other = 0; other < plan_.channels.size(); ++other) {
      const bool interrupted = std::binary_search(channel->interrupts.begin(), channel->interrupts.end(), other);
      if (&plan_.channels[other] != channel && plan_.channels[other].reserve != 0 && !interrupted) {
        channel->spares.push_back(other);
      }
    }
  }

  std::string Place(const std::string& part) const { return "channels[" + std::to_string(index_) + "]." + part; }
  template <class What>
  void Mistake(const std::string& part, const What& what) {
    mistakes_.Add([&] { return Place(part) + ": " + what(); });
  }
  void Warn(const std::string& what) {
    warnings_.Add([&] { return Place("reserve") + ": " + what; });
  }

  const PlanSpec& spec_;
  Plan& plan_;
  Mistakes& mistakes_;
  Mistakes& warnings_;
  size_t index_ = 0;
};

}  // namespace

void CompileChannelRules(const PlanSpec& spec, Plan* plan, Mistakes* mistakes, Mistakes* warnings) {
  ChannelCompiler(spec, plan, mistakes, warnings).Compile();
}

}  // namespace koble::plan
