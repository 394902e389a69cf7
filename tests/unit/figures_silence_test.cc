// Conversations that pause: their silence is nobody's work, and who returns is counted once.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/engine.h"
#include "figures/figures.h"
#include "unit/figures_day.h"

namespace koble::figures {
namespace {

constexpr char kSilentPlan[] = R"({
  "channels": [{"name": "chat", "silent": {"after": "60s", "return": "10s"}, "park": {"return": "0s"}}],
  "queues": [{"name": "q", "wrap_up": "5s", "offer": {"mode": "auto"}}],
  "agents": [{"name": "A"}, {"name": "B"}]})";

// A has c1 from 10 to silence at 70 and from 100 to 160; B has it from 200 to its end at 230 and wraps up. c2: B from 300, on hold from 310, parked at
// 330, gone at 400. c3: B from 410, parked at 440; its reply at 481 finds him on a break, and it hangs up at 500.
class SilentDay : public ::testing::Test {
 protected:
  SilentDay() {
    int32_t code = KOBLE_OK;
    std::string message;
    plan_ = plan::Load(kSilentPlan, &message, &code);
    EXPECT_NE(plan_, nullptr) << message;
    engine_ = engine::Engine::Create(plan_, {}, &code, &message);
    const koble_id a = engine_->FindAgent("A");
    const koble_id b = engine_->FindAgent("B");
    Give(0, KOBLE_CMD_AGENT_PRESENCE, a, KOBLE_PRESENCE_AVAILABLE);
    const koble_id c1 = Give(10, KOBLE_CMD_CONTACT_ARRIVE);
    Give(70, KOBLE_CMD_ADVANCE);
    Give(100, KOBLE_CMD_CONTACT_REPLY, c1);
    Give(160, KOBLE_CMD_ADVANCE);
    Give(165, KOBLE_CMD_AGENT_PRESENCE, a, KOBLE_PRESENCE_OFFLINE);
    Give(170, KOBLE_CMD_CONTACT_REPLY, c1);
    Give(200, KOBLE_CMD_AGENT_PRESENCE, b, KOBLE_PRESENCE_AVAILABLE);
    Give(230, KOBLE_CMD_CONTACT_GONE, c1, KOBLE_BY_CUSTOMER);
    Give(235, KOBLE_CMD_ADVANCE);
    const koble_id c2 = Give(300, KOBLE_CMD_CONTACT_ARRIVE);
    Give(310, KOBLE_CMD_HOLD, Engagement(c2));
    Give(330, KOBLE_CMD_ENGAGEMENT_PARK, Engagement(c2));
    Give(400, KOBLE_CMD_CONTACT_GONE, c2, KOBLE_BY_CUSTOMER);
    const koble_id c3 = Give(410, KOBLE_CMD_CONTACT_ARRIVE);
    Give(440, KOBLE_CMD_ENGAGEMENT_PARK, Engagement(c3));
    Give(480, KOBLE_CMD_AGENT_PRESENCE, b, KOBLE_PRESENCE_BREAK);
    Give(481, KOBLE_CMD_CONTACT_REPLY, c3);
    Give(500, KOBLE_CMD_CONTACT_GONE, c3, KOBLE_BY_CUSTOMER);

    Options options;
    options.interval_ns = 3600 * kSecond;
    figures_ = std::make_unique<Figures>(LayoutOf(*plan_), options);
    const auto events = engine_->Events(1);
    EXPECT_EQ(figures_->Fold(events.data(), sizeof(koble_event), events.size(), nullptr), KOBLE_OK);
    EXPECT_EQ(figures_->Close(500 * kSecond), KOBLE_OK);
  }

  koble_id Give(int64_t at_s, uint32_t kind, koble_id target = 0, uint32_t code = 0) {
    koble_command command{};
    command.time_ns = at_s * kSecond;
    command.kind = kind;
    command.target = target;
    command.code = code;
    koble_result result{};
    EXPECT_EQ(engine_->Apply(command, {}, {}, &result), KOBLE_OK) << engine_->message();
    return result.id;
  }
  koble_id Engagement(koble_id contact) const {
    koble_contact_info info{};
    EXPECT_EQ(engine_->Contact(contact, &info), KOBLE_OK);
    return info.engagement;
  }
  koble_figures_agent_row Of(uint32_t agent) const {
    koble_figures_agent_row row{};
    EXPECT_TRUE(figures_->Agent(agent, -1, &row));
    return row;
  }

  std::shared_ptr<const plan::Plan> plan_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Figures> figures_;
};

TEST_F(SilentDay, EveryContactCountsOnce) {
  koble_figures_queue_row row{};
  ASSERT_TRUE(figures_->Queue(0, -1, &row));
  EXPECT_EQ(row.offered, 3u);
  EXPECT_EQ(row.answered, 3u);
  EXPECT_EQ(row.ended, 3u);
  EXPECT_EQ(row.abandoned, 0u);  // c3 had been answered
  EXPECT_EQ(row.left[KOBLE_EXIT_ABANDONED], 1u);
  EXPECT_EQ(row.open, 0u);
  EXPECT_EQ(row.talk_sum_ns, (60 + 60 + 30 + 30 + 30) * kSecond);
  EXPECT_EQ(row.talk_max_ns, 150 * kSecond);
  EXPECT_EQ(row.handle_sum_ns, (150 + 5 + 30 + 30) * kSecond);
  EXPECT_EQ(row.attention_sum_ns, row.handle_sum_ns);  // never two at once
  EXPECT_EQ(row.holds, 1u);
  EXPECT_EQ(row.hold_sum_ns, 20 * kSecond);
  EXPECT_EQ(row.wrapups, 1u);
}

TEST_F(SilentDay, SilenceIsNoWork) {
  const koble_figures_agent_row a = Of(0);
  EXPECT_EQ(a.answered, 1u);
  EXPECT_EQ(a.ended, 1u);
  EXPECT_EQ(a.talk_sum_ns, 120 * kSecond);
  EXPECT_EQ(a.shown_ns[KOBLE_SHOWN_ACTIVE], 120 * kSecond);
  EXPECT_EQ(a.shown_ns[KOBLE_SHOWN_AVAILABLE], 45 * kSecond);
  EXPECT_EQ(a.signed_in_ns, 165 * kSecond);
  EXPECT_EQ(a.load_unit_ms, 100 * 120 * 1000);
  const koble_figures_agent_row b = Of(1);
  EXPECT_EQ(b.answered, 3u);
  EXPECT_EQ(b.ended, 3u);
  EXPECT_EQ(b.shown_ns[KOBLE_SHOWN_ACTIVE], (30 + 10 + 30) * kSecond);
  EXPECT_EQ(b.shown_ns[KOBLE_SHOWN_HELD], 20 * kSecond);
  EXPECT_EQ(b.shown_ns[KOBLE_SHOWN_WRAPUP], 5 * kSecond);
  EXPECT_EQ(b.load_unit_ms, 100 * 95 * 1000);
}

}  // namespace
}  // namespace koble::figures
