// koble_figures.h.
#include <algorithm>
#include <memory>
#include <string>

#include "figures.h"
#include "figures/figures.h"
#include "koble/koble_figures.h"

using koble::c::Guarded;
using koble::c::ReadStruct;
using koble::c::Sized;
using koble::c::WriteStruct;
using koble::figures::Figures;
using koble::figures::Histogram;

namespace {

// Events of a host compiled against the first version end with journal_seq; figures read nothing after b.
constexpr uint32_t kEventSizeMin = offsetof(koble_event, journal_seq);

// Runs a change of the figures: no exception leaves, and the words of a refusal are there to be read.
template <typename F>
int32_t Change(koble_figures* figures, F&& body) {
  if (figures == nullptr) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    figures->refusal.clear();
    return body(figures->fold);
  });
}

int32_t Refuse(koble_figures* figures, int32_t code, const char* words) {
  figures->refusal = words;
  return code;
}

}  // namespace

int32_t koble_figures_create(const koble_plan* plan, const koble_figures_options* options, koble_figures** figures) {
  if (figures != nullptr) *figures = nullptr;
  if (plan == nullptr || figures == nullptr) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    koble_figures_options full = KOBLE_FIGURES_OPTIONS_INIT;
    if (options != nullptr && !ReadStruct(options, &full)) return static_cast<int32_t>(KOBLE_ERR_ARGUMENT);
    const koble::figures::Options inner = {full.start_ns, full.interval_ns, full.short_abandon_ns, full.target_ns};
    if (full.reserved != 0 || !koble::figures::Mistake(inner).empty()) return static_cast<int32_t>(KOBLE_ERR_ARGUMENT);
    *figures = new koble_figures(Figures(koble::figures::LayoutOf(*plan->plan), inner));
    return static_cast<int32_t>(KOBLE_OK);
  });
}

void koble_figures_destroy(koble_figures* figures) { delete figures; }

const char* koble_figures_message(const koble_figures* figures) {
  if (figures == nullptr) return "";
  return figures->refusal.empty() ? figures->fold.message().c_str() : figures->refusal.c_str();
}

int32_t koble_figures_plan(koble_figures* figures, const koble_plan* plan) {
  if (plan == nullptr) return KOBLE_ERR_ARGUMENT;
  return Change(figures, [&](Figures& fold) {
    fold.AddLayout(koble::figures::LayoutOf(*plan->plan));
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_figures_agent(koble_figures* figures, koble_id agent, const char* name, int64_t capacity) {
  return Change(figures, [&](Figures& fold) { return fold.NameAgent(agent, name == nullptr ? "" : name, capacity); });
}

[[gnu::hot]] int32_t koble_figures_fold(koble_figures* figures, const koble_event* events, uint32_t stride,
                                        uint64_t count, uint64_t* folded) {
  if (folded != nullptr) *folded = 0;
  return Change(figures, [&](Figures& fold) {
    if (count > 0 && (events == nullptr || stride < kEventSizeMin)) {
      return Refuse(figures, KOBLE_ERR_ARGUMENT, "events is null, or stride is less than the size of a koble_event");
    }
    return fold.Fold(events, stride, count, folded);
  });
}

int32_t koble_figures_close(koble_figures* figures, int64_t at_ns) {
  return Change(figures, [&](Figures& fold) { return fold.Close(at_ns); });
}

int32_t koble_figures_merge(koble_figures* figures, const koble_figures* from) {
  if (from == nullptr || from == figures) return KOBLE_ERR_ARGUMENT;
  return Change(figures, [&](Figures& fold) { return fold.Merge(from->fold); });
}

uint32_t koble_figures_queue_count(const koble_figures* figures) {
  return figures == nullptr ? 0 : figures->fold.queue_count();
}

uint32_t koble_figures_agent_count(const koble_figures* figures) {
  return figures == nullptr ? 0 : figures->fold.agent_count();
}

int64_t koble_figures_interval_count(const koble_figures* figures) {
  return figures == nullptr ? 0 : figures->fold.interval_count();
}

const char* koble_figures_queue_name(const koble_figures* figures, uint32_t queue) {
  if (figures == nullptr || queue >= figures->fold.queue_count()) return nullptr;
  return figures->fold.queue_name(queue).c_str();
}

const char* koble_figures_agent_name(const koble_figures* figures, uint32_t agent) {
  if (figures == nullptr || agent >= figures->fold.agent_count()) return nullptr;
  return figures->fold.agent_name(agent).c_str();
}

int32_t koble_figures_queue(const koble_figures* figures, uint32_t queue, int64_t interval,
                            koble_figures_queue_row* row) {
  if (figures == nullptr || !Sized(row)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    koble_figures_queue_row full;
    if (!figures->fold.Queue(queue, interval, &full)) return static_cast<int32_t>(KOBLE_ERR_UNKNOWN);
    WriteStruct(full, row);
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_figures_by_agent(const koble_figures* figures, uint32_t agent, int64_t interval,
                               koble_figures_agent_row* row) {
  if (figures == nullptr || !Sized(row)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    koble_figures_agent_row full;
    if (!figures->fold.Agent(agent, interval, &full)) return static_cast<int32_t>(KOBLE_ERR_UNKNOWN);
    WriteStruct(full, row);
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_figures_quantile(const koble_figures* figures, uint32_t queue, int64_t interval, uint32_t duration,
                               uint32_t ppm, int64_t* value_ns) {
  if (figures == nullptr || value_ns == nullptr || ppm > 1000000) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    Histogram histogram;
    if (!figures->fold.Durations(queue, interval, duration, &histogram)) return static_cast<int32_t>(KOBLE_ERR_UNKNOWN);
    *value_ns = histogram.Quantile(ppm);
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_figures_histogram(const koble_figures* figures, uint32_t queue, int64_t interval, uint32_t duration,
                                int64_t* upper_ns, uint64_t* counts, uint64_t capacity, uint64_t* buckets) {
  if (figures == nullptr || buckets == nullptr) return KOBLE_ERR_ARGUMENT;
  if (capacity > 0 && (upper_ns == nullptr || counts == nullptr)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    Histogram histogram;
    if (!figures->fold.Durations(queue, interval, duration, &histogram)) return static_cast<int32_t>(KOBLE_ERR_UNKNOWN);
    const auto all = histogram.Buckets();
    for (uint64_t i = 0; i < std::min<uint64_t>(capacity, all.size()); ++i) {
      upper_ns[i] = Histogram::UpperBound(all[i].index);
      counts[i] = all[i].count;
    }
    *buckets = all.size();
    return static_cast<int32_t>(KOBLE_OK);
  });
}
