// Little-endian reading and writing of bytes, the same on every machine.
#ifndef KOBLE_LIB_BASE_BYTES_H_
#define KOBLE_LIB_BASE_BYTES_H_

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace koble::base {

// Appends to any string-like container of char.
template <class Bytes, std::integral T>
void PutInt(Bytes& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  char buffer[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) {
    buffer[i] = static_cast<char>(static_cast<uint8_t>(static_cast<uint64_t>(bits) >> (8 * i)));
  }
  out.append(buffer, sizeof(T));
}
template <class Bytes>
void PutString(Bytes& out, std::string_view text) {
  PutInt(out, static_cast<uint64_t>(text.size()));
  out.append(text.data(), text.size());
}

// Reads from the front; once anything is missing, ok() is false and every further read gives 0.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  T Int() {
    uint64_t value = 0;
    if (rest_.size() < sizeof(T)) {
      Fail();
      return T{};
    }
    for (size_t i = 0; i < sizeof(T); ++i) value |= uint64_t{static_cast<uint8_t>(rest_[i])} << (8 * i);
    rest_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  std::string_view Bytes(uint64_t size) {
    if (rest_.size() < size) {
      Fail();
      return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view String() { return Bytes(Int<uint64_t>()); }

  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_BYTES_H_
