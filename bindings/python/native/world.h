// A simulated world: a model that is put together part by part, and the run.
#ifndef KOBLE_BINDINGS_PYTHON_WORLD_H_
#define KOBLE_BINDINGS_PYTHON_WORLD_H_

#include <koble/koble_world.h>

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "engine.h"
#include "figures.h"
#include "law.h"

namespace koble_python {

// Owns all that its C structs point to.
class WorldModel {
 public:
  explicit WorldModel(uint64_t seed, int64_t horizon_ns, int64_t from_ns, int64_t to_ns, nb::handle sample_ns)
      : samples_(Array<int64_t>(sample_ns, false).Copy()) {
    model_.seed = seed;
    model_.horizon_ns = horizon_ns;
    model_.from_ns = from_ns;
    model_.to_ns = to_ns;
    model_.sample_ns = samples_.data();
    model_.sample_count = samples_.size();
  }
  WorldModel(const WorldModel&) = delete;
  WorldModel& operator=(const WorldModel&) = delete;

  uint32_t AddStream(nb::handle queues, int64_t priority, int64_t credit_ns, nb::handle service, nb::handle patience,
                     nb::handle batch, bool chosen) {
    Stream& stream = streams_.emplace_back();
    stream.queues = Array<uint32_t>(queues, false).Copy();
    stream.c.queues = stream.queues.data();
    stream.c.queue_count = static_cast<uint32_t>(stream.queues.size());
    stream.c.priority = priority;
    stream.c.credit_ns = credit_ns;
    stream.c.service = Keep(service);
    stream.c.patience = Keep(patience);
    stream.c.batch = Keep(batch);
    stream.c.chosen = chosen ? 1 : 0;
    return static_cast<uint32_t>(streams_.size() - 1);
  }
  void SetRates(uint32_t number, nb::handle begin_ns, nb::handle per_hour, nb::handle to_per_hour) {
    Stream& stream = At(number);
    stream.begin_ns = Array<int64_t>(begin_ns, false).Copy();
    stream.per_hour = Array<double>(per_hour, false).Copy();
    stream.to_per_hour = Array<double>(to_per_hour, false).Copy();
    if (stream.per_hour.size() != stream.begin_ns.size() || stream.to_per_hour.size() != stream.begin_ns.size())
      Raise(KOBLE_ERR_ARGUMENT, "as many rates as pieces");
    stream.c.begin_ns = stream.begin_ns.data();
    stream.c.per_hour = stream.per_hour.data();
    stream.c.to_per_hour = stream.to_per_hour.data();
    stream.c.piece_count = stream.begin_ns.size();
  }
  void SetTimes(uint32_t number, nb::handle times_ns, nb::handle services_ns, nb::handle patiences_ns) {
    Stream& stream = At(number);
    stream.times_ns = Array<int64_t>(times_ns, false).Copy();
    stream.c.times_ns = stream.times_ns.data();
    stream.c.time_count = stream.times_ns.size();
    stream.c.services_ns = Column(services_ns, stream.times_ns.size(), &stream.services_ns);
    stream.c.patiences_ns = Column(patiences_ns, stream.times_ns.size(), &stream.patiences_ns);
  }
  void SetAgain(uint32_t number, double balk, uint32_t after, uint32_t most, double probability, nb::handle delay) {
    Stream& stream = At(number);
    stream.c.balk = balk;
    stream.c.again_after = after;
    stream.c.again_most = most;
    stream.c.again_probability = probability;
    stream.c.again_delay = Keep(delay);
  }
  void AddAttribute(uint32_t number, uint32_t key, nb::handle values, nb::handle weights) {
    Stream& stream = At(number);
    stream.values.push_back(Array<int64_t>(values, false).Copy());
    stream.weights.push_back(Array<double>(weights, false).Copy());
    if (stream.values.back().size() != stream.weights.back().size())
      Raise(KOBLE_ERR_ARGUMENT, "as many weights as values");
    stream.attributes.push_back({key, static_cast<uint32_t>(stream.values.back().size()), stream.values.back().data(),
                                 stream.weights.back().data()});
    stream.c.attributes = stream.attributes.data();
    stream.c.attribute_count = stream.attributes.size();
  }
  void AddPeople(nb::handle speeds, nb::handle answer, nb::handle wrap_up, double decline, double miss,
                 double learning_first, double learning_contacts) {
    speeds_.push_back(Array<double>(speeds, false).Copy());
    koble_world_people people = KOBLE_WORLD_PEOPLE_INIT;
    people.speeds = speeds_.back().data();
    people.speed_count = static_cast<uint32_t>(speeds_.back().size());
    people.answer = Keep(answer);
    people.wrap_up = Keep(wrap_up);
    people.decline = decline;
    people.miss = miss;
    people.learning_first = learning_first;
    people.learning_contacts = learning_contacts;
    people_.push_back(people);
  }
  void SetLevels(nb::handle group_of_agent, nb::handle levels) {
    group_of_agent_ = Array<uint32_t>(group_of_agent, false).Copy();
    levels_ = Array<koble_world_level>(levels, false).Copy();
  }
  void SetAgents(nb::handle people_of_agent, nb::handle factors, nb::handle presence) {
    people_of_agent_ = Array<uint32_t>(people_of_agent, false).Copy();
    factors_ = Array<double>(factors, false).Copy();
    presence_ = Array<koble_sim_presence>(presence, false).Copy();
  }
  // Valid until the model is changed.
  const koble_world_model& Get(uint64_t agents) {
    stream_pointers_.clear();
    people_pointers_.clear();
    for (const Stream& stream : streams_) stream_pointers_.push_back(&stream.c);
    for (const koble_world_people& people : people_) people_pointers_.push_back(&people);
    if (!people_of_agent_.empty() && people_of_agent_.size() != agents)
      Raise(KOBLE_ERR_ARGUMENT, "people_of_agent: one for each agent of the plan");
    if (!factors_.empty() && factors_.size() != agents * streams_.size())
      Raise(KOBLE_ERR_ARGUMENT, "factors: one for each stream and agent");
    if (!group_of_agent_.empty() && group_of_agent_.size() != agents)
      Raise(KOBLE_ERR_ARGUMENT, "group_of_agent: one for each agent of the plan");
    model_.group_of_agent = group_of_agent_.empty() ? nullptr : group_of_agent_.data();
    model_.levels = levels_.data();
    model_.level_count = levels_.size();
    model_.streams = stream_pointers_.data();
    model_.stream_count = static_cast<uint32_t>(stream_pointers_.size());
    model_.people = people_pointers_.data();
    model_.people_count = people_pointers_.size();
    model_.people_of_agent = people_of_agent_.empty() ? nullptr : people_of_agent_.data();
    model_.factors = factors_.empty() ? nullptr : factors_.data();
    model_.presence = presence_.data();
    model_.presence_count = presence_.size();
    return model_;
  }

