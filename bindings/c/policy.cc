// koble_policy.h: functions of the host that choose, and what they are shown.
#include "koble/koble_policy.h"

#include <string>
#include <string_view>

#include "handle.h"

using koble::c::Guarded;

// What the host holds while it is asked.
struct koble_choice {
  const koble_engine* engine;
  const koble::engine::Choice* choice;
};

namespace {

// Runs one function of the host. It may query the engine: whatever words that leaves, those of the call that asks stand again afterwards.
int32_t Call(koble_engine* engine, koble_choose_fn choose, void* context, const koble::engine::Choice& choice) {
  char text[sizeof(engine->text)];
  std::memcpy(text, engine->text, sizeof(text));
  const bool own_text = engine->own_text;
  const auto restore = [&] {
    std::memcpy(engine->text, text, sizeof(text));
    engine->own_text = own_text;
  };
  const koble_choice asked{engine, &choice};
  int32_t answer = KOBLE_CHOOSE_FAILED;
  try {
    answer = choose(context, &asked);
  } catch (...) {  // a C++ function
    answer = KOBLE_CHOOSE_FAILED;
  }
  restore();
  return answer;
}

void Give(koble_engine* engine, const std::string& name, const koble_policy& policy) {
  koble::engine::Policy native;
  const auto function = [&](koble_choose_fn choose) {
    return [engine, choose, context = policy.context](const koble::engine::Choice& choice) {
      return Call(engine, choose, context, choice);
    };
  };
  if (policy.choose_agent != nullptr) native.choose_agent = function(policy.choose_agent);
  if (policy.choose_contact != nullptr) native.choose_contact = function(policy.choose_contact);
  engine->engine->SetPolicy(name, std::move(native));
}

template <typename Info, typename Read>
int32_t ReadInfo(const koble_choice* choice, Info* out, const char* what, Read&& read) {
  if (choice == nullptr) return KOBLE_ERR_ARGUMENT;
  if (!koble::c::Sized(out)) return choice->engine->Refuse(KOBLE_ERR_ARGUMENT, "%s: struct_size is not set", what);
  Info full{};
  if (!read(&full)) return choice->engine->Refuse(KOBLE_ERR_UNKNOWN, "%s: `index` is past the last", what);
  koble::c::WriteStruct(full, out);
  return KOBLE_OK;
}

}  // namespace

namespace koble::c {

void CopyPolicies(const koble_engine& from, koble_engine* to) {
  for (const auto& [name, policy] : from.policies) Give(to, name, policy);
  to->policies = from.policies;
}

}  // namespace koble::c

int32_t koble_engine_set_policy(koble_engine* engine, const char* name, const koble_policy* policy) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (engine->engine->Asking()) return engine->RefuseBusy();
  if (name == nullptr || *name == '\0') {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_engine_set_policy: a policy has a name, the one that plans use");
  }
  koble_policy full{};
  if (policy != nullptr && (!koble::c::ReadStruct(policy, &full) || full.reserved != 0)) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT,
                          "koble_engine_set_policy: struct_size is not set, or `reserved` is not 0");
  }
  if (policy != nullptr && full.choose_agent == nullptr && full.choose_contact == nullptr) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT,
                          "koble_engine_set_policy: both functions are null; to take a policy away give no policy");
  }
  const int32_t code = Guarded([&]() -> int32_t {
    const std::string known(name);
    std::erase_if(engine->policies, [&](const auto& other) { return other.first == known; });
    if (policy != nullptr) engine->policies.emplace_back(known, full);
    Give(engine, known, full);
    return KOBLE_OK;
  });
  return code == KOBLE_OK ? engine->Succeed() : engine->Refuse(code, "%s", koble_error_text(code));
}

const koble_engine* koble_choice_engine(const koble_choice* choice) {
  return choice == nullptr ? nullptr : choice->engine;
}

uint32_t koble_choice_count(const koble_choice* choice) { return choice == nullptr ? 0 : choice->choice->count(); }

uint32_t koble_choice_queue(const koble_choice* choice) {
  return choice == nullptr ? KOBLE_QUEUE_NONE : choice->choice->queue();
}

int32_t koble_choice_read_contact(const koble_choice* choice, uint32_t index, koble_choice_contact* out) {
  return ReadInfo(choice, out, "koble_choice_read_contact",
                  [&](koble_choice_contact* full) { return choice->choice->ReadContact(index, full); });
}

int32_t koble_choice_read_agent(const koble_choice* choice, uint32_t index, koble_choice_agent* out) {
  return ReadInfo(choice, out, "koble_choice_read_agent",
                  [&](koble_choice_agent* full) { return choice->choice->ReadAgent(index, full); });
}

int32_t koble_choice_level(const koble_choice* choice, uint32_t index, uint32_t skill) {
  return choice == nullptr ? 0 : choice->choice->Level(index, skill);
}

int32_t koble_choice_attribute(const koble_choice* choice, uint32_t index, uint32_t key, int64_t* value) {
  if (choice == nullptr) return KOBLE_ERR_ARGUMENT;
  if (value == nullptr) return choice->engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_choice_attribute: `value` is null");
  *value = 0;
  koble_choice_contact shown{};
  if (!choice->choice->ReadContact(index, &shown)) {
    return choice->engine->Refuse(KOBLE_ERR_UNKNOWN, "koble_choice_attribute: `index` is past the last");
  }
  return choice->choice->Attribute(index, key, value) ? KOBLE_OK : KOBLE_ERR_NONE;
}
