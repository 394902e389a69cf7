#include "workload.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "koble/koble_record.h"

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
  w1.name = "w1";
  w1.groups = {{0}};
  w1.agents_per_group = 310;
  w1.traffic.arrivals_per_s = 100 / 60.0;

  Workload w2;
  w2.name = "w2";
  w2.traffic.types = 10;
  w2.groups = Groups(10, [](uint32_t g) {
    return std::vector<uint32_t>{g % 10, (g + 3) % 10, (g + 7) % 10, (g + 5) % 10};
  });
  w2.agents_per_group = 30;
  w2.traffic.arrivals_per_s = 0.98 * 300 / 180;
  w2.traffic.service_lognormal = true;

  Workload w3 = w2;
  w3.name = "w3";
  w3.traffic.types = 100;
  w3.groups = Groups(200, [](uint32_t g) {
    return std::vector<uint32_t>{g % 100, (7 * g + 13) % 100, (31 * g + 57) % 100, (11 * g + 29) % 100};
  });
  w3.agents_per_group = 25;
  w3.traffic.arrivals_per_s = 0.98 * 5000 / 180;

  Workload over = w3;
  over.name = "w4over";
  over.traffic.arrivals_per_s = 1.2 * 5000 / 180;
  over.traffic.patience_mean_s = 3600;
  Workload under = over;
  under.name = "w4under";
  under.traffic.arrivals_per_s = 0.8 * 5000 / 180;

  std::map<std::string, Workload> all;
  for (const Workload& workload : {w1, w2, w3, over, under}) all[workload.name] = workload;
  return all;
}

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
    std::fprintf(stderr, "no workload %s: there are", name.c_str());
    for (const auto& [known, workload] : workloads) std::fprintf(stderr, " %s", known.c_str());
    std::fprintf(stderr, "\n");
    std::exit(1);
  }
  return found->second;
}

std::string PlanOf(const Workload& workload) {
  std::string text = "{\"skills\":[";
  for (uint32_t t = 0; t < workload.traffic.types; ++t) text += (t > 0 ? ",\"s" : "\"s") + std::to_string(t) + "\"";
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
  for (uint32_t t = 0; t < workload.traffic.types; ++t) {
    text += (t > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(t) + "\",\"require\":\"s" +
            std::to_string(t) + "\",\"offer\":{\"mode\":\"auto\"}}";
  }
  return text + "]}";
}

const koble_plan* LoadPlan(const std::string& text, const std::string& name) {
  koble_plan* plan = nullptr;
  char report[1000];
  if (koble_plan_load(text.data(), text.size(), &plan, report, sizeof(report)) != KOBLE_OK) {
    std::fprintf(stderr, "the plan of %s: %s\n", name.c_str(), report);
    std::exit(1);
  }
  return plan;
}

koble_engine* OpenEngine(const koble_plan* plan, const EngineSettings& settings) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = settings.journal;
  options.seed = 1;
  koble_engine* engine = nullptr;
  Must(nullptr, koble_engine_create(plan, &options, &engine), "koble_engine_create");
  return engine;
}

Simulation::Simulation(const Workload& workload, const koble_plan* plan, const Hosting& hosting, Stream* stream)
    : hosting_(hosting),
      stream_(stream),
      traffic_(workload.traffic, hosting.seed),
      large_(workload.groups.size() * workload.agents_per_group > 1'000) {
  EngineSettings settings;
  settings.journal = hosting.journal;
  engine_ = OpenEngine(plan, settings);
  if (hosting.figures) Must(engine_, koble_figures_create(plan, nullptr, &figures_), "koble_figures_create");
  const std::vector<koble_command> opening = Opening(engine_);
  GiveInBatches(engine_, opening, opening.size());
  if (stream != nullptr) stream->opening = opening;
  next_arrival_ns_ = traffic_.NextArrivalNs();
  const double longest_mean_s = std::max(workload.traffic.service_mean_s, workload.traffic.patience_mean_s);
  calendar_open(&calendar_, kSecond / workload.traffic.arrivals_per_s, 2 * longest_mean_s * kSecond);
}

Simulation::~Simulation() {
  koble_figures_destroy(figures_);
  koble_engine_destroy(engine_);
  calendar_close(&calendar_);
}

// Every agent has one contact at a time, so that a command leads to one conversation at most; where it does, that is its last event.
[[gnu::always_inline]] inline bool Simulation::Follow(int64_t now) {
  ++commands_;
  bool any = false;
  if (result_.event_count > 1) {  // else its own: somebody has arrived or gone, and nothing came of it
    const koble_event* events = nullptr;
    uint32_t stride = sizeof(koble_event);
    uint64_t count = 0;
    Must(engine_, koble_events_view(engine_, result_.event_first, &events, &stride, &count), "events");
    const koble_event& event = *KOBLE_EVENT_AT(events, stride, count - 1);
    any = event.kind == KOBLE_EVENT_SERVING;
    if (any) {
      const uint32_t slot = KOBLE_ID_SLOT(event.contact);
      if (slot < waiting_.size()) waiting_[slot] = 0;
      calendar_push(&calendar_, calendar_make(now + traffic_.NextServiceNs(), event.contact, false));
    }
  }
  if (commands_ % kCommandsFolded == 0) FoldEvents();
  if (hosting_.digest_every > 0 && ++since_digest_ == hosting_.digest_every) FoldDigest();
  return any;
}

