#include "support/random_run.h"

#include <algorithm>
#include <stdexcept>

#include "support/policies.h"
#include "support/run_author.h"

namespace koble::testing {
namespace {

constexpr size_t kManyContacts = 40;
constexpr size_t kManyContactsLarge = 300;

}  // namespace

Script RunAuthor::Write() {
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

void RunAuthor::ChooseOptions() {
  reference::Options& options = run_.options;
  options.seed = random_.Next();
  options.start_ns = random_.Of({int64_t{0}, int64_t{0}, int64_t{1}, 1'700'000'000 * kSecond});
  options.clamp_time = random_.Percent(40);
  if (!shape_.limits) return;
  if (random_.Percent(15)) options.max_step_ns = random_.Of({60 * kSecond, 3600 * kSecond});
  if (random_.Percent(15)) options.max_contacts = random_.Of({uint64_t{3}, uint64_t{10}});
  if (random_.Percent(15)) options.max_agents = plan_text_.agents.size() + 1 + random_.Below(3);
}

void RunAuthor::Step() {
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

void RunAuthor::Remember(koble_id id) {
  if (id == 0 || std::find(seen_.begin(), seen_.end(), id) != seen_.end()) return;
  if (seen_.size() < 200) {
    seen_.push_back(id);
  } else {
    seen_[random_.Below(seen_.size())] = id;
  }
}

// Often the same instant again, or at, just before or just after the next deadline.
int64_t RunAuthor::Time() {
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

size_t RunAuthor::Count(bool (*matches)(const reference::Engagement&)) const {
  return static_cast<size_t>(std::count_if(router_->engagements().begin(), router_->engagements().end(), matches));
}

uint32_t RunAuthor::Kind() {
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
  const bool pull =
      std::any_of(router_->agents().begin(), router_->agents().end(), [](const auto& agent) { return agent.can.pull; });
  const std::span<const plan::Queue> queues = router_->plan().OwnQueues();
  const bool external = std::any_of(queues.begin(), queues.end(),
                                    [](const plan::Queue& queue) { return queue.mode == plan::OfferMode::kExternal; });
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

koble_id RunAuthor::MadeUp() {
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

koble_id RunAuthor::InState(uint32_t state) {
  return Target(router_->engagements(), [&](const reference::Engagement& one) { return one.state == state; });
}

koble_id RunAuthor::Agent() {
  return Target(router_->agents(), [](const reference::Agent& agent) { return !agent.leaving; });
}

// One member set to something it must not be; some of it lands on a member that is free.
void RunAuthor::Spoil(Command* out) {
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

Script RandomRun(uint64_t seed, const RunShape& shape) {
  Script run = RunAuthor(seed, shape).Write();
  run.seed = seed;
  return run;
}

}  // namespace koble::testing
