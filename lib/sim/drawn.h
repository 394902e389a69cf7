// Customers drawn from the streams of a model, one at a time and in constant memory.
#ifndef KOBLE_LIB_SIM_DRAWN_H_
#define KOBLE_LIB_SIM_DRAWN_H_

#include <optional>
#include <vector>

#include "sim/model.h"
#include "sim/source.h"

namespace koble::sim {

class Drawn final : public Source {
 public:
  explicit Drawn(const Model& model);  // which must outlive it
  int64_t NextNs() const override { return next_ns_; }
  void Take(Customer* customer) override;

 private:
  // A stream's next arrival, of which `left` contacts are still to come.
  struct Lane {
    std::optional<ArrivalTimes> times;
    int64_t next_ns = KOBLE_NEVER;
    uint64_t arrivals = 0;  // that have been drawn
    uint64_t contacts = 0;  // that have been taken
    int64_t left = 0;
  };
  void Advance(uint32_t stream);
  void FindNext();

  const Model& model_;
  std::vector<Lane> lanes_;
  uint32_t next_ = 0;
  int64_t next_ns_ = KOBLE_NEVER;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_DRAWN_H_
