#include "figures/figures.h"

#include <algorithm>

namespace koble::figures {
namespace {

// Listed agents of the first plan are in the lowest slots, in the plan's order, each in its slot's first generation.
koble_id ListedAgentId(uint64_t number) { return uint64_t{KOBLE_KIND_AGENT} << 60 | number << 32 | 1u; }

bool IsInterval(int64_t interval) {
  return interval >= KOBLE_FIGURES_EVERY_INTERVAL && interval < KOBLE_FIGURES_INTERVALS_MAX;
}

}  // namespace

Figures::Figures(const Layout& layout, const Options& options) : options_(options) {
  for (size_t i = 0; i < layout.agents.size(); ++i) {
    AddAgent(ListedAgentId(i), layout.agents[i].name).capacity = layout.agents[i].capacity;
  }
  AddLayout(layout);
  PutInForce(layouts_.front());
}

void Figures::AddLayout(const Layout& layout) {
  for (const Layout& known : layouts_) {
    if (known.hash[0] == layout.hash[0] && known.hash[1] == layout.hash[1]) return;
  }
  layouts_.push_back(layout);
}

void Figures::PutInForce(const Layout& layout) {
  planned_.clear();
  for (const Layout::Queue& queue : layout.queues) {
    planned_.push_back(
        {QueueIndex(queue.name, queue.target_ns > 0 ? queue.target_ns : options_.target_ns), queue.cost});
  }
  absl::flat_hash_map<std::string_view, int64_t> capacities;
  for (const Layout::Agent& agent : layout.agents) capacities[agent.name] = agent.capacity;
  live_agents_.Each([&](AgentInfo& agent) {
    const std::string& name = agents_[agent.number].name;
    const auto found = capacities.find(name);
    if (name.empty() || found == capacities.end()) return;
    agent.CountCapacity();
    agent.capacity = found->second;
  });
}

uint32_t Figures::QueueIndex(const std::string& name, int64_t target_ns) {
  for (uint32_t i = 0; i < queue_count(); ++i) {
    if (queue_names_[i] != name) continue;
    queues_[i].target_ns = target_ns;
    return i;
  }
  queues_.push_back({.target_ns = target_ns});
  queue_names_.push_back(name);
  return queue_count() - 1;
}

AgentInfo& Figures::AddAgent(koble_id id, std::string_view name) {
  if (AgentInfo* const before = live_agents_.At(id)) PutAway(*before);
  AgentInfo& agent = live_agents_.Put(id);
  agent.number = agent_count();
  agent.since_ns = agent.attention_since_ns = last_ns_;
  agents_.push_back({id, std::string(name)});
  return agent;
}

int32_t Figures::NameAgent(koble_id id, std::string_view name, int64_t capacity) {
  message_.clear();
  if (KOBLE_ID_KIND(id) != KOBLE_KIND_AGENT || capacity < 0) {
    message_ = "give the id of an agent and a capacity of at least 0";
    return KOBLE_ERR_ARGUMENT;
  }
  AgentInfo& agent = AgentOf(id);
  Account(agent, last_ns_);
  if (!name.empty()) agents_[agent.number].name = name;
  agent.CountCapacity();
  if (capacity > 0) agent.capacity = capacity;
  return KOBLE_OK;
}

Figures::Interval Figures::IntervalAt(int64_t time_ns) const {
  const int64_t start = options_.start_ns, length = options_.interval_ns;
  if (time_ns < start) return {-1, INT64_MIN, start};
  if (length == 0) return {0, start, INT64_MAX};
  const int64_t number = (time_ns - start) / length;
  const int64_t begin = start + number * length;
  return {static_cast<int32_t>(std::min<int64_t>(number, KOBLE_FIGURES_INTERVALS_MAX)), begin,
          begin > INT64_MAX - length ? INT64_MAX : begin + length};
}

QueueCell* Figures::FindCell(uint32_t queue, int32_t interval) {
  QueueInfo& of = queues_[queue];
  of.cell = interval < 0 ? nullptr : &queue_cells_[{queue, interval}];
  of.cell_interval = interval;
  return of.cell;
}

void Figures::PutAway(AgentInfo& agent) {
  if (agent.interval >= 0) agent_cells_[{agent.number, agent.interval}].Add(agent.ToldCell());
  agent.cell = AgentCell{};
}

void Figures::Turn(AgentInfo& agent) {
  PutAway(agent);
  agent.interval = current_.number;
}

AgentCell& Figures::OtherCell(AgentInfo& agent, int32_t interval) {
  return interval == current_.number ? CellOf(agent) : agent_cells_[{agent.number, interval}];
}

void Figures::AccountAcross(AgentInfo& agent, int64_t now) {
  int64_t from = std::max(agent.since_ns, options_.start_ns);
  agent.since_ns = now;
  const int shown = agent.Shown();
  while (shown >= 0 && from < now) {
    const Interval interval = IntervalAt(from);
    const int64_t to = std::min(now, interval.end_ns);
    AgentCell piece;
    piece.Pass(shown, agent.used, to - from);
    piece.CountCapacity(agent.capacity);
    CellOf(agent, interval.number).Add(piece);
    from = to;
  }
}

void Figures::ShareAttention(AgentInfo& agent, int64_t passed) {
  const auto n = static_cast<int64_t>(1 + agent.running.CountBehind());
  const int64_t each = passed / n;
  for (int64_t i = 0; i < n; ++i) {
    EngagementInfo* const found = engagements_.Find(agent.running.At(static_cast<size_t>(i)));
    if (found != nullptr) found->attention += each + (i < passed - each * n ? 1 : 0);
  }
}

int32_t Figures::Close(int64_t at_ns) {
  message_.clear();
  if (at_ns < last_ns_ || at_ns > KOBLE_TIME_MAX) {
    message_ = "close at the time of the last event or later, and not past KOBLE_TIME_MAX";
    return at_ns < last_ns_ ? KOBLE_ERR_TIME : KOBLE_ERR_ARGUMENT;
  }
  if (IntervalAt(at_ns).number >= KOBLE_FIGURES_INTERVALS_MAX) {
    message_ = "that is past the last interval; choose a longer interval";
    return KOBLE_ERR_LIMIT;
  }
  if (just_ended_ != 0) Settle();
  last_ns_ = at_ns;
  current_ = IntervalAt(at_ns);
  live_agents_.Each([&](AgentInfo& agent) { Account(agent, at_ns); });
  for (auto& [key, cell] : queue_cells_) cell.open = OpenCounts{};
  contacts_.Each([&](const ContactInfo& contact) {
    if (contact.served) return;
    QueueCell* cell = CellOf(contact.queue, contact.interval);
    if (cell == nullptr) return;
    const int64_t wait = at_ns - contact.arrival_ns;
    const int64_t target = queues_[contact.queue].target_ns;
    ++cell->open.count;
    if (target > 0 && wait > target) ++cell->open.late;
    cell->open.wait_sum.Add(wait);
    cell->open.wait_max = std::max(cell->open.wait_max, wait);
  });
  return KOBLE_OK;
}

int32_t Figures::Merge(const Figures& from) {
  message_.clear();
  if (from.options_.interval_ns != options_.interval_ns ||
      from.options_.short_abandon_ns != options_.short_abandon_ns || from.options_.target_ns != options_.target_ns) {
    message_ = "figures merge only where interval, short abandons and target are the same";
    return KOBLE_ERR_ARGUMENT;
  }
  std::vector<uint32_t> queues, agents;
  for (uint32_t i = 0; i < from.queue_count(); ++i) {
    const auto known = std::find(queue_names_.begin(), queue_names_.end(), from.queue_names_[i]);
    queues.push_back(known != queue_names_.end() ? static_cast<uint32_t>(known - queue_names_.begin())
                                                 : QueueIndex(from.queue_names_[i], from.queues_[i].target_ns));
  }
  absl::flat_hash_map<std::string, uint32_t> names;
  for (uint32_t i = 0; i < agents_.size(); ++i) {
    if (!agents_[i].name.empty()) names.try_emplace(agents_[i].name, i);
  }
  for (const AgentName& agent : from.agents_) {
    if (const auto known = names.find(agent.name); known != names.end()) {
      agents.push_back(known->second);
      continue;
    }
    // Counts only: whoever he is, he is signed in elsewhere.
    if (!agent.name.empty()) names.try_emplace(agent.name, agent_count());
    agents.push_back(agent_count());
    agents_.push_back(agent);
  }
  for (const auto& [key, cell] : from.queue_cells_) {
    const uint32_t queue = key.first == KOBLE_QUEUE_NONE ? key.first : queues[key.first];
    queue_cells_[{queue, key.second}].Add(cell);
  }
  from.EachAgentCell([&](uint32_t agent, int32_t interval, const AgentCell& cell) {
    agent_cells_[{agents[agent], interval}].Add(cell);
  });
  return KOBLE_OK;
}

int64_t Figures::interval_count() const {
  int32_t last = -1;
  for (const auto& [key, cell] : queue_cells_) last = std::max(last, key.second);
  EachAgentCell([&](uint32_t, int32_t interval, const AgentCell&) { last = std::max(last, interval); });
  return int64_t{last} + 1;
}

bool Figures::Queue(uint32_t queue, int64_t interval, koble_figures_queue_row* row) const {
  if ((queue != KOBLE_FIGURES_ALL && queue >= queues_.size()) || !IsInterval(interval)) return false;
  QueueCell sum;
  for (const auto& [key, cell] : queue_cells_) {
    if ((queue == KOBLE_FIGURES_ALL || key.first == queue) && (interval < 0 || key.second == interval)) sum.Add(cell);
  }
  *row = koble_figures_queue_row{};
  row->struct_size = sizeof(*row);
  row->queue = queue;
  row->interval = interval;
  row->begin_ns = Saturated(options_.start_ns + Int128{std::max<int64_t>(interval, 0)} * options_.interval_ns);
  row->target_ns = queue == KOBLE_FIGURES_ALL ? 0 : queues_[queue].target_ns;
  sum.Fill(row);
  return true;
}

bool Figures::Agent(uint32_t agent, int64_t interval, koble_figures_agent_row* row) const {
  if ((agent != KOBLE_FIGURES_ALL && agent >= agents_.size()) || !IsInterval(interval)) return false;
  AgentCell sum;
  EachAgentCell([&](uint32_t of, int32_t in, const AgentCell& cell) {
    if ((agent == KOBLE_FIGURES_ALL || of == agent) && (interval < 0 || in == interval)) sum.Add(cell);
  });
  *row = koble_figures_agent_row{};
  row->struct_size = sizeof(*row);
  row->agent = agent;
  row->interval = interval;
  row->begin_ns = Saturated(options_.start_ns + Int128{std::max<int64_t>(interval, 0)} * options_.interval_ns);
  row->id = agent == KOBLE_FIGURES_ALL ? 0 : agents_[agent].id;
  sum.Fill(row);
  return true;
}

bool Figures::Durations(uint32_t queue, int64_t interval, uint32_t duration, Histogram* out) const {
  if ((queue != KOBLE_FIGURES_ALL && queue >= queues_.size()) || !IsInterval(interval) ||
      duration > KOBLE_DURATION_HANDLE) {
    return false;
  }
  *out = Histogram();
  for (const auto& [key, cell] : queue_cells_) {
    if ((queue != KOBLE_FIGURES_ALL && key.first != queue) || (interval >= 0 && key.second != interval)) continue;
    if (duration == KOBLE_DURATION_HANDLE) out->Merge(cell.handle);
    if (duration == KOBLE_DURATION_WAIT_ANSWERED || duration == KOBLE_DURATION_WAIT_ALL) out->Merge(cell.wait_answered);
    if (duration == KOBLE_DURATION_WAIT_ABANDONED || duration == KOBLE_DURATION_WAIT_ALL)
      out->Merge(cell.wait_abandoned);
    if (duration == KOBLE_DURATION_WAIT_ALL) out->Merge(cell.wait_other);
  }
  return true;
}

}  // namespace koble::figures
