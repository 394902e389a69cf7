#include "figures/cells.h"

namespace koble::figures {

void QueueCell::Add(const QueueCell& other) {
  offered += other.offered;
  AddTo(exits, other.exits);
  AddTo(left, other.left);
  abandoned_short += other.abandoned_short;
  answered_judged += other.answered_judged;
  answered_good += other.answered_good;
  abandoned_judged += other.abandoned_judged;
  abandoned_good += other.abandoned_good;
  short_judged += other.short_judged;
  others_judged += other.others_judged;
  open.Add(other.open);
  wait_answered.Merge(other.wait_answered);
  wait_abandoned.Merge(other.wait_abandoned);
  wait_other.Merge(other.wait_other);
  handle.Merge(other.handle);
  talk_sum.Add(other.talk_sum);
  hold_sum.Add(other.hold_sum);
  wrapup_sum.Add(other.wrapup_sum);
  attention_sum.Add(other.attention_sum);
  talk_max = std::max(talk_max, other.talk_max);
  holds += other.holds;
  wrapups += other.wrapups;
  exhausted += other.exhausted;
  offers.Add(other.offers);
}

void QueueCell::Fill(koble_figures_queue_row* row) const {
  row->offered = offered;
  row->answered = wait_answered.count();
  row->answered_in_time = answered_good;
  row->abandoned = wait_abandoned.count();
  row->abandoned_in_time = abandoned_good;
  row->abandoned_short = abandoned_short;
  std::copy(exits.begin(), exits.end(), row->exits);
  std::copy(left.begin(), left.end(), row->left);
  row->open = open.count;
  row->open_late = open.late;
  // Those who wait at the cut and are late already have missed the target whatever comes; the others are not judged yet.
  // Contacts that the host withdrew are nobody's success or failure and are not in others_judged.
  const uint64_t of = answered_judged + abandoned_judged + others_judged + open.late;
  row->sl_good[KOBLE_SL_ANSWERED] = answered_good;
  row->sl_of[KOBLE_SL_ANSWERED] = answered_judged;
  row->sl_good[KOBLE_SL_OFFERED] = answered_good;
  row->sl_of[KOBLE_SL_OFFERED] = of;
  row->sl_good[KOBLE_SL_WITHOUT_SHORT] = answered_good;
  row->sl_of[KOBLE_SL_WITHOUT_SHORT] = of - short_judged;
  row->sl_good[KOBLE_SL_ABANDONS_IN_TIME] = answered_good + abandoned_good;
  row->sl_of[KOBLE_SL_ABANDONS_IN_TIME] = of;
  row->wait_answered_sum_ns = Saturated(wait_answered.sum());
  row->wait_answered_max_ns = wait_answered.max();
  row->wait_abandoned_sum_ns = Saturated(wait_abandoned.sum());
  row->wait_abandoned_max_ns = wait_abandoned.max();
  row->wait_all_sum_ns = Saturated(wait_answered.sum() + wait_abandoned.sum() + wait_other.sum());
  row->wait_all_max_ns = std::max({wait_answered.max(), wait_abandoned.max(), wait_other.max()});
  row->wait_open_sum_ns = Saturated(open.wait_sum);
  row->wait_open_max_ns = open.wait_max;
  row->ended = handle.count();
  row->handle_sum_ns = Saturated(handle.sum());
  row->handle_max_ns = handle.max();
  row->talk_sum_ns = Saturated(talk_sum);
  row->talk_max_ns = talk_max;
  row->holds = holds;
  row->hold_sum_ns = Saturated(hold_sum);
  row->wrapups = wrapups;
  row->wrapup_sum_ns = Saturated(wrapup_sum);
  row->attention_sum_ns = Saturated(attention_sum);
  row->offers = offers.made;
  row->accepted = offers.accepted;
  std::copy(offers.outcomes.begin(), offers.outcomes.end(), row->outcomes);
  row->connect_failed = offers.connect_failed;
  row->exhausted = exhausted;
}

void AgentCell::CountCapacity(int64_t capacity) {
  Int128 all = 0;
  for (int as = 0; as < KOBLE_SHOWN_COUNT_; ++as) all += Shown(as);
  capacity_unit_ns += (all - capacity_counted_ns) * capacity;
  capacity_counted_ns = Saturated(all);
}

void AgentCell::Add(const AgentCell& other) {
  for (int as = 0; as < KOBLE_SHOWN_COUNT_; ++as) Shown(as) = Saturated(Int128{Shown(as)} + other.Shown(as));
  load_unit_ns += other.load_unit_ns;
  capacity_unit_ns += other.capacity_unit_ns;
  capacity_counted_ns = Saturated(Int128{capacity_counted_ns} + other.capacity_counted_ns);
  talk_sum.Add(other.talk_sum);
  hold_sum.Add(other.hold_sum);
  wrapup_sum.Add(other.wrapup_sum);
  served_at_once += other.served_at_once;
  answered += other.answered;
  ended += other.ended;
  offers.Add(other.offers);
}

void AgentCell::Fill(koble_figures_agent_row* row) const {
  Int128 signed_in = 0;
  for (int as = 0; as < KOBLE_SHOWN_COUNT_; ++as) {
    row->shown_ns[as] = Shown(as);
    signed_in += Shown(as);
  }
  const Int128 busy = Int128{Shown(KOBLE_SHOWN_ACTIVE)} + Shown(KOBLE_SHOWN_HELD) + Shown(KOBLE_SHOWN_WRAPUP);
  row->signed_in_ns = Saturated(signed_in);
  row->busy_ns = Saturated(busy);
  row->busy_of_ns = Saturated(busy + Shown(KOBLE_SHOWN_AVAILABLE));
  row->load_unit_ms = Saturated(load_unit_ns / 1000000);
  row->capacity_unit_ms = Saturated(capacity_unit_ns / 1000000);
  row->offers = offers.made + served_at_once;
  row->accepted = offers.accepted + served_at_once;
  std::copy(offers.outcomes.begin(), offers.outcomes.end(), row->outcomes);
  row->connect_failed = offers.connect_failed;
  row->answered = answered + served_at_once;
  row->ended = ended;
  row->talk_sum_ns = Saturated(talk_sum);
  row->hold_sum_ns = Saturated(hold_sum);
  row->wrapup_sum_ns = Saturated(wrapup_sum);
}

}  // namespace koble::figures
