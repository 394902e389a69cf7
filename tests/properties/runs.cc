#include "properties/runs.h"

#include <stdexcept>

#include "koble/koble_record.h"

namespace koble::testing {

std::string EventsDifference(const std::vector<koble_event>& a, const std::vector<koble_event>& b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i >= a.size()) return "only in the second: " + Describe(b[i]);
    if (i >= b.size()) return "only in the first: " + Describe(a[i]);
    if (Describe(a[i]) != Describe(b[i])) return Describe(a[i]) + " and " + Describe(b[i]);
  }
  return "";
}

bool DataIsWhole(const Command& command) {
  return command.command.data_offset == 0 && command.command.data_size == command.data.size() &&
         command.command.attributes_offset == 0 && command.command.attributes_count == command.attributes.size();
}

std::string SnapshotOf(const EngineMachine& machine) {
  uint64_t needed = 0;
  koble_snapshot_write(machine.engine(), nullptr, 0, &needed);
  std::string bytes(needed, '\0');
  if (koble_snapshot_write(machine.engine(), bytes.data(), bytes.size(), &needed) != KOBLE_OK) {
    throw std::runtime_error("koble_snapshot_write");
  }
  return bytes;
}

}  // namespace koble::testing
