// The part of the compilation that is about channels with labels, and what they are to each other: which interrupt, exclude, and are kept free for.
#include <algorithm>

#include "plan/compile.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

class MediaCompiler {
 public:
  MediaCompiler(const PlanSpec& spec, Plan* plan, Plan::Lookup* lookup, Mistakes* mistakes, Mistakes* warnings)
      : spec_(spec), plan_(*plan), lookup_(*lookup), mistakes_(*mistakes), warnings_(*warnings) {}

  void Compile() {
    for (size_t i = 0; i < spec_.channels.size(); ++i) {
      const ChannelSpec& channel = spec_.channels[i];
      place_ = "channels[" + std::to_string(i) + ']';
      channels_.push_back(ReadRules(channel.name, channel.interrupted_by, channel.excludes));
      CheckReserve(channel);
    }
    channels_.resize(plan_.channel_count);
    for (size_t i = 0; i < spec_.labels.size(); ++i) {
      const LabelSpec& label = spec_.labels[i];
      place_ = "labels[" + std::to_string(i) + ']';
      if (Find(lookup_.channels, label.name)) {
        Mistake("name", [&] { return Quoted(label.name) + " is a channel's name; give the label another"; });
      }
      labels_.push_back(ReadRules(label.name, label.interrupted_by, label.excludes));
    }
    MakeMedia();
    plan_.media_count = static_cast<uint32_t>(plan_.channels.size());
    for (uint32_t medium = 0; medium < plan_.media_count; ++medium) Relate(medium);
    plan_.least_cost = LeastCost();
  }

 private:
  // What a list names: channels, and behind them labels.
  using Named = std::vector<uint32_t>;
  struct Rules {
    Named interrupted_by, excludes;
  };

  Rules ReadRules(const std::string& own, const std::vector<std::string>& interrupted_by,
                  const std::vector<std::string>& excludes) {
    Rules rules{Read(own, "interrupted_by", interrupted_by), Read(own, "excludes", excludes)};
    for (const uint32_t other : rules.interrupted_by) {
      if (!Has(rules.excludes, other)) continue;
      Mistake("excludes", [&] {
        return Quoted(NameOf(other)) +
               " is in \"interrupted_by\", too; it cannot come in any case and not at all: keep one of the two";
      });
    }
    return rules;
  }

