// 128-bit integers of the compiler (g++ and clang), named once so that -Wpedantic is content.
#ifndef KOBLE_LIB_BASE_INT128_H_
#define KOBLE_LIB_BASE_INT128_H_

namespace koble::base {
__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;
}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_INT128_H_
