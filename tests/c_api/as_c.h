/* A host in plain C: see as_c.c. */
#ifndef KOBLE_TESTS_C_API_AS_C_H_
#define KOBLE_TESTS_C_API_AS_C_H_

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a day's worth of everything through every function of koble.h and koble_record.h. Returns 0, or the line that went wrong. */
int koble_test_as_c(void);

#ifdef __cplusplus
}
#endif

#endif /* KOBLE_TESTS_C_API_AS_C_H_ */