  Named Read(const std::string& own, const char* key, const std::vector<std::string>& names) {
    Named numbers;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      if (name.empty()) continue;  // reported by the reader
      const auto channel = Find(lookup_.channels, name);
      const auto label = Find(lookup_.labels, name);
      const uint32_t number = channel ? *channel : plan_.channel_count + label.value_or(0);
      const auto say = [&](const auto& what) { Mistake(std::string(key) + '[' + std::to_string(i) + ']', what); };
      if (name == own) {
        say([&] {
          return Quoted(name) +
                 " is this one itself; how many of its own contacts go together is said by \"cost\" and \"max\"";
        });
      } else if (!channel && !label) {
        say([&] { return plan_.labels.empty() ? UnknownChannel(plan_, name) : Unknown(name); });
      } else if (Has(numbers, number)) {
        say([&] { return Quoted(name) + " is named twice; keep one"; });
      } else {
        numbers.push_back(number);
      }
    }
    return numbers;
  }

  std::string Unknown(const std::string& name) const {
    const auto nearest = Nearest(name, plan_.channel_count + plan_.labels.size(),
                                 [&](size_t i) { return std::string_view(NameOf(static_cast<uint32_t>(i))); });
    return "unknown channel or label " + Quoted(name) +
           (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in \"channels\" or \"labels\"");
  }

  void CheckReserve(const ChannelSpec& channel) {
    if (channel.reserve == 0) return;
    if (spec_.channels.size() == 1) {
      Warn("reserve", "has no effect, as there is no other channel that could leave anything free");
    } else if (channel.reserve < channel.cost) {
      Warn("reserve", std::to_string(channel.reserve) + " is less than the cost of one contact, " +
                          std::to_string(channel.cost) + ", so that none may fit into what is left free");
    } else if (channel.max != 0 && channel.reserve > channel.cost * channel.max) {
      Warn("reserve", std::to_string(channel.reserve) + " is more than \"max\" contacts take, " +
                          std::to_string(channel.cost * channel.max));
    }
  }

  // What is wrong with queues' channels and labels is reported with the queues.
  void MakeMedia() {
    std::vector<bool> used(plan_.labels.size());
    for (const QueueSpec& queue : spec_.queues) {
      const auto channel = queue.channel.empty() && plan_.channel_count == 1 ? std::optional<uint32_t>(0)
                                                                             : Find(lookup_.channels, queue.channel);
      const auto label = Find(lookup_.labels, queue.label);
      if (!channel || !label) continue;
      used[*label] = true;
      const auto number = static_cast<uint32_t>(plan_.channels.size());
      if (!lookup_.media.try_emplace({*channel, *label}, number).second) continue;
      Channel medium = plan_.channels[*channel];
      medium.label = *label;
      medium.reserve = 0;
      const int64_t cost = spec_.labels[*label].cost;
      if (cost != kAbsent) medium.cost = cost;
      plan_.channels.push_back(std::move(medium));
    }
    if (plan_.channels.size() > kMostMedia) {
      mistakes_.Add([&] {
        return "labels: channels and the pairs of channel and label that queues have are " +
               std::to_string(plan_.channels.size()) + "; at most " + std::to_string(kMostMedia) +
               " are allowed: let queues share some";
      });
      plan_.channels.resize(plan_.channel_count);
      lookup_.media.clear();
    }
    for (size_t i = 0; i < used.size(); ++i) {
      place_ = "labels[" + std::to_string(i) + ']';
      if (!used[i]) Warn("name", "no queue has this label");
    }
  }

  // Those of the label, where it has some.
  const Named& Of(const Channel& medium, Named Rules::*list) const {
    const bool own = medium.label != kNoLabel && !(labels_[medium.label].*list).empty();
    return own ? labels_[medium.label].*list : channels_[medium.channel].*list;
  }

  bool Names(const Named& named, const Channel& medium) const {
    return Has(named, medium.channel) || (medium.label != kNoLabel && Has(named, plan_.channel_count + medium.label));
  }

  void Relate(uint32_t number) {
    Channel& medium = plan_.channels[number];
    for (uint32_t other = 0; other < plan_.channels.size(); ++other) {
      const Channel& of = plan_.channels[other];
      if (of.channel == medium.channel) medium.same_channel.push_back(other);
      if (of.label == medium.label && of.label != kNoLabel) medium.same_label.push_back(other);
      if (other == number) continue;
      const bool interrupts = Names(Of(of, &Rules::interrupted_by), medium);
      if (interrupts) medium.interrupts.push_back(other);
      if (Names(Of(of, &Rules::excludes), medium)) medium.excluded_by.push_back(other);
      if (of.channel != medium.channel && of.reserve != 0 && !interrupts) medium.spares.push_back(other);
    }
    medium.alone = medium.label == kNoLabel && medium.same_channel.size() == 1 && medium.interrupts.empty() &&
                   medium.excluded_by.empty() && medium.spares.empty();
  }

  int64_t LeastCost() const {
    int64_t least = INT64_MAX;
    for (const Channel& medium : plan_.channels) least = std::min(least, medium.alone ? medium.cost : INT64_MIN);
    return least;
  }

  static bool Has(const Named& named, uint32_t number) {
    return std::find(named.begin(), named.end(), number) != named.end();
  }
  const std::string& NameOf(uint32_t number) const {
    return number < plan_.channel_count ? plan_.channels[number].name : plan_.labels[number - plan_.channel_count].name;
  }

  template <class What>
  void Mistake(const std::string& part, const What& what) {
    mistakes_.Add([&] { return place_ + '.' + part + ": " + what(); });
  }
  void Warn(const std::string& part, const std::string& what) {
    warnings_.Add([&] { return place_ + '.' + part + ": " + what; });
  }

  const PlanSpec& spec_;
  Plan& plan_;
  Plan::Lookup& lookup_;
  Mistakes& mistakes_;
  Mistakes& warnings_;
  std::vector<Rules> channels_, labels_;
  std::string place_;
};

}  // namespace

void CompileMedia(const PlanSpec& spec, Plan* plan, Plan::Lookup* lookup, Mistakes* mistakes, Mistakes* warnings) {
  MediaCompiler(spec, plan, lookup, mistakes, warnings).Compile();
}

void SettleMedia(const Plan& plan, Capability* capability) {
  for (uint32_t number = plan.channel_count; number < plan.channels.size(); ++number) {
    const Channel& medium = plan.channels[number];
    const bool served = capability->channel_max[medium.channel] != 0;
    capability->channel_max[number] = served ? capability->label_max[medium.label] : 0;
  }
}

}  // namespace koble::plan
