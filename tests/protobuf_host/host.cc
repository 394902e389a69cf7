// A host with its own compilation of Koble's plan.proto, on the full runtime: its messages and the library live side by side,
// and what the host serialises is a plan that the library reads.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <string>

#include "koble/koble.hpp"
#include "plan/plan.pb.h"

namespace {

int failures = 0;

void Check(bool good, const char* what) {
  if (good) return;
  std::printf("failed: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  GOOGLE_PROTOBUF_VERIFY_VERSION;
  const auto* described =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("koble.plan.v1.Plan");
  Check(described != nullptr, "the host's description of the plan is the one registered");

  koble::plan::v1::Plan message;
  message.add_skills("english");
  auto* agent = message.add_agents();
  agent->set_name("Anna");
  auto* level = agent->add_skills();
  level->set_name("english");
  level->set_level(2);
  auto* queue = message.add_queues();
  queue->set_name("english");
  queue->set_require("english >= 2");
  std::string text;
  Check(google::protobuf::TextFormat::PrintToString(message, &text) && text.find("Anna") != std::string::npos,
        "the host's own use of the full runtime");

  try {
    const koble::Plan written = koble::Plan::Load(std::string("KP\x01") + message.SerializeAsString());
    const koble::Plan read = koble::Plan::Load(
        R"({"skills": ["english"], "agents": [{"name": "Anna", "skills": {"english": 2}}],
            "queues": [{"name": "english", "require": "english >= 2"}]})");
    Check(written.Hash() == read.Hash(), "the host's bytes and the JSON are one plan");
    koble::plan::v1::Plan back;
    Check(back.ParseFromString(read.Write(koble::PlanFormat::kBinary).substr(3)),
          "the library's bytes, read by the host");
    Check(back.queues_size() == 1 && back.queues(0).name() == "english", "what the host reads in them");

    koble::Engine engine(read);
    engine.SetPresence(1, engine.FindAgent("Anna"), koble::Presence::kAvailable);
    const auto arrived = engine.Arrive(2, 0u);
    Check(engine.Info(arrived.contact()).offer_count == 1, "an engine routes in this process");
  } catch (const koble::Error& error) {
    Check(false, error.what());
  }
  google::protobuf::ShutdownProtobufLibrary();
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
