// The digest: terms of the entities, folded lazily.
#include <algorithm>
#include <cassert>
#include <type_traits>

#include "base/digest.h"
#include "state/fields.h"
#include "state/state.h"

namespace koble::state {
namespace {

// Of the fields of one thing: fields of at most 32 bits two in a word, and words two at a time; of each the last perhaps alone.
class HashVisitor {
 public:
  explicit HashVisitor(base::Hasher& hasher) : hasher_(hasher) {}
  // What the thing is, where the hash is not of one thing alone.
  HashVisitor(base::Hasher& hasher, uint64_t what) : hasher_(hasher), word_(what), has_word_(true) {}
  HashVisitor(const HashVisitor&) = delete;
  HashVisitor& operator=(const HashVisitor&) = delete;
  ~HashVisitor() {
    if (has_half_) Mix(half_);
    if (has_word_) hasher_.Mix(word_);
  }
  template <class T>
  void operator()(const T& field) {
    static_assert(std::is_integral_v<T>);
    if constexpr (sizeof(T) <= sizeof(uint32_t)) {
      const auto half = static_cast<uint32_t>(field);
      if (has_half_) Mix(half_ | uint64_t{half} << 32);
      half_ = half;
      has_half_ = !has_half_;
    } else {
      Mix(static_cast<uint64_t>(field));
    }
  }
  template <class T>
  void Aside(const T&) {}
  template <class T>
  void Wide(const T& field) {
    (*this)(field);
  }

