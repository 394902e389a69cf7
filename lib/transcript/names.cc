#include "transcript/names.h"

#include <utility>

#include "transcript/text.h"

namespace koble::transcript {
namespace {

constexpr uint32_t kLastSlot = 0x0fffffff;
constexpr uint32_t kNeverSlots = 4096;

// An id of that kind that no transcript ever makes: slots are given from below.
koble_id Never(uint32_t kind, uint64_t number) {
  return (static_cast<uint64_t>(kind) << 60) | ((kLastSlot - number % kNeverSlots) << 32) | 1;
}

// The number that such an id was made from; nothing where it is another.
std::optional<uint64_t> NeverNumber(koble_id id) {
  const uint32_t number = kLastSlot - KOBLE_ID_SLOT(id);
  if (KOBLE_ID_GENERATION(id) != 1 || number >= kNeverSlots) return std::nullopt;
  return number;
}

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key, typename Map::mapped_type otherwise) {
  const auto found = map.find(key);
  return found == map.end() ? otherwise : found->second;
}

bool WantsEngagement(uint32_t command) {
  switch (command) {
    case KOBLE_CMD_CONNECTED:
    case KOBLE_CMD_CONNECT_FAILED:
    case KOBLE_CMD_HOLD:
    case KOBLE_CMD_RETRIEVE:
    case KOBLE_CMD_WRAP_UP_END:
    case KOBLE_CMD_ENGAGEMENT_ACTIVITY:
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return true;
    default:
      return false;
  }
}

}  // namespace

Names::Names(const Machine& machine) {
  for (const plan::AgentDefinition& agent : machine.Plan().agents) {
    const koble_id id = machine.FindAgent(agent.name);
    agents_[agent.name] = id;
    agent_names_[id] = agent.name;
  }
  LearnQueues(machine);
}

void Names::LearnQueues(const Machine& machine) {
  queues_.clear();
  for (const plan::Queue& queue : machine.Plan().OwnQueues()) queues_.push_back(queue.name);
}

void Names::SetAlias(uint64_t serial, std::string alias) {
  by_alias_[alias] = serial;
  aliases_[serial] = std::move(alias);
}

void Names::Learn(const koble_event& event, const Machine& machine) {
  switch (event.kind) {
    case KOBLE_EVENT_ARRIVED:
      contacts_[event.serial] = event.contact;
      serials_[event.contact] = event.serial;
      break;
    case KOBLE_EVENT_OFFERED:
      offers_.push_back(event.offer);
      offer_numbers_[event.offer] = offers_.size();
      break;
    case KOBLE_EVENT_ACCEPTED: {
      const uint64_t number = OfferNumber(event.offer);
      offer_numbers_[event.engagement] = number;
      engagements_[number] = event.engagement;
      serving_[event.serial] = event.engagement;
      break;
    }
    case KOBLE_EVENT_AGENT_ADDED: {
      // A revived agent has his name already; a new one lives now and can be asked.
      std::string name = machine.AgentName(event.agent);
      if (name.empty()) break;
      agents_[name] = event.agent;
      agent_names_[event.agent] = std::move(name);
      break;
    }
    case KOBLE_EVENT_PLAN:
      LearnQueues(machine);
      break;
    default:
      break;
  }
}

std::vector<Happening> Names::Resolve(std::span<const koble_event> events, const Machine& machine) {
  std::vector<Happening> happenings;
  happenings.reserve(events.size());
  for (const koble_event& event : events) {
    Learn(event, machine);
    Happening& happening = happenings.emplace_back();
    happening.event = event;
    happening.contact = event.serial != 0 ? ContactName(event.serial) : "";
    happening.agent = AgentName(event.agent);
    happening.queue = QueueName(event.queue);
    happening.offer = OfferNumber(event.offer);
    happening.engagement = OfferNumber(event.engagement);
    if (event.kind == KOBLE_EVENT_OFFERED) {
      // The first of a group may come later in the same list only if the machine is wrong: then it has no number.
      happening.group = OfferNumber(static_cast<koble_id>(event.b));
    } else if (event.kind == KOBLE_EVENT_AGENT_SKILL_CHANGED && event.reason < machine.Plan().skills.size()) {
      happening.skill = machine.Plan().skills[event.reason];
    } else if (event.kind == KOBLE_EVENT_UNKNOWN) {
      happening.id = IdName(static_cast<koble_id>(event.a));
    }
  }
  return happenings;
}

