// The canonical fields of each entity, named once: the digest, the writing and the reading of snapshots all go through here, so that none can forget
// one. A visitor is called with each field; `visit.Aside(x)` marks one that is kept in snapshots but is not in the digest,
// `visit.Wide(x)` one that is kept there in 32 bits and is smaller in memory. (Those that the digest visits most are part of their callers: a
// visitor whose state is in registers takes a seventh fewer instructions.)
#ifndef KOBLE_LIB_STATE_FIELDS_H_
#define KOBLE_LIB_STATE_FIELDS_H_

#include "state/entities.h"

namespace koble::state {

// Entries, exclusions, attributes and links to offers are visited apart; slots in fields are canonical (the lowest free one is used).
template <class Visitor, class T>
[[gnu::always_inline]] inline void ContactFields(Visitor& visit, T& contact) {
  visit(contact.serial);
  visit.Aside(contact.host_ref);
  visit(contact.arrival_ns);
  visit(contact.priority);
  visit(contact.credit_ns);
  visit(contact.retry_until_ns);
  visit(contact.agent);
  visit(contact.reserved_until_ns);
  visit.Wide(contact.state);
  visit(contact.engagement);
  visit(contact.offering_queue);
  visit(contact.attempts);
  visit(contact.tick_ns);
  visit(contact.hungry);
  visit(contact.reach_step);
  visit(contact.reach_tier);
}

// `level`, `v`, `variant` and `line` follow from these and the plan, and so do the figures of one that was not placed.
template <class Visitor, class T, class L>
void EntryFields(Visitor& visit, T& entry, L& ladder) {
  visit(entry.queue);
  visit(entry.rules);
  visit(entry.pinned);
  visit(ladder.open);
  visit(ladder.due);
  visit.Wide(entry.passed);
  visit(entry.deadline_passed);
  visit(entry.placed);
  if (entry.placed) {
    visit(entry.figures.arrival_ns);
    visit(entry.figures.priority);
    visit(entry.figures.credit_ns);
    visit(entry.figures.serial);
    visit(entry.figures.before);
    visit(entry.figures.raised);
  }
  visit(entry.step_clock_ns);
  visit(entry.deadline_ns);
  visit(ladder.leave_ns);
  visit(entry.leave_passed);
}

template <class Visitor, class T>
void ExclusionFields(Visitor& visit, T& exclusion) {
  visit(exclusion.agent);
  visit(exclusion.until_ns);
  visit(exclusion.until_step);
  visit(exclusion.of_round);
}

template <class Visitor, class T>
void AttributeFields(Visitor& visit, T& attribute) {
  visit(attribute.key);
  visit(attribute.value);
}

// `own_level` follows from the definition and the plan.
template <class Visitor, class T>
void OverrideFields(Visitor& visit, T& override_) {
  visit(override_.skill);
  visit(override_.level);
  visit(override_.until_ns);
}

// Overrides are visited apart, and so are name and definition. Capability follows from the definition and the plan; counts by channel from offers and engagements.
template <class Visitor, class T>
[[gnu::always_inline]] inline void AgentFields(Visitor& visit, T& agent) {
  visit(agent.sequence);
  visit.Wide(agent.presence);
  visit(agent.leaving);
  visit(agent.presence_reason);
  visit(agent.idle_since_ns);
  visit(agent.penalised_until_ns);
  visit(agent.request_until_ns);
  visit(agent.request_channels);
  visit(agent.served);
  visit(agent.talked_ns);
  visit(agent.last_ended_ns);
  visit(agent.misses);
  visit(agent.last_served_ns);
  visit(agent.handled);
  visit(agent.handled_ns);
}

template <class Visitor, class T>
void OfferFields(Visitor& visit, T& offer) {
  visit(offer.sequence);
  visit(offer.group);
  visit(offer.contact);
  visit(offer.agent);
  visit(offer.queue);
  visit(offer.channel);
  visit(offer.begun_ns);
  visit(offer.expires_ns);
}

template <class Visitor, class T>
[[gnu::always_inline]] inline void EngagementFields(Visitor& visit, T& engagement) {
  visit(engagement.sequence);
  visit(engagement.offer);
  visit(engagement.contact);
  visit(engagement.serial);
  visit.Aside(engagement.host_ref);
  visit(engagement.agent);
  visit(engagement.queue);
  visit.Wide(engagement.channel);
  visit.Wide(engagement.state);
  visit(engagement.since_ns);
  visit(engagement.served_ns);
  visit(engagement.deadline_ns);
  visit(engagement.handled);
  visit(engagement.last_wrap_up_ns);
  visit(engagement.last_wrap_up_max_ns);
}

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_FIELDS_H_
