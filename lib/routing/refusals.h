// Whom a contact is not to be offered to again: a mark at each of those agents for as long as a search lasts, so that who asks of many agents goes
// through the contact's list twice, and not once for each.
#ifndef KOBLE_LIB_ROUTING_REFUSALS_H_
#define KOBLE_LIB_ROUTING_REFUSALS_H_

#include <cstdint>

#include "base/memory.h"
#include "state/state.h"

namespace koble::routing {

// One bit for each agent's slot, between searches all 0.
class Marks {
 public:
  explicit Marks(base::Memory* memory) : bits_(memory) {}

  // Slots may be below `slots`.
  void Reserve(uint64_t slots) {
    if (bits_.size() * 64 < slots) base::Lengthen(bits_, (slots + 63) / 64);
  }
  void Set(uint32_t slot, bool on) {
    const uint64_t bit = uint64_t{1} << slot % 64;
    on ? bits_[slot / 64] |= bit : bits_[slot / 64] &= ~bit;
  }
  bool Has(uint32_t slot) const { return (bits_[slot / 64] >> slot % 64 & 1) != 0; }

 private:
  base::Vector<uint64_t> bits_;
};

// Whether one of the agent's offers is of the contact, which has some.
bool AsksNow(const state::State& state, const state::Contact& contact, uint32_t agent);
inline bool IsAsked(const state::State& state, const state::Contact& contact, uint32_t agent) {
  return contact.offers != base::kNil && AsksNow(state, contact, agent);
}

// Those who are not to be asked for the contact. Marks them while it lives; one at a time.
class Refusals {
 public:
  enum class Whom : uint8_t {
    kNow,      // has refused, has been asked in the round that is under way, or is being asked
    kForGood,  // has refused, and is never asked again
  };
  Refusals(const state::State& state, const state::Contact& contact, Marks* marks, Whom whom = Whom::kNow)
      : state_(state), contact_(contact), marks_(*marks), whom_(whom) {
    if (contact.exclusions != base::kNil) Mark(true);
  }
  ~Refusals() {
    if (contact_.exclusions != base::kNil) Mark(false);
  }
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  bool Has(uint32_t agent) const {
    if (contact_.exclusions != base::kNil && marks_.Has(agent)) return true;
    return whom_ == Whom::kNow && IsAsked(state_, contact_, agent);
  }

 private:
  void Mark(bool on);

  const state::State& state_;
  const state::Contact& contact_;
  Marks& marks_;
  const Whom whom_;
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_REFUSALS_H_
