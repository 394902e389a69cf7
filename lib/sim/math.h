// log, exp, the inverse of the normal distribution, and uniforms: from + - * / and sqrt alone, never libm, whose last bits differ
// between versions and processors. Same bits on every IEEE 754 machine (-ffp-contract=off is set for the whole project).
//
// Stated errors (tests/unit/sim_math_test.cc measures them against long double):
//   Log          relative error <= 2 x 2^-53 over all positive finite doubles (at 1 the result is exactly 0)
//   Exp          relative error <= 2 x 2^-53 where the result is a normal number
//   NormalQuantile   relative error <= 2^-49 (AS 241's own 1e-16, and rounding) for p in [2^-53, 1 - 2^-53]
#ifndef KOBLE_LIB_SIM_MATH_H_
#define KOBLE_LIB_SIM_MATH_H_

#include <cstdint>

namespace koble::sim {

double Log(double x);  // -infinity at 0; NaN below and for NaN
double Exp(double x);
double NormalQuantile(double p);  // -infinity at 0, infinity at 1; NaN outside [0, 1]

// Strictly between 0 and 1: the upper 52 bits and a half, so that neither Log(u) nor Log(1 - u) is infinite.
inline double Uniform(uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52; }

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_MATH_H_
