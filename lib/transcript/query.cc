#include "transcript/query.h"

#include <algorithm>
#include <array>

#include "plan/text.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

Fact Number(std::string_view key, uint64_t number) {
  return {std::string(key), Fact::Kind::kNumber, static_cast<int64_t>(number), ""};
}
Fact Time(std::string_view key, int64_t ns) { return {std::string(key), Fact::Kind::kTime, ns, ""}; }
Fact TimeOrNone(std::string_view key, int64_t ns) { return {std::string(key), Fact::Kind::kTimeOrNone, ns, ""}; }
Fact Word(std::string_view key, std::string word) { return {std::string(key), Fact::Kind::kWord, 0, std::move(word)}; }

template <size_t n>
std::string Pick(const std::array<std::string_view, n>& words, uint32_t number) {
  return number < n ? std::string(words[number]) : Cat(number);
}

constexpr std::array<std::string_view, 8> kContactStates = {"none",   "waiting", "offered", "connecting",
                                                            "active", "held",    "silent",  "parked"};
constexpr std::array<std::string_view, 7> kEngagementStates = {"none",     "connecting", "active", "held",
                                                               "wrapping", "silent",     "parked"};
constexpr std::array<std::string_view, 3> kPresences = {"offline", "available", "break"};
constexpr std::array<std::string_view, 5> kKinds = {"none", "contact", "agent", "offer", "engagement"};

std::vector<koble_skill> SkillsOf(koble_id agent, const Machine& machine) {
  std::vector<koble_skill> skills;
  machine.AgentSkills(agent, &skills);
  return skills;
}

Answer AboutAgent(koble_id id, const Machine& machine) {
  koble_agent_info info = {};
  info.struct_size = sizeof info;
  const int32_t code = machine.Agent(id, &info);
  if (code != KOBLE_OK) return {code, {}};
  Answer answer = {KOBLE_OK,
                   {Word("presence", Pick(kPresences, info.presence)),
                    Number("why", static_cast<uint64_t>(info.presence_reason)),
                    Time("idle_since", info.idle_since_ns),
                    TimeOrNone("penalised", info.penalised_until_ns),
                    TimeOrNone("request", info.request_until_ns),
                    Number("sequence", info.sequence),
                    Number("capacity", static_cast<uint64_t>(info.capacity)),
                    Number("used", static_cast<uint64_t>(info.used)),
                    Number("offers", info.offers),
                    Number("connecting", info.connecting),
                    Number("active", info.active),
                    Number("held", info.held),
                    Number("wrapping", info.wrapping),
                    Number("leaving", info.leaving),
                    Number("served", info.served),
                    Time("talked", info.talked_ns),
                    Time("last_ended", info.last_ended_ns),
                    Number("silent", info.silent),
                    Number("parked", info.parked),
                    Number("misses", info.misses),
                    Time("last_served", info.last_served_ns),
                    Number("handled", info.handled),
                    Time("handling", info.handled_ns)}};
  std::string skills;
  for (const koble_skill& skill : SkillsOf(id, machine)) {
    const std::string word = Cat(machine.Plan().skills[skill.skill], ":", skill.level);
    Append(&skills, skills.empty() ? "" : "+", word);
    answer.facts.push_back(Word("skill", word));
    if (skill.changed != 0) {
      answer.facts.push_back(Word("changed", Cat(word, ":", TimeOrWord(skill.until_ns, false))));
    }
  }
  answer.facts.push_back(Word("skills", skills.empty() ? "none" : skills));
  return answer;
}

// "language:norwegian", "amount:3", in order of keys. A value is a name where the plan in force declares names for it.
std::vector<std::string> AttributesOf(koble_id contact, const Machine& machine) {
  std::vector<koble_attribute> attributes;
  machine.ContactAttributes(contact, &attributes);
  std::vector<std::string> words;
  for (const koble_attribute& attribute : attributes) {
    const std::string key = machine.SymbolName(attribute.key);
    const std::string symbol = IsSymbolic(key, machine.Plan()) ? machine.SymbolName(attribute.value) : "";
    words.push_back(Cat(key, ":", symbol.empty() ? Cat(attribute.value) : symbol));
  }
  return words;
}

