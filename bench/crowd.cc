#include "crowd.h"

#include <algorithm>

#include "meter.h"
#include "random.h"

namespace koble::bench {
namespace {

constexpr uint32_t kSkillsEach = 5;
constexpr uint32_t kLevels = 5;

}  // namespace

Crowd DrawCrowd(const CrowdSize& size) {
  SplitMix64 random(1);
  Crowd crowd;
  crowd.skills = size.skills;
  for (uint32_t a = 0; a < size.agents; ++a) {
    std::vector<Level> skills;
    while (skills.size() < kSkillsEach) {
      // A skill drawn again keeps its first level, but the second is drawn none the less.
      const auto skill = static_cast<uint32_t>(random.Below(size.skills));
      const auto level = static_cast<uint32_t>(1 + random.Below(kLevels));
      const bool known = std::any_of(skills.begin(), skills.end(), [&](const Level& l) { return l.skill == skill; });
      if (!known) skills.push_back({skill, level});
    }
    crowd.agents.push_back(std::move(skills));
  }
  for (uint32_t q = 0; q < size.queues; ++q) {
    const uint64_t draw = random.Below(10);
    const int terms = draw < 6 ? 1 : draw < 9 ? 2 : 3;
    std::vector<Level> model = crowd.agents[random.Below(size.agents)];
    std::vector<Level> chosen;
    for (int t = 0; t < terms; ++t) {
      const auto at = static_cast<std::ptrdiff_t>(random.Below(model.size()));
      const Level term = model[static_cast<size_t>(at)];
      model.erase(model.begin() + at);
      chosen.push_back({term.skill, static_cast<uint32_t>(1 + random.Below(term.level))});
    }
    crowd.queues.push_back(std::move(chosen));
  }
  return crowd;
}

bool Meets(const std::vector<Level>& agent, const std::vector<Level>& queue) {
  return std::all_of(queue.begin(), queue.end(), [&](const Level& wanted) {
    return std::any_of(agent.begin(), agent.end(),
                       [&](const Level& has) { return has.skill == wanted.skill && has.level >= wanted.level; });
  });
}

std::vector<uint32_t> FirstQueues(const Crowd& crowd, uint32_t end) {
  std::vector<std::vector<uint32_t>> having(crowd.skills);  // agents, by skill: all pairs would be too many
  for (uint32_t a = 0; a < crowd.agents.size(); ++a) {
    for (const Level& l : crowd.agents[a]) having[l.skill].push_back(a);
  }
  std::vector<uint32_t> first(crowd.agents.size(), KOBLE_QUEUE_NONE);
  for (uint32_t q = 0; q < end; ++q) {
    for (uint32_t a : having[crowd.queues[q][0].skill]) {
      if (first[a] == KOBLE_QUEUE_NONE && Meets(crowd.agents[a], crowd.queues[q])) first[a] = q;
    }
  }
  return first;
}

std::string PlanOf(const Crowd& crowd) {
  std::string text = "{\"skills\":[";
  for (uint32_t s = 0; s < crowd.skills; ++s) text += (s > 0 ? ",\"s" : "\"s") + std::to_string(s) + "\"";
  text += "],\"agents\":[";
  for (size_t a = 0; a < crowd.agents.size(); ++a) {
    text += (a > 0 ? ",{\"name\":\"a" : "{\"name\":\"a") + std::to_string(a) + "\",\"skills\":{";
    for (size_t k = 0; k < crowd.agents[a].size(); ++k) {
      const Level& l = crowd.agents[a][k];
      text += (k > 0 ? ",\"s" : "\"s") + std::to_string(l.skill) + "\":" + std::to_string(l.level);
    }
    text += "}}";
  }
  text += "],\"queues\":[";
  for (size_t q = 0; q < crowd.queues.size(); ++q) {
    text += (q > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(q) + "\",\"require\":\"";
    for (size_t k = 0; k < crowd.queues[q].size(); ++k) {
      const Level& l = crowd.queues[q][k];
      text += (k > 0 ? " and s" : "s") + std::to_string(l.skill) + " >= " + std::to_string(l.level);
    }
    text += "\",\"offer\":{\"mode\":\"auto\"}}";
  }
  return text + "]}";
}

std::vector<koble_id> Host::SignIn() {
  uint64_t count = 0;
  Must(engine_, koble_list(engine_, KOBLE_KIND_AGENT, nullptr, 0, &count), "koble_list");
  std::vector<koble_id> agents(count);
  Must(engine_, koble_list(engine_, KOBLE_KIND_AGENT, agents.data(), count, &count), "koble_list");
  serving_.resize(count);
  for (koble_id agent : agents) {
    Must(engine_, koble_agent_presence(engine_, 0, agent, KOBLE_PRESENCE_AVAILABLE, 0, nullptr), "presence");
  }
  return agents;
}

void Host::Arrive(int64_t now, uint32_t queue) {
  const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
  Must(engine_, koble_contact_arrive(engine_, now, &arrival, &result_), "arrive");
}

__attribute__((noinline)) int32_t Host::MeasuredDecision(int64_t now, koble_id contact) {
  return koble_contact_gone(engine_, now, contact, KOBLE_BY_AGENT, &result_);
}

uint32_t Host::Follow() {
  uint32_t queue = KOBLE_QUEUE_NONE;
  koble_event events[16];
  uint64_t count = 0;
  for (uint64_t seq = result_.event_first; seq < result_.event_first + result_.event_count; seq += count) {
    Must(engine_, koble_events_read(engine_, seq, events, sizeof(koble_event), 16, &count), "read");
    for (uint64_t i = 0; i < count; ++i) {
      if (events[i].kind != KOBLE_EVENT_SERVING) continue;
      contact_ = events[i].contact;
      serving_[KOBLE_ID_SLOT(events[i].agent)] = contact_;
      queue = events[i].queue;
    }
  }
  Must(engine_, koble_events_acknowledge(engine_, koble_events_last(engine_)), "acknowledge");
  return queue;
}

koble_id Host::ServedBy(koble_id agent) const { return serving_[KOBLE_ID_SLOT(agent)]; }

}  // namespace koble::bench