 private:
  void Mix(uint64_t word) {
    if (has_word_) hasher_.Mix(word_, word);
    word_ = word;
    has_word_ = !has_word_;
  }
  base::Hasher& hasher_;
  uint64_t word_ = 0;
  bool has_word_ = false;  // `word_` has not been mixed yet
  uint32_t half_ = 0;
  bool has_half_ = false;  // the same of `half_`
};

// What stands in a contact's lists.
enum : uint64_t { kEntry = 1, kExclusion, kAttribute };

[[gnu::always_inline]] inline void HashContact(const State& state, const Contact& contact, base::Hasher& hasher) {
  {
    HashVisitor visit(hasher);
    ContactFields(visit, contact);
  }
  for (uint32_t e = contact.entries; e != kNil; e = state.entries[e].next) {
    HashVisitor visit(hasher, kEntry);
    EntryFields(visit, state.entries[e], state.LadderOf(state.entries[e]));
  }
  for (uint32_t x = contact.exclusions; x != kNil; x = state.exclusions[x].next) {
    HashVisitor visit(hasher, kExclusion);
    ExclusionFields(visit, state.exclusions[x]);
  }
  for (uint32_t a = contact.attributes; a != kNil; a = state.attributes[a].next) {
    HashVisitor visit(hasher, kAttribute);
    AttributeFields(visit, state.attributes[a]);
  }
}

[[gnu::always_inline]] inline void HashAgent(const State& state, uint32_t slot, const Agent& agent,
                                             base::Hasher& hasher) {
  {
    HashVisitor visit(hasher);
    AgentFields(visit, agent);
  }
  for (uint32_t o = agent.overrides; o != kNil; o = state.overrides[o].next) {
    HashVisitor visit(hasher);
    OverrideFields(visit, state.overrides[o]);
  }
  for (uint32_t place = 0; place < state.plan->counted_queues.size(); ++place) hasher.Mix(state.CountOf(slot, place));
}

// Of a slot: of the entity that lives in it, or of the free slot's generation.
template <class T, class HashEntity>
[[gnu::always_inline]] inline base::Sum128 TermOf(const base::Slots<T>& slots, uint32_t kind, uint32_t slot,
                                                  HashEntity hash_entity) {
  const bool live = slots.Live(slot);
  base::Hasher hasher(uint64_t{kind} << 60 | uint64_t{live} << 59 | slot, slots.Generation(slot));
  if (live) hash_entity(slots[slot], hasher);
  return hasher.Finish();
}

// A queue that is gone from the plan, and one that has neither pointer nor split yet, have no term.
base::Sum128 QueueTerm(const State& state, uint32_t queue) {
  if (queue >= state.pointers.size()) return {};
  const base::Vector<uint64_t>& counts = state.splits[queue].counts;
  const bool split = std::any_of(counts.begin(), counts.end(), [](uint64_t count) { return count != 0; });
  if (state.pointers[queue] == 0 && !split) return {};
  base::Hasher hasher(uint64_t{KOBLE_KIND_NONE} << 60 | queue);
  hasher.Mix(state.pointers[queue]);
  for (const uint64_t count : counts) hasher.Mix(count);
  return hasher.Finish();
}

base::Sum128 TextsTerm(const State& state, uint32_t agent) {
  if (!state.agents.Live(agent)) return {};
  const AgentTexts& texts = state.agents[agent].texts;
  base::Hasher hasher(uint64_t{Dirty::kAgentTexts} << 60 | agent, state.agents.Generation(agent));
  hasher.MixBytes(texts.name());
  hasher.MixBytes(texts.definition());
  return hasher.Finish();
}

// Of what the term of such a slot depends on: in a large centre it is in no cache.
[[gnu::always_inline]] inline void Prefetch(const State& state, uint32_t kind, uint32_t slot) {
  const char* lines = nullptr;
  if (kind == KOBLE_KIND_CONTACT) {
    lines = reinterpret_cast<const char*>(&state.contacts[slot]);
  } else if (kind == KOBLE_KIND_AGENT) {
    lines = reinterpret_cast<const char*>(&state.agents[slot]);
    __builtin_prefetch(lines + 128);
  } else if (kind == KOBLE_KIND_ENGAGEMENT) {
    lines = reinterpret_cast<const char*>(&state.engagements[slot]);
  } else {
    return;
  }
  __builtin_prefetch(lines);
  __builtin_prefetch(lines + 64);
}

// Calls `each(kind, slots, term_of)` for every kind; `term_of(slot)` is the term of a slot below `slots`.
template <class Each>
[[gnu::always_inline]] inline void EachKind(const State& state, Each each) {
  // Queues that are gone from the plan had terms, too.
  each(KOBLE_KIND_NONE, std::max<uint64_t>(state.dirty.Slots(KOBLE_KIND_NONE), state.pointers.size()),
       [&](uint32_t queue) { return QueueTerm(state, queue); });
  each(KOBLE_KIND_CONTACT, state.contacts.Size(), [&](uint32_t slot) {
    return TermOf(state.contacts, KOBLE_KIND_CONTACT, slot,
                  [&](const Contact& c, base::Hasher& hasher) { HashContact(state, c, hasher); });
  });
  each(KOBLE_KIND_AGENT, state.agents.Size(), [&](uint32_t slot) {
    return TermOf(state.agents, KOBLE_KIND_AGENT, slot,
                  [&](const Agent& a, base::Hasher& hasher) { HashAgent(state, slot, a, hasher); });
  });
  each(Dirty::kAgentTexts, state.agents.Size(), [&](uint32_t slot) { return TextsTerm(state, slot); });
  each(KOBLE_KIND_OFFER, state.offers.Size(), [&](uint32_t slot) {
    return TermOf(state.offers, KOBLE_KIND_OFFER, slot, [](const Offer& o, base::Hasher& hasher) {
      HashVisitor visit(hasher);
      OfferFields(visit, o);
    });
  });
  each(KOBLE_KIND_ENGAGEMENT, state.engagements.Size(), [&](uint32_t slot) {
    return TermOf(state.engagements, KOBLE_KIND_ENGAGEMENT, slot, [](const Engagement& e, base::Hasher& hasher) {
      HashVisitor visit(hasher);
      EngagementFields(visit, e);
    });
  });
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
  EachKind(state, [&](uint32_t, uint64_t slots, const auto& term_of) {
    for (uint32_t slot = 0; slot < slots; ++slot) sum.Add(term_of(slot));
  });
  return sum;
}

base::Sum128 Digest(State& state) {
  Dirty& dirty = state.dirty;
  const bool far = !state.IsNear();
  EachKind(state, [&](uint32_t kind, uint64_t slots, const auto& term_of) {
    const auto fold = [&](uint32_t slot) {
      const base::Sum128 term = term_of(slot);
      dirty.sum.Subtract(dirty.Exchange(kind, slot, term));
      dirty.sum.Add(term);
    };
    const auto ahead = [&](uint32_t slot) {
      dirty.Prefetch(kind, slot);
      Prefetch(state, kind, slot);
    };
    if (!dirty.everything()) return dirty.TakeMarks(kind, far, ahead, fold);
    for (uint32_t slot = 0; slot < slots; ++slot) fold(slot);
  });
  dirty.Clear();
  base::Sum128 sum = WholeTerm(state);
  sum.Add(state.symbols.Sum());
  sum.Add(dirty.sum);
  // Otherwise an entity was changed without being marked. A poisoned engine may have stopped between the two.
  assert(state.poisoned || sum == DigestFromScratch(state));
  return sum;
}

}  // namespace koble::state
