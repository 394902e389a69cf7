#include "state/symbols.h"

#include <algorithm>
#include <utility>

namespace koble::state {
namespace {

constexpr uint64_t kLeastTable = 16;

uint64_t HashOf(std::string_view name) { return base::HashBytes(name).lo; }

base::Sum128 TermOf(uint32_t number, std::string_view name) {
  base::Hasher hasher(uint64_t{0xf} << 60 | number);  // kind 15: no entity's
  hasher.MixBytes(name);
  return hasher.Finish();
}

}  // namespace

// Where the name stands in the table, or the free place at which its search ends. Precondition: the table is not empty.
uint64_t Symbols::PlaceOf(std::string_view name) const {
  const uint64_t mask = table_.size() - 1;
  uint64_t at = HashOf(name) & mask;
  while (table_[at] != 0 && Name(table_[at]) != name) at = (at + 1) & mask;
  return at;
}

void Symbols::Put(base::Vector<uint32_t>* table, uint64_t hash, uint32_t number) {
  const uint64_t mask = table->size() - 1;
  uint64_t at = hash & mask;
  while ((*table)[at] != 0) at = (at + 1) & mask;
  (*table)[at] = number;
}

uint32_t Symbols::Find(std::string_view name) const { return table_.empty() ? 0 : table_[PlaceOf(name)]; }

void Symbols::Reserve(uint64_t count, uint64_t bytes) {
  base::ReserveMore(starts_, count);
  base::ReserveMore(text_, bytes + count);  // each name has a NUL
  const uint64_t names = starts_.size() + count;
  uint64_t places = std::max(kLeastTable, static_cast<uint64_t>(table_.size()));
  while (places < 2 * names) places *= 2;
  if (places == table_.size()) return;
  base::Vector<uint32_t> table(places, 0, table_.get_allocator());
  for (uint32_t number = 1; number <= Count(); ++number) Put(&table, HashOf(Name(number)), number);
  table_ = std::move(table);
}

uint32_t Symbols::Add(std::string_view name) {
  starts_.push_back(text_.size());
  text_.append(name);
  text_.push_back('\0');
  const uint32_t number = Count();
  Put(&table_, HashOf(name), number);
  sum_.Add(TermOf(number, name));
  return number;
}

base::Sum128 Symbols::SumFromScratch() const {
  base::Sum128 sum;
  for (uint32_t number = 1; number <= Count(); ++number) sum.Add(TermOf(number, Name(number)));
  return sum;
}

}  // namespace koble::state
