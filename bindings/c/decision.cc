// koble_decision.h.
#include "koble/koble_decision.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "handle.h"
#include "laws.h"
#include "sim/decisions.h"
#include "world.h"

namespace koble::c {
template <>
inline constexpr uint32_t kFirstSize<koble_decision_options> = 56;
}  // namespace koble::c

struct koble_decision {
  std::unique_ptr<koble::sim::Decisions> decisions;
};

using koble::c::Guarded;
using koble::c::ReadStruct;
using koble::c::Words;
using koble::sim::Decisions;

namespace {

int32_t Refuse(const std::string& mistake, char* message, uint64_t size) {
  Words(mistake, message, size);
  return KOBLE_ERR_ARGUMENT;
}

std::vector<double> Copy(const double* values, size_t count) {
  return values == nullptr ? std::vector<double>() : std::vector<double>(values, values + count);
}

}  // namespace

int32_t koble_decision_create(koble_world* world, const koble_decision_options* options, koble_decision** decision,
                              char* message, uint64_t message_size) {
  Words("", message, message_size);
  if (decision != nullptr) *decision = nullptr;
  koble_decision_options full;
  if (world == nullptr || decision == nullptr || !ReadStruct(options, &full)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    const size_t agents = world->engine->plan()->agents.size(), streams = world->model.streams.size();
    if (full.group_count == 0 || full.group_count > agents || (full.group_of_agent == nullptr && agents > 0))
      return Refuse("group_count is 1 to the number of agents, and group_of_agent a list", message, message_size);
    if (!(full.discount_per_hour >= 0 && full.discount_per_hour <= 1e6))
      return Refuse("discount_per_hour is 0 to 10^6", message, message_size);
    if (world->world.commands() != 0) return Refuse("the world has been played; make a new one", message, message_size);
    koble::sim::Costs costs{Copy(full.waiting_per_hour, streams), Copy(full.abandoned, streams),
                            Copy(full.refused, streams), Copy(full.served, streams), full.discount_per_hour};
    std::string mistake;
    auto made = std::make_unique<koble_decision>();
    made->decisions =
        std::make_unique<Decisions>(&world->world, &world->model, *world->engine,
                                    std::vector<uint32_t>(full.group_of_agent, full.group_of_agent + agents),
                                    full.group_count, std::move(costs), &mistake);
    if (!mistake.empty()) return Refuse(mistake, message, message_size);
    *decision = made.release();
    return static_cast<int32_t>(KOBLE_OK);
  });
}

void koble_decision_destroy(koble_decision* decision) { delete decision; }

uint32_t koble_decision_actions(const koble_decision* decision) {
  return decision == nullptr ? 0 : decision->decisions->Actions();
}

uint32_t koble_decision_observed(const koble_decision* decision) {
  return decision == nullptr ? 0 : decision->decisions->Observed();
}

int32_t koble_decide(koble_decision* const* worlds, uint64_t count, const int32_t* actions, float* observations,
                     uint8_t* masks, double* elapsed_s, double* rewards, uint8_t* states, char* message,
                     uint64_t message_size) {
  Words("", message, message_size);
  if (count == 0) return KOBLE_OK;
  if (worlds == nullptr || actions == nullptr || observations == nullptr || masks == nullptr || elapsed_s == nullptr ||
      rewards == nullptr || states == nullptr)
    return KOBLE_ERR_ARGUMENT;
  for (uint64_t i = 0; i < count; ++i) {
    if (worlds[i] == nullptr || worlds[i]->decisions->Actions() != worlds[0]->decisions->Actions() ||
        worlds[i]->decisions->Observed() != worlds[0]->decisions->Observed())
      return Refuse("world " + std::to_string(i) + " is null or of another shape", message, message_size);
    if (!worlds[i]->decisions->Legal(actions[i]))
      return Refuse("world " + std::to_string(i) + ": action " + std::to_string(actions[i]) +
                        " is not legal now; take one of its mask",
                    message, message_size);
  }
  return Guarded([&] {
    const uint32_t width = worlds[0]->decisions->Observed(), actions_each = worlds[0]->decisions->Actions();
    for (uint64_t i = 0; i < count; ++i) {
      Decisions& one = *worlds[i]->decisions;
      const int32_t code = one.Act(actions[i]);
      if (code != KOBLE_OK) {
        Words("world " + std::to_string(i) + ": " + one.message(), message, message_size);
        return code;
      }
      one.Observe({observations + i * width, width});
      one.Mask({masks + i * actions_each, actions_each});
      elapsed_s[i] = one.elapsed_s();
      rewards[i] = one.reward();
      states[i] = one.state();
    }
    return static_cast<int32_t>(KOBLE_OK);
  });
}
