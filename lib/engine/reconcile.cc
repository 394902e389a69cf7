// What really exists, as the host says it after a restart (docs/model.md, section 7a).
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "engine/machine.h"

namespace koble::engine {
namespace {

constexpr size_t kIdsMax = size_t{1} << 28;  // more cannot live

koble_id IdAt(std::string_view data, size_t i) {
  koble_id id;
  std::memcpy(&id, data.data() + i * sizeof(id), sizeof(id));
  return id;
}

}  // namespace

int32_t Machine::CheckReconcile(const koble_command& command, std::string_view data) {
  const size_t count = data.size() / sizeof(koble_id);
  if (data.size() % sizeof(koble_id) != 0) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("data of ", data.size(), " bytes is no list of ids of 8 bytes"));
  }
  if (command.code > count) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("code says ", command.code, " contacts, and data holds ", count,
                                                   " ids: give contacts first, then legs"));
  }
  if (count > kIdsMax) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat(count, " ids; at most 2^28 can live: give each once"));
  }
  for (size_t i = 0; i < count; ++i) {
    const uint32_t kind = KOBLE_ID_KIND(IdAt(data, i));
    if (i < command.code && kind != KOBLE_KIND_CONTACT) {
      return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("contacts[", i, "] is no contact's id"));
    }
    if (i >= command.code && kind != KOBLE_KIND_OFFER && kind != KOBLE_KIND_ENGAGEMENT) {
      return Refuse(KOBLE_ERR_ARGUMENT,
                    absl::StrCat("legs[", i - command.code, "] is neither an offer's id nor an engagement's"));
    }
  }
  return KOBLE_OK;
}

void Machine::Reconcile(uint32_t contact_count, std::string_view data) {
  state::State& s = *state_;
  const auto each = [](const auto& slots, const auto& see) {
    for (uint32_t slot = 0; slot < slots.Size(); ++slot) {
      if (slots.Live(slot)) see(slot, slots[slot]);
    }
  };
  std::set<koble_id> accepted;  // offers that opened an engagement which lives
  each(s.engagements, [&](uint32_t, const state::Engagement& e) { accepted.insert(e.offer); });
  const auto known = [&](koble_id id) {
    switch (KOBLE_ID_KIND(id)) {
      case KOBLE_KIND_CONTACT:
        return s.contacts.Check(id) == KOBLE_OK;
      case KOBLE_KIND_OFFER:
        return s.offers.Check(id) == KOBLE_OK || accepted.contains(id);
      default:
        return s.engagements.Check(id) == KOBLE_OK;
    }
  };
  std::set<koble_id> contacts, legs;
  int64_t unknown = 0;
  for (size_t i = 0; i < data.size() / sizeof(koble_id); ++i) {
    const koble_id id = IdAt(data, i);
    const bool first = (i < contact_count ? contacts : legs).insert(id).second;
    if (!first || known(id)) continue;
    ++unknown;
    koble_event& event = Emit(KOBLE_EVENT_UNKNOWN);
    event.reason = KOBLE_ID_KIND(id);
    event.a = static_cast<int64_t>(id);
  }

  // Each list is made when its turn comes: what has ended by then is not in it. By number, which never repeats.
  using Numbered = std::vector<std::pair<uint64_t, uint32_t>>;
  Numbered gone;
  each(s.contacts, [&](uint32_t slot, const state::Contact& c) {
    if (!contacts.contains(s.contacts.Id(slot))) gone.emplace_back(c.serial, slot);
  });
  std::sort(gone.begin(), gone.end());
  for (const auto& [serial, contact] : gone) {
    const state::Contact& c = s.contacts[contact];
    if (c.Talks()) {
      EndEngagement(c.engagement, KOBLE_BY_HOST);
    } else {
      GoneUnserved(contact, KOBLE_BY_HOST);
    }
  }

  Numbered offers;
  each(s.offers, [&](uint32_t slot, const state::Offer& o) {
    if (o.begun_ns != s.now_ns && !legs.contains(s.offers.Id(slot))) offers.emplace_back(o.sequence, slot);
  });
  std::sort(offers.begin(), offers.end());
  WithdrawLost(offers);

  Numbered engagements;
  each(s.engagements, [&](uint32_t slot, const state::Engagement& e) {
    const bool named = legs.contains(s.engagements.Id(slot)) || legs.contains(e.offer);
    const bool has_leg = e.state != KOBLE_ENGAGEMENT_WRAPPING && !e.Aside();
    if (has_leg && e.since_ns != s.now_ns && !named) {
      engagements.emplace_back(e.sequence, slot);
    }
  });
  std::sort(engagements.begin(), engagements.end());
  for (const auto& [sequence, engagement] : engagements) {
    if (s.engagements[engagement].state == KOBLE_ENGAGEMENT_CONNECTING) {
      FailConnection(engagement, KOBLE_CONNECT_LOST);
    } else {
      EndEngagement(engagement, KOBLE_BY_HOST);
    }
  }

  koble_event& event = Emit(KOBLE_EVENT_RECONCILED);
  event.a = static_cast<int64_t>(gone.size() + offers.size() + engagements.size());
  event.b = unknown;
}

}  // namespace koble::engine
