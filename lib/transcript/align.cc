#include "transcript/align.h"

#include <algorithm>
#include <cstdint>

namespace koble::transcript {
namespace {

// Beyond this many pairs the middle is reported as different throughout: nobody reads such a comparison.
constexpr size_t kPairsMax = 1'000'000;

class Aligner {
 public:
  Aligner(std::span<const Item> items, std::span<const Happening> happenings, const std::set<uint32_t>& ignored)
      : items_(items), happenings_(happenings), ignored_(ignored), width_(happenings.size() + 1) {}

  std::vector<Row> Run() {
    if ((items_.size() + 1) * width_ > kPairsMax) return AllDifferent();
    FillCosts();
    return Walk();
  }

 private:
  uint32_t& Cost(size_t item, size_t happening) { return costs_[item * width_ + happening]; }
  bool Gap(size_t item) const { return items_[item].kind == Item::Kind::kGap; }
  bool Ignored(size_t happening) const { return ignored_.contains(happenings_[happening].event.kind); }
  bool Agree(size_t item, size_t happening) const {
    return items_[item].kind == Item::Kind::kEvent && Matches(items_[item].event, happenings_[happening]);
  }

  // Two things alone cost more than an event of the expected kind with other fields, so that these are shown beside each other.
  static constexpr uint32_t kAlone = 2, kOtherFields = 3, kNever = 1'000'000;
  uint32_t AloneItem(size_t item) const { return Gap(item) ? 0 : kAlone; }
  uint32_t AloneHappening(size_t item, size_t happening) const {
    return Ignored(happening) || (item < items_.size() && Gap(item)) ? 0 : kAlone;
  }
  uint32_t Together(size_t item, size_t happening) const {
    if (Agree(item, happening)) return 0;
    return !Gap(item) && items_[item].event.kind == happenings_[happening].event.kind ? kOtherFields : kNever;
  }

  void FillCosts() {
    costs_.assign((items_.size() + 1) * width_, 0);
    for (size_t i = items_.size() + 1; i-- > 0;) {
      for (size_t h = happenings_.size() + 1; h-- > 0;) {
        const bool has_item = i < items_.size();
        const bool has_happening = h < happenings_.size();
        if (!has_item && !has_happening) continue;
        uint32_t best = UINT32_MAX;
        if (has_item) best = Cost(i + 1, h) + AloneItem(i);
        if (has_happening) best = std::min(best, Cost(i, h + 1) + AloneHappening(i, h));
        if (has_item && has_happening) best = std::min(best, Cost(i + 1, h + 1) + Together(i, h));
        Cost(i, h) = best;
      }
    }
  }

  std::vector<Row> Walk() {
    std::vector<Row> rows;
    size_t i = 0, h = 0;
    while (i < items_.size() || h < happenings_.size()) {
      const bool has_item = i < items_.size();
      const bool has_happening = h < happenings_.size();
      if (has_item && has_happening && Cost(i, h) == Cost(i + 1, h + 1) + Together(i, h)) {
        rows.push_back({i, h, Agree(i, h)});
        ++i;
        ++h;
      } else if (has_item && Cost(i, h) == Cost(i + 1, h) + AloneItem(i)) {
        rows.push_back({i, kNothing, Gap(i)});
        ++i;
      } else {
        rows.push_back({kNothing, h, AloneHappening(i, h) == 0});
        ++h;
      }
    }
    return rows;
  }

  std::vector<Row> AllDifferent() const {
    std::vector<Row> rows;
    for (size_t i = 0; i < items_.size(); ++i) rows.push_back({i, kNothing, Gap(i)});
    for (size_t h = 0; h < happenings_.size(); ++h) rows.push_back({kNothing, h, Ignored(h)});
    return rows;
  }

  std::span<const Item> items_;
  std::span<const Happening> happenings_;
  const std::set<uint32_t>& ignored_;
  size_t width_;
  std::vector<uint32_t> costs_;
};

}  // namespace

std::vector<Row> Align(std::span<const Item> items, std::span<const Happening> happenings,
                       const std::set<uint32_t>& ignored) {
  return Aligner(items, happenings, ignored).Run();
}

}  // namespace koble::transcript
