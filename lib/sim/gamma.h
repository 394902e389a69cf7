// The gamma function and the gamma distribution, from sim/math.h and + - * / and sqrt alone: same bits on every IEEE 754 machine.
//
// Stated errors (tests/unit/sim_gamma_test.cc measures them against long double):
//   LogGamma        absolute error <= 2^-46 x (1 + |result|) for x in [10^-6, 10^8]
//   GammaProbability   relative error of the smaller of P and 1 - P <= 10^-11 for shapes in [0.01, 10^4]
//   GammaQuantile   the probability at the result differs from p by at most 10^-12 of the smaller of p and 1 - p, and what the rounding of x makes of it
#ifndef KOBLE_LIB_SIM_GAMMA_H_
#define KOBLE_LIB_SIM_GAMMA_H_

namespace koble::sim {

double LogGamma(double x);  // x > 0

// P(X <= x) and P(X > x) of the gamma distribution with this shape and scale 1.
struct GammaTails {
  double below = 0;
  double above = 0;
};
GammaTails GammaProbability(double shape, double x);

// x with P(X <= x) = p, p in (0, 1): inversion. Shapes from 0.01 to 10^4.
double GammaQuantile(double shape, double p);

// P(Z <= z) of the standard normal law, by the gamma law of shape 1/2: relative error of the smaller tail as above.
double NormalProbability(double z);

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_GAMMA_H_
