// A trace-driven run: the world of a list of contacts and a list of presence changes, played against the engine.
//
// The engine decides who takes whom and when; the trace says who comes, how long he would wait, how long he would talk, and
// who is there. Everything a contact brings is fixed at its arrival, so that runs under several plans meet the same customers.
//
// Order at one instant: the engine's own timers; ends of service; presence changes; answers to ringing offers; hang-ups of the
// impatient; arrivals. So who can be served at the very instant at which his patience ends is served, and a caller finds
// the agents who became free when he called. Within one of these by the list's order (ends and answers by the contact's).
#ifndef KOBLE_LIB_SIM_TRACE_H_
#define KOBLE_LIB_SIM_TRACE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "figures/figures.h"
#include "koble/koble_sim.h"
#include "plan/plan.h"

namespace koble::sim {

// Contacts by arrival and changes by time, rising (equal times allowed). `outcomes` has one place for each contact. `figures` may be
// null; otherwise every event is folded into it, and it is closed at the end of the run. Returns KOBLE_OK or a KOBLE_ERR_ code, with
// `message` saying what is wrong.
int32_t RunTrace(const std::shared_ptr<const plan::Plan>& plan, const koble_sim_trace_options& options,
                 std::span<const koble_sim_contact> contacts, std::span<const koble_sim_presence> presence,
                 std::span<koble_sim_outcome> outcomes, figures::Figures* figures, koble_sim_run* run,
                 std::string* message);

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_TRACE_H_
