// The digest: terms of the entities, folded lazily.
#include <algorithm>
#include <cassert>
#include <type_traits>

#include "base/digest.h"
#include "state/fields.h"
#include "state/state.h"

namespace koble::state {
namespace {

// Of the fields of one thing: two at a time, the last perhaps alone.
class HashVisitor {
 public:
  explicit HashVisitor(base::Hasher& hasher) : hasher_(hasher) {}
  HashVisitor(const HashVisitor&) = delete;
  HashVisitor& operator=(const HashVisitor&) = delete;
  ~HashVisitor() { MixLeft(); }
  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_integral_v<T>) {
      if (left_) hasher_.Mix(word_, static_cast<uint64_t>(field));
      word_ = static_cast<uint64_t>(field);
      left_ = !left_;
    } else {
      MixLeft();
      hasher_.MixBytes(field);
    }
  }
  template <class T>
  void Aside(const T&) {}
  void Wide(uint8_t field) { (*this)(field); }

 private:
  void MixLeft() {
    if (left_) hasher_.Mix(word_);
    left_ = false;
  }
  base::Hasher& hasher_;
  uint64_t word_ = 0;
  bool left_ = false;  // `word_` has not been mixed yet
};

template <class Visit>
void HashFields(base::Hasher& hasher, Visit visit_fields) {
  HashVisitor visit(hasher);
  visit_fields(visit);
}

void HashContact(const State& state, const Contact& contact, base::Hasher& hasher) {
  HashFields(hasher, [&](auto& visit) { ContactFields(visit, contact); });
  for (uint32_t e = contact.entries; e != kNil; e = state.entries[e].next) {
    HashFields(hasher, [&](auto& visit) { EntryFields(visit, state.entries[e], state.LadderOf(state.entries[e])); });
  }
  hasher.Mix(kNil);  // a border between two lists
  for (uint32_t x = contact.exclusions; x != kNil; x = state.exclusions[x].next) {
    HashFields(hasher, [&](auto& visit) { ExclusionFields(visit, state.exclusions[x]); });
  }
  hasher.Mix(kNil);
  for (uint32_t a = contact.attributes; a != kNil; a = state.attributes[a].next) {
    HashFields(hasher, [&](auto& visit) { AttributeFields(visit, state.attributes[a]); });
  }
}

void HashAgent(const State& state, uint32_t slot, const Agent& agent, base::Hasher& hasher) {
  HashFields(hasher, [&](auto& visit) { AgentFields(visit, agent); });
  for (uint32_t o = agent.overrides; o != kNil; o = state.overrides[o].next) {
    HashFields(hasher, [&](auto& visit) { OverrideFields(visit, state.overrides[o]); });
  }
  for (uint32_t place = 0; place < state.plan->counted_queues.size(); ++place) hasher.Mix(state.CountOf(slot, place));
}

// The term of one slot: of the entity that lives in it, or of the free slot's generation.
base::Sum128 TermOf(const State& state, const Dirty::Slot& at) {
  const auto term = [&](const auto& slots, const auto& hash_entity) {
    const bool live = slots.Live(at.slot);
    base::Hasher hasher(uint64_t{at.kind} << 60 | uint64_t{live} << 59 | at.slot, slots.Generation(at.slot));
    if (live) hash_entity(slots[at.slot], hasher);
    return hasher.Finish();
  };
  const auto fields = [](auto visit_fields) {
    return [visit_fields](const auto& entity, base::Hasher& hasher) {
      HashFields(hasher, [&](auto& visit) { visit_fields(visit, entity); });
    };
  };
  switch (at.kind) {
    case KOBLE_KIND_NONE: {
      // A queue that is gone from the plan, and one that has neither pointer nor split yet, have no term.
      if (at.slot >= state.pointers.size()) return {};
      const base::Vector<uint64_t>& counts = state.splits[at.slot].counts;
      const bool split = std::any_of(counts.begin(), counts.end(), [](uint64_t count) { return count != 0; });
      if (state.pointers[at.slot] == 0 && !split) return {};
      base::Hasher hasher(uint64_t{at.kind} << 60 | at.slot);
      hasher.Mix(state.pointers[at.slot]);
      for (const uint64_t count : counts) hasher.Mix(count);
      return hasher.Finish();
    }
    case Dirty::kAgentTexts: {
      if (!state.agents.Live(at.slot)) return {};
      const AgentTexts& texts = state.agents[at.slot].texts;
      base::Hasher hasher(uint64_t{at.kind} << 60 | at.slot, state.agents.Generation(at.slot));
      hasher.MixBytes(texts.name());
      hasher.MixBytes(texts.definition());
      return hasher.Finish();
    }
    case KOBLE_KIND_CONTACT:
      return term(state.contacts, [&](const Contact& c, base::Hasher& h) { HashContact(state, c, h); });
    case KOBLE_KIND_AGENT:
      return term(state.agents, [&](const Agent& a, base::Hasher& h) { HashAgent(state, at.slot, a, h); });
    case KOBLE_KIND_OFFER:
      return term(state.offers, fields([](auto& v, const Offer& o) { OfferFields(v, o); }));
    default:
      return term(state.engagements, fields([](auto& v, const Engagement& e) { EngagementFields(v, e); }));
  }
}

