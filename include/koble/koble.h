/* koble.h: the C API of Koble, an embeddable, deterministic routing engine for contact centres.
 *
 * Purpose.   A host (a PBX, a CRM, a simulator) makes an engine from a plan, tells it what happens in the world by
 *            commands, each stamped with a time, and reads what the engine decided as a numbered sequence of events.
 *            The engine has no thread, clock, socket or file. Same plan, seed and commands: same events and digest.
 * Ownership. What a koble_..._create/_load/_clone call returns belongs to the caller and is given back by the matching
 *            _destroy/_release call. Pointers that a call receives are read during that call only.
 * Threads.   All calls on one engine, queries included, are exclusive. Different engines are independent. A plan is
 *            immutable and its references are counted atomically: it can be shared freely.
 * Time.      int64_t nanoseconds since 1970 UTC, 0 to KOBLE_TIME_MAX, on a clock that the host keeps from going back
 *            (simulations may start anywhere). Durations are int64_t ns, 0 to KOBLE_DURATION_MAX.
 * Errors.    Functions return KOBLE_OK (0) or a negative KOBLE_ERR_ code; codes are never renumbered. The sentence that
 *            says what to do is koble_engine_message(). A refused command changes nothing beyond the advance to its time.
 * Structs.   The first member is struct_size; set it to sizeof the struct (or use the _INIT macro). Members are only
 *            ever appended.
 *
 * docs/model.md is the authority on behaviour; the names of commands and events here are its words.
 */
#ifndef KOBLE_KOBLE_H_
#define KOBLE_KOBLE_H_

#include <koble/koble_base.h>
#include <koble/koble_command.h>
#include <koble/koble_engine.h>
#include <koble/koble_event.h>
#include <koble/koble_plan.h>
#include <koble/koble_query.h>

#endif /* KOBLE_KOBLE_H_ */