Answer AboutContact(koble_id id, const Machine& machine, const Names& names) {
  koble_contact_info info = {};
  info.struct_size = sizeof info;
  const int32_t code = machine.Contact(id, &info);
  if (code != KOBLE_OK) return {code, {}};
  Answer answer{KOBLE_OK,
                {Word("state", Pick(kContactStates, info.state)), Number("serial", info.serial),
                 Number("ref", info.host_ref), Time("arrival", info.arrival_ns),
                 Word("engagement", names.OfferName(info.engagement)), Number("offers", info.offer_count)}};
  std::string queues;
  for (uint32_t i = 0; i < std::min<uint32_t>(info.queue_count, KOBLE_CONTACT_QUEUES_MAX); ++i) {
    const std::string queue = names.QueueName(info.queues[i]);
    Append(&queues, queues.empty() ? "" : "+", queue);
    answer.facts.push_back(Word("step", Cat(queue, ":", info.steps[i])));
    std::string open;
    for (uint32_t step = 0; step < 64; ++step) {
      if ((info.open_steps[i] >> step & 1) != 0) Append(&open, open.empty() ? "" : "+", step);
    }
    answer.facts.push_back(Word("open", Cat(queue, ":", open)));
    answer.facts.push_back(Word("position", Cat(queue, ":", info.positions[i])));
  }
  answer.facts.push_back(Word("priority", plan::FormatDecimal(info.priority)));
  answer.facts.push_back(Time("credit", info.credit_ns));
  answer.facts.push_back(Word("agent", info.agent == 0 ? "none" : names.AgentName(info.agent)));
  answer.facts.push_back(info.reserved_until_ns == 0 ? Word("reserved", "none")
                                                     : Time("reserved", info.reserved_until_ns));
  answer.facts.push_back(info.retry_until_ns == 0 ? Word("retry", "none") : Time("retry", info.retry_until_ns));
  answer.facts.push_back(info.next_ring_ns == 0 ? Word("next_ring", "none") : Time("next_ring", info.next_ring_ns));
  answer.facts.push_back(Number("attempts", info.attempts));
  answer.facts.push_back(Word("hungry", info.hungry != 0 ? "yes" : "no"));
  answer.facts.push_back(Word("queues", queues.empty() ? "none" : queues));
  std::string attributes;
  for (const std::string& attribute : AttributesOf(id, machine)) {
    Append(&attributes, attributes.empty() ? "" : "+", attribute);
    answer.facts.push_back(Word("attribute", attribute));
  }
  answer.facts.push_back(Word("attributes", attributes.empty() ? "none" : attributes));
  return answer;
}

Answer AboutOffer(koble_id id, const Machine& machine, const Names& names) {
  koble_offer_info info = {};
  info.struct_size = sizeof info;
  const int32_t code = machine.Offer(id, &info);
  if (code != KOBLE_OK) return {code, {}};
  return {KOBLE_OK,
          {Word("queue", names.QueueName(info.queue)), Word("contact", names.ContactNameOf(info.contact)),
           Word("agent", names.AgentName(info.agent)), Time("begun", info.begun_ns), Time("expires", info.expires_ns),
           Word("group", names.OfferName(info.group))}};
}

Answer AboutEngagement(koble_id id, const Machine& machine, const Names& names) {
  koble_engagement_info info = {};
  info.struct_size = sizeof info;
  const int32_t code = machine.Engagement(id, &info);
  if (code != KOBLE_OK) return {code, {}};
  return {KOBLE_OK,
          {Word("state", Pick(kEngagementStates, info.state)), Word("queue", names.QueueName(info.queue)),
           Word("contact", names.ContactNameOf(info.contact)), Word("agent", names.AgentName(info.agent)),
           Time("since", info.since_ns), Time("deadline", info.deadline_ns)}};
}

