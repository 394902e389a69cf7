// The settings of an engine that decide its behaviour, as journals and snapshots keep them. Journal mode, limits on memory and the allocator
// are the host's present choice and are not among them.
#ifndef KOBLE_LIB_RECORD_SETTINGS_H_
#define KOBLE_LIB_RECORD_SETTINGS_H_

#include "base/bytes.h"
#include "engine/engine.h"
#include "state/state.h"

namespace koble::record {

template <class Bytes>
void WriteSettings(Bytes& out, const state::Settings& settings) {
  base::PutInt(out, settings.seed);
  base::PutInt(out, settings.start_ns);
  base::PutInt(out, static_cast<uint8_t>(settings.clamp_time));
  base::PutInt(out, settings.max_step_ns);
  base::PutInt(out, settings.max_contacts);
  base::PutInt(out, settings.max_agents);
}

inline void ReadSettings(base::ByteReader& in, engine::Options* options) {
  options->seed = in.Int<uint64_t>();
  options->start_ns = in.Int<int64_t>();
  options->clamp_time = in.Int<uint8_t>() != 0;
  options->max_step_ns = in.Int<int64_t>();
  options->max_contacts = in.Int<uint64_t>();
  options->max_agents = in.Int<uint64_t>();
}

}  // namespace koble::record

#endif  // KOBLE_LIB_RECORD_SETTINGS_H_
