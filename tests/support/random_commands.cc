// The commands of random runs, one function each.
#include <algorithm>

#include "support/run_author.h"

namespace koble::testing {

void RunAuthor::Fill(Command* out) {
  koble_command& command = out->command;
  switch (command.kind) {
    case KOBLE_CMD_ADVANCE:
      return;
    case KOBLE_CMD_RESUME:
      if (random_.Percent(60)) command.a = std::max<int64_t>(command.time_ns - random_.Between(0, 20) * kSecond, 0);
      return;
    case KOBLE_CMD_PLAN_REPLACE:
      return FillPlan(out);
    case KOBLE_CMD_AGENT_ADD:
      return FillAgentAdd(out);
    case KOBLE_CMD_AGENT_CHANGE:
      return FillAgentChange(out);
    case KOBLE_CMD_AGENT_PRESENCE:
      return FillPresence(out);
    case KOBLE_CMD_AGENT_REQUEST:
      return FillRequest(out);
    case KOBLE_CMD_AGENT_REQUEST_CANCEL:
      command.target = Target(router_->agents(), [](const reference::Agent& agent) { return agent.requests; });
      return;
    case KOBLE_CMD_AGENT_REMOVE:
      command.target = Agent();
      return;
    case KOBLE_CMD_CONTACT_ARRIVE:
      FillAttributes(out);
      return FillArrival(out);
    case KOBLE_CMD_SYMBOL:
      return FillSymbol(out);
    case KOBLE_CMD_CONTACT_CHANGE:
      return FillChange(out);
    case KOBLE_CMD_AGENT_SKILL:
      return FillSkill(out);
    case KOBLE_CMD_CONTACT_PLACE:
      return FillPlace(out);
    case KOBLE_CMD_CONTACT_GONE:
      command.target = Target(router_->contacts(), [](const reference::Contact&) { return true; });
      command.code = random_.Of({KOBLE_BY_CUSTOMER, KOBLE_BY_AGENT, KOBLE_BY_HOST});
      return;
    case KOBLE_CMD_OFFER_END:
      command.code = random_.Of({KOBLE_OUTCOME_DECLINED, KOBLE_OUTCOME_DECLINED, KOBLE_OUTCOME_BUSY,
                                 KOBLE_OUTCOME_UNREACHABLE, KOBLE_OUTCOME_NO_ANSWER, KOBLE_OUTCOME_FAILED});
      [[fallthrough]];
    case KOBLE_CMD_OFFER_ACCEPT:
      command.target = Target(router_->offers(), [](const reference::Offer&) { return true; });
      return;
    case KOBLE_CMD_OFFER_MAKE:
      return FillHostOffer(&command);
    case KOBLE_CMD_RECONCILE:
      return FillReconcile(out);
    case KOBLE_CMD_HOLD:
      command.target = InState(KOBLE_ENGAGEMENT_ACTIVE);
      return;
    case KOBLE_CMD_RETRIEVE:
      command.target = InState(KOBLE_ENGAGEMENT_HELD);
      return;
    case KOBLE_CMD_ENGAGEMENT_ACTIVITY:
      command.target = Target(router_->engagements(), [](const reference::Engagement& one) {
        return one.state == KOBLE_ENGAGEMENT_ACTIVE || reference::Aside(one);
      });
      return;
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return FillParking(&command);
    case KOBLE_CMD_CONTACT_REPLY:
      command.target = Target(router_->contacts(), [](const reference::Contact& contact) {
        return contact.state == KOBLE_CONTACT_SILENT || contact.state == KOBLE_CONTACT_PARKED;
      });
      return;
    case KOBLE_CMD_WRAP_UP_END:
      command.target = InState(KOBLE_ENGAGEMENT_WRAPPING);
      return;
    default:
      command.target = InState(KOBLE_ENGAGEMENT_CONNECTING);
      return;
  }
}

// Mostly of a channel that lets itself be parked; without an end, to a time near by, or to one that has passed.
void RunAuthor::FillParking(koble_command* command) {
  command->target = Target(router_->engagements(), [this](const reference::Engagement& one) {
    return router_->plan().channels[one.channel].park && one.state != KOBLE_ENGAGEMENT_WRAPPING;
  });
  if (random_.Percent(40)) return;
  const int64_t length = random_.Of({1, 5, 5, 10, 60}) * kSecond;
  command->a = command->time_ns + length;
  if (random_.Percent(3)) command->a = random_.Of({command->time_ns, int64_t{1}, KOBLE_TIME_MAX});
  if (shape_.hostile && random_.Percent(2)) command->a = random_.Of({int64_t{-1}, KOBLE_TIME_MAX + 1, KOBLE_NEVER});
}

void RunAuthor::FillHostOffer(koble_command* command) {
  command->target = Target(router_->contacts(), [](const reference::Contact& contact) {
    return contact.state == KOBLE_CONTACT_WAITING && contact.retry_until == 0;
  });
  command->agent = Target(router_->agents(), [](const reference::Agent& agent) {
    return agent.presence == KOBLE_PRESENCE_AVAILABLE && agent.penalised_until == 0;
  });
  command->queue = KOBLE_QUEUE_NONE;
  if (random_.Percent(40)) command->queue = static_cast<uint32_t>(random_.Below(router_->plan().queue_count + 1));
  for (const reference::Contact& contact : router_->contacts()) {
    const bool named = contact.id == command->target && !contact.standings.empty();
    if (named && random_.Percent(50)) command->queue = random_.Of(contact.standings).queue;
  }
  if (random_.Percent(40)) command->code = random_.Of<uint32_t>({KOBLE_OFFER_INSIST, KOBLE_OFFER_ACCEPTED, 3});
  if (shape_.hostile && random_.Percent(1)) command->code = random_.Of<uint32_t>({4, UINT32_MAX});
}

// Everything that lives, most of it, or nothing; now and then twice, or what has ended, is in its wrap-up or never was.
void RunAuthor::FillReconcile(Command* out) {
  const unsigned percent = random_.Of({100u, 100u, 95u, 70u, 30u, 0u});
  std::vector<koble_id> contacts, legs;
  for (const reference::Contact& contact : router_->contacts()) {
    if (random_.Percent(percent)) contacts.push_back(contact.id);
  }
  for (const reference::Offer& offer : router_->offers()) {
    if (random_.Percent(percent)) legs.push_back(offer.id);
  }
  for (const reference::Engagement& engagement : router_->engagements()) {
    if (random_.Percent(percent)) legs.push_back(random_.Percent(50) ? engagement.id : engagement.offer);
  }
  for (koble_id id : seen_) {
    if (!random_.Percent(4)) continue;
    const uint32_t kind = KOBLE_ID_KIND(id);
    if (kind == KOBLE_KIND_CONTACT) contacts.push_back(id);
    if (kind == KOBLE_KIND_OFFER || kind == KOBLE_KIND_ENGAGEMENT) legs.push_back(id);
  }
  if (random_.Percent(20)) std::reverse(legs.begin(), legs.end());
  if (random_.Percent(10)) contacts.push_back(contacts.empty() ? 1 : contacts.front());
  if (shape_.hostile && random_.Percent(5)) (random_.Percent(50) ? contacts : legs).push_back(MadeUp());
  out->command.code = static_cast<uint32_t>(contacts.size());
  contacts.insert(contacts.end(), legs.begin(), legs.end());
  out->data.assign(reinterpret_cast<const char*>(contacts.data()), contacts.size() * sizeof(koble_id));
}

void RunAuthor::FillPlan(Command* out) {
  next_plan_text_ = ChangedPlan(plan_text_, &random_);
  if (shape_.default_outage) next_plan_text_.outage.clear();
  out->data = next_plan_text_.Json();
  if (!shape_.hostile || !random_.Percent(6)) return;
  next_plan_text_ = plan_text_;
  out->data = random_.Of<std::string>({"", "{", "KP", "null", out->data.substr(0, out->data.size() / 2)});
}

// Now and then one who is leaving comes back.
void RunAuthor::FillAgentAdd(Command* out) {
  std::string name = RandomAgentName(plan_text_, &random_);
  for (const reference::Agent& agent : router_->agents()) {
    if (agent.leaving && random_.Percent(30)) name = agent.definition.name;
  }
  out->data = RandomAgent(plan_text_, name, &random_);
}

void RunAuthor::FillAgentChange(Command* out) {
  out->command.target = Agent();
  std::string name = RandomAgentName(plan_text_, &random_);
  for (const reference::Agent& agent : router_->agents()) {
    if (agent.id == out->command.target && !random_.Percent(4)) name = agent.definition.name;
  }
  out->data = RandomAgent(plan_text_, name, &random_);
  // As listed: often the very definition he has.
  for (const Entry& entry : plan_text_.agents) {
    if (entry.name == name && random_.Percent(25)) out->data = entry.json;
  }
  if (shape_.hostile && random_.Percent(4)) {
    out->data = random_.Of<std::string>({"", "{}", R"({"name": "A", "skills": {"xx": 1}})"});
  }
}

void RunAuthor::FillPresence(Command* out) {
  koble_command& command = out->command;
  command.code = KOBLE_PRESENCE_AVAILABLE;
  if (random_.Percent(30)) command.code = random_.Of({KOBLE_PRESENCE_OFFLINE, KOBLE_PRESENCE_BREAK});
  if (command.code == KOBLE_PRESENCE_BREAK) command.a = random_.Between(0, 2);
  if (random_.Percent(2)) command.a = random_.Of({INT64_MIN, INT64_MAX, int64_t{-1}});
  const bool available = command.code == KOBLE_PRESENCE_AVAILABLE;
  command.target = Target(router_->agents(), [&](const reference::Agent& agent) {
    return !agent.leaving && (agent.presence == KOBLE_PRESENCE_AVAILABLE) != available;
  });
  if (!random_.Percent(10)) return;
  // The presence that he has, with the same reason or another.
  for (const reference::Agent& agent : router_->agents()) {
    if (agent.leaving || !random_.Percent(30)) continue;
    command.target = agent.id;
    command.code = agent.presence;
    command.a = random_.Percent(60) ? 0 : agent.presence_reason;
  }
}

void RunAuthor::FillRequest(Command* out) {
  koble_command& command = out->command;
  command.target = Target(router_->agents(), [](const reference::Agent& agent) {
    return agent.can.pull && agent.presence == KOBLE_PRESENCE_AVAILABLE;
  });
  if (random_.Percent(40)) command.code = 1 + static_cast<uint32_t>(random_.Below(3));
  if (random_.Percent(2)) command.code = static_cast<uint32_t>(random_.Next());
  const int64_t now = router_->now();
  command.a = random_.Of({int64_t{0}, KOBLE_NEVER, now + kSecond, now + 5 * kSecond, now + 10 * kSecond, now});
}

void RunAuthor::FillArrival(Command* out) {
  koble_command& command = out->command;
  const std::span<const plan::Queue> queues = router_->plan().OwnQueues();
  command.host_ref = random_.Below(1000);
  command.queue = queues.empty() ? 0 : static_cast<uint32_t>(random_.Below(queues.size()));
  if (random_.Percent(25)) command.a = random_.Of({1, 1, 5, 10, 20}) * KOBLE_POINT;
  if (random_.Percent(15)) command.b = random_.Of({1, 5, 10, 30}) * kSecond;
  if (random_.Percent(1)) command.a = 1'000'000'000 * KOBLE_POINT;
  if (random_.Percent(1)) command.b = KOBLE_DURATION_MAX;
  if (shape_.hostile && random_.Percent(1)) command.queue = static_cast<uint32_t>(queues.size() + random_.Below(2));
  if (random_.Percent(6)) GiveSerial(&command);
  if (random_.Percent(10)) command.code = 1 + static_cast<uint32_t>(random_.Below(random_.Percent(80) ? 4 : 100));
  if (random_.Percent(25)) NameAgent(&command);
  if (!random_.Percent(35) || queues.empty()) return;
  std::vector<uint32_t> more;
  const auto channel = [&](uint32_t queue) { return router_->plan().channels[queues[queue].channel].channel; };
  for (uint32_t queue = 0; queue < queues.size(); ++queue) {
    const bool same_channel = command.queue < queues.size() && channel(queue) == channel(command.queue);
    const bool fits = queue != command.queue && same_channel;
    if (random_.Percent(fits ? 70 : (shape_.hostile ? 2 : 0))) more.push_back(queue);
  }
  if (random_.Percent(50)) std::reverse(more.begin(), more.end());
  for (uint32_t& queue : more) {
    if (command.target != 0 && random_.Percent(30)) queue = KOBLE_QUEUE_NONE;
    out->data.append(reinterpret_cast<const char*>(&queue), sizeof(queue));
  }
}

void RunAuthor::NameAgent(koble_command* command) {
  command->agent = Target(router_->agents(), [](const reference::Agent& agent) { return !agent.leaving; });
  if (random_.Percent(35)) return;
  const int64_t until = random_.Of({1, 5, 10, 20, 60}) * kSecond;
  command->c = random_.Percent(25) ? KOBLE_NEVER : until;
  if (random_.Percent(1)) command->c = random_.Of({int64_t{1}, KOBLE_DURATION_MAX});
  if (shape_.hostile && random_.Percent(2)) command->c = random_.Of({int64_t{-1}, KOBLE_DURATION_MAX + 1, INT64_MIN});
}

// As of a record that is played under a plan that may lack the queue. Rarely one of the last there are.
void RunAuthor::GiveSerial(koble_command* command) {
  const uint64_t last = router_->last_serial();
  command->target = last + 1 + random_.Below(3);
  if (random_.Percent(10)) command->target = last + random_.Below(uint64_t{1} << 40);
  if (shape_.hostile && random_.Percent(5)) command->target = random_.Of({last, last / 2, uint64_t{1}});
  if (shape_.limits && random_.Percent(1)) command->target = KOBLE_SERIAL_MAX + 1 - random_.Below(4);
  if (random_.Percent(25)) command->queue = KOBLE_QUEUE_NONE;
}

// Keys are mostly symbols; values are symbols, small numbers or anything.
void RunAuthor::FillAttributes(Command* out) {
  if (!random_.Percent(50)) return;
  const size_t symbols = router_->symbols().size();
  for (size_t count = random_.Below(random_.Percent(4) ? 19 : 4); count > 0; --count) {
    koble_attribute attribute{};
    attribute.key = static_cast<uint32_t>(1 + random_.Below(symbols + 1));
    if (!shape_.hostile || !random_.Percent(4)) {
      attribute.key = 1;  // the first that is free
      for (const koble_attribute& other : out->attributes) attribute.key = std::max(attribute.key, other.key + 1);
      attribute.key += static_cast<uint32_t>(random_.Below(2));
      if (attribute.key > symbols && !(shape_.hostile && random_.Percent(2))) break;
    } else if (random_.Percent(10)) {
      attribute.key = random_.Of({uint32_t{0}, UINT32_MAX});
    }
    attribute.value = random_.Between(0, static_cast<int64_t>(symbols) + 3);
    const std::vector<plan::Attribute>& declared = router_->plan().attributes;
    if (!declared.empty() && random_.Percent(70)) GiveDeclared(random_.Of(declared), *out, &attribute);
    if (random_.Percent(5)) attribute.value = static_cast<int64_t>(random_.Next());
    if (shape_.hostile && random_.Percent(1)) attribute.reserved = 1;
    out->attributes.push_back(attribute);
  }
  if (random_.Percent(50)) std::reverse(out->attributes.begin(), out->attributes.end());
}

// One that the plan declares, mostly with a value that it knows.
void RunAuthor::GiveDeclared(const plan::Attribute& declared, const Command& out, koble_attribute* attribute) {
  const uint32_t key = router_->FindSymbol(declared.name);
  for (const koble_attribute& other : out.attributes) {
    if (other.key == key) return;
  }
  attribute->key = key;
  if (declared.values.empty()) {
    attribute->value = random_.Between(-1, 4);
  } else if (random_.Percent(85)) {
    attribute->value = router_->FindSymbol(random_.Of(declared.values));
  }
}

// Mostly of one that waits; mostly one or two things.
void RunAuthor::FillChange(Command* out) {
  koble_command& command = out->command;
  const bool waiting = random_.Percent(75);
  command.target = Target(router_->contacts(), [&](const reference::Contact& contact) {
    return (contact.state == KOBLE_CONTACT_WAITING) == waiting;
  });
  do {
    for (const unsigned change : {KOBLE_CHANGE_PRIORITY, KOBLE_CHANGE_CREDIT, KOBLE_CHANGE_MAX_WAIT,
                                  KOBLE_CHANGE_ATTRIBUTES, KOBLE_CHANGE_REFUSALS, KOBLE_CHANGE_AGENT}) {
      if (random_.Percent(change == KOBLE_CHANGE_ATTRIBUTES ? 40 : 15)) command.code |= change;
    }
  } while (command.code == 0);
  const bool relative = random_.Percent(25);
  if (relative) command.code |= KOBLE_CHANGE_RELATIVE;
  if ((command.code & KOBLE_CHANGE_PRIORITY) != 0) {
    command.a = random_.Of({0, 1, 5, 10, 20}) * KOBLE_POINT;
    if (random_.Percent(1)) command.a = 1'000'000'000 * KOBLE_POINT;
    if (relative && random_.Percent(50)) command.a = -command.a;
  }
  if ((command.code & KOBLE_CHANGE_CREDIT) != 0) {
    command.b = random_.Of({0, 1, 5, 10, 30}) * kSecond;
    if (random_.Percent(1)) command.b = KOBLE_DURATION_MAX;
    if (relative && random_.Percent(50)) command.b = -command.b;
  }
  if ((command.code & KOBLE_CHANGE_MAX_WAIT) != 0) {
    const int64_t wait = random_.Of({1, 5, 10, 60}) * kSecond;
    command.c = random_.Percent(25) ? KOBLE_NEVER : wait;
    if (random_.Percent(2)) command.c = random_.Of({int64_t{1}, KOBLE_DURATION_MAX});
    if (shape_.hostile && random_.Percent(2)) command.c = random_.Of({int64_t{0}, int64_t{-1}, INT64_MIN});
  }
  if ((command.code & KOBLE_CHANGE_ATTRIBUTES) != 0) {
    FillAttributes(out);
    RemoveAttributes(out);
  }
  if (shape_.hostile && random_.Percent(2)) command.code = static_cast<uint32_t>(random_.Below(256));
}

// Mostly a skill that the plan has, for a time or for good; now and then back to his own.
void RunAuthor::FillSkill(Command* out) {
  koble_command& command = out->command;
  command.target = Agent();
  const std::vector<std::string>& skills = router_->plan().skills;
  out->data = skills.empty() || random_.Percent(2) ? "xx" : random_.Of(skills);
  if (random_.Percent(20)) {
    command.a = KOBLE_SKILL_OWN;
  } else {
    command.a = random_.Between(0, 4);
    const int64_t length = random_.Of({1, 5, 10, 10, 20}) * kSecond;
    command.b = random_.Percent(30) ? KOBLE_NEVER : length;
    if (random_.Percent(1)) command.b = random_.Of({int64_t{1}, KOBLE_DURATION_MAX});
  }
  if (!shape_.hostile || !random_.Percent(4)) return;
  command.a = random_.Of({int64_t{-2}, int64_t{1'000'001}, KOBLE_SKILL_OWN, int64_t{0}});
  command.b = random_.Of({int64_t{0}, int64_t{-1}, KOBLE_NEVER});
}

// Mostly near the front, in all of its queues or in one of them.
void RunAuthor::FillPlace(Command* out) {
  koble_command& command = out->command;
  const bool waiting = random_.Percent(85);
  command.target = Target(router_->contacts(), [&](const reference::Contact& contact) {
    return (contact.state == KOBLE_CONTACT_WAITING) == waiting;
  });
  command.code = static_cast<uint32_t>(random_.Below(random_.Percent(80) ? 5 : 100));
  if (random_.Percent(10)) command.code = UINT32_MAX;
  command.queue = KOBLE_QUEUE_NONE;
  for (const reference::Contact& contact : router_->contacts()) {
    if (contact.id != command.target || contact.standings.empty() || random_.Percent(50)) continue;
    command.queue = random_.Of(contact.standings).queue;
  }
  if (shape_.hostile && random_.Percent(4)) command.queue = static_cast<uint32_t>(random_.Below(9));
}

// Mostly keys that the contact has and that are not set.
void RunAuthor::RemoveAttributes(Command* out) {
  const auto remove = [&](uint32_t key) { out->data.append(reinterpret_cast<const char*>(&key), sizeof(key)); };
  const auto is_set = [&](uint32_t key) {
    return std::any_of(out->attributes.begin(), out->attributes.end(),
                       [&](const koble_attribute& attribute) { return attribute.key == key; });
  };
  for (const reference::Contact& contact : router_->contacts()) {
    if (contact.id != out->command.target) continue;
    for (const auto& [key, value] : contact.attributes) {
      if (random_.Percent(25) && !is_set(key)) remove(key);
    }
  }
  if (shape_.hostile && random_.Percent(4)) remove(static_cast<uint32_t>(random_.Below(10)));
}

void RunAuthor::FillSymbol(Command* out) {
  out->data = RandomSymbol(&random_);
  if (!shape_.hostile || !random_.Percent(12)) return;
  const std::vector<std::string> odd = {
      "",     std::string(255, 'x'), std::string(256, 'x'), std::string("a\0b", 3), "a\nb", "\xff", "\xc3\xa6\xc3",
      "\x7f", "\xc3\xa6\xc3\xb8"};
  out->data = random_.Of(odd);
}

}  // namespace koble::testing
