// What timers are for, and until when they run.
#ifndef KOBLE_LIB_ENGINE_TIMER_KINDS_H_
#define KOBLE_LIB_ENGINE_TIMER_KINDS_H_

#include <cstdint>

#include "koble/koble.h"

namespace koble::engine {

// Timer kinds in the order of docs/model.md, 1.4.
enum TimerKind : uint32_t {
  kOfferExpiry = 1,
  kConnectLimit = 2,
  kWrapUp = 3,
  kSilence = 4,
  kForgetting = 5,
  kParkingEnd = 6,
  kPenalty = 7,
  kRequest = 8,
  kSkill = 9,
  kDelay = 10,
  kStep = 11,
  kQueueDelay = 12,
  kRelease = 13,
  kTick = 14,
  kLeave = 15,
  kMaxWait = 16,
};

// Saturates just below KOBLE_NEVER, which means "no deadline".
inline int64_t Later(int64_t time_ns, int64_t duration_ns) {
  return duration_ns >= KOBLE_NEVER - 1 - time_ns ? KOBLE_NEVER - 1 : time_ns + duration_ns;
}

}  // namespace koble::engine

#endif  // KOBLE_LIB_ENGINE_TIMER_KINDS_H_
