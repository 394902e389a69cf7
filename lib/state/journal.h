// The journal in memory: encoded records, read and acknowledged by number. docs/records.md gives the format.
#ifndef KOBLE_LIB_STATE_JOURNAL_H_
#define KOBLE_LIB_STATE_JOURNAL_H_

#include <cstdint>
#include <span>
#include <string_view>

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

// Bytes of a record without its data, and where its check sum stands.
inline constexpr uint64_t kRecordHeadSize = 120;

class Journal {
 public:
  explicit Journal(base::Memory* memory) : bytes_(memory), starts_(memory) {}

  uint64_t last() const { return last_; }
  uint64_t first() const { return last_ + 1 - Kept(); }
  uint64_t Kept() const { return starts_.size() - head_; }
  uint64_t KeptBytes() const { return Kept() == 0 ? 0 : bytes_.size() - starts_[head_]; }

  // Room for one record with so many bytes of data, attributes and choices: Append then does not allocate.
  void Reserve(uint64_t size) {
    const bool has_room =
        kRecordHeadSize + size <= bytes_.capacity() - bytes_.size() && starts_.size() != starts_.capacity();
    if (!has_room) ReserveAnew(size);
  }
  void Append(const JournalEntry& entry);
  // Precondition: seq >= first().
  std::string_view From(uint64_t seq) const;
  void Acknowledge(uint64_t seq);
  void Restart(uint64_t last);

 private:
  void ReserveAnew(uint64_t size);

  base::String bytes_;
  base::Vector<uint64_t> starts_;  // offset of each record in bytes_
  uint64_t head_ = 0;              // records before it have been acknowledged
  uint64_t last_ = 0;
};

// The check sum of an encoded record: over everything behind the field itself. Precondition: it is not shorter than its head.
uint32_t RecordCheckSum(std::string_view record);

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_JOURNAL_H_
