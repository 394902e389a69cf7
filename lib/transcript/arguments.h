// How the arguments of each verb are read: arguments.cc, and by noun arguments_contact.cc and arguments_agent.cc.
#ifndef KOBLE_LIB_TRANSCRIPT_ARGUMENTS_H_
#define KOBLE_LIB_TRANSCRIPT_ARGUMENTS_H_

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/script.h"

namespace koble::transcript {

// Names joined by + or , ; a quoted word is one name.
void ReadNames(const Token& token, std::vector<std::string>* names);

// Reads what stands behind one verb into its statement. Each function says false where it is wrong, and what is in `mistakes`.
class Arguments {
 public:
  using Tokens = std::span<const Token>;
  Arguments(Tokens tokens, const ReadFile& read_file, Vocabulary* vocabulary, Statement* statement,
            std::vector<Mistake>* mistakes)
      : tokens_(tokens), read_file_(read_file), vocabulary_(vocabulary), out_(statement), mistakes_(mistakes) {}

  bool Read();

 private:
  bool Wrong(const Token& token, std::string_view what);
  bool Usage();
  bool TakeAlias();
  bool ReadCommand();
  bool ReadAnswer();
  bool ReadTarget(Ref::Kind wanted);
  bool ReadRef(const Token& token, Ref::Kind wanted, Ref* out);
  bool ReadResume();
  bool ReadReconcile();
  bool ReadPlan();
  bool ReadSymbol();
  bool ReadOffer();
  bool ReadOutcome();
  bool ReadExpect();
  void SplitFirst();
  bool ReadIgnore();

  // arguments_contact.cc
  bool ReadArrive();
  bool ReadPoints(const Token& token);
  bool ReadPosition(const Token& token, std::string_view word);
  bool ReadPlace();
  bool ReadChange();
  bool ReadAttributes(Tokens tokens);
  bool ReadGone();

  // arguments_agent.cc
  bool ReadDefinition();
  bool AddKey(const Token& token, nlohmann::json* definition);
  bool ReadPark();
  bool ReadPresence();
  bool ReadRequest();
  bool ReadSkill();

  Tokens tokens_;
  std::vector<Token> split_;
  const ReadFile& read_file_;
  Vocabulary* vocabulary_;
  Statement* out_;
  std::vector<Mistake>* mistakes_;
};

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_ARGUMENTS_H_
