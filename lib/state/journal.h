// The journal in memory: encoded records, read and acknowledged by number. docs/records.md gives the format.
#ifndef KOBLE_LIB_STATE_JOURNAL_H_
#define KOBLE_LIB_STATE_JOURNAL_H_

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/digest.h"
#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

struct JournalEntry {
  const koble_command* command;  // time_ns is the judged time
  int64_t stamp_ns = 0;          // as the host gave it
  uint64_t event_last = 0;
  std::string_view data;
  uint64_t serial = 0;  // of the contact that the command is about
  std::span<const koble_attribute> attributes;
  std::span<const int32_t> choices;  // what policies answered
};

// Words are written as they are, and so are an arrival's further queues, its attributes and choices.
static_assert(std::endian::native == std::endian::little, "records would need their numbers swapped");

// Of a record without its data. Behind size and check sum, which are the first word, words stand two by two.
inline constexpr uint64_t kRecordHeadWords = 15;
inline constexpr uint64_t kRecordHeadSize = kRecordHeadWords * sizeof(uint64_t);
static_assert(kRecordHeadWords % 2 == 1);

class Journal {
 public:
  explicit Journal(base::Memory* memory) : bytes_(memory), starts_(memory) {}

  uint64_t last() const { return last_; }
  uint64_t first() const { return last_ + 1 - Kept(); }
  uint64_t Kept() const { return starts_.size() - head_; }
  uint64_t KeptBytes() const { return Kept() == 0 ? 0 : end_ - starts_[head_]; }
  uint64_t BytesUsed() const { return end_; }  // at least those; at hand

  // Room for one record with so many bytes of data, attributes and choices.
  void Reserve(uint64_t size) {
    const bool has_room = end_ + kRecordHeadSize + size <= bytes_.size() && starts_.size() != starts_.capacity();
    if (!has_room) ReserveAnew(size);
  }
  // Precondition: there is room.
  void Append(const JournalEntry& entry);
  // Precondition: seq >= first().
  std::string_view From(uint64_t seq) const;
  void Acknowledge(uint64_t seq);
  void Restart(uint64_t last);

 private:
  void ReserveAnew(uint64_t size);
  // What follows the head, to `at`, and the hash with it.
  static base::Hasher PutTail(const JournalEntry& entry, char* at, base::Hasher hasher);

  base::String bytes_;             // as much as there is room for
  uint64_t end_ = 0;               // of the last record
  base::Vector<uint64_t> starts_;  // offset of each record in bytes_
  uint64_t head_ = 0;              // records before it have been acknowledged
  uint64_t last_ = 0;
};

// Each word of the head is written where it stays, and mixed into the sum while it is at hand: a head that is put together elsewhere and then copied as
// a whole has to wait until its parts have been written (docs/performance.md).
[[gnu::always_inline]] inline void Journal::Append(const JournalEntry& entry) {
  const koble_command& c = *entry.command;
  const uint64_t tail_size = entry.data.size() + entry.attributes.size_bytes() + entry.choices.size_bytes();
  char* const head = bytes_.data() + end_;
  assert(end_ + kRecordHeadSize + tail_size <= bytes_.size());
  starts_.push_back(end_);
  end_ += kRecordHeadSize + tail_size;
  base::Hasher hasher(kRecordHeadWords, tail_size);
  const auto both = [](uint64_t first, uint64_t second) { return first | second << 32; };  // of 32 bits
  const auto put = [&](uint64_t i, uint64_t word) { std::memcpy(head + i * sizeof(word), &word, sizeof(word)); };
  const auto put_two = [&](uint64_t i, uint64_t word, uint64_t next) {
    put(i, word);
    put(i + 1, next);
    hasher.Mix(word, next);
  };
  put_two(1, ++last_, static_cast<uint64_t>(entry.stamp_ns));
  put_two(3, entry.event_last, static_cast<uint64_t>(c.time_ns));
  put_two(5, both(c.kind, c.code), c.target);
  put_two(7, c.host_ref, static_cast<uint64_t>(c.a));
  put_two(9, static_cast<uint64_t>(c.b), both(c.queue, entry.data.size()));
  put_two(11, entry.serial, both(entry.attributes.size(), entry.choices.size()));
  put_two(13, c.agent, static_cast<uint64_t>(c.c));
  if (tail_size != 0) hasher = PutTail(entry, head + kRecordHeadSize, hasher);
  put(0, both(kRecordHeadSize + tail_size, static_cast<uint32_t>(hasher.Finish().lo)));
}

// The check sum of an encoded record: over everything behind the field itself. Precondition: it is not shorter than its head.
uint32_t RecordCheckSum(std::string_view record);

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_JOURNAL_H_
