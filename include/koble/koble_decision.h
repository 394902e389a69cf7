/* koble_decision.h: a simulated world that stops where somebody has to be chosen: for learning, and for optimisation.
 *
 * Purpose.   A semi-Markov decision process over the engine that runs live. The world (koble_world.h) has queues of mode "external", so the
 *            engine offers nothing by itself; a decision is open while a contact waits whom somebody may take now: the engine says so, by
 *            requirements, steps that are open, tables of queues, reserves and room. Its answer is a pair of a stream and a group of agents
 *            (that stream's first contact goes to that group's agent who has been idle for longest and may take it, and who has it at once),
 *            or to defer: nothing, until something else happens. Then the world plays on to the next decision.
 * First.     Of a stream whose contacts have attributes, the first whom somebody of the group may take; of any other, who has waited for
 *            longest.
 * Batches.   koble_decide answers for many worlds in one call.
 * Rewards.   From one decision to the next: minus the integral over time of what each waiting contact costs an hour, minus what is lost with
 *            each contact that abandons or is refused, plus what each that is served is worth when its conversation begins; each discounted by e^(-rate x time since the
 *            decision), if wanted.
 * Ownership, threads, errors, structs: as in koble.h. The world must outlive it and be played by nobody else.
 */
#ifndef KOBLE_KOBLE_DECISION_H_
#define KOBLE_KOBLE_DECISION_H_

#include "koble/koble_world.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct koble_decision_options {
  uint32_t struct_size;
  uint32_t group_count;           /* at least 1 */
  const uint32_t* group_of_agent; /* for each agent that the plan lists: 0 to group_count - 1 */
  /* Of each stream of the world's model; null: 0. */
  const double* waiting_per_hour;
  const double* abandoned; /* whoever leaves unserved behind the door, by himself or let go */
  const double* refused;
  const double* served;
  double discount_per_hour; /* 0: none */
} koble_decision_options;
#define KOBLE_DECISION_OPTIONS_INIT \
  { sizeof(koble_decision_options), 0, 0, 0, 0, 0, 0, 0.0 }

typedef struct koble_decision koble_decision;

/* Before the world is played. KOBLE_ERR_ARGUMENT: `message` says what is wrong: a queue of a stream that is not external or has `confirm`, a
 * stream whose queues a hook chooses, a group without agents. */
KOBLE_API int32_t koble_decision_create(koble_world* world, const koble_decision_options* options,
                                        koble_decision** decision, char* message, uint64_t message_size);
KOBLE_API void koble_decision_destroy(koble_decision* decision);

/* Streams x groups, and one action more: action stream x groups + group, the last one is to defer. */
KOBLE_API uint32_t koble_decision_actions(const koble_decision* decision);
/* Numbers of an observation: of each stream how many wait and since how many seconds the first; of each group how many are free, how many
 * are there, and since how many seconds the longest free one has been so; hours since the beginning. */
KOBLE_API uint32_t koble_decision_observed(const koble_decision* decision);

enum { KOBLE_DECISION_OPEN = 0, KOBLE_DECISION_HORIZON = 1, KOBLE_DECISION_OVER = 2 };

/* Gives each of `count` worlds (all of one shape) its action and plays it on: to the next decision, to its horizon, or to its end. Row i of each
 * array is about world i: observations (koble_decision_observed floats), masks (koble_decision_actions bytes, 1: legal), elapsed_s, rewards,
 * states (KOBLE_DECISION_). An action of -1 begins a world: it plays to the first decision. KOBLE_ERR_ARGUMENT, and nothing has happened, where an
 * action is not legal or a world has ended; `message` names it. */
KOBLE_API int32_t koble_decide(koble_decision* const* worlds, uint64_t count, const int32_t* actions,
                               float* observations, uint8_t* masks, double* elapsed_s, double* rewards, uint8_t* states,
                               char* message, uint64_t message_size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_DECISION_H_ */
