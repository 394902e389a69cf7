// What can be asked of an engine.
#include "engine.h"

#include <vector>

#include "plan.h"

namespace koble_python {

nb::tuple ToSteps(uint64_t mask) {
  nb::list steps;
  for (uint32_t step = 0; step < 64; ++step) {
    if ((mask >> step & 1) != 0) steps.append(step);
  }
  return nb::tuple(steps);
}

namespace {

nb::object Digest(Engine& self) {
  uint64_t digest[2] = {0, 0};
  koble_engine* engine = self.Look();
  {
    Long section(self);
    koble_digest(engine, digest);
  }
  return MakeHex(digest);
}

Plan PlanInForce(const Engine& self) {
  const koble_plan* plan = koble_engine_plan(self.Look());
  koble_plan_retain(plan);
  return Plan(plan);
}

nb::object FindAgent(const Engine& self, const char* name) { return MakeId(koble_agent_find(self.Look(), name)); }

nb::object AgentName(const Engine& self, nb::handle agent) {
  return MakeText(koble_agent_name(self.Look(), self.Agent(agent)));
}

nb::tuple Contact(const Engine& self, nb::handle contact) {
  koble_contact_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(contact, "contact's id");
  self.Check(koble_contact(self.Look(), id, &info));
  nb::list queues, steps, positions, open_steps;
  for (uint32_t i = 0; i < info.queue_count; ++i) {
    queues.append(info.queues[i]);
    steps.append(info.steps[i]);
    positions.append(info.positions[i]);
    open_steps.append(ToSteps(info.open_steps[i]));
  }
  return nb::make_tuple(MakeId(id), info.state, info.serial, info.host_ref, info.arrival_ns, MakeId(info.engagement),
                        info.offer_count, nb::tuple(queues), nb::tuple(steps), nb::tuple(positions), MakeId(info.agent),
                        info.reserved_until_ns, nb::make_tuple(info.priority, info.credit_ns), nb::tuple(open_steps),
                        nb::make_tuple(info.retry_until_ns, info.next_ring_ns, info.attempts, info.hungry != 0));
}

nb::list Skills(const Engine& self, nb::handle agent) {
  const koble_id id = self.Agent(agent);
  uint64_t count = 0;
  self.Check(koble_agent_skills(self.Look(), id, nullptr, 0, &count));
  std::vector<koble_skill> skills(count);
  self.Check(koble_agent_skills(self.Look(), id, skills.data(), count, &count));
  nb::list found;
  for (const koble_skill& one : skills) {
    found.append(nb::make_tuple(one.skill, one.level, one.changed != 0, one.until_ns));
  }
  return found;
}

nb::tuple AgentInfo(const Engine& self, nb::handle agent) {
  koble_agent_info i{};
  i.struct_size = sizeof i;
  const koble_id id = self.Agent(agent);
  self.Check(koble_agent(self.Look(), id, &i));
  nb::list counts;
  for (uint32_t count : {i.offers, i.connecting, i.active, i.held, i.wrapping}) counts.append(count);
  return nb::make_tuple(MakeId(id), MakeText(koble_agent_name(self.Look(), id)), i.presence, i.presence_reason,
                        i.idle_since_ns, i.penalised_until_ns, i.request_until_ns, i.sequence, i.capacity, i.used,
                        nb::tuple(counts), i.leaving != 0, i.served, i.talked_ns, i.last_ended_ns, i.silent, i.parked,
                        i.misses, i.last_served_ns, i.handled, i.handled_ns);
}

nb::tuple Offer(const Engine& self, nb::handle offer) {
  koble_offer_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(offer, "offer's id");
  self.Check(koble_offer(self.Look(), id, &info));
  return nb::make_tuple(MakeId(id), info.queue, MakeId(info.contact), MakeId(info.agent), info.begun_ns,
                        info.expires_ns, MakeId(info.group));
}

nb::tuple Engagement(const Engine& self, nb::handle engagement) {
  koble_engagement_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(engagement, "engagement's id");
  self.Check(koble_engagement(self.Look(), id, &info));
  return nb::make_tuple(MakeId(id), info.state, info.queue, MakeId(info.contact), MakeId(info.agent), info.since_ns,
                        info.deadline_ns);
}

nb::tuple Counts(const Engine& self) {
  koble_counts counts{};
  counts.struct_size = sizeof counts;
  self.Check(koble_count(self.Look(), &counts));
  return nb::make_tuple(counts.contacts, counts.agents, counts.offers, counts.engagements, counts.serials);
}

uint64_t Waiting(const Engine& self, nb::handle queue) {
  uint64_t waiting = 0;
  self.Check(koble_queue_waiting(self.Look(), self.Queue(queue), &waiting));
  return waiting;
}

nb::list List(const Engine& self, uint32_t kind) {
  uint64_t count = 0;
  self.Check(koble_list(self.Look(), kind, nullptr, 0, &count));
  std::vector<koble_id> ids(count);
  self.Check(koble_list(self.Look(), kind, ids.data(), count, &count));
  nb::list result;
  for (const koble_id id : ids) result.append(MakeId(id));
  return result;
}

}  // namespace

void BindQueries(nb::class_<Engine>& engine) {
  using nb::arg;
  const nb::object none = nb::none();
  engine
      .def_prop_ro(
          "now", [](const Engine& self) { return koble_now(self.Look()); }, "The engine's clock, in ns.")
      .def_prop_ro(
          "next_deadline",
          [](const Engine& self) -> nb::object {
            const int64_t deadline = koble_next_deadline(self.Look());
            return deadline == KOBLE_NEVER ? nb::none() : nb::cast(deadline);
          },
          nb::sig("def next_deadline(self) -> int | None"),
          "The next instant, in ns, at which the engine wants advance; None if there is none.")
      .def("digest", &Digest, nb::sig("def digest(self) -> str"),
           "128 bits over the state, as 32 hexadecimal digits. Equal histories give equal digests everywhere.")
      .def("_plan", &PlanInForce)
      .def("_plan_key", [](const Engine& self) { return reinterpret_cast<uintptr_t>(koble_engine_plan(self.Look())); })
      .def("find_agent", &FindAgent, arg("name"),
           nb::sig("def find_agent(self, name: str) -> koble.ids.AgentId | None"),
           "The living agent of that name; None if there is none.")
      .def("agent_name", &AgentName, arg("agent").none(),
           nb::sig("def agent_name(self, agent: str | typing.SupportsIndex | koble.views.Agent) -> str | None"),
           "The agent's name; None for an unknown or gone agent.")
      .def("_skills", &Skills, arg("agent").none(),
           nb::sig(
               "def _skills(self, agent: str | typing.SupportsIndex | koble.views.Agent) -> list[tuple[int, int, bool, "
               "int]]"))
      .def("_contact", &Contact, arg("contact").none(),
           nb::sig("def _contact(self, contact: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def("_agent", &AgentInfo, arg("agent").none(),
           nb::sig("def _agent(self, agent: str | typing.SupportsIndex | koble.views.Agent) -> tuple[typing.Any, ...]"))
      .def("_offer", &Offer, arg("offer").none(),
           nb::sig("def _offer(self, offer: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def("_engagement", &Engagement, arg("engagement").none(),
           nb::sig("def _engagement(self, engagement: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def("_counts", &Counts, nb::sig("def _counts(self) -> tuple[int, int, int, int, int]"))
      .def("waiting", &Waiting, arg("queue").none(),
           nb::sig("def waiting(self, queue: str | typing.SupportsIndex) -> int"),
           "Contacts that stand in the queue without an open offer or engagement.")
      .def("_list", &List, arg("kind"), nb::sig("def _list(self, kind: int) -> list[typing.Any]"))
      .def("_time", &Engine::Time, arg("at").none(), nb::sig("def _time(self, at: koble.times.Instant | None) -> int"));
}

}  // namespace koble_python
