// koble_world.h.
#include "koble/koble_world.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "figures.h"
#include "handle.h"
#include "laws.h"
#include "world.h"

namespace koble::c {
template <>
inline constexpr uint32_t kFirstSize<koble_world_stream> = 176;
template <>
inline constexpr uint32_t kFirstSize<koble_world_people> = 64;
template <>
inline constexpr uint32_t kFirstSize<koble_world_model> = 144;
template <>
inline constexpr uint32_t kFirstSize<koble_world_totals> = 40;
template <>
inline constexpr uint32_t kFirstSize<koble_world_hooks> = 32;
}  // namespace koble::c

using koble::c::Guarded;
using koble::c::ReadLaw;
using koble::c::ReadStruct;
using koble::c::Sized;
using koble::c::Words;
using koble::c::WriteStruct;
using koble::sim::Model;
using koble::sim::OwnLaw;
using koble::sim::PeopleModel;
using koble::sim::StreamModel;

namespace {

// Reads what the host has written; the first mistake is said with its place.
class Reader {
 public:
  bool Everything(const koble_world_model& from, uint64_t agents, Model* to) {
    if (from.stream_count == 0 || from.streams == nullptr) return Wrong("give at least one stream");
    if (from.people_count > 0 && from.people == nullptr) return Wrong("people: a list is null");
    if ((from.presence_count > 0 && from.presence == nullptr) || (from.sample_count > 0 && from.sample_ns == nullptr))
      return Wrong("presence or sample_ns: a list is null");
    for (uint32_t i = 0; i < from.stream_count; ++i) {
      place_ = "stream " + std::to_string(i) + ": ";
      koble_world_stream stream;
      if (from.streams[i] == nullptr || !ReadStruct(from.streams[i], &stream)) return Wrong("struct_size is not set");
      if (!Stream(stream, &to->streams.emplace_back())) return false;
    }
    for (uint64_t i = 0; i < from.people_count; ++i) {
      place_ = "people " + std::to_string(i) + ": ";
      koble_world_people people;
      if (from.people[i] == nullptr || !ReadStruct(from.people[i], &people)) return Wrong("struct_size is not set");
      if (!People(people, &to->people.emplace_back())) return false;
    }
    if (to->people.empty()) to->people.emplace_back();
    if (from.people_of_agent != nullptr)
      to->people_of_agent.assign(from.people_of_agent, from.people_of_agent + agents);
    if (from.factors != nullptr) to->factors.assign(from.factors, from.factors + from.stream_count * agents);
    if (from.presence_count > 0) to->presence.assign(from.presence, from.presence + from.presence_count);
    if (from.group_of_agent != nullptr) to->group_of_agent.assign(from.group_of_agent, from.group_of_agent + agents);
    if (from.level_count > 0 && from.levels == nullptr) return Wrong("levels is null");
    if (from.level_count > 0) to->levels.assign(from.levels, from.levels + from.level_count);
    if (from.sample_count > 0) to->sample_ns.assign(from.sample_ns, from.sample_ns + from.sample_count);
    to->seed = from.seed;
    to->purpose = from.purpose;
    to->horizon_ns = from.horizon_ns;
    to->from_ns = from.from_ns;
    to->to_ns = from.to_ns;
    return true;
  }
  const std::string& message() const { return message_; }

 private:
  bool Wrong(const std::string& what) {
    message_ = place_ + what;
    return false;
  }
  bool Law(const koble_law* from, const char* name, std::optional<OwnLaw>* to) {
    if (from == nullptr) return true;
    ReadLaw law;
    if (!law.From(from)) {
      const std::string mistake = from->struct_size > 0 ? koble::sim::Mistake(law.law) : "struct_size is not set";
      return Wrong(std::string(name) + ": " + (mistake.empty() ? "a pointer or a size is wrong" : mistake));
    }
    to->emplace(law.law);
    return true;
  }
  bool Stream(const koble_world_stream& from, StreamModel* to) {
    if (from.queues == nullptr && from.queue_count > 0) return Wrong("queues is null");
    if (from.piece_count > 0 && (from.begin_ns == nullptr || from.per_hour == nullptr))
      return Wrong("begin_ns and per_hour belong to piece_count");
    if (from.time_count > 0 && from.times_ns == nullptr) return Wrong("times_ns belongs to time_count");
    if (from.attribute_count > 0 && from.attributes == nullptr) return Wrong("attributes is null");
    to->queues.assign(from.queues, from.queues + from.queue_count);
    to->priority = from.priority;
    to->credit_ns = from.credit_ns;
    for (uint64_t i = 0; i < from.piece_count; ++i) {
      const double until = from.to_per_hour == nullptr ? from.per_hour[i] : from.to_per_hour[i];
      to->pieces.push_back({from.begin_ns[i], from.per_hour[i], until});
    }
    to->times_ns.assign(from.times_ns, from.times_ns + from.time_count);
    if (from.services_ns != nullptr) to->services_ns.assign(from.services_ns, from.services_ns + from.time_count);
    if (from.patiences_ns != nullptr) to->patiences_ns.assign(from.patiences_ns, from.patiences_ns + from.time_count);
    to->balk = from.balk;
    to->again_after = from.again_after;
    to->again_most = from.again_most;
    to->again_probability = from.again_probability;
    to->chosen = from.chosen != 0;
    for (uint64_t i = 0; i < from.attribute_count; ++i) {
      if (!Attribute(from.attributes[i], &to->attributes.emplace_back())) return false;
    }
    return Law(from.batch, "batch", &to->batch) && Law(from.service, "service", &to->service) &&
           Law(from.patience, "patience", &to->patience) && Law(from.again_delay, "again_delay", &to->again_delay);
  }
  bool Attribute(const koble_world_attribute& from, koble::sim::AttributeModel* to) {
    if (from.value_count == 0 || from.values == nullptr || from.weights == nullptr)
      return Wrong("an attribute needs values and weights");
    to->key = from.key;
    double sum = 0;
    for (uint32_t i = 0; i < from.value_count; ++i) {
      if (!(from.weights[i] > 0 && from.weights[i] <= 1e12)) return Wrong("weights are more than 0, at most 10^12");
      sum += from.weights[i];
    }
    double reach = 0;
    for (uint32_t i = 0; i < from.value_count; ++i) {
      reach += from.weights[i] / sum;
      to->values.push_back(from.values[i]);
      to->reaches.push_back(reach);
    }
    return true;
  }
  bool People(const koble_world_people& from, PeopleModel* to) {
    if (from.speed_count > 0 && from.speeds == nullptr) return Wrong("speeds is null");
    to->speeds.assign(from.speeds, from.speeds + from.speed_count);
    to->decline = from.decline;
    to->miss = from.miss;
    to->learning_first = from.learning_first;
    to->learning_contacts = from.learning_contacts;
    return Law(from.answer, "answer", &to->answer) && Law(from.wrap_up, "wrap_up", &to->wrap_up);
  }

