#include "determinism/author.h"

#include <utility>

namespace koble::determinism {
namespace {
constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kRemembered = 64;
}  // namespace

int64_t Author::Time(const engine::Engine& engine) {
  const int64_t now = engine.now();
  const int64_t next = engine.NextDeadline();
  switch (random_.Weighted({40, 25, 10, 4, 4, 1, 1})) {
    case 0:
      return now;
    case 1:
      return now + random_.Between(1, 2000) * (kSecond / 1000);
    case 2:
      return next == KOBLE_NEVER ? now : next;
    case 3:
      return next == KOBLE_NEVER || next <= now ? now : next - 1;
    case 4:
      return next == KOBLE_NEVER ? now + 1 : next + 1;
    case 5:
      return now + random_.Between(5, 120) * kSecond;
    default:
      return now > kSecond ? now - random_.Between(1, kSecond) : now;
  }
}

koble_id Author::Pick(const engine::Engine& engine, uint32_t kind) {
  const std::vector<koble_id>& seen = seen_[kind];
  if (!seen.empty() && random_.Percent(12)) return random_.Of(seen);
  std::vector<koble_id> living(engine.List(kind, {}));
  engine.List(kind, living);
  return living.empty() ? 0 : random_.Of(living);
}

koble_id Author::PickAsking(const engine::Engine& engine) {
  std::vector<koble_id> agents(engine.List(KOBLE_KIND_AGENT, {}));
  engine.List(KOBLE_KIND_AGENT, agents);
  std::erase_if(agents, [&](koble_id id) {
    koble_agent_info info{};
    return engine.Agent(id, &info) != KOBLE_OK || info.request_until_ns == 0;
  });
  return agents.empty() ? PickAgent(engine) : random_.Of(agents);
}

Step Author::Of(uint32_t kind, int64_t now, koble_id target, uint32_t code, int64_t a) {
  Step step;
  step.command.kind = kind;
  step.command.time_ns = now;
  step.command.target = target;
  step.command.code = code;
  step.command.a = a;
  return step;
}

Step Author::Arrival(const engine::Engine& engine, int64_t now) {
  Step step = Of(KOBLE_CMD_CONTACT_ARRIVE, now, 0);
  step.command.queue = static_cast<uint32_t>(random_.Below(plan_.queues.size()));
  step.command.host_ref = random_.Next();
  if (random_.Percent(20)) step.command.a = random_.Between(0, 50) * KOBLE_POINT / 2;
  if (random_.Percent(10)) step.command.b = random_.Between(0, 90) * kSecond;
  if (random_.Percent(5)) step.command.code = 1 + static_cast<uint32_t>(random_.Below(5));
  if (random_.Percent(10)) {  // meant for somebody
    step.command.agent = PickAgent(engine);
    const int64_t length = random_.Between(1, 60) * kSecond;
    if (random_.Percent(60) && step.command.agent != 0) step.command.c = random_.Percent(10) ? KOBLE_NEVER : length;
  }
  if (random_.Percent(3)) {  // as of a record, whose queue may be missing
    koble_counts counts{};
    engine.Count(&counts);
    step.command.target = counts.serials + 1 + random_.Below(3);
    if (random_.Percent(30)) step.command.queue = KOBLE_QUEUE_NONE;
  }
  if (random_.Percent(25)) {  // a second queue, mostly of the same channel
    const auto other = static_cast<uint32_t>(random_.Below(plan_.queues.size()));
    if (other != step.command.queue) step.data.assign(reinterpret_cast<const char*>(&other), sizeof(other));
  }
  if (random_.Percent(40)) AddAttributes(&step);
  return step;
}

// Now and then a key twice, or one that is not known yet.
void Author::AddAttributes(Step* step) {
  uint32_t key = 0;
  for (size_t count = 1 + random_.Below(5); count > 0; --count) {
    key += static_cast<uint32_t>(random_.Percent(1) ? 0 : 1 + random_.Below(3));
    const int64_t value = random_.Between(-1000, 1000);
    step->attributes.push_back({key, 0, value});
  }
  if (random_.Percent(50)) std::swap(step->attributes.front(), step->attributes.back());
}

// Mostly a name that is known.
Step Author::Symbol(int64_t now) {
  Step step = Of(KOBLE_CMD_SYMBOL, now, 0);
  step.data = "symbol " + std::to_string(random_.Below(400));
  return step;
}

// One thing, now and then out of range.
Step Author::Change(const engine::Engine& engine, int64_t now) {
  Step step = Of(KOBLE_CMD_CONTACT_CHANGE, now, Pick(engine, KOBLE_KIND_CONTACT));
  step.command.code = uint32_t{1} << random_.Below(6);
  if (random_.Percent(30)) step.command.code |= KOBLE_CHANGE_RELATIVE;
  if ((step.command.code & KOBLE_CHANGE_PRIORITY) != 0) step.command.a = random_.Between(-20, 40) * KOBLE_POINT / 2;
  if ((step.command.code & KOBLE_CHANGE_CREDIT) != 0) step.command.b = random_.Between(-5, 60) * kSecond;
  if ((step.command.code & KOBLE_CHANGE_MAX_WAIT) != 0) step.command.c = random_.Between(0, 60) * kSecond;
  if ((step.command.code & KOBLE_CHANGE_ATTRIBUTES) != 0) AddAttributes(&step);
  return step;
}

// Mostly in any of its queues; now and then insisted on, or accepted at once.
Step Author::HostOffer(const engine::Engine& engine, int64_t now) {
  Step step = Of(KOBLE_CMD_OFFER_MAKE, now, Pick(engine, KOBLE_KIND_CONTACT));
  step.command.agent = Pick(engine, KOBLE_KIND_AGENT);
  step.command.queue = random_.Percent(90) ? KOBLE_QUEUE_NONE : static_cast<uint32_t>(random_.Below(4));
  if (random_.Percent(30)) step.command.code = static_cast<uint32_t>(random_.Below(5));
  return step;
}

// For a time, for good, or back to his own.
Step Author::Skill(const engine::Engine& engine, int64_t now) {
  const koble_id agent = PickAgent(engine);
  const int64_t level = random_.Percent(20) ? KOBLE_SKILL_OWN : random_.Between(0, 4);
  Step step = Of(KOBLE_CMD_AGENT_SKILL, now, agent, 0, level);
  if (level != KOBLE_SKILL_OWN) step.command.b = random_.Percent(30) ? KOBLE_NEVER : random_.Between(1, 60) * kSecond;
  step.data = random_.Of(plan_.skills);
  return step;
}

// Of an extra agent, or under a given name.
Step Author::Definition(int64_t now, const char* name) {
  static constexpr const char* kProfiles[] = {"all", "voice", "desk", "volunteer"};
  Step step = Of(KOBLE_CMD_AGENT_ADD, now, 0);
  const std::string whose = name != nullptr ? name : "extra " + std::to_string(added_++ % 40);
  step.data = "{\"name\": \"" + whose + "\", \"profile\": \"";
  step.data += kProfiles[random_.Below(4)];
  step.data += "\", \"skills\": {\"no\": ";
  step.data += std::to_string(random_.Below(4));
  step.data += ", \"en\": ";
  step.data += std::to_string(random_.Below(4));
  step.data += ", \"vip\": ";
  step.data += std::to_string(random_.Below(3));
  step.data += ", \"fr\": ";
  step.data += std::to_string(random_.Below(3));
  step.data += "}}";
  return step;
}

// Nearly everything that lives, and something that may have ended.
Step Author::Reconcile(const engine::Engine& engine, int64_t now) {
  Step step = Of(KOBLE_CMD_RECONCILE, now, 0);
  const auto add = [&](uint32_t kind) {
    std::vector<koble_id> living(engine.List(kind, {})), ids;
    engine.List(kind, living);
    for (const koble_id id : living) {
      if (!random_.Percent(10)) ids.push_back(id);
    }
    if (!seen_[kind].empty() && random_.Percent(30)) ids.push_back(random_.Of(seen_[kind]));
    step.data.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(koble_id));
    return static_cast<uint32_t>(ids.size());
  };
  step.command.code = add(KOBLE_KIND_CONTACT);
  add(KOBLE_KIND_OFFER);
  add(KOBLE_KIND_ENGAGEMENT);
  return step;
}

