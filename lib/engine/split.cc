// Splits: attributes that queues give to contacts on arrival, in parts (docs/model.md, 11.6).
#include <algorithm>

#include "engine/machine.h"

namespace koble::engine {

// The symbols of the plan's names.
void Machine::DeriveSplits() {
  state::State& s = *state_;
  for (uint32_t queue = 0; queue < s.splits.size(); ++queue) {
    const plan::Split& split = QueueOf(queue).split;
    if (split.shares.empty()) continue;
    const plan::Attribute& attribute = s.plan->attributes[split.attribute];
    s.splits[queue].key = s.symbols.Find(attribute.name);
    s.splits[queue].values.clear();
    for (const plan::Split::Share& share : split.shares) {
      s.splits[queue].values.push_back(s.symbols.Find(attribute.values[share.value]));
    }
  }
}

// The value that is furthest behind its part, this contact counted: the greatest part x n - count x sum, the first of equals.
uint32_t Machine::FurthestBehind(uint32_t queue) const {
  const state::Split& split = state_->splits[queue];
  const std::vector<plan::Split::Share>& shares = QueueOf(queue).split.shares;
  base::Int128 n = 1;
  base::Int128 sum = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    n += split.counts[i];
    sum += shares[i].part;
  }
  size_t best = 0;
  base::Int128 most = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    const base::Int128 behind = shares[i].part * n - split.counts[i] * sum;
    if (i != 0 && behind <= most) continue;
    best = i;
    most = behind;
  }
  return split.values[best];
}

// What the arriving contact will have: what it brought, and what splits give it. Changes nothing else.
void Machine::SplitArrival(std::span<const uint32_t> queues) {
  arriving_.assign(attributes_.begin(), attributes_.end());
  for (const uint32_t queue : queues) {
    const uint32_t key = state_->splits[queue].key;
    if (key == 0 || QueueOf(queue).closed || arriving_.size() == KOBLE_CONTACT_ATTRIBUTES_MAX) continue;
    const bool has = std::any_of(arriving_.begin(), arriving_.end(),
                                 [&](const koble_attribute& attribute) { return attribute.key == key; });
    if (!has) arriving_.push_back({key, 0, FurthestBehind(queue)});
  }
}

// It has arrived: each split counts the value that it has.
void Machine::CountSplits(std::span<const uint32_t> queues) {
  for (const uint32_t queue : queues) {
    state::Split& split = state_->splits[queue];
    if (split.key == 0 || QueueOf(queue).closed) continue;
    for (const koble_attribute& attribute : arriving_) {
      if (attribute.key != split.key) continue;
      const auto at = std::find(split.values.begin(), split.values.end(), attribute.value);
      if (at == split.values.end()) continue;
      ++split.counts[static_cast<size_t>(at - split.values.begin())];
      state_->dirty.Mark(KOBLE_KIND_NONE, queue);
    }
  }
}

}  // namespace koble::engine
