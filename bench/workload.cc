#include "workload.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "koble/koble_record.h"
#include "random.h"

namespace koble::bench {
namespace {

constexpr double kSecond = 1e9;

// Group g has the first k = 2 + (g mod 3) distinct of four candidates.
template <typename F>
std::vector<std::vector<uint32_t>> Groups(uint32_t count, F&& candidates) {
  std::vector<std::vector<uint32_t>> groups(count);
  for (uint32_t g = 0; g < count; ++g) {
    const std::vector<uint32_t> from = candidates(g);
    for (uint32_t skill : from) {
      if (groups[g].size() < 2 + g % 3 && std::find(groups[g].begin(), groups[g].end(), skill) == groups[g].end()) {
        groups[g].push_back(skill);
      }
    }
  }
  return groups;
}

std::map<std::string, Workload> MakeWorkloads() {
  Workload w1;
  w1.name = "W1";
  w1.groups = {{0}};
  w1.agents_per_group = 310;
  w1.arrivals_per_s = 100 / 60.0;

  Workload w2;
  w2.name = "W2";
  w2.types = 10;
  w2.groups = Groups(10, [](uint32_t g) {
    return std::vector<uint32_t>{g % 10, (g + 3) % 10, (g + 7) % 10, (g + 5) % 10};
  });
  w2.agents_per_group = 30;
  w2.arrivals_per_s = 0.98 * 300 / 180;
  w2.service_lognormal = true;

  Workload w3 = w2;
  w3.name = "W3";
  w3.types = 100;
  w3.groups = Groups(200, [](uint32_t g) {
    return std::vector<uint32_t>{g % 100, (7 * g + 13) % 100, (31 * g + 57) % 100, (11 * g + 29) % 100};
  });
  w3.agents_per_group = 25;
  w3.arrivals_per_s = 0.98 * 5000 / 180;
  return {{"W1", w1}, {"W2", w2}, {"W3", w3}};
}

// The simulator's calendar: a 4-ary heap over (time, contact). What it holds about a contact that was served or has gone in the
// meantime is passed over.
class Calendar {
 public:
  struct Entry {
    int64_t time_ns;
    koble_id contact;
    bool patience;  // else the end of the service
  };
  bool empty() const { return heap_.empty(); }
  const Entry& top() const { return heap_[0]; }
  void Push(const Entry& entry) {
    size_t i = heap_.size();
    heap_.push_back(entry);
    while (i > 0) {
      const size_t parent = (i - 1) / 4;
      if (heap_[parent].time_ns <= entry.time_ns) break;
      heap_[i] = heap_[parent];
      i = parent;
    }
    heap_[i] = entry;
  }
  void Pop() {
    const Entry last = heap_.back();
    heap_.pop_back();
    const size_t size = heap_.size();
    if (size == 0) return;
    size_t i = 0;
    for (size_t child = 1; child < size; child = 4 * i + 1) {
      size_t least = child;
      for (size_t k = child + 1; k < std::min(child + 4, size); ++k) {
        if (heap_[k].time_ns < heap_[least].time_ns) least = k;
      }
      if (heap_[least].time_ns >= last.time_ns) break;
      heap_[i] = heap_[least];
      i = least;
    }
    heap_[i] = last;
  }

