// Figures: the fold over events, read as dicts of rows.
#include "figures.h"

#include <vector>

namespace koble_python {
namespace {

Figures Create(const Plan& plan, int64_t start_ns, int64_t interval_ns, int64_t short_abandon_ns, int64_t target_ns) {
  koble_figures_options options = KOBLE_FIGURES_OPTIONS_INIT;
  options.start_ns = start_ns;
  options.interval_ns = interval_ns;
  options.short_abandon_ns = short_abandon_ns;
  options.target_ns = target_ns;
  koble_figures* figures = nullptr;
  const int32_t code = koble_figures_create(plan.get(), &options, &figures);
  if (code != KOBLE_OK) {
    Raise(code, "start, interval (0 or at least 1 s), short_abandon and target are times and durations, not negative");
  }
  return Figures(figures);
}

void Check(const Figures& self, int32_t code) {
  if (code != KOBLE_OK) Raise(code, koble_figures_message(self.get()));
}

uint64_t Fold(const Figures& self, nb::handle events, uint32_t stride) {
  Buffer bytes(events, false);
  if (stride == 0 || bytes.size() % stride != 0)
    Raise(KOBLE_ERR_ARGUMENT, "the array's size is no multiple of its stride");
  uint64_t folded = 0;
  Check(self, koble_figures_fold(self.get(), static_cast<const koble_event*>(bytes.data()), stride,
                                 bytes.size() / stride, &folded));
  return folded;
}

// The row's bytes; Python's side gives them their names.
template <typename Row, int32_t (*kRead)(const koble_figures*, uint32_t, int64_t, Row*)>
nb::bytes Read(const Figures& self, uint32_t number, int64_t interval) {
  Row row{};
  row.struct_size = sizeof row;
  const int32_t code = kRead(self.get(), number, interval, &row);
  if (code != KOBLE_OK) Raise(code, "there is no such queue, agent or interval in these figures");
  return nb::bytes(reinterpret_cast<const char*>(&row), sizeof row);
}

int64_t Quantile(const Figures& self, uint32_t queue, int64_t interval, uint32_t duration, uint32_t ppm) {
  int64_t value = 0;
  const int32_t code = koble_figures_quantile(self.get(), queue, interval, duration, ppm, &value);
  if (code != KOBLE_OK) Raise(code, "there is no such queue, interval or duration in these figures");
  return value;
}

nb::tuple HistogramOf(const Figures& self, uint32_t queue, int64_t interval, uint32_t duration) {
  uint64_t count = 0;
  int32_t code = koble_figures_histogram(self.get(), queue, interval, duration, nullptr, nullptr, 0, &count);
  if (code != KOBLE_OK) Raise(code, "there is no such queue, interval or duration in these figures");
  std::vector<int64_t> upper(count);
  std::vector<uint64_t> counts(count);
  if (count > 0) {
    code = koble_figures_histogram(self.get(), queue, interval, duration, upper.data(), counts.data(), count, &count);
    if (code != KOBLE_OK) Raise(code, nullptr);
  }
  return nb::make_tuple(nb::bytes(reinterpret_cast<const char*>(upper.data()), count * sizeof(int64_t)),
                        nb::bytes(reinterpret_cast<const char*>(counts.data()), count * sizeof(uint64_t)));
}

template <uint32_t (*kCount)(const koble_figures*), const char* (*kName)(const koble_figures*, uint32_t)>
nb::tuple Names(const Figures& self) {
  nb::list names;
  for (uint32_t i = 0; i < kCount(self.get()); ++i) names.append(MakeText(kName(self.get(), i)));
  return nb::tuple(names);
}

}  // namespace
}  // namespace koble_python

void BindFigures(nanobind::module_& module) {
  using namespace koble_python;
  nb::class_<Figures>(module, "FiguresHandle")
      .def(
          "plan",
          [](const Figures& self, const Plan& plan) { Check(self, koble_figures_plan(self.get(), plan.get())); },
          nb::arg("plan"))
      .def(
          "agent",
          [](const Figures& self, uint64_t agent, const char* name, int64_t capacity) {
            Check(self, koble_figures_agent(self.get(), agent, name, capacity));
          },
          nb::arg("agent"), nb::arg("name"), nb::arg("capacity"))
      .def("fold", &Fold, nb::arg("events"), nb::arg("stride"),
           nb::sig("def fold(self, events: typing.Any, stride: int) -> int"))
      .def(
          "close", [](const Figures& self, int64_t at_ns) { Check(self, koble_figures_close(self.get(), at_ns)); },
          nb::arg("at_ns"))
      .def(
          "merge",
          [](const Figures& self, const Figures& other) { Check(self, koble_figures_merge(self.get(), other.get())); },
          nb::arg("other"))
      .def("interval_count", [](const Figures& self) { return koble_figures_interval_count(self.get()); })
      .def("queues", &Names<koble_figures_queue_count, koble_figures_queue_name>,
           nb::sig("def queues(self) -> tuple[str, ...]"))
      .def("agents", &Names<koble_figures_agent_count, koble_figures_agent_name>,
           nb::sig("def agents(self) -> tuple[str, ...]"))
      .def("queue_row", &Read<koble_figures_queue_row, koble_figures_queue>, nb::arg("queue"), nb::arg("interval"))
      .def("agent_row", &Read<koble_figures_agent_row, koble_figures_by_agent>, nb::arg("agent"), nb::arg("interval"))
      .def("quantile", &Quantile, nb::arg("queue"), nb::arg("interval"), nb::arg("duration"), nb::arg("ppm"))
      .def("histogram", &HistogramOf, nb::arg("queue"), nb::arg("interval"), nb::arg("duration"),
           nb::sig("def histogram(self, queue: int, interval: int, duration: int) -> tuple[bytes, bytes]"));
  module.def("figures_create", &Create, nb::arg("plan"), nb::arg("start_ns"), nb::arg("interval_ns"),
             nb::arg("short_abandon_ns"), nb::arg("target_ns"));
}
