// Policies for random runs: the same for the engine and the reference, and as whimsical as a host may be.
#ifndef KOBLE_TESTS_SUPPORT_POLICIES_H_
#define KOBLE_TESTS_SUPPORT_POLICIES_H_

#include "koble/koble_policy.h"
#include "reference/router.h"

namespace koble::testing {

// "p1" and "p2" choose either, "p3" only agents; no other is there. All that is shown decides what they answer, so that whoever shows
// something else gets another answer; now and then it is none of the candidates, or that it failed, or none now.
void SetPolicies(reference::Router* router);
void SetPolicies(koble_engine* engine);

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_POLICIES_H_