 private:
  std::vector<Entry> heap_;
};

koble_command Command(uint32_t kind, int64_t time_ns) {
  koble_command command{};
  command.kind = kind;
  command.time_ns = time_ns;
  return command;
}

std::vector<koble_command> Opening(koble_engine* engine) {
  uint64_t count = 0;
  Must(engine, koble_list(engine, KOBLE_KIND_AGENT, nullptr, 0, &count), "koble_list");
  std::vector<koble_id> agents(count);
  Must(engine, koble_list(engine, KOBLE_KIND_AGENT, agents.data(), count, &count), "koble_list");
  std::vector<koble_command> commands;
  for (koble_id agent : agents) {
    commands.push_back(Command(KOBLE_CMD_AGENT_PRESENCE, 0));
    commands.back().target = agent;
    commands.back().code = KOBLE_PRESENCE_AVAILABLE;
  }
  return commands;
}

void AcknowledgeAll(koble_engine* engine) {
  Must(engine, koble_events_acknowledge(engine, koble_events_last(engine)), "acknowledge");
  if (const uint64_t last = koble_journal_last(engine); last > 0 && koble_journal_first(engine) <= last) {
    Must(engine, koble_journal_acknowledge(engine, last), "acknowledge journal");
  }
}

}  // namespace

const Workload& FindWorkload(const std::string& name) {
  static const std::map<std::string, Workload> workloads = MakeWorkloads();
  const auto found = workloads.find(name);
  if (found == workloads.end()) {
    std::fprintf(stderr, "no workload %s\n", name.c_str());
    std::exit(1);
  }
  return found->second;
}

std::string PlanOf(const Workload& workload) {
  std::string text = "{\"skills\":[";
  for (uint32_t t = 0; t < workload.types; ++t) text += (t > 0 ? ",\"s" : "\"s") + std::to_string(t) + "\"";
  text += "],\"profiles\":[";
  for (size_t g = 0; g < workload.groups.size(); ++g) {
    text += (g > 0 ? ",{\"name\":\"g" : "{\"name\":\"g") + std::to_string(g) + "\",\"skills\":{";
    for (size_t k = 0; k < workload.groups[g].size(); ++k) {
      text += (k > 0 ? ",\"s" : "\"s") + std::to_string(workload.groups[g][k]) + "\":1";
    }
    text += "}}";
  }
  text += "],\"agents\":[";
  const size_t agents = workload.groups.size() * workload.agents_per_group;
  for (size_t a = 0; a < agents; ++a) {
    text += (a > 0 ? ",{\"name\":\"a" : "{\"name\":\"a") + std::to_string(a) + "\",\"profile\":\"g" +
            std::to_string(a / workload.agents_per_group) + "\"}";
  }
  text += "],\"queues\":[";
  for (uint32_t t = 0; t < workload.types; ++t) {
    text += (t > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(t) + "\",\"require\":\"s" +
            std::to_string(t) + "\",\"offer\":{\"mode\":\"auto\"}}";
  }
  return text + "]}";
}

koble_engine* OpenEngine(const koble_plan* plan, const EngineSettings& settings) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = settings.journal;
  options.seed = 1;
  if (settings.count_memory) options.realloc_fn = CountingRealloc;
  koble_engine* engine = nullptr;
  Must(nullptr, koble_engine_create(plan, &options, &engine), "koble_engine_create");
  return engine;
}

Outcome Simulate(const Workload& workload, const koble_plan* plan, uint64_t arrivals, Meter* meter, Stream* stream) {
  koble_engine* engine = OpenEngine(plan, {});
  const std::vector<koble_command> opening = Opening(engine);
  GiveInBatches(engine, opening, opening.size());
  SplitMix64 random(1);
  Calendar calendar;
  struct Person {
    koble_id contact = 0;
    bool served = false;
  };
  std::vector<Person> people;  // by the contact's slot
  Outcome outcome;
  const double mu = std::log(workload.service_mean_s) - std::log(2.0) / 2;  // lognormal with CV 1
  const double sigma = std::sqrt(std::log(2.0));
  koble_result result = KOBLE_RESULT_INIT;
  koble_event events[64];

  // Whoever begins to be served gets an end of service; it says how many do.
  const auto follow = [&](int64_t now) {
    uint64_t count = 0;
    bool any = false;
    for (uint64_t seq = result.event_first; seq < result.event_first + result.event_count; seq += count) {
      koble_events_read(engine, seq, events, sizeof(koble_event), 64, &count);
      for (uint64_t i = 0; i < count; ++i) {
        if (events[i].kind != KOBLE_EVENT_SERVING) continue;
        any = true;
        const double service = workload.service_lognormal ? std::exp(mu + sigma * random.Normal())
                                                          : random.Exponential(workload.service_mean_s);
        people[KOBLE_ID_SLOT(events[i].contact)] = {events[i].contact, true};
        calendar.Push({now + static_cast<int64_t>(service * kSecond), events[i].contact, false});
      }
    }
    koble_events_acknowledge(engine, koble_events_last(engine));
    return any;
  };

  if (meter != nullptr) meter->Start();
  double next_s = random.Exponential(1 / workload.arrivals_per_s);
  while (outcome.arrivals < arrivals || !calendar.empty()) {
    const auto arrival_ns = static_cast<int64_t>(next_s * kSecond);
    if (outcome.arrivals < arrivals && (calendar.empty() || arrival_ns <= calendar.top().time_ns)) {
      ++outcome.arrivals;
      next_s += random.Exponential(1 / workload.arrivals_per_s);
      const auto type = static_cast<uint32_t>(workload.types > 1 ? random.Below(workload.types) : 0);
      const koble_arrival arrival = {sizeof(arrival), 1, &type, outcome.arrivals, 0, 0, 0, nullptr, 0, 0, 0, 0};
      Must(engine, koble_contact_arrive(engine, arrival_ns, &arrival, &result), "arrive");
      if (stream != nullptr) {
        stream->commands.push_back(Command(KOBLE_CMD_CONTACT_ARRIVE, arrival_ns));
        stream->commands.back().queue = type;
        stream->commands.back().host_ref = outcome.arrivals;
      }
      const uint32_t slot = KOBLE_ID_SLOT(result.id);
      if (slot >= people.size()) people.resize(slot + 1);
      people[slot] = {result.id, false};
      if (!follow(arrival_ns)) {
        ++outcome.waited;
        const auto patience = static_cast<int64_t>(random.Exponential(workload.patience_mean_s) * kSecond);
        calendar.Push({arrival_ns + patience, result.id, true});
      }
      continue;
    }
    const Calendar::Entry entry = calendar.top();
    calendar.Pop();
    const Person& person = people[KOBLE_ID_SLOT(entry.contact)];
    if (entry.patience && (person.contact != entry.contact || person.served)) continue;
    outcome.abandoned += entry.patience ? 1 : 0;
    const uint32_t by = entry.patience ? KOBLE_BY_CUSTOMER : KOBLE_BY_AGENT;
    Must(engine, koble_contact_gone(engine, entry.time_ns, entry.contact, by, &result), "gone");
    if (stream != nullptr) {
      stream->commands.push_back(Command(KOBLE_CMD_CONTACT_GONE, entry.time_ns));
      stream->commands.back().target = entry.contact;
      stream->commands.back().code = by;
    }
    follow(entry.time_ns);
  }
  if (meter != nullptr) meter->Stop();
  if (stream != nullptr) {
    stream->opening = opening;
    stream->outcome = outcome;
    koble_digest(engine, stream->digest);
  }
  koble_engine_destroy(engine);
  return outcome;
}

const Stream& StreamOf(const std::string& name, uint64_t arrivals) {
  static std::map<std::pair<std::string, uint64_t>, std::unique_ptr<Stream>> streams;
  std::unique_ptr<Stream>& stream = streams[{name, arrivals}];
  if (stream == nullptr) {
    const Workload& workload = FindWorkload(name);
    const std::string text = PlanOf(workload);
    koble_plan* plan = nullptr;
    char report[1000];
    if (koble_plan_load(text.data(), text.size(), &plan, report, sizeof(report)) != KOBLE_OK) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), report);
      std::exit(1);
    }
    stream = std::make_unique<Stream>();
    stream->plan = plan;
    stream->commands.reserve(2 * arrivals);
    Simulate(workload, plan, arrivals, nullptr, stream.get());
  }
  return *stream;
}

