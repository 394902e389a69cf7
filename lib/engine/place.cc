// Places that are not a contact's own: requested at arrival, or given by a command (docs/model.md, 5.9).
//
// A placed contact stands directly before (or behind) a neighbour by taking over the neighbour's figures. Those at one contact's place are numbered by
// `before`; making room between two of them moves the numbers of others, never their order, so lines stay as they are. It costs a look at every
// living contact and the sorting of those that wait in the queue.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "engine/machine.h"
#include "routing/figures.h"

namespace koble::engine {

using state::Entry;
using state::Figures;

// Into ranked_, in order: the entries of those others who wait in the queue; where `until` is given, of those before it.
void Machine::RankOthers(uint32_t queue, uint32_t contact, const routing::Place* until) {
  const state::State& s = *state_;
  ranked_.clear();
  base::ReserveMore(ranked_, s.queue_waiting[queue]);
  for (uint32_t other = 0; other < s.contacts.Size(); ++other) {
    if (other == contact || !s.contacts.Live(other) || s.contacts[other].state != KOBLE_CONTACT_WAITING) continue;
    for (uint32_t e = s.contacts[other].entries; e != kNil; e = s.entries[e].next) {
      if (s.entries[e].queue != queue) continue;
      const routing::Place place = routing::Index::PlaceOf(s, s.entries[e]);
      if (until == nullptr || place.Before(*until)) ranked_.emplace_back(place, e);
    }
  }
  std::sort(ranked_.begin(), ranked_.end(), [](const auto& a, const auto& b) { return a.first.Before(b.first); });
}

// Of one who arrives: not behind its own place, and behind all before it whose priority is greater.
Machine::Spot Machine::RequestedSpot(uint32_t queue, const Figures& figures, uint32_t position) {
  const state::State& s = *state_;
  const plan::Queue& q = QueueOf(queue);
  Entry own;
  own.queue = queue;
  own.figures = figures;
  own.level = routing::LevelOf(q, figures);
  own.v = routing::VirtualArrival(q, figures);
  const routing::Place place = routing::Index::PlaceOf(s, own);
  RankOthers(queue, kNil, &place);
  const int64_t priority = routing::OwnPriority(q, figures.priority);
  size_t at = position - 1;
  for (size_t i = ranked_.size(); i > at; --i) {
    if (routing::OwnPriority(q, s.entries[ranked_[i - 1].second].figures.priority) > priority) at = i;
  }
  if (at >= ranked_.size()) return {};
  return {ranked_[at].second, true, static_cast<uint32_t>(at + 1)};
}

// Of one who stands there: what the position asks for, whoever is overtaken. No neighbour where it has that position, or nobody else waits.
Machine::Spot Machine::SpotAt(uint32_t entry, uint32_t position) {
  const state::State& s = *state_;
  const Entry& e = s.entries[entry];
  RankOthers(e.queue, e.contact, nullptr);
  const routing::Place place = routing::Index::PlaceOf(s, e);
  const auto before =
      std::count_if(ranked_.begin(), ranked_.end(), [&](const auto& other) { return other.first.Before(place); });
  const size_t at = std::min<size_t>(position - 1, ranked_.size());
  if (static_cast<size_t>(before) == at) return {};
  const bool ahead = at < ranked_.size();
  return {ranked_[ahead ? at : at - 1].second, ahead, static_cast<uint32_t>(at + 1)};
}

// The number of one put directly ahead of the given figures, or behind it. The contact whose place it is keeps 0.
int64_t Machine::MakeGap(const Figures& at, bool ahead) {
  state::State& s = *state_;
  const bool up = ahead ? at.before >= 0 : at.before > 0;  // which side gives way
  const int64_t given = at.before + (ahead ? (up ? 1 : 0) : (up ? 0 : -1));
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
      Figures& figures = s.entries[e].figures;
      if (figures.serial != at.serial || (up ? figures.before < given : figures.before > given)) continue;
      figures.before += up ? 1 : -1;
      for (uint32_t o = s.LadderOf(s.entries[e]).stands; o != kNil; o = s.entries[o].next)
        s.entries[o].figures = figures;
      MarkContact(contact);
    }
  }
  return given;
}

// It stands in no line.
void Machine::PutAt(uint32_t entry, const Spot& spot) {
  state::State& s = *state_;
  Figures figures = s.entries[spot.neighbour].figures;
  figures.before = MakeGap(figures, spot.ahead);
  Entry& e = s.entries[entry];
  e.figures = figures;
  e.placed = true;
  index_.Seat(s, entry);
  koble_event& event = EmitContact(KOBLE_EVENT_PLACED, e.contact);
  event.queue = e.queue;
  event.a = spot.position;
}

int32_t Machine::PlaceContact(koble_id id, uint32_t queue, uint32_t position) {
  state::State& s = *state_;
  if (const int32_t code = s.contacts.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_CONTACT, id);
  if (queue != KOBLE_QUEUE_NONE && queue >= s.plan->queue_count) {
    return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("unknown queue ", queue, "; the plan has ", s.plan->queue_count));
  }
  const uint32_t contact = KOBLE_ID_SLOT(id);
  Spot spots[KOBLE_CONTACT_QUEUES_MAX] = {};
  bool moves[KOBLE_CONTACT_QUEUES_MAX] = {};
  bool stands = false;
  size_t i = 0;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next, ++i) {
    const Entry& entry = s.entries[e];
    if (queue != KOBLE_QUEUE_NONE && queue != entry.queue) continue;
    stands = true;
    if (position != 0) spots[i] = SpotAt(e, position);
    moves[i] = position != 0 ? spots[i].neighbour != kNil : entry.placed;
  }
  if (!stands) return Refuse(KOBLE_ERR_STATE, "the contact does not stand there, or is served");
  changed_ = std::find(moves, moves + i, true) != moves + i;
  if (!changed_) return KOBLE_OK;
  Reach reach;
  reach.room.events = KOBLE_CONTACT_QUEUES_MAX;
  Begin(reach);

  i = 0;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next, ++i) {
    if (!moves[i]) continue;
    const bool in_line = s.entries[e].in_line;
    if (in_line) index_.EntryLeaves(s, e);
    index_.LeaveTurnLine(s, e);
    if (position != 0) {
      PutAt(e, spots[i]);
    } else {
      TakeBack(e);
    }
    index_.EnterTurnLine(s, e);
    if (in_line) index_.EntryEnters(s, e);
  }
  MarkContact(contact);
  return KOBLE_OK;
}

// To its own place.
void Machine::TakeBack(uint32_t entry) {
  state::State& s = *state_;
  Entry& e = s.entries[entry];
  e.placed = false;
  e.figures = routing::OwnFigures(s.contacts[e.contact], RulesOf(e), s.LadderOf(e).open);
  index_.Seat(s, entry);
  const routing::Place place = routing::Index::PlaceOf(s, e);
  uint32_t position = 1;
  for (uint32_t other = 0; other < s.contacts.Size(); ++other) {
    if (other == e.contact || !s.contacts.Live(other) || s.contacts[other].state != KOBLE_CONTACT_WAITING) continue;
    for (uint32_t o = s.contacts[other].entries; o != kNil; o = s.entries[o].next) {
      position += s.entries[o].queue == e.queue && routing::Index::PlaceOf(s, s.entries[o]).Before(place) ? 1 : 0;
    }
  }
  koble_event& event = EmitContact(KOBLE_EVENT_PLACED, e.contact);
  event.queue = e.queue;
  event.a = position;
}

}  // namespace koble::engine
