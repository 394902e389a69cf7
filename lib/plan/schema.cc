#include "plan/plan.h"

namespace koble::plan {

const std::string& Schema() {
  static const std::string* const text = new std::string("{}");
  return *text;
}

}  // namespace koble::plan
