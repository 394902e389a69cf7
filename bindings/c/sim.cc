// koble_sim.h.
#include "koble/koble_sim.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/philox.h"
#include "figures.h"
#include "laws.h"
#include "sim/arrivals.h"
#include "sim/gamma.h"
#include "sim/math.h"
#include "sim/trace.h"

namespace koble::c {
template <>
inline constexpr uint32_t kFirstSize<koble_sim_trace_options> = 32;
template <>
inline constexpr uint32_t kFirstSize<koble_sim_run> = 48;
}  // namespace koble::c

using koble::c::Guarded;
using koble::c::ReadStruct;
using koble::c::Sized;
using koble::c::Words;
using koble::c::WriteStruct;

void koble_sim_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  if (counter == nullptr || key == nullptr || out == nullptr) return;
  const auto block = koble::base::Philox4x32({counter[0], counter[1], counter[2], counter[3]}, {key[0], key[1]});
  std::copy(block.begin(), block.end(), out);
}

int32_t koble_sim_uniforms(uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, uint64_t count,
                           double* out) {
  if (out == nullptr && count > 0) return KOBLE_ERR_ARGUMENT;
  koble::sim::Uniforms(seed, purpose, first, index, {out, count});
  return KOBLE_OK;
}

int32_t koble_sim_values(const koble_law* law, uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index,
                         uint64_t count, int64_t* out) {
  koble::c::ReadLaw inner;
  if ((out == nullptr && count > 0) || !inner.From(law)) return KOBLE_ERR_ARGUMENT;
  koble::sim::Values(inner.law, seed, purpose, first, index, {out, count});
  return KOBLE_OK;
}

int32_t koble_sim_quantiles(const koble_law* law, const double* uniforms, uint64_t count, int64_t* out) {
  koble::c::ReadLaw inner;
  if ((count > 0 && (out == nullptr || uniforms == nullptr)) || !inner.From(law)) return KOBLE_ERR_ARGUMENT;
  for (uint64_t i = 0; i < count; ++i) {
    if (!(uniforms[i] > 0 && uniforms[i] < 1)) return KOBLE_ERR_ARGUMENT;
  }
  for (uint64_t i = 0; i < count; ++i) out[i] = koble::sim::Quantile(inner.law, uniforms[i]);
  return KOBLE_OK;
}

int32_t koble_sim_normal_quantiles(const double* uniforms, uint64_t count, double* out) {
  if (count > 0 && (uniforms == nullptr || out == nullptr)) return KOBLE_ERR_ARGUMENT;
  for (uint64_t i = 0; i < count; ++i) {
    if (!(uniforms[i] > 0 && uniforms[i] < 1)) return KOBLE_ERR_ARGUMENT;
  }
  for (uint64_t i = 0; i < count; ++i) out[i] = koble::sim::NormalQuantile(uniforms[i]);
  return KOBLE_OK;
}

int32_t koble_sim_normal_probabilities(const double* z, uint64_t count, double* out) {
  if (count > 0 && (z == nullptr || out == nullptr)) return KOBLE_ERR_ARGUMENT;
  for (uint64_t i = 0; i < count; ++i) {
    if (!(z[i] >= -1e150 && z[i] <= 1e150)) return KOBLE_ERR_ARGUMENT;
  }
  for (uint64_t i = 0; i < count; ++i) out[i] = koble::sim::NormalProbability(z[i]);
  return KOBLE_OK;
}

int32_t koble_sim_arrivals(const int64_t* begin_ns, const double* per_hour, uint64_t pieces, int64_t end_ns,
                           uint64_t seed, uint32_t purpose, int64_t* out, uint64_t capacity, uint64_t* count) {
  if (begin_ns == nullptr || per_hour == nullptr || count == nullptr || (out == nullptr && capacity > 0)) {
    return KOBLE_ERR_ARGUMENT;
  }
  *count = 0;
  return Guarded([&] {
    std::vector<koble::sim::Piece> list;
    for (uint64_t i = 0; i < pieces; ++i) list.push_back({begin_ns[i], per_hour[i], per_hour[i]});
    if (!koble::sim::Mistake(list, end_ns).empty()) return static_cast<int32_t>(KOBLE_ERR_ARGUMENT);
    const auto times = koble::sim::Arrivals(list, end_ns, seed, purpose, capacity);
    std::copy(times.begin(), times.end(), out);
    *count = times.size();
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_sim_trace(const koble_plan* plan, const koble_sim_trace_options* options,
                        const koble_sim_contact* contacts, uint64_t contact_count, const koble_sim_presence* presence,
                        uint64_t presence_count, koble_sim_outcome* outcomes, koble_figures* figures,
                        koble_sim_run* run, char* message, uint64_t message_size) {
  Words("", message, message_size);
  if (plan == nullptr || (contacts == nullptr && contact_count > 0) || (presence == nullptr && presence_count > 0) ||
      (outcomes == nullptr && contact_count > 0) || (run != nullptr && !Sized(run))) {
    return KOBLE_ERR_ARGUMENT;
  }
  return Guarded([&] {
    koble_sim_trace_options full = KOBLE_SIM_TRACE_OPTIONS_INIT;
    if (options != nullptr && !ReadStruct(options, &full)) return static_cast<int32_t>(KOBLE_ERR_ARGUMENT);
    koble_sim_run result = KOBLE_SIM_RUN_INIT;
    std::string words;
    const int32_t code =
        koble::sim::RunTrace(plan->plan, full, {contacts, contact_count}, {presence, presence_count},
                             {outcomes, contact_count}, figures == nullptr ? nullptr : &figures->fold, &result, &words);
    Words(words, message, message_size);
    if (run != nullptr) WriteStruct(result, run);
    return code;
  });
}
