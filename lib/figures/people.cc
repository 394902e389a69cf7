#include "figures/people.h"

#include <algorithm>

namespace koble::figures {

void Running::AddBehind(koble_id id) {
  if (others_ == nullptr) others_ = std::make_unique<std::vector<koble_id>>();
  others_->push_back(id);
}

void Running::RemoveOneOfSeveral(koble_id id) {
  if (first_ == id) {
    first_ = others_->front();
    others_->erase(others_->begin());
  } else if (const auto at = std::find(others_->begin(), others_->end(), id); at != others_->end()) {
    others_->erase(at);
  }
  if (others_->empty()) others_ = nullptr;
}

}  // namespace koble::figures
