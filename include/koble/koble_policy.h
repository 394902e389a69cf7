/* koble_policy.h: policies, functions of the host that choose.
 *
 * Purpose.   Where a queue's or a profile's `policy` names one (docs/plan.md), the engine asks it: which of these agents for
 *            this contact, or which of these contacts for this agent. It is shown only what is feasible, in the order that
 *            holds without it, and may take any of them or none for now. docs/model.md, 6.6, is exact about it.
 * Record.    What it answered is in the journal's record of the command. A replay takes the answers from there and asks
 *            nobody, so that a journal needs no policy to be played.
 * Limits.    It is called inside a command or an advance and must not change the engine: commands, acknowledging, clones,
 *            snapshots and new policies are refused with KOBLE_ERR_BUSY, koble_digest gives 0. Queries are allowed and see the
 *            state in which the choice is made. It must not destroy the engine, nor jump out (longjmp); what a C++ function
 *            throws counts as KOBLE_CHOOSE_FAILED.
 * Same again. It should answer the same to the same question: then the same commands give the same events without a journal, too.
 * Threads.   Called on the thread of the call that asks. A clone has the policies of its origin, with the same `context`.
 */
#ifndef KOBLE_KOBLE_POLICY_H_
#define KOBLE_KOBLE_POLICY_H_

#include <koble/koble.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KOBLE_POLICY_CANDIDATES_MAX 64u /* candidates that are ever shown at once */

/* Answers of a policy beside the place of a candidate, 0 to koble_choice_count() - 1. */
#define KOBLE_CHOOSE_DEFER (-1)  /* none of them now */
#define KOBLE_CHOOSE_FAILED (-2) /* it could not answer: KOBLE_EVENT_POLICY_FAULT, and the first is taken */

/* A question; valid during the call that asks it. */
typedef struct koble_choice koble_choice;

/* Asked with the `context` of its koble_policy. Returns the place of a candidate from 0, or one of KOBLE_CHOOSE_; any other answer
 * is a KOBLE_EVENT_POLICY_FAULT, and the first candidate is taken. */
typedef int32_t (*koble_choose_fn)(void* context, const koble_choice* choice);

typedef struct koble_policy {
  uint32_t struct_size;
  uint32_t reserved;              /* 0 */
  koble_choose_fn choose_agent;   /* candidates are agents, for contact 0; null: not this policy's business */
  koble_choose_fn choose_contact; /* candidates are contacts, for agent 0; null likewise */
  void* context;
} koble_policy;
#define KOBLE_POLICY_INIT \
  { sizeof(koble_policy), 0, 0, 0, 0 }

/* Gives the engine the policy of that name, in place of an older one; `policy` null: takes it away. No command, and in no
 * journal or snapshot: after koble_replay or koble_snapshot_restore give it again. A policy that the plan names and the engine
 * does not have is answered for by the engine's own order, with a KOBLE_EVENT_POLICY_FAULT each time. KOBLE_ERR_ARGUMENT: no name, struct_size not
 * set, or both functions null; KOBLE_ERR_BUSY: while a policy is asked. */
KOBLE_API int32_t koble_engine_set_policy(koble_engine* engine, const char* name, const koble_policy* policy);

/* The engine that asks, for queries; its koble_now is the time of the choice. */
KOBLE_API const koble_engine* koble_choice_engine(const koble_choice* choice);
KOBLE_API uint32_t koble_choice_count(const koble_choice* choice); /* candidates, at least 1 */
/* The queue for which an agent is chosen; KOBLE_QUEUE_NONE where a contact is. */
KOBLE_API uint32_t koble_choice_queue(const koble_choice* choice);

typedef struct koble_choice_contact {
  uint32_t struct_size;
  uint32_t queue;    /* by which it is a candidate: the one of its queues that puts it foremost for this agent */
  uint32_t step;     /* the last of the steps open there */
  uint32_t attempts; /* times that it has been offered before */
  koble_id id;
  uint64_t serial;
  uint64_t host_ref;
  int64_t arrival_ns;
  int64_t priority; /* as it came with the contact: micro-points */
  int64_t credit_ns;
  koble_id agent;      /* whom it is meant for; 0: nobody in particular */
  uint64_t open_steps; /* the steps open in `queue`, bit by bit; bit 0, the requirement itself, always */
} koble_choice_contact;
#define KOBLE_CHOICE_CONTACT_INIT \
  { sizeof(koble_choice_contact), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

typedef struct koble_choice_agent {
  uint32_t struct_size;
  uint32_t reserved;
  koble_id id;
  uint64_t sequence;     /* number of first appearance */
  int64_t idle_since_ns; /* a time of the engine's clock */
  int64_t capacity;      /* units */
  int64_t used;          /* units taken */
  int64_t weight;        /* of his definition */
  uint64_t served;       /* contacts since he was added */
  int64_t talked_ns;     /* in conversations, holding included, that have ended or paused */
  int64_t last_ended_ns; /* 0: had no conversation yet */
} koble_choice_agent;
#define KOBLE_CHOICE_AGENT_INIT \
  { sizeof(koble_choice_agent), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Candidate `index`, or, of what is chosen for, 0. KOBLE_ERR_UNKNOWN past the last. */
KOBLE_API int32_t koble_choice_read_contact(const koble_choice* choice, uint32_t index, koble_choice_contact* out);
KOBLE_API int32_t koble_choice_read_agent(const koble_choice* choice, uint32_t index, koble_choice_agent* out);
/* The agent's level of a skill of the plan in force, 0 where he lacks it or there is no such agent or skill. */
KOBLE_API int32_t koble_choice_level(const koble_choice* choice, uint32_t index, uint32_t skill);
/* The value of the contact's attribute `key` (a symbol's number). KOBLE_ERR_NONE where it has none of that key. */
KOBLE_API int32_t koble_choice_attribute(const koble_choice* choice, uint32_t index, uint32_t key, int64_t* value);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_POLICY_H_ */