void GiveSingly(koble_engine* engine, const std::vector<koble_command>& commands) {
  koble_result result = KOBLE_RESULT_INIT;
  uint32_t since = 0;
  for (const koble_command& command : commands) {
    int32_t code;
    if (command.kind == KOBLE_CMD_CONTACT_ARRIVE) {
      const koble_arrival arrival = {
          sizeof(arrival), 1, &command.queue, command.host_ref, command.a, command.b, 0, nullptr, 0, 0, 0, 0};
      code = koble_contact_arrive(engine, command.time_ns, &arrival, &result);
    } else if (command.kind == KOBLE_CMD_CONTACT_GONE) {
      code = koble_contact_gone(engine, command.time_ns, command.target, command.code, &result);
    } else {
      code = koble_agent_presence(engine, command.time_ns, command.target, command.code, command.a, &result);
    }
    Must(engine, code, "command");
    if (++since == 1000) {
      AcknowledgeAll(engine);
      since = 0;
    }
  }
}

void GiveInBatches(koble_engine* engine, const std::vector<koble_command>& commands, uint64_t batch_size) {
  for (uint64_t at = 0; at < commands.size(); at += batch_size) {
    koble_batch batch = KOBLE_BATCH_INIT;
    batch.commands = commands.data() + at;
    batch.count = std::min<uint64_t>(batch_size, commands.size() - at);
    uint64_t taken = 0;
    Must(engine, koble_apply(engine, &batch, &taken, nullptr), "batch");
    AcknowledgeAll(engine);
  }
}

}  // namespace koble::bench
