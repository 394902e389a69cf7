// Requirements and conditions while a plan is compiled: read once, and numbered so that equal ones have one number.
#ifndef KOBLE_LIB_PLAN_INTERNED_REQUIREMENTS_H_
#define KOBLE_LIB_PLAN_INTERNED_REQUIREMENTS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "plan/compile.h"
#include "plan/requirement_parser.h"
#include "plan/text.h"

namespace koble::plan {

// Numbers for requirements: equal texts are parsed once, equal programs have one number.
class InternedRequirements {
 public:
  InternedRequirements(Plan* plan, Mistakes* mistakes) : plan_(*plan), mistakes_(*mistakes) {}

  template <class Where>
  uint32_t Intern(const std::string& text, const Where& where, Mistakes* warnings) {
    const auto known = by_text_.find(text);
    if (known != by_text_.end()) return known->second;
    RequirementMistake mistake;
    const auto requirement = ParseRequirement(text, plan_, &mistake);
    if (!requirement) {
      Report(mistake, where);
      return 0;
    }
    for (const std::string& warning : mistake.warnings) {
      warnings->Add([&] { return where() + ": " + warning; });
    }
    const uint32_t number = Number(*requirement);
    by_text_.emplace(text, number);
    return number;
  }

  // Conditions with equal texts have one number: they mean the same in queues that have the steps.
  template <class Where>
  uint32_t InternCondition(const std::string& text, size_t steps, const Where& where, Mistakes* warnings) {
    if (text.empty()) return kNoCondition;
    RequirementMistake mistake;
    auto program = ParseCondition(text, plan_, steps, &mistake);
    if (!program) {
      Report(mistake, where);
      return kNoCondition;
    }
    for (const std::string& warning : mistake.warnings) {
      warnings->Add([&] { return where() + ": " + warning; });
    }
    const auto number = static_cast<uint32_t>(plan_.conditions.size());
    const auto [at, fresh] = conditions_.try_emplace(text, number);
    if (fresh) plan_.conditions.push_back({text, std::move(*program)});
    return at->second;
  }

  std::string UnknownSkill(const std::string& skill) const {
    const auto& skills = plan_.skills;
    const auto nearest = Nearest(skill, skills.size(), [&](size_t i) { return std::string_view(skills[i]); });
    return "unknown skill " + Quoted(skill) +
           (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in \"skills\"");
  }

 private:
  uint32_t Number(const Requirement& requirement) {
    std::string key;
    for (const Requirement::Term& term : requirement.program) {
      key += static_cast<char>(term.op);
      key += static_cast<char>(term.left);
      key += static_cast<char>(term.against_contact);
      for (int shift = 0; shift < 32; shift += 8) key += static_cast<char>(term.subject >> shift);
      for (int shift = 0; shift < 64; shift += 8) key += static_cast<char>(static_cast<uint64_t>(term.value) >> shift);
    }
    const auto [place, fresh] = by_program_.try_emplace(key, static_cast<uint32_t>(plan_.requirements.size()));
    if (fresh) plan_.requirements.push_back(requirement);
    return place->second;
  }

  template <class Where>
  void Report(const RequirementMistake& mistake, const Where& where) {
    if (!mistake.message.empty()) {
      mistakes_.Add([&] { return where() + ": " + mistake.message; });
      return;
    }
    for (const std::string& skill : mistake.unknown_skills) {
      mistakes_.Add([&] { return where() + ": " + UnknownSkill(skill); });
    }
  }

  Plan& plan_;
  Mistakes& mistakes_;
  Index by_text_;
  Index by_program_;
  Index conditions_;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_INTERNED_REQUIREMENTS_H_
