#include "state/journal.h"

#include <bit>

#include "base/bytes.h"
#include "base/digest.h"

namespace koble::state {
namespace {

// An arrival's further queues lie in a record as they came from the host.
static_assert(std::endian::native == std::endian::little, "records of arrivals would need their data swapped");
constexpr uint64_t kCheckSumEnd = 8;  // u32 size, u32 check sum
}  // namespace

uint32_t RecordCheckSum(std::string_view record) {
  return static_cast<uint32_t>(base::HashBytes(record.substr(kCheckSumEnd)).lo);
}

void Journal::Append(const JournalEntry& entry) {
  const uint64_t start = bytes_.size();
  starts_.push_back(start);
  const koble_command& c = entry.command;
  base::PutInt(bytes_, static_cast<uint32_t>(kRecordHeadSize + entry.data.size()));
  base::PutInt(bytes_, uint32_t{0});
  base::PutInt(bytes_, ++last_);
  base::PutInt(bytes_, entry.stamp_ns);
  base::PutInt(bytes_, entry.event_last);
  base::PutInt(bytes_, c.time_ns);
  base::PutInt(bytes_, c.kind);
  base::PutInt(bytes_, c.code);
  base::PutInt(bytes_, c.target);
  base::PutInt(bytes_, c.host_ref);
  base::PutInt(bytes_, c.a);
  base::PutInt(bytes_, c.b);
  base::PutInt(bytes_, c.queue);
  base::PutInt(bytes_, static_cast<uint32_t>(entry.data.size()));
  base::PutInt(bytes_, uint64_t{0});
  base::PutInt(bytes_, uint64_t{0});  // room for what a later version appends
  bytes_.append(entry.data.data(), entry.data.size());
  const uint32_t sum = RecordCheckSum(std::string_view(bytes_).substr(start));
  for (unsigned i = 0; i < 4; ++i) bytes_[start + 4 + i] = static_cast<char>(static_cast<uint8_t>(sum >> (8 * i)));
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