koble_id Names::ContactId(const Ref& ref) const {
  const uint64_t serial = ref.number != 0 ? ref.number : Find(by_alias_, ref.name, uint64_t{0});
  return Find(contacts_, serial, Never(KOBLE_KIND_CONTACT, serial));
}

koble_id Names::EngagementOf(const Ref& ref) const {
  switch (ref.kind) {
    case Ref::Kind::kContact: {
      const uint64_t serial = ref.number != 0 ? ref.number : Find(by_alias_, ref.name, uint64_t{0});
      return Find(serving_, serial, Never(KOBLE_KIND_ENGAGEMENT, serial));
    }
    case Ref::Kind::kOffer:
      return Find(engagements_, ref.number, Never(KOBLE_KIND_ENGAGEMENT, ref.number));
    default:
      return Target(ref, 0);
  }
}

koble_id Names::Target(const Ref& ref, uint32_t command) const {
  if (WantsEngagement(command) && (ref.kind == Ref::Kind::kContact || ref.kind == Ref::Kind::kOffer)) {
    return EngagementOf(ref);
  }
  switch (ref.kind) {
    case Ref::Kind::kNone:
      return 0;
    case Ref::Kind::kId:
      return ref.id;
    case Ref::Kind::kContact:
      return ContactId(ref);
    case Ref::Kind::kOffer:
      return ref.number >= 1 && ref.number <= offers_.size() ? offers_[ref.number - 1]
                                                             : Never(KOBLE_KIND_OFFER, ref.number);
    case Ref::Kind::kAgent:
      return Find(agents_, ref.name, Never(KOBLE_KIND_AGENT, 0));
  }
  return 0;
}

koble_id Names::Listed(const Ref& ref) const {
  return ref.kind == Ref::Kind::kOffer && ref.name.starts_with('e') ? EngagementOf(ref) : Target(ref, 0);
}

std::string Names::ContactName(uint64_t serial) const { return Find(aliases_, serial, Cat("c", serial)); }

std::string Names::ContactNameOf(koble_id contact) const {
  const uint64_t serial = Find(serials_, contact, uint64_t{0});
  return serial == 0 ? "none" : ContactName(serial);
}

std::string Names::IdName(koble_id id) const {
  static constexpr const char* kLetters[] = {"", "c", "", "o", "e"};
  static constexpr const char* kKinds[] = {"", "contact", "", "offer", "engagement"};
  const uint32_t kind = KOBLE_ID_KIND(id);
  if (const uint64_t serial = Find(serials_, id, uint64_t{0}); serial != 0) return ContactName(serial);
  if (const uint64_t number = OfferNumber(id); number != 0) return Cat(kLetters[kind], number);
  if (const auto number = NeverNumber(id)) return Cat(kLetters[kind], *number);
  return Cat(kKinds[kind], ":", KOBLE_ID_SLOT(id), ":", KOBLE_ID_GENERATION(id));
}

std::string Names::AgentName(koble_id agent) const {
  if (agent == 0) return "";
  return Find(agent_names_, agent, Cat("agent:", KOBLE_ID_SLOT(agent), ":", KOBLE_ID_GENERATION(agent)));
}

std::string Names::QueueName(uint32_t queue) const {
  if (queue == KOBLE_QUEUE_NONE) return "";
  return queue < queues_.size() ? queues_[queue] : Cat("queue:", queue);
}

uint64_t Names::OfferNumber(koble_id id) const { return id == 0 ? 0 : Find(offer_numbers_, id, uint64_t{0}); }

std::string Names::OfferName(koble_id id) const {
  const uint64_t number = OfferNumber(id);
  return number == 0 ? "none" : Cat("o", number);
}

}  // namespace koble::transcript
