// Laws as a host writes them, and messages that a host makes room for.
#ifndef KOBLE_BINDINGS_C_LAWS_H_
#define KOBLE_BINDINGS_C_LAWS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "handle.h"
#include "koble/koble_sim.h"
#include "sim/laws.h"

namespace koble::c {

template <>
inline constexpr uint32_t kFirstSize<koble_law> = 40;

// A law that points into the host's memory, for as long as a call lasts.
struct ReadLaw {
  sim::Law law;
  std::vector<sim::Law> parts;

  // False: not acceptable.
  bool From(const koble_law* host) {
    if (!Plain(host, &law) || (host->kind == KOBLE_LAW_MIXTURE && !Parts(host))) return false;
    return sim::Mistake(law).empty();
  }

 private:
  static bool Plain(const koble_law* host, sim::Law* out) {
    koble_law full;
    if (host == nullptr || !ReadStruct(host, &full) || (full.values == nullptr && full.value_count > 0)) return false;
    *out = {static_cast<sim::LawKind>(full.kind), full.a, full.b, {full.values, full.value_count}, {}, {}};
    if (full.weights != nullptr) out->weights = {full.weights, full.value_count};
    return true;
  }
  bool Parts(const koble_law* host) {
    koble_law full;
    ReadStruct(host, &full);
    if (full.parts == nullptr || full.weights == nullptr || full.part_count > sim::kMostPhases) return false;
    parts.resize(full.part_count);
    for (uint64_t i = 0; i < full.part_count; ++i) {
      if (!Plain(full.parts[i], &parts[i])) return false;
    }
    law.parts = parts;
    law.weights = {full.weights, full.part_count};
    return true;
  }
};

inline void Words(const std::string& text, char* message, uint64_t size) {
  if (message == nullptr || size == 0) return;
  const uint64_t count = std::min<uint64_t>(text.size(), size - 1);
  std::copy_n(text.data(), count, message);
  message[count] = '\0';
}

}  // namespace koble::c

#endif  // KOBLE_BINDINGS_C_LAWS_H_
