// A plan takes the place of another (docs/model.md, 8).
#include <algorithm>

#include "plan/rules.h"
#include "properties/observer.h"

namespace koble::testing {

namespace {

uint32_t NumberOf(const plan::Plan& plan, const std::string& queue) {
  return plan.FindQueue(queue).value_or(KOBLE_QUEUE_NONE);
}

// Whether the step goes by the same state in both plans.
bool SameConditions(const plan::Plan& old, const plan::Step& was, const plan::Plan& fresh, const plan::Step& is) {
  const auto text = [](const plan::Plan& plan, uint32_t number) {
    return number == plan::kNoCondition ? std::string() : plan.conditions[number].text;
  };
  return was.after_ns == is.after_ns && text(old, was.when) == text(fresh, is.when) &&
         text(old, was.early) == text(fresh, is.early) && text(old, was.hold) == text(fresh, is.hold);
}

}  // namespace

// It has joined: by the rules that hold now, and perhaps for as long as it stands there.
void Observer::Pin(Standing* standing) const {
  standing->rules = standing->queue;
  standing->pinned = plan_->queues[standing->queue].pin_rules;
}

// What contacts keep that the plan does not say itself goes behind it.
void Observer::KeepRules(const plan::Plan& old) {
  const std::vector<std::string> before = plan::RulesOf(old);
  const std::vector<std::string> own = plan::RulesOf(*plan_);
  std::set<std::string> kept;
  for (const auto& [id, contact] : contacts_) {
    for (const Standing& standing : contact.standings) {
      if (standing.pinned && before[standing.rules] != own[NumberOf(*plan_, old.queues[standing.queue].name)])
        kept.insert(before[standing.rules]);
    }
  }
  plan_ = plan::KeepRules(*plan_, std::vector<std::string>(kept.begin(), kept.end()), nullptr);
  for (auto& [id, contact] : contacts_) {
    for (Standing& standing : contact.standings) {
      const auto mine = kept.find(before[standing.rules]);
      standing.queue = NumberOf(*plan_, old.queues[standing.queue].name);
      standing.rules = standing.queue;
      if (standing.pinned && mine != kept.end())
        standing.rules = plan_->queue_count + static_cast<uint32_t>(std::distance(kept.begin(), mine));
    }
  }
}

void Observer::SeePlan(const koble_event& event, const Command& command) {
  int32_t code = KOBLE_OK;
  const std::shared_ptr<const plan::Plan> old = plan_;
  plan_ = plan::Load(command.data, nullptr, &code);
  LearnNames();
  const auto contacts = contacts_;  // under the plan before
  KeepRules(*old);
  const auto queue_number = [&](uint32_t queue) {
    return queue == KOBLE_QUEUE_NONE ? queue : NumberOf(*plan_, old->queues[queue].name);
  };
  for (auto& [id, contact] : contacts_) {
    contact.last_offering = contact.standings.empty() ? 0 : queue_number(contact.last_offering);
    StepOpened(&contact);
    if (Grows(contact)) {
      const plan::Queue& queue = plan_->queues[contact.last_offering];
      if (contact.open ? !queue.join : queue.mode != plan::OfferMode::kProgressive) Close(&contact);
    }
    for (size_t i = 0; i < contact.standings.size(); ++i) {
      Standing& standing = contact.standings[i];
      const plan::Queue& was = old->queues[contacts.at(id).standings[i].rules];
      const plan::Queue& is = RulesOf(standing);
      uint64_t kept = standing.open & is.by_state & was.by_state;
      for (size_t step = 0; step < is.steps.size(); ++step) {
        const bool same = step < was.steps.size() && SameConditions(*old, was.steps[step], *plan_, is.steps[step]);
        if (!same) kept &= ~(uint64_t{1} << step);
      }
      standing.open = kept | OpenSteps(is, contact.step_clock, event.time_ns);
      standing.delays = 0;
      standing.due = 0;
      standing.stayed = kUnknown;
    }
  }
  std::erase_if(pointers_, [&](const auto& pointer) { return !plan_->FindQueue(pointer.first); });
  const auto parts = [](const plan::Plan& plan, const std::string& name) {
    std::vector<std::pair<std::string, int64_t>> named;
    const auto queue = plan.FindQueue(name);
    if (!queue || plan.queues[*queue].split.shares.empty()) return named;
    const plan::Split& split = plan.queues[*queue].split;
    const plan::Attribute& attribute = plan.attributes[split.attribute];
    named.emplace_back(attribute.name, 0);
    for (const plan::Split::Share& share : split.shares) named.emplace_back(attribute.values[share.value], share.part);
    return named;
  };
  std::erase_if(splits_, [&](const auto& split) { return parts(*old, split.first) != parts(*plan_, split.first); });
  for (auto& [id, offer] : offers_) offer.queue = queue_number(offer.queue);
  for (auto& [id, engagement] : engagements_) {
    engagement.queue = queue_number(engagement.queue);
    if (engagement.queue != KOBLE_QUEUE_NONE) {
      engagement.definition = plan_->queues[engagement.queue];
    } else if (engagement.state == KOBLE_ENGAGEMENT_ACTIVE) {
      engagement.deadline = plan::kNever;
    }
    const plan::Channel& was = old->channels[engagement.channel];
    engagement.channel = plan_->FindChannel(was.name).value();
    if (was.label == plan::kNoLabel) continue;
    const auto label = plan_->FindLabel(old->labels[was.label].name);
    if (label) engagement.channel = plan_->FindMedium(engagement.channel, *label).value_or(engagement.channel);
  }
  for (auto& [id, agent] : agents_) {
    std::erase_if(agent.served_of, [&](const auto& of_queue) {
      const auto queue = plan_->FindQueue(of_queue.first);
      return !queue || plan_->queues[*queue].select != plan::SelectionRule::kFewestOfQueue;
    });
    std::erase_if(agent.changed_skills, [&](const auto& changed) { return !plan_->FindSkill(changed.first); });
    if (plan_->Resolve(agent.definition, nullptr)) Lay(&agent);
    if (agent.mask == UINT32_MAX) continue;
    uint32_t mask = 0;
    for (uint32_t channel = 0; channel < old->channel_count; ++channel) {
      const auto now = plan_->FindChannel(old->channels[channel].name);
      if ((agent.mask >> channel & 1) != 0 && now) mask |= 1u << *now;
    }
    agent.mask = mask;
  }
}

}  // namespace koble::testing
