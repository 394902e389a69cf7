// Little-endian reading and writing of bytes, the same on every machine.
#ifndef KOBLE_LIB_BASE_BYTES_H_
#define KOBLE_LIB_BASE_BYTES_H_

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace koble::base {

// The same value with its bytes in little-endian order in memory, and back. (A loop over bytes would be portable by itself, but compilers do not
// always make one load or store of it.)
template <std::integral T>
T LittleEndian(T value) {
  if constexpr (std::endian::native == std::endian::little || sizeof(T) == 1) return value;
  auto from = static_cast<std::make_unsigned_t<T>>(value);
  std::make_unsigned_t<T> to = 0;
  for (size_t i = 0; i < sizeof(T); ++i, from >>= 8) to = static_cast<std::make_unsigned_t<T>>(to << 8 | (from & 0xff));
  return static_cast<T>(to);
}

template <std::integral T>
T LoadInt(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return LittleEndian(value);
}

// Appends to any string-like container of char.
template <class Bytes, std::integral T>
void PutInt(Bytes& out, T value) {
  const T little = LittleEndian(value);
  char buffer[sizeof(T)];
  std::memcpy(buffer, &little, sizeof(T));
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
    if (rest_.size() < sizeof(T)) {
      Fail();
      return T{};
    }
    const T value = LoadInt<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
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