 private:
  struct Stream {
    koble_world_stream c = KOBLE_WORLD_STREAM_INIT;
    std::vector<uint32_t> queues;
    std::vector<int64_t> begin_ns, times_ns, services_ns, patiences_ns;
    std::vector<double> per_hour, to_per_hour;
    std::deque<std::vector<int64_t>> values;
    std::deque<std::vector<double>> weights;
    std::vector<koble_world_attribute> attributes;
  };
  Stream& At(uint32_t number) {
    if (number >= streams_.size()) Raise(KOBLE_ERR_ARGUMENT, "there is no such stream");
    return streams_[number];
  }
  const koble_law* Keep(nb::handle law) {
    if (law.is_none()) return nullptr;
    laws_.push_back(std::make_unique<Law>(law));
    return laws_.back()->get();
  }
  static const int64_t* Column(nb::handle array, size_t count, std::vector<int64_t>* to) {
    if (array.is_none()) return nullptr;
    *to = Array<int64_t>(array, false).Copy();
    if (to->size() != count) Raise(KOBLE_ERR_ARGUMENT, "a column has one value for each time");
    return to->data();
  }

  koble_world_model model_ = KOBLE_WORLD_MODEL_INIT;
  std::deque<Stream> streams_;
  std::deque<koble_world_people> people_;
  std::deque<std::vector<double>> speeds_;
  std::vector<std::unique_ptr<Law>> laws_;
  std::vector<int64_t> samples_;
  std::vector<uint32_t> people_of_agent_, group_of_agent_;
  std::vector<koble_world_level> levels_;
  std::vector<double> factors_;
  std::vector<koble_sim_presence> presence_;
  std::vector<const koble_world_stream*> stream_pointers_;
  std::vector<const koble_world_people*> people_pointers_;
};

class World {
 public:
  World(nb::object engine, WorldModel& model, nb::object figures) : engine_(engine), figures_(figures) {
    koble_engine* handle = Owner().Use();
    koble_figures* fold = figures.is_none() ? nullptr : nb::cast<const Figures&>(figures).get();
    char message[512] = "";
    const uint64_t agents = koble_plan_agent_count(koble_engine_plan(handle));
    const int32_t code = koble_world_create(handle, &model.Get(agents), fold, &world_, message, sizeof message);
    if (code != KOBLE_OK) Raise(code, message);
  }
  ~World() { koble_world_destroy(world_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  uint64_t Run(nb::handle records) {
    Array<koble_world_record> out(records, true);
    Owner().Use();
    uint64_t count = 0;
    char message[512] = "";
    int32_t code = KOBLE_OK;
    {
      const Long section(Owner());
      code = koble_world_run(world_, out.data(), out.count(), &count, message, sizeof message);
    }
    if (error_.is_valid()) RaiseObject(std::exchange(error_, nb::object()));
    if (code != KOBLE_OK) Raise(code, message);
    return count;
  }
  // Either may be None. What they raise ends the run.
  void SetHooks(nb::object choose_queue, nb::object follow) {
    choose_queue_ = choose_queue;
    follow_ = follow;
    koble_world_hooks hooks = KOBLE_WORLD_HOOKS_INIT;
    hooks.context = this;
    if (!choose_queue.is_none()) {
      hooks.choose_queue = [](void* context, uint32_t stream, uint64_t customer) {
        World& self = *static_cast<World*>(context);
        return self.Ask([&] { return nb::cast<int32_t>(self.choose_queue_(stream, customer)); });
      };
    }
    if (!follow.is_none()) {
      hooks.follow = [](void* context) {
        World& self = *static_cast<World*>(context);
        return self.Ask([&] {
          self.follow_();
          return int32_t{0};
        });
      };
    }
    const int32_t code = koble_world_set_hooks(world_, &hooks);
    if (code != KOBLE_OK) Raise(code, "hooks are set before the run");
  }
  koble_world* get() const { return world_; }
  void Check() const { Owner().Use(); }  // raises where the engine is closed or in use
  int64_t Now() const { return koble_world_now(world_); }
  uint64_t Agents(nb::handle out) const {
    Array<koble_world_agent> array(out, true);
    uint64_t count = 0;
    const int32_t code = koble_world_agents(world_, array.data(), array.count(), &count);
    if (code != KOBLE_OK) Raise(code, nullptr);
    return count;
  }
  uint64_t Samples(nb::handle out) const {
    Array<koble_world_sample> array(out, true);
    uint64_t count = 0;
    const int32_t code = koble_world_samples(world_, array.data(), array.count(), &count);
    if (code != KOBLE_OK) Raise(code, nullptr);
    return count;
  }
  // (all_busy_ns, end_ns, commands, events)
  nb::tuple Totals() const {
    koble_world_totals totals = KOBLE_WORLD_TOTALS_INIT;
    koble_world_read_totals(world_, &totals);
    return nb::make_tuple(totals.all_busy_ns, totals.end_ns, totals.commands, totals.events);
  }

 private:
  template <typename Call>
  int32_t Ask(Call call) {
    nb::gil_scoped_acquire gil;
    const Engine::Asking asking(Owner());
    try {
      return call();
    } catch (nb::python_error& error) {
      error_ = nb::borrow(error.value());
    } catch (const std::exception&) {  // an answer that is no number
      error_ = nb::steal(PyObject_CallFunction(PyExc_TypeError, "s", "choose_queue answers a place, a whole number"));
    }
    return -1;
  }
  Engine& Owner() const { return nb::cast<Engine&>(engine_); }

  nb::object engine_, figures_, choose_queue_, follow_, error_;
  koble_world* world_ = nullptr;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_WORLD_H_
