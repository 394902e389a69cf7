/* koble_transcript.h: runs transcripts, the conformance language of Koble.
 *
 * Purpose.   A transcript is a text file of timed commands with the events expected of them (docs/transcripts.md). This runs
 *            one, says where what happened differs from what is written, and can write what happened in its place.
 * Ownership. koble_transcript_run gives back a run that the caller releases; the texts belong to it. Pointers that a call
 *            receives are read during that call only.
 * Threads.   Every run makes engines of its own: runs are independent of each other and of every engine.
 * Files.     None is opened here: `plan FILE` in a transcript asks the host by read_fn.
 */
#ifndef KOBLE_KOBLE_TRANSCRIPT_H_
#define KOBLE_KOBLE_TRANSCRIPT_H_

#include <koble/koble.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives the bytes of a file that a transcript names, by `give(give_context, bytes, size)`, called once. `path` is as written;
 * it is meant relative to the transcript's folder. Returns KOBLE_OK, or any error: the transcript then has a mistake at that
 * line. Must not throw. */
typedef int32_t (*koble_transcript_read_fn)(void* context, const char* path,
                                            void (*give)(void* give_context, const void* bytes, uint64_t size),
                                            void* give_context);

/* What is done to the engine after every command, beside what the transcript says; nothing may come out differently. */
enum {
  KOBLE_TRANSCRIPT_AS_WRITTEN = 0,
  KOBLE_TRANSCRIPT_CLONE = 1,    /* go on with a clone */
  KOBLE_TRANSCRIPT_SNAPSHOT = 2, /* write a snapshot, go on with what is restored from it */
  KOBLE_TRANSCRIPT_REPLAY = 3    /* go on with an engine made from the journal */
};

typedef struct koble_transcript_options {
  uint32_t struct_size;
  uint32_t rebuild;                 /* KOBLE_TRANSCRIPT_ */
  koble_transcript_read_fn read_fn; /* null: `plan FILE` is a mistake */
  void* read_context;
} koble_transcript_options;
#define KOBLE_TRANSCRIPT_OPTIONS_INIT \
  { sizeof(koble_transcript_options), KOBLE_TRANSCRIPT_AS_WRITTEN, 0, 0 }

typedef struct koble_transcript_summary {
  uint32_t struct_size;
  uint32_t failures;    /* mistakes + differences; 0: it passed */
  uint32_t mistakes;    /* places that are not in the language; if there are any, nothing was run */
  uint32_t differences; /* commands and expectations that came out differently */
  uint32_t commands;    /* commands given */
  uint32_t checks;      /* events, error codes and `expect` lines compared */
} koble_transcript_summary;
#define KOBLE_TRANSCRIPT_SUMMARY_INIT \
  { sizeof(koble_transcript_summary), 0, 0, 0, 0, 0 }

typedef struct koble_transcript koble_transcript;

/* Runs the `size` bytes at `text`. `name` stands before every line of the report ("tests/first.transcript"; may be null), `options`
 * may be null. KOBLE_OK also when the transcript has failures: koble_transcript_summary_get says. KOBLE_ERR_ARGUMENT,
 * KOBLE_ERR_NO_MEMORY. */
KOBLE_API int32_t koble_transcript_run(const char* text, uint64_t size, const char* name,
                                       const koble_transcript_options* options, koble_transcript** run);
KOBLE_API int32_t koble_transcript_summary_get(const koble_transcript* run, koble_transcript_summary* out);
/* Mistakes ("name:line:column: what is wrong and what is allowed") and differences ("name:line: ..." and the two sides),
 * UTF-8, terminated; "" if it passed. Lives as long as the run. */
KOBLE_API const char* koble_transcript_report(const koble_transcript* run);
/* The transcript with every expectation that differed replaced by what happened; comments, layout and names are kept. The same
 * bytes as were given where nothing differed or something was a mistake. *size (may be null) receives its size. */
KOBLE_API const char* koble_transcript_rewritten(const koble_transcript* run, uint64_t* size);
KOBLE_API void koble_transcript_release(koble_transcript* run); /* null does nothing */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_TRANSCRIPT_H_ */