void Simulation::FoldEvents() {
  const koble_event* events = nullptr;
  uint32_t stride = sizeof(koble_event);
  uint64_t count = 0;
  Must(engine_, koble_events_take(engine_, &events, &stride, &count), "events");
  if (hosting_.figures) Must(engine_, koble_figures_fold(figures_, events, stride, count, nullptr), "figures");
}

// What the figures have counted is what the simulation has seen.
void Simulation::CheckFigures() const {
  if (!hosting_.figures) return;
  Must(engine_, koble_figures_close(figures_, koble_now(engine_)), "figures");
  koble_figures_queue_row row = {};
  row.struct_size = sizeof(row);
  Must(engine_, koble_figures_queue(figures_, KOBLE_FIGURES_ALL, KOBLE_FIGURES_EVERY_INTERVAL, &row), "figures");
  if (row.offered == outcome_.arrivals && row.abandoned == outcome_.abandoned &&
      row.answered == outcome_.arrivals - outcome_.abandoned && row.ended == row.answered) {
    return;
  }
  const auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
  std::fprintf(stderr,
               "figures: %llu offered, %llu abandoned, %llu answered, %llu ended; the simulation has %llu arrivals, of "
               "whom %llu gave up and all others were served to the end\n",
               number(row.offered), number(row.abandoned), number(row.answered), number(row.ended),
               number(outcome_.arrivals), number(outcome_.abandoned));
  std::exit(1);
}

void Simulation::FoldDigest() {
  uint64_t digest[2];
  koble_digest(engine_, digest);
  since_digest_ = 0;
  if (hosting_.journal == KOBLE_JOURNAL_OFF) return;
  Must(engine_, koble_journal_acknowledge(engine_, koble_journal_last(engine_)), "acknowledge journal");
}

void Simulation::Arrive(int64_t now) {
  ++outcome_.arrivals;
  next_arrival_ns_ = traffic_.NextArrivalNs();
  const uint32_t type = traffic_.NextType();
  const koble_arrival arrival = {sizeof(arrival), 1, &type, outcome_.arrivals, 0, 0, 0, nullptr, 0, 0, 0, 0};
  Must(engine_, koble_contact_arrive(engine_, now, &arrival, &result_), "arrive");
  const koble_id contact = result_.id;
  if (stream_ != nullptr) {
    stream_->commands.push_back(Command(KOBLE_CMD_CONTACT_ARRIVE, now));
    stream_->commands.back().queue = type;
    stream_->commands.back().host_ref = outcome_.arrivals;
  }
  if (Follow(now)) return;
  ++outcome_.waited;
  const uint32_t slot = KOBLE_ID_SLOT(contact);
  if (slot >= waiting_.size()) waiting_.resize(slot + 1);
  waiting_[slot] = KOBLE_ID_GENERATION(contact);
  calendar_push(&calendar_, calendar_make(now + traffic_.NextPatienceNs(), contact, true));
}

void Simulation::TakeNext() {
  const calendar_entry entry = calendar_pop(&calendar_);
  if (large_) {
    koble_prefetch(engine_, calendar_contact(calendar_.first));  // who most often is next
    calendar_prefetch_second(&calendar_);
  }
  const bool patience = calendar_patience(entry);
  const koble_id contact = calendar_contact(entry);
  if (patience && waiting_[KOBLE_ID_SLOT(contact)] != KOBLE_ID_GENERATION(contact)) return;
  outcome_.abandoned += patience ? 1 : 0;
  const uint32_t by = patience ? KOBLE_BY_CUSTOMER : KOBLE_BY_AGENT;
  Must(engine_, koble_contact_gone(engine_, entry.time_ns, contact, by, &result_), "gone");
  if (stream_ != nullptr) {
    stream_->commands.push_back(Command(KOBLE_CMD_CONTACT_GONE, entry.time_ns));
    stream_->commands.back().target = contact;
    stream_->commands.back().code = by;
  }
  Follow(entry.time_ns);
}

void Simulation::Play(uint64_t arrivals) {
  while (outcome_.arrivals < arrivals) {
    if (next_arrival_ns_ <= calendar_.first.time_ns) {
      Arrive(next_arrival_ns_);
    } else {
      TakeNext();
    }
  }
}

void Simulation::Finish() {
  while (!calendar_empty(&calendar_)) TakeNext();
  FoldEvents();
  CheckFigures();
  if (stream_ == nullptr) return;
  stream_->outcome = outcome_;
  koble_digest(engine_, stream_->digest);
}

const koble_plan* PlanFor(const std::string& name) {
  static std::map<std::string, const koble_plan*> plans;
  const koble_plan*& plan = plans[name];
  if (plan == nullptr) plan = LoadPlan(PlanOf(FindWorkload(name)), name);
  return plan;
}

const Stream& StreamOf(const std::string& name, uint64_t arrivals) {
  static std::map<std::pair<std::string, uint64_t>, std::unique_ptr<Stream>> streams;
  std::unique_ptr<Stream>& stream = streams[{name, arrivals}];
  if (stream == nullptr) {
    stream = std::make_unique<Stream>();
    stream->plan = PlanFor(name);
    stream->commands.reserve(2 * arrivals);
    Simulation simulation(FindWorkload(name), stream->plan, {}, stream.get());
    simulation.Play(arrivals);
    simulation.Finish();
  }
  return *stream;
}

void GiveSingly(koble_engine* engine, std::span<const koble_command> commands) {
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

void GiveInBatches(koble_engine* engine, std::span<const koble_command> commands, uint64_t batch_size) {
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
