// Random choices that are the same everywhere: SplitMix64, and integers only.
#ifndef KOBLE_TESTS_SUPPORT_RANDOM_H_
#define KOBLE_TESTS_SUPPORT_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace koble::testing {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 to n - 1; the bias of the remainder does not matter here.
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }
  // Both ends included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<size_t>(high - low) + 1));
  }
  bool Percent(unsigned percent) { return Below(100) < percent; }

  template <typename T>
  T Of(std::initializer_list<T> values) {
    return values.begin()[Below(values.size())];
  }
  template <typename T>
  const T& Of(const std::vector<T>& values) {
    return values[Below(values.size())];
  }
  // An index; `weights` are relative.
  size_t Weighted(const std::vector<unsigned>& weights) {
    size_t sum = 0;
    for (unsigned weight : weights) sum += weight;
    size_t rest = Below(sum);
    size_t index = 0;
    while (rest >= weights[index]) rest -= weights[index++];
    return index;
  }

 private:
  uint64_t state_;
};

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_RANDOM_H_
