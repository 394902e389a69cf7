// Laws of durations as Python writes them: (kind, a, b, values, weights, parts).
#ifndef KOBLE_BINDINGS_PYTHON_LAW_H_
#define KOBLE_BINDINGS_PYTHON_LAW_H_

#include <koble/koble_sim.h>

#include <memory>
#include <vector>

#include "native.h"

namespace koble_python {

// An array of whole elements, for as long as it lives.
template <typename T>
class Array {
 public:
  Array(nb::handle object, bool writable) : buffer_(object, writable) {
    if (buffer_.size() % sizeof(T) != 0) Raise(KOBLE_ERR_ARGUMENT, "an array does not consist of whole elements");
  }
  T* data() const { return static_cast<T*>(buffer_.data()); }
  uint64_t count() const { return buffer_.size() / sizeof(T); }
  std::vector<T> Copy() const { return {data(), data() + count()}; }

 private:
  Buffer buffer_;
};

// A law with what it points to, which it owns; it stays where it was made.
class Law {
 public:
  explicit Law(nb::handle written) {
    const auto law = nb::cast<nb::tuple>(written);
    if (law.size() != 6) Raise(KOBLE_ERR_ARGUMENT, "a law has a kind, a, b, values, weights and parts");
    values_ = Array<int64_t>(law[3], false).Copy();
    weights_ = Array<double>(law[4], false).Copy();
    for (nb::handle part : nb::cast<nb::tuple>(law[5])) own_parts_.push_back(std::make_unique<Law>(part));
    for (const auto& part : own_parts_) parts_.push_back(part->get());
    law_.struct_size = sizeof law_;
    law_.kind = nb::cast<uint32_t>(law[0]);
    law_.a = nb::cast<double>(law[1]);
    law_.b = nb::cast<double>(law[2]);
    law_.values = values_.data();
    law_.value_count = values_.size();
    law_.weights = weights_.empty() ? nullptr : weights_.data();
    law_.parts = parts_.data();
    law_.part_count = parts_.size();
    const uint64_t needed = parts_.empty() ? values_.size() : parts_.size();
    if (!weights_.empty() && weights_.size() != needed) Raise(KOBLE_ERR_ARGUMENT, "as many weights as values or parts");
  }
  Law(const Law&) = delete;
  Law& operator=(const Law&) = delete;
  const koble_law* get() const { return &law_; }

 private:
  koble_law law_{};
  std::vector<int64_t> values_;
  std::vector<double> weights_;
  std::vector<std::unique_ptr<Law>> own_parts_;
  std::vector<const koble_law*> parts_;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_LAW_H_