Answer AboutCounts(const Machine& machine) {
  koble_counts counts = {};
  counts.struct_size = sizeof counts;
  machine.Count(&counts);
  return {KOBLE_OK,
          {Number("contacts", counts.contacts), Number("agents", counts.agents), Number("offers", counts.offers),
           Number("engagements", counts.engagements), Number("serials", counts.serials)}};
}

Answer AboutQueue(const std::string& name, const Machine& machine) {
  uint64_t waiting = 0;
  const int32_t code = machine.QueueWaiting(machine.Plan().FindQueue(name).value_or(KOBLE_QUEUE_NONE), &waiting);
  if (code != KOBLE_OK) return {code, {}};
  return {KOBLE_OK, {Number("", waiting), Number("waiting", waiting)}};
}

Answer AboutSymbol(const std::string& name, const Machine& machine) {
  const uint32_t number = machine.FindSymbol(name);
  return {KOBLE_OK, {number != 0 ? Number("", number) : Word("", "none")}};
}

Answer AboutResult(const Machine::Result& last, const Names& names) {
  std::string id = "none";
  switch (KOBLE_ID_KIND(last.id)) {
    case KOBLE_KIND_CONTACT:
      id = names.ContactNameOf(last.id);
      break;
    case KOBLE_KIND_AGENT:
      id = names.AgentName(last.id);
      break;
    case KOBLE_KIND_OFFER:
    case KOBLE_KIND_ENGAGEMENT:
      id = names.OfferName(last.id);
      break;
    default:
      break;
  }
  return {KOBLE_OK,
          {Word("id", std::move(id)), Word("kind", Pick(kKinds, KOBLE_ID_KIND(last.id))), Time("time", last.time_ns),
           Number("clamped", last.clamped ? 1 : 0), Number("events", last.events.size()),
           Number("value", static_cast<uint64_t>(last.value))}};
}

}  // namespace

bool IsSymbolic(std::string_view attribute, const plan::Plan& plan) {
  const std::optional<uint32_t> declared = plan.FindAttribute(attribute);
  return declared && !plan.attributes[*declared].values.empty();
}

std::string Fact::Text() const {
  switch (kind) {
    case Kind::kNumber:
      return Cat(number);
    case Kind::kTime:
      return TimeOrWord(number, false);
    case Kind::kTimeOrNone:
      return TimeOrWord(number, true);
    case Kind::kWord:
      return word;
  }
  return "";
}

bool Fact::Is(std::string_view value) const {
  if (value == Text()) return true;
  switch (kind) {
    case Kind::kNumber: {
      const bool yes = value == "yes" || value == "true";
      const bool no = value == "no" || value == "false";
      return yes ? number == 1 : no ? number == 0 : ParseInteger(value) == number;
    }
    case Kind::kTime:
      return (value == "none" && number == KOBLE_NEVER) || ParseTime(value) == number;
    case Kind::kTimeOrNone:
      return ParseTime(value) == number;
    case Kind::kWord:
      return false;
  }
  return false;
}

Answer Ask(const Statement& statement, const Machine& machine, const Names& names, const Machine::Result& last) {
  const std::string& subject = statement.subject;
  if (subject == "deadline") return {KOBLE_OK, {Time("", machine.NextDeadline())}};
  if (subject == "now") return {KOBLE_OK, {Time("", machine.Now())}};
  if (subject == "events") return {KOBLE_OK, {Number("", machine.LastEvent())}};
  if (subject == "waiting") return AboutQueue(statement.names[0], machine);
  if (subject == "agent") return AboutAgent(names.Target(statement.target, 0), machine);
  if (subject == "contact") return AboutContact(names.Target(statement.target, 0), machine, names);
  if (subject == "offer") return AboutOffer(names.Target(statement.target, 0), machine, names);
  if (subject == "engagement") return AboutEngagement(names.EngagementOf(statement.target), machine, names);
  if (subject == "symbol") return AboutSymbol(statement.names[0], machine);
  if (subject == "result") return AboutResult(last, names);
  return AboutCounts(machine);
}

}  // namespace koble::transcript
