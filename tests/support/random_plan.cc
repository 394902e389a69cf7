#include "support/random_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "support/random_requirement.h"

namespace koble::testing {
namespace {

constexpr const char* kCentury = "36525d";

std::string Quoted(const std::string& text) { return '"' + text + '"'; }

// Members of a JSON object, in order.
class Object {
 public:
  void Text(const std::string& key, const std::string& value) { Raw(key, Quoted(value)); }
  void Number(const std::string& key, int64_t value) { Raw(key, std::to_string(value)); }
  void Raw(const std::string& key, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + Quoted(key) + ": " + value;
  }
  bool empty() const { return text_.empty(); }
  std::string Json() const { return '{' + text_ + '}'; }

 private:
  std::string text_;
};

std::string Listed(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) text += (text.empty() ? "" : ",\n  ") + entry.json;
  return "[\n  " + text + "]";
}

// Whole seconds, so that deadlines meet; rarely something finer, or the longest there is.
std::string Seconds(Random* random, std::initializer_list<int> choices) {
  if (random->Percent(2)) return "500ms";
  if (random->Percent(1)) return "1ns";
  return std::to_string(random->Of(choices)) + "s";
}

std::string RandomOutcome(Random* random, bool floor) {
  Object outcome;
  if (random->Percent(40)) outcome.Text("retry", Seconds(random, {0, 1, 5, 10}));
  if (random->Percent(50)) outcome.Text("penalty", Seconds(random, {0, 0, 5, 10, 30}));
  if (random->Percent(60)) {
    if (random->Percent(30)) {
      outcome.Text("again", "never");
    } else if (!floor && random->Percent(35)) {
      outcome.Text("again", "step");
    } else {
      outcome.Text("again", floor ? random->Of({"1s", "5s", "10s"}) : random->Of({"0s", "0s", "1s", "5s", "10s"}));
    }
  }
  if (random->Percent(25)) outcome.Raw("miss", random->Percent(75) ? "true" : "false");
  return outcome.Json();
}

std::string RandomMisses(Random* random) {
  Object misses;
  misses.Number("limit", random->Of({0, 1, 1, 2, 2, 3}));
  if (random->Percent(40)) misses.Text("presence", random->Of({"offline", "offline", "break"}));
  if (random->Percent(40)) misses.Number("reason", random->Between(0, 2));
  if (random->Percent(30)) misses.Text("grace", Seconds(random, {0, 5, 10, 30}));
  return misses.Json();
}

std::string RandomPriority(Random* random) {
  Object priority;
  const int64_t base = random->Of({0, 0, 1, 5, 10, 20});
  priority.Number("base", base);
  priority.Raw("rate", random->Of({"0", "0", "1", "1", "0.5", "3", "0.1", "0.333333", "2"}));
  if (random->Percent(40)) priority.Number("cap", base + random->Of({0, 1, 5, 20}));
  if (random->Percent(25)) priority.Text("credit", random->Percent(3) ? kCentury : Seconds(random, {1, 5, 10}));
  if (random->Percent(25)) priority.Number("weight", random->Of({0, 1, 1, 2, 1'000'000'000}));
  if (random->Percent(25)) priority.Raw("own_priority_max", random->Of({"0", "1", "5", "0.5", "1000000000"}));
  if (random->Percent(25))
    priority.Text("own_credit_max", random->Percent(3) ? kCentury : Seconds(random, {0, 1, 5, 10}));
  return priority.Json();
}

std::string RandomOffer(Random* random) {
  Object offer;
  const std::string mode = random->Of({"auto", "ring", "ring", "ring", "ring_all", "ring_all", "broadcast",
                                       "progressive", "progressive", "preview", "external"});
  offer.Text("mode", mode);
  if (mode == "broadcast") offer.Number("count", random->Of({1, 2, 2, 3, 1000}));
  const bool several = mode == "ring_all" || mode == "broadcast";
  if (several && random->Percent(40)) offer.Raw("join", "true");
  if (mode == "progressive") {
    offer.Text("delay", random->Percent(2) ? kCentury : random->Of({"1ns", "1s", "1s", "2s", "5s", "10s"}));
  }
  offer.Text("ring", random->Percent(1) ? kCentury : Seconds(random, {1, 5, 10, 20}));
  if (random->Percent(30)) offer.Text("confirm", Seconds(random, {1, 3, 5, 10}));
  if (random->Percent(30)) offer.Raw("group_penalty", "true");
  if (random->Percent(30)) offer.Text("expiry", random->Of({"accept", "accept", "declined", "no_answer"}));
  return offer.Json();
}

std::string RandomSteps(const PlanText& plan, Random* random) {
  std::string text;
  int64_t after = 0;
  const bool by_state = random->Percent(50);
  const int64_t steps = random->Between(1, 3);
  for (int64_t count = steps; count > 0; --count) {
    Object step;
    const bool when = by_state && random->Percent(50);
    const bool at_once = (when || after == 0) && random->Percent(25);
    after += at_once ? 0 : random->Of({1, 5, 5, 10, 10});
    if (!when || random->Percent(60)) step.Text("after", at_once ? "0s" : std::to_string(after) + "s");
    if (when) step.Text("when", RandomCondition(plan, steps, random));
    const bool timed = !at_once && step.Json().find("after") != std::string::npos;
    if (by_state && timed && random->Percent(30)) step.Text("early", RandomCondition(plan, steps, random));
    if (by_state && random->Percent(35)) step.Text("while", RandomCondition(plan, steps, random));
    const bool raises = random->Percent(30);
    if (raises) step.Raw("priority", random->Of({"0.5", "1", "3", "7", "100"}));
    if (!raises || random->Percent(50)) step.Text("require", RandomRequirement(plan, random));
    if (random->Percent(25)) step.Raw("replace", "true");
    if (random->Percent(15)) step.Number("reserve", random->Of({0, 0, 1, 2}));
    text += (text.empty() ? "" : ", ") + step.Json();
  }
  return '[' + text + ']';
}

std::string RandomScore(const PlanText& plan, Random* random) {
  std::vector<std::string> features = {"idle",       "served", "talked",   "load",        "spare",
                                       "last_ended", "listed", "handling", "last_served", "open"};
  std::string text;
  const auto add = [&](Object part) {
    part.Raw("weight", random->Of({"1", "-1", "0.5", "-0.000001", "10", "-3", "1000000", "-1000000", "0"}));
    text += (text.empty() ? "" : ", ") + part.Json();
  };
  for (size_t count = 1 + random->Below(3); count > 0; --count) {
    const size_t at = random->Below(features.size());
    Object part;
    part.Text("feature", features[at]);
    features.erase(features.begin() + static_cast<std::ptrdiff_t>(at));
    add(part);
  }
  for (const std::string& skill : plan.skills) {
    if (!random->Percent(25)) continue;
    Object part;
    part.Text("feature", "skill");
    part.Text("skill", skill);
    add(part);
  }
  return '[' + text + ']';
}

// Of an attribute with named values; empty where there is none.
std::string RandomSplit(const PlanText& plan, Random* random) {
  const std::string values_key = "\"values\": [\"";
  std::vector<Entry> split;
  for (const Entry& attribute : plan.attributes) {
    const size_t at = attribute.json.find(values_key);
    if (at == std::string::npos) continue;
    Object shares;
    for (size_t from = at + values_key.size(); from != std::string::npos;) {
      const std::string value = attribute.json.substr(from, attribute.json.find('"', from) - from);
      if (shares.empty() || random->Percent(80)) shares.Number(value, random->Of({1, 1, 2, 3, 80, 1'000'000}));
      from = attribute.json.find(", \"", from);
      if (from != std::string::npos) from += 3;
    }
    Object object;
    object.Text("attribute", attribute.name);
    object.Raw("shares", shares.Json());
    split.push_back({attribute.name, object.Json()});
  }
  return split.empty() ? "" : random->Of(split).json;
}

// One of those of support/policies.h, or one that nobody has.
std::string RandomPolicy(Random* random) {
  Object policy;
  policy.Text("name", random->Of({"p1", "p1", "p1", "p2", "p2", "p3", "absent"}));
  if (random->Percent(70)) policy.Number("candidates", random->Of({1, 2, 2, 3, 5, 64}));
  return policy.Json();
}

// Of the queue's own requirement; it counts agents, or asks what the contact says.
std::string RandomLeave(const PlanText& plan, Random* random) {
  std::string when;
  do {
    when = RandomCondition(plan, 0, random);
  } while (when.find("waiting") != std::string::npos);
  Object leave;
  leave.Text("when", when);
  if (random->Percent(70)) leave.Text("for", random->Percent(2) ? kCentury : Seconds(random, {1, 2, 5, 10, 20}));
  if (random->Percent(50)) leave.Text("after", Seconds(random, {0, 5, 10, 30}));
  return leave.Json();
}

Entry RandomQueue(const PlanText& plan, const std::string& name, const std::string& channel, Random* random) {
  Object queue;
  queue.Text("name", name);
  queue.Text("channel", channel);
  if (!plan.labels.empty() && random->Percent(65)) queue.Text("label", random->Of(plan.labels).name);
  if (const std::string requirement = RandomRequirement(plan, random); !requirement.empty()) {
    queue.Text("require", requirement);
  }
  if (random->Percent(45)) queue.Raw("steps", RandomSteps(plan, random));
  if (random->Percent(70)) queue.Raw("priority", RandomPriority(random));
  const std::string offer = RandomOffer(random);
  const bool external = offer.find("external") != std::string::npos;
  queue.Raw("offer", offer);
  const bool several =
      offer.find("\"ring_all\"") != std::string::npos || offer.find("\"broadcast\"") != std::string::npos;
  if (!several && !external && plan.policies && random->Percent(45)) queue.Raw("policy", RandomPolicy(random));
  Object outcomes;
  for (const char* outcome : {"declined", "busy", "unreachable", "no_answer", "failed"}) {
    const std::string key = outcome;
    if (random->Percent(60)) outcomes.Raw(key, RandomOutcome(random, key == "unreachable" || key == "failed"));
  }
  if (!outcomes.empty()) queue.Raw("outcomes", outcomes.Json());
  if (random->Percent(50)) queue.Text("wrap_up", Seconds(random, {0, 1, 5, 10}));
  if (random->Percent(25)) queue.Text("wrap_up_max", Seconds(random, {0, 3, 8}));
  if (random->Percent(35)) queue.Number("max_length", external ? random->Of({1, 2, 4}) : random->Of({0, 1, 2, 4}));
  if (random->Percent(65)) {
    queue.Text("max_wait", random->Percent(1) ? kCentury : Seconds(random, {0, 5, 10, 15, 20, 40, 60}));
  }
  if (random->Percent(40)) queue.Text("at_deadline", random->Of({"exit", "stay"}));
  if (random->Percent(60)) {
    const std::string rule = random->Of({"longest_idle",
                                         "listed",
                                         "round_robin",
                                         "least_recent",
                                         "fewest_contacts",
                                         "least_talk_time",
                                         "least_loaded",
                                         "most_spare",
                                         "most_skilled",
                                         "least_skilled",
                                         "by_share",
                                         "score",
                                         "score",
                                         "random",
                                         "weighted_random",
                                         "most_contacts",
                                         "shortest_handling",
                                         "least_recent_start",
                                         "fewest_open",
                                         "fewest_of_queue",
                                         "fewest_of_queue"});
    queue.Text("select", rule);
    if (rule == "score") queue.Raw("score", RandomScore(plan, random));
  }
  if (random->Percent(20)) queue.Number("reserve", random->Of({0, 1, 1, 1, 2, 3}));
  if (random->Percent(35)) {
    const std::string split = RandomSplit(plan, random);
    if (!split.empty()) queue.Raw("split", split);
  }
  if (random->Percent(60)) queue.Text("exhausted", random->Of({"wait", "forgive", "exit"}));
  if (random->Percent(30)) queue.Text("reserved", random->Of({"release", "release", "wait"}));
  if (random->Percent(25)) queue.Raw("reserved_first", "true");
  if (random->Percent(6)) queue.Raw("closed", "true");
  if (!external && random->Percent(20)) queue.Raw("one_by_one", "true");
  if (random->Percent(35)) queue.Raw("pin_rules", "true");
  if (random->Percent(12)) queue.Text("refuse", RandomCondition(plan, 0, random));
  if (random->Percent(30)) queue.Raw("leave", RandomLeave(plan, random));
  if (random->Percent(10)) queue.Raw("target", R"({"within": "20s", "share": 0.8})");
  return {name, queue.Json()};
}

// How long a contact that comes back is reserved; as an object of its own it is a channel's `park`.
void AddReturn(Random* random, Object* object) {
  object->Text("return", random->Percent(15) ? "never" : Seconds(random, {0, 0, 5, 10, 30}));
}

std::string RandomReturn(Random* random) {
  Object park;
  AddReturn(random, &park);
  return park.Json();
}

std::string RandomSilence(Random* random) {
  Object silent;
  silent.Text("after", random->Percent(2) ? kCentury : Seconds(random, {1, 2, 5, 5, 10, 30}));
  if (random->Percent(70)) AddReturn(random, &silent);
  if (random->Percent(60)) silent.Text("forget", random->Percent(10) ? "never" : Seconds(random, {5, 10, 20, 60}));
  return silent.Json();
}

// What a channel or label names of channels and labels.
void AddNamed(const std::string& name, const std::vector<std::string>& names, Random* random, Object* object) {
  std::string interrupting;
  std::string excluded;
  for (const std::string& other : names) {
    if (other == name) continue;
    const size_t kind = random->Weighted({55, 25, 20});
    if (kind == 0) continue;
    std::string& list = kind == 1 ? interrupting : excluded;
    list += (list.empty() ? "" : ", ") + Quoted(other);
  }
  if (!interrupting.empty()) object->Raw("interrupted_by", "[" + interrupting + "]");
  if (!excluded.empty()) object->Raw("excludes", "[" + excluded + "]");
}

// `names`: those of the plan's channels and labels.
Entry RandomChannel(const std::string& name, const std::vector<std::string>& names, Random* random) {
  Object channel;
  channel.Text("name", name);
  channel.Number("cost", random->Of({100, 100, 50, 34, 20}));
  if (random->Percent(40)) channel.Number("max", random->Between(0, 3));
  if (random->Percent(40)) channel.Number("max_open_offers", random->Of({1, 2, 5}));
  AddNamed(name, names, random, &channel);
  if (random->Percent(25)) channel.Number("reserve", random->Of({0, 20, 34, 50, 50, 100, 150}));
  if (random->Percent(45)) channel.Raw("silent", RandomSilence(random));
  if (random->Percent(45)) channel.Raw("park", RandomReturn(random));
  return {name, channel.Json()};
}

Entry RandomLabel(const std::string& name, const std::vector<std::string>& names, Random* random) {
  Object label;
  label.Text("name", name);
  if (random->Percent(50)) label.Number("cost", random->Of({100, 50, 34, 20, 1}));
  if (random->Percent(60)) label.Number("max", random->Of({0, 1, 1, 2}));
  if (random->Percent(60)) AddNamed(name, names, random, &label);
  return {name, label.Json()};
}

std::vector<std::string> NamesOfMedia(const PlanText& plan) {
  std::vector<std::string> names;
  for (const Entry& channel : plan.channels) names.push_back(channel.name);
  for (const Entry& label : plan.labels) names.push_back(label.name);
  return names;
}

// Other channels or labels: most operators then say anew what these are to each other.
void RedrawMedia(PlanText* plan, Random* random) {
  const std::vector<std::string> names = NamesOfMedia(*plan);
  for (Entry& channel : plan->channels) {
    if (random->Percent(95)) channel = RandomChannel(channel.name, names, random);
  }
  for (Entry& label : plan->labels) {
    if (random->Percent(95)) label = RandomLabel(label.name, names, random);
  }
}

Entry RandomAttribute(const std::string& name, Random* random) {
  Object attribute;
  attribute.Text("name", name);
  std::string values;
  for (const char* value : {"no", "en", "vip", "x", "language"}) {
    if (random->Percent(40)) values += (values.empty() ? "" : ", ") + Quoted(value);
  }
  if (!values.empty() || random->Percent(20)) attribute.Raw("values", "[" + values + "]");
  return {name, attribute.Json()};
}

constexpr const char* kAttributes[] = {"language", "level", "reason", "no"};

void AddCapability(const PlanText& plan, Random* random, Object* object) {
  Object skills;
  for (const std::string& skill : plan.skills) {
    if (random->Percent(55)) skills.Number(skill, random->Between(0, 3));
  }
  if (!skills.empty()) object->Raw("skills", skills.Json());
  Object channels;
  if (random->Percent(35)) {
    for (const Entry& channel : plan.channels) {
      if (random->Percent(75)) channels.Number(channel.name, random->Of({0, 1, 1, 2, 3}));
    }
  }
  if (!channels.empty()) object->Raw("channels", channels.Json());
  Object labels;
  for (const Entry& label : plan.labels) {
    if (random->Percent(25)) labels.Number(label.name, random->Of({0, 1, 1, 2}));
  }
  if (!labels.empty()) object->Raw("labels", labels.Json());
  if (random->Percent(25)) object->Number("capacity", random->Of({20, 50, 100, 150, 200}));
  if (random->Percent(15)) object->Text("wrap_up", Seconds(random, {0, 2, 5}));
  if (random->Percent(25)) object->Number("weight", random->Of({1, 2, 3, 10, 1000}));
  if (random->Percent(18)) object->Raw("pull", random->Percent(85) ? "true" : "false");
  if (random->Percent(25)) object->Raw("misses", RandomMisses(random));
  Object attributes;
  for (const Entry& attribute : plan.attributes) {
    if (!random->Percent(50)) continue;
    const std::vector<std::string> values = ValuesOf(attribute);
    if (values.empty()) {
      attributes.Number(attribute.name, random->Between(-1, 4));
    } else {
      attributes.Text(attribute.name, random->Of(values));
    }
  }
  if (!attributes.empty()) object->Raw("attributes", attributes.Json());
}

// What queues are to a profile. Now and then of a queue that has gone, which makes a plan that is not valid.
void AddRanking(const PlanText& plan, Random* random, Object* profile) {
  if (!random->Percent(55)) return;
  std::string entries;
  bool some = false;
  for (const Entry& queue : plan.queues) {
    if (!random->Percent(60)) continue;
    Object entry;
    entry.Text("queue", queue.name);
    if (random->Percent(12)) {
      entry.Raw("never", "true");
    } else {
      some = true;
      if (random->Percent(50)) entry.Number("rank", random->Of({1, 1, 2, 3, 99}));
      if (random->Percent(50)) entry.Text("delay", Seconds(random, {1, 5, 5, 10, 15, 30}));
      if (random->Percent(45)) entry.Number("tier", random->Of({1, 2, 2, 3, 1'000'000}));
    }
    entries += (entries.empty() ? "" : ", ") + entry.Json();
  }
  if (!entries.empty()) profile->Raw("queues", "[" + entries + "]");
  if (random->Percent(40)) profile->Text("others", some && random->Percent(60) ? "never" : "last");
}

Entry RandomProfile(const PlanText& plan, const std::string& name, Random* random) {
  Object profile;
  profile.Text("name", name);
  AddCapability(plan, random, &profile);
  AddRanking(plan, random, &profile);
  if (plan.policies && random->Percent(45)) profile.Raw("policy", RandomPolicy(random));
  return {name, profile.Json()};
}

bool Has(const std::vector<Entry>& entries, const std::string& name) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
}

std::string Digit(const char* prefix, size_t number) { return prefix + std::to_string(number); }

void Put(std::vector<Entry>* entries, Entry entry) {
  for (Entry& other : *entries) {
    if (other.name == entry.name) {
      other = std::move(entry);
      return;
    }
  }
  entries->push_back(std::move(entry));
}

void Drop(std::vector<Entry>* entries, Random* random) {
  if (!entries->empty()) entries->erase(entries->begin() + static_cast<std::ptrdiff_t>(random->Below(entries->size())));
}

void Shuffle(std::vector<Entry>* entries, Random* random) {
  for (size_t i = entries->size(); i > 1; --i) std::swap((*entries)[i - 1], (*entries)[random->Below(i)]);
}

// The channel a queue has now, so that most changed queues stay on theirs.
std::string ChannelOf(const PlanText& plan, const std::string& queue, Random* random) {
  const std::string key = "\"channel\": \"";
  for (const Entry& entry : plan.queues) {
    if (entry.name != queue || random->Percent(3)) continue;
    const size_t begin = entry.json.find(key) + key.size();
    return entry.json.substr(begin, entry.json.find('"', begin) - begin);
  }
  return plan.channels.empty() ? "voice" : random->Of(plan.channels).name;
}

void ChangeOnce(PlanText* plan, Random* random) {
  switch (random->Weighted({25, 6, 12, 8, 14, 10, 6, 5, 6, 10, 5, 1, 8, 4, 4, 4})) {
    case 0:  // a queue, other or new
    case 2: {
      const std::string name = Digit("q", random->Below(plan->large ? 20 : 6));
      return Put(&plan->queues, RandomQueue(*plan, name, ChannelOf(*plan, name, random), random));
    }
    case 1: {
      Drop(&plan->queues, random);
      for (Entry& profile : plan->profiles) {  // most operators do not leave a ranking of a queue that has gone
        if (random->Percent(90)) profile = RandomProfile(*plan, profile.name, random);
      }
      return;
    }
    case 3:
      return Shuffle(&plan->queues, random);
    case 4: {  // an agent, other or new
      const std::string name = RandomAgentName(*plan, random);
      return Put(&plan->agents, {name, RandomAgent(*plan, name, random)});
    }
    case 5:
      return Drop(&plan->agents, random);
    case 6:
      return Shuffle(&plan->agents, random);
    case 7: {
      const std::string name = Digit("p", random->Below(plan->large ? 12 : 3));
      return Put(&plan->profiles, RandomProfile(*plan, name, random));
    }
    case 8: {
      const std::string name = random->Of({"voice", "chat", "mail", "fax"});
      return Put(&plan->channels, RandomChannel(name, NamesOfMedia(*plan), random));
    }
    case 9:
      if (!random->Percent(40)) return Shuffle(&plan->channels, random);
      Drop(&plan->channels, random);
      return RedrawMedia(plan, random);
    case 10:
      std::rotate(plan->skills.begin(), plan->skills.begin() + (plan->skills.empty() ? 0 : 1), plan->skills.end());
      if (random->Percent(30) && !plan->skills.empty()) plan->skills.pop_back();
      return;
    case 12: {
      const std::string name = kAttributes[random->Below(std::size(kAttributes))];
      return Put(&plan->attributes, RandomAttribute(name, random));
    }
    case 14: {
      const std::string name = random->Of({"gold", "slow"});
      return Put(&plan->labels, RandomLabel(name, NamesOfMedia(*plan), random));
    }
    case 15:
      return RedrawMedia(plan, random);
    case 13:
      return random->Percent(50) ? Drop(&plan->attributes, random) : Shuffle(&plan->attributes, random);
    default:
      return Drop(&plan->profiles, random);
  }
}

}  // namespace

std::string PlanText::Json() const {
  std::string names;
  for (const std::string& skill : skills) names += (names.empty() ? "" : ", ") + Quoted(skill);
  std::string text = "{\"koble\": 1,\n \"channels\": " + Listed(channels);
  text += ",\n \"skills\": [" + names + "]";
  text += ",\n \"profiles\": " + Listed(profiles);
  text += ",\n \"agents\": " + Listed(agents);
  text += ",\n \"queues\": " + Listed(queues);
  if (!attributes.empty()) text += ",\n \"attributes\": " + Listed(attributes);
  if (!labels.empty()) text += ",\n \"labels\": " + Listed(labels);
  if (!outage.empty()) text += ",\n \"outage\": " + outage;
  return text + "}";
}

std::string RandomSymbol(Random* random) {
  return random->Of({"language", "level", "reason", "no", "en", "vip", "x", "y", "hot line", "urgency"});
}

std::string RandomAgentName(const PlanText& plan, Random* random) {
  const std::string name(1, static_cast<char>('A' + random->Below(10)));
  return plan.large ? name + std::to_string(random->Below(8)) : name;
}

std::string RandomAgent(const PlanText& plan, const std::string& name, Random* random) {
  Object agent;
  agent.Text("name", name);
  if (!plan.profiles.empty() && random->Percent(65)) agent.Text("profile", random->Of(plan.profiles).name);
  if (random->Percent(60)) AddCapability(plan, random, &agent);
  return agent.Json();
}

PlanText RandomPlan(bool large, Random* random) {
  PlanText plan;
  plan.large = large;
  std::vector<std::string> channels = {"voice", "chat", "mail"};
  channels.resize(static_cast<size_t>(random->Of({1, 1, 2, 2, 3, 3})));
  std::vector<std::string> labels;
  for (const char* label : {"gold", "slow"}) {
    if (random->Percent(30)) labels.push_back(label);
  }
  std::vector<std::string> named = channels;
  named.insert(named.end(), labels.begin(), labels.end());
  for (const std::string& name : channels) plan.channels.push_back(RandomChannel(name, named, random));
  for (const std::string& name : labels) plan.labels.push_back(RandomLabel(name, named, random));
  plan.policies = random->Percent(25);
  const std::vector<std::string> skills = {"en", "no", "vip", "de", "fr", "tax", "it", "hr"};
  plan.skills.assign(skills.begin(), skills.begin() + random->Between(0, large ? 8 : 3));
  for (const char* name : kAttributes) {
    if (random->Percent(30)) plan.attributes.push_back(RandomAttribute(name, random));
  }
  for (size_t i = 0, count = random->Below(large ? 12 : 4); i < count; ++i) {
    plan.profiles.push_back(RandomProfile(plan, Digit("p", i), random));
  }
  for (size_t count = random->Below(large ? 60 : 7); count > 0; --count) {
    const std::string name = RandomAgentName(plan, random);
    if (!Has(plan.agents, name)) plan.agents.push_back({name, RandomAgent(plan, name, random)});
  }
  for (size_t i = 0, count = 1 + random->Below(large ? 20 : 5); i < count; ++i) {
    plan.queues.push_back(RandomQueue(plan, Digit("q", i), random->Of(plan.channels).name, random));
  }
  if (random->Percent(45)) {
    Object outage;
    for (const char* key :
         {"max_wait", "ring", "connect", "retry", "wrap_up", "penalty", "steps", "request", "silence"}) {
      if (random->Percent(60)) outage.Raw(key, random->Percent(50) ? "true" : "false");
    }
    plan.outage = outage.Json();
  }
  return plan;
}

PlanText ChangedPlan(const PlanText& plan, Random* random) {
  if (random->Percent(6)) return RandomPlan(plan.large, random);
  PlanText changed = plan;
  for (size_t count = random->Below(4); count > 0; --count) ChangeOnce(&changed, random);
  return changed;
}

}  // namespace koble::testing
