// Snapshots, second form: the canonical fields of everything that lives, and the events not yet acknowledged. What can be derived is not written.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "plan/rules.h"
#include "plan/text.h"
#include "record/record.h"
#include "record/settings.h"
#include "state/fields.h"
#include "state/state.h"

namespace koble::record {
namespace {

using base::kNil;
using state::State;

constexpr std::string_view kSnapshotMagic = "KOBLES\x02\n";

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      base::PutInt(out_, static_cast<uint8_t>(field));
    } else if constexpr (std::is_integral_v<T>) {
      base::PutInt(out_, field);
    } else {
      base::PutString(out_, field);
    }
  }
  template <class T>
  void Aside(const T& field) {
    (*this)(field);
  }
  template <class T>
  void Wide(const T& field) {
    base::PutInt(out_, uint32_t{field});
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(base::ByteReader& in) : in_(in) {}
  template <class T>
  void operator()(T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      field = in_.Int<uint8_t>() != 0;
    } else if constexpr (std::is_integral_v<T>) {
      field = in_.Int<T>();
    } else {
      field.assign(in_.String());
    }
  }
  template <class T>
  void Aside(T& field) {
    (*this)(field);
  }
  // What does not fit is as wrong as the greatest that does.
  template <class T>
  void Wide(T& field) {
    field = static_cast<T>(std::min(in_.Int<uint32_t>(), uint32_t{std::numeric_limits<T>::max()}));
  }

 private:
  base::ByteReader& in_;
};

// What is not an entity. The journal's number goes on.
template <class Visitor, class S>
void WholeFields(Visitor& visit, S& state) {
  visit(state.now_ns);
  visit(state.last_journalled_ns);
  visit(state.serials);
  visit(state.offer_sequence);
  visit(state.agent_sequence);
  visit(state.records);
}

template <class Visitor, class Event>
void EventFields(Visitor& visit, Event& e) {
  visit(e.time_ns);
  visit(e.due_ns);
  visit(e.kind);
  visit(e.reason);
  visit(e.contact);
  visit(e.serial);
  visit(e.agent);
  visit(e.offer);
  visit(e.engagement);
  visit(e.host_ref);
  visit(e.queue);
  visit(e.tenant);
  visit(e.a);
  visit(e.b);
  visit(e.journal_seq);
}

template <class Slots, class WriteOne>
void WriteSlots(std::string& out, const Slots& slots, WriteOne write_one) {
  base::PutInt(out, slots.Size());
  for (uint32_t slot = 0; slot < slots.Size(); ++slot) {
    base::PutInt(out, slots.Generation(slot));
    base::PutInt(out, static_cast<uint8_t>(slots.Live(slot)));
    if (slots.Live(slot)) write_one(slots[slot]);
  }
}

template <class Slots, class MakeOne>
void ReadSlots(base::ByteReader& in, Slots& slots, MakeOne make_one) {
  const auto size = in.Int<uint32_t>();
  for (uint32_t slot = 0; slot < size && in.ok(); ++slot) {
    const auto generation = in.Int<uint32_t>();
    const bool live = in.Int<uint8_t>() != 0;
    slots.Restore(make_one(live), generation, live);
  }
}

void WriteContact(std::string& out, const State& s, const state::Contact& contact) {
  Writer write(out);
  state::ContactFields(write, contact);
  uint32_t entries = 0;
  for (uint32_t e = contact.entries; e != kNil; e = s.entries[e].next) ++entries;
  base::PutInt(out, entries);
  for (uint32_t e = contact.entries; e != kNil; e = s.entries[e].next) {
    write.Wide(s.entries[e].ordinal);
    state::EntryFields(write, s.entries[e], s.LadderOf(s.entries[e]));
  }
  uint32_t exclusions = 0;
  for (uint32_t x = contact.exclusions; x != kNil; x = s.exclusions[x].next) ++exclusions;
  base::PutInt(out, exclusions);
  for (uint32_t x = contact.exclusions; x != kNil; x = s.exclusions[x].next) {
    state::ExclusionFields(write, s.exclusions[x]);
  }
  uint32_t attributes = 0;
  for (uint32_t a = contact.attributes; a != kNil; a = s.attributes[a].next) ++attributes;
  base::PutInt(out, attributes);
  for (uint32_t a = contact.attributes; a != kNil; a = s.attributes[a].next) {
    state::AttributeFields(write, s.attributes[a]);
  }
}

