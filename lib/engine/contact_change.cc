// What a host changes of a contact while it lives (docs/model.md, 2.12). Its clocks and its open offers go on.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "engine/machine.h"
#include "routing/figures.h"

namespace koble::engine {

using state::Contact;
using state::kNone;

namespace {

constexpr int64_t kPriorityMax = 1'000'000'000 * KOBLE_POINT;
constexpr uint32_t kAllChanges = 2 * KOBLE_CHANGE_RELATIVE - 1;

// The keys of attributes to be removed: no more than there can be.
struct Keys {
  explicit Keys(std::string_view data) : count(data.size() / sizeof(uint32_t)) {
    if (count != 0) __builtin_memcpy(keys, data.data(), data.size());
  }
  bool Contains(uint32_t key, size_t among) const { return std::find(keys, keys + among, key) != keys + among; }
  bool Contains(uint32_t key) const { return Contains(key, count); }
  uint32_t keys[KOBLE_CONTACT_ATTRIBUTES_MAX] = {};
  size_t count;
};

// `given` itself, or what comes of adding it: both are at most as great as `most`, so the sum fits.
int64_t Changed(bool relative, int64_t had, int64_t given, int64_t most) {
  return relative ? std::clamp(had + given, int64_t{0}, most) : given;
}

}  // namespace

// What can be seen without looking at the state.
int32_t Machine::CheckChange(const koble_command& c, std::string_view data) {
  const bool relative = (c.code & KOBLE_CHANGE_RELATIVE) != 0;
  const auto names = [&](uint32_t change) { return (c.code & change) != 0; };
  if (c.code > kAllChanges || (c.code & ~uint32_t{KOBLE_CHANGE_RELATIVE}) == 0) {
    return Refuse(KOBLE_ERR_ARGUMENT, "`changes` is a mask of KOBLE_CHANGE_ that names at least one thing");
  }
  if ((!names(KOBLE_CHANGE_PRIORITY) && c.a != 0) || (!names(KOBLE_CHANGE_CREDIT) && c.b != 0) ||
      (!names(KOBLE_CHANGE_MAX_WAIT) && c.c != 0) ||
      (!names(KOBLE_CHANGE_ATTRIBUTES) && (!attributes_.empty() || !data.empty()))) {
    return Refuse(KOBLE_ERR_ARGUMENT, "what `changes` does not name must be 0");
  }
  if (c.a < (relative ? -kPriorityMax : 0) || c.a > kPriorityMax) {
    return Refuse(KOBLE_ERR_ARGUMENT, "priority must be 0 to 10^9 points; a relative one no more up or down");
  }
  if (c.b < (relative ? -KOBLE_DURATION_MAX : 0) || c.b > KOBLE_DURATION_MAX) {
    return Refuse(KOBLE_ERR_ARGUMENT, "credit_ns must be 0 to 100 years; a relative one no more up or down");
  }
  const bool wait = (c.c >= 1 && c.c <= KOBLE_DURATION_MAX) || c.c == KOBLE_NEVER;
  if (names(KOBLE_CHANGE_MAX_WAIT) && !wait) {
    return Refuse(KOBLE_ERR_ARGUMENT, "max_wait_ns must be 1 to 100 years, or KOBLE_NEVER");
  }
  if (data.size() % sizeof(uint32_t) != 0 || data.size() / sizeof(uint32_t) > KOBLE_CONTACT_ATTRIBUTES_MAX) {
    return Refuse(KOBLE_ERR_ARGUMENT, "at most 16 attributes are removed, each by its key");
  }
  if (const int32_t code = CheckAttributes(); code != KOBLE_OK) return code;
  const Keys removed(data);
  for (size_t i = 0; i < removed.count; ++i) {
    if (removed.keys[i] != 0 && !removed.Contains(removed.keys[i], i)) continue;
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("key ", removed.keys[i], " is removed: it is 0, or given twice"));
  }
  for (const koble_attribute& attribute : attributes_) {
    if (!removed.Contains(attribute.key)) continue;
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("attribute ", attribute.key, " is both set and removed"));
  }
  return KOBLE_OK;
}

