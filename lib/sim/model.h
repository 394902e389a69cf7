// What a simulated world is made of: streams of customers, kinds of people, who is there when. koble_world.h says what each member means.
#ifndef KOBLE_LIB_SIM_MODEL_H_
#define KOBLE_LIB_SIM_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "koble/koble_world.h"
#include "plan/plan.h"
#include "sim/arrivals.h"
#include "sim/laws.h"

namespace koble::sim {

// A law with its own copy of what it points to. Moving keeps the pointers good; copying would not.
class OwnLaw {
 public:
  OwnLaw() = default;
  explicit OwnLaw(const Law& law);
  OwnLaw(OwnLaw&&) = default;
  OwnLaw& operator=(OwnLaw&&) = default;
  OwnLaw(const OwnLaw&) = delete;
  OwnLaw& operator=(const OwnLaw&) = delete;
  int64_t At(uint64_t seed, uint32_t purpose, uint64_t serial, uint32_t index) const {
    return Quantile(law_, UniformAt(seed, purpose, serial, index));
  }

 private:
  Law law_;
  std::vector<int64_t> values_;
  std::vector<double> weights_;
  std::vector<OwnLaw> own_parts_;
  std::vector<Law> parts_;
};

// What of a stream is drawn from which source: its first purpose and these. Numbers are part of the results and never change.
enum Draws : uint32_t {
  kOfArrival,
  kOfService,
  kOfPatience,
  kOfBatch,
  kOfBalk,
  kOfAgain,
  kOfAnswer,
  kOfWrapUp,
  kOfAttributes
};
inline constexpr uint32_t kDrawsOfStream = 16;

struct AttributeModel {
  uint32_t key = 0;
  std::vector<int64_t> values;
  std::vector<double> reaches;  // share of the values up to this one
};

struct StreamModel {
  std::vector<uint32_t> queues;
  int64_t priority = 0;
  int64_t credit_ns = 0;
  std::vector<Piece> pieces;
  std::vector<int64_t> times_ns;
  std::optional<OwnLaw> batch;
  std::optional<OwnLaw> service;
  std::optional<OwnLaw> patience;
  std::vector<int64_t> services_ns, patiences_ns;
  double balk = 0;
  uint32_t again_after = 0;
  uint32_t again_most = 0;
  double again_probability = 0;
  std::optional<OwnLaw> again_delay;
  std::vector<AttributeModel> attributes;
  bool chosen = false;
};

struct PeopleModel {
  std::vector<double> speeds;
  std::optional<OwnLaw> answer, wrap_up;
  double decline = 0;
  double miss = 0;
  double learning_first = 0;
  double learning_contacts = 0;
};

struct Model {
  std::vector<StreamModel> streams;
  std::vector<PeopleModel> people;  // at least one
  std::vector<uint32_t> people_of_agent;
  std::vector<double> factors;
  std::vector<koble_sim_presence> presence;
  std::vector<uint32_t> group_of_agent;
  std::vector<koble_world_level> levels;
  uint64_t seed = 0;
  uint32_t purpose = kUser;
  int64_t horizon_ns = KOBLE_NEVER;
  int64_t from_ns = 0;
  int64_t to_ns = KOBLE_NEVER;
  std::vector<int64_t> sample_ns;

  uint32_t PurposeOf(uint32_t stream, Draws what) const { return purpose + stream * kDrawsOfStream + what; }
};

// Empty where the model can be played with this plan, otherwise what is wrong with it. Laws are judged before they are copied.
std::string Mistake(const Model& model, const plan::Plan& plan);
std::string MistakeOfPresence(const std::vector<koble_sim_presence>& presence, const plan::Plan& plan);

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_MODEL_H_
