// What a requirement says of one agent and one contact (docs/model.md, 5.4): term by term, by names.
#ifndef KOBLE_TESTS_REFERENCE_REQUIREMENTS_H_
#define KOBLE_TESTS_REFERENCE_REQUIREMENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace koble::reference {

struct Verdict {
  bool holds = false;
  bool settled = false;      // by the contact alone, whoever the agent is
  std::set<uint32_t> named;  // skills outside `not`, in what the contact leaves open
};

// `attributes`: of the contact, by symbol; `symbols`: all names, number - 1.
Verdict Judge(const plan::Plan& plan, const plan::Requirement& requirement, const plan::Capability& agent,
              const std::map<uint32_t, int64_t>& attributes, const std::vector<std::string>& symbols);

// Of a condition; `count` says what a counter is.
bool JudgeCondition(const plan::Plan& plan, const plan::Requirement& condition,
                    const std::map<uint32_t, int64_t>& attributes, const std::vector<std::string>& symbols,
                    const std::function<int64_t(const plan::Requirement::Term&)>& count);

// The skills whose levels a queue's rule sums up in this step.
std::set<uint32_t> CountedSkills(const plan::Plan& plan, const plan::Step& step,
                                 const std::map<uint32_t, int64_t>& attributes,
                                 const std::vector<std::string>& symbols);

}  // namespace koble::reference

#endif  // KOBLE_TESTS_REFERENCE_REQUIREMENTS_H_