// What the contact will have, into arriving_: the attributes that stay, then those that are set.
int32_t Machine::MergeAttributes(uint32_t contact, std::string_view removed) {
  const state::State& s = *state_;
  if (const int32_t code = CheckKeys(); code != KOBLE_OK) return code;
  const Keys without(removed);
  for (size_t i = 0; i < without.count; ++i) {
    if (without.keys[i] <= s.symbols.Count()) continue;
    return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("attribute key ", without.keys[i], " is no symbol"));
  }
  const auto stays = [&](uint32_t key) {
    return !without.Contains(key) && std::none_of(attributes_.begin(), attributes_.end(),
                                                  [&](const koble_attribute& set) { return set.key == key; });
  };
  arriving_.clear();
  for (uint32_t a = s.contacts[contact].attributes; a != kNil; a = s.attributes[a].next) {
    if (stays(s.attributes[a].key)) arriving_.push_back({s.attributes[a].key, 0, s.attributes[a].value});
  }
  if (arriving_.size() + attributes_.size() > KOBLE_CONTACT_ATTRIBUTES_MAX) {
    return Refuse(KOBLE_ERR_LIMIT, absl::StrCat("the contact would have ", arriving_.size() + attributes_.size(),
                                                " attributes; at most ", KOBLE_CONTACT_ATTRIBUTES_MAX));
  }
  arriving_.insert(arriving_.end(), attributes_.begin(), attributes_.end());
  return KOBLE_OK;
}

// Of what the mask names: what would be other than it is. `wanted`: the contact with its new figures.
uint32_t Machine::WhatChanges(uint32_t contact, uint32_t mask, const Contact& wanted, int64_t deadline_ns) const {
  const state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  uint32_t changed = 0;
  const auto change = [&](uint32_t what, bool differs) { changed |= differs ? mask & what : 0; };
  change(KOBLE_CHANGE_PRIORITY, wanted.priority != c.priority);
  change(KOBLE_CHANGE_CREDIT, wanted.credit_ns != c.credit_ns);
  change(KOBLE_CHANGE_REFUSALS, c.exclusions != kNil);
  change(KOBLE_CHANGE_AGENT, c.agent != 0);
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    change(KOBLE_CHANGE_MAX_WAIT, s.entries[e].deadline_passed || s.entries[e].deadline_ns != deadline_ns);
  }
  // Those that stay came first, so as many as it had, each with its value, are the same.
  size_t same = 0;
  size_t had = 0;
  for (uint32_t a = c.attributes; a != kNil; a = s.attributes[a].next, ++had) {
    same += std::any_of(arriving_.begin(), arriving_.end(), [&](const koble_attribute& attribute) {
      return attribute.key == s.attributes[a].key && attribute.value == s.attributes[a].value;
    });
  }
  change(KOBLE_CHANGE_ATTRIBUTES, same != had || had != arriving_.size());
  return changed;
}

