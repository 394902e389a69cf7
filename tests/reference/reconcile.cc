// What really exists, as the host says it (7a).
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {
namespace {

bool Has(const std::vector<koble_id>& ids, koble_id id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

}  // namespace

// 7a(1). How many there were.
int64_t Router::ReportUnknown(const std::vector<koble_id>& ids) {
  std::vector<koble_id> reported;
  for (koble_id id : ids) {
    bool known = Check(id, KOBLE_ID_KIND(id)) == KOBLE_OK;
    for (const Engagement& engagement : engagements_) known = known || engagement.offer == id;
    if (known || Has(reported, id)) continue;
    reported.push_back(id);
    Emit(KOBLE_EVENT_UNKNOWN, KOBLE_ID_KIND(id)).a = static_cast<int64_t>(id);
  }
  return static_cast<int64_t>(reported.size());
}

bool Router::Named(const Offer& offer, const std::vector<koble_id>& legs) const {
  return offer.begun == now_ || Has(legs, offer.id);
}

bool Router::Named(const Engagement& engagement, const std::vector<koble_id>& legs) const {
  return engagement.since == now_ || Has(legs, engagement.id) || Has(legs, engagement.offer);
}

// 7(1), 7a(3). The offer that brings a contact back is the last of its own.
void Router::WithdrawLost(const std::vector<Offer>& lost) {
  for (const Offer& offer : lost) EndOffer(offer.id, KOBLE_OUTCOME_WITHDRAWN, KOBLE_CAUSE_RESTART);
  for (auto offer = lost.begin(); offer != lost.end(); ++offer) {
    const bool last = std::none_of(offer + 1, lost.end(), [&](const Offer& o) { return o.contact == offer->contact; });
    if (!last) continue;
    Contact& contact = *FindContact(offer->contact);
    const bool rings = !OpenOffersOf(contact).empty();
    if (!rings && contact.state == KOBLE_CONTACT_OFFERED) ComeBack(contact, offer->queue, nullptr);
  }
}

int32_t Router::Reconcile(const std::vector<koble_id>& contacts, const std::vector<koble_id>& legs) {
  changed_ = true;
  const int64_t unknown = ReportUnknown(contacts) + ReportUnknown(legs);
  int64_t ended = 0;

  std::vector<koble_id> gone;  // (2)
  for (const Contact& contact : contacts_) {
    if (!Has(contacts, contact.id)) gone.push_back(contact.id);
  }
  for (koble_id contact : gone) {
    ContactGone(contact, KOBLE_BY_HOST);
    ++ended;
  }

  std::vector<Offer> lost;  // (3)
  for (const Offer& offer : offers_) {
    if (!Named(offer, legs)) lost.push_back(offer);
  }
  WithdrawLost(lost);
  ended += static_cast<int64_t>(lost.size());

  std::vector<Engagement> missing;  // (4)
  for (const Engagement& engagement : engagements_) {
    const bool has_leg = engagement.state != KOBLE_ENGAGEMENT_WRAPPING && !Aside(engagement);
    if (has_leg && !Named(engagement, legs)) missing.push_back(engagement);
  }
  std::sort(missing.begin(), missing.end(),
            [](const Engagement& a, const Engagement& b) { return a.number < b.number; });
  for (const Engagement& engagement : missing) {
    if (engagement.state == KOBLE_ENGAGEMENT_CONNECTING) {
      ConnectFailed(engagement.id, KOBLE_CONNECT_LOST);
    } else {
      EndServed(*FindContact(engagement.contact), KOBLE_BY_HOST);
    }
    ++ended;
  }

  koble_event& event = Emit(KOBLE_EVENT_RECONCILED);  // (5)
  event.a = ended;
  event.b = unknown;
  return KOBLE_OK;
}

}  // namespace koble::reference
