#include "support/random_run.h"

#include <algorithm>
#include <stdexcept>

#include "support/policies.h"

namespace koble::testing {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kManyContacts = 40;
constexpr size_t kManyContactsLarge = 300;

class Author {
 public:
  Author(uint64_t seed, const RunShape& shape) : random_(seed), shape_(shape) {}

  Script Write() {
    plan_text_ = RandomPlan(shape_.large, &random_);
    if (shape_.default_outage) plan_text_.outage.clear();
    run_.plan = plan_text_.Json();
    ChooseOptions();
    int32_t code = KOBLE_OK;
    std::string report;
    const std::shared_ptr<const plan::Plan> plan = plan::Load(run_.plan, &report, &code);
    if (plan == nullptr) throw std::logic_error("the generator wrote a plan that is not valid: " + report + run_.plan);
    router_ = std::make_unique<reference::Router>(plan, run_.options);
    SetPolicies(router_.get());
    while (run_.commands.size() < shape_.commands) Step();
    return std::move(run_);
  }

 private:
  void ChooseOptions() {
    reference::Options& options = run_.options;
    options.seed = random_.Next();
    options.start_ns = random_.Of({int64_t{0}, int64_t{0}, int64_t{1}, 1'700'000'000 * kSecond});
    options.clamp_time = random_.Percent(40);
    if (!shape_.limits) return;
    if (random_.Percent(15)) options.max_step_ns = random_.Of({60 * kSecond, 3600 * kSecond});
    if (random_.Percent(15)) options.max_contacts = random_.Of({uint64_t{3}, uint64_t{10}});
    if (random_.Percent(15)) options.max_agents = plan_text_.agents.size() + 1 + random_.Below(3);
  }

  void Step() {
    if (burst_left_ > 0) {
      --burst_left_;
    } else {
      time_ = Time();
      kind_ = Kind();
      if (random_.Percent(4)) burst_left_ = static_cast<size_t>(random_.Between(2, 9));
    }
    Command command;
    command.command.kind = kind_;
    command.command.time_ns = time_;
    Fill(&command);
    command.command.data_size = static_cast<uint32_t>(command.data.size());
    command.command.attributes_count = static_cast<uint32_t>(command.attributes.size());
    if (shape_.hostile && random_.Percent(2)) Spoil(&command);

    koble_result result;
    std::vector<koble_event> events;
    router_->Apply(command.command, command.data, command.attributes, &result, &events);
    if (result.code == KOBLE_OK && command.command.kind == KOBLE_CMD_PLAN_REPLACE) plan_text_ = next_plan_text_;
    for (const koble_event& event : events) {
      for (koble_id id : {event.contact, event.agent, event.offer, event.engagement}) Remember(id);
    }
    run_.commands.push_back(std::move(command));
  }

  void Remember(koble_id id) {
    if (id == 0 || std::find(seen_.begin(), seen_.end(), id) != seen_.end()) return;
    if (seen_.size() < 200) {
      seen_.push_back(id);
    } else {
      seen_[random_.Below(seen_.size())] = id;
    }
  }

  // Often the same instant again, or at, just before or just after the next deadline.
  int64_t Time() {
    const int64_t now = router_->now();
    const int64_t next = router_->NextDeadline();
    const bool near = next != KOBLE_NEVER && (next - now < 3600 * kSecond || random_.Percent(2));
    switch (random_.Weighted({45, 20, 8, 10, 3, 3, 3, 1, 2})) {
      case 0:
        return now;
      case 1:
        return now + random_.Between(0, 3) * kSecond;
      case 2:
        return now + random_.Between(0, 6) * (kSecond / 2);
      case 3:
        return near ? next : now;
      case 4:
        return near ? next - 1 : now + 1;
      case 5:
        return near ? next + 1 : now + kSecond;
      case 6:
        return now + random_.Between(10, 90) * kSecond;
      case 7:
        return now + random_.Between(1, 30) * 60 * kSecond;
      default:
        return shape_.hostile ? std::max<int64_t>(now - random_.Between(0, 5) * kSecond, 0) : now;
    }
  }

  size_t Count(bool (*matches)(const reference::Engagement&)) const {
    return static_cast<size_t>(std::count_if(router_->engagements().begin(), router_->engagements().end(), matches));
  }

  uint32_t Kind() {
    const auto offline = std::count_if(router_->agents().begin(), router_->agents().end(), [](const auto& agent) {
      return agent.presence != KOBLE_PRESENCE_AVAILABLE && !agent.leaving;
    });
    const size_t connecting =
        Count([](const reference::Engagement& one) { return one.state == KOBLE_ENGAGEMENT_CONNECTING; });
    const size_t wrapping =
        Count([](const reference::Engagement& one) { return one.state == KOBLE_ENGAGEMENT_WRAPPING; });
    const bool served = router_->engagements().size() > connecting + wrapping;
    const bool aside = Count(reference::Aside) > 0;
    const bool ringing = !router_->offers().empty();
    const bool pull = std::any_of(router_->agents().begin(), router_->agents().end(),
                                  [](const auto& agent) { return agent.can.pull; });
    const std::vector<plan::Queue>& queues = router_->plan().queues;
    const bool external = std::any_of(queues.begin(), queues.end(), [](const plan::Queue& queue) {
      return queue.mode == plan::OfferMode::kExternal;
    });
    const size_t many = shape_.large ? kManyContactsLarge : kManyContacts;
    const std::vector<std::pair<uint32_t, unsigned>> weights = {
        {KOBLE_CMD_ADVANCE, 30},
        {KOBLE_CMD_RESUME, shape_.resumes ? 6 : 0},
        {KOBLE_CMD_PLAN_REPLACE, shape_.plan_changes ? 8 : 0},
        {KOBLE_CMD_AGENT_ADD, router_->agents().size() < (shape_.large ? 40 : 4) ? 30 : 8},
        {KOBLE_CMD_AGENT_CHANGE, 8},
        {KOBLE_CMD_AGENT_REMOVE, 4},
        {KOBLE_CMD_AGENT_PRESENCE, 20 + 20 * static_cast<unsigned>(std::min<ptrdiff_t>(offline, 8))},
        {KOBLE_CMD_AGENT_SKILL, router_->plan().skills.empty() ? 1 : 25},
        {KOBLE_CMD_AGENT_REQUEST, pull ? 30 : 1},
        {KOBLE_CMD_AGENT_REQUEST_CANCEL, pull ? 3 : 1},
        {KOBLE_CMD_CONTACT_ARRIVE, router_->contacts().size() < many ? 100 : 15},
        {KOBLE_CMD_CONTACT_GONE, 35},
        {KOBLE_CMD_OFFER_MAKE, external ? 60 : 4},
        {KOBLE_CMD_OFFER_ACCEPT, ringing ? 80 : 1},
        {KOBLE_CMD_OFFER_END, ringing ? 70 : 1},
        {KOBLE_CMD_CONNECTED, connecting > 0 ? 40 : 1},
        {KOBLE_CMD_CONNECT_FAILED, connecting > 0 ? 40 : 1},
        {KOBLE_CMD_HOLD, served ? 8 : 1},
        {KOBLE_CMD_RETRIEVE, served ? 8 : 1},
        {KOBLE_CMD_WRAP_UP_END, wrapping > 0 ? 25 : 1},
        {KOBLE_CMD_RECONCILE, shape_.resumes ? 8 : 0},
        {KOBLE_CMD_SYMBOL, 5},
        {KOBLE_CMD_CONTACT_CHANGE, router_->contacts().empty() ? 1 : 25},
        {KOBLE_CMD_ENGAGEMENT_ACTIVITY, served ? 20 : 1},
        {KOBLE_CMD_ENGAGEMENT_PARK, served ? 15 : 1},
        {KOBLE_CMD_CONTACT_REPLY, aside ? 50 : 3},
        {KOBLE_CMD_CONTACT_PLACE, router_->contacts().size() < 2 ? 1 : 20},
    };
    std::vector<unsigned> numbers;
    for (const auto& [kind, weight] : weights) numbers.push_back(weight);
    return weights[random_.Weighted(numbers)].first;
  }

  koble_id MadeUp() {
    switch (random_.Below(5)) {
      case 0:
        return 0;
      case 1:
        return random_.Next();
      case 2: {  // the right kind, a slot and a generation that may have been; one draw in an expression
        const uint64_t kind = random_.Below(6);
        const uint64_t slot = random_.Below(8);
        return kind << 60 | slot << 32 | random_.Below(6);
      }
      case 3:
        return seen_.empty() ? 0 : random_.Of(seen_) + 1;
      default:
        return seen_.empty() ? 1 : random_.Of(seen_);
    }
  }

  // One of the living that `suits`; rarely any living one, one that has ended, or an id that never was.
  template <typename List, typename Suits>
  koble_id Target(const List& list, Suits suits) {
    if (shape_.hostile && random_.Percent(7)) return MadeUp();
    const bool any = random_.Percent(8);
    std::vector<koble_id> ids;
    for (const auto& one : list) {
      if (any || suits(one)) ids.push_back(one.id);
    }
    if (!ids.empty()) return random_.Of(ids);
    return shape_.hostile || list.empty() ? MadeUp() : list.front().id;
  }

  koble_id InState(uint32_t state) {
    return Target(router_->engagements(), [&](const reference::Engagement& one) { return one.state == state; });
  }
  koble_id Agent() {
    return Target(router_->agents(), [](const reference::Agent& agent) { return !agent.leaving; });
  }

  void Fill(Command* out) {
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
  void FillParking(koble_command* command) {
    command->target = Target(router_->engagements(), [this](const reference::Engagement& one) {
      return router_->plan().channels[one.channel].park && one.state != KOBLE_ENGAGEMENT_WRAPPING;
    });
    if (random_.Percent(40)) return;
    const int64_t length = random_.Of({1, 5, 5, 10, 60}) * kSecond;
    command->a = command->time_ns + length;
    if (random_.Percent(3)) command->a = random_.Of({command->time_ns, int64_t{1}, KOBLE_TIME_MAX});
    if (shape_.hostile && random_.Percent(2)) command->a = random_.Of({int64_t{-1}, KOBLE_TIME_MAX + 1, KOBLE_NEVER});
  }

  void FillHostOffer(koble_command* command) {
    command->target = Target(router_->contacts(), [](const reference::Contact& contact) {
      return contact.state == KOBLE_CONTACT_WAITING && contact.retry_until == 0;
    });
    command->agent = Target(router_->agents(), [](const reference::Agent& agent) {
      return agent.presence == KOBLE_PRESENCE_AVAILABLE && agent.penalised_until == 0;
    });
    command->queue = KOBLE_QUEUE_NONE;
    if (random_.Percent(40)) command->queue = static_cast<uint32_t>(random_.Below(router_->plan().queues.size() + 1));
    for (const reference::Contact& contact : router_->contacts()) {
      const bool named = contact.id == command->target && !contact.standings.empty();
      if (named && random_.Percent(50)) command->queue = random_.Of(contact.standings).queue;
    }
    if (random_.Percent(40)) command->code = random_.Of<uint32_t>({KOBLE_OFFER_INSIST, KOBLE_OFFER_ACCEPTED, 3});
    if (shape_.hostile && random_.Percent(1)) command->code = random_.Of<uint32_t>({4, UINT32_MAX});
  }

  // Everything that lives, most of it, or nothing; now and then twice, or what has ended, is in its wrap-up or never was.
  void FillReconcile(Command* out) {
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

  void FillPlan(Command* out) {
    next_plan_text_ = ChangedPlan(plan_text_, &random_);
    if (shape_.default_outage) next_plan_text_.outage.clear();
    out->data = next_plan_text_.Json();
    if (!shape_.hostile || !random_.Percent(6)) return;
    next_plan_text_ = plan_text_;
    out->data = random_.Of<std::string>({"", "{", "KP", "null", out->data.substr(0, out->data.size() / 2)});
  }

  // Now and then one who is leaving comes back.
  void FillAgentAdd(Command* out) {
    std::string name = RandomAgentName(plan_text_, &random_);
    for (const reference::Agent& agent : router_->agents()) {
      if (agent.leaving && random_.Percent(30)) name = agent.definition.name;
    }
    out->data = RandomAgent(plan_text_, name, &random_);
  }

  void FillAgentChange(Command* out) {
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

  void FillPresence(Command* out) {
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

  void FillRequest(Command* out) {
    koble_command& command = out->command;
    command.target = Target(router_->agents(), [](const reference::Agent& agent) {
      return agent.can.pull && agent.presence == KOBLE_PRESENCE_AVAILABLE;
    });
    if (random_.Percent(40)) command.code = 1 + static_cast<uint32_t>(random_.Below(3));
    if (random_.Percent(2)) command.code = static_cast<uint32_t>(random_.Next());
    const int64_t now = router_->now();
    command.a = random_.Of({int64_t{0}, KOBLE_NEVER, now + kSecond, now + 5 * kSecond, now + 10 * kSecond, now});
  }

  void FillArrival(Command* out) {
    koble_command& command = out->command;
    const std::vector<plan::Queue>& queues = router_->plan().queues;
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

  void NameAgent(koble_command* command) {
    command->agent = Target(router_->agents(), [](const reference::Agent& agent) { return !agent.leaving; });
    if (random_.Percent(35)) return;
    const int64_t until = random_.Of({1, 5, 10, 20, 60}) * kSecond;
    command->c = random_.Percent(25) ? KOBLE_NEVER : until;
    if (random_.Percent(1)) command->c = random_.Of({int64_t{1}, KOBLE_DURATION_MAX});
    if (shape_.hostile && random_.Percent(2)) command->c = random_.Of({int64_t{-1}, KOBLE_DURATION_MAX + 1, INT64_MIN});
  }

  // As of a record that is played under a plan that may lack the queue. Rarely one of the last there are.
  void GiveSerial(koble_command* command) {
    const uint64_t last = router_->last_serial();
    command->target = last + 1 + random_.Below(3);
    if (random_.Percent(10)) command->target = last + random_.Below(uint64_t{1} << 40);
    if (shape_.hostile && random_.Percent(5)) command->target = random_.Of({last, last / 2, uint64_t{1}});
    if (shape_.limits && random_.Percent(1)) command->target = KOBLE_SERIAL_MAX + 1 - random_.Below(4);
    if (random_.Percent(25)) command->queue = KOBLE_QUEUE_NONE;
  }

  // Keys are mostly symbols; values are symbols, small numbers or anything.
  void FillAttributes(Command* out) {
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
  void GiveDeclared(const plan::Attribute& declared, const Command& out, koble_attribute* attribute) {
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
  void FillChange(Command* out) {
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
  void FillSkill(Command* out) {
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
  void FillPlace(Command* out) {
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
  void RemoveAttributes(Command* out) {
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

  void FillSymbol(Command* out) {
    out->data = RandomSymbol(&random_);
    if (!shape_.hostile || !random_.Percent(12)) return;
    const std::vector<std::string> odd = {
        "",     std::string(255, 'x'), std::string(256, 'x'), std::string("a\0b", 3), "a\nb", "\xff", "\xc3\xa6\xc3",
        "\x7f", "\xc3\xa6\xc3\xb8"};
    out->data = random_.Of(odd);
  }

  // One member set to something it must not be; some of it lands on a member that is free.
  void Spoil(Command* out) {
    koble_command& command = out->command;
    const int64_t odd = random_.Of({int64_t{-1}, int64_t{1}, INT64_MIN, INT64_MAX, KOBLE_TIME_MAX + 1, int64_t{7}});
    switch (random_.Below(16)) {
      case 0:
        command.kind = random_.Of<uint32_t>({0, KOBLE_CMD_COUNT_, 100, UINT32_MAX});
        break;
      case 1:
        command.code = random_.Of<uint32_t>({0, 1, 3, 4, 7, 8, 9, UINT32_MAX});
        break;
      case 2:
        command.target = MadeUp();
        break;
      case 3:
        command.host_ref = 1;
        break;
      case 4:
        command.a = odd;
        break;
      case 5:
        command.b = odd;
        break;
      case 6:
        command.queue = random_.Of<uint32_t>({1, 99, UINT32_MAX});
        break;
      case 7:
        command.data_size += 1;
        break;
      case 8:
        command.data_offset = random_.Of<uint64_t>({1, UINT64_MAX, UINT64_MAX - 3});
        break;
      case 9:
        command.attributes_count += 1;
        break;
      case 10:
        command.attributes_offset = random_.Of<uint64_t>({1, UINT64_MAX, UINT64_MAX - 3});
        break;
      case 11:
        command.reserved = 1;
        break;
      case 12:
        command.time_ns = random_.Of({int64_t{-1}, INT64_MIN, INT64_MAX, KOBLE_TIME_MAX + 1});
        break;
      case 13:
        command.agent = MadeUp();
        break;
      case 14:
        command.c = odd;
        break;
      default:
        out->data.append(random_.Below(40), '\0');
        command.data_size = static_cast<uint32_t>(out->data.size());
        break;
    }
  }

  Random random_;
  RunShape shape_;
  Script run_;
  PlanText plan_text_;       // in force
  PlanText next_plan_text_;  // of the last PLAN_REPLACE
  std::unique_ptr<reference::Router> router_;
  std::vector<koble_id> seen_;
  size_t burst_left_ = 0;
  int64_t time_ = 0;
  uint32_t kind_ = KOBLE_CMD_ADVANCE;
};

}  // namespace

Script RandomRun(uint64_t seed, const RunShape& shape) {
  Script run = Author(seed, shape).Write();
  run.seed = seed;
  return run;
}

}  // namespace koble::testing