// Of what TermOf will look at. (Part of its caller: g++ 12 sees a function without effect, and would leave the call out.)
[[gnu::always_inline]] inline void PrefetchTerm(const State& state, const Dirty::Slot& at) {
  state.dirty.Prefetch(at);
  const char* lines = nullptr;
  switch (at.kind) {
    case KOBLE_KIND_CONTACT:
      lines = reinterpret_cast<const char*>(&state.contacts[at.slot]);
      break;
    case KOBLE_KIND_AGENT:
      lines = reinterpret_cast<const char*>(&state.agents[at.slot]);
      __builtin_prefetch(lines + 128);
      break;
    case KOBLE_KIND_ENGAGEMENT:
      lines = reinterpret_cast<const char*>(&state.engagements[at.slot]);
      break;
    default:
      return;
  }
  __builtin_prefetch(lines);
  __builtin_prefetch(lines + 64);
}

base::Sum128 WholeTerm(const State& state) {
  base::Hasher hasher(0);
  hasher.Mix(KOBLE_RULES_VERSION);
  hasher.Mix(state.settings.seed);
  hasher.Mix(state.plan->hash[0]);
  hasher.Mix(state.plan->hash[1]);
  hasher.Mix(state.serials);
  hasher.Mix(state.offer_sequence);
  hasher.Mix(state.agent_sequence);
  return hasher.Finish();
}

}  // namespace

base::Sum128 DigestFromScratch(const State& state) {
  base::Sum128 sum = WholeTerm(state);
  sum.Add(state.symbols.SumFromScratch());
  const auto add = [&](const auto& slots) {
    for (uint32_t slot = 0; slot < slots.Size(); ++slot) sum.Add(TermOf(state, {slots.kind(), slot}));
  };
  for (uint32_t queue = 0; queue < state.pointers.size(); ++queue) sum.Add(TermOf(state, {KOBLE_KIND_NONE, queue}));
  add(state.contacts);
  add(state.agents);
  for (uint32_t agent = 0; agent < state.agents.Size(); ++agent) sum.Add(TermOf(state, {Dirty::kAgentTexts, agent}));
  add(state.offers);
  add(state.engagements);
  return sum;
}

base::Sum128 Digest(State& state) {
  Dirty& dirty = state.dirty;
  const auto fold = [&](const Dirty::Slot& at) {
    const base::Sum128 term = TermOf(state, at);
    dirty.sum.Subtract(dirty.Exchange(at, term));
    dirty.sum.Add(term);
  };
  if (dirty.everything()) {
    const auto fold_all = [&](uint32_t kind, uint64_t slots) {
      for (uint32_t slot = 0; slot < slots; ++slot) fold({kind, slot});
    };
    fold_all(KOBLE_KIND_NONE, dirty.Slots(KOBLE_KIND_NONE));  // queues that are gone from the plan had terms, too
    fold_all(KOBLE_KIND_CONTACT, state.contacts.Size());
    fold_all(KOBLE_KIND_AGENT, state.agents.Size());
    fold_all(Dirty::kAgentTexts, state.agents.Size());
    fold_all(KOBLE_KIND_OFFER, state.offers.Size());
    fold_all(KOBLE_KIND_ENGAGEMENT, state.engagements.Size());
  } else {
    constexpr size_t kAhead = 6;
    const std::span<const Dirty::Slot> list = dirty.list();
    for (size_t i = 0; i < list.size(); ++i) {
      if (i + kAhead < list.size()) PrefetchTerm(state, list[i + kAhead]);
      fold(list[i]);
    }
  }
  dirty.Clear();
  base::Sum128 sum = WholeTerm(state);
  sum.Add(state.symbols.Sum());
  sum.Add(dirty.sum);
  // Otherwise an entity was changed without being marked. A poisoned engine may have stopped between the two.
  assert(state.poisoned || sum == DigestFromScratch(state));
  return sum;
}

}  // namespace koble::state