// At most one draw in an expression: compilers differ in the order in which they evaluate arguments.
Step Author::Next(const engine::Engine& engine) {
  const int64_t now = Time(engine);
  switch (random_.Weighted(
      {200, 200, 200, 60, 90, 90, 40, 30, 30, 20, 20, 30, 12, 40, 20, 40, 1, 1, 2, 8, 20, 20, 20, 60, 30, 20, 20})) {
    case 0:
      return Arrival(engine, now);
    case 1: {
      // Half of the time one who is served, so that the agents come free.
      koble_engagement_info served{};
      const koble_id engagement = Pick(engine, KOBLE_KIND_ENGAGEMENT);
      const bool end = random_.Percent(60) && engine.Engagement(engagement, &served) == KOBLE_OK;
      const koble_id contact = end ? served.contact : Pick(engine, KOBLE_KIND_CONTACT);
      return Of(KOBLE_CMD_CONTACT_GONE, now, contact, static_cast<uint32_t>(random_.Between(1, 3)));
    }
    case 2:
      return Of(KOBLE_CMD_OFFER_ACCEPT, now, Pick(engine, KOBLE_KIND_OFFER));
    case 3: {
      const koble_id offer = Pick(engine, KOBLE_KIND_OFFER);
      return Of(KOBLE_CMD_OFFER_END, now, offer, static_cast<uint32_t>(random_.Between(2, 6)));
    }
    case 4:
      return Of(KOBLE_CMD_CONNECTED, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 5: {
      const auto presence = static_cast<uint32_t>(random_.Weighted({1, 6, 2}));
      const koble_id agent = PickAgent(engine);
      return Of(KOBLE_CMD_AGENT_PRESENCE, now, agent, presence,
                presence == KOBLE_PRESENCE_BREAK ? random_.Between(0, 2) : 0);
    }
    case 6: {
      const koble_id agent = PickAgent(engine);
      const auto channels = static_cast<uint32_t>(random_.Below(4));
      return Of(KOBLE_CMD_AGENT_REQUEST, now, agent, channels,
                random_.Percent(50) ? 0 : now + random_.Between(1, 60) * kSecond);
    }
    case 7:
      return Of(KOBLE_CMD_CONNECT_FAILED, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 8:
      return Of(KOBLE_CMD_WRAP_UP_END, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 9:
      return Of(KOBLE_CMD_HOLD, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 10:
      return Of(KOBLE_CMD_RETRIEVE, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 11:
      return Definition(now);
    case 12:
      return Of(KOBLE_CMD_AGENT_REMOVE, now, PickAgent(engine));
    case 13:
      return Of(KOBLE_CMD_AGENT_REQUEST_CANCEL, now, PickAsking(engine));
    case 14: {
      const koble_id agent = PickAgent(engine);
      const char* name = engine.AgentName(agent);
      Step step = Definition(now, random_.Percent(80) ? name : nullptr);
      step.command.kind = KOBLE_CMD_AGENT_CHANGE;
      step.command.target = agent;
      return step;
    }
    case 15:
      return Of(KOBLE_CMD_ADVANCE, now, 0);
    case 16:
      return Of(KOBLE_CMD_RESUME, now, 0, 0, 0);
    case 17: {
      Step step = Of(KOBLE_CMD_PLAN_REPLACE, now, 0);
      step.data = plan_text_;
      return step;
    }
    case 18:
      return Reconcile(engine, now);
    case 19:
      return Symbol(now);
    case 20:
      return Change(engine, now);
    case 21:
      return Of(KOBLE_CMD_ENGAGEMENT_ACTIVITY, now, Pick(engine, KOBLE_KIND_ENGAGEMENT));
    case 22: {
      const koble_id engagement = Pick(engine, KOBLE_KIND_ENGAGEMENT);
      const bool comes_back = random_.Percent(50);
      return Of(KOBLE_CMD_ENGAGEMENT_PARK, now, engagement, 0, comes_back ? now + random_.Between(1, 60) * kSecond : 0);
    }
    case 23:
      return Of(KOBLE_CMD_CONTACT_REPLY, now, Pick(engine, KOBLE_KIND_CONTACT));
    case 24:
      return HostOffer(engine, now);
    case 25: {
      const koble_id contact = Pick(engine, KOBLE_KIND_CONTACT);
      Step step = Of(KOBLE_CMD_CONTACT_PLACE, now, contact, static_cast<uint32_t>(random_.Below(6)));
      step.command.queue =
          random_.Percent(70) ? KOBLE_QUEUE_NONE : static_cast<uint32_t>(random_.Below(plan_.queues.size()));
      return step;
    }
    default:
      return Skill(engine, now);
  }
}

void Author::Look(std::span<const koble_event> events) {
  for (const koble_event& event : events) {
    for (const koble_id id : {event.contact, event.agent, event.offer, event.engagement}) {
      if (id == 0) continue;
      std::vector<koble_id>& seen = seen_[KOBLE_ID_KIND(id)];
      if (seen.size() == kRemembered) seen.erase(seen.begin());
      seen.push_back(id);
    }
  }
}

}  // namespace koble::determinism
