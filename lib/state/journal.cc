#include "state/journal.h"

#include <bit>
#include <cstring>
#include <utility>

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

// Of the head, behind its first. (Not a loop, so that words which have just been put together need not be fetched again.)
template <class Word, uint64_t... kPair>
[[gnu::always_inline]] inline void MixWords(base::Hasher& hasher, Word word,
                                            std::integer_sequence<uint64_t, kPair...> /*pairs*/) {
  (hasher.Mix(word(2 * kPair + 1), word(2 * kPair + 2)), ...);
}

// `word(i)`: of the head; `tail`: what follows it.
template <class Word>
[[gnu::always_inline]] inline uint32_t CheckSum(Word word, std::string_view tail) {
  base::Hasher hasher(kHeadWords, tail.size());
  MixWords(hasher, word, std::make_integer_sequence<uint64_t, kHeadWords / 2>{});
  if (!tail.empty()) hasher.MixBytes(tail);
  return static_cast<uint32_t>(hasher.Finish().lo);
}

template <class T>
std::string_view BytesOf(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

}  // namespace

uint32_t RecordCheckSum(std::string_view record) {
  return CheckSum([&](uint64_t i) { return base::LoadInt<uint64_t>(record.data() + i * sizeof(uint64_t)); },
                  record.substr(kRecordHeadSize));
}

void Journal::Reserve(uint64_t size) {
  base::ReserveMore(bytes_, kRecordHeadSize + size);
  base::ReserveMore(starts_, 1);
}

// The head is put together word by word on the stack, and its sum taken from there: to append field by field costs several times as much.
void Journal::Append(const JournalEntry& entry) {
  const koble_command& c = *entry.command;
  const std::string_view tail[] = {entry.data, BytesOf(entry.attributes), BytesOf(entry.choices)};
  const uint64_t tail_size = tail[0].size() + tail[1].size() + tail[2].size();
  const uint64_t start = bytes_.size();
  starts_.push_back(start);
  uint64_t head[kHeadWords];  // (each assigned once: an initialiser would clear it all before)
  head[1] = ++last_;
  head[2] = static_cast<uint64_t>(entry.stamp_ns);
  head[3] = entry.event_last;
  head[4] = static_cast<uint64_t>(c.time_ns);
  head[5] = Both(c.kind, c.code);
  head[6] = c.target;
  head[7] = c.host_ref;
  head[8] = static_cast<uint64_t>(c.a);
  head[9] = static_cast<uint64_t>(c.b);
  head[10] = Both(c.queue, static_cast<uint32_t>(entry.data.size()));
  head[11] = entry.serial;
  head[12] = Both(static_cast<uint32_t>(entry.attributes.size()), static_cast<uint32_t>(entry.choices.size()));
  head[13] = c.agent;
  head[14] = static_cast<uint64_t>(c.c);
  if (tail_size != 0) {
    bytes_.append(kRecordHeadSize, '\0');
    for (const std::string_view part : tail) bytes_.append(part);
  }
  const std::string_view behind =
      tail_size != 0 ? std::string_view(bytes_).substr(start + kRecordHeadSize) : std::string_view();
  const uint32_t sum = CheckSum([&](uint64_t i) { return head[i]; }, behind);
  head[0] = Both(static_cast<uint32_t>(kRecordHeadSize + tail_size), sum);
  if (tail_size != 0) {
    std::memcpy(bytes_.data() + start, head, kRecordHeadSize);
  } else {
    bytes_.append(reinterpret_cast<const char*>(head), kRecordHeadSize);
  }
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