state::Contact ReadContact(base::ByteReader& in, State& s, uint32_t slot) {
  Reader read(in);
  state::Contact contact;
  state::ContactFields(read, contact);
  const auto entries = in.Int<uint32_t>();
  uint32_t last = kNil;
  for (uint32_t i = 0; i < entries && in.ok(); ++i) {
    state::Entry entry;
    entry.contact = slot;
    read.Wide(entry.ordinal);
    state::Ladder ladder;
    state::EntryFields(read, entry, ladder);
    const uint32_t node = s.entries.Allocate(entry);
    if (ladder != state::Ladder{}) s.MakeLadder(node) = ladder;
    (last == kNil ? contact.entries : s.entries[last].next) = node;
    last = node;
  }
  const auto exclusions = in.Int<uint32_t>();
  last = kNil;
  for (uint32_t i = 0; i < exclusions && in.ok(); ++i) {
    state::Exclusion exclusion;
    state::ExclusionFields(read, exclusion);
    const uint32_t node = s.exclusions.Allocate(exclusion);
    (last == kNil ? contact.exclusions : s.exclusions[last].next) = node;
    last = node;
  }
  const auto attributes = in.Int<uint32_t>();
  last = kNil;
  for (uint32_t i = 0; i < attributes && in.ok(); ++i) {
    state::Attribute attribute;
    state::AttributeFields(read, attribute);
    const uint32_t node = s.attributes.Allocate(attribute);
    (last == kNil ? contact.attributes : s.attributes[last].next) = node;
    last = node;
  }
  return contact;
}

void WriteAgent(std::string& out, const State& s, const state::Agent& agent) {
  Writer write(out);
  base::PutString(out, agent.texts.name());
  base::PutString(out, agent.texts.definition());
  state::AgentFields(write, agent);
  uint32_t overrides = 0;
  for (uint32_t o = agent.overrides; o != kNil; o = s.overrides[o].next) ++overrides;
  base::PutInt(out, overrides);
  for (uint32_t o = agent.overrides; o != kNil; o = s.overrides[o].next) state::OverrideFields(write, s.overrides[o]);
}

void WriteCounts(std::string& out, const State& s) {
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    for (uint32_t place = 0; place < s.plan->counted_queues.size(); ++place) base::PutInt(out, s.CountOf(agent, place));
  }
}

void ReadCounts(base::ByteReader& in, State& s) {
  s.agent_counts.assign(s.agents.Size() * s.plan->counted_queues.size(), 0);
  for (uint32_t agent = 0; agent < s.agents.Size() && in.ok(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    for (uint32_t place = 0; place < s.plan->counted_queues.size(); ++place)
      s.CountOf(agent, place) = in.Int<uint64_t>();
  }
}

void ReadOverrides(base::ByteReader& in, State& s, state::Agent& agent) {
  Reader read(in);
  const auto overrides = in.Int<uint32_t>();
  uint32_t last = kNil;
  for (uint32_t i = 0; i < overrides && in.ok(); ++i) {
    state::Override changed;
    state::OverrideFields(read, changed);
    const uint32_t node = s.overrides.Allocate(changed);
    (last == kNil ? agent.overrides : s.overrides[last].next) = node;
    last = node;
  }
}

// They rise: none comes twice, and there are few.
bool SoundOverrides(const State& s, const state::Agent& agent) {
  uint32_t count = 0;
  for (uint32_t o = agent.overrides; o != kNil; o = s.overrides[o].next) {
    const state::Override& changed = s.overrides[o];
    const bool rises = changed.next == kNil || s.overrides[changed.next].skill > changed.skill;
    if (!rises || changed.skill >= s.plan->skills.size() || changed.level < 0 || changed.level > plan::kMostLevel ||
        changed.until_ns < 0 || ++count > KOBLE_AGENT_SKILLS_MAX) {
      return false;
    }
  }
  return true;
}

void WriteSymbols(std::string& out, const state::Symbols& symbols) {
  base::PutInt(out, symbols.Count());
  for (uint32_t number = 1; number <= symbols.Count(); ++number) base::PutString(out, symbols.Name(number));
}

// False where a name is none that a symbol can have, or comes twice.
bool ReadSymbols(base::ByteReader& in, state::Symbols& symbols) {
  const auto count = in.Int<uint32_t>();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view name = in.String();
    if (name.empty() || name.size() > KOBLE_SYMBOL_BYTES_MAX || plan::HasControl(name) || symbols.Find(name) != 0)
      return false;
    symbols.Reserve(1, name.size());
    symbols.Add(name);
  }
  return count <= KOBLE_SYMBOLS_MAX;
}

