// Names bound at first sight: c1 is the contact of serial 1, o1 the first offer made, agents and queues have their own.
#ifndef KOBLE_LIB_TRANSCRIPT_NAMES_H_
#define KOBLE_LIB_TRANSCRIPT_NAMES_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "koble/koble.h"
#include "transcript/machine.h"
#include "transcript/pattern.h"
#include "transcript/script.h"

namespace koble::transcript {

class Names {
 public:
  // Learns the agents and queues of the machine's plan.
  explicit Names(const Machine& machine);

  // Gives events their names and learns from them. Called after the
  // command with the machine it was given to.
  std::vector<Happening> Resolve(std::span<const koble_event> events, const Machine& machine);
  void SetAlias(uint64_t serial, std::string alias);

  // Ids for commands. What has not been seen gets an id that never existed.
  koble_id Target(const Ref& ref, uint32_t command) const;
  koble_id EngagementOf(const Ref& ref) const;
  // An entry of a list of reconcile: o1 is the offer, e1 its engagement.
  koble_id Listed(const Ref& ref) const;
  koble_id ContactId(const Ref& ref) const;

  std::string ContactName(uint64_t serial) const;
  std::string ContactNameOf(koble_id contact) const;
  // Of a contact, an offer or an engagement (e1, so that the two of one leg differ); in full where it has no name.
  std::string IdName(koble_id id) const;
  std::string AgentName(koble_id agent) const;
  std::string QueueName(uint32_t queue) const;
  std::string OfferName(koble_id offer_or_engagement) const;

 private:
  void Learn(const koble_event& event, const Machine& machine);
  uint64_t OfferNumber(koble_id offer_or_engagement) const;
  void LearnQueues(const Machine& machine);

  std::map<koble_id, std::string> agent_names_;
  std::map<std::string, koble_id, std::less<>> agents_;
  std::vector<std::string> queues_;
  std::map<uint64_t, koble_id> contacts_;  // by serial
  std::map<koble_id, uint64_t> serials_;
  std::map<uint64_t, std::string> aliases_;
  std::map<std::string, uint64_t, std::less<>> by_alias_;
  std::vector<koble_id> offers_;                // number - 1
  std::map<koble_id, uint64_t> offer_numbers_;  // of offers and engagements
  std::map<uint64_t, koble_id> engagements_;    // by number of their offer
  std::map<uint64_t, koble_id> serving_;        // last engagement of a contact, by serial
};

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_NAMES_H_
