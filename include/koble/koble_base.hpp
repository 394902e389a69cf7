// koble_base.hpp: time, ids, the enumerations of koble.h with scope, results and errors. Part of koble.hpp, which says what holds for all of it.
#ifndef KOBLE_KOBLE_BASE_HPP_
#define KOBLE_KOBLE_BASE_HPP_

#include <koble/koble.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace koble {

// ---- Time ------------------------------------------------------------------------------------------------------------

namespace detail {
// Durations that are a whole number of nanoseconds: not those of floating point.
template <typename Rep, typename Period>
using Whole =
    std::enable_if_t<std::is_convertible<std::chrono::duration<Rep, Period>, std::chrono::nanoseconds>::value>;
}  // namespace detail

// A length of time: nanoseconds as a number, or any std::chrono duration that fits without loss ("20s").
struct Duration {
  constexpr Duration() = default;
  constexpr Duration(std::int64_t nanoseconds) : ns(nanoseconds) {}  // NOLINT: implicit on purpose
  template <typename Rep, typename Period, typename = detail::Whole<Rep, Period>>
  constexpr Duration(std::chrono::duration<Rep, Period> length)  // NOLINT: implicit on purpose
      : ns(std::chrono::nanoseconds(length).count()) {}
  constexpr operator std::chrono::nanoseconds() const { return std::chrono::nanoseconds(ns); }
  std::int64_t ns = 0;
};

// An instant: nanoseconds since 1970 UTC as a number or duration, or a time point of std::chrono::system_clock.
struct Time {
  constexpr Time() = default;
  constexpr Time(std::int64_t nanoseconds) : ns(nanoseconds) {}  // NOLINT: implicit on purpose
  template <typename Rep, typename Period, typename = detail::Whole<Rep, Period>>
  constexpr Time(std::chrono::duration<Rep, Period> since_epoch)  // NOLINT: implicit on purpose
      : ns(std::chrono::nanoseconds(since_epoch).count()) {}
  template <typename D>
  constexpr Time(std::chrono::time_point<std::chrono::system_clock, D> point)  // NOLINT: implicit on purpose
      : ns(std::chrono::duration_cast<std::chrono::nanoseconds>(point.time_since_epoch()).count()) {}
  std::int64_t ns = 0;

  // Never: what NextDeadline() gives where nothing is due, and a request that stands until it is answered.
  static constexpr Time Never() { return Time(static_cast<std::int64_t>(KOBLE_NEVER)); }
  constexpr bool never() const { return ns == KOBLE_NEVER; }
};
constexpr bool operator==(Time a, Time b) { return a.ns == b.ns; }
constexpr bool operator!=(Time a, Time b) { return a.ns != b.ns; }
constexpr bool operator<(Time a, Time b) { return a.ns < b.ns; }
constexpr bool operator<=(Time a, Time b) { return a.ns <= b.ns; }
constexpr bool operator>(Time a, Time b) { return a.ns > b.ns; }
constexpr bool operator>=(Time a, Time b) { return a.ns >= b.ns; }
constexpr Time operator+(Time a, Duration b) { return Time(a.ns + b.ns); }

// ---- Ids -------------------------------------------------------------------------------------------------------------

// The id of one kind of thing: an agent's cannot be given where an offer's is wanted. Zero (the default) is "none".
template <std::uint32_t Kind>
struct Id {
  constexpr Id() = default;
  constexpr explicit Id(koble_id id) : value(id) {}
  constexpr explicit operator bool() const { return value != 0; }
  constexpr std::uint32_t slot() const { return KOBLE_ID_SLOT(value); }
  constexpr std::uint32_t generation() const { return KOBLE_ID_GENERATION(value); }
  koble_id value = 0;
};
template <std::uint32_t K>
constexpr bool operator==(Id<K> a, Id<K> b) {
  return a.value == b.value;
}
template <std::uint32_t K>
constexpr bool operator!=(Id<K> a, Id<K> b) {
  return a.value != b.value;
}
template <std::uint32_t K>
constexpr bool operator<(Id<K> a, Id<K> b) {
  return a.value < b.value;
}
using ContactId = Id<KOBLE_KIND_CONTACT>;
using AgentId = Id<KOBLE_KIND_AGENT>;
using OfferId = Id<KOBLE_KIND_OFFER>;
using EngagementId = Id<KOBLE_KIND_ENGAGEMENT>;

// The agent's side of a contact, for Engine::Reconcile: an offer or an engagement.
struct LegId {
  constexpr LegId(OfferId offer) : value(offer.value) {}                 // NOLINT: implicit on purpose
  constexpr LegId(EngagementId engagement) : value(engagement.value) {}  // NOLINT: implicit on purpose
  koble_id value;
};

// ---- The enumerations of koble.h, with scope -------------------------------------------------------------------------

enum class Presence : std::uint32_t { kOffline = 0, kAvailable = 1, kBreak = 2 };
enum class By : std::uint32_t { kCustomer = 1, kAgent = 2, kHost = 3 };
// How the host may say that an offer ended.
enum class Outcome : std::uint32_t { kDeclined = 2, kBusy = 3, kUnreachable = 4, kNoAnswer = 5, kFailed = 6 };
enum class Journal : std::uint32_t { kOff = 0, kBounded = 1, kKeepAll = 2 };
enum class PlanFormat : std::uint32_t { kJson = 1, kBinary = 2 };

// ---- Results and errors ----------------------------------------------------------------------------------------------

// What a command did.
struct Result {
  koble_id id = 0;  // contact of an arrival, agent of AddAgent, engagement of an accept, offer of a request
  std::uint64_t event_first = 0;  // events event_first .. event_first + event_count - 1 were added by it
  std::uint64_t event_count = 0;
  Time time;                      // at which it was judged
  bool clamped = false;           // the stamp was earlier and was raised to `time`
  std::uint64_t journal_seq = 0;  // last record of the journal after it
  std::int64_t value = 0;         // number of the symbol of Intern

  ContactId contact() const { return ContactId(id); }
  AgentId agent() const { return AgentId(id); }
  EngagementId engagement() const { return EngagementId(id); }
  OfferId offer() const { return OfferId(id); }
};

// A call that was refused or failed. what() reads "KOBLE_ERR_ENDED's word: what to do", code() is the KOBLE_ERR_ number.
class Error : public std::runtime_error {
 public:
  Error(std::int32_t code, const std::string& message, const Result& result = {})
      : std::runtime_error(std::string(koble_error_name(code)) + ": " +
                           (message.empty() ? std::string(koble_error_text(code)) : message)),
        code_(code),
        result_(result) {}
  std::int32_t code() const noexcept { return code_; }
  const Result& result() const noexcept { return result_; }  // of a refused command; empty otherwise

 private:
  std::int32_t code_;
  Result result_;
};

}  // namespace koble

template <std::uint32_t K>
struct std::hash<koble::Id<K>> {
  std::size_t operator()(koble::Id<K> id) const noexcept { return std::hash<koble_id>()(id.value); }
};

#endif  // KOBLE_KOBLE_BASE_HPP_