constexpr uint32_t kStepsMost = 33;  // of a queue, its own requirement included

// Steps that the queue has; without conditions those are open whose time has come, and that one after the other.
bool StepsOk(const plan::Queue& queue, const state::Ladder& ladder) {
  const uint64_t all = (uint64_t{1} << queue.steps.size()) - 1;
  if (((ladder.open | ladder.due) & ~all) != 0 || (ladder.open & ladder.due & 1) == 0) return false;
  if (((ladder.open ^ ladder.due) & ~queue.by_state) != 0) return false;
  return queue.by_state != 0 || (ladder.open & (ladder.open + 1)) == 0;
}

// What such figures may be: those of somebody who has been here.
bool SoundFigures(const State& s, const state::Figures& figures) {
  constexpr int64_t kMostPlacings = int64_t{1} << 60;
  constexpr int64_t kMostPoints = 1'000'000'000 * KOBLE_POINT;
  return figures.arrival_ns >= 0 && figures.arrival_ns <= s.now_ns && figures.priority >= 0 &&
         figures.priority <= kMostPoints && figures.credit_ns >= 0 && figures.credit_ns <= KOBLE_DURATION_MAX &&
         figures.serial >= 1 && figures.serial <= s.serials && figures.before >= -kMostPlacings &&
         figures.before <= kMostPlacings && figures.raised >= 0 && figures.raised <= 32 * kMostPoints;
}

// Every number in the state must name something that exists; otherwise the first use of it would go astray.
bool Sound(const State& s) {
  const auto queue_ok = [&](uint32_t queue) { return queue < s.plan->queue_count; };
  for (uint32_t c = 0; c < s.contacts.Size(); ++c) {
    if (!s.contacts.Live(c)) continue;
    const state::Contact& contact = s.contacts[c];
    if (contact.engagement != kNil &&
        (contact.engagement >= s.engagements.Size() || !s.engagements.Live(contact.engagement))) {
      return false;
    }
    const bool reserved = contact.reserved_until_ns != state::kNone;
    if (reserved && (contact.entries == kNil || s.agents.Check(contact.agent) != KOBLE_OK)) return false;
    for (uint32_t e = contact.entries; e != kNil; e = s.entries[e].next) {
      const state::Entry& entry = s.entries[e];
      if (!queue_ok(entry.queue) || entry.rules >= s.plan->queues.size()) return false;
      const plan::Queue& rules = s.plan->queues[entry.rules];
      if (rules.number != entry.queue || (entry.rules != entry.queue && !entry.pinned)) return false;
      if (!StepsOk(rules, s.LadderOf(entry))) return false;
      if (entry.ordinal >= KOBLE_CONTACT_QUEUES_MAX) return false;
      if (entry.passed > s.plan->queues[entry.queue].delays.size()) return false;
      if (entry.placed && !SoundFigures(s, entry.figures)) return false;
    }
    uint32_t key = 0;  // they rise: none comes twice, and there are few
    uint32_t attributes = 0;
    for (uint32_t a = contact.attributes; a != kNil; a = s.attributes[a].next) {
      if (s.attributes[a].key <= key || ++attributes > KOBLE_CONTACT_ATTRIBUTES_MAX) return false;
      key = s.attributes[a].key;
    }
    if (key > s.symbols.Count()) return false;
  }
  std::vector<bool> rings(s.contacts.Size());
  for (uint32_t a = 0; a < s.agents.Size(); ++a) {
    if (s.agents.Live(a) && !SoundOverrides(s, s.agents[a])) return false;
  }
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (!s.offers.Live(o)) continue;
    const state::Offer& offer = s.offers[o];
    if (offer.contact >= s.contacts.Size() || !s.contacts.Live(offer.contact)) return false;
    if (offer.agent >= s.agents.Size() || !s.agents.Live(offer.agent)) return false;
    if (!queue_ok(offer.queue) || offer.channel >= s.Channels()) return false;
    rings[offer.contact] = true;
  }
  for (uint32_t c = 0; c < s.contacts.Size();
       ++c) {  // a group that takes more agents is one, of a queue where the contact stands
    if (!s.contacts.Live(c)) continue;
    const state::Contact& contact = s.contacts[c];
    if (contact.tick_ns == state::kNone && !contact.hungry && contact.reach_step == kNil) continue;
    uint32_t e = contact.entries;
    while (e != kNil && s.entries[e].queue != contact.offering_queue) e = s.entries[e].next;
    if (!rings[c] || e == kNil) return false;
    if (contact.reach_step != kNil && contact.reach_step >= kStepsMost) return false;
  }
  for (uint32_t e = 0; e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e)) continue;
    const state::Engagement& engagement = s.engagements[e];
    if (engagement.agent >= s.agents.Size() || !s.agents.Live(engagement.agent)) return false;
    if (engagement.queue != KOBLE_QUEUE_NONE && !queue_ok(engagement.queue)) return false;
    if (engagement.channel >= s.Channels()) return false;
    if (engagement.Aside() && engagement.queue == KOBLE_QUEUE_NONE) return false;  // nowhere to return to
    if (engagement.state != KOBLE_ENGAGEMENT_WRAPPING && s.contacts.Check(engagement.contact) != KOBLE_OK) return false;
  }
  return true;
}