int32_t Machine::ChangeContact(const koble_command& command, std::string_view data) {
  state::State& s = *state_;
  if (const int32_t code = s.contacts.Check(command.target); code != KOBLE_OK) {
    return RefuseId(code, KOBLE_KIND_CONTACT, command.target);
  }
  const uint32_t contact = KOBLE_ID_SLOT(command.target);
  if (const int32_t code = MergeAttributes(contact, data); code != KOBLE_OK) return code;
  const bool relative = (command.code & KOBLE_CHANGE_RELATIVE) != 0;
  Contact wanted = s.contacts[contact];
  if ((command.code & KOBLE_CHANGE_PRIORITY) != 0) {
    wanted.priority = Changed(relative, wanted.priority, command.a, kPriorityMax);
  }
  if ((command.code & KOBLE_CHANGE_CREDIT) != 0) {
    wanted.credit_ns = Changed(relative, wanted.credit_ns, command.b, KOBLE_DURATION_MAX);
  }
  const int64_t deadline_ns = command.c == KOBLE_NEVER ? KOBLE_NEVER : Later(s.now_ns, command.c);
  const uint32_t changes = WhatChanges(contact, command.code, wanted, deadline_ns);
  if (changes == 0) {
    changed_ = false;
    return KOBLE_OK;
  }
  const bool forgets_agent = (changes & KOBLE_CHANGE_AGENT) != 0;
  const bool reorders = (changes & (KOBLE_CHANGE_PRIORITY | KOBLE_CHANGE_CREDIT)) != 0;
  const bool moves = reorders || (changes & (KOBLE_CHANGE_ATTRIBUTES | KOBLE_CHANGE_AGENT)) != 0;
  Reach reach;
  reach.contacts = 1;
  reach.room.events = 2;
  reach.room.timers = 1;
  reach.room.attributes = arriving_.size();
  const routing::ContactValues values = ValuesGiven();
  uint32_t variants[KOBLE_CONTACT_QUEUES_MAX] = {};
  uint32_t* variant = variants;
  for (uint32_t e = wanted.entries; moves && e != kNil; e = s.entries[e].next) {
    const state::Entry& entry = s.entries[e];
    *variant = index_.PrepareVariant(s, entry.rules, values);
    const uint32_t owner = forgets_agent ? kNil : wanted.Owner();
    PrepareLines(entry.rules, s.LadderOf(entry).open, {*variant++, 0, entry.passed, owner});
  }
  Begin(reach);

  EmitContact(KOBLE_EVENT_CONTACT_CHANGED, contact).a = changes;
  Contact& c = s.contacts[contact];
  const bool seeks = Seeks(contact);
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    if (s.entries[e].in_line) index_.EntryLeaves(s, e);
  }
  c.priority = wanted.priority;
  c.credit_ns = wanted.credit_ns;
  if ((changes & KOBLE_CHANGE_ATTRIBUTES) != 0) {
    DropAttributes(contact);
    SetAttributes(contact);
  }
  if ((changes & KOBLE_CHANGE_REFUSALS) != 0) DropExclusions(contact);
  if (forgets_agent) {
    if (c.reserved_until_ns != kNone) EmitReleased(contact);
    UnlinkReserved(contact);
    c.agent = 0;
  }
  for (uint32_t e = c.entries; (changes & KOBLE_CHANGE_MAX_WAIT) != 0 && e != kNil; e = s.entries[e].next) {
    s.entries[e].deadline_ns = deadline_ns;
    s.entries[e].deadline_passed = false;
  }
  for (uint32_t e = c.entries; reorders && e != kNil; e = s.entries[e].next) s.entries[e].placed = false;
  if (moves) ChangePlaces(contact, variants);
  if ((changes & KOBLE_CHANGE_ATTRIBUTES) != 0 && index_.StepsByState() + index_.Leaving() != 0) JudgeLater(contact);
  if (seeks) EnterLines(contact);
  SetContactTimer(contact);
  MarkContact(contact);
  if (c.state == KOBLE_CONTACT_WAITING || seeks) TriggerContact(contact);
  return KOBLE_OK;
}

// To the lines of what it now is and says. It stands in none. `variants`: prepared, in order of its queues.
void Machine::ChangePlaces(uint32_t contact, const uint32_t* variants) {
  state::State& s = *state_;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    state::Entry& entry = s.entries[e];
    index_.Part(s, e);
    entry.variant = *variants++;
    if (!entry.placed) entry.figures = routing::OwnFigures(s.contacts[contact], RulesOf(entry), s.LadderOf(entry).open);
    index_.Seat(s, e);
    index_.Join(s, e);
  }
}

}  // namespace koble::engine
