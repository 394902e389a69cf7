#include "state/journal.h"

#include <algorithm>

#include "base/bytes.h"

namespace koble::state {
namespace {

template <class T>
std::string_view BytesOf(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

}  // namespace

// Over the words of the head behind its first, and then the bytes behind the head.
uint32_t RecordCheckSum(std::string_view record) {
  const auto word = [&](uint64_t i) { return base::LoadInt<uint64_t>(record.data() + i * sizeof(uint64_t)); };
  base::Hasher hasher(kRecordHeadWords, record.size() - kRecordHeadSize);
  for (uint64_t i = 1; i < kRecordHeadWords; i += 2) hasher.Mix(word(i), word(i + 1));
  if (record.size() > kRecordHeadSize) hasher.MixBytes(record.substr(kRecordHeadSize));
  return static_cast<uint32_t>(hasher.Finish().lo);
}

void Journal::ReserveAnew(uint64_t size) {
  const uint64_t want = end_ + kRecordHeadSize + size;
  if (want > bytes_.size()) bytes_.resize(base::Grown(bytes_.size(), want));
  base::ReserveMore(starts_, 1);
}

base::Hasher Journal::PutTail(const JournalEntry& entry, char* at, base::Hasher hasher) {
  const char* const begin = at;
  for (const std::string_view part : {entry.data, BytesOf(entry.attributes), BytesOf(entry.choices)}) {
    at = std::copy(part.begin(), part.end(), at);
  }
  hasher.MixBytes({begin, at});
  return hasher;
}

std::string_view Journal::From(uint64_t seq) const {
  if (seq > last_) return {};
  const uint64_t start = starts_[head_ + (seq - first())];
  return {bytes_.data() + start, end_ - start};
}

void Journal::Acknowledge(uint64_t seq) {
  if (seq < first()) return;
  head_ += seq - first() + 1;
  if (head_ == starts_.size()) {
    Restart(last_);
  } else if (head_ >= 1024 && head_ * 2 >= starts_.size()) {  // moved once for every record that went
    const uint64_t gone = starts_[head_];
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(gone), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= gone;
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(head_));
    for (uint64_t& start : starts_) start -= gone;
    head_ = 0;
  }
}

void Journal::Restart(uint64_t last) {
  end_ = 0;
  starts_.clear();
  head_ = 0;
  last_ = last;
}

}  // namespace koble::state
