#include "state/journal.h"

#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/digest.h"

namespace koble::state {
namespace {

// Words are appended as they are, and so are an arrival's further queues, its attributes and choices.
static_assert(std::endian::native == std::endian::little, "records would need their numbers swapped");
constexpr uint64_t kHeadWords = kRecordHeadSize / sizeof(uint64_t);
static_assert(kHeadWords % 2 == 1);  // behind size and check sum two by two

// Two numbers of a record as the word in which they stand.
uint64_t Both(uint32_t first, uint32_t second) { return first | uint64_t{second} << 32; }

template <class T>
std::string_view BytesOf(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

}  // namespace

// Over the words of the head behind its first, and then the bytes behind the head.
uint32_t RecordCheckSum(std::string_view record) {
  const auto word = [&](uint64_t i) { return base::LoadInt<uint64_t>(record.data() + i * sizeof(uint64_t)); };
  base::Hasher hasher(kHeadWords, record.size() - kRecordHeadSize);
  for (uint64_t i = 1; i < kHeadWords; i += 2) hasher.Mix(word(i), word(i + 1));
  if (record.size() > kRecordHeadSize) hasher.MixBytes(record.substr(kRecordHeadSize));
  return static_cast<uint32_t>(hasher.Finish().lo);
}

void Journal::ReserveAnew(uint64_t size) {
  base::ReserveMore(bytes_, kRecordHeadSize + size);
  base::ReserveMore(starts_, 1);
}

// Each word of the head is written where it stays, and mixed into the sum while it is at hand: a head that is put together elsewhere and then copied as
// a whole has to wait until its parts have been written (docs/performance.md).
void Journal::Append(const JournalEntry& entry) {
  const koble_command& c = *entry.command;
  const std::string_view tail[] = {entry.data, BytesOf(entry.attributes), BytesOf(entry.choices)};
  const uint64_t tail_size = tail[0].size() + tail[1].size() + tail[2].size();
  const uint64_t start = bytes_.size();
  starts_.push_back(start);
  bytes_.append(kRecordHeadSize, '\0');
  if (tail_size != 0) {
    for (const std::string_view part : tail) bytes_.append(part);
  }
  char* const head = bytes_.data() + start;
  base::Hasher hasher(kHeadWords, tail_size);
  const auto put = [&](uint64_t i, uint64_t word) { std::memcpy(head + i * sizeof(word), &word, sizeof(word)); };
  const auto put_two = [&](uint64_t i, uint64_t word, uint64_t next) {
    put(i, word);
    put(i + 1, next);
    hasher.Mix(word, next);
  };
  put_two(1, ++last_, static_cast<uint64_t>(entry.stamp_ns));
  put_two(3, entry.event_last, static_cast<uint64_t>(c.time_ns));
  put_two(5, Both(c.kind, c.code), c.target);
  put_two(7, c.host_ref, static_cast<uint64_t>(c.a));
  put_two(9, static_cast<uint64_t>(c.b), Both(c.queue, static_cast<uint32_t>(entry.data.size())));
  put_two(11, entry.serial,
          Both(static_cast<uint32_t>(entry.attributes.size()), static_cast<uint32_t>(entry.choices.size())));
  put_two(13, c.agent, static_cast<uint64_t>(c.c));
  if (tail_size != 0) hasher.MixBytes({head + kRecordHeadSize, tail_size});
  const auto sum = static_cast<uint32_t>(hasher.Finish().lo);
  put(0, Both(static_cast<uint32_t>(kRecordHeadSize + tail_size), sum));
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