  std::string place_, message_;
};

// As many as fit; how many there are.
template <typename T>
int32_t Copy(const std::vector<T>& from, T* to, uint64_t capacity, uint64_t* count) {
  if (count == nullptr || (to == nullptr && capacity > 0)) return KOBLE_ERR_ARGUMENT;
  std::copy_n(from.begin(), std::min<uint64_t>(capacity, from.size()), to);
  *count = from.size();
  return KOBLE_OK;
}

}  // namespace

int32_t koble_world_create(koble_engine* engine, const koble_world_model* model, koble_figures* figures,
                           koble_world** world, char* message, uint64_t message_size) {
  Words("", message, message_size);
  if (world != nullptr) *world = nullptr;
  koble_world_model full;
  if (engine == nullptr || world == nullptr || !ReadStruct(model, &full)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    Reader reader;
    Model read;
    const auto& plan = *engine->engine->plan();
    std::string mistake;
    if (!reader.Everything(full, plan.agents.size(), &read)) {
      mistake = reader.message();
    } else {
      mistake = koble::sim::Mistake(read, plan);
    }
    if (mistake.empty() && engine->engine->EventsLast() != 0)
      mistake = "the engine has been given commands; make a new one";
    if (!mistake.empty()) {
      Words(mistake, message, message_size);
      return static_cast<int32_t>(KOBLE_ERR_ARGUMENT);
    }
    *world = new koble_world(engine->engine.get(), std::move(read), figures == nullptr ? nullptr : &figures->fold);
    return static_cast<int32_t>(KOBLE_OK);
  });
}

void koble_world_destroy(koble_world* world) { delete world; }

int32_t koble_world_set_hooks(koble_world* world, const koble_world_hooks* hooks) {
  koble_world_hooks full;
  if (world == nullptr || !ReadStruct(hooks, &full)) return KOBLE_ERR_ARGUMENT;
  if (world->world.commands() != 0) return KOBLE_ERR_STATE;
  return Guarded([&] {
    koble::sim::Hooks read;
    if (full.choose_queue != nullptr) {
      read.choose_queue = [full](uint32_t stream, uint64_t customer) {
        return full.choose_queue(full.context, stream, customer);
      };
    }
    if (full.follow != nullptr) read.follow = [full] { return full.follow(full.context); };
    world->world.SetHooks(std::move(read));
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_world_run(koble_world* world, koble_world_record* records, uint64_t capacity, uint64_t* count,
                        char* message, uint64_t message_size) {
  Words("", message, message_size);
  if (count != nullptr) *count = 0;
  if (world == nullptr || count == nullptr || (records == nullptr && capacity > 0)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    std::vector<koble_world_record> written;
    const int32_t code = world->world.Run(capacity, KOBLE_NEVER, &written);
    if (code != KOBLE_OK) {
      Words(world->world.message(), message, message_size);
      return code;
    }
    std::copy(written.begin(), written.end(), records);
    *count = written.size();
    return code;
  });
}

int64_t koble_world_now(const koble_world* world) { return world == nullptr ? 0 : world->world.now(); }

int32_t koble_world_agents(const koble_world* world, koble_world_agent* agents, uint64_t capacity, uint64_t* count) {
  if (world == nullptr) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    const auto& people = world->world.people();
    std::vector<koble_world_agent> all;
    for (uint32_t i = 0; i < people.size(); ++i) all.push_back(people.Spent(i, world->world.SpentUntil()));
    return Copy(all, agents, capacity, count);
  });
}

int32_t koble_world_samples(const koble_world* world, koble_world_sample* samples, uint64_t capacity, uint64_t* count) {
  if (world == nullptr) return KOBLE_ERR_ARGUMENT;
  return Copy(world->world.samples(), samples, capacity, count);
}

int32_t koble_world_read_totals(const koble_world* world, koble_world_totals* totals) {
  if (world == nullptr || !Sized(totals)) return KOBLE_ERR_ARGUMENT;
  koble_world_totals full = KOBLE_WORLD_TOTALS_INIT;
  full.all_busy_ns = world->world.people().AllBusyNs(world->world.SpentUntil());
  full.end_ns = world->world.now();
  full.commands = world->world.commands();
  full.events = world->world.events();
  WriteStruct(full, totals);
  return KOBLE_OK;
}
