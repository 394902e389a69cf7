// Interned names: each has a number, from 1 in order of first appearance, and keeps it. docs/model.md, section 11.
//
// All names lie in one text, and a hash table of numbers leads from a name to its number; nothing ever goes through the table.
#ifndef KOBLE_LIB_STATE_SYMBOLS_H_
#define KOBLE_LIB_STATE_SYMBOLS_H_

#include <cstdint>
#include <string_view>

#include "base/digest.h"
#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

class Symbols {
 public:
  explicit Symbols(base::Memory* memory) : text_(memory), starts_(memory), table_(memory) {}

  uint32_t Count() const { return static_cast<uint32_t>(starts_.size()); }
  uint32_t Find(std::string_view name) const;  // 0: none
  // Ended by a NUL; valid until the next Add or Reserve. Precondition: 1 <= number <= Count().
  const char* Name(uint32_t number) const { return text_.data() + starts_[number - 1]; }

  // Room for `count` more names of `bytes` bytes together: the only call that takes memory. Where it throws, nothing has changed.
  void Reserve(uint64_t count, uint64_t bytes);
  // The new name's number. Precondition: it is not known, has no NUL, and there is room for it.
  uint32_t Add(std::string_view name);

  // The part of the digest that the symbols are.
  const base::Sum128& Sum() const { return sum_; }
  base::Sum128 SumFromScratch() const;

 private:
  uint64_t PlaceOf(std::string_view name) const;
  static void Put(base::Vector<uint32_t>* table, uint64_t hash, uint32_t number);

  base::String text_;              // every name and its NUL
  base::Vector<uint64_t> starts_;  // of the names in text_, by number - 1
  base::Vector<uint32_t> table_;   // numbers by hash, open addressing; a power of two, at most half full; 0: free
  base::Sum128 sum_;
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_SYMBOLS_H_