// Links offers to their contacts and agents, in order of their numbers, and agents to their names.
void Relink(State& s) {
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (s.offers.Live(o)) order.emplace_back(s.offers[o].sequence, o);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [sequence, o] : order) {
    state::Offer& offer = s.offers[o];
    state::Contact& contact = s.contacts[offer.contact];
    offer.contact_previous = contact.offers_last;
    (contact.offers_last == kNil ? contact.offers : s.offers[contact.offers_last].contact_next) = o;
    contact.offers_last = o;
    state::Agent& agent = s.agents[offer.agent];
    offer.agent_previous = agent.offers_last;
    (agent.offers_last == kNil ? agent.offers : s.offers[agent.offers_last].agent_next) = o;
    agent.offers_last = o;
  }
  for (uint32_t a = 0; a < s.agents.Size(); ++a) {
    if (s.agents.Live(a)) s.names.Insert(State::NameHash(s.agents[a].texts.name()), a);
  }
}

}  // namespace

std::string Snapshot(const engine::Engine& engine) {
  const State& s = engine.state();
  std::string out(kSnapshotMagic);
  base::PutInt(out, KOBLE_RULES_VERSION);
  WriteSettings(out, s.settings);
  base::PutString(out, s.first_plan->binary);
  base::PutString(out, s.plan->binary);
  base::PutInt(out, static_cast<uint32_t>(s.plan->kept.size()));
  for (const std::string& rules : s.plan->kept) base::PutString(out, rules);
  Writer write(out);
  WholeFields(write, s);
  WriteSymbols(out, s.symbols);
  for (const uint64_t pointer : s.pointers) base::PutInt(out, pointer);
  for (const state::Split& split : s.splits) {
    for (const uint64_t count : split.counts) base::PutInt(out, count);
  }
  WriteSlots(out, s.contacts, [&](const state::Contact& c) { WriteContact(out, s, c); });
  WriteSlots(out, s.agents, [&](const state::Agent& a) { WriteAgent(out, s, a); });
  WriteCounts(out, s);
  WriteSlots(out, s.offers, [&](const state::Offer& o) { state::OfferFields(write, o); });
  WriteSlots(out, s.engagements, [&](const state::Engagement& e) { state::EngagementFields(write, e); });
  base::PutInt(out, s.events.last());
  base::PutInt(out, s.events.Kept());
  for (const koble_event& event : s.events.From(s.events.first())) EventFields(write, event);
  base::PutInt(out, base::HashBytes(out).lo);
  return out;
}

