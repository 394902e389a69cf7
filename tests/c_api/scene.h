// What the tests of the C API share: a plan with one queue of every kind, and an engine in which something of every kind lives.
// These tests see the shared library and the public headers only.
#ifndef KOBLE_TESTS_C_API_SCENE_H_
#define KOBLE_TESTS_C_API_SCENE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "koble/koble.h"
#include "koble/koble.hpp"
#include "koble/koble_record.h"

namespace koble::testing {

inline constexpr int64_t kSecond = 1'000'000'000;

// Queues of kPlan by number.
enum : uint32_t { kAuto = 0, kRing = 1, kConfirm = 2, kAll = 3, kRefusing = 4, kPull = 5, kChat = 6, kLonely = 7 };

// Agents: Anna (all but pull), Bo (ring, all, chat), Cleo (ring, confirm, all), Per (pull).
extern const char kPlan[];
Plan LoadPlan();

using Hash = std::array<uint64_t, 2>;
Hash DigestOf(koble_engine* engine);

// Everything that a refused call must leave alone.
struct Fingerprint {
  explicit Fingerprint(koble_engine* engine);
  Hash digest;
  uint64_t event_first, event_last, journal_first, journal_last;
  int64_t now, deadline;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// An engine at 100 s with: Anna serving (active), Bo wrapping up, Cleo connecting, Per with a standing request, a contact that waits,
// one that rings, an offer, engagement and contact that have ended, and an agent who has gone.
struct Scene {
  explicit Scene(const koble_engine_options* options = nullptr);
  ~Scene() { koble_engine_destroy(engine); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  koble_id Arrive(int64_t at_s, uint32_t queue, uint64_t host_ref);
  koble_id OpenOffer(koble_id contact) const;  // by its events
  koble_event LastEvent(uint32_t kind) const;

  koble_engine* engine = nullptr;
  koble_id anna, bo, cleo, per, dora;
  koble_id waiting, ringing, active, connecting, gone;  // contacts
  koble_id offer, ended_offer;
  koble_id active_engagement, connecting_engagement, wrapping_engagement, ended_engagement;
};

std::vector<koble_event> EventsOf(const koble_engine* engine, uint64_t from = 1);

// All bytes of two events are equal.
bool SameEvents(const std::vector<koble_event>& a, const std::vector<koble_event>& b);

// A fixed, busy and partly hostile script of commands over kPlan; `data` is what its records point into.
struct Script {
  std::vector<koble_command> commands;
  std::string data;
};
Script RandomScript(uint64_t seed, size_t length);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_C_API_SCENE_H_
