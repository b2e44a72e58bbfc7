#pragma once
#include <source_location>

namespace lucid::core {

// For our own bugs only: prints the place and aborts, in every build. Network bytes never get here.
[[noreturn]] void check_failed(std::source_location where);

inline void check(bool condition, std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    check_failed(where);
}

}  // namespace lucid::core
