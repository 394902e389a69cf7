// Draws, laws, arrivals and trace-driven runs, over arrays that Python's side has made.
#include <koble/koble_sim.h>
#include <nanobind/stl/array.h>

#include <array>

#include "figures.h"
#include "law.h"

namespace koble_python {
namespace {

void Uniforms(uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, nb::handle out) {
  Array<double> array(out, true);
  const int32_t code = koble_sim_uniforms(seed, purpose, first, index, array.count(), array.data());
  if (code != KOBLE_OK) Raise(code, nullptr);
}

nb::tuple Philox(const std::array<uint32_t, 4>& counter, const std::array<uint32_t, 2>& key) {
  uint32_t out[4];
  koble_sim_philox(counter.data(), key.data(), out);
  return nb::make_tuple(out[0], out[1], out[2], out[3]);
}

void Values(nb::handle law, uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, nb::handle out) {
  const Law read(law);
  Array<int64_t> array(out, true);
  const int32_t code = koble_sim_values(read.get(), seed, purpose, first, index, array.count(), array.data());
  if (code != KOBLE_OK) Raise(code, "the law's parameters are outside their range (docs/studies.md)");
}

void Quantiles(nb::handle law, nb::handle uniforms, nb::handle out) {
  const Law read(law);
  Array<double> at(uniforms, false);
  Array<int64_t> array(out, true);
  if (at.count() != array.count()) Raise(KOBLE_ERR_ARGUMENT, "as many values as uniforms");
  const int32_t code = koble_sim_quantiles(read.get(), at.data(), at.count(), array.data());
  if (code != KOBLE_OK) Raise(code, "the law's parameters or a uniform are outside their range (docs/studies.md)");
}

// A function of many numbers at once.
template <int32_t (*kFunction)(const double*, uint64_t, double*)>
void Each(nb::handle at, nb::handle out) {
  Array<double> from(at, false);
  Array<double> to(out, true);
  if (from.count() != to.count()) Raise(KOBLE_ERR_ARGUMENT, "as many results as arguments");
  const int32_t code = kFunction(from.data(), from.count(), to.data());
  if (code != KOBLE_OK) Raise(code, "a number is outside the function's range");
}

uint64_t Arrivals(nb::handle begins, nb::handle rates, int64_t end_ns, uint64_t seed, uint32_t purpose,
                  nb::handle out) {
  Array<int64_t> begin(begins, false);
  Array<double> rate(rates, false);
  Array<int64_t> array(out, true);
  if (begin.count() != rate.count()) Raise(KOBLE_ERR_ARGUMENT, "as many rates as pieces");
  uint64_t count = 0;
  const int32_t code = koble_sim_arrivals(begin.data(), rate.data(), begin.count(), end_ns, seed, purpose, array.data(),
                                          array.count(), &count);
  if (code != KOBLE_OK) Raise(code, "pieces rise from 0 to the end, and rates per hour are 0 to 10^12");
  return count;
}

// (commands, events, end_ns, digest)
nb::tuple Trace(const Plan& plan, uint64_t seed, int64_t answer_ns, int64_t end_ns, nb::handle contacts,
                nb::handle presence, nb::handle outcomes, nb::handle figures) {
  Array<koble_sim_contact> who(contacts, false);
  Array<koble_sim_presence> there(presence, false);
  Array<koble_sim_outcome> out(outcomes, true);
  if (out.count() != who.count()) Raise(KOBLE_ERR_ARGUMENT, "as many outcomes as contacts");
  koble_figures* fold = figures.is_none() ? nullptr : nb::cast<const Figures&>(figures).get();
  koble_sim_trace_options options = KOBLE_SIM_TRACE_OPTIONS_INIT;
  options.seed = seed;
  options.answer_ns = answer_ns;
  options.end_ns = end_ns;
  koble_sim_run run = KOBLE_SIM_RUN_INIT;
  char message[512] = "";
  int32_t code = KOBLE_OK;
  {
    nb::gil_scoped_release release;
    code = koble_sim_trace(plan.get(), &options, who.data(), who.count(), there.data(), there.count(), out.data(), fold,
                           &run, message, sizeof message);
  }
  if (code != KOBLE_OK) Raise(code, message);
  return nb::make_tuple(run.commands, run.events, run.end_ns, MakeHex(run.digest));
}

}  // namespace
}  // namespace koble_python

void BindSim(nanobind::module_& module) {
  using namespace koble_python;
  module.def("sim_uniforms", &Uniforms, nb::arg("seed"), nb::arg("purpose"), nb::arg("first"), nb::arg("index"),
             nb::arg("out"),
             nb::sig("def sim_uniforms(seed: int, purpose: int, first: int, index: int, out: typing.Any) -> None"));
  module.def(
      "sim_philox", &Philox, nb::arg("counter"), nb::arg("key"),
      nb::sig("def sim_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]"));
  module.def("sim_values", &Values, nb::arg("law"), nb::arg("seed"), nb::arg("purpose"), nb::arg("first"),
             nb::arg("index"), nb::arg("out"),
             nb::sig("def sim_values(law: tuple[typing.Any, ...], seed: int, purpose: int, first: int, index: int, "
                     "out: typing.Any) -> None"));
  module.def("sim_quantiles", &Quantiles, nb::arg("law"), nb::arg("uniforms"), nb::arg("out"),
             nb::sig("def sim_quantiles(law: tuple[typing.Any, ...], uniforms: typing.Any, out: typing.Any) -> None"));
  module.def("sim_normal_quantiles", &Each<koble_sim_normal_quantiles>, nb::arg("uniforms"), nb::arg("out"),
             nb::sig("def sim_normal_quantiles(uniforms: typing.Any, out: typing.Any) -> None"));
  module.def("sim_normal_probabilities", &Each<koble_sim_normal_probabilities>, nb::arg("z"), nb::arg("out"),
             nb::sig("def sim_normal_probabilities(z: typing.Any, out: typing.Any) -> None"));
  module.def("sim_arrivals", &Arrivals, nb::arg("begins"), nb::arg("rates"), nb::arg("end_ns"), nb::arg("seed"),
             nb::arg("purpose"), nb::arg("out"),
             nb::sig("def sim_arrivals(begins: typing.Any, rates: typing.Any, end_ns: int, seed: int, purpose: int, "
                     "out: typing.Any) -> int"));
  module.def(
      "sim_trace", &Trace, nb::arg("plan"), nb::arg("seed"), nb::arg("answer_ns"), nb::arg("end_ns"),
      nb::arg("contacts"), nb::arg("presence"), nb::arg("outcomes"), nb::arg("figures").none(),
      nb::sig(
          "def sim_trace(plan: PlanHandle, seed: int, answer_ns: int, end_ns: int, contacts: typing.Any, "
          "presence: typing.Any, outcomes: typing.Any, figures: FiguresHandle | None) -> tuple[int, int, int, str]"));
}
