// koble.hpp: Koble for C++17, header-only, over the C API.
//
// Purpose.   The same engine as koble.h with owning objects, ids that cannot be mixed up, and exceptions. Nothing here is
//            compiled into the library: a host may be built by another compiler than Koble was.
// Ownership. koble::Plan shares one compiled plan between copies. koble::Engine owns an engine and can be moved, not copied;
//            Clone() makes an independent one.
// Threads.   As in koble.h: all calls on one Engine, const ones included, are exclusive; different engines are independent;
//            Plan may be shared freely.
// Time.      koble::Time and koble::Duration are made from int64_t nanoseconds or from std::chrono, without a cast. Late stamps
//            are raised to the engine's now (EngineOptions::clamp_time), unless the host wishes otherwise.
// Errors.    Calls that are refused throw koble::Error, which carries the code, a sentence that says what to do and, for
//            commands, the Result: a refused command may have advanced the time and so have added events.
//
// docs/model.md is the authority on behaviour. What a function does is said in koble.h at the function of the same name; here
// stands only what differs.
#ifndef KOBLE_KOBLE_HPP_
#define KOBLE_KOBLE_HPP_

#include <koble/koble_base.hpp>
#include <koble/koble_engine.hpp>
#include <koble/koble_event.hpp>
#include <koble/koble_plan.hpp>
#include <koble/koble_policy.hpp>

#endif  // KOBLE_KOBLE_HPP_