std::unique_ptr<engine::Engine> Restore(std::string_view bytes, const engine::Options& options, int32_t* code,
                                        std::string* message) {
  const auto fail = [&](int32_t failure, std::string why) {
    *code = failure;
    *message = std::move(why);
    return nullptr;
  };
  if (!bytes.starts_with(kSnapshotMagic.substr(0, 6))) return fail(KOBLE_ERR_CORRUPT, "this is not a Koble snapshot");
  if (!bytes.starts_with(kSnapshotMagic))
    return fail(KOBLE_ERR_VERSION, "the snapshot is of a format that this library does not read");
  constexpr size_t kSum = sizeof(uint64_t);
  if (bytes.size() < kSnapshotMagic.size() + kSum ||
      base::ByteReader(bytes.substr(bytes.size() - kSum)).Int<uint64_t>() !=
          base::HashBytes(bytes.substr(0, bytes.size() - kSum)).lo) {
    return fail(KOBLE_ERR_CORRUPT, "the snapshot is damaged or cut");
  }
  base::ByteReader in(bytes.substr(kSnapshotMagic.size(), bytes.size() - kSnapshotMagic.size() - kSum));
  if (in.Int<uint32_t>() != KOBLE_RULES_VERSION)
    return fail(KOBLE_ERR_VERSION, "the snapshot was made under other rules of behaviour");
  engine::Options deciding = options;
  ReadSettings(in, &deciding);
  const std::string_view first_bytes = in.String();
  const std::string_view plan_bytes = in.String();
  std::vector<std::string> kept_rules(std::min<uint64_t>(in.Int<uint32_t>(), in.rest().size()));
  for (std::string& rules : kept_rules) rules = in.String();
  std::string report;
  auto plan = plan::Load(plan_bytes, &report, code);
  auto first = plan != nullptr && first_bytes != plan_bytes ? plan::Load(first_bytes, &report, code) : plan;
  if (first == nullptr) return fail(*code, absl::StrCat("the snapshot's plan cannot be read: ", report));
  if (!kept_rules.empty() && in.ok()) plan = plan::KeepRules(*plan, kept_rules, &report);
  if (plan == nullptr)
    return fail(KOBLE_ERR_CORRUPT, absl::StrCat("the rules that contacts keep cannot be read: ", report));

  auto state = std::make_unique<State>(std::move(plan), engine::SettingsOf(deciding),
                                       options.memory != nullptr ? options.memory : std::pmr::get_default_resource());
  State& s = *state;
  s.first_plan = std::move(first);
  Reader read(in);
  WholeFields(read, s);
  const bool named = ReadSymbols(in, s.symbols);
  for (uint64_t& pointer : s.pointers) pointer = in.Int<uint64_t>();
  for (state::Split& split : s.splits) {
    for (uint64_t& count : split.counts) count = in.Int<uint64_t>();
  }
  ReadSlots(in, s.contacts, [&](bool live) { return live ? ReadContact(in, s, s.contacts.Size()) : state::Contact{}; });
  ReadSlots(in, s.agents, [&](bool live) {
    state::Agent agent(s.memory);
    if (!live) return agent;
    const std::string_view name = in.String();
    state::AgentTexts(name, in.String(), s.memory).swap(agent.texts);
    state::AgentFields(read, agent);
    ReadOverrides(in, s, agent);
    return agent;
  });
  ReadCounts(in, s);
  ReadSlots(in, s.offers, [&](bool live) {
    state::Offer offer;
    if (live) state::OfferFields(read, offer);
    return offer;
  });
  ReadSlots(in, s.engagements, [&](bool live) {
    state::Engagement engagement;
    if (live) state::EngagementFields(read, engagement);
    return engagement;
  });
  const auto last = in.Int<uint64_t>();
  const auto kept = in.Int<uint64_t>();
  if (!in.ok() || kept > last || kept > bytes.size()) return fail(KOBLE_ERR_CORRUPT, "the snapshot is damaged");
  s.events.Restart(last - kept);
  for (uint64_t i = 0; i < kept; ++i) {
    koble_event& event = *new (s.events.Append()) koble_event();
    event.seq = s.events.last();
    EventFields(read, event);
  }
  if (!in.ok() || !in.rest().empty() || !named || !Sound(s)) return fail(KOBLE_ERR_CORRUPT, "the snapshot is damaged");
  if (s.settings.journal != KOBLE_JOURNAL_OFF) s.journal.Restart(s.records);
  Relink(s);
  *code = KOBLE_OK;
  message->clear();
  return engine::Engine::Adopt(std::move(state));
}

}  // namespace koble::record
