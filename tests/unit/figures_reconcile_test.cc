// What a reconcile ends is counted like anything else: rows add up, and no agent's time is lost.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "figures/figures.h"
#include "unit/figures_day.h"

namespace koble::figures {
namespace {

constexpr char kPlan[] = R"({
  "queues": [{"name": "q", "wrap_up": "10s", "offer": {"ring": "60s"}},
             {"name": "sure", "offer": {"confirm": "60s"}}],
  "agents": [{"name": "A"}, {"name": "B"}, {"name": "C"}]})";

class Host {
 public:
  Host() {
    int32_t code = KOBLE_OK;
    std::string message;
    plan_ = plan::Load(kPlan, &message, &code);
    EXPECT_NE(plan_, nullptr) << message;
    engine_ = engine::Engine::Create(plan_, {}, &code, &message);
  }

  koble_id Give(int64_t at_s, uint32_t kind, koble_id target = 0, uint32_t code = 0, uint32_t queue = 0,
                const std::vector<koble_id>& ids = {}) {
    koble_command command{};
    command.time_ns = at_s * kSecond;
    command.kind = kind;
    command.target = target;
    command.code = code;
    command.queue = queue;
    koble_result result{};
    const std::string data(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(koble_id));
    EXPECT_EQ(engine_->Apply(command, data, {}, &result), KOBLE_OK) << engine_->message();
    return result.id;
  }
  koble_id LastOffer() const {
    koble_id offer = 0;
    for (const koble_event& event : engine_->Events(1)) {
      if (event.kind == KOBLE_EVENT_OFFERED) offer = event.offer;
    }
    return offer;
  }

  std::shared_ptr<const plan::Plan> plan_;
  std::unique_ptr<engine::Engine> engine_;
};

TEST(FiguresReconcileTest, EverybodyIsCountedOnce) {
  Host host;
  for (const char* name : {"A", "B", "C"}) {
    host.Give(0, KOBLE_CMD_AGENT_PRESENCE, host.engine_->FindAgent(name), KOBLE_PRESENCE_AVAILABLE);
  }
  const koble_id lost = host.Give(0, KOBLE_CMD_CONTACT_ARRIVE);  // served by A; its leg is not named
  host.Give(1, KOBLE_CMD_OFFER_ACCEPT, host.LastOffer());
  const koble_id connecting = host.Give(2, KOBLE_CMD_CONTACT_ARRIVE, 0, 0, 1);  // to B; the connection is lost
  host.Give(3, KOBLE_CMD_OFFER_ACCEPT, host.LastOffer());
  host.Give(4, KOBLE_CMD_CONTACT_ARRIVE);  // rings at C; gone
  host.Give(5, KOBLE_CMD_CONTACT_ARRIVE);  // waits; gone
  host.Give(30, KOBLE_CMD_RECONCILE, 0, 2, 0, {lost, connecting});
  host.Give(100, KOBLE_CMD_ADVANCE);

  Options options;
  options.interval_ns = 3600 * kSecond;
  Figures figures(LayoutOf(*host.plan_), options);
  const auto events = host.engine_->Events(1);
  ASSERT_EQ(figures.Fold(events.data(), sizeof(koble_event), events.size(), nullptr), KOBLE_OK) << figures.message();
  ASSERT_EQ(figures.Close(100 * kSecond), KOBLE_OK);

  koble_figures_queue_row row{};
  ASSERT_TRUE(figures.Queue(KOBLE_FIGURES_ALL, -1, &row));
  EXPECT_EQ(row.offered, 4u);
  EXPECT_EQ(row.answered, 1u);
  EXPECT_EQ(row.ended, 1u);
  EXPECT_EQ(row.exits[KOBLE_EXIT_WITHDRAWN], 2u);
  EXPECT_EQ(row.open, 1u);  // the connection was lost: it rings again
  EXPECT_EQ(row.connect_failed, 1u);
  EXPECT_EQ(row.outcomes[KOBLE_OUTCOME_WITHDRAWN], 1u);
  EXPECT_EQ(row.outcomes[KOBLE_OUTCOME_FAILED], 0u);
  for (uint32_t agent = 0; agent < 3; ++agent) {
    koble_figures_agent_row times{};
    ASSERT_TRUE(figures.Agent(agent, -1, &times));
    int64_t sum = 0;
    for (const int64_t shown : times.shown_ns) sum += shown;
    EXPECT_EQ(sum, 100 * kSecond) << agent;
    EXPECT_EQ(times.signed_in_ns, 100 * kSecond) << agent;
  }
}

}  // namespace
}  // namespace koble::figures
