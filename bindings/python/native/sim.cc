// Draws, laws, arrivals and trace-driven runs, over arrays that Python's side has made.
#include <koble/koble_sim.h>
#include <nanobind/stl/array.h>

#include <array>

#include "figures.h"

namespace koble_python {
namespace {

template <typename T>
class Array {
 public:
  Array(nb::handle object, bool writable) : buffer_(object, writable) {
    if (buffer_.size() % sizeof(T) != 0) Raise(KOBLE_ERR_ARGUMENT, "an array does not consist of whole elements");
  }
  T* data() const { return static_cast<T*>(buffer_.data()); }
  uint64_t count() const { return buffer_.size() / sizeof(T); }

 private:
  Buffer buffer_;
};

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

koble_law LawOf(uint32_t kind, double a, double b, const Array<int64_t>& values, const Array<double>& weights) {
  if (weights.count() != 0 && weights.count() != values.count()) Raise(KOBLE_ERR_ARGUMENT, "as many weights as values");
  return {
      sizeof(koble_law), kind, a, b, values.data(), values.count(), weights.count() == 0 ? nullptr : weights.data()};
}

void Values(uint32_t kind, double a, double b, nb::handle values, nb::handle weights, uint64_t seed, uint32_t purpose,
            uint64_t first, uint32_t index, nb::handle out) {
  Array<int64_t> table(values, false);
  Array<double> parts(weights, false);
  Array<int64_t> array(out, true);
  const koble_law law = LawOf(kind, a, b, table, parts);
  const int32_t code = koble_sim_values(&law, seed, purpose, first, index, array.count(), array.data());
  if (code != KOBLE_OK) Raise(code, "the law's parameters are outside their range (docs/replay.md)");
}

void Quantiles(uint32_t kind, double a, double b, nb::handle values, nb::handle weights, nb::handle uniforms,
               nb::handle out) {
  Array<int64_t> table(values, false);
  Array<double> parts(weights, false);
  Array<double> at(uniforms, false);
  Array<int64_t> array(out, true);
  if (at.count() != array.count()) Raise(KOBLE_ERR_ARGUMENT, "as many values as uniforms");
  const koble_law law = LawOf(kind, a, b, table, parts);
  const int32_t code = koble_sim_quantiles(&law, at.data(), at.count(), array.data());
  if (code != KOBLE_OK) Raise(code, "the law's parameters or a uniform are outside their range (docs/replay.md)");
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
  module.def("sim_values", &Values, nb::arg("kind"), nb::arg("a"), nb::arg("b"), nb::arg("values"), nb::arg("weights"),
             nb::arg("seed"), nb::arg("purpose"), nb::arg("first"), nb::arg("index"), nb::arg("out"),
             nb::sig("def sim_values(kind: int, a: float, b: float, values: typing.Any, weights: typing.Any, seed: "
                     "int, purpose: int, first: int, "
                     "index: int, out: typing.Any) -> None"));
  module.def("sim_quantiles", &Quantiles, nb::arg("kind"), nb::arg("a"), nb::arg("b"), nb::arg("values"),
             nb::arg("weights"), nb::arg("uniforms"), nb::arg("out"),
             nb::sig("def sim_quantiles(kind: int, a: float, b: float, values: typing.Any, weights: typing.Any, "
                     "uniforms: typing.Any, "
                     "out: typing.Any) -> None"));
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
