// Worlds that stop where somebody has to be chosen, many at once.
#include <koble/koble_decision.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "law.h"
#include "world.h"

namespace koble_python {
namespace {

class Decision {
 public:
  Decision(nb::object world, nb::handle group_of_agent, uint32_t groups, nb::handle waiting_per_hour,
           nb::handle abandoned, nb::handle refused, nb::handle served, double discount_per_hour)
      : world_(world) {
    const Array<uint32_t> group(group_of_agent, false);
    const Array<double> waiting(waiting_per_hour, false), left(abandoned, false), full(refused, false),
        done(served, false);
    koble_decision_options options = KOBLE_DECISION_OPTIONS_INIT;
    options.group_of_agent = group.data();
    options.group_count = groups;
    options.waiting_per_hour = waiting.data();
    options.abandoned = left.data();
    options.refused = full.data();
    options.served = done.data();
    options.discount_per_hour = discount_per_hour;
    char message[512] = "";
    const int32_t code = koble_decision_create(Owner().get(), &options, &decision_, message, sizeof message);
    if (code != KOBLE_OK) Raise(code, message);
  }
  ~Decision() { koble_decision_destroy(decision_); }
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;

  uint32_t Actions() const { return koble_decision_actions(decision_); }
  uint32_t Observed() const { return koble_decision_observed(decision_); }
  koble_decision* get() const { return decision_; }
  World& Owner() const { return nb::cast<World&>(world_); }

 private:
  nb::object world_;
  koble_decision* decision_ = nullptr;
};

// Rows of worlds, actions, and what is written: observations, masks, elapsed_s, rewards, states.
void Decide(const std::vector<nb::object>& worlds, nb::handle actions, nb::handle observations, nb::handle masks,
            nb::handle elapsed_s, nb::handle rewards, nb::handle states) {
  std::vector<koble_decision*> handles;
  for (const nb::object& one : worlds) {
    const Decision& decision = nb::cast<const Decision&>(one);
    decision.Owner().Check();
    handles.push_back(decision.get());
  }
  if (handles.empty()) return;
  const uint64_t count = handles.size();
  Array<int32_t> action(actions, false);
  Array<float> observed(observations, true);
  Array<uint8_t> mask(masks, true), state(states, true);
  Array<double> elapsed(elapsed_s, true), reward(rewards, true);
  if (action.count() != count || elapsed.count() != count || reward.count() != count || state.count() != count ||
      observed.count() != count * koble_decision_observed(handles[0]) ||
      mask.count() != count * koble_decision_actions(handles[0]))
    Raise(KOBLE_ERR_ARGUMENT, "the arrays have not one row for each world");
  char message[512] = "";
  int32_t code = KOBLE_OK;
  {
    nb::gil_scoped_release release;
    code = koble_decide(handles.data(), count, action.data(), observed.data(), mask.data(), elapsed.data(),
                        reward.data(), state.data(), message, sizeof message);
  }
  if (code != KOBLE_OK) Raise(code, message);
}

}  // namespace
}  // namespace koble_python

void BindDecision(nanobind::module_& module) {
  using namespace koble_python;
  nb::class_<Decision>(module, "DecisionHandle")
      .def(nb::init<nb::object, nb::handle, uint32_t, nb::handle, nb::handle, nb::handle, nb::handle, double>(),
           nb::arg("world"), nb::arg("group_of_agent"), nb::arg("groups"), nb::arg("waiting_per_hour"),
           nb::arg("abandoned"), nb::arg("refused"), nb::arg("served"), nb::arg("discount_per_hour"),
           nb::sig("def __init__(self, world: WorldHandle, group_of_agent: typing.Any, groups: int, waiting_per_hour: "
                   "typing.Any, abandoned: typing.Any, refused: typing.Any, served: typing.Any, discount_per_hour: "
                   "float) -> None"))
      .def_prop_ro("actions", &Decision::Actions)
      .def_prop_ro("observed", &Decision::Observed);
  module.def("decide", &Decide, nb::arg("worlds"), nb::arg("actions"), nb::arg("observations"), nb::arg("masks"),
             nb::arg("elapsed_s"), nb::arg("rewards"), nb::arg("states"),
             nb::sig("def decide(worlds: list[DecisionHandle], actions: typing.Any, observations: typing.Any, masks: "
                     "typing.Any, elapsed_s: typing.Any, rewards: typing.Any, states: typing.Any) -> None"));
}
