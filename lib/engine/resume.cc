// After a restart (docs/model.md, section 7): nobody is punished for an outage, and no place is lost.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/machine.h"

namespace koble::engine {

using state::kNone;

// Whether an outage counts for the deadline of an engagement in this state. The end of a parking is a time that the host has set.
static bool Counts(const plan::OutageRule& outage, uint32_t engagement_state) {
  switch (engagement_state) {
    case KOBLE_ENGAGEMENT_CONNECTING:
      return outage.connect;
    case KOBLE_ENGAGEMENT_ACTIVE:
    case KOBLE_ENGAGEMENT_SILENT:
      return outage.silence;
    case KOBLE_ENGAGEMENT_PARKED:
      return true;
    default:
      return outage.wrap_up;
  }
}

// `down_since` comes back resolved: both times are in the record.
int32_t Machine::Resume(int64_t now_ns, int64_t* down_since) {
  const state::State& s = *state_;
  const int64_t down_since_ns = *down_since != 0 ? *down_since : s.last_journalled_ns;
  if (down_since_ns < s.last_journalled_ns || down_since_ns > now_ns) {
    return Refuse(KOBLE_ERR_TIME, absl::StrCat("down_since_ns must lie between the last journalled time, ",
                                               s.last_journalled_ns, ", and now, ", now_ns));
  }
  *down_since = down_since_ns;
  OnCopy(0, [&](Machine& copy) { copy.ResumeAt(now_ns, down_since_ns); });
  return KOBLE_OK;
}

void Machine::ResumeAt(int64_t now_ns, int64_t down_since_ns) {
  state::State& s = *state_;
  s.now_ns = now_ns;

  std::vector<std::pair<uint64_t, uint32_t>> open;
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (s.offers.Live(o)) open.emplace_back(s.offers[o].sequence, o);
  }
  std::sort(open.begin(), open.end());
  WithdrawLost(open);
  koble_event& event = Emit(KOBLE_EVENT_RESUMED);
  event.a = down_since_ns;
  event.b = now_ns - down_since_ns;

  ShiftDeadlines(down_since_ns, now_ns - down_since_ns);
  while (!s.timers.Empty() && s.timers.First().due_ns <= now_ns) {
    instant_ns_ = s.timers.First().due_ns;
    FireFirst();
  }
  instant_ns_ = now_ns;
}

void Machine::WithdrawLost(const std::vector<std::pair<uint64_t, uint32_t>>& offers) {
  state::State& s = *state_;
  std::vector<uint32_t> back;
  std::map<uint64_t, uint32_t> ringing;  // contacts that may have kept offers, by serial
  for (const auto& [sequence, offer] : offers) {
    const uint32_t contact = s.offers[offer].contact;
    Dismiss(offer, KOBLE_OUTCOME_WITHDRAWN, KOBLE_CAUSE_RESTART);
    if (s.contacts[contact].offers == kNil && s.contacts[contact].state != KOBLE_CONTACT_CONNECTING)
      back.push_back(contact);
    if (s.contacts[contact].offers != kNil) ringing.emplace(s.contacts[contact].serial, contact);
  }
  for (const uint32_t contact : back) ComeBack(contact, 0, false);
  for (const auto& [number, contact] : ringing) {
    if (s.contacts[contact].offers != kNil) GetHungry(contact);
  }
}

void Machine::ShiftDeadlines(int64_t down_since_ns, int64_t length_ns) {
  state::State& s = *state_;
  const plan::OutageRule& counts = s.plan->outage;
  const auto shift = [&](bool outage_counts, int64_t& deadline) {
    if (!outage_counts && deadline > down_since_ns && deadline != KOBLE_NEVER) deadline = Later(deadline, length_ns);
  };
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    state::Contact& c = s.contacts[contact];
    if (c.retry_until_ns != kNone) shift(counts.retry, c.retry_until_ns);
    const bool limited = c.reserved_until_ns != kNone && c.reserved_until_ns != KOBLE_NEVER;
    if (limited && !counts.steps) c.reserved_until_ns = Later(c.reserved_until_ns, length_ns);
    for (uint32_t x = c.exclusions; x != kNil; x = s.exclusions[x].next) shift(counts.retry, s.exclusions[x].until_ns);
    for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
      state::Entry& entry = s.entries[e];
      if (!entry.deadline_passed) shift(counts.max_wait, entry.deadline_ns);
      if (entry.ladder != kNil && !entry.leave_passed) shift(counts.max_wait, s.ladders[entry.ladder].leave_ns);
      if (!counts.steps) entry.step_clock_ns = Later(entry.step_clock_ns, length_ns);
    }
    SetContactTimer(contact);
    MarkContact(contact);
  }
  for (uint32_t e = 0; e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e)) continue;
    state::Engagement& engagement = s.engagements[e];
    shift(Counts(counts, engagement.state), engagement.deadline_ns);
    SetEngagementTimer(e);
    MarkEngagement(e);
  }
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    state::Agent& a = s.agents[agent];
    if (a.penalised_until_ns != kNone) shift(counts.penalty, a.penalised_until_ns);
    if (a.request_until_ns != kNone) shift(counts.request, a.request_until_ns);
    SetAgentTimer(agent);
    MarkAgent(agent);
  }
}

}  // namespace koble::engine
