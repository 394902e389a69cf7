// A plan as Python holds it: one reference.
#ifndef KOBLE_BINDINGS_PYTHON_PLAN_H_
#define KOBLE_BINDINGS_PYTHON_PLAN_H_

#include "native.h"

namespace koble_python {

class Plan {
 public:
  explicit Plan(const koble_plan* plan) : plan_(plan) {}  // takes the reference
  ~Plan() { koble_plan_release(plan_); }
  Plan(Plan&& other) noexcept : plan_(other.plan_) { other.plan_ = nullptr; }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  const koble_plan* get() const { return plan_; }

 private:
  const koble_plan* plan_;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_PLAN_H_
