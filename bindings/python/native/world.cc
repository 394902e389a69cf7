// A simulated world: a model that is put together part by part, and the run.
#include "world.h"

void BindWorld(nanobind::module_& module) {
  using namespace koble_python;
  nb::class_<WorldModel>(module, "WorldModel")
      .def(nb::init<uint64_t, int64_t, int64_t, int64_t, nb::handle>(), nb::arg("seed"), nb::arg("horizon_ns"),
           nb::arg("from_ns"), nb::arg("to_ns"), nb::arg("sample_ns"),
           nb::sig("def __init__(self, seed: int, horizon_ns: int, from_ns: int, to_ns: int, sample_ns: typing.Any) -> "
                   "None"))
      .def("add_stream", &WorldModel::AddStream, nb::arg("queues"), nb::arg("priority"), nb::arg("credit_ns"),
           nb::arg("service").none(), nb::arg("patience").none(), nb::arg("batch").none(), nb::arg("chosen"),
           nb::sig("def add_stream(self, queues: typing.Any, priority: int, credit_ns: int, service: tuple[typing.Any, "
                   "...] | None, patience: tuple[typing.Any, ...] | None, batch: tuple[typing.Any, ...] | None, "
                   "chosen: bool) -> int"))
      .def("set_rates", &WorldModel::SetRates, nb::arg("stream"), nb::arg("begin_ns"), nb::arg("per_hour"),
           nb::arg("to_per_hour"),
           nb::sig("def set_rates(self, stream: int, begin_ns: typing.Any, per_hour: typing.Any, to_per_hour: "
                   "typing.Any) -> None"))
      .def("set_times", &WorldModel::SetTimes, nb::arg("stream"), nb::arg("times_ns"), nb::arg("services_ns").none(),
           nb::arg("patiences_ns").none(),
           nb::sig("def set_times(self, stream: int, times_ns: typing.Any, services_ns: typing.Any, patiences_ns: "
                   "typing.Any) -> None"))
      .def("set_again", &WorldModel::SetAgain, nb::arg("stream"), nb::arg("balk"), nb::arg("after"), nb::arg("most"),
           nb::arg("probability"), nb::arg("delay").none(),
           nb::sig("def set_again(self, stream: int, balk: float, after: int, most: int, probability: float, delay: "
                   "tuple[typing.Any, ...] | None) -> None"))
      .def("add_attribute", &WorldModel::AddAttribute, nb::arg("stream"), nb::arg("key"), nb::arg("values"),
           nb::arg("weights"),
           nb::sig("def add_attribute(self, stream: int, key: int, values: typing.Any, weights: typing.Any) -> None"))
      .def("add_people", &WorldModel::AddPeople, nb::arg("speeds"), nb::arg("answer").none(), nb::arg("wrap_up").none(),
           nb::arg("decline"), nb::arg("miss"), nb::arg("learning_first"), nb::arg("learning_contacts"),
           nb::sig("def add_people(self, speeds: typing.Any, answer: tuple[typing.Any, ...] | None, wrap_up: "
                   "tuple[typing.Any, ...] | None, decline: float, miss: float, learning_first: float, "
                   "learning_contacts: float) -> None"))
      .def("set_levels", &WorldModel::SetLevels, nb::arg("group_of_agent"), nb::arg("levels"),
           nb::sig("def set_levels(self, group_of_agent: typing.Any, levels: typing.Any) -> None"))
      .def("set_agents", &WorldModel::SetAgents, nb::arg("people_of_agent"), nb::arg("factors"), nb::arg("presence"),
           nb::sig("def set_agents(self, people_of_agent: typing.Any, factors: typing.Any, presence: typing.Any) -> "
                   "None"));
  nb::class_<World>(module, "WorldHandle")
      .def(nb::init<nb::object, WorldModel&, nb::object>(), nb::arg("engine"), nb::arg("model"),
           nb::arg("figures").none(),
           nb::sig("def __init__(self, engine: EngineBase, model: WorldModel, figures: FiguresHandle | None) -> None"))
      .def("run", &World::Run, nb::arg("records"), nb::sig("def run(self, records: typing.Any) -> int"))
      .def("set_hooks", &World::SetHooks, nb::arg("choose_queue").none(), nb::arg("follow").none(),
           nb::sig("def set_hooks(self, choose_queue: typing.Callable[[int, int], int] | None, follow: "
                   "typing.Callable[[], None] | None) -> None"))
      .def("now", &World::Now)
      .def("agents", &World::Agents, nb::arg("out"), nb::sig("def agents(self, out: typing.Any) -> int"))
      .def("samples", &World::Samples, nb::arg("out"), nb::sig("def samples(self, out: typing.Any) -> int"))
      .def("totals", &World::Totals, nb::sig("def totals(self) -> tuple[int, int, int, int]"));
}
