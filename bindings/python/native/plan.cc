// Plans: reading, writing, names.
#include "plan.h"

#include <cstring>
#include <string>

namespace koble_python {
namespace {

constexpr uint64_t kReportSize = 1u << 16;
constexpr uint64_t kReportSizeMax = 1u << 24;

// (plan, report): the report holds the warnings, or is what the exception says.
nb::tuple Load(nb::handle source) {
  Buffer bytes(source, false);
  koble_plan* plan = nullptr;
  std::string report;
  int32_t code = KOBLE_OK;
  for (uint64_t size = kReportSize; size <= kReportSizeMax; size *= 16) {
    report.assign(size, '\0');
    {
      nb::gil_scoped_release release;
      code = koble_plan_load(bytes.data(), bytes.size(), &plan, report.data(), size);
    }
    if (std::strlen(report.c_str()) + 1 < size || size == kReportSizeMax) break;
    if (code == KOBLE_OK) koble_plan_release(plan);
  }
  if (code != KOBLE_OK) Raise(code, report.c_str());
  return nb::make_tuple(Plan(plan), MakeText(report.c_str()));
}

nb::object Write(const Plan& self, uint32_t format) {
  uint64_t needed = 0;
  int32_t code = koble_plan_write(self.get(), format, nullptr, 0, &needed);
  if (code != KOBLE_OK && code != KOBLE_ERR_LIMIT) Raise(code, nullptr);
  nb::object bytes = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(needed)));
  if (!bytes.is_valid()) throw nb::python_error();
  code = koble_plan_write(self.get(), format, PyBytes_AS_STRING(bytes.ptr()), needed, &needed);
  if (code != KOBLE_OK) Raise(code, nullptr);
  return bytes;
}

using CountFunction = uint32_t (*)(const koble_plan*);
using NameFunction = const char* (*)(const koble_plan*, uint32_t);

template <CountFunction kCount, NameFunction kName>
nb::tuple Names(const Plan& self) {
  nb::list names;
  const uint32_t count = kCount(self.get());
  for (uint32_t i = 0; i < count; ++i) names.append(MakeText(kName(self.get(), i)));
  return nb::tuple(names);
}

// ((name, its symbolic values), ...)
nb::tuple Attributes(const Plan& self) {
  nb::list attributes;
  const uint32_t count = koble_plan_attribute_count(self.get());
  for (uint32_t i = 0; i < count; ++i) {
    nb::list values;
    const uint32_t value_count = koble_plan_attribute_value_count(self.get(), i);
    for (uint32_t v = 0; v < value_count; ++v)
      values.append(MakeText(koble_plan_attribute_value_name(self.get(), i, v)));
    attributes.append(nb::make_tuple(MakeText(koble_plan_attribute_name(self.get(), i)), nb::tuple(values)));
  }
  return nb::tuple(attributes);
}

nb::object Queue(const Plan& self, uint32_t queue) {
  koble_queue_def def{};
  def.struct_size = sizeof def;
  const int32_t code = koble_plan_queue(self.get(), queue, &def);
  if (code != KOBLE_OK) Raise(code, nullptr);
  return nb::make_tuple(def.channel, def.max_wait_ns, def.max_length, def.target_within_ns, def.target_share_ppm);
}

}  // namespace
}  // namespace koble_python

void BindPlan(nanobind::module_& module) {
  using namespace koble_python;
  nb::class_<Plan>(module, "PlanHandle")
      .def("write", &Write, nb::arg("format"), nb::sig("def write(self, format: int) -> bytes"))
      .def(
          "hash",
          [](const Plan& self) {
            uint64_t hash[2];
            koble_plan_hash(self.get(), hash);
            return MakeHex(hash);
          },
          nb::sig("def hash(self) -> str"))
      .def("queues", &Names<koble_plan_queue_count, koble_plan_queue_name>,
           nb::sig("def queues(self) -> tuple[str, ...]"))
      .def("channels", &Names<koble_plan_channel_count, koble_plan_channel_name>,
           nb::sig("def channels(self) -> tuple[str, ...]"))
      .def("skills", &Names<koble_plan_skill_count, koble_plan_skill_name>,
           nb::sig("def skills(self) -> tuple[str, ...]"))
      .def("attributes", &Attributes, nb::sig("def attributes(self) -> tuple[tuple[str, tuple[str, ...]], ...]"))
      .def("agents", &Names<koble_plan_agent_count, koble_plan_agent_name>,
           nb::sig("def agents(self) -> tuple[str, ...]"))
      .def(
          "queue_find", [](const Plan& self, const char* name) { return koble_plan_queue_find(self.get(), name); },
          nb::arg("name"))
      .def(
          "channel_find", [](const Plan& self, const char* name) { return koble_plan_channel_find(self.get(), name); },
          nb::arg("name"))
      .def("queue", &Queue, nb::arg("queue"), nb::sig("def queue(self, queue: int) -> tuple[int, int, int, int, int]"));
  module.def("plan_load", &Load, nb::arg("source"),
             nb::sig("def plan_load(source: bytes | bytearray | memoryview) -> tuple[PlanHandle, str]"));
  module.def(
      "plan_schema", [] { return MakeText(koble_plan_schema()); }, nb::sig("def plan_schema() -> str"));
}
