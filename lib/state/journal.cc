#include "state/journal.h"

#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/digest.h"

namespace koble::state {
namespace {

// An arrival's further queues and its attributes lie in a record as they came from the host, and choices as they are.
static_assert(std::endian::native == std::endian::little, "records of arrivals would need their data swapped");
constexpr uint64_t kCheckSumEnd = 8;  // u32 size, u32 check sum

// A record's fixed part, put together on the stack: appending field by field costs several times as much.
struct Head {
  char bytes[kRecordHeadSize];
  uint64_t size = 0;
  void append(const char* from, uint64_t n) {
    std::memcpy(bytes + size, from, n);
    size += n;
  }
};

}  // namespace

uint32_t RecordCheckSum(std::string_view record) {
  return static_cast<uint32_t>(base::HashBytes(record.substr(kCheckSumEnd)).lo);
}

void Journal::Reserve(uint64_t size) {
  base::ReserveMore(bytes_, kRecordHeadSize + size);
  base::ReserveMore(starts_, 1);
}

void Journal::Append(const JournalEntry& entry) {
  const koble_command& c = entry.command;
  const uint64_t tail = entry.data.size() + entry.attributes.size_bytes() + entry.choices.size_bytes();
  Head head;
  base::PutInt(head, static_cast<uint32_t>(kRecordHeadSize + tail));
  base::PutInt(head, uint32_t{0});  // the check sum, below
  base::PutInt(head, ++last_);
  base::PutInt(head, entry.stamp_ns);
  base::PutInt(head, entry.event_last);
  base::PutInt(head, c.time_ns);
  base::PutInt(head, c.kind);
  base::PutInt(head, c.code);
  base::PutInt(head, c.target);
  base::PutInt(head, c.host_ref);
  base::PutInt(head, c.a);
  base::PutInt(head, c.b);
  base::PutInt(head, c.queue);
  base::PutInt(head, static_cast<uint32_t>(entry.data.size()));
  base::PutInt(head, entry.serial);
  base::PutInt(head, static_cast<uint32_t>(entry.attributes.size()));
  base::PutInt(head, static_cast<uint32_t>(entry.choices.size()));
  base::PutInt(head, c.agent);
  base::PutInt(head, c.c);

  const uint64_t start = bytes_.size();
  starts_.push_back(start);
  bytes_.append(head.bytes, kRecordHeadSize);
  if (tail != 0) {
    bytes_.append(entry.data.data(), entry.data.size());
    bytes_.append(reinterpret_cast<const char*>(entry.attributes.data()), entry.attributes.size_bytes());
    bytes_.append(reinterpret_cast<const char*>(entry.choices.data()), entry.choices.size_bytes());
  }
  const uint32_t sum = base::LittleEndian(RecordCheckSum(std::string_view(bytes_).substr(start)));
  std::memcpy(bytes_.data() + start + 4, &sum, sizeof(sum));
}

std::string_view Journal::From(uint64_t seq) const {
  if (seq > last_) return {};
  return std::string_view(bytes_).substr(starts_[head_ + (seq - first())]);
}

void Journal::Acknowledge(uint64_t seq) {
  if (seq < first()) return;
  head_ += seq - first() + 1;
  if (head_ == starts_.size()) {
    Restart(last_);
  } else if (head_ >= 1024 && head_ * 2 >= starts_.size()) {  // moved once for every record that went
    const uint64_t gone = starts_[head_];
    bytes_.erase(0, gone);
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(head_));
    for (uint64_t& start : starts_) start -= gone;
    head_ = 0;
  }
}

void Journal::Restart(uint64_t last) {
  bytes_.clear();
  starts_.clear();
  head_ = 0;
  last_ = last;
}

}  // namespace koble::state
