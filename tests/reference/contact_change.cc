// What a command changes of a living contact (2.12).
#include <algorithm>
#include <cstring>

#include "reference/router.h"

namespace koble::reference {
namespace {

std::vector<uint32_t> KeysOf(std::string_view data) {
  std::vector<uint32_t> keys(data.size() / sizeof(uint32_t));
  if (!keys.empty()) std::memcpy(keys.data(), data.data(), keys.size() * sizeof(uint32_t));
  return keys;
}

bool Between(int64_t value, int64_t low, int64_t high) { return low <= value && value <= high; }

}  // namespace

bool ChangeInRange(const koble_command& command, std::string_view data, std::span<const koble_attribute> attributes) {
  const uint32_t mask = command.code;
  const uint32_t things = KOBLE_CHANGE_PRIORITY | KOBLE_CHANGE_CREDIT | KOBLE_CHANGE_MAX_WAIT |
                          KOBLE_CHANGE_ATTRIBUTES | KOBLE_CHANGE_REFUSALS | KOBLE_CHANGE_AGENT;
  if ((mask & things) == 0 || (mask & ~(things | KOBLE_CHANGE_RELATIVE)) != 0) return false;
  const int64_t sign = (mask & KOBLE_CHANGE_RELATIVE) != 0 ? -1 : 0;
  const bool priority = (mask & KOBLE_CHANGE_PRIORITY) != 0;
  const bool credit = (mask & KOBLE_CHANGE_CREDIT) != 0;
  if (!(priority ? Between(command.a, sign * kMaxPriority, kMaxPriority) : command.a == 0)) return false;
  if (!(credit ? Between(command.b, sign * KOBLE_DURATION_MAX, KOBLE_DURATION_MAX) : command.b == 0)) return false;
  const bool wait = Between(command.c, 1, KOBLE_DURATION_MAX) || command.c == KOBLE_NEVER;
  if (!((mask & KOBLE_CHANGE_MAX_WAIT) != 0 ? wait : command.c == 0)) return false;
  if ((mask & KOBLE_CHANGE_ATTRIBUTES) == 0) return attributes.empty() && data.empty();
  std::vector<uint32_t> keys = KeysOf(data);
  if (data.size() % sizeof(uint32_t) != 0 || keys.size() > KOBLE_CONTACT_ATTRIBUTES_MAX) return false;
  for (const koble_attribute& attribute : attributes) keys.push_back(attribute.key);
  std::sort(keys.begin(), keys.end());
  return (keys.empty() || keys.front() != 0) && std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

int32_t Router::ContactChange(const koble_command& command, std::string_view data, Pairs attributes) {
  if (const int32_t code = Check(command.target, KOBLE_KIND_CONTACT); code != KOBLE_OK) return code;
  Contact& contact = *FindContact(command.target);
  std::map<uint32_t, int64_t> will_have = contact.attributes;
  for (const koble_attribute& attribute : attributes) {
    if (attribute.key > symbols_.size()) return KOBLE_ERR_UNKNOWN;
    will_have[attribute.key] = attribute.value;
  }
  for (const uint32_t key : KeysOf(data)) {
    if (key > symbols_.size()) return KOBLE_ERR_UNKNOWN;
    will_have.erase(key);
  }
  if (will_have.size() > KOBLE_CONTACT_ATTRIBUTES_MAX) return KOBLE_ERR_LIMIT;

  const bool relative = (command.code & KOBLE_CHANGE_RELATIVE) != 0;
  const auto changed_to = [&](int64_t had, int64_t given, int64_t most) {
    return relative ? std::min(std::max<int64_t>(had + given, 0), most) : given;
  };
  uint32_t changes = 0;
  const auto set = [&](uint32_t what, auto& present, const auto& wanted) {
    if ((command.code & what) == 0 || present == wanted) return;
    present = wanted;
    changes |= what;
  };
  set(KOBLE_CHANGE_PRIORITY, contact.priority, changed_to(contact.priority, command.a, kMaxPriority));
  set(KOBLE_CHANGE_CREDIT, contact.credit, changed_to(contact.credit, command.b, KOBLE_DURATION_MAX));
  set(KOBLE_CHANGE_ATTRIBUTES, contact.attributes, will_have);
  for (Standing& standing : contact.standings) {
    set(KOBLE_CHANGE_MAX_WAIT, standing.remembered, false);
    set(KOBLE_CHANGE_MAX_WAIT, standing.deadline, command.c == KOBLE_NEVER ? plan::kNever : now_ + command.c);
  }
  const bool refused = !contact.exclusions.empty() || !contact.asked.empty();
  if ((command.code & KOBLE_CHANGE_REFUSALS) != 0 && refused) {
    contact.exclusions.clear();
    contact.asked.clear();
    changes |= KOBLE_CHANGE_REFUSALS;
  }
  const bool forget = (command.code & KOBLE_CHANGE_AGENT) != 0 && contact.agent != 0;
  if (forget) changes |= KOBLE_CHANGE_AGENT;
  if (changes == 0) return KOBLE_OK;
  if ((changes & (KOBLE_CHANGE_PRIORITY | KOBLE_CHANGE_CREDIT)) != 0) {
    for (Standing& standing : contact.standings) standing.placed = false;  // 5.9
  }
  changed_ = true;
  Emit(KOBLE_EVENT_CONTACT_CHANGED, contact, KOBLE_QUEUE_NONE).a = changes;
  if (forget && contact.reserved) Release(contact);
  if (forget) contact.agent = 0;
  if (contact.state == KOBLE_CONTACT_WAITING || Hungry(contact)) Trigger(contact);
  return KOBLE_OK;
}

}  // namespace koble::reference
